using System.Linq.Expressions;
using System.Reflection;
using Laurel.Expressions.Checking;
using Laurel.Expressions.Evaluation;
using Laurel.Expressions.Functions;
using Laurel.Expressions.Types;

namespace Laurel.Expressions.Compilation;

/// <summary>Turns a checked expression into code of its own.</summary>
/// <remarks>What can fail becomes a statement that leaves its value in a variable, or its error in the state and jumps to
/// whoever absorbs it; what cannot fail stays an expression. So no exception is thrown and nothing is boxed or allocated
/// where types are known. Whoever writes expressions chooses among the nodes below and nothing else: members of the
/// runtime are named here and in the declarations, in C#.</remarks>
internal sealed partial class Emitter
{
    /// <summary>Constants this short are compared without counting steps.</summary>
    private const int ShortText = 1_024;

    private static readonly ConstructorInfo s_timestamp = typeof(Timestamp).GetConstructor([typeof(long), typeof(int)])!;

    private readonly Declarations _declarations;
    private readonly ParameterExpression _input;
    private readonly ParameterExpression _state = Expression.Parameter(typeof(EvaluationState).MakeByRefType(), "state");
    private readonly List<ParameterExpression> _variables = [];
    private readonly Dictionary<Local, Expression> _locals = [];
    private readonly HashSet<LabelTarget> _used = [];
    private List<Expression> _statements = [];
    private LabelTarget _onError = Expression.Label("end");

    private Emitter(Declarations declarations, Type input)
    {
        _declarations = declarations;
        _input = Expression.Parameter(input, "input");
    }

    public static Evaluator<TInput, TResult> Compile<TInput, TResult>(Bound expression, Declarations declarations)
    {
        var emitter = new Emitter(declarations, typeof(TInput));
        var result = Expression.Variable(typeof(TResult), "result");
        var end = emitter._onError;
        emitter._statements.Add(Expression.Assign(result, As(emitter.Emit(expression), typeof(TResult))));
        emitter._statements.Add(Expression.Label(end));
        emitter._statements.Add(result);
        var body = Expression.Block([result, .. emitter._variables], emitter._statements);
        return Expression.Lambda<Evaluator<TInput, TResult>>(body, emitter._input, emitter._state).Compile();
    }

    private Expression Emit(Bound node) => node switch
    {
        BoundConstant constant => Constant(constant),
        BoundFault fault => Fault(fault),
        BoundVariable variable => Read(variable.Variable, _input, variable.Span, isTest: false),
        BoundLocal local => _locals[local.Local],
        BoundField field => Field(field),
        BoundDynamicField field => DynamicField(field),
        BoundCall call => Call(call),
        BoundDynamicCall call => DynamicCall(call),
        BoundDynamicIndex index =>
            Fallible(index.Span, typeof(DynamicValues), nameof(DynamicValues.Index), Emit(index.Container), Emit(index.Key)),
        BoundDynamicIn test =>
            Fallible(test.Span, typeof(DynamicValues), nameof(DynamicValues.Contains), Emit(test.Value), Emit(test.Container)),
        BoundEquality equality => Equality(equality),
        BoundMatches matches =>
            Fallible(matches.Span, typeof(Patterns), nameof(Patterns.Matches), Emit(matches.Text), Expression.Constant(matches.Regex)),
        BoundTypeOf type =>
            Fallible(type.Span, typeof(DynamicValues), nameof(DynamicValues.TypeValue), As(Emit(type.Operand), typeof(object)), Records),
        BoundLogic logic => Logic(logic),
        BoundConditional conditional => Conditional(conditional),
        BoundList list => List(list),
        BoundMap map => Map(map),
        BoundComprehension comprehension => Comprehension(comprehension),
        BoundBind bind => Bind(bind),
        BoundConvert convert => Convert(convert),
        _ => throw new InvalidOperationException($"No code is made for {node.GetType()}."),
    };

    private ConstantExpression Records =>
        Expression.Constant(_declarations.Records, typeof(IReadOnlyDictionary<Type, RecordType>));

    // A list keeps its own type, which loops over it are faster for. What is made anew from two numbers is cheaper than what is unboxed.
    private static Expression Constant(BoundConstant constant) => constant switch
    {
        { Type.Kind: ExpressionKind.List, Value: Array list } => Expression.Constant(list, list.GetType()),
        { Type.Kind: ExpressionKind.Timestamp, Value: Timestamp time } =>
            Expression.New(s_timestamp, Expression.Constant(time.Seconds), Expression.Constant(time.Nanos)),
        _ => Expression.Constant(constant.Value, constant.Type.Clr),
    };

