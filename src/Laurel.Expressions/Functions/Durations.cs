using Laurel.Expressions.Evaluation;

namespace Laurel.Expressions.Functions;

/// <summary>Lengths of time: <c>duration('1h30m1.5s')</c>, their parts and arithmetic.</summary>
internal static class Durations
{
    private const long NanosPerMicro = 1_000;
    private const long NanosPerMilli = 1_000_000;
    private const long NanosPerSecond = 1_000_000_000;
    private const int LengthMax = 128;
    private const int DigitsMax = 15;

    public static void Declare(FunctionTable table)
    {
        table.Pure("duration", (Duration a) => a);
        table.Add("duration", Overload.Of((Fallible<string, Duration>)Parse));
        table.Add("_+_", Overload.Of(static (Duration a, Duration b, ref EvaluationState state) =>
            From((Int128)a.Nanos + b.Nanos, ref state)));
        table.Add("_-_", Overload.Of(static (Duration a, Duration b, ref EvaluationState state) =>
            From((Int128)a.Nanos - b.Nanos, ref state)));
        table.Add("-_", Overload.Of(static (Duration a, ref EvaluationState state) => From(-(Int128)a.Nanos, ref state)));
        table.AddMethod("getHours", Overload.Of(static (Duration a) => a.Nanos / (3_600 * NanosPerSecond)));
        table.AddMethod("getMinutes", Overload.Of(static (Duration a) => a.Nanos / (60 * NanosPerSecond)));
        table.AddMethod("getSeconds", Overload.Of(static (Duration a) => a.Nanos / NanosPerSecond));
        table.AddMethod("getMilliseconds", Overload.Of(static (Duration a) => a.Nanos % NanosPerSecond / NanosPerMilli));
    }

    public static Duration From(Int128 nanos, ref EvaluationState state)
    {
        if (nanos >= long.MinValue && nanos <= long.MaxValue)
        {
            return new Duration((long)nanos);
        }

        state.Fail(ExpressionErrorCode.ValueOutOfRange);
        return default;
    }

    /// <summary>A sign, then amounts with their units: ns, us, ms, s, m, h; each may have a fraction. <c>0</c> needs no unit.</summary>
    public static Duration Parse(string text, ref EvaluationState state)
    {
        var at = 0;
        var isNegative = text.StartsWith('-');
        at += isNegative || text.StartsWith('+') ? 1 : 0;
        if (text.AsSpan(at) is "0")
        {
            return default;
        }

        Int128 total = 0;
        var isValid = at < text.Length && text.Length <= LengthMax;
        while (isValid && at < text.Length)
        {
            isValid = Amount(text, ref at, out var nanos);
            total += nanos;
        }

        if (!isValid)
        {
            state.Fail(ExpressionErrorCode.ValueInvalid);
            return default;
        }

        return From(isNegative ? -total : total, ref state);
    }

    private static bool Amount(string text, ref int at, out Int128 nanos)
    {
        var whole = Digits(text, ref at, out var wholeDigits);
        long fraction = 0;
        var fractionDigits = 0;
        if (at < text.Length && text[at] == '.')
        {
            at++;
            fraction = Digits(text, ref at, out fractionDigits);
        }

        var unit = Unit(text, ref at);
        nanos = (Int128)whole * unit;
        if (fractionDigits > 0)
        {
            nanos += (Int128)fraction * unit / (long)Math.Pow(10, fractionDigits);
        }

        return unit > 0 && wholeDigits + fractionDigits > 0 && wholeDigits <= DigitsMax && fractionDigits <= DigitsMax;
    }

    private static long Digits(string text, ref int at, out int count)
    {
        var start = at;
        long value = 0;
        for (; at < text.Length && char.IsAsciiDigit(text[at]); at++)
        {
            value = at - start < DigitsMax ? (value * 10) + (text[at] - '0') : value;
        }

        count = at - start;
        return value;
    }

    private static long Unit(string text, ref int at)
    {
        var start = at;
        while (at < text.Length && text[at] != '.' && !char.IsAsciiDigit(text[at]))
        {
            at++;
        }

        return text.AsSpan(start, at - start) switch
        {
            "ns" => 1,
            "us" or "µs" or "μs" => NanosPerMicro,
            "ms" => NanosPerMilli,
            "s" => NanosPerSecond,
            "m" => 60 * NanosPerSecond,
            "h" => 3_600 * NanosPerSecond,
            _ => 0,
        };
    }
}
