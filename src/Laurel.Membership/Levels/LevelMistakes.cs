using System.Collections.Immutable;
using System.Globalization;
using Laurel.Membership.Programmes;
using Laurel.Platform.Errors;
using Laurel.Platform.Http;

namespace Laurel.Membership.Levels;

/// <summary>Finds what is wrong with the levels of a programme and how they are judged, with a pointer to each.</summary>
internal sealed class LevelMistakes
{
    public const int DescriptionLengthMax = 1_000;

    public const int IconLengthMax = 255;

    public const int ColorLengthMax = 20;

    public const int ConditionsMax = 10;

    /// <summary>A year of days, the longest window that rolls.</summary>
    public const int RollingDaysMax = 366;

    private static readonly Wording s_otherActiveLevel = new("the code of another level that is active", "另一个启用中的等级的编码");

    private static readonly Wording s_otherCode = new("a code that no other track has", "未被其他等级体系使用的编码");

    private static readonly Wording s_keptLevel = new("the code of a level but the lowest, each once", "最低等级以外的等级编码，且不重复");

    private static readonly Wording s_lifetime = new("lifetime, where levels fall only on refunds", "lifetime（仅在退款时降级）");

    private readonly List<FieldError> _found = [];

    public static IReadOnlyList<FieldError> Of(Programme programme)
    {
        var mistakes = new LevelMistakes();
        if (!programme.Levels.IsDefaultOrEmpty)
        {
            mistakes.Look(programme.Levels, programme.LevelRules, "");
            mistakes.Look(programme.Carryover, programme.Levels);
        }

        mistakes.Require(programme.Tracks.Length <= LevelTrack.TracksMax, "/tracks", FieldErrorCode.TooMany, ("max", LevelTrack.TracksMax));
        for (var i = 0; i < programme.Tracks.Length; i++)
        {
            var isUnique = programme.Tracks.Take(i).All(other => other?.Code != programme.Tracks[i]?.Code);
            mistakes.Look(programme.Tracks[i], isUnique, $"/tracks/{i.ToString(CultureInfo.InvariantCulture)}");
        }

        return mistakes._found;
    }

    /// <summary>A level is kept by a threshold of before; what is judged anew at once keeps nothing.</summary>
    private void Look(Carryover? carryover, ImmutableArray<Level> levels)
    {
        var kept = carryover?.KeptLevels ?? [];
        for (var i = 0; i < kept.Length; i++)
        {
            var at = $"/carryover/keptLevels/{i.ToString(CultureInfo.InvariantCulture)}";
            var level = levels.Skip(1).FirstOrDefault(level => level?.Code == kept[i]?.Level);
            Require(!carryover!.JudgesLevels, at, FieldErrorCode.UnknownField);
            Require(level is not null && kept.Take(i).All(other => other?.Level != level.Code), $"{at}/level", FieldErrorCode.InvalidFormat, ("expected", s_keptLevel));
            Require(
                level is null || (kept[i].Threshold is >= 0 and var enough && enough <= level.Threshold),
                $"{at}/threshold", FieldErrorCode.OutOfRange, ("min", 0L), ("max", level?.Threshold ?? 0));
        }
    }

    private void Look(LevelTrack? track, bool isUnique, string at)
    {
        Require(track is not null, at, FieldErrorCode.Required);
        if (track is null)
        {
            return;
        }

        Require(IsCode(track.Code), $"{at}/code", FieldErrorCode.InvalidFormat, ("expected", FieldFormats.Code));
        Require(isUnique, $"{at}/code", FieldErrorCode.InvalidFormat, ("expected", s_otherCode));
        Name(track.NameEnglish, $"{at}/nameEnglish");
        Name(track.NameChinese, $"{at}/nameChinese");
        var levels = track.Levels;
        var rise = levels is [{ Threshold: 0 }, ..] && levels.All(level => level is not null)
            && levels.Zip(levels.Skip(1)).All(pair => pair.First.Threshold < pair.Second.Threshold)
            && levels.Select(level => level.Code).Distinct().Count() == levels.Length;
        Require(rise, $"{at}/levels", FieldErrorCode.InvalidFormat, ("expected", FigureMistakes.RisingLevels));
        for (var i = 0; rise && i < levels.Length; i++)
        {
            var level = $"{at}/levels/{i.ToString(CultureInfo.InvariantCulture)}";
            Require(IsCode(levels[i].Code), $"{level}/code", FieldErrorCode.InvalidFormat, ("expected", FieldFormats.Code));
            // Whoever meant a discount by them would wait for it in vain.
            Is(10_000, levels[i].MultiplierBasisPoints, $"{level}/multiplierBasisPoints");
            Is(10_000, levels[i].DiscountBasisPoints, $"{level}/discountBasisPoints");
            Is(0, levels[i].FreeShippingFrom, $"{level}/freeShippingFrom");
        }

        if (rise)
        {
            Look(levels, track.LevelRules, at);
        }
    }

