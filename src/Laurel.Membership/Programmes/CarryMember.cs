using Laurel.Engine.Lanes;
using Laurel.Engine.Nodes;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Membership.Points;

namespace Laurel.Membership.Programmes;

/// <summary>Carries out the carryover of the programme for one member, once: lots get their new ends, the level is judged anew.</summary>
public sealed class CarryMember(TenantId tenant, MemberId member, MemberBooks books)
    : MemberCommand(tenant, MemberReference.ById(member), books)
{
    /// <summary>Holds it back when the node that sent it has lost its lease; null asks for no lease.</summary>
    public LeaseFence? Fence { get; init; }

    protected override bool NeedsActiveMember => false;

    // What is set aside of a merged member has its end where it is.
    protected override bool ActsWhereItIs => true;

    public override void NameRoots(HandleResolution handles, ICollection<RootRef> roots)
    {
        base.NameRoots(handles, roots);
        if (Fence is { } fence)
        {
            roots.Add(fence.Root);
        }
    }

    public override void NameClaims(HandleResolution handles, ICollection<Claim> claims)
    {
        // That it was done stands in the member's row.
    }

    protected override Cause CauseOf() => new("Programme changed", "carryover", "carryover");

    private protected override Decision Act(Posting posting, LoadPlan plan)
    {
        if (Fence?.RefusalIn(posting.Draft) is { } refusal)
        {
            return new Decision.Refuse(refusal);
        }

        if (posting.Programme.Programme.Carryover is not { Carries: true } carryover || !IsDue(posting, carryover.At))
        {
            return Done(posting);
        }

        if (carryover.Lots is not null && posting.Book.Points.LoadedThrough is not null)
        {
            Books.NeedLots(posting.Book, plan);
            return Decision.NeedMore.Instance;
        }

        posting.CarryLots(carryover);
        if (carryover.JudgesLevels)
        {
            posting.JudgeAnew("programme changed");
        }

        posting.Book.CarriedAt = carryover.At;
        return Done(posting);
    }

    private static bool IsDue(Posting posting, Instant at) =>
        at <= posting.Time && posting.Book.Identity.RegisteredAt < at && (posting.Book.CarriedAt is not { } carried || carried < at);
}
