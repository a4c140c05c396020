using Laurel.Engine.Lanes;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Members;

namespace Laurel.Membership.Coupons;

/// <summary>One step of a coupon.</summary>
/// <param name="Kind">Of <see cref="CouponNames"/>.</param>
internal sealed record CouponChange(int Tenant, long Member, long Id, long Coupon, string Kind)
{
    public string? OrderId { get; init; }

    /// <summary>Of a use: what the order got; otherwise null.</summary>
    public long? Discount { get; init; }

    /// <summary>The caller's name for the step; empty where time took it.</summary>
    public required string Reference { get; init; }

    /// <summary>In the operator's words; null where there are none.</summary>
    public string? Reason { get; init; }

    public required Instant OccurredAt { get; init; }

    public required Instant RecordedAt { get; init; }
}

/// <summary>The SQL of coupons and their changes.</summary>
internal static class CouponStatements
{
    internal readonly record struct CouponKey(int Tenant, long Member, long Id);

    internal readonly record struct OrderKey(int Tenant, long Member, string OrderId);

    internal readonly record struct TemplateKey(int Tenant, long Member, string Template);

    internal readonly record struct CouponRow(int Tenant, long Member, Coupon Coupon);

    internal const string Columns = """
        c.tenant_id, c.member_id, c.id, c.template, c.terms, c.state, c.origin, c.valid_from, c.expires_at, c.locked_until, c.order_id, c.discount,
        c.other_member, c.other_coupon, c.claimed_at
        """;

    public static readonly SetStatement<CouponKey> ReadCoupons = Statements.Find(Columns, "coupons c", "",
        Column<CouponKey>.Int32("tenant_id", k => k.Tenant),
        Column<CouponKey>.Int64("member_id", k => k.Member),
        Column<CouponKey>.Int64("id", k => k.Id));

    public static readonly SetStatement<OrderKey> ReadOfOrders = Statements.Find(Columns, "coupons c", "",
        Column<OrderKey>.Int32("tenant_id", k => k.Tenant),
        Column<OrderKey>.Int64("member_id", k => k.Member),
        Column<OrderKey>.Text("order_id", k => k.OrderId));

    public static readonly SetStatement<TemplateKey> ReadOfTemplates = Statements.Find("c.member_id, c.template, c.origin", "coupons c", "",
        Column<TemplateKey>.Int32("tenant_id", k => k.Tenant),
        Column<TemplateKey>.Int64("member_id", k => k.Member),
        Column<TemplateKey>.Text("template", k => k.Template));

    private static readonly SetStatement<CouponRow> s_insert = Statements.Insert("coupons",
        Column<CouponRow>.Int32("tenant_id", r => r.Tenant),
        Column<CouponRow>.Int64("member_id", r => r.Member),
        Column<CouponRow>.Int64("id", r => r.Coupon.Id),
        Column<CouponRow>.Text("template", r => r.Coupon.Template),
        Column<CouponRow>.Text("terms", r => r.Coupon.TermsText),
        Column<CouponRow>.Int64("threshold", r => r.Coupon.Terms.Threshold),
        Column<CouponRow>.Text("state", r => CouponNames.Of(r.Coupon.State)),
        Column<CouponRow>.Text("origin", r => CouponNames.Of(r.Coupon.Origin)),
        Column<CouponRow>.Instant("valid_from", r => r.Coupon.ValidFrom),
        Column<CouponRow>.Instant("expires_at", r => r.Coupon.ExpiresAt),
        Column<CouponRow>.Instant("locked_until", r => r.Coupon.LockedUntil),
        Column<CouponRow>.Text("order_id", r => r.Coupon.OrderId),
        Column<CouponRow>.NullableInt64("discount", r => r.Coupon.Discount),
        Column<CouponRow>.NullableInt64("other_member", r => r.Coupon.OtherMember),
        Column<CouponRow>.NullableInt64("other_coupon", r => r.Coupon.OtherCoupon),
        Column<CouponRow>.Instant("claimed_at", r => r.Coupon.ClaimedAt),
        Column<CouponRow>.Instant("due_at", r => r.Coupon.DueAt));

    private static readonly SetStatement<CouponRow> s_update = Statements.Update("coupons", keys: 3,
        Column<CouponRow>.Int32("tenant_id", r => r.Tenant),
        Column<CouponRow>.Int64("member_id", r => r.Member),
        Column<CouponRow>.Int64("id", r => r.Coupon.Id),
        Column<CouponRow>.Text("state", r => CouponNames.Of(r.Coupon.State)),
        Column<CouponRow>.Instant("locked_until", r => r.Coupon.LockedUntil),
        Column<CouponRow>.Text("order_id", r => r.Coupon.OrderId),
        Column<CouponRow>.NullableInt64("discount", r => r.Coupon.Discount),
        Column<CouponRow>.NullableInt64("other_member", r => r.Coupon.OtherMember),
        Column<CouponRow>.NullableInt64("other_coupon", r => r.Coupon.OtherCoupon),
        Column<CouponRow>.Instant("due_at", r => r.Coupon.DueAt));

