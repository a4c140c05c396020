using System.Data.Common;
using System.Globalization;
using Laurel.Engine.Sql;

namespace Laurel.Membership.Verification;

/// <summary>What merges moved to a member, less what they moved from it, of the figures that no entry tells.</summary>
internal readonly record struct MergedFigures(Int128 Lifetime, Int128 Receivable, Int128 Orders, Int128 Amount, bool FirstOrder);

/// <summary>Looks at merged members, and at what every merge moved: I20.</summary>
internal sealed class MergeChecks(ReadSnapshot snapshot, Findings findings, long cut)
{
    private const string Figures = """
        SELECT tenant_id, member_id, kind, SUM(quantity) FROM (
            SELECT tenant_id, to_member AS member_id, kind, quantity FROM member_merge_moves
            WHERE kind IN ('lifetime', 'receivable', 'orders', 'amount', 'first_order')
            UNION ALL
            SELECT tenant_id, from_member, kind, -quantity FROM member_merge_moves WHERE kind IN ('lifetime', 'receivable', 'orders', 'amount')) moved
        GROUP BY tenant_id, member_id, kind
        """;

    private const string BrokenMembers = """
        SELECT m.tenant_id, m.id, m.id, COALESCE(m.merged_into, 0), CASE
            WHEN (m.status = 'merged') <> (COALESCE(m.merged_into, 0) > 0) THEN 'merged exactly where it went into another'
            WHEN COALESCE(m.merged_into, 0) > 0 AND s.id IS NULL THEN 'a member of its tenant that it went into'
            WHEN COALESCE(m.merged_into, 0) > 0 AND (SELECT COUNT(*) FROM member_merges g
                WHERE g.tenant_id = m.tenant_id AND g.source_id = m.id AND g.survivor_id = m.merged_into AND g.undone_at IS NULL) <> 1 THEN 'the one merge that stands'
            WHEN COALESCE(m.merged_into, 0) > 0 AND (m.growth <> 0 OR m.debt <> 0 OR m.receivable <> 0 OR m.lifetime <> 0 OR m.total_orders <> 0
                OR m.total_amount <> 0 OR m.balance <> m.balance_held
                OR EXISTS (SELECT 1 FROM member_units u WHERE u.tenant_id = m.tenant_id AND u.member_id = m.id AND u.amount <> 0))
                THEN 'no figures of its own but what is held'
            WHEN COALESCE(m.merged_into, 0) > 0 AND m.points <> m.held
                AND NOT EXISTS (SELECT 1 FROM pending_lots w WHERE w.tenant_id = m.tenant_id AND w.member_id = m.id) THEN 'no points but those that are held'
            WHEN COALESCE(m.merged_into, 0) > 0 AND EXISTS (SELECT 1 FROM coupons c
                WHERE c.tenant_id = m.tenant_id AND c.member_id = m.id AND c.state = 'claimed' AND c.expires_at > (SELECT MAX(g.merged_at) FROM member_merges g
                    WHERE g.tenant_id = m.tenant_id AND g.source_id = m.id)) THEN 'no coupon that may be used'
            END
        FROM members m
        LEFT JOIN members s ON s.tenant_id = m.tenant_id AND s.id = m.merged_into
        WHERE m.merged_into IS NOT NULL OR m.status = 'merged'
        """;

    private const string BrokenMerges = """
        SELECT g.tenant_id, g.source_id, g.id FROM member_merges g
        LEFT JOIN members m ON m.tenant_id = g.tenant_id AND m.id = g.source_id
        LEFT JOIN members s ON s.tenant_id = g.tenant_id AND s.id = g.survivor_id
        WHERE m.id IS NULL OR s.id IS NULL OR s.merged_into IS NULL OR (g.undone_at IS NULL AND COALESCE(m.merged_into, 0) <> g.survivor_id)
            OR (g.undone_at IS NULL) <> (g.undo_operator IS NULL)
        """;

    private const string BrokenMoves = """
        SELECT v.tenant_id, v.source_id, v.id FROM member_merge_moves v
        LEFT JOIN member_merges g ON g.tenant_id = v.tenant_id AND g.source_id = v.source_id AND g.id = v.merge_id
        LEFT JOIN lots f ON f.tenant_id = v.tenant_id AND f.member_id = v.from_member AND f.id = v.from_ref
        LEFT JOIN lots t ON t.tenant_id = v.tenant_id AND t.member_id = v.to_member AND t.id = v.to_ref
        WHERE g.id IS NULL
            OR NOT ((v.from_member = g.source_id AND v.to_member = g.survivor_id) OR (v.from_member = g.survivor_id AND v.to_member = g.source_id))
            OR (v.kind = 'lot' AND (f.id IS NULL OR t.id IS NULL OR t.granted <> v.quantity OR v.quantity > f.granted))
            OR (v.kind = 'coupon' AND NOT EXISTS (SELECT 1 FROM coupons c WHERE c.tenant_id = v.tenant_id AND c.member_id = v.to_member AND c.id = v.to_ref))
        """;

    // What left one member came to the other. A command draws its ids in one go, so none of it lies across a cut for longer than that takes.
    private const string Unbalanced = """
        SELECT e.tenant_id, e.reference_id, e.unit, SUM(e.amount) FROM entries e
        WHERE e.kind = 'merge' AND e.recorded_at >= @Since GROUP BY e.tenant_id, e.reference_id, e.unit HAVING SUM(e.amount) <> 0
        """;

