using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Membership.Members;

namespace Laurel.Membership.Points;

/// <summary>Corrects a member's points by hand, up or down. Counts neither for the level nor as earned.</summary>
/// <remarks>Refusals, first match wins: TIME_IN_FUTURE, MEMBER_NOT_FOUND, POINTS_INSUFFICIENT.</remarks>
public sealed class AdjustPoints(TenantId tenant, MemberReference member, PointsRequest request, MemberBooks books)
    : MemberCommand(tenant, member, books)
{
    protected override bool NeedsActiveMember => false;

    public override void NameClaims(HandleResolution handles, ICollection<Claim> claims) =>
        claims.Add(request.ClaimAs(Tenant, "adjust", Member.Resolve(handles), Time, ""));

    protected override void PlanFor(MemberBook book, Instant time, LoadPlan plan)
    {
        if (request.Points < 0)
        {
            Books.HasCover(book, -request.Points, time, plan);
        }
    }

    protected override Cause CauseOf() => request.Cause;

    private protected override Decision Act(Posting posting, LoadPlan plan)
    {
        if (request.Points > 0)
        {
            var terms = new GrantTerms(posting.Programme.ExpiryOf(posting.Time), CountsForLevel: false, RepaysReceivable: false);
            posting.Grant(request.Points, EntryNames.Adjust, EntryNames.RuleAdjust, terms);
            return Done(posting);
        }

        var taken = -request.Points;
        if (!Books.HasCover(posting.Book, taken, posting.Time, plan))
        {
            return Decision.NeedMore.Instance;
        }

        var available = posting.Book.Points.AvailableAt(posting.Time, taken) ?? 0;
        if (available < taken)
        {
            return Refuse("POINTS_INSUFFICIENT", ("required", taken), ("available", available));
        }

        var takes = posting.Book.Points.Take(taken, posting.Time);
        posting.Take(taken, EntryNames.Adjust, EntryNames.RuleAdjust, takes, TakeTerms.Plain);
        return Done(posting);
    }
}
