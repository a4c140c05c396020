using System.Collections.Frozen;
using System.Collections.Immutable;
using Laurel.Expressions;
using Laurel.Kernel;
using Laurel.Membership.Points;
using Laurel.Membership.Programmes;

namespace Laurel.Membership.Rules;

/// <summary>A rule ready to be carried out. Its expressions are compiled when they are first needed.</summary>
internal sealed class PreparedRule
{
    private readonly Lazy<CompiledExpression<RuleFacts, bool>>? _condition;
    private readonly Lazy<CompiledExpression<RuleFacts, decimal>>? _amount;
    private readonly Lazy<CompiledExpression<RuleFacts, bool>>? _takesLine;
    private readonly Lazy<CompiledExpression<RuleFacts, long>>? _partOfLine;

    public PreparedRule(Rule rule, PreparedWindow window, RuleLanguage language)
    {
        (Rule, Window) = (rule, window);
        Caps = [.. rule.Caps.Select(cap => new PreparedCap(rule, cap))];
        _condition = Compile<bool>(language.For(rule.Trigger), rule.Condition, ExpressionType.Bool);
        _amount = Compile<decimal>(language.For(rule.Trigger), rule.Amount.Expression, ExpressionType.Decimal);
        if (rule.Eligible is { } eligible)
        {
            var isFlag = language.Lines.Check(eligible, ExpressionType.Bool).Expression is not null;
            _takesLine = isFlag ? Compile<bool>(language.Lines, eligible, ExpressionType.Bool) : null;
            _partOfLine = isFlag ? null : Compile<long>(language.Lines, eligible, ExpressionType.Int);
        }
    }

    public Rule Rule { get; }

    public PreparedWindow Window { get; }

    public ImmutableArray<PreparedCap> Caps { get; }

    /// <summary>Whether it says by itself which part of a line earns.</summary>
    public bool ChoosesLines => Rule.Eligible is not null;

    public EvaluationResult<bool> Matches(RuleFacts facts) => _condition!.Value.Evaluate(facts);

    /// <summary>The amount that its expression gives.</summary>
    public EvaluationResult<decimal> Amount(RuleFacts facts) => _amount!.Value.Evaluate(facts);

    /// <summary>The part of the line of <paramref name="facts"/> that earns, in minor units; null when the expression fails.</summary>
    public long? EligibleOf(RuleFacts facts)
    {
        var line = facts.Line!;
        if (_takesLine is { } takes)
        {
            var taken = takes.Value.Evaluate(facts);
            return taken.IsError ? null : taken.Value ? line.Eligible : 0;
        }

        var part = _partOfLine!.Value.Evaluate(facts);
        return part.IsError ? null : Math.Clamp(part.Value, 0, line.Amount);
    }

    /// <summary>Why an expression of the rule gave nothing, with the place in its text.</summary>
    public ExpressionError Describe(EvaluationResult<bool> failed) => _condition!.Value.Describe(failed);

    private static Lazy<CompiledExpression<RuleFacts, T>>? Compile<T>(ExpressionEnvironment<RuleFacts> environment, string? text, ExpressionType type) =>
        text is null
            ? null
            : new(() => environment.Check(text, type).Expression?.Compile<T>()
                ?? throw new InvariantBrokenException("A programme is stored only when its expressions are right."));
}

/// <summary>A cap with the name under which it counts.</summary>
internal sealed class PreparedCap(Rule rule, RuleCap cap)
{
    public RuleCap Cap { get; } = cap;

    /// <summary>Under which the paid amount is counted; null when it is not limited.</summary>
    public string? PointsCode { get; } = cap.PointsMax is null ? null : $"{cap.Shared ?? rule.Code}_{rule.Unit}_{CapPeriods.NameOf(cap.Period)}";

    /// <summary>Under which uses are counted; null when they are not limited.</summary>
    public string? UsesCode { get; } = cap.UsesMax is null ? null : $"{cap.Shared ?? rule.Code}_uses_{CapPeriods.NameOf(cap.Period)}";
}

/// <summary>A campaign ready to be asked.</summary>
internal sealed class PreparedCampaign(MultiplierCampaign campaign, PreparedWindow window, RuleLanguage language)
{
    private readonly Lazy<CompiledExpression<RuleFacts, bool>>? _condition = campaign.Condition is { } text
        ? new(() => language.Events.Check(text, ExpressionType.Bool).Expression?.Compile<bool>()
            ?? throw new InvariantBrokenException("A programme is stored only when its expressions are right."))
        : null;

    public MultiplierCampaign Campaign { get; } = campaign;