    private static bool IsCode(string? code) =>
        code is { Length: > 0 and <= LevelEdit.CodeLengthMax }
        && char.IsAsciiLetterLower(code[0])
        && code.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_');

    private void Is(long expected, long value, string at) =>
        Require(value == expected, at, FieldErrorCode.InvalidFormat, ("expected", FieldFormats.OneOf([expected.ToString(CultureInfo.InvariantCulture)])));

    private void Name(string? name, string at)
    {
        Require(!string.IsNullOrWhiteSpace(name), at, FieldErrorCode.TooShort);
        Length(name, LevelEdit.NameLengthMax, at);
    }

    private void Look(ImmutableArray<Level> levels, LevelRules rules, string at)
    {
        if (!AreWordsKnown(levels, rules, at))
        {
            return;
        }

        for (var i = 0; i < levels.Length; i++)
        {
            var pointer = $"{at}/levels/{i.ToString(CultureInfo.InvariantCulture)}";
            Look(levels[i], levels, isLowest: i == 0, pointer);
            var fallsByTime = levels[i].Downgrade is LevelDowngrade.OneStep or LevelDowngrade.Reevaluate;
            Require(!fallsByTime || rules.Resolved().Period is not null, $"{at}/levelRules/period", FieldErrorCode.Required);
        }

        Look(rules, $"{at}/levelRules");
        LookAtRefunds(levels, rules, at);
    }

    /// <summary>JSON may bring numbers that are no word, and nothing where a condition should be: nothing else can be asked of such a ladder.</summary>
    private bool AreWordsKnown(ImmutableArray<Level> levels, LevelRules rules, string at)
    {
        var before = _found.Count;
        Known(rules.Preset ?? LevelPreset.YearlyRetention, $"{at}/levelRules/preset");
        Known(rules.Upgrade, $"{at}/levelRules/upgrade");
        Known(rules.Downgrade, $"{at}/levelRules/downgrade");
        Known(rules.Period?.Anchor ?? LevelAnchor.LevelStart, $"{at}/levelRules/period/anchor");
        Known(rules.Measure, $"{at}/levelRules/measure");
        for (var i = 0; i < levels.Length; i++)
        {
            var level = levels[i];
            Known(level.Downgrade ?? LevelDowngrade.None, $"{at}/levels/{i.ToString(CultureInfo.InvariantCulture)}/downgrade");
            foreach (var (name, conditions) in (IEnumerable<(string, IReadOnlyList<LevelCondition>)>)[("anyOf", level.AnyOf), ("allOf", level.AllOf)])
            {
                for (var c = 0; c < conditions.Count; c++)
                {
                    Known(conditions[c]?.Measure, string.Create(CultureInfo.InvariantCulture, $"{at}/levels/{i}/{name}/{c}"));
                }
            }
        }

        return _found.Count == before;
    }

    private void Known(LevelMeasure? measure, string at)
    {
        Require(measure is not null, at, FieldErrorCode.Required);
        Known(measure?.Metric ?? LevelMetric.PointsEarned, $"{at}/metric");
        Known(measure?.Window ?? LevelWindow.Lifetime, $"{at}/window");
    }

    private void Known<T>(T word, string at)
        where T : struct, Enum
    {
        string[] names = [.. Enum.GetNames<T>().Select(System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName)];
        Require(Enum.IsDefined(word), at, FieldErrorCode.InvalidFormat, ("expected", FieldFormats.OneOf(names)));
    }

    private void Look(Level level, ImmutableArray<Level> levels, bool isLowest, string at)
    {
        Length(level.Description, DescriptionLengthMax, $"{at}/description");
        Length(level.Icon, IconLengthMax, $"{at}/icon");
        Length(level.Color, ColorLengthMax, $"{at}/color");
        Range(level.DiscountBasisPoints, 0, 10_000, $"{at}/discountBasisPoints");
        Range(level.FreeShippingFrom, 0, long.MaxValue, $"{at}/freeShippingFrom");
        Require(!isLowest || level.Active, $"{at}/active", FieldErrorCode.InvalidFormat, ("expected", FieldFormats.OneOf(["true"])));
        Require(level.MoveTo is null || levels.Any(other => other.Code == level.MoveTo && other.Code != level.Code && other.Active),
            $"{at}/moveTo", FieldErrorCode.InvalidFormat, ("expected", s_otherActiveLevel));
        Require(level.MoveTo is null || !level.Active, $"{at}/active", FieldErrorCode.InvalidFormat, ("expected", FieldFormats.OneOf(["false"])));
        Look(level.AnyOf, $"{at}/anyOf");
        Look(level.AllOf, $"{at}/allOf");
    }

