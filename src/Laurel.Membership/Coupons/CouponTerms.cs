using System.Collections.Immutable;

namespace Laurel.Membership.Coupons;

/// <summary>What a coupon takes off an order.</summary>
public enum CouponKind
{
    /// <summary>A fixed amount, from a threshold on (满减).</summary>
    AmountOff = 0,

    /// <summary>A share of the lines it is for, up to a cap.</summary>
    PercentOff = 1,

    /// <summary>What delivery costs, up to a cap.</summary>
    FreeShipping = 2,

    /// <summary>One unit of an article it names.</summary>
    Exchange = 3,
}

/// <summary>Which lines of an order a coupon is for. Everything that is excluded is out; where nothing is named, everything else is in.</summary>
public sealed record CouponScope
{
    public ImmutableArray<string> Categories { get; init; } = [];

    public ImmutableArray<string> Skus { get; init; } = [];

    public ImmutableArray<string> ExcludedCategories { get; init; } = [];

    public ImmutableArray<string> ExcludedSkus { get; init; } = [];

    /// <summary>Whether a line of goods is within it.</summary>
    public bool Contains(CouponLine line)
    {
        var isExcluded = (line.Category is { } category && ExcludedCategories.Contains(category)) || (line.Sku is { } sku && ExcludedSkus.Contains(sku));
        var isNamed = (Categories.IsEmpty && Skus.IsEmpty)
            || (line.Category is { } named && Categories.Contains(named))
            || (line.Sku is { } wanted && Skus.Contains(wanted));
        return isNamed && !isExcluded;
    }
}

/// <summary>What a coupon gives and under which conditions. A coupon keeps the terms it was made with, whatever becomes of its template.</summary>
public sealed record CouponTerms
{
    public required CouponKind Kind { get; init; }

    /// <summary>What the lines it is for must come to, in minor units; 0 is any.</summary>
    public long Threshold { get; init; }

    /// <summary>Of <see cref="CouponKind.AmountOff"/>: what it takes off, in minor units. Null for the others.</summary>
    public long? Amount { get; init; }

    /// <summary>Of <see cref="CouponKind.PercentOff"/>: the share that it takes off, times 10,000: 1,500 is 15%. Null for the others.</summary>
    public int? PercentBasisPoints { get; init; }

    /// <summary>What it takes off at the most, in minor units; null is any amount.</summary>
    public long? AmountMax { get; init; }

    public CouponScope Scope { get; init; } = new();

    /// <summary>Whether an order may use it together with others that are stackable as well.</summary>
    public bool Stackable { get; init; }

    /// <summary>Of the coupons of one group an order uses one at the most; null shuts out none.</summary>
    public string? Group { get; init; }

    /// <summary>Whether the member may give it to another.</summary>
    public bool Transferable { get; init; }

    /// <summary>Whether the member has it again when the order is refunded.</summary>
    public bool ReturnOnRefund { get; init; } = true;

    /// <summary>What any order can get for it, in minor units; null is no bound.</summary>
    public long? DiscountMax => Kind == CouponKind.AmountOff ? Amount : AmountMax;
}
