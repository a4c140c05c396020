using System.Globalization;

namespace Laurel.Expressions;

/// <summary>A signed length of time in nanoseconds, up to 292 years: CEL's <c>google.protobuf.Duration</c>.</summary>
/// <param name="Nanos">Whole nanoseconds.</param>
public readonly record struct Duration(long Nanos) : IComparable<Duration>
{
    private const int NanosPerTick = 100;

    /// <summary>A span that is longer than 292 years counts as 292 years.</summary>
    public static Duration From(TimeSpan span) =>
        new(Math.Clamp(span.Ticks, long.MinValue / NanosPerTick, long.MaxValue / NanosPerTick) * NanosPerTick);

    /// <summary>As a framework value; what is finer than 100 ns is cut off.</summary>
    public TimeSpan ToTimeSpan() => new(Nanos / NanosPerTick);

    public int CompareTo(Duration other) => Nanos.CompareTo(other.Nanos);

    public static bool operator <(Duration left, Duration right) => left.Nanos < right.Nanos;

    public static bool operator >(Duration left, Duration right) => left.Nanos > right.Nanos;

    public static bool operator <=(Duration left, Duration right) => left.Nanos <= right.Nanos;

    public static bool operator >=(Duration left, Duration right) => left.Nanos >= right.Nanos;

    /// <summary>Seconds with as many digits as it needs: <c>-1.5s</c>.</summary>
    public override string ToString()
    {
        var (seconds, nanos) = Int128.DivRem(Int128.Abs(Nanos), Timestamp.NanosPerSecond);
        return string.Create(CultureInfo.InvariantCulture, $"{(Nanos < 0 ? "-" : "")}{(long)seconds}{Fraction((int)nanos)}s");
    }

    internal static string Fraction(int nanos) =>
        nanos == 0 ? "" : "." + nanos.ToString("000000000", CultureInfo.InvariantCulture).TrimEnd('0');
}