    private void Look(IReadOnlyList<LevelCondition> conditions, string at)
    {
        Require(conditions.Count <= ConditionsMax, at, FieldErrorCode.TooMany, ("max", ConditionsMax));
        for (var i = 0; i < conditions.Count; i++)
        {
            Range(conditions[i].AtLeast, 1, long.MaxValue, $"{at}/{i.ToString(CultureInfo.InvariantCulture)}/atLeast");
            Look(conditions[i].Measure, $"{at}/{i.ToString(CultureInfo.InvariantCulture)}/measure");
        }
    }

    private void Look(LevelMeasure measure, string at)
    {
        var rolls = measure.Window == LevelWindow.RollingDays;
        Require(!rolls || measure.Days is not null, $"{at}/days", FieldErrorCode.Required);
        Require(rolls || measure.Days is null, $"{at}/days", FieldErrorCode.UnknownField);
        Range(measure.Days, 1, RollingDaysMax, $"{at}/days");
        Require(measure.Metric != LevelMetric.Balance || measure.Window == LevelWindow.Lifetime,
            $"{at}/window", FieldErrorCode.InvalidFormat, ("expected", FieldFormats.OneOf(["lifetime"])));
    }

    private void Look(LevelRules rules, string at)
    {
        var isPreset = rules.Preset is not null;
        var measures = rules.Measure != new LevelMeasure();
        Require(!isPreset || !measures, $"{at}/measure", FieldErrorCode.UnknownField);
        Require(!isPreset || rules.Period is null, $"{at}/period", FieldErrorCode.UnknownField);
        Require(!isPreset || rules.Downgrade == LevelDowngrade.OnRefund, $"{at}/downgrade", FieldErrorCode.UnknownField);
        Look(rules.Measure, $"{at}/measure");
        Range(rules.CooldownHours, 0, 8_784, $"{at}/cooldownHours");
        Range(rules.Grace?.Months, 0, 12, $"{at}/grace/months");
        Range(rules.Grace?.Days, 0, 366, $"{at}/grace/days");
        var byTime = rules.Upgrade == LevelUpgrade.NextPeriod || rules.Downgrade is LevelDowngrade.OneStep or LevelDowngrade.Reevaluate;
        Require(!byTime || isPreset || rules.Period is not null, $"{at}/period", FieldErrorCode.Required);
        if (rules.Period is { } period)
        {
            Require(period.Months is null != period.Days is null, $"{at}/period", FieldErrorCode.ExactlyOne, ("names", "months, days"));
            Range(period.Months, 1, 120, $"{at}/period/months");
            Range(period.Days, 7, 3_660, $"{at}/period/days");
            Require(period.Anchor != LevelAnchor.Fixed || period.From is not null, $"{at}/period/from", FieldErrorCode.Required);
            Require(period.Anchor == LevelAnchor.Fixed || period.From is null, $"{at}/period/from", FieldErrorCode.UnknownField);
        }
    }

    /// <summary>A refund of last year's order must not cost a level that rests on this year's window.</summary>
    private void LookAtRefunds(ImmutableArray<Level> levels, LevelRules rules, string at)
    {
        var fallsOnRefunds = levels.Any(level => (level.Downgrade ?? rules.Resolved().Downgrade) == LevelDowngrade.OnRefund);
        Require(
            !fallsOnRefunds || LevelJudge.MeasuresOf(levels, rules).All(measure => measure.Window == LevelWindow.Lifetime),
            $"{at}/levelRules/downgrade",
            FieldErrorCode.InvalidFormat,
            ("expected", s_lifetime));
    }

    private void Length(string? text, int max, string at) => Require((text?.Length ?? 0) <= max, at, FieldErrorCode.TooLong, ("max", max));

    private void Range(long? value, long min, long max, string at) =>
        Require(value is null || (value >= min && value <= max), at, FieldErrorCode.OutOfRange, ("min", min), ("max", max));

    private void Require(bool holds, string pointer, string code, params (string Name, object? Value)[] values)
    {
        if (!holds)
        {
            _found.Add(new FieldError(code, FieldOrigin.Body, pointer, values));
        }
    }
}
