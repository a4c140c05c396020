using Dapper;
using Laurel.Engine.Sql;

namespace Laurel.ContractTests.Simulation;

/// <summary>The invariants as queries that must find nothing: cheap enough to ask after every step of a simulation.</summary>
internal static class BookInvariants
{
    private static readonly (string Name, string Sql)[] s_queries =
    [
        ("I2: the balance is the sum of the entries", """
            SELECT m.id FROM members m
            WHERE m.points <> COALESCE((SELECT SUM(e.amount) FROM entries e WHERE e.member_id = m.id AND e.unit = 'points'), 0)
            """),
        ("I2: the balance is the lots less the debt", """
            SELECT m.id FROM members m
            WHERE m.points <> COALESCE((SELECT SUM(l.remaining) FROM lots l WHERE l.member_id = m.id), 0) - m.debt
            """),
        ("I2: growth is the sum of its entries", """
            SELECT m.id FROM members m
            WHERE m.growth <> COALESCE((SELECT SUM(e.amount) FROM entries e WHERE e.member_id = m.id AND e.unit = 'growth'), 0)
            """),
        ("I2: lifetime and debt are the sums of their changes", """
            SELECT m.id FROM members m
            WHERE m.lifetime <> COALESCE((SELECT SUM(e.lifetime_delta) FROM entries e WHERE e.member_id = m.id), 0)
               OR m.debt <> COALESCE((SELECT SUM(e.debt_delta) FROM entries e WHERE e.member_id = m.id), 0)
            """),
        ("I2: the last balance told is the balance", """
            SELECT m.id FROM members m JOIN entries e ON e.member_id = m.id AND e.unit = 'points'
            WHERE e.id = (SELECT MAX(x.id) FROM entries x WHERE x.member_id = m.id AND x.unit = 'points') AND e.balance_after <> m.points
            """),
        ("I3: a lot is what it opened with less what was taken", """
            SELECT l.id FROM lots l
            WHERE l.remaining <> l.opening - COALESCE((SELECT SUM(t.points) FROM lot_takes t WHERE t.member_id = l.member_id AND t.lot_id = l.id), 0)
               OR l.remaining < 0 OR l.held < 0 OR l.held > l.remaining
            """),
        ("I3: what is held is pinned and open", """
            SELECT m.id FROM members m
            WHERE m.held <> COALESCE((SELECT SUM(l.held) FROM lots l WHERE l.member_id = m.id), 0)
               OR m.held <> COALESCE((SELECT SUM(h.points - h.captured - h.released) FROM holds h WHERE h.member_id = m.id AND h.status = 'open'), 0)
               OR m.held <> COALESCE((SELECT SUM(p.points) FROM hold_pins p JOIN holds h ON h.member_id = p.member_id AND h.id = p.hold_id AND h.status = 'open' WHERE p.member_id = m.id), 0)
            """),
        ("I4: a key leads to what it made", """
            SELECT k.root_id FROM natural_keys k
            WHERE k.first_id > 0 AND NOT EXISTS (SELECT 1 FROM entries e WHERE e.member_id = k.root_id AND e.id = k.first_id)
              AND NOT EXISTS (SELECT 1 FROM holds h WHERE h.member_id = k.root_id AND h.id = k.first_id)
            """),
        ("I4: an order is paid once", """
            SELECT e.order_id FROM entries e WHERE e.kind = 'earn' AND e.rule = 'order' AND e.unit = 'points' GROUP BY e.order_id HAVING COUNT(*) > 1
            """),
        ("I8: nothing is spent after its expiry", """
            SELECT t.entry_id FROM lot_takes t JOIN lots l ON l.member_id = t.member_id AND l.id = t.lot_id
            JOIN entries e ON e.member_id = t.member_id AND e.id = t.entry_id
            WHERE e.kind = 'spend' AND e.rule = 'spend' AND (t.occurred_at >= l.expires_at OR t.occurred_at < l.active_at)
            """),
        ("I11: a hold that ended is captured or released in full", """
            SELECT h.id FROM holds h WHERE h.status <> 'open' AND h.captured + h.released <> h.points
            """),
    ];

    /// <summary>The names of the invariants that do not hold, with the first row that breaks each.</summary>
    public static async Task<IReadOnlyList<string>> BrokenAsync(Database database, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenReaderAsync(Reach.Everything, cancellationToken);
        var broken = new List<string>();
        foreach (var (name, sql) in s_queries)
        {
            var rows = await session.Connection.QueryAsync<object>(new CommandDefinition(sql, cancellationToken: cancellationToken));
            if (rows.FirstOrDefault() is { } row)
            {
                broken.Add($"{name}: {row}");
            }
        }

        return broken;
    }
}
