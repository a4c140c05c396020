using System.Globalization;
using Laurel.Kernel;

namespace Laurel.Platform.Limits;

/// <summary>So many calls in a time: in any stretch of that length, or in a calendar day.</summary>
/// <remarks>A stretch slides in twelfths. A call counts until the twelfth in which it was made lies a whole stretch back, so no stretch ever has more
/// calls than allowed, and a call is forgotten at most a twelfth of the stretch late (docs/adr/0086).</remarks>
public sealed record RateQuota
{
    public const int CallsMax = 1_000_000;

    /// <summary>Parts that a stretch slides in.</summary>
    private const int Parts = 12;

    private static readonly TimeSpan s_stretchMin = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan s_stretchMax = TimeSpan.FromDays(31);

    private RateQuota(int calls, TimeSpan stretch, TimeZoneInfo? dayOf) => (Calls, Stretch, DayOf) = (calls, stretch, dayOf);

    /// <summary>Calls that are let through at the most.</summary>
    public int Calls { get; }

    /// <summary>The length of time they are counted in.</summary>
    public TimeSpan Stretch { get; }

    /// <summary>Whose calendar days they are counted in; null where the stretch slides.</summary>
    public TimeZoneInfo? DayOf { get; }

    /// <summary>Buckets whose calls count, the present one among them.</summary>
    internal int BucketCount => DayOf is null ? Parts + 1 : 1;

    private long BucketMicroseconds => (long)Stretch.TotalMicroseconds / Parts;

    /// <summary>So many in any stretch of a length, from a second to 31 days.</summary>
    public static RateQuota In(int calls, TimeSpan stretch)
    {
        Invariant.Require(calls is > 0 and <= CallsMax && stretch >= s_stretchMin && stretch <= s_stretchMax, "A quota is within its bounds.");
        return new RateQuota(calls, stretch, null);
    }

    /// <summary>So many in a calendar day.</summary>
    public static RateQuota ADay(int calls, TimeZoneInfo zone)
    {
        Invariant.Require(calls is > 0 and <= CallsMax, "A quota is within its bounds.");
        return new RateQuota(calls, TimeSpan.FromDays(1), zone);
    }

    /// <summary>Reads <c>5/15m</c>, <c>100/30s</c>, <c>3/h</c> or <c>1/day</c>; null when the text is nothing of the kind.</summary>
    /// <param name="zone">Whose days <c>day</c> means.</param>
    public static RateQuota? Parse(string text, TimeZoneInfo zone)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0 || !TryReadCount(text[..slash], CallsMax, out var calls))
        {
            return null;
        }

        var length = text[(slash + 1)..];
        if (length == "day")
        {
            return ADay(calls, zone);
        }

        TimeSpan? unit = length.Length == 0 ? null : length[^1] switch
        {
            's' => TimeSpan.FromSeconds(1),
            'm' => TimeSpan.FromMinutes(1),
            'h' => TimeSpan.FromHours(1),
            'd' => TimeSpan.FromDays(1),
            _ => null,
        };
        var count = 1;
        return unit is { } one && (length.Length == 1 || TryReadCount(length[..^1], (int)s_stretchMax.TotalSeconds, out count)) && one * count <= s_stretchMax
            ? In(calls, one * count)
            : null;
    }

    /// <summary>The bucket that a call of this time is counted in.</summary>
    internal long BucketOf(Instant time) => DayOf is { } zone
        ? DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(time.ToDateTimeOffset(), zone).DateTime).DayNumber
        : time.UnixMicroseconds / BucketMicroseconds;

    /// <summary>When the calls of a bucket count no more.</summary>
    internal Instant EndOf(long bucket)
    {
        if (DayOf is not { } zone)
        {
            return new Instant((bucket + BucketCount) * BucketMicroseconds);
        }

        var midnight = DateOnly.FromDayNumber((int)bucket + 1).ToDateTime(TimeOnly.MinValue);
        // Where a change of the clocks skips midnight, it is midnight by the offset of before.
        return Instant.From(new DateTimeOffset(midnight, zone.GetUtcOffset(zone.IsInvalidTime(midnight) ? midnight.AddHours(-1) : midnight)));
    }

    private static bool TryReadCount(string text, int max, out int count) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out count) && count > 0 && count <= max;
}
