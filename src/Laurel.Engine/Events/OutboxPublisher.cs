using Dapper;
using Laurel.Engine.Lanes;
using Laurel.Engine.Nodes;
using Laurel.Engine.Sql;
using Microsoft.Extensions.Logging;

namespace Laurel.Engine.Events;

/// <summary>Takes one queue of the outbox to its transport, in order, on one node at a time.</summary>
/// <remarks>A page of waiting batches is read by position, handed over, and removed when all of it is confirmed. Rows are claimed by
/// being there and never by <c>position &gt; last</c>: one that is committed late under a lower position is in the next page. When a
/// transport fails, the same page comes again after a pause. What is removed is fenced by the lease.</remarks>
public sealed partial class OutboxPublisher(
    IEventTransport transport, Database database, LaneSet lanes, ClusterLeases leases, EventHub hub, TimeProvider clock, Random random, ILogger<OutboxPublisher> logger)
{
    /// <summary>Events that are handed over together, or one batch where it has more.</summary>
    public const int PageEventsMax = 5_000;

    private const int PageBatchesMax = 64;

    // Commits of this node wake it; those of others are seen by asking.
    private static readonly TimeSpan s_askEvery = TimeSpan.FromSeconds(1);

    // A lone event is published at once. When commits come one after the other, a page of some of them costs what a page of one does.
    private static readonly TimeSpan s_pagesApart = TimeSpan.FromMilliseconds(25);
    private static readonly TimeSpan s_pauseMax = TimeSpan.FromSeconds(30);

    private const string ReadWaiting = """
        SELECT o.position AS Position, b.events AS Events FROM outbox o
        JOIN event_batches b ON b.batch_id = o.batch_id
        WHERE o.transport = @Transport ORDER BY o.position LIMIT @Limit
        """;

    private const string ReadPage = """
        SELECT o.position AS Position, o.event_types AS EventTypes, b.body AS Body FROM outbox o
        JOIN event_batches b ON b.batch_id = o.batch_id
        WHERE o.transport = @Transport AND o.position <= @Last ORDER BY o.position
        """;

    private static readonly SetStatement<Published> s_remove = new(
        sqlite: """
            DELETE FROM outbox WHERE transport = $1 AND position = $2
            AND EXISTS (SELECT 1 FROM leases WHERE name = $3 AND token = $4)
            """,
        postgres: """
            DELETE FROM outbox o USING unnest($1, $2, $3, $4) k (transport, position, lease, token)
            WHERE o.transport = k.transport AND o.position = k.position
            AND EXISTS (SELECT 1 FROM leases l WHERE l.name = k.lease AND l.token = k.token)
            """,
        Column<Published>.Text("transport", r => r.Transport),
        Column<Published>.Int64("position", r => r.Position),
        Column<Published>.Text("lease", r => r.Lease),
        Column<Published>.Int64("token", r => r.Token));

    private readonly string _lease = "outbox/" + transport.Name;
    private readonly SemaphoreSlim _wake = new(0);
    private int _woken;

    private readonly record struct Published(string Transport, long Position, string Lease, long Token);

    private sealed class Waiting
    {
        public long Position { get; init; }

        public int Events { get; init; }
    }

    private sealed class Stored
    {
        public long Position { get; init; }

        /// <summary>What is to be published of the batch, with blanks between; null is all of it.</summary>
        public string? EventTypes { get; init; }

        public byte[] Body { get; init; } = [];

        public IEnumerable<EventRecord> Wanted() => EventTypes?.Split(' ') is { } types
            ? EventBody.Read(Body).Where(record => types.Contains(record.Type))
            : EventBody.Read(Body);
    }

    private sealed record Page(IReadOnlyList<long> Positions, IReadOnlyList<EventRecord> Events)
    {
        public static readonly Page Empty = new([], []) { IsLast = true };

        /// <summary>Whether nothing else waited when it was read.</summary>
        public required bool IsLast { get; init; }
    }

    /// <summary>Publishes whenever this node has the lease of the queue, and measures it all the time, until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        OutboxMetrics.Begin(transport.Name);
        using var gauge = new OutboxGauge(transport.Name, database, clock, logger);
        using var waking = hub.CallWhenStored(Wake);
        await Task.WhenAll(leases.RunAsync(_lease, PublishAllAsync, cancellationToken), gauge.RunAsync(cancellationToken));
    }

    private async Task PublishAllAsync(ClusterLease lease, CancellationToken held)
    {
        await using var reading = new LastingReader(database, database.OpenReaderAsync);
        var failures = 0;
        while (true)
        {
            held.ThrowIfCancellationRequested();
            try
            {
                var readAt = clock.GetTimestamp();
                var page = await reading.ReadAsync(Reach.Nothing, ReadAsync, held);
                if (page.Positions.Count > 0)
                {
                    if (!lease.IsHeld)
                    {
                        // This process may have stood still since it read: another node may be publishing the same.
                        return;
                    }

                    await transport.PublishAsync(page.Events, held);
                    OutboxMetrics.Published(transport.Name, page.Events.Count);
                    await RemoveAsync(lease, page.Positions, held);
                    failures = 0;
                }

                await WaitAsync(page, readAt, held);
            }
            catch (Exception exception) when (!held.IsCancellationRequested)
            {
                OutboxMetrics.Failed(transport.Name);
                PublishingFailed(logger, transport.Name, ++failures, exception);
                await Task.Delay(PauseAfter(failures), clock, held);
            }
        }
    }

    private async Task<Page> ReadAsync(SqlSession session, CancellationToken cancellationToken)
    {
        using var timed = database.Times.Begin("outbox.read");
        var arguments = new { Transport = transport.Name, Limit = PageBatchesMax };
        var waiting = (await session.Connection.QueryAsync<Waiting>(new CommandDefinition(ReadWaiting, arguments, cancellationToken: cancellationToken))).AsList();
        if (waiting.Count == 0)
        {
            return Page.Empty;
        }

        var (last, events) = (waiting[0].Position, waiting[0].Events);
        foreach (var row in waiting.Skip(1).TakeWhile(next => (events += next.Events) <= PageEventsMax))
        {
            last = row.Position;
        }

        var page = (await session.Connection.QueryAsync<Stored>(new CommandDefinition(ReadPage, new { Transport = transport.Name, Last = last }, cancellationToken: cancellationToken))).AsList();
        return new Page([.. page.Select(row => row.Position)], [.. page.SelectMany(row => row.Wanted())])
        {
            IsLast = waiting.Count < PageBatchesMax && page.Count == waiting.Count,
        };
    }

    /// <summary>Removes what is confirmed. It is asked for again until it is written, since publishing a second time costs more.</summary>
    private async Task RemoveAsync(ClusterLease lease, IReadOnlyList<long> positions, CancellationToken cancellationToken)
    {
        var rows = positions.Select(position => new Published(transport.Name, position, lease.Name, lease.Token)).ToList();
        for (var attempt = 1; await lanes.SubmitAsync(new LaneWrite(_lease, Reach.Nothing).Add(s_remove, rows), cancellationToken) is not Outcome.Applied; attempt++)
        {
            await Task.Delay(PauseAfter(attempt), clock, cancellationToken);
        }
    }

    /// <summary>Waits until there may be another page that is worth its reading.</summary>
    private async Task WaitAsync(Page page, long readAt, CancellationToken cancellationToken)
    {
        if (!page.IsLast)
        {
            return;
        }

        if (page.Positions.Count == 0)
        {
            await _wake.WaitAsync(s_askEvery, cancellationToken);
            Volatile.Write(ref _woken, 0);
        }

        var apart = s_pagesApart - clock.GetElapsedTime(readAt);
        if (apart > TimeSpan.Zero)
        {
            await Task.Delay(apart, clock, cancellationToken);
        }
    }

    private void Wake()
    {
        if (Interlocked.Exchange(ref _woken, 1) == 0)
        {
            _wake.Release();
        }
    }

    // Half of it is jitter, so that the queues of all transports and nodes do not come back in step.
    private TimeSpan PauseAfter(int failures)
    {
        var ceiling = Math.Min(s_pauseMax.TotalMilliseconds, 100 * Math.Pow(2, Math.Min(failures, 12)));
        return TimeSpan.FromMilliseconds((ceiling / 2) + (random.NextDouble() * ceiling / 2));
    }

    [LoggerMessage(61, LogLevel.Warning, "Publishing to {Transport} failed (attempt {Attempt}); the outbox keeps what waits.")]
    private static partial void PublishingFailed(ILogger logger, string transport, int attempt, Exception exception);
}
