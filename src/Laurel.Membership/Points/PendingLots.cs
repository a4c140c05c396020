using System.Globalization;
using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Membership.Watch;

namespace Laurel.Membership.Points;

/// <summary>What activating and cancelling have in common: they end the waiting of one lot, once.</summary>
public abstract class EndWaiting(TenantId tenant, MemberReference member, long lotId, string reason, MemberBooks books)
    : MemberCommand(tenant, member, books)
{
    /// <summary>Of the kind and the lot: the same again is a repetition whatever its words.</summary>
    protected abstract string Kind { get; }

    protected long LotId { get; } = lotId;

    protected override bool NeedsActiveMember => false;

    private string LotText => LotId.ToString(CultureInfo.InvariantCulture);

    public sealed override void NameClaims(HandleResolution handles, ICollection<Claim> claims) =>
        claims.Add(new Claim(Hash128.Of(Tenant.Value, Kind, "lot", LotText), Hash128.Of(Tenant.Value, Kind, $"{Member.Resolve(handles)}", LotText)));

    protected sealed override void PlanFor(MemberBook book, Instant time, LoadPlan plan)
    {
        Books.HasPending(book, plan);
        Books.HasLots(book, [LotId], plan);
    }

    protected sealed override Cause CauseOf() => new(reason, "lot", LotText);

    private protected sealed override Decision Act(Posting posting, LoadPlan plan)
    {
        if (!Books.HasPending(posting.Book, plan) | !Books.HasLots(posting.Book, [LotId], plan))
        {
            return Decision.NeedMore.Instance;
        }

        if (posting.Book.Points.FindLot(LotId) is null)
        {
            return Refuse("LOT_NOT_FOUND");
        }

        if (posting.Book.Points.FindPending(LotId) is not { } pending)
        {
            return Refuse("LOT_NOT_PENDING");
        }

        if (pending.Event == WatchCase.Event)
        {
            return Refuse("LOT_WATCHED", ("caseId", pending.Reference));
        }

        return End(posting);
    }

    private protected abstract Decision End(Posting posting);
}

/// <summary>Lets a pending lot come to life before its time, or instead of the event it waits for. Its validity counts from now.</summary>
/// <remarks>Keeps I3. Refusals, first match wins: TIME_IN_FUTURE, MEMBER_NOT_FOUND, LOT_NOT_FOUND, LOT_NOT_PENDING, LOT_WATCHED.</remarks>
public sealed class ActivateLot(TenantId tenant, MemberReference member, long lotId, string reason, MemberBooks books)
    : EndWaiting(tenant, member, lotId, reason, books)
{
    protected override string Kind => EntryNames.RuleActivate;

    private protected override Decision End(Posting posting)
    {
        posting.Activate(LotId, EntryNames.RuleActivate);
        posting.JudgeLevel(mayFall: false, "points became active");
        return Done(posting);
    }
}

/// <summary>Takes a pending lot away. Its points were never the member's to spend, so they do not lapse.</summary>
/// <remarks>Keeps I3. Refusals, first match wins: TIME_IN_FUTURE, MEMBER_NOT_FOUND, LOT_NOT_FOUND, LOT_NOT_PENDING, LOT_WATCHED, LOT_HELD.</remarks>
public sealed class CancelLot(TenantId tenant, MemberReference member, long lotId, string reason, MemberBooks books)
    : EndWaiting(tenant, member, lotId, reason, books)
{
    protected override string Kind => EntryNames.RuleCancel;

    private protected override Decision End(Posting posting)
    {
        if (posting.Book.Points.FindLot(LotId) is { Held: > 0 } lot)
        {
            return Refuse("LOT_HELD", ("held", lot.Held));
        }

        posting.Cancel(LotId);
        return Done(posting);
    }
}

/// <summary>Lets every lot of a member come to life that waits for an event, once that event has come. What handles events sends it.</summary>
/// <remarks>The same event again is a duplicate. Refusals, first match wins: TIME_IN_FUTURE, MEMBER_NOT_FOUND.</remarks>
/// <param name="name">As <c>pendingEvent</c> of the earning.</param>
/// <param name="reference">As <c>referenceId</c> of the earning.</param>
/// <param name="key">Names the event once and for all.</param>
public sealed class ActivateForEvent(TenantId tenant, MemberReference member, string name, string reference, string key, MemberBooks books)
    : MemberCommand(tenant, member, books)
{
    protected override bool NeedsActiveMember => false;

    public override void NameClaims(HandleResolution handles, ICollection<Claim> claims) => claims.Add(new Claim(
        Hash128.Of(Tenant.Value, EntryNames.RuleActivationEvent, key), Hash128.Of(Tenant.Value, $"{Member.Resolve(handles)}", name, reference)));

    protected override void PlanFor(MemberBook book, Instant time, LoadPlan plan) => Books.HasPending(book, plan);

    protected override Cause CauseOf() => new($"The event {name} came", "event", key);

    private protected override Decision Act(Posting posting, LoadPlan plan)
    {
        if (!Books.HasPending(posting.Book, plan))
        {
            return Decision.NeedMore.Instance;
        }

        posting.ActivateFor(name, reference);
        posting.JudgeLevel(mayFall: false, "points became active");
        return Done(posting);
    }
}
