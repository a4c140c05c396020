using System.Globalization;
using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Membership.Members;

namespace Laurel.Membership.Points;

/// <summary>Which lapsed points are to come back.</summary>
public sealed record ReinstateRequest
{
    /// <summary>Lots that lapsed on or after the business day so many days ago; null where an expiry is named.</summary>
    public required int? WindowDays { get; init; }

    /// <summary>The entry of an expiry; null where a window is given.</summary>
    public required long? ExpiryId { get; init; }

    /// <summary>When they lapse again; null is as if they were earned now.</summary>
    public required Instant? ExpiresAt { get; init; }

    public required string Reason { get; init; }

    /// <summary>Names this reinstatement once and for all.</summary>
    public required string Reference { get; init; }

    internal Claim ClaimAs(TenantId tenant, MemberId? member, Instant? time) => new(
        Hash128.Of(tenant.Value, EntryNames.RuleReinstate, "reinstatement", Reference),
        Hash128.Of(tenant.Value, $"{member}|{WindowDays}|{ExpiryId}|{ExpiresAt?.UnixMicroseconds}|{time?.UnixMicroseconds}", Reason));
}

/// <summary>Brings lapsed points back, each lot's once: the expiry is reversed, and the points are a lot of their own with a new end.</summary>
/// <remarks>What a refund counted as taken back stays away. Refusals, first match wins: TIME_IN_FUTURE, MEMBER_NOT_FOUND,
/// EXPIRY_OUT_OF_RANGE, REINSTATEMENT_TOO_LATE, NOTHING_TO_REINSTATE.</remarks>
public sealed class ReinstatePoints(TenantId tenant, MemberReference member, ReinstateRequest request, MemberBooks books)
    : MemberCommand(tenant, member, books)
{
    /// <summary>An act of people and of administration, seldom and looked for.</summary>
    public override bool IsTraffic => false;

    protected override bool NeedsActiveMember => false;

    public override void NameClaims(HandleResolution handles, ICollection<Claim> claims) =>
        claims.Add(request.ClaimAs(Tenant, Member.Resolve(handles), Time));

    protected override Cause CauseOf() => new(request.Reason, "reinstatement", request.Reference);

    private protected override Decision Act(Posting posting, LoadPlan plan)
    {
        var programme = posting.Programme;
        if (Programmes.Programme.OutOfRange(request.ExpiresAt, posting.Time, "EXPIRY_OUT_OF_RANGE", "/expiresAt") is { } refusal)
        {
            return new Decision.Refuse(refusal);
        }

        var days = programme.Programme.ReinstateDaysMax;
        if (request.WindowDays > days)
        {
            return new Decision.Refuse(new Refusal("REINSTATEMENT_TOO_LATE", ("daysMax", days)) { Pointer = "/windowDays" });
        }

        var since = programme.Calendar.StartOf(programme.Calendar.DayOf(posting.Time).AddDays(-(request.WindowDays ?? days)));
        var key = new LotStatements.LapsedKey(Tenant.Value, posting.Book.Identity.Id.Value, since, request.ExpiryId ?? 0);
        if (posting.Book.Lapsed.Find(key) is not { } found)
        {
            plan.Need(Books.Lapsed, key);
            return Decision.NeedMore.Instance;
        }

        // Those that lapse with this very command, or did so earlier in its batch, are in the book and not yet stored.
        var points = posting.Book.Points;
        var lots = request.ExpiryId is null ? found.Ids.Union(points.Lots.Values.Where(lot => lot.ExpiresAt >= since).Select(lot => lot.Id)) : found.Ids;
        var lapsed = lots.Select(id => points.FindLot(id)!).Where(lot => lot is { Expired: > 0, LapseUse: Ledger.LapseUse.None } && lot.ExpiresAt <= posting.Time)
            .OrderBy(lot => lot.Position).ToList();
        if (lapsed.Count == 0)
        {
            return Refuse("NOTHING_TO_REINSTATE", ("since", since.ToString()));
        }

        var end = request.ExpiresAt ?? programme.ExpiryOf(posting.Time);
        foreach (var lot in lapsed)
        {
            posting.Grant(points.MarkReinstated(lot.Id), EntryNames.Reinstate, EntryNames.RuleReinstate, new GrantTerms(end, CountsForLevel: false, RepaysReceivable: false)
            {
                RelatedId = lot.Id,
                Detail = string.Create(CultureInfo.InvariantCulture, $$"""{"lot":"{{lot.Id}}","lapsedAt":"{{lot.ExpiresAt}}"}"""),
            });
        }

        return Done(posting);
    }
}
