using System.Collections.Immutable;
using Laurel.Ledger;

namespace Laurel.Membership.Coupons;

/// <summary>A line of an order as far as coupons look at it.</summary>
public sealed record CouponLine
{
    /// <summary>What <see cref="Kind"/> is called where something is sold.</summary>
    public const string Goods = "goods";

    /// <summary>What <see cref="Kind"/> is called where something is brought.</summary>
    public const string Delivery = "delivery";

    public required string LineId { get; init; }

    public string? Sku { get; init; }

    public string? Category { get; init; }

    /// <summary><c>goods</c>, <c>delivery</c>, or a word that no coupon is for, such as <c>gift_card</c>.</summary>
    public string Kind { get; init; } = Goods;

    /// <summary>1 or more.</summary>
    public long Quantity { get; init; } = 1;

    /// <summary>What is yet to be paid for it, in minor units; 0 or more.</summary>
    public required long Amount { get; init; }
}

/// <summary>Why an order gets nothing for a coupon.</summary>
public enum CouponMiss
{
    /// <summary>No line is one that it is for.</summary>
    Scope = 0,

    /// <summary>The lines it is for come to less than its threshold.</summary>
    Threshold = 1,

    /// <summary>There is nothing left to be paid.</summary>
    NothingLeft = 2,
}

/// <summary>What an order gets for a coupon.</summary>
/// <param name="Amount">In minor units: never more than its lines, nor than what is yet to be paid.</param>
/// <param name="Shares">What falls on each line, in their order; they add up to the amount.</param>
/// <param name="Miss">Why it is nothing; null where it is something.</param>
public sealed record CouponDiscount(long Amount, ImmutableArray<long> Shares, CouponMiss? Miss)
{
    /// <summary>What an order gets for a coupon with these terms. Pure.</summary>
    /// <param name="terms">Of the coupon.</param>
    /// <param name="lines">Of the order; their amounts add up to 64 bits.</param>
    /// <param name="payable">What is yet to be paid for the whole order, in minor units; 0 or more.</param>
    public static CouponDiscount Of(CouponTerms terms, IReadOnlyList<CouponLine> lines, long payable)
    {
        var inScope = lines.Select(line => line.Kind == CouponLine.Goods && terms.Scope.Contains(line)).ToArray();
        if (!inScope.Contains(true))
        {
            return None(lines, CouponMiss.Scope);
        }

        var weights = new long[lines.Count];
        var counted = 0L;
        for (var i = 0; i < weights.Length; i++)
        {
            counted = checked(counted + (inScope[i] ? lines[i].Amount : 0));
            weights[i] = WeightOf(terms.Kind, lines[i], inScope[i]);
        }

        if (counted < terms.Threshold)
        {
            return None(lines, CouponMiss.Threshold);
        }

        if (terms.Kind == CouponKind.Exchange)
        {
            KeepDearest(lines, weights);
        }

        var wanted = AmountOf(terms, lines, weights);
        var amount = Math.Min(Math.Min(Math.Min(wanted, terms.AmountMax ?? long.MaxValue), weights.Sum()), payable);
        return amount == 0 ? None(lines, CouponMiss.NothingLeft) : new CouponDiscount(amount, [.. Apportionment.LargestRemainder(amount, weights)], null);
    }

    private static CouponDiscount None(IReadOnlyList<CouponLine> lines, CouponMiss miss) => new(0, [.. new long[lines.Count]], miss);

    private static long WeightOf(CouponKind kind, CouponLine line, bool inScope) => kind switch
    {
        CouponKind.AmountOff or CouponKind.PercentOff or CouponKind.Exchange => inScope ? line.Amount : 0,
        CouponKind.FreeShipping => line.Kind == CouponLine.Delivery ? line.Amount : 0,
    };

    private static long AmountOf(CouponTerms terms, IReadOnlyList<CouponLine> lines, long[] weights) => terms.Kind switch
    {
        CouponKind.AmountOff => terms.Amount ?? 0,
        CouponKind.PercentOff => (long)((Int128)weights.Sum() * (terms.PercentBasisPoints ?? 0) / 10_000),
        CouponKind.FreeShipping => weights.Sum(),
        CouponKind.Exchange => weights.Zip(lines, (weight, line) => weight / line.Quantity).Max(),
    };

    /// <summary>An exchange coupon gives one unit of one line: the dearest, of equals the first.</summary>
    private static void KeepDearest(IReadOnlyList<CouponLine> lines, long[] weights)
    {
        var dearest = 0;
        for (var i = 1; i < weights.Length; i++)
        {
            dearest = weights[i] / lines[i].Quantity > weights[dearest] / lines[dearest].Quantity ? i : dearest;
        }

        for (var i = 0; i < weights.Length; i++)
        {
            weights[i] = i == dearest ? weights[i] : 0;
        }
    }
}
