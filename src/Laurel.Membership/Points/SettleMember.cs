using Laurel.Engine.Lanes;
using Laurel.Engine.Nodes;
using Laurel.Kernel;
using Laurel.Membership.Members;

namespace Laurel.Membership.Points;

/// <summary>Lets lapse what is due, as any other command would before it acts. What the sweep sends.</summary>
public sealed class SettleMember(TenantId tenant, MemberId member, MemberBooks books) : MemberJob(tenant, member, books)
{
    // What is set aside of a merged member ends where it is.
    protected override bool ActsWhereItIs => true;

    protected override Cause CauseOf() => new("Points expired", "expiry", "sweep");

    private protected override Decision Work(Posting posting, LoadPlan plan)
    {
        posting.ScheduleLevel(posting.Time);
        return Done(posting);
    }
}
