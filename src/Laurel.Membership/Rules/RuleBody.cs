using System.Collections.Immutable;
using System.Globalization;
using Laurel.Expressions;
using Laurel.Platform.Errors;
using Laurel.Platform.Http;

namespace Laurel.Membership.Rules;

/// <summary>Reads rules and campaigns as callers send them. What they mean is judged by <see cref="RuleMistakes"/>.</summary>
internal static class RuleBody
{
    private const int NameLengthMax = 100;

    private const int DescriptionLengthMax = 1_000;

    private const int CodeLengthMax = 64;

    private static readonly Wording s_dayTime = new("a time of day like 09:30", "一天中的时间，例如 09:30");

    private static readonly Wording s_day = new("a day like 2026-11-21", "日期，例如 2026-11-21");

    public static Rule ReadRule(JsonFields fields)
    {
        var rule = new Rule
        {
            Code = fields.Identifier("code", CodeLengthMax),
            NameEnglish = fields.Text("nameEnglish", NameLengthMax),
            NameChinese = fields.Text("nameChinese", NameLengthMax),
            Description = fields.TextOrNull("description", DescriptionLengthMax),
            Active = fields.Flag("active", byDefault: true),
            Trigger = fields.Identifier("trigger", CodeLengthMax),
            Unit = fields.IdentifierOrNull("unit", CodeLengthMax) ?? RuleUnits.Points,
            Benefit = fields.IdentifierOrNull("benefit", CodeLengthMax),
            Condition = fields.TextOrNull("condition", ExpressionLimits.TextLengthMax),
            Eligible = fields.TextOrNull("eligible", ExpressionLimits.TextLengthMax),
            Amount = fields.Object("amount") is { } amount ? ReadAmount(amount) : new RuleAmount(),
            LevelMultiplier = fields.Flag("levelMultiplier", byDefault: false),
            CampaignMultiplier = fields.Flag("campaignMultiplier", byDefault: false),
            Priority = (int)(fields.IntegerOrNull("priority", int.MinValue, int.MaxValue) ?? 0),
            Group = fields.IdentifierOrNull("group", CodeLengthMax),
            Caps = [.. fields.ListOrNull("caps", RuleMistakes.CapsMax, ReadCap) ?? []],
            Window = fields.ObjectOrNull("window") is { } window ? ReadWindow(window) : null,
            Validity = fields.ObjectOrNull("validity") is { } validity ? ReadValidity(validity) : null,
            Pending = fields.ObjectOrNull("pending") is { } pending ? ReadPending(pending) : null,
            Refund = ChoiceOrNull<RefundShare>(fields, "refund") ?? RefundShare.Proportional,
            CountsForLevel = fields.Flag("countsForLevel", byDefault: true),
            Repeat = fields.Flag("repeat", byDefault: false),
        };
        return rule;
    }

    private static RuleAmount ReadAmount(JsonFields fields)
    {
        var amount = new RuleAmount
        {
            Fixed = fields.IntegerOrNull("fixed", 0, RuleMistakes.AmountMax),
            Per = fields.ObjectOrNull("per") is { } per ? ReadStep(per) : null,
            Expression = fields.TextOrNull("expression", ExpressionLimits.TextLengthMax),
        };
        fields.RefuseUnknown();
        return amount;
    }

    private static AmountStep ReadStep(JsonFields fields)
    {
        var step = new AmountStep
        {
            Points = fields.Integer("points", 1, RuleMistakes.AmountMax),
            MinorUnits = fields.Integer("minorUnits", 1, RuleMistakes.AmountMax),
            Rounding = ChoiceOrNull<AmountRounding>(fields, "rounding") ?? AmountRounding.WholeSteps,
        };
        fields.RefuseUnknown();
        return step;
    }

    private static RuleCap ReadCap(JsonFields fields)
    {
        var cap = new RuleCap
        {
            Period = Choice<CapPeriod>(fields, "period"),
            Scope = ChoiceOrNull<CapScope>(fields, "scope") ?? CapScope.Member,
            PointsMax = fields.IntegerOrNull("pointsMax", 0, long.MaxValue),
            UsesMax = fields.IntegerOrNull("usesMax", 0, long.MaxValue),
            Shared = fields.IdentifierOrNull("shared", CodeLengthMax),
        };
        fields.RefuseUnknown();
        return cap;
    }

