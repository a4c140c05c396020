using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Ledger;
using Laurel.Membership.Members;
using Laurel.Membership.Watch;

namespace Laurel.Membership.Points;

/// <summary>A movement that its caller asks for by name: reason and reference go into the entry.</summary>
public sealed record PointsRequest
{
    /// <summary>Whole points, 1 or more; negative is for adjustments only.</summary>
    public required long Points { get; init; }

    public required string Reason { get; init; }

    public required string ReferenceType { get; init; }

    /// <summary>With the type, names this movement once and for all: the same again is a duplicate, or a conflict.</summary>
    public required string ReferenceId { get; init; }

    internal Cause Cause => new(Reason, ReferenceType, ReferenceId) { OrderId = ReferenceType == "order" ? ReferenceId : null };

    /// <summary>The natural key of the movement. The kind is part of it: one order may be both earned for and paid with.</summary>
    internal Claim ClaimAs(TenantId tenant, string kind, MemberId? member, Instant? time, string more) => new(
        Hash128.Of(tenant.Value, kind, ReferenceType, ReferenceId),
        Hash128.Of(tenant.Value, $"{member}|{Points}|{time?.UnixMicroseconds}|{more}", Reason));
}

/// <summary>Grants raw points: outside the daily cap, at most <c>EarnPointsMax</c> a call.</summary>
/// <remarks>Refusals, first match wins: TIME_IN_FUTURE, MEMBER_NOT_FOUND, MEMBER_INACTIVE, POINTS_OVER_LIMIT, ACTIVATION_OUT_OF_RANGE.</remarks>
public sealed class EarnPoints(TenantId tenant, MemberReference member, PointsRequest request, MemberBooks books)
    : MemberCommand(tenant, member, books)
{
    protected override bool IsEarning => true;

    /// <summary>Multiplies by the member's level; off by default, since the caller counts raw points.</summary>
    public bool ApplyMultiplier { get; init; }

    /// <summary>From when on the points can be spent; null is at once.</summary>
    public Instant? ActiveAt { get; init; }

    /// <summary>The event that the points wait for, with the reference of the request; null where they wait for none.</summary>
    public string? PendingEvent { get; init; }

    /// <summary>When they are cancelled if that event has not come; set with <see cref="PendingEvent"/>.</summary>
    public Instant? CancelAt { get; init; }

    private protected override WatchTrigger? Moves => WatchTrigger.Earn;

    public override void NameClaims(HandleResolution handles, ICollection<Claim> claims) =>
        claims.Add(request.ClaimAs(Tenant, "earn", Member.Resolve(handles), Time, (ApplyMultiplier ? "x" : "") + WaitingText));

    protected override Cause CauseOf() => request.Cause;

    private protected override Decision Act(Posting posting, LoadPlan plan)
    {
        var programme = posting.Programme;
        if (request.Points > programme.Programme.EarnPointsMax)
        {
            return Refuse("POINTS_OVER_LIMIT", ("limit", programme.Programme.EarnPointsMax));
        }

        var multiplier = ApplyMultiplier ? programme.Benefits.MultiplierOf(posting.Book, posting.Time) : 10_000;
        var points = Math.Min(Apportionment.Multiply(request.Points, multiplier), programme.Programme.EarnPointsMax);
        var cut = Apportionment.Multiply(request.Points, multiplier) - points;
        if (RangeRefusal(posting.Time) is { } refusal)
        {
            return new Decision.Refuse(refusal);
        }

        var waits = WaitsAt(posting.Time);
        var activeAt = waits is Waiting.ForTime { ActiveAt: var later } ? later : posting.Time;
        posting.Grant(points, EntryNames.Earn, EntryNames.RuleManualEarn, new GrantTerms(programme.ExpiryOf(activeAt), CountsForLevel: true, RepaysReceivable: true)
        {
            Waits = waits,
            Base = request.Points,
            MultiplierBasisPoints = multiplier,
            Cut = cut > 0 ? cut : null,
        });
        posting.JudgeLevel(mayFall: false, "points earned");
        return Done(posting);
    }

    private string WaitingText => ActiveAt is null && PendingEvent is null
        ? ""
        : $"|{ActiveAt?.UnixMicroseconds}|{CancelAt?.UnixMicroseconds}|{PendingEvent}";

    private Refusal? RangeRefusal(Instant time) =>
        Programmes.Programme.OutOfRange(ActiveAt, time, "ACTIVATION_OUT_OF_RANGE", "/activeAt")
        ?? Programmes.Programme.OutOfRange(CancelAt, time, "ACTIVATION_OUT_OF_RANGE", "/cancelAt");

    private Waiting? WaitsAt(Instant time) => this switch
    {
        { PendingEvent: { } name, CancelAt: { } cancelAt } => new Waiting.ForEvent(name, request.ReferenceId, cancelAt),
        { ActiveAt: { } activeAt } when activeAt > time => new Waiting.ForTime(activeAt),
        _ => null,
    };
}
