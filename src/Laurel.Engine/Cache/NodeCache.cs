using System.Data.Common;
using Laurel.Engine.Nodes;
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
public sealed class NodeCache : IAsyncDisposable
{
    private readonly CacheOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly MemoryLevel _memory;
    private readonly Trust _trust;
    private readonly CacheMeters _meters;
    private readonly Breaker _breaker;
    private readonly RedisLink? _link;
    private readonly RedisLevel? _redis;
    private readonly RedisOutbox? _outbox;
    private NodeWatch? _watch;

    /// <param name="regions">Every region there is: messages of other nodes name them.</param>
    public NodeCache(CacheOptions options, IReadOnlyList<CacheRegion> regions, TimeProvider clock, ILogger<NodeCache> logger)
    {
        (_options, _clock, _logger) = (options, clock, logger);
        _memory = new MemoryLevel(options.Entries);
        _breaker = new Breaker(clock);
        if (options is { Enabled: true, Redis: { } address })
        {
            var self = Guid.CreateVersion7(clock.GetUtcNow()).ToString("N");
            _link = new RedisLink(address, self, regions.ToDictionary(region => region.Name), new Listener(this), clock, logger);
            _redis = new RedisLevel(_link, _breaker, options.RedisPatience, clock);
            _outbox = new RedisOutbox(_link, _redis, clock, logger);
        }

        _trust = new Trust(clock, Regained);
        _meters = new CacheMeters(regions, clock, () => _trust.Holds, _redis is null ? null : () => _redis.IsUp);
    }

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

    /// <summary>What memory has under a key, fresh: the way of a hit. False asks for <see cref="FindAsync"/>.</summary>
    /// <param name="value">Null when it is remembered that there is none.</param>
    public bool TryFind<TValue>(CacheRegion<TValue> region, TenantId tenant, long id, out TValue? value)
        where TValue : class
    {
        value = null;
        if (!UsesMemory)
        {
            return false;
        }

        var now = Instant.Now(_clock);
        if (_memory.Find(new CacheKey(region, tenant, id), now) is not { } entry || !_memory.IsFresh(entry, now))
        {
            return false;
        }

        _meters.Of(region).Memory();
        value = (TValue?)entry.Value;
        return true;
    }

    /// <summary>The answer from memory, from Redis or from the database, in this order. Callers who ask for one key at the same
    /// time share one question; while the database does not answer, an old answer is given, marked as such.</summary>
    /// <param name="versionMin">An answer of an older version is of no use to the caller, not even while the database does not
    /// answer; 0 takes any.</param>
    /// <param name="load">Asks the database; null is that there is none.</param>
    public async ValueTask<CacheAnswer<TValue>> FindAsync<TValue>(
        CacheRegion<TValue> region,
        TenantId tenant,
        long id,
        long versionMin,
        Func<Task<Loaded<TValue>?>> load)
        where TValue : class
    {
        if (!_options.Enabled)
        {
            return new((await load())?.Value, null);
        }

        var key = new CacheKey(region, tenant, id);
        var now = Instant.Now(_clock);
        var known = _memory.Find(key, now);
        if (UsesMemory && known is not null && _memory.IsFresh(known, now) && known.Version >= versionMin)
        {
            _meters.Of(region).Memory();
            return new((TValue?)known.Value, null);
        }

        try
        {
            var asked = UsesMemory ? Share(key, versionMin, load) : AskAsync(key, load);
            var entry = versionMin == 0 && known is not null && IsReserve(known) ? await asked.WaitAsync(_options.Patience, _clock) : await asked;
            if (entry.Value is not null && entry.Version < versionMin)
            {
                // Somebody else's question, begun before the caller learned of the version.
                entry = await AskAsync(key, load);
            }

            return new((TValue?)entry.Value, null);
        }
        catch (Exception exception) when (IsOfTheDatabase(exception))
        {
            if (versionMin == 0 && await StaleAsync(key) is { } stale)
            {
                return new((TValue?)stale.Value, AgeOf(stale));
            }

            throw;
        }
    }

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
        CacheEntry? Next(CacheEntry known) => next!((TValue)known.Value!) is { } loaded ? EntryOf(key, loaded, _memory.Epoch, Instant.Now(_clock)) : null;
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

