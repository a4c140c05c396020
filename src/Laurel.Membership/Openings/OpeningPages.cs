using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Verification;

namespace Laurel.Membership.Openings;

/// <summary>The pages of the opening tables, in the order of members, and how their rows are read.</summary>
internal static class OpeningPages
{
    public static readonly SetStatement<PageKey> Figures = VerificationPages.Page(
        """
        SELECT o.tenant_id, o.member_id, o.cut_id, o.debt, o.receivable, o.lifetime, o.order_points, o.order_bonus, o.order_growth, o.judged_by,
            o.earned, o.spent, o.movements, o.moved_at, o.latest_at, o.seal, o.inactive_at
        FROM {opening_members o}
        """,
        "o.tenant_id", "o.member_id, o.cut_id", VerificationPages.Tenant, VerificationPages.Member, VerificationPages.First);

    public static readonly SetStatement<PageKey> Units = VerificationPages.Page(
        """
        SELECT o.tenant_id, o.member_id, o.cut_id, o.unit, o.issuance, o.redemption, o.expiry, o.adjustment, o.transfer, o.receivable,
            o.cancellation, o.cash, o.payout, o.exchange
        FROM {opening_balances o}
        """,
        "o.tenant_id", "o.member_id, o.cut_id, o.unit", VerificationPages.Tenant, VerificationPages.Member, VerificationPages.First, VerificationPages.Text);

    public static readonly SetStatement<PageKey> Lots = VerificationPages.Page(
        """
        SELECT o.tenant_id, o.member_id, o.cut_id, o.lot_id, o.granted, o.opening, o.remaining, o.held, o.expired, o.active_at, o.expires_at, o.order_id,
            l.granted AS now_granted, l.opening AS now_opening, l.remaining AS now_remaining, l.held AS now_held, l.expired AS now_expired,
            l.active_at AS now_active_at, l.expires_at AS now_expires_at
        FROM {opening_lots o}
        LEFT JOIN lots l ON l.tenant_id = o.tenant_id AND l.member_id = o.member_id AND l.id = o.lot_id
        """,
        "o.tenant_id", "o.member_id, o.cut_id, o.lot_id", VerificationPages.Tenant, VerificationPages.Member, VerificationPages.First, VerificationPages.Second);

    public static readonly SetStatement<PageKey> Orders = VerificationPages.Page(
        "SELECT o.tenant_id, o.member_id, o.cut_id, o.order_id, o.points_taken, o.growth_taken FROM {opening_orders o}",
        "o.tenant_id", "o.member_id, o.cut_id, o.order_id", VerificationPages.Tenant, VerificationPages.Member, VerificationPages.First, VerificationPages.Text);

    public static OpeningFigures ReadFigures(SqlRow row) => new()
    {
        Tenant = row.Int32(0),
        Member = row.Int64(1),
        Cut = row.Int64(2),
        Debt = row.Int64(3),
        Receivable = row.Int64(4),
        Lifetime = row.Int64(5),
        OrderPoints = row.Int64(6),
        OrderBonus = row.Int64(7),
        OrderGrowth = row.Int64(8),
        JudgedBy = row.Int32(9),
        Earned = row.Int64(10),
        Spent = row.Int64(11),
        Movements = row.Int64(12),
        MovedAt = row.Int64OrNull(13),
        LatestAt = row.Int64(14),
        Seal = row.Bytes(15) is { Length: 16 } seal ? Hash128.FromBytes(seal) : default,
        InactiveAt = row.Int64OrNull(16),
    };

    public static UnitOpening ReadUnit(SqlRow row) => new()
    {
        Tenant = row.Int32(0),
        Member = row.Int64(1),
        Cut = row.Int64(2),
        Unit = row.Text(3),
        Issuance = row.Int64(4),
        Redemption = row.Int64(5),
        Expiry = row.Int64(6),
        Adjustment = row.Int64(7),
        Transfer = row.Int64(8),
        Receivable = row.Int64(9),
        Cancellation = row.Int64(10),
        Cash = row.Int64(11),
        Payout = row.Int64(12),
        Exchange = row.Int64(13),
    };

    public static LotOpening ReadLot(SqlRow row) => new()
    {
        Tenant = row.Int32(0),
        Member = row.Int64(1),
        Cut = row.Int64(2),
        LotId = row.Int64(3),
        Granted = row.Int64(4),
        Opening = row.Int64(5),
        Remaining = row.Int64(6),
        Held = row.Int64(7),
        Expired = row.Int64(8),
        ActiveAt = row.Int64(9),
        ExpiresAt = row.Int64(10),
        OrderId = row.TextOrNull(11),
        Stored = row.IsNull(12)
            ? null
            : new StoredLot(row.Int64(12), row.Int64(13), row.Int64(14), row.Int64(15), row.Int64(16), row.Int64(17), row.Int64(18)),
    };

    public static OrderOpening ReadOrder(SqlRow row) =>
        new(row.Int32(0), row.Int64(1), row.Int64(2), row.Text(3), row.Int64(4), row.Int64(5));
}
