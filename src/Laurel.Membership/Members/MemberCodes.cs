using System.Globalization;
using Laurel.Engine.Lanes;
using Laurel.Engine.Sql;
using Laurel.Kernel;

namespace Laurel.Membership.Members;

/// <summary>Counts the member codes of one tenant and business day.</summary>
internal sealed class MemberCodeCounter(int day, long last) : Aggregate
{
    public long Last { get; private set; } = last;

    /// <summary>The next code of the day: <c>MyyyyMMddNNNNN</c>, wider when five digits no longer do.</summary>
    public string Next()
    {
        Last++;
        return string.Create(CultureInfo.InvariantCulture, $"M{day:D8}{Last:D5}");
    }

    public override Aggregate Copy() => new MemberCodeCounter(day, Last);
}

/// <summary>The shared counters behind member codes. Locked before members, so registrations meet there first.</summary>
internal sealed class MemberCodeKind : AggregateKind
{
    private readonly record struct Row(int Tenant, long Day, long Last);

    // FOR UPDATE locks nothing where there is no row, so the row is made first.
    private static readonly SetStatement<Row> s_create = Statements.InsertMissing("member_code_counters",
        Column<Row>.Int32("tenant_id", r => r.Tenant),
        Column<Row>.Int64("day", r => r.Day),
        Column<Row>.Int64("last", _ => 0));

    private static readonly SetStatement<Row> s_lock = Statements.Lock("c.tenant_id, c.day, c.last", "member_code_counters c",
        Column<Row>.Int32("tenant_id", r => r.Tenant),
        Column<Row>.Int64("day", r => r.Day));

    private static readonly SetStatement<Row> s_update = Statements.Update("member_code_counters", keys: 2,
        Column<Row>.Int32("tenant_id", r => r.Tenant),
        Column<Row>.Int64("day", r => r.Day),
        Column<Row>.Int64("last", r => r.Last));

    public override int Rank => 10;

    public RootRef RootOf(TenantId tenant, int day) => new(this, tenant, day);

    public override void Lock(SqlScriptBuilder builder, IReadOnlyList<RootRef> roots, WorkingSet set)
    {
        var rows = roots.Select(root => new Row(root.Tenant.Value, root.Id, 0)).ToList();
        builder.Add(s_create, rows);
        builder.Add(s_lock, rows, row =>
            set.Load(RootOf(new TenantId(row.Int32(0)), row.Int32(1)), new MemberCodeCounter(row.Int32(1), row.Int64(2))));
    }

    public override void Write(SqlScriptBuilder builder, IReadOnlyList<ChangedRoot> changed) =>
        builder.Add(s_update, [.. changed.Select(c => new Row(c.Root.Tenant.Value, c.Root.Id, ((MemberCodeCounter)c.After).Last))]);
}
