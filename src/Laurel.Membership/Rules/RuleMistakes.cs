using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;
using Laurel.Expressions;
using Laurel.Membership.Points;
using Laurel.Membership.Programmes;
using Laurel.Platform.Errors;
using Laurel.Platform.Http;

namespace Laurel.Membership.Rules;

/// <summary>Finds everything that is wrong with the rules and campaigns of a programme. What passes can be carried out.</summary>
public sealed partial class RuleMistakes
{
    /// <summary>Rules of a programme at the most.</summary>
    public const int RulesMax = 500;

    /// <summary>Campaigns of a programme at the most.</summary>
    public const int CampaignsMax = 100;

    /// <summary>Caps of a rule at the most.</summary>
    public const int CapsMax = 10;

    /// <summary>What one event may pay at the most before multipliers.</summary>
    public const long AmountMax = 1_000_000_000_000;

    private const int MultiplierMax = 1_000_000;

    private readonly List<FieldError> _found = [];
    private readonly FrozenSet<string> _benefits;
    private readonly ImmutableArray<string> _units;
    private readonly FrozenSet<string> _closedUnits;
    private readonly RuleLanguage _language;

    private RuleMistakes(Programme programme)
    {
        _benefits = [.. programme.Benefits.Select(benefit => benefit.Code)];
        _units = [.. RuleUnits.All, .. programme.Units.Where(unit => unit is { Active: true, Code: not null }).Select(unit => unit.Code)];
        _closedUnits = [.. programme.Units.Where(unit => unit is { Active: false, Code: not null }).Select(unit => unit.Code)];
        _language = RuleLanguage.Of(programme);
    }

    /// <summary>Every mistake, with a pointer into the programme.</summary>
    public static IReadOnlyList<FieldError> Of(Programme programme)
    {
        var mistakes = new RuleMistakes(programme);
        mistakes.Look(programme);
        return mistakes._found;
    }

    private void Look(Programme programme)
    {
        Require(programme.Rules.Length <= RulesMax, "/rules", FieldErrorCode.TooMany, ("max", RulesMax));
        Require(programme.Campaigns.Length <= CampaignsMax, "/campaigns", FieldErrorCode.TooMany, ("max", CampaignsMax));
        for (var i = 0; i < programme.Rules.Length; i++)
        {
            var rule = programme.Rules[i];
            Look(rule, $"/rules/{i.ToString(CultureInfo.InvariantCulture)}");
            Unique(programme.Rules.Take(i).Any(other => other.Code == rule.Code), $"/rules/{i.ToString(CultureInfo.InvariantCulture)}/code", rule.Code);
        }

        Look(programme.Inactivity, "/inactivity");
        Look(programme.Carryover?.Lots, "/carryover/lots");
        var choosesNothing = programme.Carryover is { Carries: false, KeptLevels.IsEmpty: true };
        Require(!choosesNothing, "/carryover/lots", FieldErrorCode.Required);

        for (var i = 0; i < programme.Campaigns.Length; i++)
        {
            var campaign = programme.Campaigns[i];
            var at = $"/campaigns/{i.ToString(CultureInfo.InvariantCulture)}";
            Name(campaign.Code, $"{at}/code");
            Unique(programme.Campaigns.Take(i).Any(other => other.Code == campaign.Code), $"{at}/code", campaign.Code);
            Range(campaign.MultiplierBasisPoints, 0, MultiplierMax, $"{at}/multiplierBasisPoints");
            Expression(_language.Events, campaign.Condition, ExpressionType.Bool, $"{at}/condition");
            Look(campaign.Window, $"{at}/window");
            for (var r = 0; r < campaign.Rules.Length; r++)
            {
                var known = programme.Rules.Any(rule => rule.Code == campaign.Rules[r]);
                Require(known, $"{at}/rules/{r.ToString(CultureInfo.InvariantCulture)}", FieldErrorCode.InvalidFormat, ("expected", s_ruleCode));
            }
        }
    }

    private static readonly Wording s_benefitCode = new("the code of a benefit of this programme", "本计划中某项权益的编码");

    private static readonly Wording s_ruleCode = new("the code of a rule of this programme", "本计划中某条规则的编码");

