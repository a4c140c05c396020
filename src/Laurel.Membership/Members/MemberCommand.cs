using System.Text.Json;
using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Membership.Merges;
using Laurel.Membership.Points;
using Laurel.Membership.Programmes;
using Laurel.Membership.Watch;
using Laurel.Platform.Access;

namespace Laurel.Membership.Members;

/// <summary>A command on one member's book. Settles what is due at its business time, then acts.</summary>
public abstract class MemberCommand(TenantId tenant, MemberReference member, MemberBooks books) : Command(tenant)
{
    /// <summary>Business time; null is the moment of decision.</summary>
    public Instant? Time { get; init; }

    public override Instant? BusinessTime => Time;

    public override bool IsTraffic => true;

    public override long FairnessKey => Member.FairnessKey;

    protected MemberBooks Books { get; } = books;

    protected MemberReference Member { get; } = member;

    /// <summary>Whether a member who is not active may do it.</summary>
    protected virtual bool NeedsActiveMember => true;

    /// <summary>Whether a frozen member may do it too: it earns.</summary>
    protected virtual bool IsEarning => false;

    /// <summary>Whether it reaches a member who has left: what was done before comes to its end, and nobody names the member any more.</summary>
    private protected virtual bool ReachesCancelled => !Member.IsPerson;

    /// <summary>What it is likely to move that watch rules look at; null where it moves nothing, or is decided by what it finds.</summary>
    private protected virtual WatchTrigger? Moves => null;

    /// <summary>By what it may be seen which members belong together; null where nothing tells.</summary>
    private protected virtual WatchSigns? Signs => null;

    private bool IsWatched => Books.Programmes.Latest(Tenant) is { Watch.IsEmpty: false };

    public override void NameHandles(HandleResolution handles)
    {
        Member.Name(handles);
        if (IsWatched && Signs?.Referee is { } referee)
        {
            referee.Name(handles);
        }
    }

    /// <summary>Whether it acts on the book of a member who went into another. What names the member goes to where the member has gone; what names
    /// something of the member finds it where it was recorded.</summary>
    protected virtual bool ActsWhereItIs => !Member.IsPerson;

    public override void NameRoots(HandleResolution handles, ICollection<RootRef> roots)
    {
        roots.Add(Books.Programmes.RootOf(Tenant));
        if (Member.Resolve(handles) is { } id)
        {
            Books.NameMember(Tenant, id, roots);
            if (IsWatched && Signs is { } signs)
            {
                Books.Watch.NameRoots(Tenant, Books.EndOf(Tenant, id), signs, handles, roots);
            }
        }
    }

    public override void Plan(WorkingSet set, LoadPlan plan)
    {
        if (Member.Resolve(set.Handles) is { } id && set.Find<MemberBook>(Books.Members.RootOf(Tenant, id)) is { } book)
        {
            if (book.IsMerged && !ActsWhereItIs)
            {
                if (Books.ChainOf(book, set.Find<MemberBook>) is not { } chain)
                {
                    return;
                }

                book = chain[^1];
            }

            var time = Time ?? set.Now;
            Books.HasDue(book, time, plan);
            if (Moves is { } trigger)
            {
                Books.Watch.Plan(book, trigger, time, plan);
            }

            PlanFor(book, time, plan);
        }
    }

    public sealed override Decision Decide(Draft draft, LoadPlan plan)
    {
        var programme = draft.Find<ActiveProgramme>(Books.Programmes.RootOf(Tenant));
        Invariant.Require(programme is not null, "Every tenant has a programme.");
        var time = Time ?? draft.Now;
        if ((TimeRefusal(time, draft.Now, programme) ?? Contradiction()) is { } refusal)
        {
            return new Decision.Refuse(refusal);
        }

        if (Member.Resolve(draft.Handles) is not { } id || draft.Find<MemberBook>(Books.Members.RootOf(Tenant, id)) is not { } found)
        {
            return new Decision.Refuse(new Refusal(Member.NotFound));
        }

        MergeReach? reach = null;
        if (!found.IsMerged)
        {
            Books.Merged.Forget(Tenant, id.Value);
        }
        else
        {
            if (Books.ChainOf(found, draft.Find<MemberBook>) is not { } chain)
            {
                return Decision.NeedRoots.Instance;
            }

            (found, reach) = ActsWhereItIs ? (found, new MergeReach(Books, chain, programme, Instant.Max(time, draft.Now))) : (chain[^1], null);
            if (RefusalOf(chain[^1].Status) is { } inactive)
            {
                return new Decision.Refuse(inactive);
            }
        }

        var book = draft.Edit<MemberBook>(Books.Members.RootOf(Tenant, found.Identity.Id))!;
        if (reach is null && RefusalOf(book.Status) is { } refused)
        {
            return new Decision.Refuse(refused);
        }

        if (!Books.HasDue(book, time, plan, programme) | !(reach?.IsLoaded(plan) ?? true))
        {
            return Decision.NeedMore.Instance;
        }

        var posting = new Posting(draft, book, programme, time, CauseOf()) { Reach = reach };
        reach?.Begin(draft);
        posting.Settle();
        var decision = Act(posting, plan);
        if (decision is not Decision.Apply applied)
        {
            return decision;
        }

        if (!programme.Watch.IsEmpty)
        {
            decision = Look(applied, posting, plan);
        }

        TellVip(draft, programme, found, book);
        return decision is Decision.Apply && reach is not null && !reach.Carry(plan) ? Decision.NeedMore.Instance : decision;
    }

