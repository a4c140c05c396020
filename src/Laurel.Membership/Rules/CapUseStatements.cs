using Laurel.Engine.Lanes;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Members;

namespace Laurel.Membership.Rules;

/// <summary>The SQL of the counters of caps. A row that is missing counts as nothing used.</summary>
internal static class CapUseStatements
{
    internal readonly record struct Key(int Tenant, long Member, int Period);

    private sealed record Row(int Tenant, long Member, CapUse Use);

    public static readonly SetStatement<Key> Read = Statements.Find("c.tenant_id, c.member_id, c.period, c.used", "cap_counters c", "",
        Column<Key>.Int32("tenant_id", k => k.Tenant),
        Column<Key>.Int64("member_id", k => k.Member),
        Column<Key>.Int32("period", k => k.Period));

    private static readonly SetStatement<Row> s_write = Statements.Write("cap_counters", keys: 3,
        Column<Row>.Int32("tenant_id", r => r.Tenant),
        Column<Row>.Int64("member_id", r => r.Member),
        Column<Row>.Int32("period", r => r.Use.Period),
        Column<Row>.Text("used", r => r.Use.ToText()));

    public static void Write(SqlScriptBuilder builder, IReadOnlyList<MemberBook> books)
    {
        var rows = new List<Row>();
        foreach (var book in books)
        {
            // A counter of a member who is not stored yet was never read.
            rows.AddRange(book.Caps.Changed().Concat(book.Caps.New()).Select(use => new Row(book.Identity.Tenant.Value, book.Identity.Id.Value, use)));
        }

        builder.Add(s_write, rows);
    }
}

/// <summary>Reads the counters of caps, a period at a time; those of a new period begin at zero.</summary>
internal sealed class CapUseLoader(MemberKind members) : ChildLoader<CapUseStatements.Key>
{
    protected override LoadResult Load(SqlScriptBuilder builder, IReadOnlyList<CapUseStatements.Key> needs)
    {
        var found = new Dictionary<(long Member, int Period), string>();
        builder.Add(CapUseStatements.Read, needs, row => found[(row.Int64(1), row.Int32(2))] = row.Text(3));
        return set =>
        {
            foreach (var need in needs)
            {
                var caps = set.Loaded<MemberBook>(members.RootOf(new TenantId(need.Tenant), new MemberId(need.Member))).Caps;
                caps.Load(need.Period, found.TryGetValue((need.Member, need.Period), out var text) ? CapUse.Parse(need.Period, text) : CapUse.None(need.Period));
            }
        };
    }
}
