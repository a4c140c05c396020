using System.Diagnostics.Metrics;

namespace Laurel.Engine.Telemetry;

/// <summary>Counts how often a cache had what it was asked for. Thread-safe; a look-up costs one increment.</summary>
/// <remarks>The ratio is that of the last one to two minutes, and is told only after <see cref="LookupsMin"/> look-ups in
/// that time: of fewer it says nothing, and an alert on it would wake people for an idle server.</remarks>
public sealed class CacheFigures : IDisposable
{
    public const int LookupsMin = 100;

    private static readonly TimeSpan s_window = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly TimeProvider _clock;
    private readonly Meter _meter = new(LaurelTelemetry.Name);
    private Counts _before;
    private Counts _between;
    private long _betweenAt;
    private long _hits;
    private long _misses;

    private readonly record struct Counts(long Hits, long Misses);

    /// <param name="cache">A name out of a fixed list: it becomes a label.</param>
    public CacheFigures(string cache, TimeProvider clock)
    {
        (_clock, _betweenAt) = (clock, clock.GetTimestamp());
        var label = new KeyValuePair<string, object?>("cache", cache);
        Measurement<long>[] Requests() =>
        [
            new(Interlocked.Read(ref _hits), label, new("result", "hit")),
            new(Interlocked.Read(ref _misses), label, new("result", "miss")),
        ];
        Measurement<double>[] Ratio() => HitRatio() is { } ratio ? [new(ratio, label)] : [];
        _meter.CreateObservableCounter("member_cache_requests_total", Requests, "{lookup}", "Look-ups in a cache, by result.");
        _meter.CreateObservableGauge("member_cache_hit_ratio", Ratio, "1", "Share of look-ups that a cache answered, of the last one to two minutes.");
    }

    public void Hit() => Interlocked.Increment(ref _hits);

    public void Miss() => Interlocked.Increment(ref _misses);

    /// <summary>From 0 to 1; null after too few look-ups.</summary>
    public double? HitRatio()
    {
        lock (_lock)
        {
            var now = new Counts(Interlocked.Read(ref _hits), Interlocked.Read(ref _misses));
            if (_clock.GetElapsedTime(_betweenAt) >= s_window)
            {
                (_before, _between, _betweenAt) = (_between, now, _clock.GetTimestamp());
            }

            var (hits, misses) = (now.Hits - _before.Hits, now.Misses - _before.Misses);
            return hits + misses < LookupsMin ? null : (double)hits / (hits + misses);
        }
    }

    public void Dispose() => _meter.Dispose();
}
