using System.Linq.Expressions;
using Laurel.Expressions.Checking;
using Laurel.Expressions.Functions;
using Laurel.Expressions.Syntax;
using Laurel.Expressions.Types;

namespace Laurel.Expressions;

/// <summary>What expressions over a <typeparamref name="TInput"/> may name. Make one for each kind of input and keep it.</summary>
/// <remarks>Safe for use by many threads.</remarks>
public sealed class ExpressionEnvironment<TInput>
{
    private readonly Declarations _declarations;

    internal ExpressionEnvironment(Declarations declarations) => _declarations = declarations;

    /// <summary>Reads and checks an expression that may give anything.</summary>
    public CheckResult<TInput> Check(string text) => Check(text, null, CheckMode.Product);

    /// <summary>Reads and checks an expression.</summary>
    /// <param name="text">At most <see cref="ExpressionLimits.TextLengthMax"/> long.</param>
    /// <param name="expected">What it must give. An int will do for a decimal; what is known only at evaluation will do for
    /// anything, and is an error then when it is something else.</param>
    /// <returns>The expression, or everything found wrong with it: one error of syntax or all errors of names and types.</returns>
    public CheckResult<TInput> Check(string text, ExpressionType expected) => Check(text, expected, CheckMode.Product);

    internal CheckResult<TInput> Check(string text, ExpressionType? expected, CheckMode mode)
    {
        var (node, error) = Parser.Parse(text);
        if (node is null)
        {
            return new CheckResult<TInput>(null, [error!]);
        }

        var checker = new Checker(text, _declarations, mode);
        var bound = checker.Check(node, expected);
        return checker.Errors.Count > 0
            ? new CheckResult<TInput>(null, checker.Errors)
            : new CheckResult<TInput>(new CheckedExpression<TInput>(text, bound, _declarations), []);
    }
}

/// <summary>Declares an environment: records first, then the variables that lead to them.</summary>
/// <remarks>Getters are expressions of C#, copied into the compiled code, so that reading a field costs what it costs in C#.
/// They must not throw and not change anything. A getter that gives null says that the value is absent.</remarks>
public sealed class ExpressionEnvironmentBuilder<TInput>
{
    private readonly Declarations _declarations = new();

    /// <summary>Declares a class whose fields expressions may see, and nothing else of it.</summary>
    /// <param name="name">As error messages and <c>type()</c> show it.</param>
    public ExpressionEnvironmentBuilder<TInput> Record<TRecord>(string name, Action<RecordBuilder<TRecord>> fields)
        where TRecord : class
    {
        var record = new RecordType(name, typeof(TRecord));
        _declarations.Records.Add(typeof(TRecord), record);
        fields(new RecordBuilder<TRecord>(record, _declarations.Records));
        return this;
    }

    /// <summary>Declares a variable. Its type is that of the getter.</summary>
    /// <exception cref="ArgumentException">When the getter's type has none in the language.</exception>
    public ExpressionEnvironmentBuilder<TInput> Variable<TValue>(string name, Expression<Func<TInput, TValue>> getter) =>
        Variable(new Member(name, HostTypes.OfGetter(typeof(TValue), _declarations.Records), getter));

    /// <summary>Declares a function of the host. It must be pure, fast and total: it may neither throw nor loop long. A
    /// null that it gives is an absent value.</summary>
    /// <exception cref="ArgumentException">When a parameter or the result has no type in the language.</exception>
    public ExpressionEnvironmentBuilder<TInput> Function(string name, Delegate code)
    {
        _declarations.Functions.Add(name, Overload.Of(code));
        return this;
    }

    public ExpressionEnvironment<TInput> Build() => new(_declarations);

    internal ExpressionEnvironmentBuilder<TInput> Variable(Member variable)
    {
        _declarations.Variables.Add(variable.Name, variable);
        return this;
    }

    /// <summary>Names are looked up inside the container first.</summary>
    internal ExpressionEnvironmentBuilder<TInput> Container(string name)
    {
        _declarations.Container = name;
        return this;
    }
}

/// <summary>Declares the fields of a record.</summary>
public sealed class RecordBuilder<TRecord>
    where TRecord : class
{
    private readonly RecordType _record;
    private readonly IReadOnlyDictionary<Type, RecordType> _records;

    internal RecordBuilder(RecordType record, IReadOnlyDictionary<Type, RecordType> records) => (_record, _records) = (record, records);

    /// <summary>Declares a field. Its type is that of the getter; one that may be null is absent then, as <c>has()</c> tells.</summary>
    /// <exception cref="ArgumentException">When the getter's type has none in the language.</exception>
    public RecordBuilder<TRecord> Field<TValue>(string name, Expression<Func<TRecord, TValue>> getter)
    {
        _record.Fields.Add(name, new Member(name, HostTypes.OfGetter(typeof(TValue), _records), getter));
        return this;
    }
}

/// <summary>What a check found.</summary>
/// <param name="Expression">Null when there are errors.</param>
/// <param name="Errors">In the order of finding; empty when there is an expression.</param>
public sealed record CheckResult<TInput>(CheckedExpression<TInput>? Expression, IReadOnlyList<ExpressionError> Errors);
