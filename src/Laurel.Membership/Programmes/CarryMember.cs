using Laurel.Engine.Lanes;
using Laurel.Engine.Nodes;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Membership.Points;

namespace Laurel.Membership.Programmes;

/// <summary>Carries out the carryover of the programme for one member, once: lots get their new ends, the level is judged anew.</summary>
public sealed class CarryMember(TenantId tenant, MemberId member, MemberBooks books) : MemberJob(tenant, member, books)
{
    // What is set aside of a merged member has its end where it is.
    protected override bool ActsWhereItIs => true;

    protected override Cause CauseOf() => new("Programme changed", "carryover", "carryover");

    private protected override Decision Work(Posting posting, LoadPlan plan)
    {
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
