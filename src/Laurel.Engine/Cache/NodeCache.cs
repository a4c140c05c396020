using System.Data.Common;
using Laurel.Engine.Nodes;
using Laurel.Engine.Replicas;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Microsoft.Extensions.Logging;

namespace Laurel.Engine.Cache;

/// <summary>What this node remembers of answers: in its memory, and in Redis where there is one. Never asked for a decision.</summary>
/// <remarks>
/// <para>Memory is used only while nobody can commit without this node being told (<see cref="Trust"/>); otherwise every read
/// asks the database, and what is remembered is kept for the time that it does not answer (docs/adr/0033).</para>
/// <para>Thread-safe. A hit takes no lock.</para>
/// </remarks>
public sealed partial class NodeCache : IAsyncDisposable
{
    private readonly CacheOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly MemoryLevel _memory;
    private readonly Trust _trust;
    private readonly CacheMeters _meters;
    private readonly Breaker _breaker;
    private readonly VersionsHeard _versions;
    private readonly RedisLink? _link;
    private readonly RedisLevel? _redis;
    private readonly RedisOutbox? _outbox;
    private NodeWatch? _watch;

    /// <param name="regions">Every region there is: messages of other nodes name them.</param>
    public NodeCache(CacheOptions options, IReadOnlyList<CacheRegion> regions, TimeProvider clock, ILogger<NodeCache> logger)
    {
        (_options, _clock, _logger) = (options, clock, logger);
        _memory = new MemoryLevel(options.Entries, clock);
        _versions = new VersionsHeard(clock);
        _breaker = new Breaker(clock);
        if (options is { Enabled: true, Redis: { } address })
        {
            var self = Guid.CreateVersion7(clock.GetUtcNow()).ToString("N");
            _link = new RedisLink(address, self, regions.ToDictionary(region => region.Name), new Listener(this), clock, logger);
            _redis = new RedisLevel(_link, _breaker, options.RedisPatience, clock);
            _outbox = new RedisOutbox(_link, _redis, clock, logger);
            Counters = new ClusterCounters(_link, options.RedisPatience, clock);
        }

        _trust = new Trust(clock, Regained);
        _meters = new CacheMeters(regions, clock, () => _trust.Holds, _redis is null ? null : () => _redis.IsUp);
    }

    /// <summary>Counters that all nodes share; null where Redis is not set.</summary>
    public ClusterCounters? Counters { get; }

    /// <summary>Whether Redis is set and answers.</summary>
    public bool IsRedisUp => _redis is { IsUp: true };

    /// <summary>Whether Redis is set.</summary>
    public bool HasRedis => _redis is not null;

    /// <summary>Whether answers from memory are given now.</summary>
    public bool UsesMemory => _options.Enabled && _trust.Holds;

    /// <summary>Begins to link to Redis and waits a moment for it; without it the node goes on, and links when it is there.</summary>
    public async Task LinkAsync(TimeSpan patience)
    {
        if (_link is not null)
        {
            CacheLog.Linking(_logger, _options.Redis!.Servers);
            _link.Start();
            _outbox!.Start();
            await Task.WhenAny(_link.FirstUp, Task.Delay(patience, _clock));
        }
    }

    /// <summary>Says in the lease that is about to be taken whether this node tells what it commits.</summary>
    public void Introduce(NodeLease lease) => lease.Tells = _link is { IsLinked: true };

    /// <summary>Takes this node's place among the others, whose number it has just been given.</summary>
    /// <returns>Completes when the others have stopped using what this node is about to change; its lanes write from then on.</returns>
    public async Task<Task> JoinAsync(Database database, NodeLease lease, CancellationToken cancellationToken)
    {
        if (database is SqliteDatabase)
        {
            // The data lock keeps every other writer out.
            _trust.HoldsForGood();
            return Task.CompletedTask;
        }

        _watch = new NodeWatch(database, lease, sighting => _trust.Seen(sighting), _clock, _logger);
        var first = await _watch.StartAsync(cancellationToken);
        return first.Peers == Peers.None || lease.Tells ? Task.CompletedTask : Task.Delay(NodeWatch.SightingHolds * 1.2, _clock, cancellationToken);
    }

