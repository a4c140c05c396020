using Laurel.Engine.Lanes;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Members;

namespace Laurel.Membership.Checkouts;

/// <summary>The SQL of checkouts.</summary>
internal static class CheckoutStatements
{
    internal readonly record struct CheckoutKey(int Tenant, long Member, string CheckoutId);

    private readonly record struct CheckoutRow(int Tenant, long Member, Checkout Checkout);

    /// <param name="Money">What went back in money.</param>
    internal sealed record RefundRow(
        int Tenant, long Member, string CheckoutId, string RefundId, long Money, long Points, Instant OccurredAt, Instant RecordedAt);

    /// <summary>Of <see cref="Read"/>.</summary>
    public const string Columns = """
        c.tenant_id, c.member_id, c.checkout_id, c.order_id, c.state, c.price, c.payable, c.points, c.hold_id, c.spend_id, c.spent, c.refunded, c.paid_back,
        c.points_back, c.reserved_at, c.expires_at, c.ended_at
        """;

    public static readonly SetStatement<CheckoutKey> ReadCheckouts = Statements.Find(
        Columns, "checkouts c", "",
        Column<CheckoutKey>.Int32("tenant_id", k => k.Tenant),
        Column<CheckoutKey>.Int64("member_id", k => k.Member),
        Column<CheckoutKey>.Text("checkout_id", k => k.CheckoutId));

    private static readonly SetStatement<CheckoutRow> s_insert = Statements.Insert("checkouts",
        Column<CheckoutRow>.Int32("tenant_id", r => r.Tenant),
        Column<CheckoutRow>.Int64("member_id", r => r.Member),
        Column<CheckoutRow>.Text("checkout_id", r => r.Checkout.CheckoutId),
        Column<CheckoutRow>.Text("order_id", r => r.Checkout.OrderId),
        Column<CheckoutRow>.Text("state", r => CheckoutNames.Of(r.Checkout.State)),
        Column<CheckoutRow>.Text("price", r => r.Checkout.PriceText),
        Column<CheckoutRow>.Int64("payable", r => r.Checkout.Payable),
        Column<CheckoutRow>.Int64("points", r => r.Checkout.Points),
        Column<CheckoutRow>.NullableInt64("hold_id", r => r.Checkout.HoldId),
        Column<CheckoutRow>.NullableInt64("spend_id", r => r.Checkout.SpendId),
        Column<CheckoutRow>.Text("spent", r => CheckoutNames.Write(r.Checkout.Spent)),
        Column<CheckoutRow>.Text("refunded", r => CheckoutNames.Write(r.Checkout.Refunded)),
        Column<CheckoutRow>.Int64("paid_back", r => r.Checkout.PaidBack),
        Column<CheckoutRow>.Int64("points_back", r => r.Checkout.PointsBack),
        Column<CheckoutRow>.Instant("reserved_at", r => r.Checkout.ReservedAt),
        Column<CheckoutRow>.Instant("expires_at", r => r.Checkout.ExpiresAt),
        Column<CheckoutRow>.NullableInt64("ended_at", r => r.Checkout.EndedAt?.UnixMicroseconds));

    private static readonly SetStatement<CheckoutRow> s_update = Statements.Update("checkouts", keys: 3,
        Column<CheckoutRow>.Int32("tenant_id", r => r.Tenant),
        Column<CheckoutRow>.Int64("member_id", r => r.Member),
        Column<CheckoutRow>.Text("checkout_id", r => r.Checkout.CheckoutId),
        Column<CheckoutRow>.Text("state", r => CheckoutNames.Of(r.Checkout.State)),
        Column<CheckoutRow>.NullableInt64("spend_id", r => r.Checkout.SpendId),
        Column<CheckoutRow>.Text("spent", r => CheckoutNames.Write(r.Checkout.Spent)),
        Column<CheckoutRow>.Text("refunded", r => CheckoutNames.Write(r.Checkout.Refunded)),
        Column<CheckoutRow>.Int64("paid_back", r => r.Checkout.PaidBack),
        Column<CheckoutRow>.Int64("points_back", r => r.Checkout.PointsBack),
        Column<CheckoutRow>.NullableInt64("ended_at", r => r.Checkout.EndedAt?.UnixMicroseconds));

    public static readonly SetStatement<RefundRow> InsertRefunds = Statements.Insert("checkout_refunds",
        Column<RefundRow>.Int32("tenant_id", r => r.Tenant),
        Column<RefundRow>.Int64("member_id", r => r.Member),
        Column<RefundRow>.Text("checkout_id", r => r.CheckoutId),
        Column<RefundRow>.Text("refund_id", r => r.RefundId),
        Column<RefundRow>.Int64("money", r => r.Money),
        Column<RefundRow>.Int64("points", r => r.Points),
        Column<RefundRow>.Instant("occurred_at", r => r.OccurredAt),
        Column<RefundRow>.Instant("recorded_at", r => r.RecordedAt));

    public static void Write(SqlScriptBuilder builder, IReadOnlyList<MemberBook> books)
    {
        var added = new List<CheckoutRow>();
        var changed = new List<CheckoutRow>();
        foreach (var book in books)
        {
            if (book.HasCheckouts)
            {
                var (tenant, member) = (book.Identity.Tenant.Value, book.Identity.Id.Value);
                added.AddRange(book.Checkouts.New().Select(checkout => new CheckoutRow(tenant, member, checkout)));
                changed.AddRange(book.Checkouts.Changed().Select(checkout => new CheckoutRow(tenant, member, checkout)));
            }
        }

        builder.Add(s_insert, added);
        builder.Add(s_update, changed);
    }

    public static Checkout Read(SqlRow row) => new()
    {
        CheckoutId = row.Text(2),
        OrderId = row.Text(3),
        State = CheckoutNames.StateOf(row.Text(4)),
        PriceText = row.Text(5),
        Payable = row.Int64(6),
        Points = row.Int64(7),
        HoldId = row.Int64OrNull(8),
        SpendId = row.Int64OrNull(9),
        Spent = CheckoutNames.ReadSpent(row.Text(10)),
        Refunded = CheckoutNames.ReadRefunded(row.Text(11)),
        PaidBack = row.Int64(12),
        PointsBack = row.Int64(13),
        ReservedAt = row.Instant(14),
        ExpiresAt = row.Instant(15),
        EndedAt = row.Int64OrNull(16) is { } endedAt ? new Instant(endedAt) : null,
    };
}

/// <summary>Reads checkouts by their names.</summary>
internal sealed class CheckoutLoader(MemberKind members) : ChildLoader<CheckoutStatements.CheckoutKey>
{
    protected override LoadResult Load(SqlScriptBuilder builder, IReadOnlyList<CheckoutStatements.CheckoutKey> needs)
    {
        var found = new List<(RootRef Root, Checkout Checkout)>();
        builder.Add(CheckoutStatements.ReadCheckouts, needs, row =>
            found.Add((members.RootOf(new TenantId(row.Int32(0)), new MemberId(row.Int64(1))), CheckoutStatements.Read(row))));
        return set =>
        {
            foreach (var (root, checkout) in found)
            {
                set.Loaded<MemberBook>(root).Checkouts.Load(checkout.CheckoutId, checkout);
            }

            foreach (var need in needs)
            {
                set.Loaded<MemberBook>(members.RootOf(new TenantId(need.Tenant), new MemberId(need.Member))).Checkouts.LoadMissing(need.CheckoutId);
            }
        };
    }
}
