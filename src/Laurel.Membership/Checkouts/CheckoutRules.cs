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
    /// <summary>The most that either side of the rate may be.</summary>
    public const long RateMax = 1_000_000_000;

    /// <summary>What is wrong when <see cref="IsUsable"/> is not so.</summary>
    internal const string Sentence =
        "Checkout: Steps name each step once at the most, RatePoints and RateMinorUnits are 1 to 1,000,000,000, PointsShareMaxPercent 0 to 100, "
        + "ReserveMinutes 1 to 10,080, ReturnedPointsDaysMin 0 to 3,650.";

    /// <summary>The steps in their order; a step that is not named is not taken.</summary>
    public ImmutableArray<PriceStep> Steps { get; init; } = [PriceStep.MemberPrice, PriceStep.Delivery, PriceStep.Coupons, PriceStep.Points];

    /// <summary>Whether coupons are for lines too that the member gets cheaper already.</summary>
    public bool CouponsOnMemberPrices { get; init; } = true;

    /// <summary>Whether percent coupons reckon what the lines cost before other coupons; otherwise what those have left.</summary>
    public bool PercentOfInitial { get; init; }

    /// <summary>This many points pay <see cref="RateMinorUnits"/>: a pair, so that the rate is exact.</summary>
    public long RatePoints { get; init; } = 100;

    /// <summary>What <see cref="RatePoints"/> points pay, in minor units.</summary>
    public long RateMinorUnits { get; init; } = 100;

    /// <summary>Share of what is left for goods that points may pay, 0 to 100.</summary>
    public int PointsShareMaxPercent { get; init; } = 50;

    /// <summary>How long a checkout waits for its payment, in minutes.</summary>
    public int ReserveMinutes { get; init; } = 30;

    /// <summary>Points that come back with a refund can be spent so many days more at the least, whatever is left of their own time.</summary>
    public int ReturnedPointsDaysMin { get; init; } = 7;

    /// <summary>Whether it can be reckoned with.</summary>
    internal bool IsUsable => !Steps.IsDefault && Steps.Distinct().Count() == Steps.Length && Steps.All(Enum.IsDefined)
        && RatePoints is > 0 and <= RateMax && RateMinorUnits is > 0 and <= RateMax
        && PointsShareMaxPercent is >= 0 and <= 100 && ReserveMinutes is > 0 and <= 10_080 && ReturnedPointsDaysMin is >= 0 and <= 3_650;
}
