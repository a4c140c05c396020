using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Membership.Points;
using Laurel.Platform.Access;

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

/// <summary>A member is asked for to leave. Nothing else changes until the cooling-off has ended, and until then the member may stay after all. Asked again,
/// the first request stands; who asks again and needs no second person takes the wait for one away.</summary>
/// <remarks>Refusals, first match wins: MEMBER_NOT_FOUND, MEMBER_INACTIVE (of a banned member, or one who has left), CANCELLATION_BLOCKED.</remarks>
public sealed class RequestCancellation(TenantId tenant, MemberReference member, StatusCause why, MemberBooks books) : MemberCommand(tenant, member, books)
{
    /// <summary>Who asks for somebody else; null where the member itself does, or what needs no second person.</summary>
    public Hands? AskedBy { get; init; }

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

        var waitsFor = rules.TwoPersons ? AskedBy : null;
        if (book.CancelDueAt is null || (book.CancelAskedBy is not null && waitsFor is null))
        {
            posting.RequestCancellation(book.CancelDueAt ?? posting.Time.Plus(TimeSpan.FromDays(rules.CoolingOffDays)), why, waitsFor);
        }

        return new Decision.Apply(StatusReply.Of(book), book.Identity.Id.Value, 0, 0);
    }
}

/// <summary>A second person says too that a member is to leave. Said again, or of who waits for nobody, it changes nothing.</summary>
/// <remarks>Keeps I27. Refusals, first match wins: MEMBER_NOT_FOUND, MEMBER_INACTIVE (of a member who has left), CANCELLATION_NOT_FOUND, CONFIRMER_NOT_ANOTHER.</remarks>
/// <param name="by">Nobody behind it is behind who asked.</param>
public sealed class ConfirmCancellation(TenantId tenant, MemberReference member, StatusCause why, Hands by, MemberBooks books) : MemberCommand(tenant, member, books)
{
    /// <summary>An act of people and of administration, seldom and looked for.</summary>
    public override bool IsTraffic => false;

    protected override bool NeedsActiveMember => false;

    public override void NameClaims(HandleResolution handles, ICollection<Claim> claims)
    {
        // What was confirmed waits for nobody.
    }

    protected override Cause CauseOf() => new(why.Reason, "member", "cancellation");

    private protected override Decision Act(Posting posting, LoadPlan plan)
    {
        var book = posting.Book;
        if (book.CancelDueAt is null)
        {
            return Refuse("CANCELLATION_NOT_FOUND");
        }

        if (book.CancelAskedBy is { } asked)
        {
            if (by.Meets(asked))
            {
                return Refuse("CONFIRMER_NOT_ANOTHER");
            }

            posting.ConfirmCancellation(why, by);
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
