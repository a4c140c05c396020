using System.Globalization;
using Laurel.Kernel;
using Laurel.Membership.Members;

namespace Laurel.Membership.Coupons;

/// <summary>A coupon as it is told.</summary>
public sealed record CouponReply
{
    public required string Id { get; init; }

    public required string Template { get; init; }

    /// <summary><c>claimed</c>, <c>locked</c>, <c>used</c>, <c>expired</c>, <c>given</c> or <c>revoked</c>.</summary>
    public required string State { get; init; }

    /// <summary><c>claim</c>, <c>issue</c>, <c>code</c> or <c>gift</c>.</summary>
    public required string Origin { get; init; }

    /// <summary>What it was made with.</summary>
    public required CouponTerms Terms { get; init; }

    public required DateTimeOffset ClaimedAt { get; init; }

    public required DateTimeOffset ValidFrom { get; init; }

    /// <summary>Exclusive.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>When its lock ends by itself; null where it is not locked.</summary>
    public DateTimeOffset? LockedUntil { get; init; }

    public string? OrderId { get; init; }

    /// <summary>What the order got for it, in minor units; null where it is not used.</summary>
    public long? Discount { get; init; }

    internal static CouponReply Of(Coupon coupon) => new()
    {
        Id = coupon.Id.ToString(CultureInfo.InvariantCulture),
        Template = coupon.Template,
        State = CouponNames.Of(coupon.State),
        Origin = CouponNames.Of(coupon.Origin),
        Terms = coupon.Terms,
        ClaimedAt = coupon.ClaimedAt.ToDateTimeOffset(),
        ValidFrom = coupon.ValidFrom.ToDateTimeOffset(),
        ExpiresAt = coupon.ExpiresAt.ToDateTimeOffset(),
        LockedUntil = coupon.LockedUntil.ToNullable(),
        OrderId = coupon.OrderId,
        Discount = coupon.Discount,
    };

    /// <summary>The same at a time when nobody has written yet what time did to it.</summary>
    internal static CouponReply At(Coupon coupon, Instant now)
    {
        var free = coupon.State == CouponState.Locked && coupon.LockedUntil <= now ? CouponDesk.Freed(coupon) : coupon;
        return Of(free.State == CouponState.Claimed && free.ExpiresAt <= now ? free with { State = CouponState.Expired } : free);
    }
}

/// <summary>Coupons of one member.</summary>
public sealed record CouponsReply
{
    public required string MemberId { get; init; }

    public required IReadOnlyList<CouponReply> Coupons { get; init; }

    internal static CouponsReply Of(MemberBook book, IReadOnlyList<Coupon> coupons) =>
        new() { MemberId = book.IdText, Coupons = [.. coupons.Select(CouponReply.Of)] };
}

/// <summary>A coupon that went from one member to another.</summary>
public sealed record CouponGiftReply
{
    public required string From { get; init; }

    public required string To { get; init; }

    /// <summary>As the receiver has it.</summary>
    public required CouponReply Coupon { get; init; }
}
