using Dapper;
using Laurel.Engine.Lanes;
using Laurel.Engine.Replicas;
using Laurel.Engine.Sql;
using Laurel.Identity.Passwords;
using Laurel.Kernel;

namespace Laurel.Identity.Sessions;

/// <summary>Deletes what signing in leaves behind and nobody asks for any more: sessions long over, counters of tries and of codes, codes.</summary>
public sealed class SessionClearing(Database database, LaneSet lanes, TimeProvider clock)
{
    /// <summary>How long a session that has ended can still be told from one that never was.</summary>
    public static readonly TimeSpan SessionsKept = TimeSpan.FromDays(7);

    private static readonly TimeSpan s_codesKept = TimeSpan.FromDays(1);
    private static readonly TimeSpan s_budgetsKept = TimeSpan.FromDays(2);

    /// <summary>Rows of one write: few enough that callers do not feel it.</summary>
    private const int RowsOfPiece = 256;

    private sealed record Old(int Tenant, long Id, long Before);

    private sealed class Found
    {
        public int Tenant { get; init; }

        public long Id { get; init; }
    }

    private sealed record Table(string Find, SetStatement<Old> Delete, TimeSpan Kept);

    private static readonly Table[] s_tables =
    [
        TableOf("sessions", "expires_at", SessionsKept),
        TableOf("sign_in_failures", "since", SignInFailures.Window),
        TableOf("sign_in_codes", "sent_at", s_codesKept),
        TableOf("sign_in_budgets", "last_at", s_budgetsKept),
    ];

    /// <summary>Runs until nothing older is left.</summary>
    /// <returns>Rows deleted.</returns>
    /// <exception cref="ReadUnavailableException">When a piece could not be written; the next run goes on.</exception>
    public async Task<long> RunAsync(CancellationToken cancellationToken)
    {
        long deleted = 0;
        foreach (var table in s_tables)
        {
            var before = Instant.Now(clock).Plus(-table.Kept).UnixMicroseconds;
            while (await FindAsync(table, before, cancellationToken) is { Count: > 0 } old)
            {
                if (await lanes.SubmitAsync(new LaneWrite("sessions", Reach.Everything).Add(table.Delete, old), cancellationToken) is Outcome.Failed failed)
                {
                    throw new ReadUnavailableException($"Old sessions could not be deleted: {failed.Refusal.Code}.", null);
                }

                deleted += old.Count;
            }
        }

        return deleted;
    }

    // What was used again since it was found stays.
    private static Table TableOf(string table, string column, TimeSpan kept) => new(
        $"SELECT tenant_id AS Tenant, id AS Id FROM {table} WHERE {column} < @Before ORDER BY {column} LIMIT @Limit",
        new SetStatement<Old>(
            sqlite: $"DELETE FROM {table} WHERE tenant_id = $1 AND id = $2 AND {column} < $3",
            postgres: $"""
                DELETE FROM {table} t USING unnest($1, $2, $3) k (tenant_id, id, before)
                WHERE t.tenant_id = k.tenant_id AND t.id = k.id AND t.{column} < k.before
                """,
            mySql: $"""
                DELETE t FROM {SetStatement.Rows} k STRAIGHT_JOIN {table} t ON t.tenant_id = k.tenant_id AND t.id = k.id
                WHERE t.{column} < k.until_then
                """,
            Column<Old>.Int32("tenant_id", o => o.Tenant),
            Column<Old>.Int64("id", o => o.Id),
            Column<Old>.Int64("until_then", o => o.Before)),
        kept);

    private async Task<IReadOnlyList<Old>> FindAsync(Table table, long before, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenReaderAsync(Reach.Everything, cancellationToken);
        using var timed = database.Times.Begin("sessions.old");
        var found = await session.Connection.QueryAsync<Found>(new CommandDefinition(
            table.Find, new { Before = before, Limit = RowsOfPiece }, cancellationToken: cancellationToken));
        return [.. found.Select(row => new Old(row.Tenant, row.Id, before))];
    }
}
