using Laurel.Expressions;
using Laurel.Kernel;
using Laurel.Membership.Points;
using Laurel.Membership.Programmes;

namespace Laurel.Membership.Rules;

/// <summary>What became of a rule that listens to an event.</summary>
internal enum RuleVerdict
{
    Paid,
    OutsideWindow,
    ConditionFalse,
    AnotherOfItsGroup,
    UsedUp,
    Nothing,
    Failed,
}

/// <summary>What one rule pays for one event, with the numbers that made it.</summary>
/// <param name="Base">Before multipliers.</param>
/// <param name="LevelBasisPoints">The level's multiplier times 10,000; 10,000 where it does not count.</param>
/// <param name="CampaignBasisPoints">The campaign's, likewise.</param>
/// <param name="Campaign">Its code; null when none multiplied.</param>
/// <param name="Earned">After multipliers.</param>
/// <param name="Granted">After caps: what is paid.</param>
/// <param name="Eligible">The amount it was reckoned from; null where it was reckoned from none.</param>
/// <param name="Weights">What each line of the order counts for it; null where lines do not matter.</param>
internal sealed record Award(
    Rule Rule,
    long Base,
    int LevelBasisPoints,
    int CampaignBasisPoints,
    string? Campaign,
    long Earned,
    long Granted,
    long? Eligible,
    long[]? Weights)
{
    /// <summary>The first cap that cut something off; null when none did.</summary>
    public string? CutBy { get; init; }
}

/// <summary>One rule as a preview tells it.</summary>
internal sealed record RuleTrace(Rule Rule, RuleVerdict Verdict, Award? Award, ExpressionError? Error);

/// <summary>Carries out the rules for one event: which of them pay, and how much. Changes nothing but the counts it is given.</summary>
internal sealed class RuleRun(ActiveProgramme programme, RuleFacts facts, CapCounts counts, List<RuleTrace>? trace = null)
{
    private readonly DateOnly _day = programme.Calendar.DayOf(facts.Time);
    private readonly List<Award> _awards = [];
    private HashSet<string>? _groups;
    private Dictionary<string, long>? _withinEvent;

    /// <summary>What the rules pay, in the order in which they stand.</summary>
    /// <exception cref="OverflowException">When an amount does not fit 64 bits.</exception>
    public IReadOnlyList<Award> Run()
    {
        if (programme.Ladders.Length > 1)
        {
            facts.Tracks = programme.TracksOf(facts.Member);
        }

        foreach (var rule in programme.Rules.For(facts.Event.Type).Rules)
        {
            Award? award = null;
            ExpressionError? error = null;
            var verdict = Judge(rule, ref award, ref error);
            trace?.Add(new RuleTrace(rule.Rule, verdict, award, error));
            if (verdict == RuleVerdict.Failed)
            {
                MembershipMetrics.RuleFailed(rule.Rule.Code);
            }
        }

        return _awards;
    }

    private RuleVerdict Judge(PreparedRule rule, ref Award? award, ref ExpressionError? error)
    {
        if (!rule.Window.Contains(facts.Time))
        {
            return RuleVerdict.OutsideWindow;
        }

        if (facts.IsRepeated && !rule.Rule.Repeat)
        {
            return RuleVerdict.UsedUp;
        }

        if (rule.Rule.Group is { } group && _groups is not null && _groups.Contains(group))
        {
            return RuleVerdict.AnotherOfItsGroup;
        }

        if (rule.Rule.Condition is not null)
        {
            var matches = rule.Matches(facts);
            if (matches.IsError)
            {
                error = rule.Describe(matches);
                return RuleVerdict.Failed;
            }

            if (!matches.Value)
            {
                return RuleVerdict.ConditionFalse;
            }
        }

        if (IsUsedUp(rule))
        {
            return RuleVerdict.UsedUp;
        }

        if (Reckon(rule) is not { } earned)
        {
            return RuleVerdict.Failed;
        }

        if (earned.Earned == 0)
        {
            return RuleVerdict.Nothing;
        }

        award = Capped(rule, earned);
        _awards.Add(award);
        if (rule.Rule.Group is { } taken)
        {
            (_groups ??= []).Add(taken);
        }

        return RuleVerdict.Paid;
    }

