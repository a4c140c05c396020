namespace Laurel.Membership.Finance;

/// <summary>What of a price is revenue of the goods, and what is deferred for the points that came with them. In minor units.</summary>
public readonly record struct PriceAllocation(long Goods, long Points);

/// <summary>Points as a separate performance obligation: IFRS 15 B39–B42, and Illustrative Example 52.</summary>
public static class DeferredRevenue
{
    /// <summary>Allocates a price in proportion to stand-alone selling prices (IFRS 15.74). The points' share is rounded half up, the
    /// goods' share is the rest, so nothing is lost.</summary>
    /// <param name="price">What was paid, in minor units.</param>
    /// <param name="goods">Stand-alone selling price of the goods.</param>
    /// <param name="points">That of the points: what they are worth, times the share that is expected to be redeemed.</param>
    public static PriceAllocation Allocate(long price, long goods, long points)
    {
        var both = (Int128)goods + points;
        var deferred = both == 0 ? 0 : MoneyRounding.HalfUp((Int128)price * points, both);
        return new PriceAllocation(price - deferred, deferred);
    }

    /// <summary>Revenue recognised to date: the share of the points expected to be redeemed that were redeemed (B42 with B46). Never more than
    /// was deferred, whatever more is redeemed.</summary>
    /// <param name="deferred">What was allocated to the points.</param>
    /// <param name="redeemed">Points redeemed to date.</param>
    /// <param name="expected">Points expected to be redeemed in all, as estimated today.</param>
    public static long Released(long deferred, long redeemed, long expected) =>
        redeemed >= expected ? deferred : MoneyRounding.HalfUp((Int128)deferred * redeemed, expected);
}
