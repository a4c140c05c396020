using System.Globalization;
using System.Text;
using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Ledger;
using Laurel.Membership.Benefits;
using Laurel.Membership.Members;
using Laurel.Membership.Points;
using Laurel.Membership.Programmes;

namespace Laurel.Membership.Rules;

/// <summary>An award and the entry that paid it; 0 when none was written.</summary>
internal sealed record PaidAward(Award Award, long EntryId);

/// <summary>Pays what the rules of the programme give for an event: finds the counters of their caps, runs them, and posts.</summary>
internal sealed class RulePayments(MemberBooks books)
{
    public BudgetKind Budgets { get; } = new();

    /// <summary>Adds the budgets that rules with this trigger may draw on. Of the programme this node knows; a decision by a newer
    /// one asks again.</summary>
    public void NameRoots(TenantId tenant, string trigger, Instant time, ICollection<RootRef> roots)
    {
        if (books.Programmes.Latest(tenant) is not { } programme)
        {
            return;
        }

        NameRoots(tenant, programme, trigger, time, roots);
    }

    /// <summary>Adds the budgets that rules of a programme with this trigger may draw on.</summary>
    public void NameRoots(TenantId tenant, ActiveProgramme programme, string trigger, Instant time, ICollection<RootRef> roots)
    {
        var rules = programme.Rules.For(trigger);
        if (!rules.HasBudgets)
        {
            return;
        }

        foreach (var key in rules.BudgetsOn(programme.Calendar.DayOf(time)))
        {
            roots.Add(Budgets.RootOf(tenant, key));
        }
    }

    /// <summary>Asks for the member's counters that rules with this trigger may need, and for the units that they name.</summary>
    /// <returns>Whether all of them are here.</returns>
    public bool HasCounters(MemberBook book, ActiveProgramme programme, string trigger, Instant time, LoadPlan plan)
    {
        // A member who is not stored yet has no counters.
        var all = true;
        if (book.Version == 0)
        {
            return all;
        }

        var rules = programme.Rules.For(trigger);
        foreach (var period in rules.PeriodsOn(programme.Calendar.DayOf(time)))
        {
            all &= HasCounters(book, period, plan);
        }

        return all & (!rules.AskForUnits || books.HasUnits(book, plan));
    }

    /// <summary>Asks for the counters of a stored member in one period.</summary>
    public bool HasCounters(MemberBook book, int period, LoadPlan plan)
    {
        if (book.Caps.Find(period) is not null)
        {
            return true;
        }

        plan.Need(books.Caps, new CapUseStatements.Key(book.Identity.Tenant.Value, book.Identity.Id.Value, period));
        return false;
    }

    /// <summary>What has to be read or locked before the rules can be run; null when nothing has.</summary>
    public Decision? Missing(Posting posting, string trigger, LoadPlan plan) => AreBudgetsMissing(posting, trigger)
        ? Decision.NeedRoots.Instance
        : HasCounters(posting.Book, posting.Programme, trigger, posting.Time, plan) ? null : Decision.NeedMore.Instance;

    /// <summary>Whether a budget that rules with this trigger may draw on is not locked.</summary>
    public bool AreBudgetsMissing(Posting posting, string trigger)
    {
        var rules = posting.Programme.Rules.For(trigger);
        var tenant = posting.Book.Identity.Tenant;
        return rules.HasBudgets
            && rules.BudgetsOn(posting.Programme.Calendar.DayOf(posting.Time)).Any(key => posting.Draft.Find<BudgetCounter>(Budgets.RootOf(tenant, key)) is null);
    }

    /// <summary>Runs the rules and posts what they pay.</summary>
    public IReadOnlyList<PaidAward> Pay(Posting posting, RuleFacts facts) => Post(posting, Run(posting, facts));

    /// <summary>Runs the rules and counts what their caps limit.</summary>
    public IReadOnlyList<Award> Run(Posting posting, RuleFacts facts) => Run(posting, facts, Budgets);

    /// <summary>Runs the rules of rises to a level, whose caps count for the member alone.</summary>
    public static IReadOnlyList<Award> RunForRise(Posting posting, RuleFacts facts) => Run(posting, facts, budgets: null);

    /// <summary>Runs rules where nothing is paid. The counters of the member are here.</summary>
    public IReadOnlyList<RuleTrace> Try(Draft draft, ActiveProgramme programme, RuleFacts facts)
    {
        var trace = new List<RuleTrace>();
        new RuleRun(programme, facts, new CapCounts(facts.Member, draft, Budgets), trace).Run();
        return trace;
    }