    /// <summary>Whether an exception means that no database answers, so that an old answer is better than none.</summary>
    public static bool IsOfTheDatabase(Exception exception) =>
        exception is ReadUnavailableException or DbException or IOException or TimeoutException;

    /// <summary>When this node last heard that an answer may have changed, as a timestamp: a replica that does not show what was
    /// committed before it must not answer (<see cref="ReadDemand.Since"/>).</summary>
    public long NewsOf(CacheRegion region, TenantId tenant, long id) => _memory.NewsOf(new CacheKey(region, tenant, id));

    /// <summary>What memory has under a key, fresh: the way of a hit. False asks for <see cref="FindAsync"/>.</summary>
    /// <param name="value">Null when it is remembered that there is none.</param>
    public bool TryFind<TValue>(CacheRegion<TValue> region, TenantId tenant, long id, ReadDemand demand, out TValue? value)
        where TValue : class
    {
        value = null;
        if (!UsesMemory)
        {
            return false;
        }

        var now = Instant.Now(_clock);
        if (_memory.Find(new CacheKey(region, tenant, id), now) is not { } entry || !_memory.IsFresh(entry, now) || !Shows(entry, demand))
        {
            return false;
        }

        _meters.Of(region).Memory();
        value = (TValue?)entry.Value;
        return true;
    }

    /// <summary>The answer from memory, from Redis or from a database, in this order. Callers who ask for one key at the same time
    /// share one question.</summary>
    /// <param name="load">Asks the source of the question; null is that there is none.</param>
    /// <exception cref="TimeoutException">When the database is slow and there is an old answer (<see cref="FindOldAsync"/>).</exception>
    public async ValueTask<CacheAnswer<TValue>> FindAsync<TValue>(
        CacheRegion<TValue> region,
        TenantId tenant,
        long id,
        CacheQuestion question,
        Func<Task<Loaded<TValue>?>> load)
        where TValue : class
    {
        if (!_options.Enabled)
        {
            return new((await load())?.Value, question.From);
        }

        var key = new CacheKey(region, tenant, id);
        var now = Instant.Now(_clock);
        var known = _memory.Find(key, now);
        if (UsesMemory && known is not null && _memory.IsFresh(known, now) && Suits(known, question))
        {
            _meters.Of(region).Memory();
            return new((TValue?)known.Value, Source: null);
        }

        if (!UsesMemory)
        {
            return new((TValue?)(await InTimeAsync(AskAsync(key, question.From, load), known, question)).Value, question.From);
        }

        var (flight, begun) = _memory.Board(key);
        if (begun)
        {
            _ = FlyAsync(flight, question, load);
        }

        var entry = await InTimeAsync(flight.Landed, known, question);
        if (begun || (Suits(entry, question) && !(entry.FromReplica && entry.ShownUntil < question.Demand.Since)))
        {
            return new((TValue?)entry.Value, flight.Source);
        }

        // Somebody else's question, begun before the caller learned of the version.
        return new((TValue?)(await AskAsync(key, question.From, load)).Value, question.From);
    }

    /// <summary>An old answer for the time that no database answers; null when there is none young enough.</summary>
    public async ValueTask<OldAnswer<TValue>?> FindOldAsync<TValue>(CacheRegion<TValue> region, TenantId tenant, long id)
        where TValue : class
    {
        var key = new CacheKey(region, tenant, id);
        var entry = _options.Enabled ? _memory.Find(key, Instant.Now(_clock)) : null;
        if (entry?.Value is null && _redis is not null)
        {
            entry = await _redis.FindAsync(key, anyGeneration: true, _memory.Epoch);
        }

        if (entry is null || !IsReserve(entry))
        {
            return null;
        }

        _meters.Of(region).Stale();
        return new((TValue)entry.Value!, AgeOf(entry));
    }