    private DefaultExpression Fault(BoundFault fault)
    {
        Fail(fault.Code, fault.Span);
        return Expression.Default(fault.Type.Clr);
    }

    private Expression Field(BoundField node)
    {
        var operand = Kept(Emit(node.Operand));
        if (!operand.Type.IsValueType && node.Operand is not (BoundVariable or BoundField))
        {
            FailIf(Expression.ReferenceEqual(operand, Expression.Constant(null, operand.Type)), ExpressionErrorCode.FieldAbsent, node.Span);
        }

        return Read(node.Field, operand, node.Span, node.IsTest);
    }

    /// <summary>What a getter of the host gives. A null is an absent value, which is an error unless one asks for it.</summary>
    private Expression Read(Member member, Expression owner, Span span, bool isTest)
    {
        var value = new ParameterReplacer(member.Getter.Parameters, [owner]).Visit(member.Getter.Body);
        var isNullable = Nullable.GetUnderlyingType(value.Type) is not null;
        if (value.Type.IsValueType && !isNullable)
        {
            return isTest ? Expression.Constant(true) : HostTypes.Converted(value, member.Type);
        }

        value = Kept(value);
        Expression isPresent = isNullable
            ? Expression.Property(value, "HasValue")
            : Expression.ReferenceNotEqual(value, Expression.Constant(null, value.Type));
        if (isTest)
        {
            return isPresent;
        }

        if (member.Type.Kind is not (ExpressionKind.Dyn or ExpressionKind.Null))
        {
            FailIf(Expression.Not(isPresent), ExpressionErrorCode.FieldAbsent, span);
        }

        return HostTypes.Converted(isNullable ? Expression.Call(value, "GetValueOrDefault", null) : value, member.Type);
    }

    private Expression DynamicField(BoundDynamicField node) => Fallible(
        node.Span,
        typeof(DynamicValues),
        node.IsTest ? nameof(DynamicValues.Has) : nameof(DynamicValues.Select),
        As(Emit(node.Operand), typeof(object)),
        Expression.Constant(node.Field),
        Records);

    private Expression DynamicCall(BoundDynamicCall node)
    {
        var arguments = node.Arguments.Select(argument => As(Emit(argument), typeof(object))).ToArray();
        var value = Fallible(
            node.Span,
            typeof(DynamicValues),
            nameof(DynamicValues.Call),
            Expression.Constant(node.Overloads, typeof(IReadOnlyList<Overload>)),
            Expression.NewArrayInit(typeof(object), arguments));
        return As(value, node.Type.Clr);
    }

    private Expression Equality(BoundEquality node)
    {
        var (left, right) = (Emit(node.Left), Emit(node.Right));
        var equal = (node.Left.Type.Kind, node.Right.Type.Kind) switch
        {
            (ExpressionKind.Decimal, ExpressionKind.Int) => Expression.Equal(left, As(right, typeof(decimal))),
            (ExpressionKind.Int, ExpressionKind.Decimal) => Expression.Equal(As(left, typeof(decimal)), right),
            (ExpressionKind.String, ExpressionKind.String) => TextEquality(node.Span, left, right),
            (ExpressionKind.Bool or ExpressionKind.Int or ExpressionKind.Uint or ExpressionKind.Double or ExpressionKind.Decimal
                or ExpressionKind.Timestamp or ExpressionKind.Duration, var kind) when kind == node.Left.Type.Kind =>
                Expression.Equal(left, right),
            _ => Fallible(
                node.Span, typeof(ValueEquality), nameof(ValueEquality.AreEqual), As(left, typeof(object)), As(right, typeof(object))),
        };
        return node.IsNegated ? Expression.Not(equal) : equal;
    }

    // Comparing with a short constant costs no more than the constant is long.
    private Expression TextEquality(Span span, Expression left, Expression right) =>
        left is ConstantExpression { Value: string { Length: <= ShortText } }
        || right is ConstantExpression { Value: string { Length: <= ShortText } }
            ? Expression.Equal(left, right)
            : Fallible(span, typeof(Strings), nameof(Strings.AreEqual), left, right);

    private Expression List(BoundList node)
    {
        var elements = node.Elements.Select(element => As(Emit(element), node.Type.Element.Clr)).ToArray();
        Charge(elements.Length, node.Span);
        return Variable(Expression.NewArrayInit(node.Type.Element.Clr, elements));
    }