    private bool IsUsedUp(PreparedRule rule)
    {
        foreach (var cap in rule.Caps)
        {
            if (cap.UsesCode is { } code && Used(cap, code) >= cap.Cap.UsesMax)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>What the rule pays before caps; null when an expression of it fails.</summary>
    private Award? Reckon(PreparedRule rule)
    {
        long? eligible = null;
        long[]? weights = null;
        if (facts.Order is not null && !TryEligible(rule, out eligible, out weights))
        {
            return null;
        }

        long amount;
        if (rule.Rule.Amount.Per is { } per)
        {
            amount = per.Of(eligible ?? 0);
        }
        else if (rule.Rule.Amount.Fixed is { } points)
        {
            amount = points;
        }
        else
        {
            var result = rule.Amount(facts);
            if (result.IsError)
            {
                return null;
            }

            amount = result.Value <= 0 ? 0 : checked((long)decimal.Floor(result.Value));
        }

        var level = rule.Rule.LevelMultiplier ? programme.Benefits.MultiplierOf(facts.Member, facts.Time) : 10_000;
        var campaign = rule.Rule.CampaignMultiplier ? CampaignFor(rule.Rule) : null;
        var campaignBasisPoints = campaign?.MultiplierBasisPoints ?? 10_000;
        var earned = checked((long)((Int128)amount * level * campaignBasisPoints / 100_000_000));
        return new Award(rule.Rule, amount, level, campaignBasisPoints, campaign?.Code, earned, earned, eligible, weights);
    }

    /// <summary>Campaigns do not add up: the greatest that runs counts.</summary>
    private MultiplierCampaign? CampaignFor(Rule rule)
    {
        foreach (var campaign in programme.Rules.Campaigns)
        {
            if (campaign.RunsFor(rule, facts))
            {
                return campaign.Campaign;
            }
        }

        return null;
    }

    private bool TryEligible(PreparedRule rule, out long? eligible, out long[]? weights)
    {
        var lines = facts.Order!.LinesOrWhole;
        weights = new long[lines.Length];
        long sum = 0;
        for (var i = 0; i < weights.Length; i++)
        {
            facts.Line = lines[i];
            if ((rule.ChoosesLines ? rule.EligibleOf(facts) : lines[i].Eligible) is not { } part)
            {
                eligible = null;
                return false;
            }

            weights[i] = part;
            sum = checked(sum + part);
        }

        eligible = sum;
        return true;
    }

    private Award Capped(PreparedRule rule, Award award)
    {
        var granted = award.Earned;
        string? cutBy = null;
        foreach (var cap in rule.Caps)
        {
            if (cap.PointsCode is { } code && Math.Max(0, cap.Cap.PointsMax!.Value - Used(cap, code)) is var room && room < granted)
            {
                granted = room;
                cutBy = code;
            }
        }

        foreach (var cap in rule.Caps)
        {
            if (granted > 0)
            {
                Count(cap, cap.PointsCode, granted);
                Count(cap, cap.UsesCode, 1);
            }
        }

        return award with { Granted = granted, CutBy = cutBy };
    }

    private long Used(PreparedCap cap, string code) => cap.Cap.Period == CapPeriod.Transaction
        ? _withinEvent?.GetValueOrDefault(code) ?? 0
        : counts.Used(KeyOf(cap, code), cap.Cap.Scope);

    private void Count(PreparedCap cap, string? code, long used)
    {
        if (code is null)
        {
            return;
        }

        if (cap.Cap.Period == CapPeriod.Transaction)
        {
            _withinEvent ??= [];
            _withinEvent[code] = checked(_withinEvent.GetValueOrDefault(code) + used);
            return;
        }

        counts.Add(KeyOf(cap, code), cap.Cap.Scope, used);
    }

    private LimitKey KeyOf(PreparedCap cap, string code) => new(code, CapPeriods.NumberOf(cap.Cap.Period, _day));
}
