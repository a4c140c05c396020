namespace Laurel.Engine.Cache;

/// <summary>The limits of the cache. See <c>docs/operate/cache.md</c>.</summary>
public sealed record CacheOptions
{
    public const int EntriesMin = 16;

    public const int EntriesMax = 10_000_000;

    // A share of the lifetime by which entries differ, so that what was read together does not expire together.
    private const int JitterPercentMax = 10;

    /// <summary>Whether anything is remembered.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>Answers in memory at the most, <see cref="EntriesMin"/> to <see cref="EntriesMax"/>.</summary>
    public int Entries { get; init; } = 10_000;

    /// <summary>How long an answer is kept in memory at the most.</summary>
    public TimeSpan MemoryLifetime { get; init; } = TimeSpan.FromSeconds(300);

    /// <summary>How long it is remembered that there is no such thing.</summary>
    public TimeSpan AbsentLifetime { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How old an answer may be that is given while the database does not answer; zero gives none.</summary>
    public TimeSpan StaleMax { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How long the database may take before an old answer is given instead.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Null works without Redis.</summary>
    public RedisAddress? Redis { get; init; }

    /// <summary>How long a reading call to Redis may take; past it the database is asked.</summary>
    public TimeSpan RedisPatience { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>How long memory keeps an answer. The key chooses the share of the jitter, so that no random number is needed.</summary>
    internal TimeSpan LifetimeOf(CacheKey key, bool exists)
    {
        var shorter = MemoryLifetime < key.Region.Lifetime ? MemoryLifetime : key.Region.Lifetime;
        var percent = 100 - (int)(key.Spread() % (JitterPercentMax + 1));
        return (exists ? shorter : AbsentLifetime) * percent / 100;
    }
}
