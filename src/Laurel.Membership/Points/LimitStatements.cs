using Laurel.Engine.Lanes;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Members;

namespace Laurel.Membership.Points;

/// <summary>The SQL of limit counters. A row that is missing counts as nothing used.</summary>
internal static class LimitStatements
{
    internal readonly record struct Row(int Tenant, long Member, LimitKey Key, long Used);

    public static readonly SetStatement<Row> ReadLimits = new(
        sqlite: "SELECT tenant_id, member_id, limit_code, period, used FROM limit_counters WHERE tenant_id = $1 AND member_id = $2 AND limit_code = $3 AND period = $4",
        postgres: """
            SELECT c.tenant_id, c.member_id, c.limit_code, c.period, c.used
            FROM unnest($1, $2, $3, $4) k (tenant_id, member_id, limit_code, period)
            JOIN limit_counters c ON c.tenant_id = k.tenant_id AND c.member_id = k.member_id AND c.limit_code = k.limit_code AND c.period = k.period
            """,
        Column<Row>.Int32(r => r.Tenant),
        Column<Row>.Int64(r => r.Member),
        Column<Row>.Text(r => r.Key.Code),
        Column<Row>.Int64(r => r.Key.Period));

    private static readonly SetStatement<Row> s_write = new(
        sqlite: """
            INSERT INTO limit_counters (tenant_id, member_id, limit_code, period, used) VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT DO UPDATE SET used = excluded.used
            """,
        postgres: """
            INSERT INTO limit_counters (tenant_id, member_id, limit_code, period, used) SELECT * FROM unnest($1, $2, $3, $4, $5)
            ON CONFLICT (tenant_id, member_id, limit_code, period) DO UPDATE SET used = excluded.used
            """,
        Column<Row>.Int32(r => r.Tenant),
        Column<Row>.Int64(r => r.Member),
        Column<Row>.Text(r => r.Key.Code),
        Column<Row>.Int64(r => r.Key.Period),
        Column<Row>.Int64(r => r.Used));

    public static void Write(SqlScriptBuilder builder, IReadOnlyList<MemberBook> books)
    {
        var rows = new List<Row>();
        foreach (var book in books)
        {
            rows.AddRange(book.Limits.Changed().Select(use => new Row(book.Identity.Tenant.Value, book.Identity.Id.Value, use.Key, use.Used)));
        }

        builder.Add(s_write, rows);
    }
}

/// <summary>Reads limit counters; a member's new ones begin at zero.</summary>
internal sealed class LimitLoader(MemberKind members) : ChildLoader<LimitStatements.Row>
{
    protected override LoadResult Load(SqlScriptBuilder builder, IReadOnlyList<LimitStatements.Row> needs)
    {
        var found = new Dictionary<(long Member, LimitKey Key), long>();
        builder.Add(LimitStatements.ReadLimits, needs, row =>
            found[(row.Int64(1), new LimitKey(row.Text(2), row.Int32(3)))] = row.Int64(4));
        return set =>
        {
            foreach (var need in needs)
            {
                var used = found.GetValueOrDefault((need.Member, need.Key));
                set.Loaded<MemberBook>(members.RootOf(new TenantId(need.Tenant), new MemberId(need.Member)))
                    .Limits.Load(need.Key, new LimitUse(need.Key, used));
            }
        };
    }
}