    private Expression Map(BoundMap node)
    {
        var (key, value) = (node.Type.Key.Clr, node.Type.Value.Clr);
        var entries = node.Entries.Select(entry => (Key: As(Emit(entry.Key), key), Value: As(Emit(entry.Value), value))).ToArray();
        return Fallible(
            node.Span,
            Expression.Call(
                typeof(MapValues),
                nameof(MapValues.Make),
                [key, value],
                Expression.NewArrayInit(key, entries.Select(static entry => entry.Key)),
                Expression.NewArrayInit(value, entries.Select(static entry => entry.Value)),
                _state));
    }

    private Expression Bind(BoundBind node)
    {
        _locals[node.Variable] = Kept(Emit(node.Value));
        return Emit(node.Body);
    }

    private Expression Convert(BoundConvert node)
    {
        var value = As(Emit(node.Operand), typeof(object));
        var type = node.Type;
        return type.Kind switch
        {
            ExpressionKind.Dyn or ExpressionKind.Null or ExpressionKind.Never => value,
            ExpressionKind.List when type.Element.Clr == typeof(object) =>
                Fallible(node.Span, typeof(DynamicValues), nameof(DynamicValues.AnyListOf), value),
            ExpressionKind.List =>
                Unboxed(node.Span, nameof(DynamicValues.ListOf), value, type.Element.Clr),
            ExpressionKind.Map when type.Key.Clr == typeof(object) && type.Value.Clr == typeof(object) =>
                Fallible(node.Span, typeof(DynamicValues), nameof(DynamicValues.AnyMapOf), value),
            ExpressionKind.Map =>
                Unboxed(node.Span, nameof(DynamicValues.MapOf), value, type.Key.Clr, type.Value.Clr),
            _ => Unboxed(node.Span, nameof(DynamicValues.Unboxed), value, type.Clr),
        };
    }

    private ParameterExpression Unboxed(Span span, string method, Expression value, params Type[] types) =>
        Fallible(span, Expression.Call(typeof(DynamicValues), method, types, value, _state));

    private static Expression As(Expression value, Type type) =>
        value.Type == type ? value
        : value is ConstantExpression constant && type == typeof(object) ? Expression.Constant(constant.Value, type)
        : Expression.Convert(value, type);

    /// <summary>A variable with the value.</summary>
    private ParameterExpression Variable(Expression value)
    {
        var variable = Expression.Variable(value.Type);
        _variables.Add(variable);
        _statements.Add(Expression.Assign(variable, value));
        return variable;
    }

    /// <summary>The value in a form that may be used several times.</summary>
    private Expression Kept(Expression value) => value is ParameterExpression or ConstantExpression ? value : Variable(value);

    /// <summary>Calls a method of ours that takes the state last, and leaves when it failed.</summary>
    private ParameterExpression Fallible(Span span, Type owner, string method, params Expression[] arguments) =>
        Fallible(span, Expression.Call(owner, method, null, [.. arguments, _state]));

    private ParameterExpression Fallible(Span span, Expression call)
    {
        var value = Variable(call);
        _statements.Add(Expression.IfThen(
            IsCode(Expression.NotEqual, ExpressionErrorCode.None),
            Expression.Block(
                Expression.Call(
                    _state, nameof(EvaluationState.At), null, Expression.Constant(span.Start), Expression.Constant(span.Length)),
                GotoError())));
        return value;
    }

    private void Charge(int steps, Span span) => FailIf(
        Expression.Not(Expression.Call(_state, nameof(EvaluationState.Charge), null, Expression.Constant((long)steps))),
        ExpressionErrorCode.CostExceeded,
        span);

    private void Fail(ExpressionErrorCode code, Span span) => _statements.Add(Failing(code, span));

    private void FailIf(Expression condition, ExpressionErrorCode code, Span span) =>
        _statements.Add(Expression.IfThen(condition, Failing(code, span)));

    private BlockExpression Failing(ExpressionErrorCode code, Span span) => Expression.Block(
        Expression.Call(
            _state,
            nameof(EvaluationState.FailAt),
            null,
            Expression.Constant(code),
            Expression.Constant(span.Start),
            Expression.Constant(span.Length)),
        GotoError());

    private GotoExpression GotoError()
    {
        _used.Add(_onError);
        return Expression.Goto(_onError);
    }

    private BinaryExpression IsCode(Func<Expression, Expression, BinaryExpression> comparison, ExpressionErrorCode code) =>
        comparison(Expression.Field(_state, nameof(EvaluationState.Code)), Expression.Constant(code));
}
