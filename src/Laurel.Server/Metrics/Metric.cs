using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Laurel.Kernel;

namespace Laurel.Server.Metrics;

internal enum MetricKind
{
    Counter,
    Gauge,
    Histogram,
}

/// <summary>The values of up to three labels. Names are not compared: an instrument always gives the same ones, in one order.</summary>
internal readonly record struct LabelValues(string? First, string? Second, string? Third);

/// <summary>One metric with all its series. Thread-safe.</summary>
internal sealed class Metric
{
    private const int LabelsMax = 3;

    private readonly ConcurrentDictionary<LabelValues, Series> _series = new();
    private readonly double[] _bounds;
    private readonly bool _observed;

    private Metric(string name, MetricKind kind, Instrument instrument, double[] bounds) =>
        (Name, Kind, Help, _bounds, _observed) = (name, kind, instrument.Description ?? name, bounds, instrument.IsObservable);

    public string Name { get; }

    public MetricKind Kind { get; }

    public string Help { get; }

    /// <summary>Upper bounds of a histogram's buckets, without infinity.</summary>
    public IReadOnlyList<double> Bounds => _bounds;

    public IEnumerable<Series> Series => _series.Values.Where(series => series.IsTold).OrderBy(series => series.Labels, StringComparer.Ordinal);

    public static Metric Of(string name, Instrument instrument) => instrument switch
    {
        Histogram<double> histogram => new(name, MetricKind.Histogram, instrument, BoundsOf(histogram.Advice?.HistogramBucketBoundaries)),
        Histogram<int> histogram => new(name, MetricKind.Histogram, instrument, BoundsOf(histogram.Advice?.HistogramBucketBoundaries?.Select(bound => (double)bound))),
        _ => new(name, name.EndsWith("_total", StringComparison.Ordinal) ? MetricKind.Counter : MetricKind.Gauge, instrument, []),
    };

    public void Add(double value, ReadOnlySpan<KeyValuePair<string, object?>> labels)
    {
        Invariant.Require(labels.Length <= LabelsMax, "A metric has three labels at the most.");
        var key = new LabelValues(
            labels.Length > 0 ? ValueOf(labels[0]) : null,
            labels.Length > 1 ? ValueOf(labels[1]) : null,
            labels.Length > 2 ? ValueOf(labels[2]) : null);
        if (!_series.TryGetValue(key, out var series))
        {
            series = _series.GetOrAdd(key, new Series(labels, _bounds));
        }

        series.Add(value);
    }

    /// <summary>Observed values are told anew each time: a source that is gone leaves nothing behind.</summary>
    public void BeginObservation()
    {
        if (_observed)
        {
            foreach (var series in _series.Values)
            {
                series.Reset();
            }
        }
    }

    private static string ValueOf(KeyValuePair<string, object?> label) => label.Value as string ?? Convert.ToString(label.Value, System.Globalization.CultureInfo.InvariantCulture) ?? "";

    private static double[] BoundsOf(IEnumerable<double>? advised)
    {
        Invariant.Require(advised is not null, "A histogram says its bounds.");
        return [.. advised];
    }
}
