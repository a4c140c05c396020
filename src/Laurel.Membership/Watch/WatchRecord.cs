using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Membership.Events;
using Laurel.Membership.Members;
using Laurel.Membership.Points;
using Laurel.Membership.Statuses;
using System.Text.Json.Nodes;

namespace Laurel.Membership.Watch;

/// <summary>A hit or a decision of a case.</summary>
internal sealed record WatchFact(long Member, WatchCase Case, WatchMeasure? Measure = null, bool Stopped = false);

/// <summary>Writes down what a look found: counts, sightings, cases and what happened to them.</summary>
/// <param name="posting">Of the member whose command it is.</param>
internal sealed class WatchRecord(MemberBooks books, Posting posting)
{
    private Draft Draft => posting.Draft;

    /// <summary>The command is done: counts it, and notes every hit.</summary>
    /// <returns>The keys of cases that it opened.</returns>
    public IReadOnlyList<NaturalKey> Keep(WatchFindings findings)
    {
        foreach (var (member, key, added) in findings.Counts)
        {
            var book = BookOf(member);
            book.Limits.Set(key, new LimitUse(key, checked((book.Limits.Find(key)?.Used ?? 0) + added)));
        }

        foreach (var (mark, who) in findings.Sightings)
        {
            if (!Draft.Find<WatchMark>(mark)!.Seen.TryGetValue(who, out var last) || last < posting.Time)
            {
                Draft.Edit<WatchMark>(mark)!.See(who, posting.Time);
            }
        }

        return [.. findings.Hits.Select(hit => Note(hit, stopped: false)).OfType<NaturalKey>()];
    }

    /// <summary>The command is not done: notes what stopped it, and nothing else. What it claimed stays free, so that it can be repeated once the
    /// case is decided.</summary>
    public Decision.Apply Stop(WatchFindings findings)
    {
        var stopping = findings.Hits.Where(hit => hit.Stops).ToList();
        var opened = stopping.Select(hit => Note(hit, stopped: true)).OfType<NaturalKey>().ToList();
        var first = stopping.Find(hit => hit.Rule.Rule.Action == WatchAction.Refuse) ?? stopping[0];
        var code = first.Rule.Rule.Action == WatchAction.Refuse ? "WATCH_REFUSED" : "WATCH_HELD";
        var refusal = new Refusal(code, ("rule", first.Rule.Rule.Code), ("caseId", UndecidedOf(BookOf(first.Member), first)!.IdText)) { Definitive = false };
        return new Decision.Apply(refusal, posting.Book.Identity.Id.Value, 0, 0) { Answer = refusal, LeavesKeys = true, Handles = opened };
    }

    /// <summary>The case of a hit, opened when there is none. To be asked of a posting that has drawn no id yet.</summary>
    public static long CaseIdOf(Posting posting, WatchHit hit) => UndecidedOf(posting.Book, hit)?.Id ?? posting.DrawId();

    private NaturalKey? Note(WatchHit hit, bool stopped)
    {
        var book = BookOf(hit.Member);
        var own = ReferenceEquals(book, posting.Book) ? posting : new Posting(Draft, book, posting.Programme, posting.Time, posting.Cause);
        var known = UndecidedOf(book, hit);
        var isFreezing = hit.Rule.Rule.Action == WatchAction.Freeze && !stopped && book.Status == MemberStatus.Active;
        var noted = (known ?? Open(own, hit)) with
        {
            RuleVersion = posting.Programme.Programme.Version,
            Action = hit.Rule.Rule.Action,
            LastHitAt = posting.Time,
            Value = hit.Figures.Value,
            Threshold = hit.Rule.Rule.Threshold,
        };
        noted = noted with { Hits = noted.Hits + 1, Froze = noted.Froze || isFreezing };
        if (isFreezing)
        {
            own.SetStatus(MemberStatus.Inactive, StatusCause.OfWatch(hit.Rule.Rule.Code));
        }

        book.Watch.Cases.Set(noted.Id, noted);
        Write(own, noted, WatchChange.Hit, change => change with { Evidence = EvidenceOf(hit, stopped) });
        own.Raise(MemberEvents.WatchHit, new WatchFact(book.Identity.Id.Value, noted, hit.Rule.Rule.Measure, stopped));
        return known is not null
            ? null
            : new NaturalKey(WatchCase.HandleOf(book.Identity.Tenant, noted.Id), default, book.Identity.Id.Value, 0, 0);
    }

    /// <summary>Writes what happened to a case.</summary>
    public static void Write(Posting posting, WatchCase after, string kind, Func<WatchChange, WatchChange> more) =>
        posting.Draft.Insert(WatchStatements.InsertChanges, more(new WatchChange
        {
            Tenant = posting.Book.Identity.Tenant.Value,
            Member = posting.Book.Identity.Id.Value,
            Id = posting.DrawId(),
            Case = after,
            Kind = kind,
            OccurredAt = posting.Time,
            RecordedAt = posting.Draft.Now,
        }));

    private static WatchCase? UndecidedOf(MemberBook book, WatchHit hit) =>
        book.Watch.LastOf(hit.Rule.Rule.Code) is { IsDecided: false } open ? open : null;

    private static WatchCase Open(Posting own, WatchHit hit) => new()
    {
        Id = own.HeldFor is { } drawn && hit.Holds && own.Book.Watch.Cases.Find(drawn) is null ? drawn : own.DrawId(),
        Rule = hit.Rule.Rule.Code,
        RuleVersion = 0,
        Action = hit.Rule.Rule.Action,
        Status = WatchCaseStatus.Open,
        Hits = 0,
        OpenedAt = own.Time,
        LastHitAt = own.Time,
        Value = 0,
        Threshold = 0,
    };

    private MemberBook BookOf(MemberId member) =>
        member == posting.Book.Identity.Id ? posting.Book : Draft.Edit<MemberBook>(books.Members.RootOf(posting.Book.Identity.Tenant, member))!;

    /// <summary>The figures that made a hit. Nothing in it is personal: what the caller referred to is in the entries too.</summary>
    private string EvidenceOf(WatchHit hit, bool stopped)
    {
        var rule = hit.Rule.Rule;
        var evidence = new JsonObject
        {
            ["trigger"] = System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(rule.Trigger.ToString()),
            ["measure"] = WatchRules.NameOf(rule.Measure),
            ["unit"] = WatchRules.NameOf(rule.Window.Unit),
            ["length"] = rule.Window.Length,
            ["value"] = hit.Figures.Value,
            ["threshold"] = rule.Threshold,
            ["points"] = hit.Points,
            ["referenceType"] = posting.Cause.ReferenceType,
            ["referenceId"] = posting.Cause.ReferenceId,
            ["stopped"] = stopped,
        };
        if (hit.Figures.Mean is { } mean)
        {
            evidence["mean"] = mean;
            evidence["earlierWindows"] = hit.Figures.EarlierWindows;
        }

        return evidence.ToJsonString();
    }
}
