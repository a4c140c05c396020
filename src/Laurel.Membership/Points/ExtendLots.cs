using System.Globalization;
using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Ledger;
using Laurel.Membership.Members;

namespace Laurel.Membership.Points;

/// <summary>Which lots are to lapse later, and when.</summary>
public sealed record ExtendRequest
{
    /// <summary>The lots by id; empty where <see cref="ExpiringBefore"/> names them.</summary>
    public required IReadOnlyList<long> LotIds { get; init; }

    /// <summary>Every live lot that lapses before this instant; null where ids name them.</summary>
    public required Instant? ExpiringBefore { get; init; }

    /// <summary>The new end, exclusive; null where <see cref="Days"/> says it.</summary>
    public required Instant? ExpiresAt { get; init; }

    /// <summary>Days added to the end of each lot, 1 or more; null where <see cref="ExpiresAt"/> says it.</summary>
    public required int? Days { get; init; }

    public required string Reason { get; init; }

    /// <summary>Who grants it: auditors ask.</summary>
    public required string Operator { get; init; }

    /// <summary>Names this extension once and for all.</summary>
    public required string Reference { get; init; }

    internal Claim ClaimAs(TenantId tenant, MemberId? member, Instant? time) => new(
        Hash128.Of(tenant.Value, "extend", Reference),
        Hash128.Of(
            tenant.Value,
            $"{member}|{string.Join(',', LotIds)}|{ExpiringBefore?.UnixMicroseconds}|{ExpiresAt?.UnixMicroseconds}|{Days}|{time?.UnixMicroseconds}",
            Operator,
            Reason));
}

/// <summary>Gives live lots a longer life. Of all extensions of a lot the largest wins, and none shortens it.</summary>
/// <remarks>Each change is a row with what was before, why, and by whom. Refusals, first match wins: TIME_IN_FUTURE, MEMBER_NOT_FOUND,
/// EXPIRY_OUT_OF_RANGE, LOT_NOT_FOUND, LOT_NOT_LIVE.</remarks>
public sealed class ExtendLots(TenantId tenant, MemberReference member, ExtendRequest request, MemberBooks books)
    : MemberCommand(tenant, member, books)
{
    /// <summary>An act of people and of administration, seldom and looked for.</summary>
    public override bool IsTraffic => false;

    protected override bool NeedsActiveMember => false;

    public override void NameClaims(HandleResolution handles, ICollection<Claim> claims) =>
        claims.Add(request.ClaimAs(Tenant, Member.Resolve(handles), Time));

    protected override void PlanFor(MemberBook book, Instant time, LoadPlan plan) => HasThem(book, plan);

    protected override Cause CauseOf() => new(request.Reason, "extension", request.Reference);

    private protected override Decision Act(Posting posting, LoadPlan plan)
    {
        if (Programmes.Programme.OutOfRange(request.ExpiresAt, posting.Time, "EXPIRY_OUT_OF_RANGE", "/expiresAt") is { } refusal)
        {
            return new Decision.Refuse(refusal);
        }

        if (!HasThem(posting.Book, plan))
        {
            return Decision.NeedMore.Instance;
        }

        var points = posting.Book.Points;
        foreach (var id in request.LotIds)
        {
            if (points.FindLot(id) is not { } lot)
            {
                return Refuse("LOT_NOT_FOUND");
            }

            if (!lot.IsLiveAt(posting.Time))
            {
                return Refuse("LOT_NOT_LIVE", ("lotId", id.ToString(CultureInfo.InvariantCulture)));
            }
        }

        return new Decision.Apply(Extend(posting, Chosen(points, posting.Time)), posting.Book.Identity.Id.Value, 0, 0);
    }

    private List<Lot> Chosen(PointsWallet points, Instant time) => request.ExpiringBefore is { } before
        ? [.. points.Lots.Values.TakeWhile(lot => lot.ExpiresAt < before).Where(lot => lot.Remaining > 0 && lot.IsLiveAt(time))]
        : [.. request.LotIds.Select(id => points.FindLot(id)!)];

    private ExtensionReply Extend(Posting posting, List<Lot> lots)
    {
        var words = new LotReason(request.Reason, request.Operator, request.Reference);
        var extended = new List<ExtendedLot>();
        foreach (var lot in lots)
        {
            var end = request.ExpiresAt ?? (lot.ExpiresAt.IsNever || lot.LapsesByInactivity ? lot.ExpiresAt : lot.ExpiresAt.Plus(TimeSpan.FromDays(request.Days!.Value)));
            if (posting.Extend(lot.Id, end, words))
            {
                extended.Add(ExtendedLot.Of(lot.Id, lot.Remaining, lot.ExpiresAt, end));
            }
        }

        return new ExtensionReply { MemberId = posting.Book.Identity.Id.ToString(), Lots = extended };
    }

    private bool HasThem(MemberBook book, LoadPlan plan)
    {
        if (request.ExpiringBefore is not { } before)
        {
            return Books.HasLots(book, request.LotIds, plan);
        }

        if (book.Points.IsLoadedThrough(before))
        {
            return true;
        }

        Books.NeedLots(book, plan);
        return false;
    }
}
