using Laurel.Engine.Lanes;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Members;

namespace Laurel.Membership.Points;

/// <summary>The SQL of limit counters. A row that is missing counts as nothing used.</summary>
internal static class LimitStatements
{
    internal readonly record struct Row(int Tenant, long Member, LimitKey Key, long Used);

    public static readonly SetStatement<Row> ReadLimits = Statements.Find("c.tenant_id, c.member_id, c.limit_code, c.period, c.used", "limit_counters c", "",
        Column<Row>.Int32("tenant_id", r => r.Tenant),
        Column<Row>.Int64("member_id", r => r.Member),
        Column<Row>.Text("limit_code", r => r.Key.Code),
        Column<Row>.Int64("period", r => r.Key.Period));

    private static readonly SetStatement<Row> s_write = Statements.Write("limit_counters", keys: 4,
        Column<Row>.Int32("tenant_id", r => r.Tenant),
        Column<Row>.Int64("member_id", r => r.Member),
        Column<Row>.Text("limit_code", r => r.Key.Code),
        Column<Row>.Int64("period", r => r.Key.Period),
        Column<Row>.Int64("used", r => r.Used));

    public static void Write(SqlScriptBuilder builder, IReadOnlyList<MemberBook> books)
    {
        var rows = new List<Row>();
        foreach (var book in books)
        {
            // A counter of a member who is not stored yet was never read.
            rows.AddRange(book.Limits.Changed().Concat(book.Limits.New()).Select(use => new Row(book.Identity.Tenant.Value, book.Identity.Id.Value, use.Key, use.Used)));
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
