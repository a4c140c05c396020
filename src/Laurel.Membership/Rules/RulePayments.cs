using System.Globalization;
using System.Text;
using Laurel.Engine.Lanes;
using Laurel.Kernel;
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

        foreach (var key in CapPeriods.Of(programme.Rules.For(trigger), CapScope.Programme, programme.Calendar.DayOf(time)))
        {
            roots.Add(Budgets.RootOf(tenant, key));
        }
    }

    /// <summary>Asks for the member's counters that rules with this trigger may need.</summary>
    /// <returns>Whether all of them are here.</returns>
    public bool HasCounters(MemberBook book, ActiveProgramme programme, string trigger, Instant time, LoadPlan plan)
    {
        // A member who is not stored yet has no counters.
        var all = true;
        if (book.Version == 0)
        {
            return all;
        }

        foreach (var key in CapPeriods.Of(programme.Rules.For(trigger), CapScope.Member, programme.Calendar.DayOf(time)))
        {
            if (book.Limits.Find(key) is null)
            {
                plan.Need(books.Limits, new LimitStatements.Row(book.Identity.Tenant.Value, book.Identity.Id.Value, key, 0));
                all = false;
            }
        }

        return all;
    }

    /// <summary>What has to be read or locked before the rules can be run; null when nothing has.</summary>
    public Decision? Missing(Posting posting, string trigger, LoadPlan plan) => AreBudgetsMissing(posting, trigger)
        ? Decision.NeedRoots.Instance
        : HasCounters(posting.Book, posting.Programme, trigger, posting.Time, plan) ? null : Decision.NeedMore.Instance;

    /// <summary>Whether a budget that rules with this trigger may draw on is not locked.</summary>
    public bool AreBudgetsMissing(Posting posting, string trigger)
    {
        foreach (var key in CapPeriods.Of(posting.Programme.Rules.For(trigger), CapScope.Programme, posting.Programme.Calendar.DayOf(posting.Time)))
        {
            if (posting.Draft.Find<BudgetCounter>(Budgets.RootOf(posting.Book.Identity.Tenant, key)) is null)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Runs the rules and posts what they pay.</summary>
    public IReadOnlyList<PaidAward> Pay(Posting posting, RuleFacts facts) => Post(posting, Run(posting, facts));

    /// <summary>Runs the rules and counts what their caps limit. Counters that are not here count as unused: a new member has none.</summary>
    public IReadOnlyList<Award> Run(Posting posting, RuleFacts facts)
    {
        var counts = new CapCounts((key, scope) => scope switch
        {
            CapScope.Member => posting.Book.Limits.Find(key)?.Used ?? 0,
            CapScope.Programme => posting.Draft.Find<BudgetCounter>(Budgets.RootOf(posting.Book.Identity.Tenant, key))?.Used ?? 0,
        });
        var awards = new RuleRun(posting.Programme, facts, counts).Run();
        foreach (var ((key, scope), added) in counts.Added)
        {
            Count(posting, key, scope, added);
        }

        return awards;
    }

    /// <summary>Runs the rules of rises to a level, whose caps count for the member alone.</summary>
    public static IReadOnlyList<Award> RunForRise(Posting posting, RuleFacts facts)
    {
        var book = posting.Book;
        var counts = new CapCounts((key, _) => UsedOf(book, key));
        var awards = new RuleRun(posting.Programme, facts, counts).Run();
        foreach (var ((key, _), added) in counts.Added)
        {
            book.Limits.Set(key, new LimitUse(key, checked(UsedOf(book, key) + added)));
        }

        return awards;
    }

    private static long UsedOf(MemberBook book, LimitKey key)
    {
        var known = book.Limits.Find(key);
        Invariant.Require(known is not null || book.Version == 0, "The counters of rises are read before anything is decided.");
        return known?.Used ?? 0;
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

    private void Count(Posting posting, LimitKey key, CapScope scope, long added)
    {
        switch (scope)
        {
            case CapScope.Member:
                var used = posting.Book.Limits.Find(key)?.Used ?? 0;
                posting.Book.Limits.Set(key, new LimitUse(key, checked(used + added)));
                break;
            case CapScope.Programme:
                posting.Draft.Edit<BudgetCounter>(Budgets.RootOf(posting.Book.Identity.Tenant, key))!.Add(added);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(scope), scope, null);
        }
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
        return pending is { Event: { } name, CancelDays: { } cancelDays }
            ? new Waiting.ForEvent(name, posting.Cause.ReferenceId, calendar.StartOf(day.AddDays(cancelDays + 1))) { ValidityDays = rule.Validity?.Days }
            : new Waiting.ForTime(calendar.StartOf(day.AddDays(pending.Days!.Value))) { ValidityDays = rule.Validity?.Days };
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
