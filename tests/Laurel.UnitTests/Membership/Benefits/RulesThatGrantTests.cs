using Laurel.Membership.Benefits;
using Laurel.Membership.Programmes;
using Laurel.Membership.Rules;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Membership.Benefits;

/// <summary>A rule that grants a benefit names one that there is, grants it whole, and leaves it where it is.</summary>
public sealed class RulesThatGrantTests
{
    private static readonly Rule s_right = new()
    {
        Code = "gift",
        NameEnglish = "Gift",
        NameChinese = "礼品",
        Trigger = EventTypes.OrderCompleted,
        Unit = RuleUnits.Benefit,
        Benefit = StandardBenefits.BirthdayGift,
        Amount = RuleAmount.Of(1),
        Condition = "order.amount > 100",
        Refund = RefundShare.Kept,
    };

    public static TheoryData<string, Rule, string[]> Wrong { get; } = new()
    {
        { "no benefit", s_right with { Benefit = null }, ["REQUIRED /benefit"] },
        { "a benefit that there is not", s_right with { Benefit = "lounge" }, ["INVALID_FORMAT /benefit"] },
        { "a benefit beside points", s_right with { Unit = RuleUnits.Points }, ["UNKNOWN_FIELD /benefit"] },
        { "two at once", s_right with { Amount = RuleAmount.Of(2) }, ["OUT_OF_RANGE /amount/fixed"] },
        { "by amount", s_right with { Amount = RuleAmount.Of(1, minorUnits: 100) }, ["OUT_OF_RANGE /amount/fixed"] },
        { "multiplied", s_right with { LevelMultiplier = true, CampaignMultiplier = true }, ["UNKNOWN_FIELD /levelMultiplier", "UNKNOWN_FIELD /campaignMultiplier"] },
        { "taken back by a refund", s_right with { Refund = RefundShare.WhenWhole }, ["INVALID_FORMAT /refund"] },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void IsNamedWithItsPlace_When_ItIsWrong(string what, Rule rule, string[] mistakes)
    {
        var programme = new Programme { Rules = [rule] };

        programme.AllMistakes().Select(mistake => $"{mistake.Code} {mistake.Location["/rules/0".Length..]}").ShouldBe(mistakes, what);
    }

    [Fact]
    public void IsWritten_When_ItIsRight()
    {
        var programme = new Programme { Rules = [s_right with { Validity = new LotValidity { Days = 7 } }] };

        programme.AllMistakes().ShouldBeEmpty();
        ProgrammeDocument.Read(ProgrammeDocument.Write(programme)).Rules[0].Benefit.ShouldBe(StandardBenefits.BirthdayGift);
    }
}
