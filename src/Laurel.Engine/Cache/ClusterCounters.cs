using StackExchange.Redis;

namespace Laurel.Engine.Cache;

/// <summary>What all nodes have counted of one subject.</summary>
/// <param name="Allowed">Whether the call was within the limit; it is then counted.</param>
/// <param name="Count">Calls that count, this one among them when it was allowed.</param>
/// <param name="OldestBucket">The oldest bucket with a call that counts.</param>
public readonly record struct ClusterCount(bool Allowed, long Count, long OldestBucket);

/// <summary>Counters in Redis that all nodes share. What Redis forgets, each node still has of itself.</summary>
/// <remarks>A counter is a hash of buckets; one script looks, forgets, compares and counts, so calls at once never come to more than the limit.</remarks>
public sealed class ClusterCounters
{
    private const string Take = """
        local bucket = tonumber(ARGV[1])
        local first = bucket - tonumber(ARGV[2]) + 1
        local count = 0
        local oldest = bucket
        local all = redis.call('HGETALL', KEYS[1])
        for i = 1, #all, 2 do
            local at = tonumber(all[i])
            local calls = tonumber(all[i + 1])
            if at < first then
                redis.call('HDEL', KEYS[1], all[i])
            elseif calls > 0 then
                count = count + calls
                if at < oldest then oldest = at end
            end
        end
        if count >= tonumber(ARGV[3]) then return {0, count, oldest} end
        redis.call('HINCRBY', KEYS[1], ARGV[1], 1)
        redis.call('PEXPIRE', KEYS[1], ARGV[4])
        return {1, count + 1, oldest}
        """;

    private const string Return = """
        if tonumber(redis.call('HGET', KEYS[1], ARGV[1]) or '0') > 0 then redis.call('HINCRBY', KEYS[1], ARGV[1], -1) end
        return 0
        """;

    private readonly RedisLink _link;
    private readonly Breaker _breaker;
    private readonly TimeSpan _patience;
    private readonly TimeProvider _clock;

    internal ClusterCounters(RedisLink link, TimeSpan patience, TimeProvider clock) =>
        (_link, _breaker, _patience, _clock) = (link, new Breaker(clock), patience, clock);

    /// <summary>Counts a call when that leaves the count within the limit; null when Redis does not answer.</summary>
    /// <param name="key">Names the counter.</param>
    /// <param name="bucket">The present bucket.</param>
    /// <param name="bucketCount">How many buckets count, the present one among them.</param>
    /// <param name="limit">Calls that may count at the most.</param>
    /// <param name="kept">How long a counter that nobody asks for is kept.</param>
    public async ValueTask<ClusterCount?> TakeAsync(string key, long bucket, int bucketCount, long limit, TimeSpan kept)
    {
        RedisValue[] arguments = [bucket, bucketCount, limit, (long)kept.TotalMilliseconds];
        return await AskAsync(Take, key, arguments) is { } answer && (RedisValue[]?)answer is [var allowed, var count, var oldest]
            ? new ClusterCount((long)allowed == 1, (long)count, (long)oldest)
            : null;
    }

    /// <summary>Takes back a call that was counted. Where Redis does not answer it stays counted.</summary>
    public async ValueTask GiveBackAsync(string key, long bucket) => await AskAsync(Return, key, [bucket]);

    private async ValueTask<RedisResult?> AskAsync(string script, string key, RedisValue[] arguments)
    {
        if (!_link.IsUp || !_breaker.Allows())
        {
            return null;
        }

        try
        {
            var answer = await _link.Database.ScriptEvaluateAsync(script, [key], arguments, CommandFlags.NoScriptCache)
                .WaitAsync(_patience, _clock).ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
            _breaker.Succeeded();
            return answer;
        }
        catch (RedisServerException)
        {
            // It answers, and refuses: full, or still loading.
            _breaker.Succeeded();
            return null;
        }
        catch (Exception exception) when (exception is RedisException or IOException or TimeoutException or ObjectDisposedException)
        {
            _breaker.Failed();
            return null;
        }
    }
}