    private static bool IsOfTheDatabase(Exception exception) =>
        exception is ReadUnavailableException or DbException or IOException or TimeoutException;

    private TimeSpan AgeOf(CacheEntry entry) =>
        TimeSpan.FromMicroseconds(Math.Max(0, Instant.Now(_clock).UnixMicroseconds - entry.ReadAt.UnixMicroseconds));

    /// <summary>Whether an entry may be given while the database does not answer.</summary>
    private bool IsReserve(CacheEntry entry) => entry.Value is not null && _options.StaleMax > TimeSpan.Zero && AgeOf(entry) <= _options.StaleMax;

    /// <summary>One question for all who ask for a key meanwhile.</summary>
    private Task<CacheEntry> Share<TValue>(CacheKey key, long versionMin, Func<Task<Loaded<TValue>?>> load)
        where TValue : class
    {
        var (flight, begun) = _memory.Board(key);
        if (begun)
        {
            _ = FlyAsync(flight, versionMin, load);
        }

        return flight.Landed;
    }

    private async Task FlyAsync<TValue>(Flight flight, long versionMin, Func<Task<Loaded<TValue>?>> load)
        where TValue : class
    {
        try
        {
            var usesRedis = _redis is not null && !_outbox!.IsPending(flight.Key);
            if (usesRedis && await FromRedisAsync(flight.Key, versionMin) is { } found)
            {
                _meters.Of(flight.Key.Region).Redis();
                _memory.Land(flight, found);
                flight.Complete(found);
                return;
            }

            var lease = usesRedis ? await _redis!.TakeLeaseAsync(flight.Key) : null;
            var entry = await LoadAsync(flight.Key, load);
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

    private async Task<CacheEntry?> FromRedisAsync(CacheKey key, long versionMin)
    {
        var found = await _redis!.FindAsync(key, anyGeneration: false, _memory.Epoch);
        return found is not null && found.Version >= versionMin && found.IsFreshAt(Instant.Now(_clock)) ? Bounded(found) : null;
    }

    /// <summary>Asks the database for this caller alone, and keeps the answer as a reserve.</summary>
    private async Task<CacheEntry> AskAsync<TValue>(CacheKey key, Func<Task<Loaded<TValue>?>> load)
        where TValue : class
    {
        var entry = await LoadAsync(key, load);
        if (!UsesMemory)
        {
            _memory.Store(entry);
        }

        return entry;
    }

    /// <summary>An old answer for the time that the database does not answer; null when there is none young enough.</summary>
    private async ValueTask<CacheEntry?> StaleAsync(CacheKey key)
    {
        var entry = _memory.Find(key, Instant.Now(_clock));
        if (entry?.Value is null && _redis is not null)
        {
            entry = await _redis.FindAsync(key, anyGeneration: true, _memory.Epoch);
        }

        if (entry is null || !IsReserve(entry))
        {
            return null;
        }

        _meters.Of(key.Region).Stale();
        return entry;
    }

    private async ValueTask<CacheEntry> LoadAsync<TValue>(CacheKey key, Func<Task<Loaded<TValue>?>> load)
        where TValue : class
    {
        // What it is trusted for, and its age, count from before the question.
        var (epoch, readAt) = (_memory.Epoch, Instant.Now(_clock));
        return EntryOf(key, await load(), epoch, readAt);
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

    private sealed class Listener(NodeCache cache) : IRedisListener
    {
        public void Ticked(long sentAt)
        {
            cache._trust.Ticked(sentAt);
            cache._watch?.SetTells(cache._link!.IsLinked);
        }

        public void Dropped(IReadOnlyList<CacheKey> keys)
        {
            foreach (var key in keys)
            {
                cache._memory.Drop(key);
            }
        }

        public void StartedOver(TenantId? tenant)
        {
            if (tenant is { } one)
            {
                cache._memory.Drop(one);
            }
            else
            {
                cache._memory.Distrust();
                cache._watch?.SetTells(cache._link!.IsLinked);
            }
        }

        public void CutOff()
        {
            cache._trust.CutOff();
            cache._watch?.SetTells(false);
        }
    }
}
