using System.Globalization;
using System.Text.RegularExpressions;
using Laurel.Membership.Programmes;
using Laurel.Platform.Errors;
using Laurel.Platform.Http;

namespace Laurel.Membership.Watch;

/// <summary>Finds everything that is wrong with the watch rules of a programme. What passes can be carried out.</summary>
internal sealed partial class WatchMistakes
{
    /// <summary>Watch rules of a programme at the most.</summary>
    public const int RulesMax = 100;

    /// <summary>Hours, days, weeks or months of a window at the most.</summary>
    public const int LengthMax = 31;

    /// <summary>Counters that one rule may need for one movement at the most: those of its window and of the earlier ones.</summary>
    public const int CountersMax = 62;

    private static readonly Wording s_fewCounters = new(
        $"a window and earlier ones that have at most {CountersMax} hours, days, weeks or months together",
        $"窗口与之前各窗口合计不超过 {CountersMax} 个小时、天、周或月");

    private readonly List<FieldError> _found = [];

    /// <summary>Every mistake, with a pointer into the programme.</summary>
    public static IReadOnlyList<FieldError> Of(Programme programme)
    {
        var mistakes = new WatchMistakes();
        var rules = programme.Watch;
        mistakes.Require(rules.Length <= RulesMax, "/watch", FieldErrorCode.TooMany, ("max", RulesMax));
        for (var i = 0; i < rules.Length; i++)
        {
            var at = $"/watch/{i.ToString(CultureInfo.InvariantCulture)}";
            if (rules[i] is not { Window: not null } rule)
            {
                mistakes.Require(false, rules[i] is null ? at : $"{at}/window", FieldErrorCode.Required);
                continue;
            }

            mistakes.Look(rule, at);
            var isTaken = rules.Take(i).Any(other => other?.Code == rule.Code);
            mistakes.Require(!isTaken, $"{at}/code", FieldErrorCode.NotUnique, ("value", rule.Code));
        }

        return mistakes._found;
    }

    private void Look(WatchRule rule, string at)
    {
        Require(CodeForm().IsMatch(rule.Code), $"{at}/code", FieldErrorCode.InvalidFormat, ("expected", FieldFormats.Code));
        Text(rule.NameEnglish, 1, 100, $"{at}/nameEnglish");
        Text(rule.NameChinese, 1, 100, $"{at}/nameChinese");
        Text(rule.Description, 0, 1_000, $"{at}/description");
        Require(rule.EntryRule is null || CodeForm().IsMatch(rule.EntryRule), $"{at}/entryRule", FieldErrorCode.InvalidFormat, ("expected", FieldFormats.Code));
        var isKnown = Choice(rule.Trigger, $"{at}/trigger") & Choice(rule.Measure, $"{at}/measure") & Choice(rule.Window.Unit, $"{at}/window/unit");
        if (!Choice(rule.Action, $"{at}/action") || !isKnown)
        {
            return;
        }

        Range(rule.Window.Length, 1, LengthMax, $"{at}/window/length");
        var isMark = WatchRules.IsOfMarks(rule.Measure);
        Require(!isMark || rule.Trigger == WatchTrigger.Earn, $"{at}/trigger", FieldErrorCode.InvalidFormat, ("expected", FieldFormats.OneOf(["earn"])));
        Range(rule.Threshold, 0, rule.Measure == WatchMeasure.ReferralRing ? 0 : long.MaxValue, $"{at}/threshold");
        LookAtEarlier(rule, at);
    }

    private void LookAtEarlier(WatchRule rule, string at)
    {
        if (rule.Measure != WatchMeasure.Ratio)
        {
            Require(rule.EarlierWindows is null, $"{at}/earlierWindows", FieldErrorCode.UnknownField);
            Require(rule.EarlierWindowsMin is null, $"{at}/earlierWindowsMin", FieldErrorCode.UnknownField);
            Require(rule.SumMin is null, $"{at}/sumMin", FieldErrorCode.UnknownField);
            return;
        }

        Require(rule.EarlierWindows is not null, $"{at}/earlierWindows", FieldErrorCode.Required);
        Range(rule.EarlierWindows, 1, CountersMax, $"{at}/earlierWindows");
        Range(rule.EarlierWindowsMin, 1, Math.Max(1, rule.EarlierWindows ?? CountersMax), $"{at}/earlierWindowsMin");
        Range(rule.SumMin, 0, long.MaxValue, $"{at}/sumMin");
        var counters = (long)rule.Window.Length * (1 + (rule.EarlierWindows ?? 0));
        Require(counters <= CountersMax, $"{at}/earlierWindows", FieldErrorCode.InvalidFormat, ("expected", s_fewCounters));
    }

    private bool Choice<T>(T value, string at)
        where T : struct, Enum
    {
        string[] names = [.. Enum.GetNames<T>().Select(System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName)];
        Require(Enum.IsDefined(value), at, FieldErrorCode.InvalidFormat, ("expected", FieldFormats.OneOf(names)));
        return Enum.IsDefined(value);
    }

    private void Text(string? text, int lengthMin, int lengthMax, string at)
    {
        Require((text?.Length ?? 0) <= lengthMax, at, FieldErrorCode.TooLong, ("max", lengthMax));
        Require(lengthMin == 0 || !string.IsNullOrWhiteSpace(text), at, FieldErrorCode.TooShort);
    }

    private void Range(long? value, long min, long max, string at) =>
        Require(value is null || (value >= min && value <= max), at, FieldErrorCode.OutOfRange, ("min", min), ("max", max));

    private void Require(bool holds, string pointer, string code, params (string Name, object? Value)[] values)
    {
        if (!holds)
        {
            _found.Add(new FieldError(code, FieldOrigin.Body, pointer, values));
        }
    }

    [GeneratedRegex("^[a-z][a-z0-9_]{0,39}$", RegexOptions.CultureInvariant, 1_000)]
    private static partial Regex CodeForm();
}