    private static RuleWindow ReadWindow(JsonFields fields)
    {
        var window = new RuleWindow
        {
            From = fields.TimeOrNull("from")?.ToDateTimeOffset(),
            Until = fields.TimeOrNull("until")?.ToDateTimeOffset(),
            Weekdays = ReadWeekdays(fields),
            Hours = [.. fields.ListOrNull("hours", 24, ReadSpan) ?? []],
        };
        fields.RefuseUnknown();
        return window;
    }

    private static ImmutableArray<DayOfWeek> ReadWeekdays(JsonFields fields)
    {
        var days = ImmutableArray.CreateBuilder<DayOfWeek>();
        foreach (var name in fields.TextsOrNull("weekdays", 7, CodeLengthMax) ?? [])
        {
            if (NamesOf<DayOfWeek>().IndexOf(name) is var index and >= 0)
            {
                days.Add(Enum.GetValues<DayOfWeek>()[index]);
            }
            else
            {
                fields.Fail("weekdays", FieldErrorCode.InvalidFormat, ("expected", FieldFormats.OneOf(NamesOf<DayOfWeek>().AsSpan())));
            }
        }

        return days.ToImmutable();
    }

    private static DaySpan ReadSpan(JsonFields fields)
    {
        var span = new DaySpan(DayTime(fields, "from"), DayTime(fields, "until"));
        fields.RefuseUnknown();
        return span;
    }

    private static TimeOnly DayTime(JsonFields fields, string name)
    {
        var text = fields.Identifier(name, CodeLengthMax);
        if (!TimeOnly.TryParseExact(text, ["HH:mm", "HH:mm:ss"], CultureInfo.InvariantCulture, DateTimeStyles.None, out var time) && text.Length > 0)
        {
            fields.Fail(name, FieldErrorCode.InvalidFormat, ("expected", s_dayTime));
        }

        return time;
    }

    private static LotValidity ReadValidity(JsonFields fields)
    {
        var validity = new LotValidity
        {
            Days = (int?)fields.IntegerOrNull("days", 0, int.MaxValue),
            Months = (int?)fields.IntegerOrNull("months", 0, int.MaxValue),
            LastDay = DayOrNull(fields, "lastDay"),
            Never = fields.Flag("never", byDefault: false),
            Inactivity = fields.Flag("inactivity", byDefault: false),
            RoundedUpTo = ChoiceOrNull<CalendarSpan>(fields, "roundedUpTo"),
        };
        fields.RefuseUnknown();
        return validity;
    }

    private static RulePending ReadPending(JsonFields fields)
    {
        var pending = new RulePending
        {
            Days = (int?)fields.IntegerOrNull("days", 0, int.MaxValue),
            Event = fields.IdentifierOrNull("event", CodeLengthMax),
            CancelDays = (int?)fields.IntegerOrNull("cancelDays", 0, int.MaxValue),
        };
        fields.RefuseUnknown();
        return pending;
    }

    private static DateOnly? DayOrNull(JsonFields fields, string name)
    {
        if (fields.IdentifierOrNull(name, CodeLengthMax) is not { } text)
        {
            return null;
        }

        if (DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
        {
            return day;
        }

        fields.Fail(name, FieldErrorCode.InvalidFormat, ("expected", s_day));
        return null;
    }

    internal static T Choice<T>(JsonFields fields, string name)
        where T : struct, Enum
    {
        if (ChoiceOrNull<T>(fields, name) is { } choice)
        {
            return choice;
        }

        if (!fields.Has(name))
        {
            fields.Fail(name, FieldErrorCode.Required);
        }

        return default;
    }

    private static T? ChoiceOrNull<T>(JsonFields fields, string name)
        where T : struct, Enum =>
        fields.ChoiceOrNull(name, NamesOf<T>().AsSpan()) is { } text ? Enum.GetValues<T>()[NamesOf<T>().IndexOf(text)] : null;

    /// <summary>The names of an enumeration as JSON has them.</summary>
    private static ImmutableArray<string> NamesOf<T>()
        where T : struct, Enum => EnumNames<T>.All;

    private static class EnumNames<T>
        where T : struct, Enum
    {
        public static readonly ImmutableArray<string> All = [.. Enum.GetNames<T>().Select(System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName)];
    }
}
