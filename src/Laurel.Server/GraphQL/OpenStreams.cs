using System.Collections.Concurrent;
using Laurel.Kernel;
using Laurel.Platform.Access;
using Laurel.Platform.Errors;
using Laurel.Platform.Tenants;
using Laurel.Server.Hosting;
using Laurel.Platform.GraphQL;

namespace Laurel.Server.GraphQL;

/// <summary>Why a stream ends that neither its reader nor its events have ended.</summary>
internal enum StreamEnd
{
    /// <summary>The node stops: others go on.</summary>
    Drained,

    /// <summary>Its credentials are good no more.</summary>
    Unauthorized,
}

/// <summary>A socket or an event stream that is open.</summary>
/// <param name="end">Ends it, at once and without waiting; called again it does nothing.</param>
internal sealed class OpenStream(Action<StreamEnd> end)
{
    /// <summary>Null until it is known who listens.</summary>
    public GraphQLCaller? Caller { get; set; }

    /// <summary>Whether what its holder may has perhaps changed.</summary>
    public bool IsDoubtful { get; set; }

    /// <summary>Ends it when its credentials do.</summary>
    public ITimer? Expiry { get; set; }

    public void End(StreamEnd why) => end(why);
}

/// <summary>The sockets and event streams of this node: how many there are, and that each ends when it must.</summary>
/// <remarks>Nobody asks while nothing changes: a stream ends by a timer when its token runs out, and is judged anew when a key, user, session, role or
/// tenant that it depends on has changed. When the node has drained all of them end. Thread-safe.</remarks>
internal sealed partial class OpenStreams
{
    /// <summary>How long after a change streams are judged anew: what remembers who may call has forgotten it by then, and several changes are one.</summary>
    private static readonly TimeSpan s_settle = TimeSpan.FromSeconds(1);

    /// <summary>Timers take no more than some weeks.</summary>
    private static readonly TimeSpan s_longestTimer = TimeSpan.FromDays(7);

    private readonly ConcurrentDictionary<OpenStream, bool> _open = [];
    private readonly Dictionary<TenantId, int> _ofTenant = [];
    private readonly Lock _lock = new();
    private readonly GraphQLSettings _settings;
    private readonly Credentials _credentials;
    private readonly TenantDirectory _tenants;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private int _count;
    private int _judging;
    private volatile bool _drained;

    public OpenStreams(
        GraphQLSettings settings,
        Credentials credentials,
        TenantDirectory tenants,
        AccessChanges changes,
        Draining draining,
        TimeProvider clock,
        ILogger<OpenStreams> logger)
    {
        (_settings, _credentials, _tenants, _clock, _logger) = (settings, credentials, tenants, clock, logger);
        changes.Subscribe(Doubt);
        _ = EndWhenDrainedAsync(draining.Over);
    }

    public int Count => Volatile.Read(ref _count);

    /// <summary>Counts a stream; refuses it when there are too many.</summary>
    public Refusal? Open(OpenStream stream)
    {
        if (Interlocked.Increment(ref _count) > _settings.StreamsMax)
        {
            Interlocked.Decrement(ref _count);
            return new Refusal(ErrorCode.StreamLimit, ("max", _settings.StreamsMax), ("of", new Wording("a node", "一个节点")));
        }

        _open[stream] = true;
        if (_drained)
        {
            stream.End(StreamEnd.Drained);
        }

        return null;
    }

    /// <summary>Notes who listens to an open stream; refuses it when the tenant has too many.</summary>
    public Refusal? Know(OpenStream stream, GraphQLCaller caller)
    {
        lock (_lock)
        {
            var count = _ofTenant.GetValueOrDefault(caller.Tenant);
            if (count >= _settings.TenantStreamsMax)
            {
                return new Refusal(ErrorCode.StreamLimit, ("max", _settings.TenantStreamsMax), ("of", new Wording("a tenant", "一个商户")));
            }

            _ofTenant[caller.Tenant] = count + 1;
        }

        stream.Caller = caller;
        EndInTime(stream, caller);
        return null;
    }

