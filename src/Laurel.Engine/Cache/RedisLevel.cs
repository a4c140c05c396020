using System.Buffers.Binary;
using Laurel.Kernel;
using StackExchange.Redis;

namespace Laurel.Engine.Cache;

/// <summary>The second level: values in Redis, shared by all nodes.</summary>
/// <remarks>
/// <para>A value is a hash: <c>v</c> its version, <c>g</c> its generation, <c>b</c> when it was read, until when it holds, and its bytes.
/// Who finds none takes a <em>lease</em> (<c>l</c>) before asking the database, and stores only while the lease is still there: a commit
/// takes it away, and so do an eviction and <c>FLUSHALL</c>. So an answer that was read before a commit is never stored after it.</para>
/// <para>A commit touches only what is there. It replaces an older version, or removes it, so a late write never brings an old
/// value back. Removing needs no memory, so it works while Redis is full.</para>
/// </remarks>
internal sealed class RedisLevel(RedisLink link, Breaker breaker, TimeSpan patience, TimeProvider clock)
{
    private const string Version = "v";
    private const string Generation = "g";
    private const string Body = "b";
    private const int HeaderLength = 16;

    /// <summary>Longer than any read of the database takes.</summary>
    private const int LeaseMilliseconds = 60_000;

    /// <summary>For what a commit sends. Past it the node counts as cut off.</summary>
    private static readonly TimeSpan s_commitPatience = TimeSpan.FromSeconds(1);

    private static readonly RedisValue[] s_fields = [Version, Generation, Body];

    private const string TakeLease = """
        if redis.call('HEXISTS', KEYS[1], 'l') == 1 then return 0 end
        redis.call('DEL', KEYS[1])
        redis.call('HSET', KEYS[1], 'l', ARGV[1])
        redis.call('PEXPIRE', KEYS[1], ARGV[2])
        return 1
        """;

    private const string StoreUnderLease = """
        if redis.call('HGET', KEYS[1], 'l') ~= ARGV[1] then return 0 end
        redis.call('HDEL', KEYS[1], 'l')
        redis.call('HSET', KEYS[1], 'v', ARGV[2], 'g', ARGV[3], 'b', ARGV[4])
        redis.call('PEXPIRE', KEYS[1], ARGV[5])
        return 1
        """;

    // A server that is full refuses the new value; the old one must go all the same.
    private const string Replace = """
        local v = redis.call('HGET', KEYS[1], 'v')
        if v and tonumber(v) >= tonumber(ARGV[1]) then return 0 end
        if v and redis.call('HGET', KEYS[1], 'g') == ARGV[2] then
            local stored = redis.pcall('HSET', KEYS[1], 'v', ARGV[1], 'b', ARGV[3])
            if type(stored) == 'number' then
                redis.call('PEXPIRE', KEYS[1], ARGV[4])
                return 1
            end
        end
        redis.call('DEL', KEYS[1])
        return 0
        """;

    /// <summary>Whether reads may use it now.</summary>
    public bool IsUp => link.IsUp && !breaker.IsOpen;

    /// <summary>The value of a key, or null. Asks nothing while Redis does not answer.</summary>
    /// <param name="anyGeneration">Also a value that counts no more: for the time that the database does not answer.</param>
    public async ValueTask<CacheEntry?> FindAsync(CacheKey key, bool anyGeneration, int epoch)
    {
        if (link.GenerationOf(key.Tenant) is not { } generation || !breaker.Allows())
        {
            return null;
        }

        var found = await AskAsync(database => database.HashGetAsync(key.ToString(), s_fields));
        return found is [{ IsNull: false } version, var of, { IsNull: false } body] && (anyGeneration || of == generation)
            ? Read(key, (long)version, (byte[])body!, epoch)
            : null;
    }

    /// <summary>Takes the lease on a key that has no value of use; null when somebody else has it, or Redis does not answer.</summary>
    public async ValueTask<RedisLease?> TakeLeaseAsync(CacheKey key)
    {
        if (link.GenerationOf(key.Tenant) is not { } generation || !breaker.Allows())
        {
            return null;
        }

        var token = Guid.CreateVersion7(clock.GetUtcNow()).ToString("N");
        var taken = await AskAsync(database => database.ScriptEvaluateAsync(
            TakeLease, [key.ToString()], [token, LeaseMilliseconds], CommandFlags.NoScriptCache));
        return taken is not null && (int)taken == 1 ? new RedisLease(token, generation) : null;
    }

