using Laurel.Expressions.Evaluation;

namespace Laurel.Expressions.Functions;

/// <summary>Dates and times as RFC 3339 writes them, with up to nine digits of a second.</summary>
internal static class Rfc3339
{
    private const int LengthMin = 20;
    private const int LengthMax = 35;
    private const int FractionDigitsMax = 9;

    public static Timestamp Parse(string text, ref EvaluationState state)
    {
        if (text.Length is < LengthMin or > LengthMax || !TryParse(text, out var nanos))
        {
            state.Fail(ExpressionErrorCode.ValueInvalid);
            return default;
        }

        return Timestamps.From(nanos, ref state);
    }

    /// <summary>The number of plain digits, or -1.</summary>
    public static int Number(ReadOnlySpan<char> digits)
    {
        var value = 0;
        foreach (var c in digits)
        {
            if (!char.IsAsciiDigit(c))
            {
                return -1;
            }

            value = (value * 10) + (c - '0');
        }

        return value;
    }

    private static bool TryParse(ReadOnlySpan<char> text, out Int128 nanos)
    {
        nanos = 0;
        var (year, month, day) = (Number(text[..4]), Number(text[5..7]), Number(text[8..10]));
        var (hour, minute, second) = (Number(text[11..13]), Number(text[14..16]), Number(text[17..19]));
        if (text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' || text[16] != ':'
            || year < 1 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month)
            || hour is < 0 or > 23 || minute is < 0 or > 59 || second is < 0 or > 59)
        {
            return false;
        }

        var at = 19;
        var fraction = 0;
        if (text[at] == '.')
        {
            var start = ++at;
            while (at < text.Length && char.IsAsciiDigit(text[at]))
            {
                at++;
            }

            if (at == start || at - start > FractionDigitsMax)
            {
                return false;
            }

            fraction = Number(text[start..at]) * (int)Math.Pow(10, FractionDigitsMax - (at - start));
        }

        if (Offset(text[at..]) is not { } offset)
        {
            return false;
        }

        var ticks = new DateTime(year, month, day, hour, minute, second, DateTimeKind.Utc).Ticks - DateTime.UnixEpoch.Ticks;
        nanos = ((Int128)((ticks / TimeSpan.TicksPerSecond) - offset) * Timestamp.NanosPerSecond) + fraction;
        return true;
    }

    private static int? Offset(ReadOnlySpan<char> text) =>
        text is "Z" ? 0
        : text.Length == 6 && text[0] is '+' or '-' && text[3] == ':' && Number(text[1..3]) is >= 0 and <= 23 and var hours
            && Number(text[4..]) is >= 0 and <= 59 and var minutes
            ? ((hours * 3_600) + (minutes * 60)) * (text[0] == '-' ? -1 : 1)
            : null;
}
