using Dapper;
using Laurel.Engine.Lanes;
using Laurel.Engine.Sql;
using Laurel.Kernel;

namespace Laurel.Engine.Audit;

/// <summary>Removes what is old enough from the beginning of every chain, and leaves a sealed note of how far, so that the rest can be proved.</summary>
/// <param name="kept">How long a record is kept.</param>
public sealed class AuditRetention(Database database, LaneSet lanes, AuditKey key, TimeSpan kept, TimeProvider clock)
{
    /// <summary>Nothing is removed before it is so old: a chain ends with its month, so none that may go on is touched.</summary>
    public const int KeptDaysMin = 32;

    /// <summary>Three years.</summary>
    public const int KeptDaysDefault = 1_095;

    private const int PieceBatches = 512;

    // Callers' writes go on between two pieces of a long clean-up.
    private static readonly TimeSpan s_betweenPieces = TimeSpan.FromMilliseconds(100);

    private const string ReadOld = "SELECT batch_id FROM audit_batches WHERE batch_id < @Before ORDER BY batch_id LIMIT @Limit";

    private const string ReadEnded = "SELECT chain_id FROM audit_chains WHERE batch_id < @Before ORDER BY chain_id LIMIT @Limit";

    private sealed record Clearing(long Before, Instant At, byte[] Seal);

    private static readonly SetStatement<Clearing> s_note = Statements.Write("audit_clearings", keys: 1,
        Column<Clearing>.Int32("id", _ => 1),
        Column<Clearing>.Int64("before_batch_id", c => c.Before),
        Column<Clearing>.Instant("cleared_at", c => c.At),
        Column<Clearing>.Bytes("seal", c => c.Seal));

    private static readonly SetStatement<long> s_batches = Delete("audit_batches", "batch_id");

    private static readonly SetStatement<long> s_acts = Delete("audit_acts", "batch_id");

    private static readonly SetStatement<long> s_chains = Delete("audit_chains", "chain_id");

    /// <summary>Removes everything that is old enough now.</summary>
    /// <returns>Batches removed.</returns>
    /// <exception cref="IOException">When the database does not take it.</exception>
    public async Task<long> RunAsync(CancellationToken cancellationToken)
    {
        var now = Instant.Now(clock);
        var before = IdGenerator.FirstOf(now.Plus(-kept));
        var removed = 0L;
        while (await ReadAsync(ReadOld, before, cancellationToken) is { Count: > 0 } old)
        {
            // The note goes ahead of the first row, and is in the audit itself.
            var piece = removed == 0
                ? new LaneWrite("audit", Reach.Everything) { AuditedAs = "ClearAudit" }.Add(s_note, new Clearing(before, now, key.ClearedOf(before)))
                : new LaneWrite("audit", Reach.Everything);
            await WriteAsync(piece.Add(s_acts, old).Add(s_batches, old), cancellationToken);
            removed += old.Count;
            await Task.Delay(s_betweenPieces, clock, cancellationToken);
        }

        while (removed > 0 && await ReadAsync(ReadEnded, before, cancellationToken) is { Count: > 0 } ended)
        {
            await WriteAsync(new LaneWrite("audit", Reach.Everything).Add(s_chains, ended), cancellationToken);
        }

        return removed;
    }

    private static SetStatement<long> Delete(string table, string column) => new(
        sqlite: $"DELETE FROM {table} WHERE {column} = $1",
        postgres: $"DELETE FROM {table} t USING unnest($1) k (id) WHERE t.{column} = k.id",
        mySql: $"DELETE t FROM {SetStatement.Rows} k STRAIGHT_JOIN {table} t ON t.{column} = k.id",
        Column<long>.Int64("id", id => id));

    private async Task WriteAsync(LaneWrite piece, CancellationToken cancellationToken)
    {
        if (await lanes.SubmitAsync(piece, cancellationToken) is Outcome.Failed failed)
        {
            throw new IOException($"Old records of the audit could not be removed: {failed.Refusal.Code}.");
        }
    }

    private async Task<IReadOnlyList<long>> ReadAsync(string query, long before, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenReaderAsync(Reach.Everything, cancellationToken);
        using var timed = database.Times.Begin("audit.retention");
        var arguments = new { Before = before, Limit = PieceBatches };
        return (await session.Connection.QueryAsync<long>(new CommandDefinition(query, arguments, cancellationToken: cancellationToken))).AsList();
    }
}
