using System.Globalization;
using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Membership.Coupons;
using Laurel.Membership.Members;
using Laurel.Membership.Orders;
using Laurel.Membership.Programmes;
using Laurel.Membership.Rules;

namespace Laurel.Membership.Checkouts;

/// <summary>What a basket costs a member now, and what the order would earn. Changes nothing.</summary>
public sealed class QuoteBasket(TenantId tenant, MemberReference member, Basket basket, ActiveProgramme programme, MemberBooks books)
    : MemberQuestion(tenant, member, books)
{
    private readonly long _points = CheckoutPrices.PointsFor(programme.Programme, basket, long.MaxValue);

    public override void NameRoots(HandleResolution handles, ICollection<RootRef> roots)
    {
        base.NameRoots(handles, roots);
        Books.Rules.NameRoots(Tenant, programme, EventTypes.OrderCompleted, Time ?? handles.Now, roots);
    }

    protected override bool IsLoaded(MemberBook book, Instant time, LoadPlan plan) =>
        Books.HasDue(book, time, plan)
        & CheckoutPrices.IsLoaded(Books, book, programme, basket, _points, time, plan)
        & Books.Rules.HasCounters(book, programme, EventTypes.OrderCompleted, time, plan);

    protected override Decision Answer(Draft draft, MemberBook book, Instant time)
    {
        // What time has done to the points is done to a copy: it is written by whoever changes something.
        var copy = (MemberBook)book.Copy();
        copy.Points.Settle(time);
        copy.LevelCode = programme.Cards.LevelAt(copy.LevelCode, copy.LevelState, time);
        var rules = programme.Programme;
        var price = CheckoutPrices.Of(programme, copy, basket, _points, time);
        var facts = new RuleFacts
        {
            Member = copy,
            Event = new EventFacts(EventTypes.OrderCompleted, CompleteCheckout.Source, "", EventFacts.NoData),
            Time = time,
            Order = price.ToOrder("", rules.Currency, null),
        };
        var reply = new QuoteReply
        {
            MemberId = copy.Identity.Id.ToString(),
            Level = copy.LevelCode,
            Version = rules.Version,
            Currency = rules.Currency,
            Payable = price.Payable,
            PointsMax = price.PointsMax,
            Price = price,
            Earnings =
            [
                .. from trace in Books.Rules.Try(draft, programme, facts)
                   where trace.Award is { Granted: > 0 }
                   select new QuotedEarning(trace.Rule.Code, trace.Rule.Unit, trace.Award!.Granted),
            ],
        };
        return new Decision.Apply(reply, 0, 0, 0);
    }
}

/// <summary>What a refund of a checkout would do. Changes nothing.</summary>
internal sealed class PreviewRefund(TenantId tenant, string checkoutId, CheckoutRefundRequest request, MemberBooks books)
    : MemberQuestion(tenant, MemberReference.ByHandle(Checkout.HandleOf(tenant, checkoutId), "CHECKOUT_NOT_FOUND"), books)
{
    protected override bool IsLoaded(MemberBook book, Instant time, LoadPlan plan)
    {
        var (owner, member) = (book.Identity.Tenant.Value, book.Identity.Id.Value);
        if (!book.Checkouts.IsKnown(checkoutId))
        {
            plan.Need(Books.Checkouts, new CheckoutStatements.CheckoutKey(owner, member, checkoutId));
            return false;
        }

        var checkout = Found(book);
        if (!book.Orders.IsKnown(checkout.OrderId))
        {
            plan.Need(Books.Orders, new OrderStatements.OrderKey(owner, member, checkout.OrderId));
        }

        return CouponDesk.Has(Books, book, checkout.Price.CouponIds(), plan) & book.Orders.IsKnown(checkout.OrderId);
    }

    protected override Decision Answer(Draft draft, MemberBook book, Instant time)
    {
        var checkout = Found(book);
        if (checkout.State != CheckoutState.Confirmed)
        {
            return new Decision.Refuse(new Refusal("CHECKOUT_STATE", ("state", CheckoutNames.Of(checkout.StateAt(time)))));
        }

        var (refund, refusal) = CheckoutRefund.Of(checkout, request);
        return refund is null ? new Decision.Refuse(refusal!) : new Decision.Apply(ReplyOf(book, checkout, refund), 0, 0, 0);
    }

    private Checkout Found(MemberBook book) =>
        book.Checkouts.Find(checkoutId) ?? throw new InvariantBrokenException("A checkout's handle leads to the member who has it.");

    private RefundPreviewReply ReplyOf(MemberBook book, Checkout checkout, CheckoutRefund refund)
    {
        var order = book.Orders.Find(checkout.OrderId);
        var whole = (checkout with { Refunded = refund.After }).IsWhollyRefunded && !checkout.IsWhollyRefunded;
        var taken = order is not null && RefundCheckout.CountedAgainst(order, checkout, refund, request.RefundId) is { After: var after } ? after.PointsToTake() : 0;
        return new RefundPreviewReply
        {
            Money = refund.MoneySum,
            Points = refund.Points,
            EarnedPointsTaken = taken,
            Coupons =
            [
                .. from id in checkout.Price.CouponIds()
                   where whole && RefundCheckout.ComesBack(book.Coupons.All.Find(id)!, checkout)
                   select id.ToString(CultureInfo.InvariantCulture),
            ],
            Benefits = [.. whole ? checkout.Price.BenefitsUsed() : []],
            Lines =
            [
                .. from line in checkout.Price.Lines.Select((line, i) => new RefundPreviewLine(
                       line.LineId, refund.Money[i], refund.After[i].Value - checkout.Refunded[i].Value))
                   where line.Value > 0
                   select line,
            ],
        };
    }
}