    public static readonly SetStatement<CouponChange> InsertChanges = Statements.Insert("coupon_changes",
        Column<CouponChange>.Int32("tenant_id", r => r.Tenant),
        Column<CouponChange>.Int64("member_id", r => r.Member),
        Column<CouponChange>.Int64("id", r => r.Id),
        Column<CouponChange>.Int64("coupon_id", r => r.Coupon),
        Column<CouponChange>.Text("kind", r => r.Kind),
        Column<CouponChange>.Text("order_id", r => r.OrderId),
        Column<CouponChange>.NullableInt64("discount", r => r.Discount),
        Column<CouponChange>.Text("reference", r => r.Reference),
        Column<CouponChange>.Text("reason", r => r.Reason),
        Column<CouponChange>.Instant("occurred_at", r => r.OccurredAt),
        Column<CouponChange>.Instant("recorded_at", r => r.RecordedAt));

    public static void Write(SqlScriptBuilder builder, IReadOnlyList<MemberBook> books)
    {
        var added = new List<CouponRow>();
        var changed = new List<CouponRow>();
        foreach (var book in books)
        {
            if (book.HasCoupons)
            {
                var (tenant, member) = (book.Identity.Tenant.Value, book.Identity.Id.Value);
                added.AddRange(book.Coupons.All.New().Select(coupon => new CouponRow(tenant, member, coupon)));
                changed.AddRange(book.Coupons.All.Changed().Select(coupon => new CouponRow(tenant, member, coupon)));
            }
        }

        builder.Add(s_insert, added);
        builder.Add(s_update, changed);
        CouponShareStatements.Write(builder, [.. books.Where(book => book.HasCoupons)]);
    }

    public static Coupon Read(SqlRow row) => new()
    {
        Id = row.Int64(2),
        Template = row.Text(3),
        TermsText = row.Text(4),
        State = CouponNames.StateOf(row.Text(5)),
        Origin = CouponNames.OriginOf(row.Text(6)),
        ValidFrom = row.Instant(7),
        ExpiresAt = row.Instant(8),
        LockedUntil = row.Instant(9),
        OrderId = row.TextOrNull(10),
        Discount = row.Int64OrNull(11),
        OtherMember = row.Int64OrNull(12),
        OtherCoupon = row.Int64OrNull(13),
        ClaimedAt = row.Instant(14),
    };
}

/// <summary>Reads coupons by their ids.</summary>
internal sealed class CouponLoader(MemberKind members) : ChildLoader<CouponStatements.CouponKey>
{
    protected override LoadResult Load(SqlScriptBuilder builder, IReadOnlyList<CouponStatements.CouponKey> needs)
    {
        var found = new List<(RootRef Root, Coupon Coupon)>();
        builder.Add(CouponStatements.ReadCoupons, needs, row =>
            found.Add((members.RootOf(new TenantId(row.Int32(0)), new MemberId(row.Int64(1))), CouponStatements.Read(row))));
        return set =>
        {
            foreach (var (root, coupon) in found)
            {
                set.Loaded<MemberBook>(root).Coupons.All.Load(coupon.Id, coupon);
            }

            foreach (var need in needs)
            {
                set.Loaded<MemberBook>(members.RootOf(new TenantId(need.Tenant), new MemberId(need.Member))).Coupons.All.LoadMissing(need.Id);
            }
        };
    }
}

/// <summary>Reads the coupons that an order has locked or used.</summary>
internal sealed class CouponOrderLoader(MemberKind members) : ChildLoader<CouponStatements.OrderKey>
{
    protected override LoadResult Load(SqlScriptBuilder builder, IReadOnlyList<CouponStatements.OrderKey> needs)
    {
        var found = new List<(RootRef Root, Coupon Coupon)>();
        builder.Add(CouponStatements.ReadOfOrders, needs, row =>
            found.Add((members.RootOf(new TenantId(row.Int32(0)), new MemberId(row.Int64(1))), CouponStatements.Read(row))));
        return set =>
        {
            foreach (var (root, coupon) in found)
            {
                set.Loaded<MemberBook>(root).Coupons.All.Load(coupon.Id, coupon);
            }

            foreach (var need in needs)
            {
                set.Loaded<MemberBook>(members.RootOf(new TenantId(need.Tenant), new MemberId(need.Member))).Coupons.Orders.LoadMissing(need.OrderId);
            }
        };
    }
}

/// <summary>Counts the coupons that a member got of a template.</summary>
internal sealed class CouponCountLoader(MemberKind members) : ChildLoader<CouponStatements.TemplateKey>
{
    protected override LoadResult Load(SqlScriptBuilder builder, IReadOnlyList<CouponStatements.TemplateKey> needs)
    {
        var got = new Dictionary<(long Member, string Template), long>();
        builder.Add(CouponStatements.ReadOfTemplates, needs, row =>
        {
            var key = (row.Int64(0), row.Text(1));
            got[key] = got.GetValueOrDefault(key) + (CouponNames.OriginOf(row.Text(2)) == CouponOrigin.Gift ? 0 : 1);
        });
        return set =>
        {
            foreach (var need in needs)
            {
                set.Loaded<MemberBook>(members.RootOf(new TenantId(need.Tenant), new MemberId(need.Member)))
                    .Coupons.Counts.Load(need.Template, new CouponCount(need.Template, got.GetValueOrDefault((need.Member, need.Template))));
            }
        };
    }
}
