using System.Globalization;
using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Ledger;
using Laurel.Membership.Members;

namespace Laurel.Membership.Points;

/// <summary>Sets points aside: they stay the member's and cannot be spent until the hold ends.</summary>
/// <remarks>Keeps I3, I8 and I11. Refusals, first match wins: TIME_IN_FUTURE, MEMBER_NOT_FOUND, MEMBER_INACTIVE,
/// HOLD_ENDS_BEFORE_IT_BEGINS, POINTS_INSUFFICIENT.</remarks>
public sealed class HoldPoints(TenantId tenant, MemberReference member, PointsRequest request, MemberBooks books)
    : MemberCommand(tenant, member, books)
{
    /// <summary>When the hold ends by itself; null is the programme's number of days after its time.</summary>
    public Instant? ExpiresAt { get; init; }

    /// <summary>The handle under which a hold's id leads to its member.</summary>
    public static Hash128 HandleOf(TenantId tenant, long holdId) =>
        Hash128.Of(tenant.Value, "hold-id", holdId.ToString(CultureInfo.InvariantCulture));

    public override void NameClaims(HandleResolution handles, ICollection<Claim> claims) =>
        claims.Add(request.ClaimAs(Tenant, "hold", Member.Resolve(handles), Time, ExpiresAt?.UnixMicroseconds.ToString(CultureInfo.InvariantCulture) ?? ""));

    protected override void PlanFor(MemberBook book, Instant time, LoadPlan plan) => Books.HasCover(book, request.Points, time, plan);

    protected override Cause CauseOf() => request.Cause;

    private protected override Decision Act(Posting posting, LoadPlan plan)
    {
        var book = posting.Book;
        var expiresAt = ExpiresAt ?? posting.Time.Plus(TimeSpan.FromDays(posting.Programme.Programme.HoldDays));
        if (expiresAt <= posting.Time)
        {
            return new Decision.Refuse(new Refusal("HOLD_ENDS_BEFORE_IT_BEGINS") { Pointer = "/expiresAt" });
        }

        if (!Books.HasCover(book, request.Points, posting.Time, plan))
        {
            return Decision.NeedMore.Instance;
        }

        var available = book.Points.AvailableAt(posting.Time, request.Points) ?? 0;
        if (available < request.Points)
        {
            return Refuse("POINTS_INSUFFICIENT", ("required", request.Points), ("available", available));
        }

        var id = posting.DrawId();
        var hold = book.Points.OpenHold(id, request.Points, posting.Time, expiresAt);
        var (tenant, member) = (book.Identity.Tenant, book.Identity.Id);
        posting.Draft.Insert(EntryStatements.InsertHolds, new NewHold(tenant.Value, member.Value, hold, request.Reason, request.ReferenceType, request.ReferenceId));
        posting.WriteHoldChanges(id, "hold", [.. hold.Pins.Select(pin => new LotTake(pin.Lot.Id, pin.Points))], request.ReferenceId);
        return new Decision.Apply(ReplyOf(hold, posting), member.Value, id, id)
        {
            Handles = [new NaturalKey(HandleOf(tenant, id), default, member.Value, id, id)],
        };
    }

    internal static HoldReply ReplyOf(Hold hold, Posting posting) => new()
    {
        HoldId = hold.Id.ToString(CultureInfo.InvariantCulture),
        MemberId = posting.Book.Identity.Id.ToString(),
        Status = HoldStatements.NameOf(hold.Status),
        Points = hold.Points,
        Captured = hold.Captured,
        Released = hold.Released,
        ExpiresAt = hold.ExpiresAt.ToDateTimeOffset(),
        Entries = posting.Entries,
    };
}

/// <summary>What a caller says when it captures or releases a hold.</summary>
public sealed record HoldEndRequest
{
    public required long HoldId { get; init; }

    /// <summary>Points, 1 or more; null is all that is still held.</summary>
    public required long? Points { get; init; }

    /// <summary>With the hold, names this capture or release once and for all.</summary>
    public required string Reference { get; init; }

    internal Claim ClaimAs(TenantId tenant, string kind, Instant? time) => new(
        Hash128.Of(tenant.Value, kind, HoldId.ToString(CultureInfo.InvariantCulture), Reference),
        Hash128.Of(tenant.Value, "hold-end", $"{Points}|{time?.UnixMicroseconds}"));
}