    public void Close(OpenStream stream)
    {
        if (!_open.TryRemove(stream, out _))
        {
            return;
        }

        Interlocked.Decrement(ref _count);
        stream.Expiry?.Dispose();
        if (stream.Caller is { } caller)
        {
            lock (_lock)
            {
                if (--_ofTenant[caller.Tenant] == 0)
                {
                    _ofTenant.Remove(caller.Tenant);
                }
            }
        }
    }

    private void EndInTime(OpenStream stream, GraphQLCaller caller)
    {
        if (caller.Actor is not { ValidUntil: { IsNever: false } until })
        {
            return;
        }

        var left = until.ToDateTimeOffset() - _clock.GetUtcNow();
        if (left <= TimeSpan.Zero)
        {
            stream.End(StreamEnd.Unauthorized);
            return;
        }

        stream.Expiry?.Dispose();
        stream.Expiry = _clock.CreateTimer(
            _ => EndInTime(stream, caller), null, left < s_longestTimer ? left : s_longestTimer, Timeout.InfiniteTimeSpan);
    }

    private async Task EndWhenDrainedAsync(Task drained)
    {
        await drained;
        _drained = true;
        foreach (var (stream, _) in _open)
        {
            stream.End(StreamEnd.Drained);
        }
    }

    private void Doubt(AccessChange change)
    {
        var any = false;
        foreach (var (stream, _) in _open)
        {
            if (stream.Caller is { } caller && Concerns(change, caller))
            {
                any = stream.IsDoubtful = true;
            }
        }

        if (any && Interlocked.Exchange(ref _judging, 1) == 0)
        {
            _ = Task.Run(JudgeAsync);
        }
    }

    private static bool Concerns(AccessChange change, GraphQLCaller caller) =>
        change.What == AccessSubject.Everything || (change.Tenant == caller.Tenant && ConcernsOwn(change, caller.Actor));

    /// <summary>Whether a change in the tenant of a caller concerns it.</summary>
    private static bool ConcernsOwn(AccessChange change, Actor? actor) => change.What switch
    {
        AccessSubject.Everything or AccessSubject.Tenant => true,
        AccessSubject.Role or AccessSubject.SignIn => actor is { Person: not null },
        AccessSubject.Key => actor is { Person: null } && (change.Subject == 0 || change.Subject == actor.KeyId),
        AccessSubject.User => actor?.Person is { } person && (change.Subject == 0 || change.Subject == person.User),
        AccessSubject.Session => actor?.Person is { } person && (change.Subject == 0 || change.Subject == person.Session),
    };

    private async Task JudgeAsync()
    {
        await Task.Delay(s_settle, _clock);
        Volatile.Write(ref _judging, 0);
        try
        {
            await _tenants.RefreshAsync(CancellationToken.None);
            foreach (var (stream, _) in _open)
            {
                if (stream.IsDoubtful)
                {
                    stream.IsDoubtful = false;
                    await JudgeAsync(stream, stream.Caller!);
                }
            }
        }
        catch (Exception exception)
        {
            // Whoever cannot be judged now is judged by the next change, and by the end of its token.
            LogNotJudged(_logger, exception);
        }
    }

    private async Task JudgeAsync(OpenStream stream, GraphQLCaller caller)
    {
        if (caller.Actor is null)
        {
            var (tenant, _) = await _tenants.FindNamedAsync(caller.Context.Request, CancellationToken.None);
            if (tenant?.Id != caller.Tenant)
            {
                stream.End(StreamEnd.Unauthorized);
            }

            return;
        }

        // A signature is good once: who signed comes again and signs anew.
        if (SignedCalls.IsSigned(caller.Context.Request))
        {
            stream.End(StreamEnd.Unauthorized);
            return;
        }

        var (actor, refusal, _) = await _credentials.JudgeCallerAsync(caller.Context);
        if (refusal is not null || actor!.Tenant != caller.Tenant)
        {
            stream.End(StreamEnd.Unauthorized);
            return;
        }

        caller.Become(actor);
        EndInTime(stream, caller);
    }

    [LoggerMessage(195, LogLevel.Warning, "Open streams of GraphQL could not be judged anew.")]
    private static partial void LogNotJudged(ILogger logger, Exception exception);
}
