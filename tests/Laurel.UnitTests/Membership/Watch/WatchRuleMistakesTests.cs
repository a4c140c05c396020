using Laurel.Membership.Programmes;
using Laurel.Membership.Watch;
using Laurel.Platform.Errors;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Membership.Watch;

/// <summary>A watch rule that cannot be carried out is named with its place, in both languages; the standard ones can, and are off.</summary>
public sealed class WatchRuleMistakesTests
{
    private static readonly WatchRule s_right = new()
    {
        Code = "burst",
        NameEnglish = "Burst",
        NameChinese = "异常",
        Trigger = WatchTrigger.Earn,
        Measure = WatchMeasure.Count,
        Window = new WatchWindow { Unit = WatchUnit.Day },
        Threshold = 10,
        Action = WatchAction.Flag,
    };

    private static readonly WatchRule s_ratio = s_right with { Measure = WatchMeasure.Ratio, EarlierWindows = 6, EarlierWindowsMin = 3, SumMin = 100 };

    public static TheoryData<string, WatchRule, string[]> Wrong { get; } = new()
    {
        { "a code out of form", s_right with { Code = "Burst!" }, ["INVALID_FORMAT /code"] },
        { "no name", s_right with { NameEnglish = " ", NameChinese = new string('长', 101) }, ["TOO_SHORT /nameEnglish", "TOO_LONG /nameChinese"] },
        { "a rule out of form", s_right with { EntryRule = "ORDER" }, ["INVALID_FORMAT /entryRule"] },
        { "an unknown trigger", s_right with { Trigger = (WatchTrigger)99 }, ["INVALID_FORMAT /trigger"] },
        { "an unknown measure", s_right with { Measure = (WatchMeasure)99 }, ["INVALID_FORMAT /measure"] },
        { "an unknown unit", s_right with { Window = new WatchWindow { Unit = (WatchUnit)9 } }, ["INVALID_FORMAT /window/unit"] },
        { "an unknown action", s_right with { Action = (WatchAction)9 }, ["INVALID_FORMAT /action"] },
        { "no window", s_right with { Window = null! }, ["REQUIRED /window"] },
        { "an empty window", s_right with { Window = new WatchWindow { Unit = WatchUnit.Day, Length = 0 } }, ["OUT_OF_RANGE /window/length"] },
        { "a long window", s_right with { Window = new WatchWindow { Unit = WatchUnit.Day, Length = 32 } }, ["OUT_OF_RANGE /window/length"] },
        { "a negative threshold", s_right with { Threshold = -1 }, ["OUT_OF_RANGE /threshold"] },
        { "devices of spends", s_right with { Measure = WatchMeasure.MembersOfDevice, Trigger = WatchTrigger.Spend }, ["INVALID_FORMAT /trigger"] },
        { "half a ring", s_right with { Measure = WatchMeasure.ReferralRing, Threshold = 1 }, ["OUT_OF_RANGE /threshold"] },
        {
            "a mean of a count",
            s_right with { EarlierWindows = 2, EarlierWindowsMin = 1, SumMin = 1 },
            ["UNKNOWN_FIELD /earlierWindows", "UNKNOWN_FIELD /earlierWindowsMin", "UNKNOWN_FIELD /sumMin"]
        },
        { "a ratio to nothing", s_ratio with { EarlierWindows = null, EarlierWindowsMin = null }, ["REQUIRED /earlierWindows"] },
        { "a mean of more than there are", s_ratio with { EarlierWindowsMin = 7 }, ["OUT_OF_RANGE /earlierWindowsMin"] },
        { "a negative sum", s_ratio with { SumMin = -1 }, ["OUT_OF_RANGE /sumMin"] },
        { "too many counters", s_ratio with { Window = new WatchWindow { Unit = WatchUnit.Day, Length = 31 } }, ["INVALID_FORMAT /earlierWindows"] },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void IsNamedWithItsPlace_When_ItIsWrong(string what, WatchRule rule, string[] mistakes)
    {
        var found = new Programme { Watch = [rule] }.AllMistakes();

        found.Select(mistake => $"{mistake.Code} {mistake.Location["/watch/0".Length..]}").ShouldBe(mistakes, what);
        found.ShouldAllBe(mistake => mistake.Detail(Language.English).Length > 0 && mistake.Detail(Language.Chinese).Length > 0);
    }

    [Fact]
    public void IsNamedWithItsPlace_When_ItStandsTwiceOrThereAreTooMany()
    {
        new Programme { Watch = [s_right, s_right] }.AllMistakes().Select(mistake => $"{mistake.Code} {mistake.Location}").ShouldBe(["NOT_UNIQUE /watch/1/code"]);
        var many = Enumerable.Range(0, 101).Select(i => s_right with { Code = $"r{i}" });
        new Programme { Watch = [.. many] }.AllMistakes().Select(mistake => $"{mistake.Code} {mistake.Location}").ShouldBe(["TOO_MANY /watch"]);
    }

    [Fact]
    public void StandsInAProgrammeAndIsReadAgain_When_ItIsRight()
    {
        var programme = new Programme { Watch = [s_right, s_ratio with { Code = "ratio" }, .. StandardWatch.All.Select(rule => rule with { Active = true })] };

        programme.AllMistakes().ShouldBeEmpty();
        ProgrammeDocument.Read(ProgrammeDocument.Write(programme)).Watch.ShouldBe(programme.Watch);
        ProgrammeDiff.Between(new Programme(), new Programme { Watch = [.. StandardWatch.All.Skip(1)] }).Select(d => d.Path).ShouldBe(["watch/earn_burst"]);
    }

    /// <summary>Watching would cost every write something.</summary>
    [Fact]
    public void AreOff_When_NobodyHasSwitchedThemOn()
    {
        new Programme().Watch.Select(rule => rule.Measure).Distinct().Order().ShouldBe(Enum.GetValues<WatchMeasure>().Order());
        new Programme().Watch.ShouldAllBe(rule => !rule.Active);
        ProgrammeDocument.Read("""{"version":3,"levels":[]}""").Watch.ShouldBe(StandardWatch.All);
    }
}
