using Laurel.Membership.Programmes;
using Laurel.Membership.Rules;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Membership;

/// <summary>What is wrong with a rule whose points wait is told with its place.</summary>
public sealed class MistakenPendingTests
{
    private static readonly Rule s_rule = new()
    {
        Code = "later",
        NameEnglish = "Later",
        NameChinese = "稍后",
        Trigger = "order.completed",
        Amount = RuleAmount.Of(1),
        Pending = new RulePending { Days = 7 },
    };

    [Fact]
    public void IsUsable_When_ItNamesDaysOrAnEvent()
    {
        MistakesOf(s_rule).ShouldBeEmpty();
        MistakesOf(s_rule with { Validity = new LotValidity { Days = 30 } }).ShouldBeEmpty();
        MistakesOf(s_rule with { Pending = new RulePending { Event = "order.shipped", CancelDays = 30 } }).ShouldBeEmpty();
        MistakesOf(s_rule with { Validity = new LotValidity { Inactivity = true } }).ShouldBeEmpty();
        MistakesOf(s_rule with { Pending = null, Unit = RuleUnits.Balance }).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(null, null, null, "EXACTLY_ONE /rules/0/pending")]
    [InlineData(7, "order.shipped", 30, "EXACTLY_ONE /rules/0/pending")]
    [InlineData(0, null, null, "OUT_OF_RANGE /rules/0/pending/days")]
    [InlineData(null, "Order Shipped", 30, "INVALID_FORMAT /rules/0/pending/event")]
    [InlineData(null, "order.shipped", null, "REQUIRED /rules/0/pending/cancelDays")]
    [InlineData(null, "order.shipped", 0, "OUT_OF_RANGE /rules/0/pending/cancelDays")]
    [InlineData(7, null, 30, "UNKNOWN_FIELD /rules/0/pending/cancelDays")]
    public void IsNamedWithItsPlace_When_ItSaysTooMuchOrTooLittle(int? days, string? name, int? cancelDays, string mistake) =>
        MistakesOf(s_rule with { Pending = new RulePending { Days = days, Event = name, CancelDays = cancelDays } }).ShouldContain(mistake);

    [Fact]
    public void IsNamedWithItsPlace_When_TheRestOfTheRuleDoesNotFit()
    {
        MistakesOf(s_rule with { Unit = RuleUnits.Balance }).ShouldBe(["UNKNOWN_FIELD /rules/0/pending"]);
        MistakesOf(s_rule with { Unit = RuleUnits.Growth }).ShouldBe(["UNKNOWN_FIELD /rules/0/pending"]);
        MistakesOf(s_rule with { Validity = new LotValidity { Months = 3 } }).ShouldBe(["INVALID /rules/0/validity"]);
        MistakesOf(s_rule with { Validity = new LotValidity { Days = 3, RoundedUpTo = CalendarSpan.Year } }).ShouldBe(["INVALID /rules/0/validity"]);
    }

    [Fact]
    public void IsNamedWithItsPlace_When_InactivityOrACarryoverIsWrong()
    {
        MistakesOf(s_rule with { Pending = null, Validity = new LotValidity { Inactivity = true, Never = true } }).ShouldBe(["EXACTLY_ONE /rules/0/validity"]);
        MistakesOf(s_rule with { Pending = null, Unit = RuleUnits.Benefit, Benefit = "birthday_gift", Validity = new LotValidity { Inactivity = true } })
            .ShouldContain("UNKNOWN_FIELD /rules/0/validity/inactivity");
        MistakesOf(new Programme { Inactivity = new InactivityRules { Days = 0, ResetBy = ["order.completed", "No Event"] } })
            .ShouldBe(["OUT_OF_RANGE /inactivity/days", "INVALID_FORMAT /inactivity/resetBy/1"]);
        MistakesOf(new Programme { Carryover = new Carryover { From = DateTimeOffset.UnixEpoch } }).ShouldBe(["REQUIRED /carryover/lots"]);
        MistakesOf(new Programme { Carryover = new Carryover { From = DateTimeOffset.UnixEpoch, Lots = new LotValidity() } }).ShouldBe(["EXACTLY_ONE /carryover/lots"]);
    }

    private static IReadOnlyList<string> MistakesOf(Programme programme) =>
        [.. programme.AllMistakes().Select(mistake => $"{mistake.Code} {mistake.Location}")];

    private static IReadOnlyList<string> MistakesOf(Rule rule) =>
        [.. new Programme { Rules = [rule] }.AllMistakes().Select(mistake => $"{mistake.Code} {mistake.Location}")];
}
