using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Membership.Points;

namespace Laurel.Membership.Watch;

/// <summary>A rule that was hit by what a command would do.</summary>
/// <param name="Member">Whose movement it was.</param>
/// <param name="Points">What the command moves, of what the rule sees.</param>
/// <param name="MayStop">Whether the command may be stopped for it.</param>
internal sealed record WatchHit(MemberId Member, PreparedWatchRule Rule, WatchFigures Figures, long Points, bool MayStop)
{
    private WatchRule Of => Rule.Rule;

    /// <summary>Whether the command is not to be done.</summary>
    public bool Stops => MayStop && (Of.Action == WatchAction.Refuse || (Of.Action == WatchAction.Hold && Of.Trigger != WatchTrigger.Earn));

    /// <summary>Whether what was earned is to wait.</summary>
    public bool Holds => Of is { Action: WatchAction.Hold, Trigger: WatchTrigger.Earn };
}

/// <summary>What a look at a command found.</summary>
internal sealed record WatchFindings
{
    /// <summary>What has to be read or locked before it can be judged; null when nothing has.</summary>
    public Decision? Missing { get; init; }

    /// <summary>In the order of the programme.</summary>
    public List<WatchHit> Hits { get; } = [];

    /// <summary>What is to be counted when it is done.</summary>
    public List<(MemberId Member, LimitKey Key, long Added)> Counts { get; } = [];

    /// <summary>Who was seen with what when it is done.</summary>
    public List<(RootRef Mark, long Who)> Sightings { get; } = [];
}

/// <summary>Looks at what a command has decided, by the counters of the members and by marks. Changes nothing.</summary>
internal sealed class WatchJudge(MemberBooks books)
{
    public WatchMarkKind Marks { get; } = new();

    /// <summary>Adds the marks that active rules measure by. Of the programme this node knows; a decision by a newer one asks again.</summary>
    public void NameRoots(TenantId tenant, MemberId member, WatchSigns signs, HandleResolution handles, ICollection<RootRef> roots)
    {
        foreach (var rule in books.Programmes.Latest(tenant)?.Watch.All ?? [])
        {
            foreach (var (mark, _) in signs.MarksOf(tenant, rule.Rule.Measure, member, handles))
            {
                roots.Add(Marks.RootOf(tenant, mark));
            }
        }
    }

    /// <summary>Asks for the counters that a command with this trigger is likely to need, so that no round is made for them.</summary>
    public void Plan(MemberBook book, WatchTrigger trigger, Instant time, LoadPlan plan)
    {
        foreach (var rule in books.Programmes.Latest(book.Identity.Tenant)?.Watch.For(trigger) ?? [])
        {
            HasCounters(book, rule, time, plan);
        }
    }

    /// <summary>Looks at the movements of a command.</summary>
    /// <param name="watched">The members whose points it moved.</param>
    public WatchFindings Look(Posting posting, IReadOnlyList<MemberBook> watched, WatchSigns? signs, LoadPlan plan)
    {
        var findings = new WatchFindings();
        Decision? missing = null;
        foreach (var book in watched.Where(book => book.Movements is not null))
        {
            foreach (var rule in posting.Programme.Watch.All)
            {
                var seen = book.Movements!.Where(rule.Sees).ToList();
                if (seen.Count > 0)
                {
                    missing = Measure(new Subject(posting, book, rule, seen), signs, findings, plan) ?? missing;
                }
            }
        }

        return missing is null ? findings : findings with { Missing = missing };
    }

    /// <summary>What a member who is new begins with, to be counted and not judged.</summary>
    public WatchFindings Count(Posting posting)
    {
        var findings = Look(posting, [posting.Book], null, new LoadPlan());
        findings.Hits.Clear();
        return findings;
    }

    /// <summary>What a rule looks at: movements of one member.</summary>
    private sealed record Subject(Posting Posting, MemberBook Book, PreparedWatchRule Rule, List<WatchMovement> Seen)
    {
        public MemberId Member => Book.Identity.Id;

        public TenantId Tenant => Book.Identity.Tenant;

        public Instant Time => Posting.Time;
    }

    private Decision? Measure(Subject subject, WatchSigns? signs, WatchFindings findings, LoadPlan plan)
    {
        if (WatchRules.IsOfMarks(subject.Rule.Rule.Measure))
        {
            return MeasureMarks(subject, signs, findings, plan);
        }

        if (!HasCounters(subject.Book, subject.Rule, subject.Time, plan))
        {
            return Decision.NeedMore.Instance;
        }

        var added = subject.Rule.AddedBy(subject.Seen);
        findings.Counts.Add((subject.Member, subject.Rule.KeyAt(subject.Time), added));
        return Hit(subject, subject.Rule.Measure(subject.Time, added, key => subject.Book.Limits.Find(key)?.Used ?? 0), findings, plan);
    }

    private Decision? MeasureMarks(Subject subject, WatchSigns? signs, WatchFindings findings, LoadPlan plan)
    {
        WatchFigures? figures = null;
        var (rule, draft) = (subject.Rule, subject.Posting.Draft);
        foreach (var (hash, who) in signs?.MarksOf(subject.Tenant, rule.Rule.Measure, subject.Member, draft.Handles) ?? [])
        {
            var root = Marks.RootOf(subject.Tenant, hash);
            if (draft.Find<WatchMark>(root) is not { } mark)
            {
                return Decision.NeedRoots.Instance;
            }

            var present = mark.Seen.Where(pair => rule.IsInWindow(pair.Value, subject.Time)).Select(pair => pair.Key);
            if (who is not { } seen)
            {
                figures = rule.Judge(present.Contains(subject.Member.Value) ? 1 : 0);
                continue;
            }

            findings.Sightings.Add((root, seen));
            figures ??= rule.Judge(present.Append(seen).Distinct().LongCount());
        }

        return figures is null ? null : Hit(subject, figures, findings, plan);
    }

    private Decision? Hit(Subject subject, WatchFigures figures, WatchFindings findings, LoadPlan plan)
    {
        if (!figures.IsHit)
        {
            return null;
        }

        if (!books.HasCases(subject.Book, plan))
        {
            return Decision.NeedMore.Instance;
        }

        // Somebody has looked at this window already and found nothing wrong.
        var last = subject.Book.Watch.LastOf(subject.Rule.Rule.Code);
        if (last is { Status: WatchCaseStatus.Released, DecidedAt: { } decided } && subject.Rule.IsInWindow(decided, subject.Time))
        {
            return null;
        }

        var points = subject.Seen.Aggregate(0L, (sum, movement) => checked(sum + movement.Points));
        findings.Hits.Add(new WatchHit(subject.Member, subject.Rule, figures, points, subject.Seen.TrueForAll(movement => movement.MayStop)));
        return null;
    }

    private bool HasCounters(MemberBook book, PreparedWatchRule rule, Instant time, LoadPlan plan)
    {
        // A member who is not stored yet has no counters.
        if (book.Version == 0 || WatchRules.IsOfMarks(rule.Rule.Measure))
        {
            return true;
        }

        var all = true;
        foreach (var key in rule.KeysAt(time))
        {
            all &= books.HasLimit(book, key, plan);
        }

        return all;
    }
}
