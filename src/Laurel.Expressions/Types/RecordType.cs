using System.Collections.Concurrent;
using System.Linq.Expressions;

namespace Laurel.Expressions.Types;

/// <summary>A value with a name that a getter of the host gives: a field of a record, or a variable of the input.</summary>
/// <param name="Getter">From the record or the input to the value. Null is an absent value.</param>
internal sealed record Member(string Name, ExpressionType Type, LambdaExpression Getter);

/// <summary>A class of the host with the fields that expressions may see.</summary>
internal sealed class RecordType(string name, Type clr)
{
    private readonly ConcurrentDictionary<string, Func<object, object?>> _boxed = new();

    public ExpressionType Type { get; } = ExpressionType.Record(name, clr);

    public Dictionary<string, Member> Fields { get; } = [];

    /// <summary>A field of a record whose type is known only now; null when it is absent.</summary>
    public object? Read(object record, Member field) => _boxed.GetOrAdd(field.Name, static (_, field) => Compile(field), field)(record);

    private static Func<object, object?> Compile(Member field)
    {
        var record = Expression.Parameter(typeof(object));
        var input = field.Getter.Parameters[0];
        var value = Expression.Variable(field.Getter.ReturnType);
        var isNullable = Nullable.GetUnderlyingType(value.Type) is not null;
        Expression present = isNullable ? Expression.Property(value, "HasValue")
            : value.Type.IsValueType ? Expression.Constant(true)
            : Expression.NotEqual(value, Expression.Constant(null, value.Type));
        var bare = isNullable ? (Expression)Expression.Property(value, "Value") : value;
        var body = Expression.Block(
            [input, value],
            Expression.Assign(input, Expression.Convert(record, input.Type)),
            Expression.Assign(value, field.Getter.Body),
            Expression.Condition(
                present,
                Expression.Convert(HostTypes.Converted(bare, field.Type), typeof(object)),
                Expression.Constant(null, typeof(object))));
        return Expression.Lambda<Func<object, object?>>(body, record).Compile();
    }
}