    // A debt that goes leaves points behind, and takes them where it comes.
    private const string Unexplained = """
        SELECT tenant_id, member_id, unit, SUM(amount) FROM (
            SELECT tenant_id, member_id, unit, amount FROM entries WHERE kind = 'merge'
            UNION ALL
            SELECT tenant_id, to_member, CASE WHEN kind IN ('lot', 'debt') THEN 'points' WHEN kind = 'unit' THEN code ELSE kind END,
                CASE WHEN kind = 'debt' THEN quantity ELSE -quantity END
            FROM member_merge_moves WHERE kind IN ('lot', 'debt', 'growth', 'balance', 'unit')
            UNION ALL
            SELECT tenant_id, from_member, CASE WHEN kind IN ('lot', 'debt') THEN 'points' WHEN kind = 'unit' THEN code ELSE kind END,
                CASE WHEN kind = 'debt' THEN -quantity ELSE quantity END
            FROM member_merge_moves WHERE kind IN ('lot', 'debt', 'growth', 'balance', 'unit')) told
        GROUP BY tenant_id, member_id, unit HAVING SUM(amount) <> 0
        """;

    private readonly Dictionary<(int Tenant, long Member), MergedFigures> _figures = [];

    /// <summary>Reads what replays need to know of merges. Called before them.</summary>
    public async Task ReadAsync(CancellationToken cancellationToken)
    {
        await EachAsync(Figures, null, row =>
        {
            var key = (row.GetInt32(0), row.GetInt64(1));
            var (sums, quantity) = (_figures.GetValueOrDefault(key), (Int128)Number(row, 3));
            _figures[key] = row.GetString(2) switch
            {
                "lifetime" => sums with { Lifetime = quantity },
                "receivable" => sums with { Receivable = quantity },
                "orders" => sums with { Orders = quantity },
                "amount" => sums with { Amount = quantity },
                _ => sums with { FirstOrder = quantity > 0 },
            };
        }, cancellationToken);
    }

    /// <summary>What merges moved to a member, less what they moved from it.</summary>
    public MergedFigures Of(int tenant, long member) => _figures.GetValueOrDefault((tenant, member));

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        findings.Look(InvariantCode.I20);
        var into = new Dictionary<(int Tenant, long Member), long>();
        await EachAsync(BrokenMembers, null, row =>
        {
            findings.Look(InvariantCode.I20);
            into[(row.GetInt32(0), row.GetInt64(1))] = row.GetInt64(3);
            if (!row.IsDBNull(4))
            {
                Report(row, "members", row.GetString(4), "something else");
            }
        }, cancellationToken);
        FindCircles(into);
        await EachAsync(BrokenMerges, null, row => Report(row, "member_merges", "two members of its tenant, merged while it stands", "something else"), cancellationToken);
        await EachAsync(
            BrokenMoves, null, row => Report(row, "member_merge_moves", "a move between the two of its merge, of a lot or a coupon that is there", "something else"), cancellationToken);
        var since = cut == 0 ? 0 : Kernel.IdGenerator.TimeOf(cut).Plus(TimeSpan.FromMinutes(1)).UnixMicroseconds;
        await EachAsync(Unbalanced, new { Since = since }, row => ReportSum(row, 0, row.GetString(1), $"{row.GetString(2)} of the merge: what left came, 0"), cancellationToken);
        if (cut == 0)
        {
            await EachAsync(Unexplained, null, row => ReportSum(row, row.GetInt64(1), row.GetString(2), "entries of merges = their moves, difference 0"), cancellationToken);
        }
    }

    private void FindCircles(Dictionary<(int Tenant, long Member), long> into)
    {
        foreach (var ((tenant, member), _) in into)
        {
            var (at, links) = (member, 0);
            while (into.GetValueOrDefault((tenant, at)) is > 0 and var next && links <= into.Count)
            {
                (at, links) = (next, links + 1);
            }

            if (links > into.Count)
            {
                Report(tenant, member, "members", Text(member), "a chain of merges that ends", "a circle");
            }
        }
    }

    private void ReportSum(DbDataReader row, long member, string id, string expected) =>
        Report(row.GetInt32(0), member, "entries", id, expected, Number(row, 3).ToString("0", CultureInfo.InvariantCulture));

    private void Report(DbDataReader row, string table, string expected, string found) =>
        Report(row.GetInt32(0), row.GetInt64(1), table, Text(row.GetInt64(2)), expected, found);

    private void Report(int tenant, long member, string table, string id, string expected, string found) => findings.Report(InvariantCode.I20, new Offence
    {
        Tenant = tenant,
        Member = member,
        Table = table,
        Id = id,
        Expected = expected,
        Found = found,
    });

    private async Task EachAsync(string query, object? arguments, Action<DbDataReader> look, CancellationToken cancellationToken)
    {
        await using var reader = await snapshot.ReadAsync(query, arguments, cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            look(reader);
        }
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    // A sum is a decimal on the servers.
    private static decimal Number(DbDataReader row, int column) => Convert.ToDecimal(row.GetValue(column), CultureInfo.InvariantCulture);
}
