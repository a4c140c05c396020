using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Membership.Watch;

namespace Laurel.Membership.Points;

/// <summary>Spends points, soonest expiry first, or refuses with what is available.</summary>
/// <remarks>Keeps I3 and I8 (docs/internals/invariants.md). Refusals, first match wins: TIME_IN_FUTURE, MEMBER_NOT_FOUND,
/// MEMBER_INACTIVE, POINTS_SHARE_EXCEEDED, POINTS_INSUFFICIENT.</remarks>
public sealed class SpendPoints(TenantId tenant, MemberReference member, PointsRequest request, MemberBooks books)
    : MemberCommand(tenant, member, books)
{
    /// <summary>What the order comes to that the points pay for, in minor units; null where it is none, or the caller does not say.</summary>
    public long? OrderAmount { get; init; }

    private protected override WatchTrigger? Moves => WatchTrigger.Spend;

    public override void NameClaims(HandleResolution handles, ICollection<Claim> claims) =>
        claims.Add(request.ClaimAs(Tenant, "spend", Member.Resolve(handles), Time, OrderAmount is { } amount ? $"order {amount}" : ""));

    protected override void PlanFor(MemberBook book, Instant time, LoadPlan plan) => Books.HasCover(book, request.Points, time, plan);

    protected override Cause CauseOf() => request.Cause;

    private protected override Decision Act(Posting posting, LoadPlan plan)
    {
        if (OrderAmount is { } amount && PointsPayment.Max(posting.Programme.Programme, amount) is { } max && request.Points > max)
        {
            return new Decision.Refuse(new Refusal("POINTS_SHARE_EXCEEDED", ("max", max), ("orderAmount", amount)) { Pointer = "/points" });
        }

        var points = posting.Book.Points;
        if (!Books.HasCover(posting.Book, request.Points, posting.Time, plan))
        {
            return Decision.NeedMore.Instance;
        }

        var available = points.AvailableAt(posting.Time, request.Points) ?? 0;
        if (available < request.Points)
        {
            return Refuse("POINTS_INSUFFICIENT", ("required", request.Points), ("available", available));
        }

        var takes = points.Take(request.Points, posting.Time);
        posting.Take(request.Points, EntryNames.Spend, EntryNames.RuleSpend, takes, TakeTerms.Plain);
        return Done(posting);
    }
}