    private void Look(Rule rule, string at)
    {
        Name(rule.Code, $"{at}/code");
        Require(!EntryNames.Reserved.Contains(rule.Code), $"{at}/code", FieldErrorCode.Reserved, ("value", rule.Code));
        Text(rule.NameEnglish, 1, 100, $"{at}/nameEnglish");
        Text(rule.NameChinese, 1, 100, $"{at}/nameChinese");
        Text(rule.Description, 0, 1_000, $"{at}/description");
        Require(rule.Trigger.Length <= 64 && EventType().IsMatch(rule.Trigger), $"{at}/trigger", FieldErrorCode.InvalidFormat, ("expected", FieldFormats.EventType));
        var isPaid = _units.Contains(rule.Unit) || (!rule.Active && _closedUnits.Contains(rule.Unit));
        Require(isPaid, $"{at}/unit", FieldErrorCode.InvalidFormat, ("expected", FieldFormats.OneOf(_units.AsSpan())));
        Range(rule.Priority, -1_000_000, 1_000_000, $"{at}/priority");
        Name(rule.Group, $"{at}/group");
        Require(Enum.IsDefined(rule.Refund), $"{at}/refund", FieldErrorCode.InvalidFormat, ("expected", FieldFormats.OneOf(["proportional", "whenWhole", "kept"])));
        var isOrder = rule.Trigger == EventTypes.OrderCompleted;
        Require(isOrder || rule.Eligible is null, $"{at}/eligible", FieldErrorCode.UnknownField);
        Require(isOrder || rule.Amount.Per is null, $"{at}/amount/per", FieldErrorCode.UnknownField);
        Expression(_language.For(rule.Trigger), rule.Condition, ExpressionType.Bool, $"{at}/condition");
        Eligible(rule.Eligible, $"{at}/eligible");
        Look(rule.Amount, rule.Trigger, $"{at}/amount");
        Look(rule.Window, $"{at}/window");
        Look(rule.Validity, $"{at}/validity");
        Require(rule.Validity is null || rule.Unit is RuleUnits.Points or RuleUnits.Benefit, $"{at}/validity", FieldErrorCode.UnknownField);
        Require(rule.Validity is not { Inactivity: true } || rule.Unit == RuleUnits.Points, $"{at}/validity/inactivity", FieldErrorCode.UnknownField);
        if (rule.Unit == RuleUnits.Benefit)
        {
            OfBenefit(rule, isOrder, at);
        }
        else
        {
            Require(rule.Benefit is null, $"{at}/benefit", FieldErrorCode.UnknownField);
        }

        Look(rule, rule.Pending, $"{at}/pending");
        Require(EventTypes.IsRise(rule.Trigger) || !rule.Repeat, $"{at}/repeat", FieldErrorCode.UnknownField);
        Require(rule.Caps.Length <= CapsMax, $"{at}/caps", FieldErrorCode.TooMany, ("max", CapsMax));
        for (var i = 0; i < rule.Caps.Length; i++)
        {
            var pointer = $"{at}/caps/{i.ToString(CultureInfo.InvariantCulture)}";
            Look(rule.Caps[i], pointer);
            if (EventTypes.IsRise(rule.Trigger))
            {
                LookAtRise(rule.Caps[i], pointer);
            }
        }
    }

    /// <summary>Any command may bring about a rise, of a day that is known when it is decided: what it counts has to be known before.</summary>
    private void LookAtRise(RuleCap cap, string at)
    {
        Require(cap.Period is CapPeriod.Transaction or CapPeriod.Total, $"{at}/period", FieldErrorCode.InvalidFormat, ("expected", FieldFormats.OneOf(["transaction", "total"])));
        Require(cap.Scope == CapScope.Member, $"{at}/scope", FieldErrorCode.InvalidFormat, ("expected", FieldFormats.OneOf(["member"])));
    }

    /// <summary>A benefit is granted whole: nothing multiplies it, and no refund takes a part of it back.</summary>
    private void OfBenefit(Rule rule, bool isOrder, string at)
    {
        Require(rule.Benefit is not null, $"{at}/benefit", FieldErrorCode.Required);
        Require(rule.Benefit is null || _benefits.Contains(rule.Benefit), $"{at}/benefit", FieldErrorCode.InvalidFormat, ("expected", s_benefitCode));
        Require(rule.Amount is { Per: null, Expression: null, Fixed: null or 1 }, $"{at}/amount/fixed", FieldErrorCode.OutOfRange, ("min", 1L), ("max", 1L));
        Require(!rule.LevelMultiplier, $"{at}/levelMultiplier", FieldErrorCode.UnknownField);
        Require(!rule.CampaignMultiplier, $"{at}/campaignMultiplier", FieldErrorCode.UnknownField);
        Require(!isOrder || rule.Refund == RefundShare.Kept, $"{at}/refund", FieldErrorCode.InvalidFormat, ("expected", FieldFormats.OneOf(["kept"])));
    }

