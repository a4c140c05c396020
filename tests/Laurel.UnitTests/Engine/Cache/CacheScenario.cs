using System.Text;
using Laurel.Engine.Cache;
using Laurel.Engine.Replicas;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.UnitTests.Platform.Access;
using Microsoft.Extensions.Logging.Abstractions;

namespace Laurel.UnitTests.Engine.Cache;

/// <summary>A cache of one node that is alone, with a clock of ours and a store that counts how often it is asked.</summary>
internal sealed class CacheScenario : IAsyncDisposable
{
    public static readonly TenantId Tenant = new(1);

    private int _asked;

    private CacheScenario(CacheOptions options) => Cache = new NodeCache(options, [Texts], Clock, NullLogger<NodeCache>.Instance);

    public ManualClock Clock { get; } = new();

    public NodeCache Cache { get; }

    public CacheRegion<string> Texts { get; } = new(
        "texts", "text:{id}", TimeSpan.FromHours(1), Encoding.UTF8.GetBytes, bytes => Encoding.UTF8.GetString(bytes.Span));

    public ReadSource Primary { get; } = ReadSource.Primary(new SqliteDatabase("never-asked", readOnly: true));

    public int Asked => Volatile.Read(ref _asked);

    public static async Task<CacheScenario> AloneAsync(CacheOptions? options = null)
    {
        var scenario = new CacheScenario(options ?? new CacheOptions());
        var database = new SqliteDatabase("never-opened", readOnly: true);
        await await scenario.Cache.JoinAsync(database, null!, CancellationToken.None);
        return scenario;
    }

    public static CacheScenario NotJoined(CacheOptions? options = null) => new(options ?? new CacheOptions());

    /// <summary>Asks for a text that the store answers as said.</summary>
    public async Task<string?> FindAsync(long id, string? stored, long version = 1, Instant? validUntil = null, long versionMin = 0) =>
        (await AskAsync(id, () => Task.FromResult(stored is null ? null : new Loaded<string>(stored, version, validUntil ?? Instant.Never)), versionMin)).Value;

    /// <summary>Asks the cache, and for an old answer where the store does not answer and any version would do.</summary>
    public async Task<(string? Value, TimeSpan? StaleFor)> AskAsync(long id, Func<Task<Loaded<string>?>> load, long versionMin = 0)
    {
        try
        {
            return ((await AskAsync(id, new CacheQuestion(Primary, default, versionMin), load)).Value, null);
        }
        catch (Exception exception) when (NodeCache.IsOfTheDatabase(exception) && versionMin == 0)
        {
            if (await Cache.FindOldAsync(Texts, Tenant, id) is { } old)
            {
                return (old.Value, old.Age);
            }

            throw;
        }
    }

    public ValueTask<CacheAnswer<string>> AskAsync(long id, CacheQuestion question, Func<Task<Loaded<string>?>> load) =>
        Cache.FindAsync(Texts, Tenant, id, question, () =>
        {
            Interlocked.Increment(ref _asked);
            return load();
        });

    /// <summary>The text, asked for by a caller who names a version, from a store that answers as said.</summary>
    public async Task<string?> FindAsync(long id, string stored, ReadSource from, ReadDemand demand = default) =>
        (await AskAsync(id, new CacheQuestion(from, demand), () => Task.FromResult<Loaded<string>?>(new(stored, 1, Instant.Never)))).Value;

    /// <summary>A replica that shows what was committed until a timestamp.</summary>
    public ReadSource Replica(long shownUntil) => Primary with { IsReplica = true, ShownUntil = shownUntil };

    public ValueTask DisposeAsync() => Cache.DisposeAsync();
}