    /// <summary>Stores what was read under a lease, if it still holds.</summary>
    public async ValueTask StoreAsync(CacheEntry entry, RedisLease lease, Instant now)
    {
        var milliseconds = MillisecondsOf(entry, now);
        if (entry.Value is not null && milliseconds > 0)
        {
            RedisValue[] arguments = [lease.Token, entry.Version, lease.Generation, Bytes(entry), milliseconds];
            await AskAsync(database => database.ScriptEvaluateAsync(StoreUnderLease, [entry.Key.ToString()], arguments, CommandFlags.NoScriptCache));
        }
    }

    /// <summary>Brings what was committed, then tells the other nodes.</summary>
    /// <param name="changes">For each key its new value, or null to remove the old one.</param>
    /// <exception cref="Exception">When it cannot be known that all of it arrived.</exception>
    public async Task CommitAsync(IReadOnlyDictionary<CacheKey, CacheEntry?> changes, Instant now)
    {
        var database = link.Database;
        var sent = new List<Task>();
        var removed = new List<RedisKey>();
        foreach (var (key, entry) in changes)
        {
            if (entry is not null && link.GenerationOf(key.Tenant) is { } generation && MillisecondsOf(entry, now) is > 0 and var milliseconds)
            {
                RedisValue[] arguments = [entry.Version, generation, Bytes(entry), milliseconds];
                sent.Add(database.ScriptEvaluateAsync(Replace, [key.ToString()], arguments, CommandFlags.NoScriptCache));
            }
            else
            {
                removed.Add(key.ToString());
            }
        }

        if (link.IsCluster)
        {
            sent.AddRange(removed.Select(key => database.KeyDeleteAsync(key)));
        }
        else if (removed.Count > 0)
        {
            sent.Add(database.KeyDeleteAsync([.. removed]));
        }

        await Task.WhenAll(sent).WaitAsync(s_commitPatience, clock).ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        await link.TellAsync(changes.Keys);
    }

    private async ValueTask<T?> AskAsync<T>(Func<IDatabase, Task<T>> ask)
        where T : class
    {
        try
        {
            var answer = await ask(link.Database).WaitAsync(patience, clock).ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
            breaker.Succeeded();
            return answer;
        }
        catch (RedisServerException)
        {
            // It answers, and refuses: full, or still loading. Only this call has failed.
            breaker.Succeeded();
            return null;
        }
        catch (Exception exception) when (exception is RedisException or IOException or TimeoutException or ObjectDisposedException)
        {
            breaker.Failed();
            return null;
        }
    }

    private static long MillisecondsOf(CacheEntry entry, Instant now)
    {
        var lifetime = (long)entry.Key.Region.Lifetime.TotalMilliseconds;
        return entry.ValidUntil.IsNever ? lifetime : Math.Min(lifetime, (entry.ValidUntil.UnixMicroseconds - now.UnixMicroseconds) / 1_000);
    }

    private static byte[] Bytes(CacheEntry entry)
    {
        var body = entry.Key.Region.Write(entry.Value!);
        var bytes = new byte[HeaderLength + body.Length];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, entry.ReadAt.UnixMicroseconds);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(sizeof(long)), entry.ValidUntil.UnixMicroseconds);
        body.CopyTo(bytes, HeaderLength);
        return bytes;
    }

    private static CacheEntry? Read(CacheKey key, long version, byte[] bytes, int epoch)
    {
        if (bytes.Length < HeaderLength || key.Region.Read(bytes.AsMemory(HeaderLength)) is not { } value)
        {
            return null;
        }

        var validUntil = new Instant(BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(sizeof(long))));
        return new CacheEntry
        {
            Key = key,
            Value = value,
            Version = version,
            ReadAt = new Instant(BinaryPrimitives.ReadInt64LittleEndian(bytes)),
            ValidUntil = validUntil,
            FreshUntil = validUntil,
            Epoch = epoch,
        };
    }
}

/// <summary>The right to store one value in Redis.</summary>
internal sealed record RedisLease(string Token, string Generation);
