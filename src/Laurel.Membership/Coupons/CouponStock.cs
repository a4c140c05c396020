using Laurel.Engine.Lanes;
using Laurel.Engine.Sql;
using Laurel.Kernel;

namespace Laurel.Membership.Coupons;

/// <summary>How many coupons were made of a template, codes that wait for a member included.</summary>
internal sealed class CouponStock(long issued) : Aggregate
{
    public long Issued { get; private set; } = issued;

    /// <exception cref="OverflowException">When the count does not fit 64 bits.</exception>
    public void Issue(long added) => Issued = checked(Issued + added);

    public override Aggregate Copy() => new CouponStock(Issued);
}

/// <summary>The shared counters of templates. Locked before members, so that those who want the last coupon meet there first.</summary>
public sealed class CouponStockKind : AggregateKind
{
    private readonly record struct Row(int Tenant, long Id, long Issued);

    // FOR UPDATE locks nothing where there is no row, so the row is made first.
    private static readonly SetStatement<Row> s_create = Statements.InsertMissing("coupon_stocks",
        Column<Row>.Int32("tenant_id", r => r.Tenant),
        Column<Row>.Int64("id", r => r.Id),
        Column<Row>.Int64("issued", _ => 0));

    private static readonly SetStatement<Row> s_lock = Statements.Lock("s.tenant_id, s.id, s.issued", "coupon_stocks s",
        Column<Row>.Int32("tenant_id", r => r.Tenant),
        Column<Row>.Int64("id", r => r.Id));

    private static readonly SetStatement<Row> s_update = Statements.Update("coupon_stocks", keys: 2,
        Column<Row>.Int32("tenant_id", r => r.Tenant),
        Column<Row>.Int64("id", r => r.Id),
        Column<Row>.Int64("issued", r => r.Issued));

    public override int Rank => 14;

    /// <summary>The id of a template's counter: found by a hash of its code.</summary>
    public static long IdOf(TenantId tenant, string template) => (long)(Hash128.Of(tenant.Value, "coupon-stock", template).Low & long.MaxValue);

    public RootRef RootOf(TenantId tenant, string template) => new(this, tenant, IdOf(tenant, template));

    public override void Lock(SqlScriptBuilder builder, IReadOnlyList<RootRef> roots, WorkingSet set)
    {
        var rows = roots.Select(root => new Row(root.Tenant.Value, root.Id, 0)).ToList();
        builder.Add(s_create, rows);
        builder.Add(s_lock, rows, row => set.Load(new RootRef(this, new TenantId(row.Int32(0)), row.Int64(1)), new CouponStock(row.Int64(2))));
    }

    public override void Write(SqlScriptBuilder builder, IReadOnlyList<ChangedRoot> changed) =>
        builder.Add(s_update, [.. changed.Select(c => new Row(c.Root.Tenant.Value, c.Root.Id, ((CouponStock)c.After).Issued))]);
}
