using Laurel.Membership.Cards;
using Laurel.Membership.Programmes;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Membership.Cards;

/// <summary>A card that could not be sold is refused with the place of what is wrong, and programmes of before have none.</summary>
public sealed class MistakenCardsTests
{
    private static readonly MembershipCard s_right = new()
    {
        Code = "plus",
        NameEnglish = "Plus",
        NameChinese = "月卡",
        Price = 1_500,
        Period = "P1M",
        Package = "premium",
        Level = "gold",
    };

    public static TheoryData<string, MembershipCard, string[]> Wrong { get; } = new()
    {
        { "a code of other letters", s_right with { Code = "Plus Card" }, ["INVALID_FORMAT /code"] },
        { "a code that is a path", s_right with { Code = "statistics" }, ["INVALID_FORMAT /code"] },
        { "no name", s_right with { NameEnglish = " ", NameChinese = "" }, ["TOO_SHORT /nameEnglish", "TOO_SHORT /nameChinese"] },
        { "a name too long", s_right with { NameEnglish = new string('x', 51) }, ["TOO_LONG /nameEnglish"] },
        { "words too long", s_right with { Description = new string('x', 1_001) }, ["TOO_LONG /description"] },
        { "a price below zero", s_right with { Price = -1 }, ["OUT_OF_RANGE /price"] },
        { "a package that there is not", s_right with { Package = "lounge" }, ["INVALID_FORMAT /package"] },
        { "a level that there is not", s_right with { Level = "ruby" }, ["INVALID_FORMAT /level"] },
        { "no period", s_right with { Period = "" }, ["INVALID_FORMAT /period"] },
        { "nothing of a period", s_right with { Period = "P" }, ["INVALID_FORMAT /period"] },
        { "no time at all", s_right with { Period = "P0D" }, ["INVALID_FORMAT /period"] },
        { "hours", s_right with { Period = "PT1H" }, ["INVALID_FORMAT /period"] },
        { "weeks", s_right with { Period = "P1W" }, ["INVALID_FORMAT /period"] },
        { "more than ten years", s_right with { Period = "P10Y1M" }, ["INVALID_FORMAT /period"] },
        { "too many days", s_right with { Period = "P3661D" }, ["INVALID_FORMAT /period"] },
        { "something behind it", s_right with { Period = "P1M " }, ["INVALID_FORMAT /period"] },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void AreNamedWithTheirPlace_When_ACardIsWrong(string what, MembershipCard card, string[] mistakes)
    {
        var programme = new Programme { Cards = [card] };

        programme.AllMistakes().Select(mistake => $"{mistake.Code} {mistake.Location["/cards/0".Length..]}").ShouldBe(mistakes, what);
    }

    [Theory]
    [InlineData("P1M")]
    [InlineData("P1Y")]
    [InlineData("P10Y")]
    [InlineData("P30D")]
    [InlineData("P1Y6M15D")]
    public void AreNone_When_ThePeriodIsOne(string period) =>
        new Programme { Cards = [s_right with { Period = period }, s_right with { Code = "bare", Package = null, Level = null }] }.AllMistakes().ShouldBeEmpty();

    [Fact]
    public void AreNamed_When_TwoCardsHaveOneCodeOrALevelIsClosed()
    {
        var programme = new Programme
        {
            Cards = [s_right, s_right],
            Levels = [.. Programme.DefaultLevels.Select(level => level.Code == "gold" ? level with { Active = false } : level)],
        };

        programme.AllMistakes().Select(mistake => $"{mistake.Code} {mistake.Location}")
            .ShouldBe(["INVALID_FORMAT /cards/0/level", "INVALID_FORMAT /cards/1/level", "NOT_UNIQUE /cards/1/code"]);
    }

    [Fact]
    public void AreReadAsTheyWereWritten_When_AProgrammeIsStored()
    {
        var stored = ProgrammeDocument.Write(new Programme { Cards = [s_right] });

        ProgrammeDocument.Read(stored).Cards.ShouldBe([s_right]);
        ProgrammeDocument.Read("""{"version":3}""").Cards.ShouldBeEmpty();
    }
}
