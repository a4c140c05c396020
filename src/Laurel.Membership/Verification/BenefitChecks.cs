using System.Data.Common;
using System.Globalization;
using Laurel.Engine.Sql;
using Laurel.Membership.Benefits;

namespace Laurel.Membership.Verification;

/// <summary>Proves the counters of benefits against the uses (I17), by sums that the database makes, and looks that no counter is beyond its
/// limit, and that what is held is held by a checkout.</summary>
internal sealed class BenefitChecks(ReadSnapshot snapshot, Findings findings, ProgrammeHistory programmes)
{
    // Each use that was not given back counts once in its day, its month, its year and in all.
    private const string Counters = """
        SELECT tenant_id, member_id, benefit_code, kind, period, SUM(uses), SUM(used), SUM(moved) FROM (
            SELECT tenant_id, member_id, benefit_code, 'day' AS kind, day AS period, CASE WHEN returned_at IS NULL THEN quantity ELSE 0 END AS uses, 0 AS used, 0 AS moved
            FROM benefit_uses
            UNION ALL
            SELECT tenant_id, member_id, benefit_code, 'month', (day - day % 100) / 100, CASE WHEN returned_at IS NULL THEN quantity ELSE 0 END, 0, 0
            FROM benefit_uses
            UNION ALL
            SELECT tenant_id, member_id, benefit_code, 'year', (day - day % 10000) / 10000, CASE WHEN returned_at IS NULL THEN quantity ELSE 0 END, 0, 0
            FROM benefit_uses
            UNION ALL
            SELECT tenant_id, member_id, benefit_code, 'total', 0, CASE WHEN returned_at IS NULL THEN quantity ELSE 0 END, 0, 0
            FROM benefit_uses
            UNION ALL
            SELECT tenant_id, member_id,
                REPLACE(REPLACE(REPLACE(REPLACE(SUBSTR(limit_code, 9), ':day', ''), ':month', ''), ':year', ''), ':total', ''),
                CASE WHEN limit_code LIKE '%:day' THEN 'day' WHEN limit_code LIKE '%:month' THEN 'month' WHEN limit_code LIKE '%:year' THEN 'year'
                    ELSE 'total' END,
                period, 0, used, 0
            FROM limit_counters WHERE limit_code LIKE 'benefit:%'
            UNION ALL
            SELECT tenant_id, CASE WHEN to_member <> source_id THEN to_member ELSE from_member END,
                REPLACE(REPLACE(REPLACE(REPLACE(SUBSTR(code, 9), ':day', ''), ':month', ''), ':year', ''), ':total', ''),
                CASE WHEN code LIKE '%:day' THEN 'day' WHEN code LIKE '%:month' THEN 'month' WHEN code LIKE '%:year' THEN 'year' ELSE 'total' END,
                period, 0, 0, CASE WHEN to_member <> source_id THEN quantity ELSE -quantity END
            FROM member_merge_moves WHERE kind = 'limit' AND code LIKE 'benefit:%') counted
        GROUP BY tenant_id, member_id, benefit_code, kind, period
        """;

    private const string Held = """
        SELECT tenant_id, member_id, SUM(held), SUM(counted) FROM (
            SELECT tenant_id, member_id, quantity AS held, 0 AS counted FROM benefit_uses WHERE held_until IS NOT NULL
            UNION ALL
            SELECT tenant_id, member_id, 0, used FROM limit_counters WHERE limit_code = 'benefit-held') both_sides
        GROUP BY tenant_id, member_id
        """;

    // What a checkout takes is held as long as the checkout waits, and used once it was paid.
    private const string OfCheckouts = """
        SELECT u.tenant_id, u.member_id, u.biz_no
        FROM benefit_uses u
        LEFT JOIN checkouts c ON c.tenant_id = u.tenant_id AND c.member_id = u.member_id AND c.checkout_id = u.checkout_id
        WHERE (u.checkout_id IS NOT NULL AND c.checkout_id IS NULL)
        OR (u.held_until IS NOT NULL AND (u.checkout_id IS NULL OR u.returned_at IS NOT NULL OR c.state <> 'reserved' OR u.held_until <> c.expires_at))
        OR (u.held_until IS NULL AND u.returned_at IS NULL AND c.state <> 'confirmed')
        """;

    private const string Strays = """
        SELECT u.tenant_id, u.member_id, 'benefit_uses', u.biz_no FROM benefit_uses u
        WHERE NOT EXISTS (SELECT 1 FROM members m WHERE m.tenant_id = u.tenant_id AND m.id = u.member_id)
        UNION ALL
        SELECT g.tenant_id, g.member_id, 'member_benefits', g.reference FROM member_benefits g
        WHERE NOT EXISTS (SELECT 1 FROM members m WHERE m.tenant_id = g.tenant_id AND m.id = g.member_id)
        """;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await EachAsync(Counters, Look, cancellationToken);
        await EachAsync(Held, LookAtHeld, cancellationToken);
        await EachAsync(OfCheckouts, row => Report(InvariantCode.I17, row, "benefit_uses", row.GetString(2), "as its checkout wants it", "otherwise"), cancellationToken);
        await EachAsync(Strays, row => Report(InvariantCode.I9, row, row.GetString(2), row.GetString(3), "a member of its tenant", "none"), cancellationToken);
    }

    private void Look(DbDataReader row)
    {
        findings.Look(InvariantCode.I17);
        var (benefit, kind) = (row.GetString(2), row.GetString(3));
        var (uses, used, moved) = (Number(row, 5) + Number(row, 7), Number(row, 6), Number(row, 7));
        var id = string.Create(CultureInfo.InvariantCulture, $"{BenefitCounters.Prefix}{benefit}:{kind} {Number(row, 4):0}");
        if (uses != used)
        {
            Report(InvariantCode.I17, row, "limit_counters", id, Text(uses), Text(used));
        }
        else if (programmes.UsesMaxEver((int)Number(row, 0), benefit, kind) is { } max && used - moved > max)
        {
            Report(InvariantCode.I17, row, "benefit_uses", id, string.Create(CultureInfo.InvariantCulture, $"at the most {max}"), Text(used));
        }
    }

    private void LookAtHeld(DbDataReader row)
    {
        findings.Look(InvariantCode.I17);
        if (Number(row, 2) != Number(row, 3))
        {
            Report(InvariantCode.I17, row, "limit_counters", BenefitCounters.Held.Code, Text(Number(row, 2)), Text(Number(row, 3)));
        }
    }

    private void Report(InvariantCode code, DbDataReader row, string table, string id, string expected, string found) => findings.Report(code, new Offence
    {
        Tenant = (int)Number(row, 0),
        Member = (long)Number(row, 1),
        Table = table,
        Id = id,
        Expected = expected,
        Found = found,
    });

    private async Task EachAsync(string query, Action<DbDataReader> look, CancellationToken cancellationToken)
    {
        await using var reader = await snapshot.ReadAsync(query, null, cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            look(reader);
        }
    }

    private static string Text(decimal number) => number.ToString("0", CultureInfo.InvariantCulture);

    // A sum is a decimal on the servers.
    private static decimal Number(DbDataReader row, int column) => Convert.ToDecimal(row.GetValue(column), CultureInfo.InvariantCulture);
}
