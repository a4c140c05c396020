using System.Collections.Concurrent;
using System.Collections.Immutable;
using Dapper;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Microsoft.Extensions.Logging;

namespace Laurel.Engine.Events;

/// <summary>Tells those who listen in this process what becomes of members, whichever node commits it.</summary>
/// <remarks>What this node commits is told with the commit (<see cref="EventHub"/>). What others commit is looked for every <see cref="LookEvery"/>, while
/// anybody listens. Batches commit in another order than that of their ids, so all of the last <see cref="Window"/> is looked at each time, and what was told
/// already is left out. A batch that takes longer to commit is missed: this is for showing things as they happen, and whoever must not miss any reads what is stored.</remarks>
public sealed partial class EventFeed : IAsyncDisposable
{
    public static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(500);

    public static readonly TimeSpan Window = TimeSpan.FromSeconds(10);

    /// <summary>Batches whose bodies are read by one statement at the most.</summary>
    private const int BodiesMax = 200;

    private const string Ids = "SELECT batch_id FROM event_batches WHERE batch_id > @After";

    private const string Bodies = "SELECT body FROM event_batches WHERE batch_id IN @Ids ORDER BY batch_id";

    // Its driver takes a list as one value.
    private const string BodiesPostgres = "SELECT body FROM event_batches WHERE batch_id = ANY(@Ids) ORDER BY batch_id";

    private readonly ConcurrentDictionary<(TenantId Tenant, long Member), ImmutableArray<Listener>> _listeners = [];
    private readonly Database _database;
    private readonly Func<int> _node;
    private readonly TimeProvider _clock;
    private readonly ILogger<EventFeed> _logger;
    private readonly IDisposable _local;
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _wake = new(0);
    private readonly Task _looking;

    /// <summary>Batches of others that were told and are within the window; null before the first look. Of the looking task alone.</summary>
    private HashSet<long>? _told;

    private int _count;

    /// <param name="node">The number of this node; it changes when the node takes its place anew.</param>
    public EventFeed(EventHub hub, Database database, Func<int> node, TimeProvider clock, ILogger<EventFeed> logger)
    {
        (_database, _node, _clock, _logger) = (database, node, clock, logger);
        _local = hub.Subscribe(Tell);

        // A file of SQLite has one process.
        _looking = database is SqliteDatabase ? Task.CompletedTask : Task.Run(() => LookAsync(_stop.Token), CancellationToken.None);
    }

    /// <summary>Has the events of one member told from now on, until what is returned is disposed.</summary>
    /// <param name="told">Must be quick and must not throw.</param>
    public IDisposable Listen(TenantId tenant, long member, Action<EventRecord> told)
    {
        var listener = new Listener(this, (tenant, member), told);
        _listeners.AddOrUpdate(listener.Subject, _ => [listener], (_, others) => others.Add(listener));
        if (Interlocked.Increment(ref _count) == 1)
        {
            _wake.Release();
        }

        return listener;
    }

    public async ValueTask DisposeAsync()
    {
        _local.Dispose();
        await _stop.CancelAsync();
        await _looking;
        _stop.Dispose();
        _wake.Dispose();
    }

    private void Forget(Listener listener)
    {
        ImmutableArray<Listener> before;
        do
        {
            if (!_listeners.TryGetValue(listener.Subject, out before))
            {
                return;
            }
        }
        while (before.Length == 1
            ? !_listeners.TryRemove(new KeyValuePair<(TenantId, long), ImmutableArray<Listener>>(listener.Subject, before))
            : !_listeners.TryUpdate(listener.Subject, before.Remove(listener), before));
        Interlocked.Decrement(ref _count);
    }

    private void Tell(IReadOnlyList<EventRecord> events)
    {
        if (_listeners.IsEmpty)
        {
            return;
        }

        foreach (var happened in events)
        {
            if (_listeners.TryGetValue((happened.Tenant, happened.MemberId), out var listeners))
            {
                foreach (var listener in listeners)
                {
                    listener.Told(happened);
                }
            }
        }
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                if (_listeners.IsEmpty)
                {
                    _told = null;
                    await _wake.WaitAsync(cancellationToken);
                }

                await LookOnceAsync(cancellationToken);
                await Task.Delay(LookEvery, _clock, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The node stops.
        }
    }

    private async Task LookOnceAsync(CancellationToken cancellationToken)
    {
        try
        {
            var after = IdGenerator.FirstOf(Instant.Now(_clock).Plus(-Window));
            await using var session = await _database.OpenReaderAsync(Reach.Nothing, cancellationToken);
            using var timed = _database.Times.Begin("events.feed");
            var ids = await session.Connection.QueryAsync<long>(new CommandDefinition(Ids, new { After = after }, cancellationToken: cancellationToken));
            var read = _database.Choose(Bodies, BodiesPostgres, Bodies);
            foreach (var some in NewOf([.. ids.Where(id => IdGenerator.NodeOf(id) != _node())], after).Chunk(BodiesMax))
            {
                var bodies = await session.Connection.QueryAsync<byte[]>(new CommandDefinition(read, new { Ids = some }, cancellationToken: cancellationToken));
                foreach (var body in bodies)
                {
                    Tell(EventBody.Read(body));
                }
            }
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            // The next look finds what this one has not, as long as it comes within the window.
            LogBlind(_logger, exception);
        }
    }

    /// <summary>Those that were not told. With the first look all is old: it was there before anybody listened, or came in the moment in between.</summary>
    private List<long> NewOf(List<long> ids, long after)
    {
        if (_told is not { } told)
        {
            _told = [.. ids];
            return [];
        }

        told.RemoveWhere(id => id <= after);
        return ids.FindAll(told.Add);
    }

    [LoggerMessage(197, LogLevel.Warning, "Events of other nodes cannot be looked for; that is tried again.")]
    private static partial void LogBlind(ILogger logger, Exception exception);

    private sealed class Listener(EventFeed feed, (TenantId, long) subject, Action<EventRecord> told) : IDisposable
    {
        private int _disposed;

        public (TenantId, long) Subject { get; } = subject;

        public Action<EventRecord> Told { get; } = told;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _disposed, 1) == 0)
            {
                feed.Forget(this);
            }
        }
    }
}
