using System.Data.Common;
using Dapper;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Openings;

namespace Laurel.Membership.Finance;

/// <summary>Reads what a recorded day is made of, in one snapshot: the rows of a range of ids and what they lead to, never a whole table.</summary>
/// <remarks>Cost: one look at an index for each entry, take, change of a hold and order of the range. On PostgreSQL plans that would read whole
/// tables are forbidden for the snapshot, as they are to the lanes.</remarks>
public sealed class DayReading : IAsyncDisposable
{
    internal const string Entries = """
        SELECT e.unit, e.kind, e.account, e.amount, e.debt_delta, e.occurred_at, CASE WHEN e.kind = 'reverse' THEN e.detail END,
            CASE WHEN e.kind = 'repay' THEN (
                SELECT g.occurred_at FROM entries g
                WHERE g.tenant_id = e.tenant_id AND g.member_id = e.member_id AND g.id = e.related_id AND g.id >= @Cut) END
        FROM entries e WHERE e.tenant_id = @Tenant AND e.id >= @Begin AND e.id < @End
        """;

    // The order of the joins is forced, as with the journal: the range first, then each row by its key. Where the grant lies below the cut
    // the lot itself says when it was issued.
    internal const string Takes = """
        SELECT e.kind, e.occurred_at, COALESCE(g.occurred_at, l.active_at), t.points
        FROM entries e CROSS JOIN lot_takes t CROSS JOIN lots l
        LEFT JOIN entries g ON g.tenant_id = l.tenant_id AND g.member_id = l.member_id AND g.id = l.id AND g.id >= @Cut
        WHERE e.tenant_id = @Tenant AND e.id >= @Begin AND e.id < @End AND e.unit = 'points' AND e.amount <= 0
        AND t.tenant_id = e.tenant_id AND t.member_id = e.member_id AND t.entry_id = e.id AND t.entry_id >= @Begin AND t.entry_id < @End
        AND l.tenant_id = t.tenant_id AND l.member_id = t.member_id AND l.id = t.lot_id
        """;

    internal const string Holds = """
        SELECT c.kind, c.points, c.occurred_at FROM hold_changes c WHERE c.tenant_id = @Tenant AND c.id >= @HoldsBegin AND c.id < @End
        """;

    // A posting that began the day before was counted there. What callers grant by hand for an order is no part of its price.
    internal const string Sales = """
        SELECT o.amount, x.points, o.occurred_at FROM (
            SELECT e.member_id, e.order_id, SUM(e.amount) AS points FROM entries e
            WHERE e.tenant_id = @Tenant AND e.id >= @Begin AND e.id < @End AND e.posting_id >= @Begin
            AND e.unit = 'points' AND e.kind = 'earn' AND e.rule <> 'earn' AND e.amount > 0 AND e.order_id IS NOT NULL
            GROUP BY e.member_id, e.order_id) x
        CROSS JOIN orders o
        WHERE o.tenant_id = @Tenant AND o.member_id = x.member_id AND o.order_id = x.order_id
        """;

    internal const string Extensions = """
        SELECT c.expires_before, c.expires_after, c.points, c.occurred_at
        FROM lot_changes c WHERE c.tenant_id = @Tenant AND c.id >= @HoldsBegin AND c.id < @End AND c.kind = 'extend'
        """;

    internal const string Forbid = "SET LOCAL enable_seqscan = off; SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off; SET LOCAL jit = off";

    private const string FirstEntry = "SELECT MIN(e.id) FROM entries e WHERE e.tenant_id = @Tenant AND e.id >= @Cut";

    // The columns beside the keys are the accounts there are, each by its name.
    private const string Openings = "SELECT b.* FROM opening_balances b WHERE b.tenant_id = @Tenant AND b.cut_id = @Cut";

    private const string OpeningDebts = """
        SELECT COALESCE(SUM(m.debt), 0), COALESCE(SUM(m.receivable), 0) FROM opening_members m WHERE m.tenant_id = @Tenant AND m.cut_id = @Cut
        """;

    private const string OpeningLots = "SELECT l.active_at, l.remaining FROM opening_lots l WHERE l.tenant_id = @Tenant AND l.cut_id = @Cut";

    private readonly Database _database;
    private readonly ReadSnapshot _snapshot;
    private readonly TenantId _tenant;

    private DayReading(Database database, ReadSnapshot snapshot, TenantId tenant, long cut) =>
        (_database, _snapshot, _tenant, Cut) = (database, snapshot, tenant, cut);

    /// <summary>Where entries begin; 0 where they reach back to the first.</summary>
    public long Cut { get; }

    public DbConnection Connection => _snapshot.Connection;

