using System.Collections.Frozen;
using System.Linq.Expressions;
using Laurel.Expressions.Checking;
using Laurel.Expressions.Evaluation;
using Laurel.Expressions.Functions;

namespace Laurel.Expressions.Compilation;

/// <summary>Calls of one known overload, and what is so common that it is done in place.</summary>
internal sealed partial class Emitter
{
    /// <summary>Elements of a constant list that are compared one after another; more are a set.</summary>
    private const int UnrolledMax = 8;

    private Expression Call(BoundCall node)
    {
        var inPlace = node.Overload.InPlace switch
        {
            InPlace.Add or InPlace.Subtract => Sum(node),
            InPlace.Divide or InPlace.Modulo => Quotient(node),
            InPlace.Membership => Membership(node),
            InPlace.StartsWith => Affix(node, nameof(string.StartsWith)),
            InPlace.EndsWith => Affix(node, nameof(string.EndsWith)),
            InPlace.None => null,
        };
        if (inPlace is not null)
        {
            return inPlace;
        }

        var emitted = node.Arguments.Select((argument, i) => Emitted(argument, ParameterClr(node, i))).ToArray();
        if (InTicks(node, emitted) is { } compared)
        {
            return compared;
        }

        var arguments = emitted.Select(Kept).ToArray();
        var call = node.Overload.Call(arguments, _state, node.Parameters);
        if (node.Overload.Fails)
        {
            return Fallible(node.Span, call);
        }

        if (!node.Overload.MayGiveNull)
        {
            return call;
        }

        var value = Variable(call);
        FailIf(Expression.ReferenceEqual(value, Expression.Constant(null)), ExpressionErrorCode.FieldAbsent, node.Span);
        return value;
    }

    // Times stay as they are until it is known whether they are compared; whatever else waits would be computed after its successors.
    private Expression Emitted(Bound argument, Type type) =>
        As(Emit(argument), type) is var value && type == typeof(Timestamp) ? value : Kept(value);

    /// <summary>A time of the host beside another, or beside a constant, need not be taken apart into seconds and nanoseconds.</summary>
    private static BinaryExpression? InTicks(BoundCall node, Expression[] arguments) =>
        arguments is [var left, var right] && Ticks(left) is { } one && Ticks(right) is { } other
        && node.Overload.Comparison is { } comparison
            ? Expression.MakeBinary(comparison, one, other)
            : null;

    private static Expression? Ticks(Expression time) => time switch
    {
        MethodCallExpression { Method.Name: nameof(Timestamp.From), Arguments: [var host] } => Expression.Property(host, nameof(DateTimeOffset.UtcTicks)),
        NewExpression { Arguments: [ConstantExpression { Value: long seconds }, ConstantExpression { Value: int nanos }] } when nanos % Timestamp.NanosPerTick == 0 =>
            Expression.Constant(((seconds - Timestamp.SecondsMin) * TimeSpan.TicksPerSecond) + (nanos / Timestamp.NanosPerTick)),
        _ => null,
    };

    private static Type ParameterClr(BoundCall node, int index) =>
        Types.TypeRules.Replace(node.Overload.Parameters[index], node.Parameters).Clr;

    /// <summary>Overflow shows in the sign: it differs from that of both terms (Hacker's Delight, 2-13).</summary>
    private ParameterExpression Sum(BoundCall node)
    {
        var (left, right) = (Kept(Emit(node.Arguments[0])), Kept(Emit(node.Arguments[1])));
        var isSum = node.Overload.InPlace == InPlace.Add;
        var result = Variable(isSum ? Expression.Add(left, right) : Expression.Subtract(left, right));
        var signs = Expression.And(
            Expression.ExclusiveOr(left, isSum ? result : right), Expression.ExclusiveOr(isSum ? right : left, result));
        FailIf(Expression.LessThan(signs, Expression.Constant(0L)), ExpressionErrorCode.Overflow, node.Span);
        return result;
    }

    // By a constant other than 0 and -1 nothing can go wrong.
    private Expression? Quotient(BoundCall node)
    {
        if (node.Arguments[1] is not BoundConstant { Value: long divisor } || divisor is 0 or -1)
        {
            return null;
        }

        var (dividend, by) = (Emit(node.Arguments[0]), Expression.Constant(divisor));
        return node.Overload.InPlace == InPlace.Divide ? Expression.Divide(dividend, by) : Expression.Modulo(dividend, by);
    }

    // With a short constant the cost is bounded, and no step need be counted.
    private MethodCallExpression? Affix(BoundCall node, string method) =>
        node.Arguments[1] is BoundConstant { Value: string { Length: <= ShortText } affix }
            ? Expression.Call(
                Emit(node.Arguments[0]), method, null, Expression.Constant(affix), Expression.Constant(StringComparison.Ordinal))
            : null;

    private Expression? Membership(BoundCall node)
    {
        if (node.Arguments[1] is not BoundConstant { Value: Array list } || list is not (string[] or long[]))
        {
            return null;
        }

        var value = Kept(Emit(node.Arguments[0]));
        if (list.Length <= UnrolledMax && list.Cast<object>().All(static element => element is not string { Length: > ShortText }))
        {
            return list.Cast<object>()
                .Select(element => Expression.Equal(value, Expression.Constant(element)))
                .Aggregate((Expression?)null, static (any, next) => any is null ? next : Expression.OrElse(any, next))
                ?? Expression.Constant(false);
        }

        return list is string[] texts
            ? Fallible(node.Span, typeof(Emitter), nameof(IsAmong), value, Expression.Constant(texts.ToFrozenSet(StringComparer.Ordinal)))
            : Expression.Call(
                Expression.Constant(((long[])list).ToFrozenSet(), typeof(FrozenSet<long>)), nameof(FrozenSet<>.Contains), null, value);
    }

    private static bool IsAmong(string value, FrozenSet<string> set, ref EvaluationState state) =>
        state.ChargeUnits(value.Length) && set.Contains(value);
}
