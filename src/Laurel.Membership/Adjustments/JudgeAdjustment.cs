using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Membership.Balance;
using Laurel.Membership.Events;
using Laurel.Membership.Members;
using Laurel.Membership.Points;

namespace Laurel.Membership.Adjustments;

/// <summary>How somebody decides a request.</summary>
public sealed record AdjustmentVerdict(bool Approves, string Reason, Signatory By);

/// <summary>Approves a request, which posts it at the time of the decision, or rejects it. Whoever asked may reject it and cannot approve it.</summary>
/// <remarks>Keeps I18. Refusals, first match wins: TIME_IN_FUTURE, ADJUSTMENT_NOT_FOUND, ADJUSTMENT_STATE, APPROVER_NOT_ANOTHER,
/// POINTS_INSUFFICIENT, which leaves the request pending.</remarks>
public sealed class JudgeAdjustment(TenantId tenant, long requestId, AdjustmentVerdict verdict, MemberBooks books)
    : MemberCommand(tenant, MemberReference.ByHandle(AdjustmentRequest.HandleOf(tenant, requestId), "ADJUSTMENT_NOT_FOUND"), books)
{
    /// <summary>An act of people and of administration, seldom and looked for.</summary>
    public override bool IsTraffic => false;

    protected override bool NeedsActiveMember => false;

    public override void NameClaims(HandleResolution handles, ICollection<Claim> claims)
    {
        // A request is decided once; a second time its state refuses it. The reference was taken when it was asked for.
    }

    protected override void PlanFor(MemberBook book, Instant time, LoadPlan plan)
    {
        if (Books.HasAdjustment(book, requestId, plan)
            && verdict.Approves
            && book.Adjustments.Find(requestId) is { Status: AdjustmentStatus.Pending, Asked.Points: var points and < 0 })
        {
            Books.HasCover(book, -points, time, plan);
        }
    }

    // Nothing is posted under it: an approved request is posted under its own words.
    protected override Cause CauseOf() => new(verdict.Reason, "adjustment_request", "");

    private protected override Decision Act(Posting posting, LoadPlan plan)
    {
        if (!Books.HasAdjustment(posting.Book, requestId, plan))
        {
            return Decision.NeedMore.Instance;
        }

        if (posting.Book.Adjustments.Find(requestId) is not { } request)
        {
            return new Decision.Refuse(new Refusal(Member.NotFound));
        }

        if (request.Status != AdjustmentStatus.Pending)
        {
            return new Decision.Refuse(AdjustmentRequest.WrongState(request.IdText, AdjustmentRequest.NameOf(request.Status)));
        }

        return verdict.Approves ? Approve(posting, request, plan) : Keep(posting, request, AdjustmentStatus.Rejected, 0);
    }

    private Decision Approve(Posting settled, AdjustmentRequest request, LoadPlan plan)
    {
        if (verdict.By.Hands.Meets(request.AskedBy.Hands) || verdict.By.Name == request.AskedBy.Name)
        {
            return Refuse("APPROVER_NOT_ANOTHER");
        }

        var posting = new Posting(settled.Draft, settled.Book, settled.Programme, settled.Time, request.Asked.Cause);
        return AdjustPoints.Move(posting, request.Asked.Points, request.DetailOf(verdict.By), Books, plan)
            ?? Keep(posting, request, AdjustmentStatus.Approved, posting.FirstId);
    }

    private Decision.Apply Keep(Posting posting, AdjustmentRequest request, AdjustmentStatus status, long entry)
    {
        var decided = request with
        {
            Status = status,
            DecidedAt = posting.Time,
            DecidedBy = verdict.By,
            DecisionReason = verdict.Reason,
            EntryId = entry,
        };
        var member = posting.Book.Identity.Id.Value;
        posting.Book.Adjustments.Set(decided.Id, decided);
        posting.Raise(status == AdjustmentStatus.Approved ? MemberEvents.AdjustmentApproved : MemberEvents.AdjustmentRejected, new AdjustmentFact(member, decided));
        return new Decision.Apply(AdjustmentReply.Of(member, decided), member, posting.FirstId, posting.LastId);
    }
}
