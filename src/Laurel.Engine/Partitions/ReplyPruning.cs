using Dapper;
using Laurel.Engine.Lanes;
using Laurel.Engine.Sql;
using Laurel.Kernel;

namespace Laurel.Engine.Partitions;

/// <summary>Deletes replies past their age where there are no partitions to drop: on SQLite, through the lane, a piece at a time.</summary>
public sealed class ReplyPruning(Database database, LaneSet lanes, TimeSpan kept, TimeProvider clock)
{
    /// <summary>Rows of one write: few enough that callers do not feel it.</summary>
    private const int RowsOfPiece = 256;

    // Walks the table in the order of its key: no index on the age has to be kept up by every write.
    private const string FindOld = """
        SELECT key_hash AS KeyHash, month AS Month FROM replies
        WHERE key_hash > @After AND created_at < @Before ORDER BY key_hash LIMIT @Limit
        """;

    private static readonly SetStatement<Old> s_delete = new(
        sqlite: "DELETE FROM replies WHERE key_hash = $1 AND month = $2",
        postgres: "DELETE FROM replies r USING unnest($1, $2) k (key_hash, month) WHERE r.key_hash = k.key_hash AND r.month = k.month",
        mySql: "DELETE FROM replies WHERE key_hash = $1 AND month = $2",
        Column<Old>.Bytes("key_hash", r => r.KeyHash),
        Column<Old>.Int32("month", r => r.Month));

    private sealed class Old
    {
        public byte[] KeyHash { get; init; } = [];

        public int Month { get; init; }
    }

    /// <summary>Runs until nothing older is left.</summary>
    /// <returns>Rows deleted.</returns>
    /// <exception cref="ReadUnavailableException">When a piece could not be written; the next run goes on.</exception>
    public async Task<long> RunAsync(CancellationToken cancellationToken)
    {
        long deleted = 0;
        byte[] after = [];
        while (true)
        {
            var old = await FindAsync(after, cancellationToken);
            if (old.Count == 0)
            {
                return deleted;
            }

            if (await lanes.SubmitAsync(new LaneWrite("reply-pruning", Reach.Nothing).Add(s_delete, old), cancellationToken) is Outcome.Failed failed)
            {
                throw new ReadUnavailableException($"Old replies could not be deleted: {failed.Refusal.Code}.", null);
            }

            (deleted, after) = (deleted + old.Count, old[^1].KeyHash);
        }
    }

    private async Task<IReadOnlyList<Old>> FindAsync(byte[] after, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenReaderAsync(Reach.Nothing, cancellationToken);
        var arguments = new { After = after, Before = Instant.Now(clock).Plus(-kept).UnixMicroseconds, Limit = RowsOfPiece };
        return [.. await session.Connection.QueryAsync<Old>(new CommandDefinition(FindOld, arguments, cancellationToken: cancellationToken))];
    }
}