    /// <summary>Who has risen to the level that gives the role VIP, or fallen from it, may do so from the next call on.</summary>
    private void TellVip(Draft draft, ActiveProgramme programme, MemberBook before, MemberBook after)
    {
        if (Books.Access is { } access && programme.Programme.VipFrom is not null && draft.Find<MemberBook>(Books.Members.RootOf(Tenant, after.Identity.Id)) is { } now
            && programme.Programme.IsVip(before.LevelCode) != programme.Programme.IsVip(now.LevelCode))
        {
            access.Note(draft, Tenant, AccessSubject.User, now.Identity.Id.Value);
        }
    }

    public override (byte[] Body, long RootId) Freeze(object reply) =>
        (JsonSerializer.SerializeToUtf8Bytes(reply, reply.GetType(), MembershipJson.Default), 0);

    /// <summary>Asks for the children this use case is sure to need.</summary>
    /// <param name="time">The time it will be decided at.</param>
    protected virtual void PlanFor(MemberBook book, Instant time, LoadPlan plan)
    {
    }

    /// <summary>What is wrong with the request whoever the member is; null when it agrees with itself.</summary>
    protected virtual Refusal? Contradiction() => null;

    private Refusal? RefusalOf(MemberStatus status)
    {
        var may = status switch
        {
            MemberStatus.Active => true,
            MemberStatus.Cancelled => !NeedsActiveMember && ReachesCancelled,
            MemberStatus.Frozen or MemberStatus.Inactive or MemberStatus.Banned or MemberStatus.Merged => !NeedsActiveMember || (IsEarning && status.MayEarn()),
        };
        return may ? null : new Refusal("MEMBER_INACTIVE", ("status", MemberKind.NameOf(status)));
    }

    /// <summary>What its entries say about where they come from.</summary>
    protected abstract Cause CauseOf();

    /// <summary>The members whose points it has moved.</summary>
    private protected virtual IReadOnlyList<MemberBook> Moved(Posting posting) => [posting.Book];

    /// <summary>Lets the watch rules look at what was decided: it stands, is decided again with what it earns held, or is not done. What a merged
    /// member did before is looked at and always stands: the points are another's by now.</summary>
    private Decision Look(Decision.Apply applied, Posting posting, LoadPlan plan)
    {
        var findings = Books.Watch.Look(posting, Moved(posting), Signs, plan);
        if (findings.Missing is { } missing)
        {
            return missing;
        }

        if (posting.Reach is null && findings.Hits.Exists(hit => hit.Stops))
        {
            return new WatchRecord(Books, Again(posting)).Stop(findings);
        }

        if (posting.Reach is null && findings.Hits.Find(hit => hit.Holds) is { } held)
        {
            var again = Again(posting);
            var caseId = WatchRecord.CaseIdOf(again, held);
            posting = new Posting(again.Draft, again.Book, again.Programme, again.Time, again.Cause) { HeldFor = caseId };
            posting.Settle();
            if (Act(posting, plan) is not Decision.Apply waiting)
            {
                throw new InvariantBrokenException("What is earned is earned, whether it waits or not.");
            }

            applied = waiting;
        }

        var opened = new WatchRecord(Books, posting).Keep(findings);
        return opened.Count == 0 ? applied : applied with { Handles = [.. applied.Handles, .. opened] };
    }

    /// <summary>The beginning of a posting, with nothing decided yet.</summary>
    private Posting Again(Posting posting)
    {
        posting.Draft.Undo();
        var book = posting.Draft.Edit<MemberBook>(Books.Members.RootOf(Tenant, posting.Book.Identity.Id))!;
        return new Posting(posting.Draft, book, posting.Programme, posting.Time, posting.Cause);
    }

    /// <summary>Does it, on the copy of the book that the posting holds.</summary>
    private protected abstract Decision Act(Posting posting, LoadPlan plan);

    private protected static Decision Done(Posting posting) =>
        new Decision.Apply(posting.Reply, posting.Book.Identity.Id.Value, posting.FirstId, posting.LastId);

    private protected static Decision Refuse(string code, params (string, object?)[] values) => new Decision.Refuse(new Refusal(code, values));

    internal static Refusal? TimeRefusal(Instant time, Instant now, ActiveProgramme programme)
    {
        var latest = now.Plus(TimeSpan.FromMinutes(programme.Programme.TimeAheadMinutesMax));
        return time > latest ? new Refusal("TIME_IN_FUTURE", ("latest", latest.ToString())) { Pointer = "/time", Definitive = false } : null;
    }
}
