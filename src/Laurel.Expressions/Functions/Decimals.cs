using System.Globalization;
using Laurel.Expressions.Evaluation;

namespace Laurel.Expressions.Functions;

/// <summary>Exact decimals of up to 28 digits for money: an addition of ours to CEL. An int beside a decimal counts as one.</summary>
internal static class Decimals
{
    private const int DigitsMax = 31;
    private const int PlacesMax = 28;

    public static void Declare(FunctionTable table)
    {
        Operator(table, "_+_", static (decimal a, decimal b, ref EvaluationState state) => Guarded(decimal.Add, a, b, ref state));
        Operator(table, "_-_", static (decimal a, decimal b, ref EvaluationState state) => Guarded(decimal.Subtract, a, b, ref state));
        Operator(table, "_*_", static (decimal a, decimal b, ref EvaluationState state) => Guarded(decimal.Multiply, a, b, ref state));
        Operator(table, "_/_", static (decimal a, decimal b, ref EvaluationState state) => Divided(decimal.Divide, a, b, ref state));
        Operator(table, "_%_", static (decimal a, decimal b, ref EvaluationState state) => Divided(decimal.Remainder, a, b, ref state));
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
        table.Add(name, Overload.Of((decimal a, long b, ref EvaluationState state) => code(a, b, ref state)));
        table.Add(name, Overload.Of((long a, decimal b, ref EvaluationState state) => code(a, b, ref state)));
    }

    private static decimal Divided(Func<decimal, decimal, decimal> code, decimal left, decimal right, ref EvaluationState state)
    {
        if (right != 0)
        {
            return Guarded(code, left, right, ref state);
        }

        state.Fail(ExpressionErrorCode.DivisionByZero);
        return 0;
    }

    // Asking beforehand whether a product fits costs more than the exception, which nobody can cause often: it is dear.
    private static decimal Guarded(Func<decimal, decimal, decimal> code, decimal left, decimal right, ref EvaluationState state)
    {
        try
        {
            return code(left, right);
        }
        catch (OverflowException)
        {
            if (state.Charge(ExpressionLimits.DearSteps))
            {
                state.Fail(ExpressionErrorCode.Overflow);
            }

            return 0;
        }
    }
}