    private void Look(RuleAmount amount, string trigger, string at)
    {
        var given = (amount.Fixed is null ? 0 : 1) + (amount.Per is null ? 0 : 1) + (amount.Expression is null ? 0 : 1);
        Require(given == 1, at, FieldErrorCode.ExactlyOne, ("names", "fixed, per, expression"));
        Range(amount.Fixed, 0, AmountMax, $"{at}/fixed");
        Range(amount.Per?.Points, 1, AmountMax, $"{at}/per/points");
        Range(amount.Per?.MinorUnits, 1, AmountMax, $"{at}/per/minorUnits");
        Require(Enum.IsDefined(amount.Per?.Rounding ?? AmountRounding.WholeSteps), $"{at}/per/rounding", FieldErrorCode.InvalidFormat, ("expected", FieldFormats.OneOf(["wholeSteps", "down", "halfUp", "up"])));
        Expression(_language.For(trigger), amount.Expression, ExpressionType.Decimal, $"{at}/expression");
    }

    private void Look(RuleCap cap, string at)
    {
        Require(Enum.IsDefined(cap.Period), $"{at}/period", FieldErrorCode.InvalidFormat, ("expected", FieldFormats.OneOf(["transaction", "day", "week", "month", "year", "total"])));
        Require(Enum.IsDefined(cap.Scope), $"{at}/scope", FieldErrorCode.InvalidFormat, ("expected", FieldFormats.OneOf(["member", "programme"])));
        Require(cap.PointsMax is not null || cap.UsesMax is not null, $"{at}/pointsMax", FieldErrorCode.Required);
        Require(cap is not { Period: CapPeriod.Transaction, Scope: CapScope.Programme }, $"{at}/scope", FieldErrorCode.InvalidFormat, ("expected", FieldFormats.OneOf(["member"])));
        Range(cap.PointsMax, 0, long.MaxValue, $"{at}/pointsMax");
        Range(cap.UsesMax, 0, long.MaxValue, $"{at}/usesMax");
        Name(cap.Shared, $"{at}/shared");
    }

    private void Look(RuleWindow? window, string at)
    {
        if (window is null)
        {
            return;
        }

        Require(window is not { From: { } from, Until: { } until } || from < until, $"{at}/until", FieldErrorCode.NothingBetween);
        Require(window.Weekdays.Distinct().Count() == window.Weekdays.Length && window.Weekdays.All(day => Enum.IsDefined(day)), $"{at}/weekdays", FieldErrorCode.DuplicateField);
        for (var i = 0; i < window.Hours.Length; i++)
        {
            var span = window.Hours[i];
            var pointer = $"{at}/hours/{i.ToString(CultureInfo.InvariantCulture)}";
            Require(span.From != span.Until, pointer, FieldErrorCode.NothingBetween);
            Require(!window.Hours.Take(i).Any(other => other.Contains(span.From) || span.Contains(other.From)), pointer, FieldErrorCode.Overlaps);
        }
    }

    private void Look(LotValidity? validity, string at)
    {
        if (validity is null)
        {
            return;
        }

        var given = (validity.Days is null ? 0 : 1) + (validity.Months is null ? 0 : 1) + (validity.LastDay is null ? 0 : 1) + (validity.Never ? 1 : 0)
            + (validity.Inactivity ? 1 : 0);
        Require(given == 1, at, FieldErrorCode.ExactlyOne, ("names", "days, months, lastDay, never, inactivity"));
        Range(validity.Days, 0, Programme.ValidityDaysMax, $"{at}/days");
        Range(validity.Months, 0, Programme.ValidityDaysMax / 31, $"{at}/months");
        Require(validity.RoundedUpTo is null || validity.Days is not null || validity.Months is not null, $"{at}/roundedUpTo", FieldErrorCode.UnknownField);
    }

