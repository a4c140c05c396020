using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Membership.Points;

namespace Laurel.Membership.Cards;

/// <summary>Notes that a membership is not to be renewed: it lasts to its end. Whoever buys the card again takes it back.</summary>
/// <remarks>Refusals, first match wins: TIME_IN_FUTURE, MEMBER_NOT_FOUND, MEMBERSHIP_NOT_HELD.</remarks>
/// <param name="card">The code of the card.</param>
public sealed class CancelMembership(TenantId tenant, MemberReference member, string card, string? reason, string cancelledBy, MemberBooks books)
    : MemberCommand(tenant, member, books)
{
    /// <summary>An act of people and of administration, seldom and looked for.</summary>
    public override bool IsTraffic => false;

    protected override bool NeedsActiveMember => false;

    public override void NameClaims(HandleResolution handles, ICollection<Claim> claims)
    {
        // What is cancelled is not cancelled again; it needs no key.
    }

    protected override void PlanFor(MemberBook book, Instant time, LoadPlan plan) => Books.Cards.HasMembership(book, card, plan);

    protected override Cause CauseOf() => new("Membership cancelled", "membership", card);

    private protected override Decision Act(Posting posting, LoadPlan plan)
    {
        var book = posting.Book;
        if (!Books.Cards.HasMembership(book, card, plan))
        {
            return Decision.NeedMore.Instance;
        }

        // One that came with a merged member is nobody's to renew: it ends by itself.
        if (book.LevelState.Holds(card) is null)
        {
            return Refuse("MEMBERSHIP_NOT_HELD", ("card", card));
        }

        var membership = book.Cards.Memberships.Find(card)!;
        if (membership.CancelledAt is null)
        {
            membership = membership with { CancelledAt = posting.Time, CancelReason = reason, CancelledBy = cancelledBy };
            book.Cards.Memberships.Set(card, membership);
            posting.Raise(CardEvents.Cancelled, MembershipStep.Of(book.Identity.Id.Value, membership) with { Reason = reason });
        }

        return new Decision.Apply(MembershipReply.Of(book.Identity.Id.Value, membership, posting.Time), book.Identity.Id.Value, 0, 0);
    }
}
