using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Membership.Events;
using Laurel.Membership.Members;
using Laurel.Membership.Points;
using Laurel.Membership.Statuses;

namespace Laurel.Membership.Watch;

/// <summary>What somebody does with a case.</summary>
/// <param name="To"><see cref="WatchCaseStatus.Assigned"/>, <see cref="WatchCaseStatus.Released"/> or <see cref="WatchCaseStatus.Confirmed"/>.</param>
/// <param name="Note">Why, for the auditor.</param>
/// <param name="Operator">The name of the key that asks.</param>
/// <param name="Assignee">Who is to look at it; null unless it is assigned.</param>
public sealed record WatchVerdict(WatchCaseStatus To, string Note, string Operator, string? Assignee = null);

/// <summary>Assigns a case, or decides it: released, what waited becomes the member's; confirmed, it is taken away. A member whom the case made
/// inactive is active again once it and every other that did so are released.</summary>
/// <remarks>Keeps I21. Refusals, first match wins: WATCH_CASE_NOT_FOUND, WATCH_CASE_STATE, LOT_HELD.</remarks>
public sealed class DecideWatchCase(TenantId tenant, long caseId, WatchVerdict verdict, MemberBooks books)
    : MemberCommand(tenant, MemberReference.ByHandle(WatchCase.HandleOf(tenant, caseId), "WATCH_CASE_NOT_FOUND"), books)
{
    /// <summary>An act of people and of administration, seldom and looked for.</summary>
    public override bool IsTraffic => false;

    protected override bool NeedsActiveMember => false;

    public override void NameClaims(HandleResolution handles, ICollection<Claim> claims)
    {
        // A case is decided once; a second time its state refuses it.
    }

    protected override void PlanFor(MemberBook book, Instant time, LoadPlan plan)
    {
        Books.HasCases(book, plan);
        Books.HasPending(book, plan);
    }

    protected override Cause CauseOf() => new(
        verdict.To == WatchCaseStatus.Released ? "A watch case was released" : "A watch case was confirmed",
        "watch_case",
        caseId.ToString(System.Globalization.CultureInfo.InvariantCulture));

    private protected override Decision Act(Posting posting, LoadPlan plan)
    {
        var book = posting.Book;
        if (!Books.HasCases(book, plan) | !Books.HasPending(book, plan))
        {
            return Decision.NeedMore.Instance;
        }

        if (book.Watch.Cases.Find(caseId) is not { } found)
        {
            return new Decision.Refuse(new Refusal(Member.NotFound));
        }

        if (found.IsDecided)
        {
            return Refuse("WATCH_CASE_STATE", ("caseId", found.IdText), ("status", WatchCase.NameOf(found.Status)));
        }

        return verdict.To switch
        {
            WatchCaseStatus.Assigned => Keep(posting, found with { Status = WatchCaseStatus.Assigned, AssignedTo = verdict.Assignee }, WatchChange.Assign),
            WatchCaseStatus.Released => Release(posting, found),
            WatchCaseStatus.Confirmed => Confirm(posting, found),
            _ => throw new InvariantBrokenException("A case is assigned, released or confirmed; it opens by itself."),
        };
    }

    private Decision.Apply Release(Posting posting, WatchCase found)
    {
        posting.ActivateFor(WatchCase.Event, found.IdText);
        posting.JudgeLevel(mayFall: false, "points became active");
        var decision = Keep(posting, Decided(posting, found), WatchChange.Release);
        var others = posting.Book.Watch.Cases.Values.Where(one => one.Id != found.Id);
        if (found.Froze && !others.Any(one => one.Froze && one.Status != WatchCaseStatus.Released) && posting.Book.Status == MemberStatus.Inactive)
        {
            posting.SetStatus(MemberStatus.Active, StatusCause.OfWatch(found.Rule));
        }

        return decision;
    }

    private Decision Confirm(Posting posting, WatchCase found)
    {
        var points = posting.Book.Points;
        var waiting = points.Pending.Values.Where(lot => !lot.Ended && lot.Event == WatchCase.Event && lot.Reference == found.IdText).ToList();
        foreach (var lot in waiting.OrderBy(lot => lot.LotId))
        {
            if (points.FindLot(lot.LotId) is { Held: > 0 and var held })
            {
                return Refuse("LOT_HELD", ("held", held));
            }

            posting.Cancel(lot.LotId, EntryNames.RuleWatchConfirmed);
        }

        return Keep(posting, Decided(posting, found), WatchChange.Confirm);
    }

    private WatchCase Decided(Posting posting, WatchCase found) =>
        found with { Status = verdict.To, DecidedAt = posting.Time, DecidedBy = verdict.Operator };

    private Decision.Apply Keep(Posting posting, WatchCase after, string kind)
    {
        var member = posting.Book.Identity.Id.Value;
        posting.Book.Watch.Cases.Set(after.Id, after);
        WatchRecord.Write(posting, after, kind, change => change with { Operator = verdict.Operator, Note = verdict.Note });
        if (after.IsDecided)
        {
            posting.Raise(MemberEvents.WatchDecided, new WatchFact(member, after));
        }

        return new Decision.Apply(WatchCaseReply.Of(member, after), member, posting.FirstId, posting.LastId);
    }
}