    /// <summary>Takes note of a batch that this node has committed, after all that it changed was noted.</summary>
    /// <param name="at">A timestamp from before that.</param>
    public void Wrote(long version, long at) => _versions.Wrote(version, at);

    /// <summary>Takes note of a commit, before its callers are answered: this node reads its own writes at once. Redis and the
    /// other nodes are told soon after.</summary>
    /// <param name="version">The version that was committed.</param>
    /// <param name="next">The new answer, told from the one of the version before; null when it cannot be told from it.</param>
    public void Committed<TValue>(CacheRegion<TValue> region, TenantId tenant, long id, long version, Func<TValue, Loaded<TValue>?>? next)
        where TValue : class
    {
        if (!_options.Enabled)
        {
            return;
        }

        var key = new CacheKey(region, tenant, id);
        CacheEntry? Next(CacheEntry known) => next!((TValue)known.Value!) is { } loaded
            ? EntryOf(key, loaded, _memory.Epoch, Instant.Now(_clock)) with { ShownUntil = _clock.GetTimestamp() }
            : null;
        var entry = _memory.Commit(key, version, next is null ? null : Next);
        _outbox?.Add(key, entry);
    }

    /// <summary>Forgets answers on every node, because they have changed or because somebody asks for it.</summary>
    public void Drop(CacheRegion region, TenantId tenant, long id)
    {
        if (_options.Enabled)
        {
            var key = new CacheKey(region, tenant, id);
            _memory.Drop(key);
            _outbox?.Add(key, null);
        }
    }

    /// <summary>Forgets everything of a tenant on every node.</summary>
    public async Task DropAsync(TenantId tenant)
    {
        _memory.Drop(tenant);
        if (_link is null)
        {
            return;
        }

        try
        {
            await _link.StartOverAsync(tenant);
        }
        catch (Exception exception) when (exception is StackExchange.Redis.RedisException or IOException or TimeoutException)
        {
            // The generation that begins when the link is back counts for all tenants.
            CacheLog.NotTold(_logger, 1, exception);
            _link.CutOff("a tenant could not be started over");
        }
    }

    /// <summary>Takes note that something may have changed in a way that cannot be told: nothing remembered counts any more.</summary>
    public void Forget(Exception exception)
    {
        CacheLog.NotNoted(_logger, exception);
        _memory.Distrust();
        _link?.CutOff("a commit could not be noted");
    }

    public async ValueTask DisposeAsync()
    {
        if (_link is not null)
        {
            // What was committed is told before the link is given up.
            await _outbox!.DisposeAsync();
            await _link.DisposeAsync();
        }

        await (_watch?.DisposeAsync() ?? ValueTask.CompletedTask);
        _meters.Dispose();
    }

    /// <summary>Waits for an answer, and where an old one would do only as long as the database may take.</summary>
    private Task<CacheEntry> InTimeAsync(Task<CacheEntry> asked, CacheEntry? known, CacheQuestion question) =>
        question.VersionMin == 0 && !question.Demand.NamesVersion && known is not null && IsReserve(known)
            ? asked.WaitAsync(_options.Patience, _clock)
            : asked;

    private bool Suits(CacheEntry entry, CacheQuestion question) =>
        (entry.Value is null || entry.Version >= question.VersionMin) && Shows(entry, question.Demand);

    /// <summary>Whether an entry shows the version that a caller names. Of one that Redis had it is not known.</summary>
    private bool Shows(CacheEntry entry, ReadDemand demand) =>
        !demand.PrimaryOnly && (demand.Version is not { } version || entry.ShownUntil >= _versions.SinceOf(version));

    private TimeSpan AgeOf(CacheEntry entry) =>
        TimeSpan.FromMicroseconds(Math.Max(0, Instant.Now(_clock).UnixMicroseconds - entry.ReadAt.UnixMicroseconds));

