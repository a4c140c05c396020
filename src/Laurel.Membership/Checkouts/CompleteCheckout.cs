using System.Collections.Immutable;
using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Membership.Orders;
using Laurel.Membership.Points;
using Laurel.Membership.Rules;

namespace Laurel.Membership.Checkouts;

/// <summary>The order of a paid checkout is completed: it earns, by the price that was promised less what went back of it since.</summary>
/// <remarks>The same as an event <c>order.completed</c> of its order, which afterwards is a CONFLICT. Refusals beside the common ones:
/// CHECKOUT_STATE.</remarks>
public sealed class CompleteCheckout(TenantId tenant, string checkoutId, string orderId, MemberBooks books) : ChangeCheckout(tenant, checkoutId, books)
{
    /// <summary>The source of the event that it stands for.</summary>
    public const string Source = "laurel:checkouts";

    private readonly Hash128 _order = CompleteOrder.HandleOf(tenant, orderId);

    protected override bool NeedsActiveMember => true;

    public override void NameRoots(HandleResolution handles, ICollection<RootRef> roots)
    {
        base.NameRoots(handles, roots);
        Books.Rules.NameRoots(Tenant, EventTypes.OrderCompleted, Time ?? handles.Now, roots);
        if (Member.Resolve(handles) is { } id)
        {
            handles.Provide(_order, id.Value);
        }
    }

    public override void NameClaims(HandleResolution handles, ICollection<Claim> claims) =>
        claims.Add(new Claim(_order, Hash128.Of(Tenant.Value, "checkout-order", CheckoutId)));

    protected override Cause CauseOf() => new("Order completed", "order", orderId) { OrderId = orderId };

    protected override void PlanFor(MemberBook book, Instant time, LoadPlan plan)
    {
        base.PlanFor(book, time, plan);
        if (Books.Programmes.Latest(Tenant) is { } programme)
        {
            Books.Rules.HasCounters(book, programme, EventTypes.OrderCompleted, time, plan);
        }
    }

    private protected override bool HasParts(MemberBook book, Checkout checkout, Instant time, LoadPlan plan) => true;

    private protected override Decision Take(Posting posting, Checkout checkout, LoadPlan plan)
    {
        if (checkout.State != CheckoutState.Confirmed)
        {
            return InState(checkout.StateAt(posting.Time));
        }

        if (Books.Rules.Missing(posting, EventTypes.OrderCompleted, plan) is { } missing)
        {
            return missing;
        }

        var paidBack = checkout.Price.Lines.Select((line, i) => CheckoutRefund.MoneyOf(line, checkout.Refunded[i])).ToImmutableArray();
        var order = checkout.Price.ToOrder(orderId, posting.Programme.Programme.Currency, paidBack);
        new OrderPayment(Books, order, new EventOrigin(Source, EventTypes.OrderCompleted, CheckoutId)).Pay(posting);
        var first = posting.FirstId;
        var reply = CheckoutReply.Of(posting.Book.Identity.Id, checkout, posting.Time) with { Entries = posting.Entries };
        return new Decision.Apply(reply, posting.Book.Identity.Id.Value, first, posting.LastId);
    }
}
