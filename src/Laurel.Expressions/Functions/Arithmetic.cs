using Laurel.Expressions.Evaluation;

namespace Laurel.Expressions.Functions;

/// <summary>Arithmetic of whole and floating numbers. What does not fit its type is an error, never wrapped.</summary>
internal static class Arithmetic
{
    public static void Declare(FunctionTable table)
    {
        table.Add("_+_", Overload.Of((Fallible<long, long, long>)Add, InPlace.Add));
        table.Add("_-_", Overload.Of((Fallible<long, long, long>)Subtract, InPlace.Subtract));
        table.Add("_*_", Overload.Of((Fallible<long, long, long>)Multiply));
        table.Add("_/_", Overload.Of((Fallible<long, long, long>)Divide, InPlace.Divide));
        table.Add("_%_", Overload.Of((Fallible<long, long, long>)Modulo, InPlace.Modulo));
        table.Add("-_", Overload.Of((Fallible<long, long>)Negate));

        table.Add("_+_", Overload.Of((Fallible<ulong, ulong, ulong>)Add));
        table.Add("_-_", Overload.Of((Fallible<ulong, ulong, ulong>)Subtract));
        table.Add("_*_", Overload.Of((Fallible<ulong, ulong, ulong>)Multiply));
        table.Add("_/_", Overload.Of((Fallible<ulong, ulong, ulong>)Divide));
        table.Add("_%_", Overload.Of((Fallible<ulong, ulong, ulong>)Modulo));

        table.Pure("_+_", (double a, double b) => a + b);
        table.Pure("_-_", (double a, double b) => a - b);
        table.Pure("_*_", (double a, double b) => a * b);
        table.Pure("_/_", (double a, double b) => a / b);
        table.Pure("-_", (double a) => -a);
        table.Pure("!_", (bool a) => !a);
    }

    private static long Add(long left, long right, ref EvaluationState state)
    {
        var sum = unchecked(left + right);
        return ((left ^ sum) & (right ^ sum)) < 0 ? Overflow<long>(ref state) : sum;
    }

    private static long Subtract(long left, long right, ref EvaluationState state)
    {
        var difference = unchecked(left - right);
        return ((left ^ right) & (left ^ difference)) < 0 ? Overflow<long>(ref state) : difference;
    }

    private static long Multiply(long left, long right, ref EvaluationState state)
    {
        var high = Math.BigMul(left, right, out var low);
        return high == low >> 63 ? low : Overflow<long>(ref state);
    }

    private static long Divide(long left, long right, ref EvaluationState state) => right switch
    {
        0 => ByZero<long>(ref state),
        -1 => Negate(left, ref state),
        _ => left / right,
    };

    private static long Modulo(long left, long right, ref EvaluationState state) => right switch
    {
        0 => ByZero<long>(ref state),
        -1 => left == long.MinValue ? Overflow<long>(ref state) : 0,
        _ => left % right,
    };

    private static long Negate(long value, ref EvaluationState state) => value == long.MinValue ? Overflow<long>(ref state) : -value;

    private static ulong Add(ulong left, ulong right, ref EvaluationState state)
    {
        var sum = unchecked(left + right);
        return sum < left ? Overflow<ulong>(ref state) : sum;
    }

    private static ulong Subtract(ulong left, ulong right, ref EvaluationState state) =>
        left < right ? Overflow<ulong>(ref state) : left - right;

    private static ulong Multiply(ulong left, ulong right, ref EvaluationState state) =>
        Math.BigMul(left, right, out var low) == 0 ? low : Overflow<ulong>(ref state);

    private static ulong Divide(ulong left, ulong right, ref EvaluationState state) => right == 0 ? ByZero<ulong>(ref state) : left / right;

    private static ulong Modulo(ulong left, ulong right, ref EvaluationState state) => right == 0 ? ByZero<ulong>(ref state) : left % right;

    private static T Overflow<T>(ref EvaluationState state)
        where T : struct
    {
        state.Fail(ExpressionErrorCode.Overflow);
        return default;
    }

    private static T ByZero<T>(ref EvaluationState state)
        where T : struct
    {
        state.Fail(ExpressionErrorCode.DivisionByZero);
        return default;
    }
}