    /// <summary>Whether an entry may be given while the database does not answer.</summary>
    private bool IsReserve(CacheEntry entry) => entry.Value is not null && _options.StaleMax > TimeSpan.Zero && AgeOf(entry) <= _options.StaleMax;

    /// <summary>One question for all who ask for a key meanwhile.</summary>
    private async Task FlyAsync<TValue>(Flight flight, CacheQuestion question, Func<Task<Loaded<TValue>?>> load)
        where TValue : class
    {
        try
        {
            var usesRedis = _redis is not null && !_outbox!.IsPending(flight.Key);
            if (usesRedis && await FromRedisAsync(flight.Key, question) is { } found)
            {
                _meters.Of(flight.Key.Region).Redis();
                _memory.Land(flight, found);
                flight.Complete(found);
                return;
            }

            // What a replica tells is kept in memory alone: another node may have been told of a commit that this one has not heard of.
            var lease = usesRedis && !question.From.IsReplica ? await _redis!.TakeLeaseAsync(flight.Key) : null;
            flight.Source = question.From;
            var entry = await LoadAsync(flight.Key, question.From, load);
            _meters.Of(flight.Key.Region).Database();
            var stands = _memory.Land(flight, entry);
            flight.Complete(entry);
            if (stands && lease is not null)
            {
                await _redis!.StoreAsync(entry, lease, Instant.Now(_clock));
            }
        }
        catch (Exception exception)
        {
            _memory.Land(flight, null);
            flight.Fail(exception);
        }
    }

    private async Task<CacheEntry?> FromRedisAsync(CacheKey key, CacheQuestion question)
    {
        if (question.Demand.NamesVersion)
        {
            return null;
        }

        var found = await _redis!.FindAsync(key, anyGeneration: false, _memory.Epoch);
        return found is not null && found.Version >= question.VersionMin && found.IsFreshAt(Instant.Now(_clock)) ? Bounded(found) : null;
    }

    /// <summary>Asks a database for this caller alone, and keeps the answer as a reserve.</summary>
    private async Task<CacheEntry> AskAsync<TValue>(CacheKey key, ReadSource from, Func<Task<Loaded<TValue>?>> load)
        where TValue : class
    {
        var entry = await LoadAsync(key, from, load);
        if (!UsesMemory)
        {
            _memory.Store(entry);
        }

        return entry;
    }

    private async ValueTask<CacheEntry> LoadAsync<TValue>(CacheKey key, ReadSource from, Func<Task<Loaded<TValue>?>> load)
        where TValue : class
    {
        // What it is trusted for, what it shows, and its age, count from before the question.
        var (epoch, readAt, askedAt) = (_memory.Epoch, Instant.Now(_clock), _clock.GetTimestamp());
        return EntryOf(key, await load(), epoch, readAt) with { ShownUntil = Math.Min(askedAt, from.ShownUntil), FromReplica = from.IsReplica };
    }

    private CacheEntry EntryOf<TValue>(CacheKey key, Loaded<TValue>? loaded, int epoch, Instant readAt)
        where TValue : class
    {
        var validUntil = loaded?.ValidUntil ?? Instant.Never;
        return new CacheEntry
        {
            Key = key,
            Value = loaded?.Value,
            Version = loaded?.Version ?? 0,
            ReadAt = readAt,
            ValidUntil = validUntil,
            FreshUntil = FreshUntil(key, loaded is not null, validUntil),
            Epoch = epoch,
        };
    }

    private CacheEntry Bounded(CacheEntry entry) => entry with { FreshUntil = FreshUntil(entry.Key, entry.Value is not null, entry.ValidUntil) };

    private Instant FreshUntil(CacheKey key, bool exists, Instant validUntil) =>
        Instant.Min(validUntil, Instant.Now(_clock).Plus(_options.LifetimeOf(key, exists)));

    /// <summary>Memory may be used again after a time in which it may not: others may have written meanwhile.</summary>
    private void Regained()
    {
        _memory.Distrust();
        _link?.BeginAnew();
    }
}
