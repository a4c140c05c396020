using Laurel.Membership.Levels;
using Laurel.Membership.Programmes;
using Laurel.Membership.Rules;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Membership.Levels;

/// <summary>A track that could not be judged, or that promises what tracks do not give, is refused with the place of what is wrong.</summary>
public sealed class MistakenTracksTests
{
    private static readonly LevelTrack s_right = new()
    {
        Code = "vip",
        NameEnglish = "VIP",
        NameChinese = "贵宾",
        Levels = [LevelOf("guest", 0), LevelOf("star", 900)],
    };

    public static TheoryData<string, LevelTrack, string[]> Wrong { get; } = new()
    {
        { "a code of other letters", s_right with { Code = "V I P" }, ["INVALID_FORMAT /code"] },
        { "no name", s_right with { NameEnglish = " ", NameChinese = "" }, ["TOO_SHORT /nameEnglish", "TOO_SHORT /nameChinese"] },
        { "a name too long", s_right with { NameChinese = new string('x', 51) }, ["TOO_LONG /nameChinese"] },
        { "no levels", s_right with { Levels = [] }, ["INVALID_FORMAT /levels"] },
        { "a level that is nothing", s_right with { Levels = [LevelOf("guest", 0), null!] }, ["REQUIRED /levels/1"] },
        { "levels that do not begin at 0", s_right with { Levels = [LevelOf("guest", 1)] }, ["INVALID_FORMAT /levels"] },
        { "levels that do not rise", s_right with { Levels = [LevelOf("guest", 0), LevelOf("star", 0)] }, ["INVALID_FORMAT /levels"] },
        { "a code twice", s_right with { Levels = [LevelOf("guest", 0), LevelOf("guest", 10)] }, ["INVALID_FORMAT /levels"] },
        { "a multiplier", s_right with { Levels = [LevelOf("guest", 0) with { MultiplierBasisPoints = 15_000 }] }, ["INVALID_FORMAT /levels/0/multiplierBasisPoints"] },
        { "a discount", s_right with { Levels = [LevelOf("guest", 0) with { DiscountBasisPoints = 9_000 }] }, ["INVALID_FORMAT /levels/0/discountBasisPoints"] },
        { "free shipping", s_right with { Levels = [LevelOf("guest", 0) with { FreeShippingFrom = 100 }] }, ["INVALID_FORMAT /levels/0/freeShippingFrom"] },
        { "a package that there is not", s_right with { Levels = [LevelOf("guest", 0) with { Package = "lounge" }] }, ["INVALID_FORMAT /levels/0/package"] },
        { "a lowest level that is closed", s_right with { Levels = [LevelOf("guest", 0) with { Active = false }] }, ["INVALID_FORMAT /levels/0/active"] },
        { "a move to the main levels", s_right with { Levels = [LevelOf("guest", 0), LevelOf("star", 9) with { Active = false, MoveTo = "bronze" }] }, ["INVALID_FORMAT /levels/1/moveTo"] },
        { "a fall by time without a period", s_right with { LevelRules = new LevelRules { Downgrade = LevelDowngrade.OneStep } }, ["REQUIRED /levelRules/period"] },
        {
            "a window that a refund would empty",
            s_right with { LevelRules = new LevelRules { Measure = new LevelMeasure { Window = LevelWindow.Year } } },
            ["INVALID_FORMAT /levelRules/downgrade"]
        },
        { "rules that are no word", s_right with { LevelRules = new LevelRules { Upgrade = (LevelUpgrade)9 } }, ["INVALID_FORMAT /levelRules/upgrade"] },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void AreNamedWithTheirPlace_When_ATrackIsWrong(string what, LevelTrack track, string[] mistakes) =>
        new Programme { Tracks = [s_right with { Code = "other" }, track] }.AllMistakes()
            .Select(mistake => $"{mistake.Code} {mistake.Location["/tracks/1".Length..]}").ShouldBe(mistakes, what);

    [Fact]
    public void AreNamed_When_TracksShareACodeOrAreTooMany()
    {
        new Programme { Tracks = [s_right, s_right] }.AllMistakes().Select(mistake => $"{mistake.Code} {mistake.Location}").ShouldBe(["INVALID_FORMAT /tracks/1/code"]);
        new Programme { Tracks = [.. Enumerable.Range(0, 11).Select(i => s_right with { Code = $"t{i}" })] }.AllMistakes()
            .Select(mistake => $"{mistake.Code} {mistake.Location}").ShouldBe(["TOO_MANY /tracks"]);
    }

    [Fact]
    public void AreNone_When_ATrackIsRightAndRulesAskForIt()
    {
        var rule = new Rule
        {
            Code = "for_stars",
            NameEnglish = "For stars",
            NameChinese = "星级",
            Trigger = EventTypes.TrackUpgraded,
            Condition = "tracks.vip == 'star' && event.data.track == 'vip'",
            Amount = new RuleAmount { Fixed = 1 },
            Repeat = true,
        };

        new Programme { Tracks = [s_right], Rules = [.. new Programme().Rules, rule] }.AllMistakes().ShouldBeEmpty();
        new Programme { Rules = [.. new Programme().Rules, rule with { Condition = "tracks.vip > 1" }] }.AllMistakes().ShouldNotBeEmpty();
    }

    [Fact]
    public void HasNone_When_AProgrammeIsOfBefore() => ProgrammeDocument.Read("{}").Tracks.ShouldBeEmpty();

    private static Level LevelOf(string code, long threshold) => new()
    {
        Code = code,
        NameEnglish = code,
        NameChinese = code,
        Threshold = threshold,
        MultiplierBasisPoints = 10_000,
        DiscountBasisPoints = 10_000,
        FreeShippingFrom = 0,
    };
}
