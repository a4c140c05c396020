using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Laurel.Engine.Telemetry;

namespace Laurel.Server.Jobs;

/// <summary>What the jobs tell of themselves.</summary>
internal sealed class JobFigures : IDisposable
{
    private readonly Meter _meter = new(LaurelTelemetry.Name);
    private readonly ConcurrentDictionary<string, DateTimeOffset> _succeededAt = new();
    private readonly Histogram<double> _seconds;
    private readonly Counter<long> _failures;
    private readonly TimeProvider _clock;

    /// <param name="names">Told from the start on: an alert on their age must know them before they ran.</param>
    public JobFigures(IEnumerable<string> names, TimeProvider clock)
    {
        _clock = clock;
        _seconds = _meter.CreateHistogram("member_job_seconds", "s", "Time that a run of a job took.", tags: null, s_minutes);
        _failures = _meter.CreateCounter<long>("member_job_failures_total", "{run}", "Runs of a job that failed.");
        foreach (var name in names)
        {
            _succeededAt[name] = clock.GetUtcNow();
            _failures.Add(0, LabelOf(name));
        }

        _meter.CreateObservableGauge(
            "member_job_last_success_timestamp_seconds", LastSuccesses, "s", "When a job last succeeded on this node; the start of the node before that.");
        _meter.CreateObservableGauge("member_job_leader", () => Leads ? 1 : 0, "1", "1 on the node that runs the jobs of the cluster.");
    }

    private static readonly InstrumentAdvice<double> s_minutes = new() { HistogramBucketBoundaries = [0.01, 0.1, 1, 10, 60, 600, 3_600] };

    /// <summary>Whether this node has the lease.</summary>
    public bool Leads { get; set; }

    public void Succeeded(string job, TimeSpan elapsed)
    {
        _succeededAt[job] = _clock.GetUtcNow();
        _seconds.Record(elapsed.TotalSeconds, LabelOf(job));
    }

    public void Failed(string job, TimeSpan elapsed)
    {
        _failures.Add(1, LabelOf(job));
        _seconds.Record(elapsed.TotalSeconds, LabelOf(job));
    }

    public void Dispose() => _meter.Dispose();

    private IEnumerable<Measurement<double>> LastSuccesses() =>
        _succeededAt.Select(job => new Measurement<double>(job.Value.ToUnixTimeMilliseconds() / 1_000d, LabelOf(job.Key)));

    private static KeyValuePair<string, object?> LabelOf(string job) => new("job_name", job);
}
