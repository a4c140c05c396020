using Laurel.Kernel;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Laurel.Engine.Cache;

/// <summary>What a node hears from the others, and of its own link. Called one after the other, never for long.</summary>
internal interface IRedisListener
{
    /// <summary>A tick of our own came back: every message sent before it was heard.</summary>
    /// <param name="sentAt">Timestamp of its sending.</param>
    void Ticked(long sentAt);

    /// <summary>Another node committed these.</summary>
    void Dropped(IReadOnlyList<CacheKey> keys);

    /// <summary>What is in Redis counts no more, of one tenant or (null) of all.</summary>
    void StartedOver(TenantId? tenant);

    /// <summary>Messages may have been lost, or ours may not have been heard.</summary>
    void CutOff();
}

/// <summary>This node's link to the others through Redis: one connection, one channel.</summary>
/// <remarks>
/// <para>Whether messages arrive is proved and not assumed: every <see cref="TickEvery"/> the node sends itself a message and hears
/// it. Whoever was cut off starts a new <em>generation</em>: values of an older one count no more, since what was sent
/// meanwhile may be lost, and a server that took over may have missed some of it.</para>
/// <para>The client's own timeouts do not end asynchronous calls, so every call here has a deadline of its own.</para>
/// </remarks>
internal sealed class RedisLink(
    RedisAddress address,
    string self,
    IReadOnlyDictionary<string, CacheRegion> regions,
    IRedisListener listener,
    TimeProvider clock,
    ILogger logger) : IAsyncDisposable
{
    public const string Channel = "laurel:invalidate";

    public static readonly TimeSpan TickEvery = TimeSpan.FromMilliseconds(250);

    // On a cluster the client would publish on any master. A script goes to the one that owns its key, so that a message that a node
    // sends itself takes the way of all others, and proves it.
    private const string Publish = "return redis.call('PUBLISH', KEYS[1], ARGV[1])";

    /// <summary>For everything whose loss would leave others with old values.</summary>
    private static readonly TimeSpan s_messagePatience = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan s_connectPatience = TimeSpan.FromSeconds(5);

    /// <summary>How long nothing may be heard before the connection is made anew: the client does not always mend its own, and a
    /// subscription it forgot is not told by any call that fails.</summary>
    private static readonly TimeSpan s_silenceMax = TimeSpan.FromSeconds(3);

    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _firstUp = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _lock = new();
    private readonly Dictionary<TenantId, string> _tenantGenerations = [];
    private ConnectionMultiplexer? _connection;
    private string? _generation;
    private string? _wanted;
    private bool _linked;
    private long _startedOver;
    private long _heardAt;
    private string? _refusal;
    private Task _loop = Task.CompletedTask;

    /// <summary>Whether what this node sends is heard, and it hears what others send.</summary>
    public bool IsLinked => Volatile.Read(ref _linked);

    /// <summary>Whether it is known which values count.</summary>
    public bool IsUp => Volatile.Read(ref _generation) is not null;

    /// <summary>Completes when the link is up for the first time.</summary>
    public Task FirstUp => _firstUp.Task;

    /// <summary>Whether keys of one command must lie on one server.</summary>
    public bool IsCluster { get; private set; }

    /// <exception cref="IOException">While there is no connection.</exception>
    public IDatabase Database => (_connection ?? throw new IOException("There is no connection to Redis.")).GetDatabase();

    public void Start() => _loop = Task.Run(() => RunAsync(_stop.Token));

    /// <summary>What values of a tenant have to be marked with to count; null while the link is down.</summary>
    public string? GenerationOf(TenantId tenant)
    {
        lock (_lock)
        {
            return _generation is { } generation && _tenantGenerations.TryGetValue(tenant, out var own) ? generation + own : _generation;
        }
    }

    /// <summary>Tells the other nodes that these were committed. To be called after Redis has forgotten their old values.</summary>
    public Task TellAsync(IEnumerable<CacheKey> keys) =>
        SendAsync(RedisMessages.Dropped(self, keys));

    /// <summary>Lets nothing of a tenant count any more, on any node.</summary>
    public Task StartOverAsync(TenantId tenant) => SendAsync(RedisMessages.TenantStartedOver(tenant, NewName()));

    /// <summary>Takes note that something sent may not have been heard.</summary>
    public void CutOff(string reason)
    {
        bool wasLinked;
        lock (_lock)
        {
            (wasLinked, _linked) = (_linked, false);
        }

        BeginAnew();
        if (wasLinked && !_stop.IsCancellationRequested)
        {
            CacheLog.RedisLost(logger, address.Servers, reason);
        }

        listener.CutOff();
    }

    /// <summary>Lets nothing count any more: the next tick starts a new generation.</summary>
    public void BeginAnew()
    {
        lock (_lock)
        {
            (_generation, _wanted) = (null, null);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        _stop.Dispose();
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await ConnectAsync(cancellationToken);
                await TickAsync(cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                break;
            }
            catch (RedisRefusedException refused)
            {
                if (refused.Message != _refusal)
                {
                    CacheLog.RedisRefused(logger, address.Servers, refused.Message);
                }

                _refusal = refused.Message;
            }
            catch (Exception exception)
            {
                CacheLog.RedisUnreachable(logger, address.Servers, exception);
            }

            Close();
            await Task.Delay(TickEvery * 4, clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        Close();
    }

    private async Task ConnectAsync(CancellationToken cancellationToken)
    {
        var connection = await address.ConnectAsync().WaitAsync(s_connectPatience, clock, cancellationToken);
        connection.ConnectionFailed += (_, failed) => CutOff(failed.FailureType.ToString());
        _connection = connection;
        await connection.GetSubscriber().SubscribeAsync(Channel, (_, message) => Hear(message!)).WaitAsync(s_connectPatience, clock, cancellationToken);
        IsCluster = RedisAddress.IsCluster(connection);
        _refusal = null;
    }

    private async Task TickAsync(CancellationToken cancellationToken)
    {
        Interlocked.Exchange(ref _heardAt, clock.GetTimestamp());
        while (clock.GetElapsedTime(Interlocked.Read(ref _heardAt)) < s_silenceMax)
        {
            await TryTickAsync();
            await Task.Delay(TickEvery, clock, cancellationToken);
        }

        throw new IOException($"Nothing was heard for {s_silenceMax.TotalSeconds:N0} s.");
    }

    private async Task TryTickAsync()
    {
        try
        {
            // Begun anew only when the last one was not heard for long: until then it may still be on its way.
            if (!IsUp && (_wanted is null || clock.GetElapsedTime(_startedOver) > s_messagePatience))
            {
                await StartOverAsync();
            }

            await SendAsync(RedisMessages.Tick(self, clock.GetTimestamp()));
        }
        catch (Exception exception) when (exception is RedisException or IOException or TimeoutException or ObjectDisposedException)
        {
            CutOff(exception.Message);
        }
    }

    private async Task StartOverAsync()
    {
        var wanted = NewName();
        lock (_lock)
        {
            (_wanted, _startedOver) = (wanted, clock.GetTimestamp());
        }

        await SendAsync(RedisMessages.StartedOver(wanted));
    }

    private async Task SendAsync(string message)
    {
        var connection = _connection ?? throw new IOException("There is no connection to Redis.");
        Task sending = IsCluster
            ? connection.GetDatabase().ScriptEvaluateAsync(Publish, [Channel], [message], CommandFlags.NoScriptCache)
            : connection.GetSubscriber().PublishAsync(Channel, message);
        await sending.WaitAsync(s_messagePatience, clock).ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
    }

    private void Hear(string text)
    {
        switch (RedisMessages.Read(text, regions))
        {
            case RedisMessage.Tick tick when tick.Sender == self:
                Interlocked.Exchange(ref _heardAt, clock.GetTimestamp());
                listener.Ticked(tick.SentAt);
                break;
            case RedisMessage.Tick:
                break;
            case RedisMessage.Dropped dropped when dropped.Sender != self:
                listener.Dropped(dropped.Keys);
                break;
            case RedisMessage.Dropped:
                // Our own memory was told at the commit.
                break;
            case RedisMessage.StartedOver started:
                Adopt(started);
                break;
            case null:
                CutOff("a message of another version could not be understood");
                break;
        }
    }

    private void Adopt(RedisMessage.StartedOver started)
    {
        var isBack = false;
        lock (_lock)
        {
            if (started.Tenant is { } tenant)
            {
                _tenantGenerations[tenant] = started.Generation;
            }
            else if (_generation is not null || started.Generation == _wanted)
            {
                // While this node begins anew, only its own beginning counts: one that came before would not do.
                isBack = !_linked;
                (_generation, _wanted, _linked) = (started.Generation, null, true);
                _tenantGenerations.Clear();
            }
        }

        listener.StartedOver(started.Tenant);
        if (isBack)
        {
            CacheLog.RedisLinked(logger, address.Servers);
            _firstUp.TrySetResult();
        }
    }

    private void Close()
    {
        var connection = Interlocked.Exchange(ref _connection, null);
        CutOff("the connection was closed");
        if (connection is not null)
        {
            // A broken one may take long over it, and nobody needs to wait.
            _ = Task.Run(connection.Dispose);
        }
    }

    private string NewName() => Guid.CreateVersion7(clock.GetUtcNow()).ToString("N");
}
