using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Membership.Benefits;
using Laurel.Membership.Coupons;
using Laurel.Membership.Members;
using Laurel.Membership.Programmes;

namespace Laurel.Membership.Checkouts;

/// <summary>Prices a basket from a member's book.</summary>
internal static class CheckoutPrices
{
    /// <summary>Asks for the coupons, the points, the grants and the uses that a price depends on.</summary>
    /// <param name="points">As many as may be used: <see cref="PointsFor"/>.</param>
    /// <returns>Whether all is there.</returns>
    public static bool IsLoaded(MemberBooks books, MemberBook book, ActiveProgramme programme, Basket basket, long points, Instant time, LoadPlan plan)
    {
        var hasGrants = true;
        foreach (var benefit in programme.Benefits.All)
        {
            hasGrants &= !benefit.IsInForce(time) || books.Benefits.HasGrants(book, benefit.Definition.Code, plan);
        }

        foreach (var benefit in programme.Benefits.UsedByCheckouts(time))
        {
            hasGrants &= books.Benefits.HasStanding(book, benefit.Definition.Code, programme.Calendar.DayOf(time), time, plan);
        }

        return hasGrants & CouponDesk.Has(books, book, basket.Coupons, plan) & (points == 0 || books.HasCover(book, points, time, plan));
    }

    /// <summary>What the basket costs the member at a time. Needs what <see cref="IsLoaded"/> asks for.</summary>
    public static Price Of(ActiveProgramme programme, MemberBook book, Basket basket, long points, Instant time)
    {
        var coupons = basket.Coupons.Select(id => Offer(book, id, time));
        var available = points == 0 ? 0 : book.Points.AvailableAt(time, points) ?? 0;
        var buyer = new Buyer(book.LevelCode, time, [.. programme.Benefits.GrantsOf(book)], [.. coupons], available)
        {
            UsedUp = programme.Benefits.UsedUp(time, key => BenefitDesk.UsedAt(book, key, time)),
        };
        return Pricing.Of(programme, buyer, basket);
    }

    /// <summary>How many points are worth looking for: no more than the lines cost.</summary>
    /// <param name="wanted">Points that the member wants to use at the most.</param>
    public static long PointsFor(Programme programme, Basket basket, long wanted) => programme.PointsPayment is { } terms
        ? (long)Int128.Min(wanted, (Int128)basket.Lines.Sum(line => line.Amount) * terms.Points / terms.MinorUnits)
        : 0;

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