    public bool RunsFor(Rule rule, RuleFacts facts) =>
        (Campaign.Rules.IsEmpty || Campaign.Rules.Contains(rule.Code))
        && window.Contains(facts.Time)
        && (_condition is null || _condition.Value.Evaluate(facts) is { IsError: false, Value: true });
}

/// <summary>A window in the time zone of its tenant.</summary>
internal sealed class PreparedWindow(RuleWindow? window, BusinessCalendar calendar)
{
    private readonly Instant _from = window?.From is { } from ? Instant.From(from) : Instant.Earliest;
    private readonly Instant _until = window?.Until is { } until ? Instant.From(until) : Instant.Never;
    private readonly bool _isLocal = window is not null && !(window.Weekdays.IsEmpty && window.Hours.IsEmpty);

    public bool Contains(Instant time)
    {
        if (time < _from || time >= _until)
        {
            return false;
        }

        if (!_isLocal)
        {
            return true;
        }

        var local = TimeZoneInfo.ConvertTime(time.ToDateTimeOffset(), calendar.Zone).DateTime;
        return (window!.Weekdays.IsEmpty || window.Weekdays.Contains(local.DayOfWeek))
            && (window.Hours.IsEmpty || window.Hours.Any(span => span.Contains(TimeOnly.FromDateTime(local))));
    }
}

/// <summary>The rules that listen to one thing, in the order in which they pay, and the counters that they may come to need.</summary>
internal sealed class TriggerRules
{
    public static readonly TriggerRules None = new([]);

    private readonly ImmutableArray<CapPeriod> _memberPeriods;
    private readonly ImmutableArray<(string Code, CapPeriod Period)> _budgets;

    /// <param name="askForUnits">Whether they pay units of the programme or ask how many a member has.</param>
    public TriggerRules(ImmutableArray<PreparedRule> rules, bool askForUnits = false)
    {
        (Rules, AskForUnits) = (rules, askForUnits);
        var caps = rules.SelectMany(rule => rule.Caps).Where(cap => cap.Cap.Period != CapPeriod.Transaction).ToLookup(cap => cap.Cap.Scope);
        _memberPeriods = [.. caps[CapScope.Member].Select(cap => cap.Cap.Period).Distinct()];
        _budgets =
        [
            .. from cap in caps[CapScope.Programme]
               from code in new[] { cap.PointsCode, cap.UsesCode }
               where code is not null
               select (code, cap.Cap.Period),
        ];
    }

    public ImmutableArray<PreparedRule> Rules { get; }

    /// <summary>Whether the units of the member have to be read before they are run: whose rules have nothing to do with units pay no statement.</summary>
    public bool AskForUnits { get; }

    public bool HasBudgets => !_budgets.IsEmpty;

    /// <summary>The numbers of the periods in which caps count what the member of an event on a day has used.</summary>
    public IEnumerable<int> PeriodsOn(DateOnly day) => _memberPeriods.Select(period => CapPeriods.NumberOf(period, day));

    /// <summary>The counters of caps over all members that an event on a day may draw on.</summary>
    public IEnumerable<LimitKey> BudgetsOn(DateOnly day) => _budgets.Select(budget => new LimitKey(budget.Code, CapPeriods.NumberOf(budget.Period, day)));
}

/// <summary>The rules of one version of a programme, by what they listen to.</summary>
internal sealed class RuleBook
{
    private readonly FrozenDictionary<string, TriggerRules> _byTrigger;

    public RuleBook(Programme programme, BusinessCalendar calendar)
    {
        var language = RuleLanguage.Of(programme);
        var campaignsAsk = programme.Campaigns.Any(campaign => campaign.Active && language.NamesUnits(campaign.Condition));
        _byTrigger = programme.Rules
            .Where(rule => rule.Active)
            .GroupBy(rule => rule.Trigger)
            .ToFrozenDictionary(
                group => group.Key,
                group => new TriggerRules(
                [
                    .. group.OrderByDescending(rule => rule.Priority).Select(rule => new PreparedRule(rule, new PreparedWindow(rule.Window, calendar), language)),
                ],
                group.Any(rule => language.AsksForUnits(rule) || (rule.CampaignMultiplier && campaignsAsk))));
        Campaigns =
        [
            .. programme.Campaigns
                .Where(campaign => campaign.Active)
                .OrderByDescending(campaign => campaign.MultiplierBasisPoints)
                .Select(campaign => new PreparedCampaign(campaign, new PreparedWindow(campaign.Window, calendar), language)),
        ];
    }

    /// <summary>The greatest multiplier first.</summary>
    public ImmutableArray<PreparedCampaign> Campaigns { get; }

    public TriggerRules For(string trigger) => _byTrigger.GetValueOrDefault(trigger, TriggerRules.None);
}
