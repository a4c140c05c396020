using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Membership.Benefits;
using Laurel.Membership.Coupons;
using Laurel.Membership.Members;
using Laurel.Membership.Orders;
using Laurel.Membership.Points;

namespace Laurel.Membership.Checkouts;

/// <summary>Gives back what was given for a part of a paid checkout, or all of it: money by whoever took it, points to the member with the ends they
/// had, what the order earned to the merchant, and the coupons and uses of benefits once all of it went back.</summary>
/// <remarks>Keeps I17 and I19. Refusals beside the common ones, first match wins: CHECKOUT_STATE, ORDER_LINE_NOT_FOUND, CHECKOUT_REFUND_EXCEEDS.</remarks>
public sealed class RefundCheckout(TenantId tenant, string checkoutId, string orderId, CheckoutRefundRequest request, MemberBooks books)
    : ChangeCheckout(tenant, checkoutId, books)
{
    public override void NameClaims(HandleResolution handles, ICollection<Claim> claims)
    {
        var content = request.ContentFor(Tenant, CheckoutId, Time);
        claims.Add(new Claim(Hash128.Of(Tenant.Value, "checkout-refund", CheckoutId, request.RefundId), content));
        // The shop's own word of the same refund would be counted twice.
        claims.Add(new Claim(Hash128.Of(Tenant.Value, "refund", orderId, request.RefundId), content));
    }

    protected override Cause CauseOf() => new("Checkout refunded", "refund", request.RefundId) { OrderId = orderId };

    private protected override bool HasParts(MemberBook book, Checkout checkout, Instant time, LoadPlan plan) =>
        base.HasParts(book, checkout, time, plan)
        & new OrderTakeBack(Books, new RefundRequest { OrderId = orderId, RefundId = request.RefundId, Amount = null, Lines = [] }).HasAll(book, time, plan);

    private protected override Decision Take(Posting posting, Checkout checkout, LoadPlan plan)
    {
        if (checkout.State != CheckoutState.Confirmed)
        {
            return InState(checkout.StateAt(posting.Time));
        }

        if (!HasWhatTheOrderTakes(posting, plan))
        {
            return Decision.NeedMore.Instance;
        }

        var (refund, refusal) = CheckoutRefund.Of(checkout, request);
        if (refund is null)
        {
            return new Decision.Refuse(refusal!);
        }

        var after = checkout with
        {
            Refunded = refund.After,
            PaidBack = checkout.PaidBack + refund.MoneySum,
            PointsBack = checkout.PointsBack + refund.Points,
        };
        if (posting.Book.Orders.Find(orderId) is { } order && CountedAgainst(order, checkout, refund, request.RefundId) is { } counted)
        {
            posting.Reach?.Pull(counted.After);
        }

        GivePointsBack(posting, checkout, refund.Points);
        if (after.IsWhollyRefunded && !checkout.IsWhollyRefunded)
        {
            GiveCouponsBack(posting, checkout);
            new BenefitDesk(posting).GiveBack(checkout);
        }

        TakeEarningsBack(posting, checkout, refund);
        var (tenant, member) = (Tenant.Value, posting.Book.Identity.Id.Value);
        posting.Draft.Insert(CheckoutStatements.InsertRefunds, new CheckoutStatements.RefundRow(
            tenant, member, CheckoutId, request.RefundId, refund.MoneySum, refund.Points, posting.Time, posting.Draft.Now));
        posting.Raise(CheckoutEvents.Refunded, new CheckoutStep(member, after) { RefundId = request.RefundId, Money = refund.MoneySum, Points = refund.Points });
        return Become(posting, after);
    }

    // Of a merged member what the order earned is with another.
    private bool HasWhatTheOrderTakes(Posting posting, LoadPlan plan) => posting.Reach is not { } reach
        || posting.Book.Orders.Find(orderId) is not { } order || reach.HasLotsOf(order, plan);

    /// <summary>What was spent last comes back first: it lives longest.</summary>
    private static void GivePointsBack(Posting posting, Checkout checkout, long points)
    {
        var calendar = posting.Programme.Calendar;
        var earliest = calendar.StartOf(calendar.DayOf(posting.Time).AddDays(posting.Programme.Programme.Checkout.ReturnedPointsDaysMin + 1));
        var (skip, left) = (checkout.PointsBack, points);
        foreach (var spent in checkout.Spent.Reverse())
        {
            var skipped = Math.Min(skip, spent.Points);
            var back = Math.Min(spent.Points - skipped, left);
            (skip, left) = (skip - skipped, left - back);
            posting.Grant(back, EntryNames.Refund, EntryNames.RuleCheckoutRefund, new GrantTerms(
                Instant.Max(spent.ExpiresAt, earliest), CountsForLevel: false, RepaysReceivable: false)
            {
                RelatedId = checkout.SpendId,
            });
        }
    }

    private void GiveCouponsBack(Posting posting, Checkout checkout)
    {
        var desk = new CouponDesk(posting, request.RefundId, null);
        foreach (var id in checkout.Price.CouponIds())
        {
            var coupon = desk.Find(id)!;
            if (ComesBack(coupon, checkout))
            {
                desk.Take(coupon, coupon.Freed(), CouponNames.Return);
                desk.Find(id, posting.Time);
            }
        }
    }

    /// <summary>Whether the member has the coupon again once all of the checkout went back.</summary>
    internal static bool ComesBack(Coupon coupon, Checkout checkout) =>
        coupon is { State: CouponState.Used, Terms.ReturnOnRefund: true } && coupon.OrderId == checkout.OrderId;

    private void TakeEarningsBack(Posting posting, Checkout checkout, CheckoutRefund refund)
    {
        // An order that is not completed yet has earned nothing, and will earn by what is left of it.
        if (posting.Book.Orders.Find(orderId) is { } order && CountedAgainst(order, checkout, refund, request.RefundId) is { } counted)
        {
            new OrderTakeBack(Books, counted.Refund).Apply(posting, order, counted.After);
            posting.JudgeLevel(mayFall: true, "order refunded", order.OccurredAt);
        }
    }

    /// <summary>A refund as the completed order counts it; null where that has nothing left to go back.</summary>
    internal static (RefundRequest Refund, OrderBook After)? CountedAgainst(OrderBook order, Checkout checkout, CheckoutRefund refund, string refundId)
    {
        if (refund.MoneySum == 0)
        {
            return null;
        }

        var lines = checkout.Price.Lines.Select((line, i) => new RefundLineRequest(line.LineId, refund.Money[i])).Where(line => line.Amount > 0);
        var byLines = new RefundRequest { OrderId = order.OrderId, RefundId = refundId, Amount = null, Lines = [.. lines] };
        if (OrderTakeBack.Counted(byLines, order, out var after) is null)
        {
            return (byLines, after);
        }

        // The shop told the order itself, in lines of its own: what goes back counts against the whole.
        var whole = byLines with { Lines = [], Amount = Math.Min(refund.MoneySum, order.Amount - order.Refunded) };
        return whole.Amount > 0 && OrderTakeBack.Counted(whole, order, out after) is null ? (whole, after) : null;
    }
}
