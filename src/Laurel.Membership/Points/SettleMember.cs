using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Membership.Members;

namespace Laurel.Membership.Points;

/// <summary>Lets lapse what is due, as any other command would before it acts. What the sweep sends.</summary>
public sealed class SettleMember(TenantId tenant, MemberId member, MemberBooks books)
    : MemberCommand(tenant, MemberReference.ById(member), books)
{
    protected override bool NeedsActiveMember => false;

    public override void NameClaims(HandleResolution handles, ICollection<Claim> claims)
    {
        // Settling twice settles nothing the second time; it needs no key.
    }

    protected override Cause CauseOf() => new("Points expired", "expiry", "sweep");

    private protected override Decision Act(Posting posting, LoadPlan plan) => Done(posting);
}