/// <summary>What capturing and releasing have in common: they find an open hold and leave it with less, or at its end.</summary>
public abstract class EndHold(TenantId tenant, HoldEndRequest request, MemberBooks books)
    : MemberCommand(tenant, MemberReference.ByHandle(HoldPoints.HandleOf(tenant, request.HoldId), "HOLD_NOT_FOUND"), books)
{
    protected HoldEndRequest Request { get; } = request;

    protected override bool NeedsActiveMember => false;

    protected override void PlanFor(MemberBook book, Instant time, LoadPlan plan) => HasHold(book, plan);

    protected override Cause CauseOf() => new("Points held were captured", "hold", Request.HoldId.ToString(CultureInfo.InvariantCulture));

    private protected sealed override Decision Act(Posting posting, LoadPlan plan)
    {
        if (!HasHold(posting.Book, plan))
        {
            return Decision.NeedMore.Instance;
        }

        var hold = posting.Book.Points.Holds.Find(Request.HoldId);
        Invariant.Require(hold is not null, "A hold's handle leads to the member who has it.");
        if (hold.Status != HoldStatus.Open)
        {
            return Refuse("HOLD_CLOSED", ("status", HoldStatements.NameOf(hold.Status)));
        }

        var points = Request.Points ?? hold.Open;
        if (points > hold.Open)
        {
            return Refuse("HOLD_EXCEEDED", ("held", hold.Open), ("requested", points));
        }

        End(posting, hold, points);
        var ended = posting.Book.Points.Holds.Find(Request.HoldId)!;
        var first = posting.FirstId == 0 ? hold.Id : posting.FirstId;
        return new Decision.Apply(HoldPoints.ReplyOf(ended, posting), posting.Book.Identity.Id.Value, first, Math.Max(first, posting.LastId));
    }

    private protected abstract void End(Posting posting, Hold hold, long points);

    private bool HasHold(MemberBook book, LoadPlan plan)
    {
        if (book.Points.Holds.Find(Request.HoldId) is null)
        {
            plan.Need(Books.Holds, MemberBooks.KeyOf(book, Request.HoldId));
            return false;
        }

        return Books.HasPins(book, plan);
    }
}

/// <summary>Spends points of a hold for good; the rest of the hold is released.</summary>
/// <remarks>Refusals, first match wins: TIME_IN_FUTURE, HOLD_NOT_FOUND, HOLD_CLOSED, HOLD_EXCEEDED.</remarks>
public sealed class CaptureHold(TenantId tenant, HoldEndRequest request, MemberBooks books) : EndHold(tenant, request, books)
{
    public override void NameClaims(HandleResolution handles, ICollection<Claim> claims) => claims.Add(Request.ClaimAs(Tenant, "capture", Time));

    private protected override void End(Posting posting, Hold hold, long points)
    {
        var (takes, end) = posting.Book.Points.Capture(hold.Id, points, posting.Time);
        var terms = new TakeTerms { RelatedId = hold.Id, BalanceAfter = end.BalanceAfter + end.Lapsed.Sum(take => take.Points) };
        posting.Take(points, EntryNames.Spend, EntryNames.RuleCapture, takes, terms);
        posting.WriteHoldChanges(hold.Id, "capture", takes, Request.Reference);
        posting.WriteHoldChanges(hold.Id, "release", end.Freed, Request.Reference);
        posting.WriteLapsed(end);
    }
}

/// <summary>Gives points of a hold back to the member; the hold ends when none are left.</summary>
/// <remarks>Refusals, first match wins: TIME_IN_FUTURE, HOLD_NOT_FOUND, HOLD_CLOSED, HOLD_EXCEEDED.</remarks>
public sealed class ReleaseHold(TenantId tenant, HoldEndRequest request, MemberBooks books) : EndHold(tenant, request, books)
{
    public override void NameClaims(HandleResolution handles, ICollection<Claim> claims) => claims.Add(Request.ClaimAs(Tenant, "release", Time));

    private protected override void End(Posting posting, Hold hold, long points)
    {
        var end = posting.Book.Points.Release(hold.Id, points, posting.Time);
        posting.WriteHoldChanges(hold.Id, "release", end.Freed, Request.Reference);
        posting.WriteLapsed(end);
    }
}
