using System.Numerics;

namespace Laurel.Bench.Load;

/// <summary>Counts durations in log-linear buckets: 128 to each power of two, so a percentile errs by under 1
/// %.</summary>
/// <remarks>Records in a few instructions and never allocates. Holds 0 ns to about 18 minutes; longer ones count as
/// that. Not thread-safe.</remarks>
internal sealed class Histogram
{
    private const int LinearBits = 7;
    private const int Linear = 1 << LinearBits;
    private const long NanosecondsMax = (1L << 40) - 1;

    private readonly long[] _counts = new long[IndexOf(NanosecondsMax) + 1];

    public long Count { get; private set; }

    /// <summary>The longest duration recorded, exactly; 0 when there is none.</summary>
    public long MaxNanoseconds { get; private set; }

    public void Record(long nanoseconds)
    {
        var value = Math.Clamp(nanoseconds, 0, NanosecondsMax);
        _counts[IndexOf(value)]++;
        Count++;
        if (value > MaxNanoseconds)
        {
            MaxNanoseconds = value;
        }
    }

    /// <summary>The least duration that at least <paramref name="percent"/> of the records do not exceed.</summary>
    /// <param name="percent">0 to 100.</param>
    /// <returns>Milliseconds, the middle of the bucket and never above the maximum; 0 when nothing was
    /// recorded.</returns>
    public double PercentileMilliseconds(double percent)
    {
        var wanted = Math.Max(1, (long)Math.Ceiling(Count * percent / 100));
        long seen = 0;
        for (var index = 0; index < _counts.Length; index++)
        {
            seen += _counts[index];
            if (seen >= wanted)
            {
                return Math.Min(MiddleOf(index), MaxNanoseconds) / 1e6;
            }
        }

        return 0;
    }

    public Percentiles ToPercentiles() => new(
        PercentileMilliseconds(50),
        PercentileMilliseconds(90),
        PercentileMilliseconds(99),
        PercentileMilliseconds(99.9),
        MaxNanoseconds / 1e6);

    // Below 256 every value has its own bucket; above, the top eight bits name it and the shift counts the rows of 128.
    private static int IndexOf(long value)
    {
        var shift = Math.Max(0, BitOperations.Log2((ulong)value) - LinearBits);
        return (shift << LinearBits) + (int)(value >> shift);
    }

    private static long MiddleOf(int index)
    {
        var shift = Math.Max(0, (index >> LinearBits) - 1);
        var low = (long)(index - (shift << LinearBits)) << shift;
        return low + (shift == 0 ? 0 : 1L << (shift - 1));
    }
}
