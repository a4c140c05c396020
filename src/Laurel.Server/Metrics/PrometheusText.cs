using System.Globalization;
using System.Text;

namespace Laurel.Server.Metrics;

/// <summary>Writes metrics in Prometheus' text format, version 0.0.4
/// (https://prometheus.io/docs/instrumenting/exposition_formats/).</summary>
internal static class PrometheusText
{
    public const string MediaType = "text/plain; version=0.0.4; charset=utf-8";

    public static string Write(IReadOnlyList<Metric> metrics)
    {
        var text = new StringBuilder();
        foreach (var metric in metrics)
        {
            Append(text, metric);
        }

        return text.ToString();
    }

    private static void Append(StringBuilder text, Metric metric)
    {
        text.Append("# HELP ").Append(metric.Name).Append(' ').Append(metric.Help.Replace(@"\", @"\\").Replace("\n", @"\n")).Append('\n');
        text.Append("# TYPE ").Append(metric.Name).Append(' ').Append(NameOf(metric.Kind)).Append('\n');
        foreach (var series in metric.Series)
        {
            if (metric.Kind == MetricKind.Histogram)
            {
                AppendHistogram(text, metric, series);
            }
            else
            {
                AppendSample(text, metric.Name, series.Labels, series.Value);
            }
        }
    }

    private static void AppendHistogram(StringBuilder text, Metric metric, Series series)
    {
        // The count is the last bucket's, so that the two agree while others go on measuring.
        var count = 0L;
        var buckets = series.Buckets();
        for (var i = 0; i < buckets.Length; i++)
        {
            count += buckets[i];
            var bound = i < metric.Bounds.Count ? Number(metric.Bounds[i]) : "+Inf";
            var labels = series.Labels.Length == 0 ? $"le=\"{bound}\"" : $"{series.Labels},le=\"{bound}\"";
            AppendSample(text, metric.Name + "_bucket", labels, count);
        }

        AppendSample(text, metric.Name + "_sum", series.Labels, series.Value);
        AppendSample(text, metric.Name + "_count", series.Labels, count);
    }

    private static void AppendSample(StringBuilder text, string name, string labels, double value)
    {
        text.Append(name);
        if (labels.Length > 0)
        {
            text.Append('{').Append(labels).Append('}');
        }

        text.Append(' ').Append(Number(value)).Append('\n');
    }

    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    private static string NameOf(MetricKind kind) => kind switch
    {
        MetricKind.Counter => "counter",
        MetricKind.Gauge => "gauge",
        MetricKind.Histogram => "histogram",
    };
}
