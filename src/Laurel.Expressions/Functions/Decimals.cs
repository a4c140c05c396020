using System.Globalization;
using Laurel.Expressions.Evaluation;
using Laurel.Expressions.Types;

namespace Laurel.Expressions.Functions;

/// <summary>Exact decimals of up to 28 digits for money: an addition of ours to CEL. An int beside a decimal counts as one.</summary>
internal static class Decimals
{
    private const int DigitsMax = 31;
    private const int PlacesMax = 28;

    public static void Declare(FunctionTable table)
    {
        Operator(table, "_+_", Add);
        Operator(table, "_-_", Subtract);
        Operator(table, "_*_", Multiply);
        Operator(table, "_/_", Divide);
        Operator(table, "_%_", Remainder);
        table.Pure("-_", (decimal a) => -a);

        table.Pure("decimal", (decimal a) => a);
        table.Pure("decimal", (long a) => (decimal)a);
        table.Pure("decimal", (ulong a) => (decimal)a);
        table.Add("decimal", Overload.Of((Fallible<string, decimal>)Parse));

        table.Pure("floor", (decimal a) => decimal.Floor(a));
        table.Pure("ceil", (decimal a) => decimal.Ceiling(a));
        table.Pure("round", (decimal a) => RoundHalfAway(a, 0));
        table.Add("round", Overload.Of((Fallible<decimal, long, decimal>)Round));
        table.Pure("abs", (decimal a) => Math.Abs(a));
    }

    /// <summary>The amount in decimal digits, with a sign and a point where needed; no exponent, no spaces.</summary>
    public static decimal Parse(string text, ref EvaluationState state)
    {
        const NumberStyles style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint;
        state.ChargeUnits(text.Length);
        if (text.Length <= DigitsMax && decimal.TryParse(text, style, CultureInfo.InvariantCulture, out var value))
        {
            return value;
        }

        state.Fail(ExpressionErrorCode.ValueInvalid);
        return 0;
    }

    /// <summary>A half goes away from zero, as shops round.</summary>
    public static decimal RoundHalfAway(decimal value, int places) => decimal.Round(value, places, MidpointRounding.AwayFromZero);

    private static decimal Round(decimal value, long places, ref EvaluationState state)
    {
        if (places is >= 0 and <= PlacesMax)
        {
            return RoundHalfAway(value, (int)places);
        }

        state.Fail(ExpressionErrorCode.ValueOutOfRange);
        return 0;
    }

    private static void Operator(FunctionTable table, string name, Fallible<decimal, decimal, decimal> code)
    {
        table.Add(name, Overload.Of(code));
        table.Add(name, Overload.Converting(code, ExpressionType.Decimal, ExpressionType.Int));
        table.Add(name, Overload.Converting(code, ExpressionType.Int, ExpressionType.Decimal));
    }

    // One method each: what compiled code calls by a delegate costs more than the arithmetic.
    // Asking beforehand whether a result fits costs more than the exception, which nobody can cause often: it is dear.
    private static decimal Add(decimal left, decimal right, ref EvaluationState state)
    {
        try
        {
            return left + right;
        }
        catch (OverflowException)
        {
            return Overflowed(ref state);
        }
    }

    private static decimal Subtract(decimal left, decimal right, ref EvaluationState state)
    {
        try
        {
            return left - right;
        }
        catch (OverflowException)
        {
            return Overflowed(ref state);
        }
    }

    private static decimal Multiply(decimal left, decimal right, ref EvaluationState state)
    {
        try
        {
            return left * right;
        }
        catch (OverflowException)
        {
            return Overflowed(ref state);
        }
    }

    private static decimal Divide(decimal left, decimal right, ref EvaluationState state)
    {
        if (right == 0)
        {
            state.Fail(ExpressionErrorCode.DivisionByZero);
            return 0;
        }

        try
        {
            return left / right;
        }
        catch (OverflowException)
        {
            return Overflowed(ref state);
        }
    }

    private static decimal Remainder(decimal left, decimal right, ref EvaluationState state)
    {
        if (right == 0)
        {
            state.Fail(ExpressionErrorCode.DivisionByZero);
            return 0;
        }

        try
        {
            return left % right;
        }
        catch (OverflowException)
        {
            return Overflowed(ref state);
        }
    }

    private static decimal Overflowed(ref EvaluationState state)
    {
        if (state.Charge(ExpressionLimits.DearSteps))
        {
            state.Fail(ExpressionErrorCode.Overflow);
        }

        return 0;
    }
}
