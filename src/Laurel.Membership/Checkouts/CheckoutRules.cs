using System.Collections.Immutable;

namespace Laurel.Membership.Checkouts;

/// <summary>A step on the way from what lines cost to what is paid.</summary>
public enum PriceStep
{
    /// <summary>The lowest of the price in a sale, the price for members and the price of the member's level.</summary>
    MemberPrice = 0,

    /// <summary>Delivery is free from an amount on that the member's level names.</summary>
    Delivery = 1,

    /// <summary>What coupons take off.</summary>
    Coupons = 2,

    /// <summary>What points pay.</summary>
    Points = 3,
}

/// <summary>How a price comes about, and what a checkout may do.</summary>
public sealed record CheckoutRules
{
    /// <summary>A week.</summary>
    public const int ReserveMinutesMax = 10_080;

    /// <summary>Ten years.</summary>
    public const int ReturnedPointsDaysMinMax = 3_650;

    /// <summary>The steps in their order; a step that is not named is not taken.</summary>
    public ImmutableArray<PriceStep> Steps { get; init; } = [PriceStep.MemberPrice, PriceStep.Delivery, PriceStep.Coupons, PriceStep.Points];

    /// <summary>Whether coupons are for lines too that the member gets cheaper already.</summary>
    public bool CouponsOnMemberPrices { get; init; } = true;

    /// <summary>Whether percent coupons reckon what the lines cost before other coupons; otherwise what those have left.</summary>
    public bool PercentOfInitial { get; init; }

    /// <summary>How long a checkout waits for its payment, in minutes.</summary>
    public int ReserveMinutes { get; init; } = 30;

    /// <summary>Points that come back with a refund can be spent so many days more at the least, whatever is left of their own time.</summary>
    public int ReturnedPointsDaysMin { get; init; } = 7;
}
