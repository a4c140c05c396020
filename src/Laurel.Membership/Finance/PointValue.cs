namespace Laurel.Membership.Finance;

/// <summary>What points come to in money: exact in 128 bits, rounded once, at the end.</summary>
/// <param name="Points">This many points …</param>
/// <param name="MinorUnits">… are worth so much, in minor units.</param>
/// <param name="RedemptionBasisPoints">Share of them that is expected to be redeemed, times 10,000.</param>
public readonly record struct PointValue(long Points, long MinorUnits, int RedemptionBasisPoints)
{
    /// <summary>The same value if every point were redeemed.</summary>
    public PointValue Whole => this with { RedemptionBasisPoints = FinanceRules.WholeBasisPoints };

    /// <summary>Minor units that so many points are expected to cost, rounded half up.</summary>
    public long Of(long points) =>
        MoneyRounding.HalfUp((Int128)points * MinorUnits * RedemptionBasisPoints, (Int128)Points * FinanceRules.WholeBasisPoints);
}

/// <summary>The one rounding of money in these reports.</summary>
public static class MoneyRounding
{
    /// <summary>The quotient as a whole number; halves go away from zero (四舍五入), so a sum and its negation round alike.</summary>
    /// <param name="divisor">More than 0.</param>
    /// <exception cref="OverflowException">When the result is past 64 bits.</exception>
    public static long HalfUp(Int128 dividend, Int128 divisor)
    {
        var (quotient, rest) = Int128.DivRem(dividend, divisor);
        return (long)(Int128.Abs(rest) * 2 >= divisor ? quotient + Int128.Sign(dividend) : quotient);
    }
}
