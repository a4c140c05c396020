using System.Globalization;
using Laurel.Kernel;
using Laurel.Membership.Members;

namespace Laurel.Membership.Coupons;

/// <summary>Sets coupons aside for an order that is being paid: until the lock ends, no other order gets them, and their own end waits.</summary>
/// <remarks>Refusals beside the common ones: COUPON_LOCK_TIME_INVALID, COUPON_NOT_YET_VALID, COUPON_LOCKED, COUPON_USED,
/// COUPON_EXPIRED, COUPON_GONE, COUPON_NOT_STACKABLE.</remarks>
public sealed class LockCoupons(TenantId tenant, MemberReference member, CouponsRequest request, MemberBooks books)
    : ChangeCoupons(tenant, member, request, books)
{
    /// <summary>How long a lock lasts when its caller names no end.</summary>
    public static readonly TimeSpan ByDefault = TimeSpan.FromMinutes(30);

    /// <summary>How long a lock lasts at the most: it keeps a coupon beyond its end.</summary>
    public static readonly TimeSpan LastsMax = TimeSpan.FromDays(7);

    protected override string Scope => "coupon-lock";

    private protected override bool LooksAtOrder => true;

    private protected override Refusal? Why(CouponDesk desk, MemberBook book, Coupon coupon, CouponPick pick)
    {
        var until = UntilOf(desk);
        if (until <= desk.Time || until > desk.Time.Plus(LastsMax))
        {
            return new Refusal("COUPON_LOCK_TIME_INVALID", ("daysMax", (long)LastsMax.TotalDays)) { Pointer = "/until" };
        }

        return NotFree(coupon, desk.Time) ?? NotStackable(desk, book, coupon);
    }

    private protected override Coupon Change(CouponDesk desk, Coupon coupon, CouponPick pick) =>
        desk.Take(coupon, coupon with { State = CouponState.Locked, OrderId = Request.OrderId, LockedUntil = UntilOf(desk) }, CouponNames.Lock);

    private Instant UntilOf(CouponDesk desk) => Request.Until ?? desk.Time.Plus(ByDefault);
}

/// <summary>Ends the locks of an order that is not paid.</summary>
/// <remarks>Refusals beside the common ones: COUPON_NOT_OF_ORDER.</remarks>
public sealed class ReleaseCoupons(TenantId tenant, MemberReference member, CouponsRequest request, MemberBooks books)
    : ChangeCoupons(tenant, member, request, books)
{
    protected override string Scope => "coupon-release";

    protected override bool NeedsActiveMember => false;

    private protected override Refusal? Why(CouponDesk desk, MemberBook book, Coupon coupon, CouponPick pick) =>
        coupon.State == CouponState.Locked && coupon.OrderId == Request.OrderId ? null : NotOfOrder(coupon, CouponNames.Of(CouponState.Locked));

    private protected override Coupon Change(CouponDesk desk, Coupon coupon, CouponPick pick)
    {
        desk.Take(coupon, CouponDesk.Freed(coupon), CouponNames.Release);
        return desk.Find(coupon.Id, desk.Time)!;
    }

    internal static Refusal NotOfOrder(Coupon coupon, string wanted) => new(
        "COUPON_NOT_OF_ORDER",
        ("coupon", coupon.Id.ToString(CultureInfo.InvariantCulture)),
        ("wanted", wanted),
        ("state", CouponNames.Of(coupon.State)));
}

/// <summary>Uses coupons for an order and records what it got for them. A coupon is used once, by one order.</summary>
/// <remarks>A coupon that is locked for the order may be used until the lock ends, one that is free while it is valid. Refusals beside the
/// common ones: COUPON_NOT_YET_VALID, COUPON_LOCKED, COUPON_USED, COUPON_EXPIRED, COUPON_GONE, COUPON_NOT_STACKABLE,
/// COUPON_DISCOUNT_TOO_GREAT.</remarks>
public sealed class UseCoupons(TenantId tenant, MemberReference member, CouponsRequest request, MemberBooks books)
    : ChangeCoupons(tenant, member, request, books)
{
    protected override string Scope => "coupon-use";

    private protected override bool LooksAtOrder => true;

    private protected override Refusal? Why(CouponDesk desk, MemberBook book, Coupon coupon, CouponPick pick)
    {
        var isItsOwn = coupon.State == CouponState.Locked && coupon.OrderId == Request.OrderId;
        if ((isItsOwn ? null : NotFree(coupon, desk.Time)) is { } refusal)
        {
            return refusal;
        }

        return NotStackable(desk, book, coupon) ?? TooGreat(coupon, pick.Discount ?? 0);
    }

    private protected override Coupon Change(CouponDesk desk, Coupon coupon, CouponPick pick) => desk.Take(
        coupon,
        coupon with { State = CouponState.Used, OrderId = Request.OrderId, Discount = pick.Discount ?? 0, LockedUntil = Instant.Never },
        CouponNames.Use);

    private static Refusal? TooGreat(Coupon coupon, long discount) => discount > coupon.Terms.DiscountMax
        ? new Refusal(
            "COUPON_DISCOUNT_TOO_GREAT",
            ("coupon", coupon.Id.ToString(CultureInfo.InvariantCulture)),
            ("discount", discount),
            ("discountMax", coupon.Terms.DiscountMax))
        : null;
}

/// <summary>Gives coupons of a refunded order back: the member has them again, or they expire at once when their time is over.</summary>
/// <remarks>Refusals beside the common ones: COUPON_NOT_OF_ORDER, COUPON_NOT_RETURNABLE.</remarks>
public sealed class ReturnCoupons(TenantId tenant, MemberReference member, CouponsRequest request, MemberBooks books)
    : ChangeCoupons(tenant, member, request, books)
{
    protected override string Scope => "coupon-return";

    protected override bool NeedsActiveMember => false;

    private protected override Refusal? Why(CouponDesk desk, MemberBook book, Coupon coupon, CouponPick pick)
    {
        if (coupon.State != CouponState.Used || coupon.OrderId != Request.OrderId)
        {
            return ReleaseCoupons.NotOfOrder(coupon, CouponNames.Of(CouponState.Used));
        }

        return coupon.Terms.ReturnOnRefund ? null : new Refusal("COUPON_NOT_RETURNABLE", ("coupon", coupon.Id.ToString(CultureInfo.InvariantCulture)));
    }

    private protected override Coupon Change(CouponDesk desk, Coupon coupon, CouponPick pick)
    {
        desk.Take(coupon, CouponDesk.Freed(coupon), CouponNames.Return);
        return desk.Find(coupon.Id, desk.Time)!;
    }
}

/// <summary>Takes coupons back by hand. They stay counted in the stock and against the member's limit.</summary>
/// <remarks>Refusals beside the common ones: COUPON_LOCKED, COUPON_USED, COUPON_EXPIRED, COUPON_GONE.</remarks>
public sealed class RevokeCoupons(TenantId tenant, MemberReference member, CouponsRequest request, MemberBooks books)
    : ChangeCoupons(tenant, member, request, books)
{
    protected override string Scope => "coupon-revoke";

    protected override bool NeedsActiveMember => false;

    private protected override Refusal? Why(CouponDesk desk, MemberBook book, Coupon coupon, CouponPick pick) =>
        coupon.State == CouponState.Claimed ? null : NotFree(coupon, desk.Time);

    private protected override Coupon Change(CouponDesk desk, Coupon coupon, CouponPick pick) =>
        desk.Take(coupon, coupon with { State = CouponState.Revoked }, CouponNames.Revoke);
}
