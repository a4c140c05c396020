using Laurel.Engine.Lanes;
using Laurel.Engine.Nodes;
using Laurel.Kernel;
using Laurel.Membership.Points;

namespace Laurel.Membership.Members;

/// <summary>What a job of Laurel's own does for one member, whatever its status. Done twice it does nothing the second time, so it has no key.</summary>
public abstract class MemberJob(TenantId tenant, MemberId member, MemberBooks books) : MemberCommand(tenant, MemberReference.ById(member), books)
{
    /// <summary>Holds it back when the node that sent it has lost its lease; null asks for no lease.</summary>
    public LeaseFence? Fence { get; init; }

    protected sealed override bool NeedsActiveMember => false;

    private protected sealed override bool ReachesCancelled => true;

    public sealed override void NameRoots(HandleResolution handles, ICollection<RootRef> roots)
    {
        base.NameRoots(handles, roots);
        NameMore(roots);
        if (Fence is { } fence)
        {
            roots.Add(fence.Root);
        }
    }

    /// <summary>Names what it changes beside the member's book.</summary>
    private protected virtual void NameMore(ICollection<RootRef> roots)
    {
    }

    public sealed override void NameClaims(HandleResolution handles, ICollection<Claim> claims)
    {
        // The state that it looks for is gone once it was done.
    }

    private protected sealed override Decision Act(Posting posting, LoadPlan plan) =>
        Fence?.RefusalIn(posting.Draft) is { } refusal ? new Decision.Refuse(refusal) : Work(posting, plan);

    /// <summary>Does the work; the lease was asked for already.</summary>
    private protected abstract Decision Work(Posting posting, LoadPlan plan);
}
