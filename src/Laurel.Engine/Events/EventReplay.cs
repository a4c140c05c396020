using Dapper;
using Laurel.Engine.Lanes;
using Laurel.Engine.Sql;
using Laurel.Kernel;

namespace Laurel.Engine.Events;

/// <summary>Puts batches of events that were published before into a queue of the outbox again.</summary>
/// <remarks>They come with the ids they had, so whoever remembers ids takes them for the repeats they are. Whole batches come again, events
/// of every type and tenant in them.</remarks>
public sealed class EventReplay(Database database, LaneSet lanes)
{
    private const int PageBatchesMax = 1_000;

    private const string ReadPage = """
        SELECT batch_id AS BatchId, events AS Events FROM event_batches
        WHERE batch_id > @After AND batch_id < @Before AND recorded_at >= @From AND recorded_at < @Until
        ORDER BY batch_id LIMIT @Limit
        """;

    private sealed class Batch
    {
        public long BatchId { get; init; }

        public int Events { get; init; }
    }

    /// <summary>Queues what was recorded from one instant until before another, in the order of the batches.</summary>
    /// <param name="transport">The queue; a name that no transport has is published by nobody.</param>
    /// <returns>How many batches and events wait again.</returns>
    /// <exception cref="IOException">When the database does not take it; what was queued by then stays queued.</exception>
    public async Task<(long Batches, long Events)> RunAsync(string transport, Instant from, Instant until, CancellationToken cancellationToken)
    {
        var (after, before) = EventStore.IdsOf(from, until);
        var (batches, events) = (0L, 0L);
        while (await ReadAsync(after, before, from, until, cancellationToken) is { Count: > 0 } page)
        {
            var rows = page.ConvertAll(batch => new OutboxRow(transport, batch.BatchId));
            var outcome = await lanes.SubmitAsync(new LaneWrite("events/replay").Add(OutboxStatements.Insert, rows), cancellationToken);
            if (outcome is Outcome.Failed failed)
            {
                throw new IOException($"The outbox could not be written: {failed.Refusal.Code}.");
            }

            (batches, events, after) = (batches + page.Count, events + page.Sum(batch => (long)batch.Events), page[^1].BatchId);
        }

        return (batches, events);
    }

    private async Task<List<Batch>> ReadAsync(long after, long before, Instant from, Instant until, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenReaderAsync(cancellationToken);
        using var timed = database.Times.Begin("events.replay");
        var arguments = new { After = after, Before = before, From = from.UnixMicroseconds, Until = until.UnixMicroseconds, Limit = PageBatchesMax };
        return (await session.Connection.QueryAsync<Batch>(new CommandDefinition(ReadPage, arguments, cancellationToken: cancellationToken))).AsList();
    }
}
