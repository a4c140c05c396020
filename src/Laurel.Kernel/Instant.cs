using System.Globalization;

namespace Laurel.Kernel;

/// <summary>A point of time in UTC, in microseconds since 1970: what every table stores.</summary>
/// <remarks>Resolution one microsecond; finer input is cut off. Comparable with the ordinary operators.</remarks>
public readonly record struct Instant(long UnixMicroseconds) : IComparable<Instant>
{
    /// <summary>Stands for "never" where a column must sort after every real instant.</summary>
    public static readonly Instant Never = new(long.MaxValue);

    /// <summary>Stands for "once its member has been inactive for long enough", where a column must sort after every real instant and before
    /// <see cref="Never"/>.</summary>
    public static readonly Instant WhenInactive = new(long.MaxValue - 1);

    /// <summary>Earlier than every real instant.</summary>
    public static readonly Instant Earliest = new(long.MinValue);

    public bool IsNever => UnixMicroseconds == long.MaxValue;

    public bool IsWhenInactive => UnixMicroseconds == long.MaxValue - 1;

    public static Instant From(DateTimeOffset time) =>
        new((time.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks) / TimeSpan.TicksPerMicrosecond);

    public static Instant Now(TimeProvider clock) => From(clock.GetUtcNow());

    /// <summary>The same instant as a framework value; <see cref="Never"/>, <see cref="WhenInactive"/> and <see cref="Earliest"/> have none and throw.</summary>
    public DateTimeOffset ToDateTimeOffset() =>
        DateTimeOffset.UnixEpoch.AddTicks(UnixMicroseconds * TimeSpan.TicksPerMicrosecond);

    /// <summary>Null for <see cref="Never"/> and <see cref="WhenInactive"/>, for answers that omit what has no date.</summary>
    public DateTimeOffset? ToNullable() => IsNever || IsWhenInactive ? null : ToDateTimeOffset();

    public Instant Plus(TimeSpan span) => new(UnixMicroseconds + (span.Ticks / TimeSpan.TicksPerMicrosecond));

    public int CompareTo(Instant other) => UnixMicroseconds.CompareTo(other.UnixMicroseconds);

    public static bool operator <(Instant left, Instant right) => left.UnixMicroseconds < right.UnixMicroseconds;

    public static bool operator >(Instant left, Instant right) => left.UnixMicroseconds > right.UnixMicroseconds;

    public static bool operator <=(Instant left, Instant right) => left.UnixMicroseconds <= right.UnixMicroseconds;

    public static bool operator >=(Instant left, Instant right) => left.UnixMicroseconds >= right.UnixMicroseconds;

    public static Instant Min(Instant left, Instant right) => left <= right ? left : right;

    public static Instant Max(Instant left, Instant right) => left >= right ? left : right;

    public override string ToString() => IsNever ? "never"
        : IsWhenInactive ? "when inactive"
        : ToDateTimeOffset().ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", CultureInfo.InvariantCulture);
}
