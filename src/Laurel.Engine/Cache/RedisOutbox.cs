using Laurel.Kernel;
using Microsoft.Extensions.Logging;

namespace Laurel.Engine.Cache;

/// <summary>Carries to Redis what this node has committed: soon, in batches, and never in the way of a commit.</summary>
/// <remarks>While the link is down it waits: another node may adopt this node's new generation before this one does, and what was
/// committed between must reach it. What cannot be carried is forgotten, and a generation that begins later makes up for it.</remarks>
internal sealed class RedisOutbox(RedisLink link, RedisLevel level, TimeProvider clock, ILogger logger) : IAsyncDisposable
{
    /// <summary>Keys waiting at the most.</summary>
    public const int KeysMax = 50_000;

    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(50);

    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _wake = new(0, 1);
    private Dictionary<CacheKey, CacheEntry?> _waiting = [];
    private Dictionary<CacheKey, CacheEntry?> _carried = [];
    private Task _loop = Task.CompletedTask;
    private bool _closed;

    public void Start() => _loop = Task.Run(LoopAsync);

    /// <summary>Queues what was committed.</summary>
    /// <param name="entry">The new value; null removes the old one.</param>
    public void Add(CacheKey key, CacheEntry? entry)
    {
        var overflows = false;
        lock (_lock)
        {
            if (_closed)
            {
                return;
            }

            _waiting[key] = entry;
            overflows = _waiting.Count > KeysMax;
            if (overflows)
            {
                _waiting.Clear();
            }
        }

        if (overflows)
        {
            if (link.IsLinked)
            {
                CacheLog.OutboxOverflows(logger, KeysMax);
            }

            link.CutOff("too many commits wait");
        }

        Wake();
    }

    /// <summary>Whether something of this node's own is on its way: Redis may still hold what it was before.</summary>
    public bool IsPending(CacheKey key)
    {
        lock (_lock)
        {
            return _waiting.ContainsKey(key) || _carried.ContainsKey(key);
        }
    }

    /// <summary>Waits until what was queued is carried, or given up.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_lock)
        {
            _closed = true;
        }

        Wake();
        await _loop;
        _wake.Dispose();
    }

    private void Wake()
    {
        try
        {
            if (_wake.CurrentCount == 0)
            {
                _wake.Release();
            }
        }
        catch (SemaphoreFullException)
        {
            // Somebody else has just woken it.
        }
    }

    private async Task LoopAsync()
    {
        while (true)
        {
            var closing = Take();
            if (_carried.Count > 0)
            {
                await CarryAsync();
            }
            else if (closing && (!link.IsLinked || IsEmpty))
            {
                return;
            }
            else if (link.IsLinked)
            {
                await _wake.WaitAsync();
            }
            else
            {
                await Task.Delay(s_pause, clock);
            }
        }
    }

    private bool IsEmpty
    {
        get
        {
            lock (_lock)
            {
                return _waiting.Count == 0;
            }
        }
    }

    /// <summary>Takes whatever waits, while the link is up.</summary>
    /// <returns>Whether nothing will be added any more.</returns>
    private bool Take()
    {
        lock (_lock)
        {
            if (link.IsLinked)
            {
                (_carried, _waiting) = (_waiting, _carried);
            }

            return _closed;
        }
    }

    private async Task CarryAsync()
    {
        try
        {
            await level.CommitAsync(_carried, Instant.Now(clock));
        }
        catch (Exception exception)
        {
            CacheLog.NotTold(logger, _carried.Count, exception);
            link.CutOff("commits could not be told");
        }

        lock (_lock)
        {
            _carried.Clear();
        }
    }
}
