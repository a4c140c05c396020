using Dapper;
using Laurel.Engine.Lanes;
using Laurel.Engine.Sql;
using Laurel.Kernel;

namespace Laurel.Engine.Events;

/// <summary>Removes batches of events that are old enough. One that still waits in the outbox stays.</summary>
/// <param name="kept">How long a batch is kept after it was recorded.</param>
public sealed class EventRetention(Database database, LaneSet lanes, TimeSpan kept, TimeProvider clock)
{
    // Callers' writes go on between two rounds of a long clean-up.
    private static readonly TimeSpan s_betweenRounds = TimeSpan.FromMilliseconds(100);

    private const string HasOld = """
        SELECT COUNT(*) FROM (
            SELECT 1 AS old FROM event_batches b
            WHERE b.batch_id < @Before AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.batch_id = b.batch_id) LIMIT 1) found
        """;

    private static readonly SetStatement<long> s_remove = new(
        sqlite: """
            DELETE FROM event_batches WHERE batch_id IN (
                SELECT b.batch_id FROM event_batches b
                WHERE b.batch_id < $1 AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.batch_id = b.batch_id)
                ORDER BY b.batch_id LIMIT 256)
            """,
        postgres: """
            DELETE FROM event_batches e USING unnest($1) wanted (before)
            WHERE e.batch_id = ANY (ARRAY(
                SELECT b.batch_id FROM event_batches b
                WHERE b.batch_id < wanted.before AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.batch_id = b.batch_id)
                ORDER BY b.batch_id LIMIT 256))
            """,
        mySql: """
            DELETE FROM event_batches WHERE batch_id < $1
            AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.batch_id = event_batches.batch_id)
            ORDER BY batch_id LIMIT 256
            """,
        Column<long>.Int64("before", before => before));

    /// <summary>Removes everything that is old enough now.</summary>
    /// <exception cref="IOException">When the database does not take it.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var before = IdGenerator.FirstOf(Instant.Now(clock).Plus(-kept));
        while (await HasOldAsync(before, cancellationToken))
        {
            if (await lanes.SubmitAsync(new LaneWrite("events/retention", Reach.Nothing).Add(s_remove, before), cancellationToken) is Outcome.Failed failed)
            {
                throw new IOException($"Old events could not be removed: {failed.Refusal.Code}.");
            }

            await Task.Delay(s_betweenRounds, clock, cancellationToken);
        }
    }

    private async Task<bool> HasOldAsync(long before, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenReaderAsync(Reach.Nothing, cancellationToken);
        using var timed = database.Times.Begin("events.retention");
        return await session.Connection.ExecuteScalarAsync<long>(new CommandDefinition(HasOld, new { Before = before }, cancellationToken: cancellationToken)) > 0;
    }
}
