using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Membership.Points;

namespace Laurel.Membership.Statuses;

/// <summary>Gives a member another status by hand: active, inactive, frozen or banned.</summary>
/// <remarks>Refusals: MEMBER_NOT_FOUND, MEMBER_INACTIVE (of a member who has left).</remarks>
public sealed class SetStatus(TenantId tenant, MemberReference member, MemberStatus status, StatusCause why, MemberBooks books) : MemberCommand(tenant, member, books)
{
    /// <summary>An act of people and of administration, seldom and looked for.</summary>
    public override bool IsTraffic => false;

    protected override bool NeedsActiveMember => false;

    public override void NameClaims(HandleResolution handles, ICollection<Claim> claims)
    {
        // Set twice it is set once.
    }

    protected override Cause CauseOf() => new(why.Reason, "member", "status");

    private protected override Decision Act(Posting posting, LoadPlan plan)
    {
        posting.SetStatus(status, why);
        return new Decision.Apply(StatusReply.Of(posting.Book), posting.Book.Identity.Id.Value, 0, 0);
    }
}

/// <summary>A member asks to leave. Nothing else changes until the cooling-off has ended, and until then the member may stay after all. Asked again, the
/// first request stands.</summary>
/// <remarks>Refusals, first match wins: MEMBER_NOT_FOUND, MEMBER_INACTIVE (of a banned member, or one who has left), CANCELLATION_BLOCKED.</remarks>
public sealed class RequestCancellation(TenantId tenant, MemberReference member, StatusCause why, MemberBooks books) : MemberCommand(tenant, member, books)
{
    /// <summary>An act of people and of administration, seldom and looked for.</summary>
    public override bool IsTraffic => false;

    protected override bool NeedsActiveMember => false;

    public override void NameClaims(HandleResolution handles, ICollection<Claim> claims)
    {
        // Who has asked has asked.
    }

    protected override void PlanFor(MemberBook book, Instant time, LoadPlan plan) => CancellationObstacles.IsKnown(Books, book, plan);

    protected override Cause CauseOf() => new(why.Reason, "member", "cancellation");

    private protected override Decision Act(Posting posting, LoadPlan plan)
    {
        var book = posting.Book;
        if (!book.Status.MayTellOfItself())
        {
            return Refuse("MEMBER_INACTIVE", ("status", MemberKind.NameOf(book.Status)));
        }

        if (!CancellationObstacles.IsKnown(Books, book, plan))
        {
            return Decision.NeedMore.Instance;
        }

        var rules = posting.Programme.Programme.Cancellation;
        if (CancellationObstacles.RefusalOf(book, rules, posting.Time) is { } refusal)
        {
            return new Decision.Refuse(refusal);
        }

        if (book.CancelDueAt is null)
        {
            posting.RequestCancellation(posting.Time.Plus(TimeSpan.FromDays(rules.CoolingOffDays)), why);
        }

        return new Decision.Apply(StatusReply.Of(book), book.Identity.Id.Value, 0, 0);
    }
}

/// <summary>A member who asked to leave stays after all.</summary>
/// <remarks>Refusals, first match wins: MEMBER_NOT_FOUND, MEMBER_INACTIVE (of a member who has left), CANCELLATION_NOT_FOUND.</remarks>
public sealed class WithdrawCancellation(TenantId tenant, MemberReference member, StatusCause why, MemberBooks books) : MemberCommand(tenant, member, books)
{
    /// <summary>An act of people and of administration, seldom and looked for.</summary>
    public override bool IsTraffic => false;

    protected override bool NeedsActiveMember => false;

    public override void NameClaims(HandleResolution handles, ICollection<Claim> claims)
    {
        // The request is gone once it was withdrawn.
    }

    protected override Cause CauseOf() => new(why.Reason, "member", "cancellation");

    private protected override Decision Act(Posting posting, LoadPlan plan)
    {
        if (posting.Book.CancelDueAt is null)
        {
            return Refuse("CANCELLATION_NOT_FOUND");
        }

        posting.WithdrawCancellation(why);
        return new Decision.Apply(StatusReply.Of(posting.Book), posting.Book.Identity.Id.Value, 0, 0);
    }
}
