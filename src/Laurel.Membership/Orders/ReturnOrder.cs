using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Membership.Merges;
using Laurel.Membership.Points;

namespace Laurel.Membership.Orders;

/// <summary>A return was asked for: what this part of the order earned is held until it is refunded, rejected, or a number of days has passed.</summary>
/// <remarks>A second return of the order lets the first last as long, and never holds more than the order earned. What is spent already is not
/// held; a refund meets it as ever. Refusals, first match wins: TIME_IN_FUTURE, ORDER_NOT_FOUND, ORDER_LINE_NOT_FOUND, REFUND_EXCEEDS_ORDER.</remarks>
public sealed class RequestReturn(TenantId tenant, RefundRequest part, EventOrigin origin, MemberBooks books)
    : MemberCommand(tenant, MemberReference.ByHandle(CompleteOrder.HandleOf(tenant, part.OrderId), "ORDER_NOT_FOUND"), books)
{
    protected override bool NeedsActiveMember => false;

    public override void NameClaims(HandleResolution handles, ICollection<Claim> claims)
    {
        var content = part.ContentFor(Tenant);
        claims.Add(EventClaim.Of(Tenant, EventClaim.KeyOf(Tenant, origin), origin.Type, content));
        claims.Add(new Claim(ReturnFreeze.KeyOf(Tenant, part.OrderId, part.RefundId), content));
    }

    protected override void PlanFor(MemberBook book, Instant time, LoadPlan plan) => IsLoaded(book, plan);

    protected override Cause CauseOf() => new("Return requested", "return", part.RefundId) { OrderId = part.OrderId };

    private protected override Decision Act(Posting posting, LoadPlan plan)
    {
        var book = posting.Book;
        if (!IsLoaded(book, plan))
        {
            return Decision.NeedMore.Instance;
        }

        if (book.Orders.Find(part.OrderId) is not { } order)
        {
            return Refuse("ORDER_NOT_FOUND");
        }

        if (OrderTakeBack.Counted(part, order, out var after) is { } refusal)
        {
            return new Decision.Refuse(refusal);
        }

        var points = after.PointsToTake();
        if (posting.Reach is { } reach)
        {
            if (!reach.HasLotsOf(order, plan))
            {
                return Decision.NeedMore.Instance;
            }

            reach.PullOwn(order, points);
        }

        ReturnFreeze.Set(book, order.OrderId, new OrderReturn
        {
            ReturnId = part.RefundId,
            Status = OrderReturn.Requested,
            Amount = after.Refunded - order.Refunded,
            Points = points,
            HoldId = ReturnFreeze.Begin(posting, order, part.RefundId, points),
            OccurredAt = posting.Time,
            RecordedAt = posting.Draft.Now,
        });
        return new Decision.Apply(posting.Reply, book.Identity.Id.Value, 0, 0);
    }

    private bool IsLoaded(MemberBook book, LoadPlan plan)
    {
        var isFrozenKnown = ReturnFreeze.IsLoaded(Books, book, part.OrderId, plan);
        if (!book.Orders.IsKnown(part.OrderId))
        {
            plan.Need(Books.Orders, new OrderStatements.OrderKey(book.Identity.Tenant.Value, book.Identity.Id.Value, part.OrderId));
            return false;
        }

        return isFrozenKnown && Books.HasMerges(book, plan)
            && (book.Orders.Find(part.OrderId) is not { } order || Books.HasLots(book, MergeLineage.OwnLots(book, order), plan));
    }
}

/// <summary>A return was rejected: what it held is the member's again.</summary>
/// <remarks>Refusals, first match wins: TIME_IN_FUTURE, ORDER_NOT_FOUND, RETURN_NOT_FOUND, RETURN_CLOSED.</remarks>
public sealed class RejectReturn(TenantId tenant, string orderId, string returnId, EventOrigin origin, MemberBooks books)
    : MemberCommand(tenant, MemberReference.ByHandle(CompleteOrder.HandleOf(tenant, orderId), "ORDER_NOT_FOUND"), books)
{
    protected override bool NeedsActiveMember => false;

    public override void NameClaims(HandleResolution handles, ICollection<Claim> claims)
    {
        var content = Hash128.Of(Tenant.Value, "return-rejected-content", orderId, returnId);
        claims.Add(EventClaim.Of(Tenant, EventClaim.KeyOf(Tenant, origin), origin.Type, content));
        claims.Add(new Claim(Hash128.Of(Tenant.Value, "return-rejected", orderId, returnId), content));
    }

    protected override void PlanFor(MemberBook book, Instant time, LoadPlan plan) => ReturnFreeze.IsLoaded(Books, book, orderId, plan);

    protected override Cause CauseOf() => new("Return rejected", "return", returnId) { OrderId = orderId };

    private protected override Decision Act(Posting posting, LoadPlan plan)
    {
        if (!ReturnFreeze.IsLoaded(Books, posting.Book, orderId, plan))
        {
            return Decision.NeedMore.Instance;
        }

        if (posting.Book.Returns.Find(orderId)!.Find(returnId) is not { } item)
        {
            return Refuse("RETURN_NOT_FOUND");
        }

        if (item.Status != OrderReturn.Requested)
        {
            return Refuse("RETURN_CLOSED", ("status", item.Status));
        }

        ReturnFreeze.Reject(posting, orderId, item);
        return Done(posting);
    }
}
