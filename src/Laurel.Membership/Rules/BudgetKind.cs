using Laurel.Engine.Lanes;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Points;

namespace Laurel.Membership.Rules;

/// <summary>How much of a cap over all members is used in one period.</summary>
internal sealed class BudgetCounter(long used) : Aggregate
{
    public long Used { get; private set; } = used;

    /// <exception cref="OverflowException">When the count does not fit 64 bits.</exception>
    public void Add(long added) => Used = checked(Used + added);

    public override Aggregate Copy() => new BudgetCounter(Used);
}

/// <summary>The shared counters of caps over all members. Locked before members, so that those who draw on one budget meet there first.</summary>
internal sealed class BudgetKind : AggregateKind
{
    private readonly record struct Row(int Tenant, long Id, long Used);

    // FOR UPDATE locks nothing where there is no row, so the row is made first.
    private static readonly SetStatement<Row> s_create = Statements.InsertMissing("budget_counters",
        Column<Row>.Int32("tenant_id", r => r.Tenant),
        Column<Row>.Int64("id", r => r.Id),
        Column<Row>.Int64("used", _ => 0));

    private static readonly SetStatement<Row> s_lock = Statements.Lock("c.tenant_id, c.id, c.used", "budget_counters c",
        Column<Row>.Int32("tenant_id", r => r.Tenant),
        Column<Row>.Int64("id", r => r.Id));

    private static readonly SetStatement<Row> s_read = Statements.Find("c.tenant_id, c.id, c.used", "budget_counters c", "",
        Column<Row>.Int32("tenant_id", r => r.Tenant),
        Column<Row>.Int64("id", r => r.Id));

    private static readonly SetStatement<Row> s_update = Statements.Update("budget_counters", keys: 2,
        Column<Row>.Int32("tenant_id", r => r.Tenant),
        Column<Row>.Int64("id", r => r.Id),
        Column<Row>.Int64("used", r => r.Used));

    public override int Rank => 12;

    /// <summary>The counter of a cap and period: found by a hash of both.</summary>
    public RootRef RootOf(TenantId tenant, LimitKey key) =>
        new(this, tenant, (long)(Hash128.Of(tenant.Value, "budget", key.Code, $"{key.Period}").Low & long.MaxValue));

    public override void Lock(SqlScriptBuilder builder, IReadOnlyList<RootRef> roots, WorkingSet set)
    {
        var rows = roots.Select(root => new Row(root.Tenant.Value, root.Id, 0)).ToList();
        builder.Add(s_create, rows);
        builder.Add(s_lock, rows, row => Load(set, row));
    }

    /// <summary>One that nobody has drawn on yet is missing.</summary>
    public override void Read(SqlScriptBuilder builder, IReadOnlyList<RootRef> roots, WorkingSet set) =>
        builder.Add(s_read, [.. roots.Select(root => new Row(root.Tenant.Value, root.Id, 0))], row => Load(set, row));

    private void Load(WorkingSet set, SqlRow row) =>
        set.Load(new RootRef(this, new TenantId(row.Int32(0)), row.Int64(1)), new BudgetCounter(row.Int64(2)));

    public override void Write(SqlScriptBuilder builder, IReadOnlyList<ChangedRoot> changed) =>
        builder.Add(s_update, [.. changed.Select(c => new Row(c.Root.Tenant.Value, c.Root.Id, ((BudgetCounter)c.After).Used))]);
}
