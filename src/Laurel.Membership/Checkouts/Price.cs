using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Serialization;
using Laurel.Membership.Coupons;
using Laurel.Membership.Orders;

namespace Laurel.Membership.Checkouts;

/// <summary>Why something that was asked for, or might have been, takes nothing off.</summary>
public static class PriceMiss
{
    /// <summary>The member has no such coupon, or it cannot be used: the code says why.</summary>
    public const string Unusable = "unusable";

    /// <summary>No line is one that it is for.</summary>
    public const string Scope = "scope";

    /// <summary>The lines it is for come to less than its threshold.</summary>
    public const string Threshold = "threshold";

    /// <summary>There is nothing left to be taken off.</summary>
    public const string NothingLeft = "nothingLeft";

    /// <summary>Another coupon, which takes off no less, shuts it out.</summary>
    public const string NotStackable = "notStackable";

    /// <summary>The benefit that would has no use left for the member.</summary>
    public const string UsesUp = "usesUp";

    /// <summary>No benefit of the member's makes delivery free.</summary>
    public const string NoBenefit = "noBenefit";

    /// <summary>The programme does not take this step.</summary>
    public const string StepLeftOut = "stepLeftOut";

    /// <summary>Points may pay no more of an order.</summary>
    public const string ShareMax = "shareMax";

    /// <summary>The member has no more points.</summary>
    public const string Insufficient = "insufficient";

    /// <summary>So few points are worth no whole minor unit.</summary>
    public const string TooFew = "tooFew";
}

/// <summary>Something that takes off, in the order in which it was applied.</summary>
public sealed record AppliedReduction
{
    /// <summary><c>sale</c>, <c>memberPrice</c>, <c>benefit</c>, <c>delivery</c>, <c>coupon</c> or <c>points</c>.</summary>
    public required string By { get; init; }

    /// <summary>Minor units, 1 or more.</summary>
    public required long Amount { get; init; }

    /// <summary>Of a benefit, and of delivery that one makes free: its code.</summary>
    public string? Benefit { get; init; }

    /// <summary>Of a benefit that checkouts use: how many uses this price takes, told with the first that rests on it; null where it takes none.</summary>
    public long? Uses { get; init; }

    public string? CouponId { get; init; }

    internal long CouponNumber => long.Parse(CouponId!, CultureInfo.InvariantCulture);

    /// <summary>Of a coupon: the code of its template.</summary>
    public string? Template { get; init; }

    /// <summary>Of points: how many.</summary>
    public long? Points { get; init; }
}

/// <summary>Something that does not take off, and why.</summary>
public sealed record MissedReduction
{
    /// <summary><c>benefit</c>, <c>delivery</c>, <c>coupon</c> or <c>points</c>.</summary>
    public required string By { get; init; }

    /// <summary>Of <see cref="PriceMiss"/>.</summary>
    public required string Reason { get; init; }

    /// <summary>Of a benefit that has no use left: its code.</summary>
    public string? Benefit { get; init; }

    public string? CouponId { get; init; }

    public string? Template { get; init; }

    /// <summary>Of an unusable coupon: the error's code, such as <c>COUPON_EXPIRED</c>.</summary>
    public string? Code { get; init; }

    /// <summary>Of a coupon that is shut out: the coupon that does it.</summary>
    public string? OtherId { get; init; }

    /// <summary>What would have been needed, in minor units.</summary>
    public long? Threshold { get; init; }

    /// <summary>How many points are not used.</summary>
    public long? Points { get; init; }
}

/// <summary>What a reduction takes off one line.</summary>
/// <param name="Reduction">The place of the reduction among those that were applied, from 0.</param>
/// <param name="Amount">Minor units, 1 or more.</param>
public sealed record ReductionShare(int Reduction, long Amount);

/// <summary>A line and what is paid for it.</summary>
public sealed record PriceLine
{
    public required string LineId { get; init; }

    public string? Sku { get; init; }

    public string? Category { get; init; }

    public required string Kind { get; init; }

    public required long Quantity { get; init; }

    /// <summary>What it costs everybody, in minor units.</summary>
    public required long Amount { get; init; }

    public required ImmutableArray<ReductionShare> Shares { get; init; }

    /// <summary>Of its shares, what points pay.</summary>
    public required long ByPoints { get; init; }

    /// <summary>What is left to pay in money: 0 to <see cref="Amount"/>.</summary>
    public required long Payable { get; init; }

    /// <summary>What the member gives for it, money and points together, in minor units.</summary>
    [JsonIgnore]
    public long Value => Payable + ByPoints;
}

/// <summary>What a basket costs a member and why.</summary>
public sealed record Price
{
    /// <summary>As they were told, delivery last.</summary>
    public required ImmutableArray<PriceLine> Lines { get; init; }

    public required ImmutableArray<AppliedReduction> Applied { get; init; }

    public required ImmutableArray<MissedReduction> Missed { get; init; }

    /// <summary>What it costs everybody, in minor units.</summary>
    public required long Amount { get; init; }

    /// <summary>What is left to pay in money, in minor units.</summary>
    public required long Payable { get; init; }

    /// <summary>Points that are used.</summary>
    public required long Points { get; init; }

    /// <summary>Points that the member could use for it. Not kept: it is of the moment.</summary>
    [JsonIgnore]
    public long PointsMax { get; init; }

    /// <summary>The coupons that take something off.</summary>
    internal IEnumerable<long> CouponIds() => Applied.Where(reduction => reduction.CouponId is not null).Select(reduction => reduction.CouponNumber);

    /// <summary>The codes of the benefits that it takes a use of.</summary>
    internal IEnumerable<string> BenefitsUsed() => Applied.Where(reduction => reduction.Uses is not null).Select(reduction => reduction.Benefit!);

    /// <summary>What points pay, in minor units.</summary>
    [JsonIgnore]
    public long ByPoints => Lines.Sum(line => line.ByPoints);

    /// <summary>The order that this becomes: each line at what is still paid for it.</summary>
    /// <param name="paidBack">What went back of each line; null where nothing did.</param>
    internal OrderRequest ToOrder(string orderId, string currency, ImmutableArray<long>? paidBack)
    {
        var lines = Lines.Select((line, index) => (Line: line, Paid: line.Payable - (paidBack?[index] ?? 0))).Select(one => new OrderLineRequest
        {
            LineId = one.Line.LineId,
            Sku = one.Line.Sku,
            Quantity = one.Line.Quantity,
            Amount = one.Paid,
            Eligible = one.Line.Kind == CouponLine.Goods ? one.Paid : 0,
            Discounted = one.Line.Shares.Any(share => Applied[share.Reduction].By == Pricing.Sale) ? one.Paid : 0,
            Category = one.Line.Category,
            Kind = one.Line.Kind,
        }).ToImmutableArray();
        return new OrderRequest { OrderId = orderId, Currency = currency, Amount = lines.Sum(line => line.Amount), Lines = lines };
    }
}
