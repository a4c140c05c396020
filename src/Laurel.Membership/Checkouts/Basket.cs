using System.Collections.Immutable;
using System.Globalization;
using Laurel.Kernel;
using Laurel.Membership.Benefits;
using Laurel.Membership.Coupons;

namespace Laurel.Membership.Checkouts;

/// <summary>What a member is about to buy, as the shop tells it.</summary>
public sealed record Basket
{
    /// <summary>The name of the line that delivery becomes.</summary>
    public const string DeliveryLine = "delivery";

    public required ImmutableArray<BasketLine> Lines { get; init; }

    /// <summary>What delivery costs, in minor units; null where nothing is delivered.</summary>
    public long? Delivery { get; init; }

    /// <summary>Coupons of the member, in any order.</summary>
    public ImmutableArray<long> Coupons { get; init; } = [];

    /// <summary>Points to pay with at the most, 0 or more.</summary>
    public long Points { get; init; }

    /// <summary>Everything that was told, as one text.</summary>
    internal string Text() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Delivery}|{Points}|{string.Join(',', Coupons.Order())}|{string.Join(';', Lines.Select(line => line.Text()))}");
}

/// <summary>One line of a basket.</summary>
public sealed record BasketLine
{
    public required string LineId { get; init; }

    public string? Sku { get; init; }

    public string? Category { get; init; }

    /// <summary>What it is: <c>goods</c>, <c>gift_card</c> or <c>service</c>. Only goods are reduced and paid with points.</summary>
    public string Kind { get; init; } = CouponLine.Goods;

    /// <summary>1 or more.</summary>
    public long Quantity { get; init; } = 1;

    /// <summary>What the whole line costs everybody, in minor units.</summary>
    public required long Amount { get; init; }

    /// <summary>What it costs in a sale that is on, in minor units; null where there is none.</summary>
    public long? SaleAmount { get; init; }

    /// <summary>What it costs members, in minor units; null where it has no such price.</summary>
    public long? MemberAmount { get; init; }

    /// <summary>Whether nothing but its sale reduces it: neither level nor coupon nor points.</summary>
    public bool Exclusive { get; init; }

    internal string Text() => string.Create(
        CultureInfo.InvariantCulture,
        $"{LineId.Length}:{LineId}|{Sku?.Length}:{Sku}|{Category?.Length}:{Category}|{Kind}|{Quantity}|{Amount}|{SaleAmount}|{MemberAmount}|{Exclusive}");
}

/// <summary>What is known of whoever buys a basket.</summary>
/// <param name="Level">The code of the member's level.</param>
/// <param name="Time">Business time.</param>
/// <param name="Grants">Benefits that the member was granted.</param>
/// <param name="Coupons">The coupons that the basket names.</param>
/// <param name="Points">Points that can be spent; at least as many as the basket names where there are so many.</param>
public sealed record Buyer(
    string Level, Instant Time, IReadOnlyCollection<BenefitGrant> Grants, IReadOnlyList<OfferedCoupon> Coupons, long Points)
{
    /// <summary>Codes of benefits that have no use left.</summary>
    public ImmutableArray<string> UsedUp { get; init; } = [];
}

/// <summary>A coupon that a basket names.</summary>
/// <param name="Terms">Null where the member has no such coupon.</param>
/// <param name="Why">Why it cannot be used whatever is bought; null where nothing is against it.</param>
public sealed record OfferedCoupon(long Id, string Template, CouponTerms? Terms, Refusal? Why)
{
    internal string IdText => Id.ToString(CultureInfo.InvariantCulture);
}
