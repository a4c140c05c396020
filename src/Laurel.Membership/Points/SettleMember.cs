using Laurel.Engine.Lanes;
using Laurel.Engine.Nodes;
using Laurel.Kernel;
using Laurel.Membership.Members;

namespace Laurel.Membership.Points;

/// <summary>Lets lapse what is due, as any other command would before it acts. What the sweep sends.</summary>
public sealed class SettleMember(TenantId tenant, MemberId member, MemberBooks books)
    : MemberCommand(tenant, MemberReference.ById(member), books)
{
    /// <summary>Holds it back when the node that sent it has lost its lease; null asks for no lease.</summary>
    public LeaseFence? Fence { get; init; }

    protected override bool NeedsActiveMember => false;

    // What is set aside of a merged member ends where it is.
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
        // Settling twice settles nothing the second time; it needs no key.
    }

    protected override Cause CauseOf() => new("Points expired", "expiry", "sweep");

    private protected override Decision Act(Posting posting, LoadPlan plan)
    {
        if (Fence?.RefusalIn(posting.Draft) is { } refusal)
        {
            return new Decision.Refuse(refusal);
        }

        posting.ScheduleLevel(posting.Time);
        return Done(posting);
    }
}
