using System.Diagnostics.Metrics;
using Laurel.Engine.Telemetry;

namespace Laurel.Engine.Cache;

/// <summary>Counts where answers came from. A hit costs two increments.</summary>
internal sealed class CacheMeters : IDisposable
{
    private static readonly string[] s_sources = ["memory", "redis", "database", "stale"];

    private readonly Meter _meter = new(LaurelTelemetry.Name);
    private readonly Dictionary<CacheRegion, RegionMeter> _regions;

    /// <param name="usesMemory">Whether answers from memory are given.</param>
    /// <param name="redisUp">Whether Redis is used; null where there is none.</param>
    public CacheMeters(IReadOnlyList<CacheRegion> regions, TimeProvider clock, Func<bool> usesMemory, Func<bool>? redisUp)
    {
        _regions = regions.ToDictionary(region => region, region => new RegionMeter(region.Name, clock));
        _meter.CreateObservableCounter("member_cache_answers_total", Answers, "{answer}", "Answers through the cache, by where they came from.");
        _meter.CreateObservableGauge(
            "member_cache_memory_used",
            () => usesMemory() ? 1 : 0,
            "1",
            "1 while answers are given from this node's memory, 0 while it may not be used.");
        if (redisUp is not null)
        {
            _meter.CreateObservableGauge("member_cache_redis_up", () => redisUp() ? 1 : 0, "1", "1 while Redis is used, 0 while its circuit is open.");
        }
    }

    public RegionMeter Of(CacheRegion region) => _regions[region];

    public void Dispose()
    {
        _meter.Dispose();
        foreach (var region in _regions.Values)
        {
            region.Dispose();
        }
    }

    private Measurement<long>[] Answers() =>
    [
        .. from region in _regions.Values
           from source in Enumerable.Range(0, s_sources.Length)
           select new Measurement<long>(region.Count(source), new("cache", region.Name), new("source", s_sources[source])),
    ];

    /// <summary>The counts of one region.</summary>
    internal sealed class RegionMeter(string name, TimeProvider clock) : IDisposable
    {
        private readonly CacheFigures _figures = new(name, clock);
        private readonly long[] _counts = new long[s_sources.Length];

        public string Name { get; } = name;

        public void Memory()
        {
            Interlocked.Increment(ref _counts[0]);
            _figures.Hit();
        }

        public void Redis()
        {
            Interlocked.Increment(ref _counts[1]);
            _figures.Hit();
        }

        /// <summary>Counted only where a cache might have answered, so that the ratio says something of the cache.</summary>
        public void Database()
        {
            Interlocked.Increment(ref _counts[2]);
            _figures.Miss();
        }

        public void Stale() => Interlocked.Increment(ref _counts[3]);

        public long Count(int source) => Interlocked.Read(ref _counts[source]);

        public void Dispose() => _figures.Dispose();
    }
}
