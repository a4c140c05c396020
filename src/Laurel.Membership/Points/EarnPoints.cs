using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Ledger;
using Laurel.Membership.Members;

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
/// <remarks>Refusals, first match wins: TIME_IN_FUTURE, MEMBER_NOT_FOUND, MEMBER_INACTIVE, POINTS_OVER_LIMIT.</remarks>
public sealed class EarnPoints(TenantId tenant, MemberReference member, PointsRequest request, MemberBooks books)
    : MemberCommand(tenant, member, books)
{
    /// <summary>Multiplies by the member's level; off by default, since the caller counts raw points.</summary>
    public bool ApplyMultiplier { get; init; }

    public override void NameClaims(HandleResolution handles, ICollection<Claim> claims) =>
        claims.Add(request.ClaimAs(Tenant, "earn", Member.Resolve(handles), Time, ApplyMultiplier ? "x" : ""));

    protected override Cause CauseOf() => request.Cause;

    private protected override Decision Act(Posting posting, LoadPlan plan)
    {
        var programme = posting.Programme;
        if (request.Points > programme.Programme.EarnPointsMax)
        {
            return Refuse("POINTS_OVER_LIMIT", ("limit", programme.Programme.EarnPointsMax));
        }

        var multiplier = ApplyMultiplier ? programme.Programme.LevelOf(posting.Book.LevelCode).MultiplierBasisPoints : 10_000;
        var points = Math.Min(Apportionment.Multiply(request.Points, multiplier), programme.Programme.EarnPointsMax);
        var cut = Apportionment.Multiply(request.Points, multiplier) - points;
        posting.Grant(points, EntryNames.Earn, EntryNames.RuleManualEarn, new GrantTerms(programme.ExpiryOf(posting.Time), CountsForLevel: true, RepaysReceivable: true)
        {
            Base = request.Points,
            MultiplierBasisPoints = multiplier,
            Cut = cut > 0 ? cut : null,
        });
        posting.JudgeLevel(mayFall: false, "points earned");
        return Done(posting);
    }
}
