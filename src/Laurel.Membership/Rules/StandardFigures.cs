using System.Collections.Immutable;

namespace Laurel.Membership.Rules;

/// <summary>The figures of the standard rules that most shops set, by one name each. Null leaves a figure as it is.</summary>
public sealed record StandardFigures
{
    /// <summary>Minor units of an order for one point and one growth.</summary>
    public long? MinorUnitsPerPoint { get; init; }

    public long? RegistrationPoints { get; init; }

    public long? FirstOrderPoints { get; init; }

    /// <summary>Points of one order at the most, its bonus not counted.</summary>
    public long? OrderPointsMax { get; init; }

    /// <summary>Points of orders and bonus in one business day at the most.</summary>
    public long? DayPointsMax { get; init; }

    /// <summary>The rules with these figures. A figure whose rule is not among them is left out.</summary>
    public static ImmutableArray<Rule> Apply(ImmutableArray<Rule> rules, StandardFigures figures) => [.. rules.Select(figures.Apply)];

    private Rule Apply(Rule rule) => rule.Code switch
    {
        StandardRules.Registration => WithFixed(rule, RegistrationPoints),
        StandardRules.FirstOrder => WithCap(WithFixed(rule, FirstOrderPoints), CapPeriod.Day, DayPointsMax),
        StandardRules.Order => WithCap(WithCap(WithStep(rule), CapPeriod.Transaction, OrderPointsMax), CapPeriod.Day, DayPointsMax),
        StandardRules.OrderGrowth => WithStep(rule),
        _ => rule,
    };

    private static Rule WithFixed(Rule rule, long? points) => points is null ? rule : rule with { Amount = new RuleAmount { Fixed = points } };

    private Rule WithStep(Rule rule) => MinorUnitsPerPoint is { } minorUnits
        ? rule with { Amount = new RuleAmount { Per = new AmountStep { Points = 1, MinorUnits = minorUnits } } }
        : rule;

    private static Rule WithCap(Rule rule, CapPeriod period, long? pointsMax) => pointsMax is null
        ? rule
        : rule with { Caps = [.. rule.Caps.Select(cap => cap.Period == period && cap.PointsMax is not null ? cap with { PointsMax = pointsMax } : cap)] };
}
