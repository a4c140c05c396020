using Dapper;
using Laurel.Engine.Lanes;
using Laurel.Engine.Replicas;
using Laurel.Engine.Sql;
using Laurel.Kernel;

namespace Laurel.Platform.Access;

/// <summary>Clears what is remembered of access for some minutes only, a piece at a time: changes that every node has heard of, and nonces of signatures
/// that are too old to be admitted.</summary>
public sealed class AccessClearing(Database database, LaneSet lanes, TimeProvider clock)
{
    /// <summary>How long changes are kept.</summary>
    public static readonly TimeSpan ChangesKept = TimeSpan.FromMinutes(10);

    /// <summary>Rows of one write: few enough that callers do not feel it.</summary>
    private const int RowsOfPiece = 1_024;

    private const string FindChanges = "SELECT id FROM access_changes WHERE id < @Before ORDER BY id LIMIT @Limit";

    private const string FindNonces = "SELECT id FROM signature_nonces WHERE seen_at < @Before ORDER BY seen_at LIMIT @Limit";

    private static readonly SetStatement<long> s_clearChanges = Clearing("access_changes");

    private static readonly SetStatement<long> s_clearNonces = Clearing("signature_nonces");

    /// <summary>Runs until nothing older is left.</summary>
    /// <exception cref="ReadUnavailableException">When a piece could not be written; the next run goes on.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var now = Instant.Now(clock);
        await RunAsync(FindChanges, IdGenerator.FirstOf(now.Plus(-ChangesKept)), s_clearChanges, cancellationToken);
        // A minute more: the clocks of two nodes are never quite the same.
        await RunAsync(FindNonces, now.Plus(-SignedCalls.NoncesKept - TimeSpan.FromMinutes(1)).UnixMicroseconds, s_clearNonces, cancellationToken);
    }

    private static SetStatement<long> Clearing(string table) => new(
        sqlite: $"DELETE FROM {table} WHERE id = $1",
        postgres: $"DELETE FROM {table} t USING unnest($1) k (id) WHERE t.id = k.id",
        mySql: $"DELETE FROM {table} WHERE id = $1",
        Column<long>.Int64("id", id => id));

    private async Task RunAsync(string find, long before, SetStatement<long> clear, CancellationToken cancellationToken)
    {
        while (true)
        {
            var ids = await FindAsync(find, before, cancellationToken);
            if (ids.Count == 0)
            {
                return;
            }

            if (await lanes.SubmitAsync(new LaneWrite("access", Reach.Everything).Add(clear, ids), cancellationToken) is Outcome.Failed failed)
            {
                throw new ReadUnavailableException($"Old rows of access could not be deleted: {failed.Refusal.Code}.", null);
            }
        }
    }

    private async Task<List<long>> FindAsync(string find, long before, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenReaderAsync(Reach.Everything, cancellationToken);
        using var timed = database.Times.Begin("access.old");
        var command = new CommandDefinition(find, new { Before = before, Limit = RowsOfPiece }, cancellationToken: cancellationToken);
        return (await session.Connection.QueryAsync<long>(command)).AsList();
    }
}
