using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Membership.Coupons;
using Laurel.Membership.Members;
using Laurel.Membership.Programmes;

namespace Laurel.Membership.Checkouts;

/// <summary>Prices a basket from a member's book.</summary>
internal static class CheckoutPrices
{
    /// <summary>Asks for the coupons and the points that a price depends on.</summary>
    /// <param name="points">As many as may be used: <see cref="PointsFor"/>.</param>
    /// <returns>Whether all is there.</returns>
    public static bool IsLoaded(MemberBooks books, MemberBook book, Basket basket, long points, Instant time, LoadPlan plan) =>
        CouponDesk.Has(books, book, basket.Coupons, plan)
        & (points == 0 || books.HasCover(book, points, time, plan));

    /// <summary>What the basket costs the member at a time. Needs what <see cref="IsLoaded"/> asks for.</summary>
    public static Price Of(Programme programme, MemberBook book, Basket basket, long points, Instant time) => Pricing.Of(
        programme,
        programme.LevelOf(book.LevelCode),
        basket,
        [.. basket.Coupons.Select(id => Offer(book, id, time))],
        points == 0 ? 0 : book.Points.AvailableAt(time, points) ?? 0);

    /// <summary>How many points are worth looking for: no more than the lines cost.</summary>
    /// <param name="wanted">Points that the member wants to use at the most.</param>
    public static long PointsFor(CheckoutRules rules, Basket basket, long wanted) =>
        (long)Int128.Min(wanted, (Int128)basket.Lines.Sum(line => line.Amount) * rules.RatePoints / rules.RateMinorUnits);

    private static OfferedCoupon Offer(MemberBook book, long id, Instant time)
    {
        if (book.Coupons.All.Find(id) is not { } stored)
        {
            return new OfferedCoupon(id, "", null, ChangeCoupons.NotFound(id));
        }

        var coupon = stored.At(time);
        return new OfferedCoupon(id, coupon.Template, coupon.Terms, ChangeCoupons.NotFree(coupon, time));
    }
}
