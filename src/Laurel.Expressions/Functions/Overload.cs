using System.Linq.Expressions;
using System.Reflection;
using Laurel.Expressions.Evaluation;
using Laurel.Expressions.Types;

namespace Laurel.Expressions.Functions;

/// <summary>A function for arguments of given types, and the code that computes it.</summary>
/// <remarks>The code is a lambda that is copied into the compiled expression, or a method that may fail. Both are named
/// here in C#: no text of an expression ever chooses a member of the runtime.</remarks>
internal sealed class Overload
{
    private readonly LambdaExpression? _lambda;
    private readonly MethodInfo? _method;
    private readonly object? _target;
    private BoxedCall? _boxed;

    private Overload(
        IReadOnlyList<ExpressionType> parameters, ExpressionType result, LambdaExpression? lambda, MethodInfo? method, object? target)
    {
        Parameters = parameters;
        Result = result;
        _lambda = lambda;
        _method = method;
        _target = target;
        Fails = method?.GetParameters() is [.., { ParameterType.IsByRef: true }];
    }

    public IReadOnlyList<ExpressionType> Parameters { get; }

    public ExpressionType Result { get; }

    /// <summary>Whether the call may leave an error in the state.</summary>
    public bool Fails { get; }

    /// <summary>Whether a function of the host may give null where a value is promised.</summary>
    public bool MayGiveNull => _method is not null && !Fails && !Result.Clr.IsValueType && !Result.IsDyn;

    /// <summary>How it compares two values; null where it does anything else.</summary>
    public System.Linq.Expressions.ExpressionType? Comparison => _lambda?.Body is BinaryExpression
    {
        NodeType: System.Linq.Expressions.ExpressionType.LessThan or System.Linq.Expressions.ExpressionType.LessThanOrEqual
            or System.Linq.Expressions.ExpressionType.GreaterThan or System.Linq.Expressions.ExpressionType.GreaterThanOrEqual,
    } compared ? compared.NodeType : null;

    /// <summary>Whether compiled code does it in place because it is so common.</summary>
    public InPlace InPlace { get; private init; }

    /// <summary>Copied into the expression; never fails.</summary>
    public static Overload Pure(LambdaExpression lambda) =>
        new([.. lambda.Parameters.Select(static p => HostTypes.Plain(p.Type))], HostTypes.Plain(lambda.ReturnType), lambda, null, null);

    /// <summary>Called; may fail when its last parameter is the state.</summary>
    public static Overload Of(Delegate code) => Of(code, InPlace.None);

    /// <summary>Called, unless compiled code can do it in place.</summary>
    public static Overload Of(Delegate code, InPlace inPlace)
    {
        var parameters = code.Method.GetParameters().Where(static p => !p.ParameterType.IsByRef);
        return new(
            [.. parameters.Select(static p => HostTypes.Plain(p.ParameterType))],
            HostTypes.Plain(code.Method.ReturnType),
            null,
            code.Method,
            code.Target)
        {
            InPlace = inPlace,
        };
    }

    /// <summary>Called with its arguments converted to what the code takes.</summary>
    public static Overload Converting(Delegate code, params ExpressionType[] parameters) =>
        new(parameters, HostTypes.Plain(code.Method.ReturnType), null, code.Method, code.Target);

    /// <summary>Membership of a list, which compiled code unrolls when the list is a constant.</summary>
    public static Overload OfMembership(Type owner, string method, params ExpressionType[] parameters) =>
        new(parameters, ExpressionType.Bool, null, owner.GetMethod(method, BindingFlags.Static | BindingFlags.Public)!, null)
        {
            InPlace = InPlace.Membership,
        };

    /// <summary>A generic method of ours over type parameters; <paramref name="parameters"/> say how they are used.</summary>
    public static Overload Generic(Type owner, string method, ExpressionType result, params ExpressionType[] parameters) =>
        new(parameters, result, null, owner.GetMethod(method, BindingFlags.Static | BindingFlags.Public)!, null);

    /// <summary>The call as an expression of the compiled code.</summary>
    /// <param name="bound">What the type parameters stand for, by their names.</param>
    public Expression Call(IReadOnlyList<Expression> arguments, Expression state, Dictionary<string, ExpressionType> bound)
    {
        if (_lambda is not null)
        {
            return new ParameterReplacer(_lambda.Parameters, arguments).Visit(_lambda.Body);
        }

        var method = _method!.IsGenericMethodDefinition
            ? _method.MakeGenericMethod(
                [.. _method.GetGenericArguments().Select(p => bound.GetValueOrDefault(p.Name, ExpressionType.Dyn).Clr)])
            : _method;
        var taken = method.GetParameters();
        var values = arguments.Select((argument, i) =>
            argument.Type == typeof(long) && taken[i].ParameterType == typeof(decimal) ? Expression.Convert(argument, typeof(decimal)) : argument);
        return Expression.Call(_target is null ? null : Expression.Constant(_target), method, Fails ? [.. values, state] : values);
    }

    /// <summary>Calls with boxed values that <see cref="Accepts"/> accepted.</summary>
    public object? Invoke(object?[] arguments, ref EvaluationState state) => (_boxed ??= CompileBoxed())(arguments, ref state);

    public bool Accepts(object?[] arguments)
    {
        if (arguments.Length != Parameters.Count)
        {
            return false;
        }

        for (var i = 0; i < arguments.Length; i++)
        {
            if (!DynamicValues.Fits(arguments[i], Parameters[i]))
            {
                return false;
            }
        }

        return true;
    }

    private BoxedCall CompileBoxed()
    {
        var arguments = Expression.Parameter(typeof(object[]));
        var state = Expression.Parameter(typeof(EvaluationState).MakeByRefType());
        var nothing = new Dictionary<string, ExpressionType>();
        var values = new List<Expression>();
        for (var i = 0; i < Parameters.Count; i++)
        {
            var boxed = Expression.ArrayIndex(arguments, Expression.Constant(i));
            var type = TypeRules.Replace(Parameters[i], nothing);
            values.Add(Unboxed(boxed, type, state));
        }

        var call = Expression.Convert(Call(values, state, nothing), typeof(object));
        return Expression.Lambda<BoxedCall>(call, arguments, state).Compile();
    }

    private static Expression Unboxed(Expression boxed, ExpressionType type, Expression state) => type.Kind switch
    {
        ExpressionKind.List when !type.Element.IsDyn =>
            Expression.Call(typeof(DynamicValues), nameof(DynamicValues.ListOf), [type.Element.Clr], boxed, state),
        ExpressionKind.List => Expression.Call(typeof(DynamicValues), nameof(DynamicValues.AsList), null, boxed),
        ExpressionKind.Map => Expression.Call(typeof(DynamicValues), nameof(DynamicValues.AsMap), null, boxed),
        _ => Expression.Convert(boxed, type.Clr),
    };
}

/// <summary>What compiled code does without a call.</summary>
internal enum InPlace
{
    None,
    Add,
    Subtract,
    Divide,
    Modulo,
    Membership,
    StartsWith,
    EndsWith,
}

/// <summary>Puts expressions in the place of a lambda's parameters.</summary>
internal sealed class ParameterReplacer(IReadOnlyList<ParameterExpression> parameters, IReadOnlyList<Expression> values) : ExpressionVisitor
{
    protected override Expression VisitParameter(ParameterExpression node)
    {
        for (var i = 0; i < parameters.Count; i++)
        {
            if (parameters[i] == node)
            {
                return values[i].Type == node.Type ? values[i] : Expression.Convert(values[i], node.Type);
            }
        }

        return node;
    }
}
