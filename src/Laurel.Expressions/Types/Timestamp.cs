using System.Globalization;

namespace Laurel.Expressions;

/// <summary>A point of time in UTC, years 1 to 9999, in nanoseconds: CEL's <c>google.protobuf.Timestamp</c>.</summary>
/// <param name="Seconds">Since 1970, rounded down.</param>
/// <param name="Nanos">0 to 999,999,999 after that second.</param>
public readonly record struct Timestamp(long Seconds, int Nanos) : IComparable<Timestamp>
{
    internal const long SecondsMin = -62_135_596_800;
    internal const long SecondsMax = 253_402_300_799;
    internal const int NanosPerSecond = 1_000_000_000;
    internal const int NanosPerTick = 100;

    public static Timestamp From(DateTimeOffset time)
    {
        // From year 1 nothing is negative, and dividing by a constant is a multiplication.
        var (seconds, rest) = Math.DivRem((ulong)time.UtcTicks, (ulong)TimeSpan.TicksPerSecond);
        return new Timestamp((long)seconds + SecondsMin, (int)rest * NanosPerTick);
    }

    /// <summary>As a framework value; what is finer than 100 ns is cut off.</summary>
    public DateTimeOffset ToDateTimeOffset() =>
        DateTimeOffset.UnixEpoch.AddTicks((Seconds * TimeSpan.TicksPerSecond) + (Nanos / NanosPerTick));

    public int CompareTo(Timestamp other) =>
        Seconds == other.Seconds ? Nanos.CompareTo(other.Nanos) : Seconds.CompareTo(other.Seconds);

    public static bool operator <(Timestamp left, Timestamp right) =>
        left.Seconds < right.Seconds || (left.Seconds == right.Seconds && left.Nanos < right.Nanos);

    public static bool operator >(Timestamp left, Timestamp right) => right < left;

    public static bool operator <=(Timestamp left, Timestamp right) => !(right < left);

    public static bool operator >=(Timestamp left, Timestamp right) => !(left < right);

    /// <summary>RFC 3339 in UTC with as many digits as it needs.</summary>
    public override string ToString() =>
        ToDateTimeOffset().ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture) + Duration.Fraction(Nanos) + "Z";
}
