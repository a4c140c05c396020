using System.Globalization;
using System.Text;
using Laurel.Expressions.Evaluation;

namespace Laurel.Expressions.Functions;

/// <summary>Functions named like a type, which make a value of it (CEL specification, "Standard Definitions").</summary>
internal static class Conversions
{
    private static readonly UTF8Encoding s_strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private const NumberStyles FloatStyle =
        NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;

    public static void Declare(FunctionTable table)
    {
        table.Pure("int", (long a) => a);
        table.Add("int", Overload.Of((Fallible<ulong, long>)ToInt));
        table.Add("int", Overload.Of((Fallible<double, long>)ToInt));
        table.Add("int", Overload.Of((Fallible<decimal, long>)ToInt));
        table.Add("int", Overload.Of((Fallible<string, long>)ToInt));
        table.Pure("int", (Timestamp a) => a.Seconds);

        table.Pure("uint", (ulong a) => a);
        table.Add("uint", Overload.Of((Fallible<long, ulong>)ToUint));
        table.Add("uint", Overload.Of((Fallible<double, ulong>)ToUint));
        table.Add("uint", Overload.Of((Fallible<decimal, ulong>)ToUint));
        table.Add("uint", Overload.Of((Fallible<string, ulong>)ToUint));

        table.Pure("double", (double a) => a);
        table.Pure("double", (long a) => (double)a);
        table.Pure("double", (ulong a) => (double)a);
        table.Pure("double", (decimal a) => (double)a);
        table.Add("double", Overload.Of((Fallible<string, double>)ToDouble));

        table.Pure("bool", (bool a) => a);
        table.Add("bool", Overload.Of((Fallible<string, bool>)ToBool));

        table.Pure("string", (string a) => a);
        table.Pure("string", (bool a) => a ? "true" : "false");
        table.Pure("string", (long a) => a.ToString(CultureInfo.InvariantCulture));
        table.Pure("string", (ulong a) => a.ToString(CultureInfo.InvariantCulture));
        table.Pure("string", (double a) => a.ToString("R", CultureInfo.InvariantCulture));
        table.Pure("string", (decimal a) => a.ToString(CultureInfo.InvariantCulture));
        table.Pure("string", (Timestamp a) => a.ToString());
        table.Pure("string", (Duration a) => a.ToString());
        table.Add("string", Overload.Of((Fallible<byte[], string>)ToText));

        table.Pure("bytes", (byte[] a) => a);
        table.Add("bytes", Overload.Of(static (string a, ref EvaluationState state) =>
            state.ChargeUnits(a.Length) ? Encoding.UTF8.GetBytes(a) : []));
    }

    private static long ToInt(ulong value, ref EvaluationState state) =>
        value <= long.MaxValue ? (long)value : OutOfRange<long>(ref state);

    // The bounds themselves are refused: a double there may have come from a number beyond them.
    private static long ToInt(double value, ref EvaluationState state) =>
        value is > -9.223372036854775808e18 and < 9.223372036854775808e18 ? (long)value : OutOfRange<long>(ref state);

    private static long ToInt(decimal value, ref EvaluationState state)
    {
        var whole = decimal.Truncate(value);
        return whole is >= long.MinValue and <= long.MaxValue ? (long)whole : OutOfRange<long>(ref state);
    }

    private static long ToInt(string text, ref EvaluationState state) =>
        state.ChargeUnits(text.Length) && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
            ? value
            : Invalid<long>(ref state);

    private static ulong ToUint(long value, ref EvaluationState state) => value >= 0 ? (ulong)value : OutOfRange<ulong>(ref state);

    private static ulong ToUint(double value, ref EvaluationState state) =>
        value is > -1 and < 1.8446744073709551616e19 ? (ulong)value : OutOfRange<ulong>(ref state);

    private static ulong ToUint(decimal value, ref EvaluationState state)
    {
        var whole = decimal.Truncate(value);
        return whole is >= 0 and <= ulong.MaxValue ? (ulong)whole : OutOfRange<ulong>(ref state);
    }

    private static ulong ToUint(string text, ref EvaluationState state) =>
        state.ChargeUnits(text.Length) && ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            ? value
            : Invalid<ulong>(ref state);

    private static double ToDouble(string text, ref EvaluationState state) =>
        state.ChargeUnits(text.Length)
        && double.TryParse(text, FloatStyle, CultureInfo.InvariantCulture, out var value)
            ? value
            : Invalid<double>(ref state);

    private static bool ToBool(string text, ref EvaluationState state) => text switch
    {
        "1" or "t" or "T" or "true" or "TRUE" or "True" => true,
        "0" or "f" or "F" or "false" or "FALSE" or "False" => false,
        _ => Invalid<bool>(ref state),
    };

    private static string ToText(byte[] bytes, ref EvaluationState state)
    {
        if (!state.ChargeUnits(bytes.Length))
        {
            return "";
        }

        try
        {
            return s_strict.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            if (state.Charge(ExpressionLimits.DearSteps))
            {
                state.Fail(ExpressionErrorCode.ValueInvalid);
            }

            return "";
        }
    }

    private static T OutOfRange<T>(ref EvaluationState state)
        where T : struct
    {
        state.Fail(ExpressionErrorCode.ValueOutOfRange);
        return default;
    }

    private static T Invalid<T>(ref EvaluationState state)
        where T : struct
    {
        if (!state.Failed)
        {
            state.Fail(ExpressionErrorCode.ValueInvalid);
        }

        return default;
    }
}