    public static async Task<DayReading> OpenAsync(Database database, TenantId tenant, CancellationToken cancellationToken)
    {
        var snapshot = await ReadSnapshot.OpenAsync(database, Reach.Of(tenant), cancellationToken);
        try
        {
            await snapshot.Connection.ExecuteAsync(
                new CommandDefinition(database.Choose("SELECT 1", Forbid, "SELECT 1"), commandTimeout: 0, cancellationToken: cancellationToken));
            var cut = await OpeningCut.FindAsync(snapshot.Connection, cancellationToken);
            return new DayReading(database, snapshot, tenant, cut?.Id ?? 0);
        }
        catch
        {
            await snapshot.DisposeAsync();
            throw;
        }
    }

    /// <summary>The first entry that is there; null where there is none.</summary>
    public Task<long?> FirstEntryAsync(CancellationToken cancellationToken) => Connection.ExecuteScalarAsync<long?>(
        new CommandDefinition(FirstEntry, new { Tenant = _tenant.Value, Cut }, commandTimeout: 0, cancellationToken: cancellationToken));

    /// <summary>Adds all rows of a range of ids up.</summary>
    /// <param name="begin">The first id of the day. Entries below the cut are not there, or not to be read; changes of holds are.</param>
    public async Task AddAsync(DayReckoning reckoning, long begin, long end, CancellationToken cancellationToken)
    {
        using var timed = _database.Times.Begin("finance.day");
        var arguments = new { Tenant = _tenant.Value, Begin = Math.Max(begin, Cut), End = end, HoldsBegin = begin, Cut };
        await ReadAsync(Entries, arguments, row => reckoning.Add(new DayEntry(
            row.GetString(0), row.GetString(1), row.GetString(2), row.GetInt64(3), row.GetInt64(4), new Instant(row.GetInt64(5)),
            row.IsDBNull(6) ? null : row.GetString(6),
            row.IsDBNull(7) ? null : new Instant(row.GetInt64(7)))), cancellationToken);
        await ReadAsync(Takes, arguments, row => reckoning.Add(
            new DayTake(row.GetString(0), new Instant(row.GetInt64(1)), new Instant(row.GetInt64(2)), row.GetInt64(3))), cancellationToken);
        await ReadAsync(
            Holds, arguments, row => reckoning.AddHold(row.GetString(0), row.GetInt64(1), new Instant(row.GetInt64(2))), cancellationToken);
        await ReadAsync(Sales, arguments, row => reckoning.AddSale(row.GetInt64(0), SumOf(row, 1), new Instant(row.GetInt64(2))), cancellationToken);
        await ReadAsync(Extensions, arguments, row => reckoning.AddExtension(
            new Instant(row.GetInt64(0)), new Instant(row.GetInt64(1)), row.GetInt64(2), new Instant(row.GetInt64(3))), cancellationToken);
    }

    /// <summary>The sums of the opening balances that stand for entries below the cut. Read once for each cut, at the most.</summary>
    public async Task<OpeningSums> OpeningsAsync(BusinessCalendar calendar, CancellationToken cancellationToken)
    {
        var accounts = new Dictionary<(string Unit, string Account), long>();
        var lots = new Dictionary<int, long>();
        var (debt, receivable) = (0L, 0L);
        var arguments = new { Tenant = _tenant.Value, Cut };
        await ReadAsync(Openings, arguments, row =>
        {
            var unit = row.GetString(row.GetOrdinal("unit"));
            for (var column = 0; column < row.FieldCount; column++)
            {
                if (row.GetName(column) is var account and not ("tenant_id" or "member_id" or "cut_id" or "unit"))
                {
                    accounts[(unit, account)] = accounts.GetValueOrDefault((unit, account)) + row.GetInt64(column);
                }
            }
        }, cancellationToken);
        await ReadAsync(OpeningDebts, arguments, row => (debt, receivable) = (SumOf(row, 0), SumOf(row, 1)), cancellationToken);
        await ReadAsync(OpeningLots, arguments, row =>
        {
            var month = FinanceCalendar.MonthOf(FinanceCalendar.NumberOf(calendar, new Instant(row.GetInt64(0))));
            lots[month] = lots.GetValueOrDefault(month) + row.GetInt64(1);
        }, cancellationToken);
        return new OpeningSums(accounts, debt, receivable, lots);
    }

    public ValueTask DisposeAsync() => _snapshot.DisposeAsync();

    private async Task ReadAsync(string query, object arguments, Action<DbDataReader> read, CancellationToken cancellationToken)
    {
        await using var reader = await _snapshot.ReadAsync(query, arguments, cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            read(reader);
        }
    }

    // A sum is a decimal on the servers.
    private static long SumOf(DbDataReader row, int column) => Convert.ToInt64(row.GetValue(column), System.Globalization.CultureInfo.InvariantCulture);
}

/// <summary>What opening balances come to.</summary>
/// <param name="Lots">Points left, by the month that issued them.</param>
public sealed record OpeningSums(
    IReadOnlyDictionary<(string Unit, string Account), long> Accounts, long Debt, long Receivable, IReadOnlyDictionary<int, long> Lots);
