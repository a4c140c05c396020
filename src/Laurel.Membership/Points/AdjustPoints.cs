using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Membership.Adjustments;
using Laurel.Membership.Balance;
using Laurel.Membership.Events;
using Laurel.Membership.Members;
using Laurel.Membership.Watch;
using Laurel.Platform.Access;

namespace Laurel.Membership.Points;

/// <summary>Corrects a member's points by hand, up or down. Counts neither for the level nor as earned. More than the programme lets one person
/// adjust is kept as a request and waits for another.</summary>
/// <remarks>Refusals, first match wins: TIME_IN_FUTURE, MEMBER_NOT_FOUND, APPROVAL_REQUIRED, POINTS_INSUFFICIENT.</remarks>
public sealed class AdjustPoints(TenantId tenant, MemberReference member, PointsRequest request, MemberBooks books)
    : MemberCommand(tenant, member, books)
{
    /// <summary>An act of people and of administration, seldom and looked for.</summary>
    public override bool IsTraffic => false;

    /// <summary>Who asks; whoever approves must be another. Without one, any key may approve.</summary>
    public Signatory AskedBy { get; init; } = new(Hands.None, "");

    private protected override WatchTrigger? Moves => WatchTrigger.Adjust;

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
        if (posting.Programme.Programme.AdjustPointsAloneMax is { } alone && Math.Abs(request.Points) > alone)
        {
            return Ask(posting);
        }

        return Move(posting, request.Points, null, Books, plan) ?? Done(posting);
    }

    /// <summary>Posts an adjustment.</summary>
    /// <returns>Null when it is posted; otherwise why not, or that more has to be read.</returns>
    internal static Decision? Move(Posting posting, long points, string? detail, MemberBooks books, LoadPlan plan)
    {
        if (points > 0)
        {
            var terms = new GrantTerms(posting.Programme.ExpiryOf(posting.Time), CountsForLevel: false, RepaysReceivable: false) { Detail = detail };
            posting.Grant(points, EntryNames.Adjust, EntryNames.RuleAdjust, terms);
            return null;
        }

        var taken = -points;
        if (!books.HasCover(posting.Book, taken, posting.Time, plan))
        {
            return Decision.NeedMore.Instance;
        }

        var available = posting.Book.Points.AvailableAt(posting.Time, taken) ?? 0;
        if (available < taken)
        {
            return Refuse("POINTS_INSUFFICIENT", ("required", taken), ("available", available));
        }

        var takes = posting.Book.Points.Take(taken, posting.Time);
        posting.Take(taken, EntryNames.Adjust, EntryNames.RuleAdjust, takes, TakeTerms.Plain with { Detail = detail });
        return null;
    }

    /// <summary>Keeps it as a request, which takes the reference: the same again is answered with the same request.</summary>
    private Decision.Apply Ask(Posting posting)
    {
        var asked = new AdjustmentRequest
        {
            Id = posting.DrawId(),
            Asked = request,
            Status = AdjustmentStatus.Pending,
            AskedAt = posting.Time,
            AskedBy = AskedBy,
        };
        var owner = posting.Book.Identity.Id.Value;
        posting.Book.Adjustments.Set(asked.Id, asked);
        posting.Raise(MemberEvents.AdjustmentRequested, new AdjustmentFact(owner, asked));
        return new Decision.Apply(AdjustmentReply.Of(owner, asked), owner, 0, 0)
        {
            Handles = [new NaturalKey(AdjustmentRequest.HandleOf(Tenant, asked.Id), default, owner, 0, 0)],
            Answer = AdjustmentRequest.Waits(asked.IdText),
        };
    }
}