    private void Look(Rule rule, RulePending? pending, string at)
    {
        if (pending is null)
        {
            return;
        }

        Require(rule.Unit == RuleUnits.Points, at, FieldErrorCode.UnknownField);
        Require(pending.Days is null != pending.Event is null, at, FieldErrorCode.ExactlyOne, ("names", "days, event"));
        Range(pending.Days, 1, Programme.ValidityDaysMax, $"{at}/days");
        Require(pending.Event is null || (pending.Event.Length <= 64 && EventType().IsMatch(pending.Event)), $"{at}/event", FieldErrorCode.InvalidFormat, ("expected", FieldFormats.EventType));
        Require(pending.Event is null || pending.CancelDays is not null, $"{at}/cancelDays", FieldErrorCode.Required);
        Require(pending.Event is not null || pending.CancelDays is null, $"{at}/cancelDays", FieldErrorCode.UnknownField);
        Range(pending.CancelDays, 1, Programme.ValidityDaysMax, $"{at}/cancelDays");

        // A lot that waits keeps a number of days, and nothing else of how long it lives.
        var isKept = rule.Validity is null or { Days: not null, RoundedUpTo: null } or { Inactivity: true };
        Require(isKept, $"{at[..^"/pending".Length]}/validity", FieldErrorCode.Invalid, ("mistake", s_validityOfPending));
    }

    private static readonly Wording s_validityOfPending = new(
        "points that wait live as the programme says, for a number of days, or until their member is inactive", "待生效积分的有效期只能按计划的规定、按天数，或按会员不活跃失效");

    private void Look(InactivityRules rules, string at)
    {
        Range(rules.Days, 1, Programme.ValidityDaysMax, $"{at}/days");
        for (var i = 0; i < rules.ResetBy.Length; i++)
        {
            var (type, pointer) = (rules.ResetBy[i], $"{at}/resetBy/{i.ToString(CultureInfo.InvariantCulture)}");
            Require(type.Length <= 64 && EventType().IsMatch(type), pointer, FieldErrorCode.InvalidFormat, ("expected", FieldFormats.EventType));
        }
    }

    /// <summary>What a line counts is a bool or a number of minor units.</summary>
    private void Eligible(string? text, string at)
    {
        if (text is not null && _language.Lines.Check(text, ExpressionType.Bool).Expression is null)
        {
            Expression(_language.Lines, text, ExpressionType.Int, at);
        }
    }

    private void Expression(ExpressionEnvironment<RuleFacts> environment, string? text, ExpressionType type, string at)
    {
        if (text is null)
        {
            return;
        }

        foreach (var error in environment.Check(text, type).Errors)
        {
            var hint = error.Hint is null ? new Wording("", "") : new Wording($"Perhaps: {error.Hint}", $"或许是：{error.Hint}");
            Require(false, at, FieldErrorCode.ExpressionInvalid, ("line", error.Line), ("column", error.Column), ("message", new Wording(error.Message, error.MessageZh)), ("hint", hint));
        }
    }

    private void Name(string? name, string at) =>
        Require(name is null || CodeForm().IsMatch(name), at, FieldErrorCode.InvalidFormat, ("expected", FieldFormats.Code));

    private void Text(string? text, int lengthMin, int lengthMax, string at)
    {
        Require((text?.Length ?? lengthMin) <= lengthMax, at, FieldErrorCode.TooLong, ("max", lengthMax));
        Require(lengthMin == 0 || !string.IsNullOrWhiteSpace(text), at, FieldErrorCode.TooShort);
    }

    private void Range(long? value, long min, long max, string at) =>
        Require(value is null || (value >= min && value <= max), at, FieldErrorCode.OutOfRange, ("min", min), ("max", max));

    private void Unique(bool repeated, string at, string value) => Require(!repeated, at, FieldErrorCode.NotUnique, ("value", value));

    private void Require(bool holds, string pointer, string code, params (string Name, object? Value)[] values)
    {
        if (!holds)
        {
            _found.Add(new FieldError(code, FieldOrigin.Body, pointer, values));
        }
    }

    [GeneratedRegex("^[a-z][a-z0-9_]{0,39}$", RegexOptions.CultureInvariant, 1_000)]
    private static partial Regex CodeForm();

    [GeneratedRegex("^[a-z][a-z0-9_]*(\\.[a-z0-9_]+)*$", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 1_000)]
    private static partial Regex EventType();
}
