using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Membership.Orders;
using Laurel.Membership.Points;

namespace Laurel.Membership.Cards;

/// <summary>A purchase of a card is refunded: the membership is as long as what was bought in it and not refunded, and ends now where that is over.
/// Which of several purchases is refunded first makes no difference. One that has ended stays as it was.</summary>
/// <remarks>Keeps I22. The same again is a duplicate. Refusals, first match wins: TIME_IN_FUTURE, MEMBERSHIP_PURCHASE_NOT_FOUND.</remarks>
public sealed class RefundMembership(TenantId tenant, string reference, string? reason, MemberBooks books)
    : MemberCommand(tenant, MemberReference.ByHandle(CardPurchase.HandleOf(tenant, reference), "MEMBERSHIP_PURCHASE_NOT_FOUND"), books)
{
    /// <inheritdoc cref="BuyMembership.Origin"/>
    public EventOrigin? Origin { get; init; }

    /// <summary>The member who must have bought it; null where the reference alone is asked for.</summary>
    public MemberId? Owner { get; init; }

    protected override bool NeedsActiveMember => false;

    public override void NameClaims(HandleResolution handles, ICollection<Claim> claims)
    {
        if (IsOfAnother(Member.Resolve(handles)))
        {
            return;
        }

        var content = Hash128.Of(Tenant.Value, "card-refunded", reference);
        claims.Add(new Claim(Hash128.Of(Tenant.Value, "card-refund", reference), content));
        if (Origin is { } origin)
        {
            claims.Add(EventClaim.Of(Tenant, EventClaim.KeyOf(Tenant, origin), origin.Type, content));
        }
    }

    protected override void PlanFor(MemberBook book, Instant time, LoadPlan plan) => Books.Cards.HasPurchase(book, reference, plan);

    protected override Cause CauseOf() => new("Card refunded", "membership", reference);

    private protected override Decision Act(Posting posting, LoadPlan plan)
    {
        var book = posting.Book;
        if (!Books.Cards.HasPurchase(book, reference, plan))
        {
            return Decision.NeedMore.Instance;
        }

        // In the same batch the purchase may have been refused after its handle was provided.
        if (book.Cards.Purchases.Find(reference) is not { } purchase || IsOfAnother(book.Identity.Id))
        {
            return new Decision.Refuse(new Refusal(Member.NotFound));
        }

        if (!Books.Cards.HasMembership(book, purchase.Card, plan))
        {
            return Decision.NeedMore.Instance;
        }

        var before = book.Cards.Memberships.Find(purchase.Card)!;
        // What a merged member bought, the one it went into has.
        var survivor = posting.Reach?.SurvivorPosting;
        var held = survivor?.Book.LevelState.Holds(purchase.Card, book.Identity.Id.Value) ?? book.LevelState.Holds(purchase.Card);
        var takesBack = before.Run == purchase.Run && held is not null;
        var at = Instant.Max(posting.Time, before.StartTime);
        var after = takesBack ? Shorter(before, purchase.Bought, at, posting) : before;
        var refunded = purchase with { Refund = new CardRefund(posting.DrawId(), posting.Time, reason, takesBack, after.EndTime) };
        book.Cards.Purchases.Set(reference, refunded);
        if (takesBack && survivor is not null)
        {
            book.Cards.Memberships.Set(after.Card, after);
            survivor.PassCard(held! with { Until = after.EndTime.UnixMicroseconds }, isHeld: after.EndTime > at, $"card {purchase.Card} refunded");
        }
        else if (takesBack)
        {
            posting.HoldCard(after, $"card {purchase.Card} refunded", at);
        }

        posting.Raise(CardEvents.Refunded, MembershipStep.Of(book.Identity.Id.Value, after) with
        {
            Reference = reference,
            Amount = purchase.Amount,
            Reason = reason,
        });
        return new Decision.Apply(
            Origin is not null ? posting.Reply : CardPurchaseReply.Of(book.Identity.Id.Value, refunded, after, posting.LevelMove), book.Identity.Id.Value, 0, 0);
    }

    private bool IsOfAnother(MemberId? found) => Owner is { } owner && found is { } member && owner != member;

    private static CardMembership Shorter(CardMembership held, CardPeriod refunded, Instant at, Posting posting)
    {
        var left = held.Bought - refunded;
        var end = left == default ? held.StartTime : left.EndFrom(held.StartTime, posting.Programme.Calendar);
        return held with { Bought = left, EndTime = Instant.Max(end, at), EndedEarly = end <= at };
    }
}
