using Laurel.Kernel;

namespace Laurel.Platform.Http;

/// <summary>Reads times as RFC 3339 §5.6 writes them: full date, full time and an offset, nothing left out.</summary>
/// <remarks>Finer than a microsecond is cut off. A leap second (<c>:60</c>) is not a moment of our scale and is
/// refused.</remarks>
public static class Rfc3339
{
    /// <summary>Earlier times are refused, so that calendars in every zone can still reckon with what they are
    /// given.</summary>
    public static readonly Instant Earliest = Instant.From(new DateTimeOffset(1900, 1, 1, 0, 0, 0, TimeSpan.Zero));

    /// <summary>Later times are refused; "never" is an absent field, not a far year.</summary>
    public static readonly Instant Latest = Instant.From(new DateTimeOffset(2999, 12, 31, 23, 59, 59, TimeSpan.Zero));

    private const int DateAndTimeLength = 19;
    private const int FractionDigitsMax = 18;

    /// <summary>False when the text has another form or names no real time. The range is not judged here, except that
    /// the year is 1 to 9999.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out Instant time)
    {
        time = default;
        if (text.Length < DateAndTimeLength + 1
            || text[4] != '-' || text[7] != '-' || (text[10] | 0x20) != 't' || text[13] != ':' || text[16] != ':'
            || !TryDigits(text[..4], out var year) || !TryDigits(text[5..7], out var month)
            || !TryDigits(text[8..10], out var day) || !TryDigits(text[11..13], out var hour)
            || !TryDigits(text[14..16], out var minute) || !TryDigits(text[17..19], out var second))
        {
            return false;
        }

        if (year < 1 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month)
            || hour > 23 || minute > 59 || second > 59)
        {
            return false;
        }

        var rest = text[DateAndTimeLength..];
        if (!TryFraction(ref rest, out var microseconds) || !TryOffset(rest, out var offsetMinutes))
        {
            return false;
        }

        var local = new DateTime(year, month, day, hour, minute, second, DateTimeKind.Utc);
        var seconds = ((local.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerSecond) - (offsetMinutes * 60L);
        time = new Instant((seconds * 1_000_000) + microseconds);
        return true;
    }

    private static bool TryFraction(ref ReadOnlySpan<byte> rest, out int microseconds)
    {
        microseconds = 0;
        if (rest[0] != '.')
        {
            return true;
        }

        var digits = 0;
        for (rest = rest[1..]; digits < rest.Length && rest[digits] is >= (byte)'0' and <= (byte)'9'; digits++)
        {
            if (digits < 6)
            {
                microseconds = (microseconds * 10) + (rest[digits] - '0');
            }
        }

        for (var missing = digits; missing < 6; missing++)
        {
            microseconds *= 10;
        }

        rest = rest[digits..];
        return digits is >= 1 and <= FractionDigitsMax;
    }

    private static bool TryOffset(ReadOnlySpan<byte> rest, out int minutes)
    {
        minutes = 0;
        if (rest.Length == 1)
        {
            return (rest[0] | 0x20) == 'z';
        }

        if (rest.Length != 6 || rest[0] is not ((byte)'+' or (byte)'-') || rest[3] != ':'
            || !TryDigits(rest[1..3], out var hour) || !TryDigits(rest[4..6], out var minute)
            || hour > 23 || minute > 59)
        {
            return false;
        }

        minutes = rest[0] == '-' ? -((hour * 60) + minute) : (hour * 60) + minute;
        return true;
    }

    private static bool TryDigits(ReadOnlySpan<byte> text, out int value)
    {
        value = 0;
        foreach (var digit in text)
        {
            if (digit is < (byte)'0' or > (byte)'9')
            {
                return false;
            }

            value = (value * 10) + (digit - '0');
        }

        return true;
    }
}
