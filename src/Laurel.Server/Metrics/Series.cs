using System.Globalization;
using System.Text;

namespace Laurel.Server.Metrics;

/// <summary>The running figures of one metric under one set of labels. Thread-safe.</summary>
internal sealed class Series
{
    private readonly double[] _bounds;
    private readonly long[] _buckets;
    private double _value;
    private bool _told;

    public Series(ReadOnlySpan<KeyValuePair<string, object?>> labels, double[] bounds)
    {
        Labels = TextOf(labels);
        (_bounds, _buckets) = (bounds, new long[bounds.Length == 0 ? 0 : bounds.Length + 1]);
    }

    /// <summary>As they are written, <c>a="b",c="d"</c>; empty for none.</summary>
    public string Labels { get; }

    /// <summary>Whether there is a value to tell.</summary>
    public bool IsTold => Volatile.Read(ref _told);

    /// <summary>Of a counter or gauge its value, of a histogram the sum of what it saw.</summary>
    public double Value => Volatile.Read(ref _value);

    /// <summary>How many measurements fell into each bucket of a histogram, the last one without bound.</summary>
    public long[] Buckets() => [.. _buckets];

    public void Add(double value)
    {
        Volatile.Write(ref _told, true);
        if (_buckets.Length > 0)
        {
            Interlocked.Increment(ref _buckets[BucketOf(value)]);
        }

        double before;
        do
        {
            before = Volatile.Read(ref _value);
        }
        while (Interlocked.CompareExchange(ref _value, before + value, before) != before);
    }

    public void Reset()
    {
        Volatile.Write(ref _told, false);
        Volatile.Write(ref _value, 0);
    }

    /// <summary>The first bucket whose upper bound holds the value, for <c>le</c> means at most.</summary>
    private int BucketOf(double value)
    {
        var bucket = 0;
        while (bucket < _bounds.Length && value > _bounds[bucket])
        {
            bucket++;
        }

        return bucket;
    }

    private static string TextOf(ReadOnlySpan<KeyValuePair<string, object?>> labels)
    {
        var text = new StringBuilder();
        foreach (var (name, value) in labels)
        {
            text.Append(text.Length == 0 ? "" : ",").Append(name.Replace('.', '_')).Append("=\"");
            foreach (var character in Convert.ToString(value, CultureInfo.InvariantCulture) ?? "")
            {
                _ = character switch
                {
                    '\\' => text.Append(@"\\"),
                    '"' => text.Append("\\\""),
                    '\n' => text.Append(@"\n"),
                    _ => text.Append(character),
                };
            }

            text.Append('"');
        }

        return text.ToString();
    }
}