    private static IReadOnlyList<Award> Run(Posting posting, RuleFacts facts, BudgetKind? budgets)
    {
        var counts = new CapCounts(posting.Book, posting.Draft, budgets);
        var awards = new RuleRun(posting.Programme, facts, counts).Run();
        counts.Keep();
        return awards;
    }

    /// <summary>Posts awards, in their order.</summary>
    public static IReadOnlyList<PaidAward> Post(Posting posting, IReadOnlyList<Award> awards)
    {
        var paid = new List<PaidAward>(awards.Count);
        foreach (var award in awards)
        {
            paid.Add(new PaidAward(award, Post(posting, award)));
        }

        return paid;
    }

    private static long Post(Posting posting, Award award)
    {
        var rule = award.Rule;
        long? cut = award.Earned > award.Granted ? award.Earned - award.Granted : null;
        var multiplier = checked((int)((long)award.LevelBasisPoints * award.CampaignBasisPoints / 10_000));
        if (rule.Unit == RuleUnits.Benefit)
        {
            GrantBenefit.ByRule(posting, rule, award.Granted);
            return 0;
        }

        if (rule.Unit == RuleUnits.Growth)
        {
            return posting.MoveGrowth(award.Granted, EntryNames.Earn, rule.Code, new GrowthTerms(award.Base, multiplier, cut, DetailOf(award)));
        }

        if (rule.Unit == RuleUnits.Balance)
        {
            return posting.MoveBalance(award.Granted, EntryNames.Earn, rule.Code, null, new BalanceTerms(award.Base, multiplier, cut, DetailOf(award)));
        }

        if (rule.Unit != RuleUnits.Points)
        {
            return posting.MoveUnit(rule.Unit, award.Granted, EntryNames.Earn, rule.Code, null, new BalanceTerms(award.Base, multiplier, cut, DetailOf(award)));
        }

        var waits = WaitsOf(posting, rule);
        var activeAt = waits is Waiting.ForTime { ActiveAt: var later } ? later : posting.Time;
        return posting.Grant(award.Granted, EntryNames.Earn, rule.Code, new GrantTerms(posting.Programme.ExpiryOf(activeAt, rule.Validity), rule.CountsForLevel, RepaysReceivable: true)
        {
            Waits = waits,
            Base = award.Base,
            MultiplierBasisPoints = multiplier,
            Cut = cut,
            Detail = DetailOf(award),
        });
    }

    /// <summary>What points of the rule wait for; null where they are active at once.</summary>
    private static Waiting? WaitsOf(Posting posting, Rule rule)
    {
        if (rule.Pending is not { } pending)
        {
            return null;
        }

        var calendar = posting.Programme.Calendar;
        var day = calendar.DayOf(posting.Time);
        var days = rule.Validity is { Inactivity: true } ? PendingLot.UntilInactive : rule.Validity?.Days;
        return pending is { Event: { } name, CancelDays: { } cancelDays }
            ? new Waiting.ForEvent(name, posting.Cause.ReferenceId, calendar.StartOf(day.AddDays(cancelDays + 1))) { ValidityDays = days }
            : new Waiting.ForTime(calendar.StartOf(day.AddDays(pending.Days!.Value))) { ValidityDays = days };
    }

    /// <summary>The numbers of an award that have no column; null when its columns say all.</summary>
    private static string? DetailOf(Award award)
    {
        if (award is { Rule.Eligible: null, Campaign: null, CutBy: null })
        {
            return null;
        }

        var text = new StringBuilder("{");
        void Add(string name, string value) => text.Append(text.Length > 1 ? "," : "").Append('"').Append(name).Append("\":").Append(value);
        if (award.Rule.Eligible is not null)
        {
            Add("eligible", (award.Eligible ?? 0).ToString(CultureInfo.InvariantCulture));
        }

        if (award.Campaign is { } campaign)
        {
            Add("campaign", $"\"{campaign}\"");
            Add("levelBasisPoints", award.LevelBasisPoints.ToString(CultureInfo.InvariantCulture));
            Add("campaignBasisPoints", award.CampaignBasisPoints.ToString(CultureInfo.InvariantCulture));
        }

        if (award.CutBy is { } cap)
        {
            Add("earned", award.Earned.ToString(CultureInfo.InvariantCulture));
            Add("cap", $"\"{cap}\"");
        }

        return text.Append('}').ToString();
    }
}
