using Dapper;
using Laurel.Engine.Lanes;
using Laurel.Engine.Sql;
using Laurel.Kernel;

namespace Laurel.Engine.Events;

/// <summary>Puts batches of events that were published before into a queue of the outbox again.</summary>
/// <remarks>They come with the ids they had, so whoever remembers ids takes them for the repeats they are. Events of every tenant in a
/// batch come again.</remarks>
public sealed class EventReplay(Database database, LaneSet lanes)
{
    private const int PageBatchesMax = 256;

    private const string ReadPage = """
        SELECT batch_id AS BatchId, events AS Events, body AS Body FROM event_batches
        WHERE batch_id > @After AND batch_id < @Before AND recorded_at >= @From AND recorded_at < @Until
        ORDER BY batch_id LIMIT @Limit
        """;

    // What a batch raises joins the outbox whole; only a replay narrows it.
    private static readonly SetStatement<Again> s_insert = Statements.Insert("outbox",
        Column<Again>.Text("transport", r => r.Transport),
        Column<Again>.Int64("batch_id", r => r.BatchId),
        Column<Again>.Text("event_types", r => r.Types));

    private readonly record struct Again(string Transport, long BatchId, string? Types);

    private sealed class Batch
    {
        public long BatchId { get; init; }

        public int Events { get; init; }

        public byte[] Body { get; init; } = [];

        /// <summary>How many of its events are asked for.</summary>
        public int CountOf(IReadOnlyCollection<string> types) =>
            types.Count == 0 ? Events : EventBody.Read(Body).Count(record => types.Contains(record.Type));
    }

    /// <summary>Queues what was recorded from one instant until before another, in the order of the batches.</summary>
    /// <param name="transport">The queue; a name that no transport has is published by nobody.</param>
    /// <param name="types">The types of events that come again; none stands for all.</param>
    /// <returns>How many batches and events wait again.</returns>
    /// <exception cref="IOException">When the database does not take it; what was queued by then stays queued.</exception>
    public async Task<(long Batches, long Events)> RunAsync(
        string transport, Instant from, Instant until, IReadOnlyCollection<string> types, CancellationToken cancellationToken)
    {
        var only = types.Count == 0 ? null : string.Join(' ', types);
        var (after, before) = EventStore.IdsOf(from, until);
        var (batches, events) = (0L, 0L);
        while (await ReadAsync(after, before, from, until, cancellationToken) is { Count: > 0 } page)
        {
            var wanted = page.Select(batch => (batch.BatchId, Count: batch.CountOf(types))).Where(batch => batch.Count > 0).ToList();
            var rows = wanted.ConvertAll(batch => new Again(transport, batch.BatchId, only));
            if (rows.Count > 0 && await lanes.SubmitAsync(new LaneWrite("events/replay", Reach.Nothing).Add(s_insert, rows), cancellationToken) is Outcome.Failed failed)
            {
                throw new IOException($"The outbox could not be written: {failed.Refusal.Code}.");
            }

            (batches, events, after) = (batches + wanted.Count, events + wanted.Sum(batch => (long)batch.Count), page[^1].BatchId);
        }

        return (batches, events);
    }

    private async Task<List<Batch>> ReadAsync(long after, long before, Instant from, Instant until, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenReaderAsync(Reach.Nothing, cancellationToken);
        using var timed = database.Times.Begin("events.replay");
        var arguments = new { After = after, Before = before, From = from.UnixMicroseconds, Until = until.UnixMicroseconds, Limit = PageBatchesMax };
        return (await session.Connection.QueryAsync<Batch>(new CommandDefinition(ReadPage, arguments, cancellationToken: cancellationToken))).AsList();
    }
}
