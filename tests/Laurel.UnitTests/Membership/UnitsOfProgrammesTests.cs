using System.Collections.Immutable;
using Laurel.Kernel;
using Laurel.Membership.Programmes;
using Laurel.Membership.Rules;
using Laurel.Membership.Simulation;
using Laurel.Membership.Units;
using Laurel.Platform.Errors;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Membership;

/// <summary>A programme defines units of its own, and its rules pay and ask for these and no others.</summary>
public sealed class UnitsOfProgrammesTests
{
    private static readonly UnitDefinition s_stars = new() { Code = "stars", NameEnglish = "Stars", NameChinese = "星星" };

    private static readonly Rule s_rule = new()
    {
        Code = "order_stars",
        NameEnglish = "Stars",
        NameChinese = "星星",
        Trigger = EventTypes.OrderCompleted,
        Unit = "stars",
        Amount = RuleAmount.Of(1, 100),
    };

    [Theory]
    [InlineData("stars", null)]
    [InlineData("s", null)]
    [InlineData("abcdefghijklmnopqrstuvwxyz_12345", null)]
    [InlineData("abcdefghijklmnopqrstuvwxyz_123456", "INVALID_FORMAT /units/0/code")]
    [InlineData("Stars", "INVALID_FORMAT /units/0/code")]
    [InlineData("1star", "INVALID_FORMAT /units/0/code")]
    [InlineData("", "INVALID_FORMAT /units/0/code")]
    [InlineData("points", "RESERVED /units/0/code")]
    [InlineData("growth", "RESERVED /units/0/code")]
    [InlineData("balance", "RESERVED /units/0/code")]
    [InlineData("benefit", "RESERVED /units/0/code")]
    [InlineData("held", "RESERVED /units/0/code")]
    [InlineData("sales", "RESERVED /units/0/code")]
    [InlineData("extended", "RESERVED /units/0/code")]
    public void IsNamedWithItsPlace_When_ACodeCannotBe(string code, string? mistake) =>
        MistakesOf([], s_stars with { Code = code }).ShouldBe(mistake is null ? [] : [mistake]);

    [Fact]
    public void IsNamedWithItsPlace_When_AUnitIsMistaken()
    {
        MistakesOf([], s_stars, s_stars).ShouldBe(["NOT_UNIQUE /units/1/code"]);
        MistakesOf([], s_stars with { NameEnglish = " " }).ShouldBe(["TOO_SHORT /units/0/nameEnglish"]);
        MistakesOf([], s_stars with { NameChinese = new string('星', 51) }).ShouldBe(["TOO_LONG /units/0/nameChinese"]);
        MistakesOf([], s_stars with { Description = new string('x', 1_001) }).ShouldBe(["TOO_LONG /units/0/description"]);
        MistakesOf([], [.. Enumerable.Range(0, 21).Select(i => s_stars with { Code = $"u{i}" })]).ShouldBe(["TOO_MANY /units"]);
    }

    [Fact]
    public void IsNamedWithItsPlace_When_ARulePaysWhatIsNotDefined()
    {
        MistakesOf([s_rule], s_stars).ShouldBeEmpty();
        MistakesOf([s_rule]).ShouldBe(["INVALID_FORMAT /rules/0/unit"]);
        MistakesOf([s_rule], s_stars with { Code = "moons" }).ShouldBe(["INVALID_FORMAT /rules/0/unit"]);
        MistakesOf([s_rule], s_stars with { Active = false }).ShouldBe(["INVALID_FORMAT /rules/0/unit"]);
        MistakesOf([s_rule with { Active = false }], s_stars with { Active = false }).ShouldBeEmpty();
        MistakesOf([s_rule with { Validity = new LotValidity { Days = 3 } }], s_stars).ShouldBe(["UNKNOWN_FIELD /rules/0/validity"]);
        MistakesOf([s_rule with { Pending = new RulePending { Days = 3 } }], s_stars).ShouldBe(["UNKNOWN_FIELD /rules/0/pending"]);
        var expected = new Programme { Units = [s_stars], Rules = [s_rule with { Unit = "starz" }] }.AllMistakes().ShouldHaveSingleItem();
        expected.Detail(Language.English).ShouldContain("benefit, stars");
    }

    [Theory]
    [InlineData("member.units.stars >= 10", null)]
    [InlineData("member.units.stars + 1 > member.points", null)]
    [InlineData("member.units.starz >= 10", "EXPRESSION_INVALID /rules/0/condition")]
    [InlineData("member.units.stars == 'many'", "EXPRESSION_INVALID /rules/0/condition")]
    [InlineData("member.units", "EXPRESSION_INVALID /rules/0/condition")]
    public void IsChecked_When_AConditionAsksForUnits(string condition, string? mistake)
    {
        MistakesOf([s_rule with { Condition = condition }], s_stars).ShouldBe(mistake is null ? [] : [mistake]);
        MistakesOf([s_rule with { Unit = RuleUnits.Points, Condition = condition }]).ShouldBe(["EXPRESSION_INVALID /rules/0/condition"]);
    }

    [Fact]
    public void AreAddedUp_When_AHistoryIsSimulated()
    {
        var rich = s_rule with { Code = "rich", Amount = RuleAmount.Of(5), Condition = "member.units.stars >= 100" };
        var draft = new Programme { Units = [s_stars], Rules = [.. StandardRules.All, s_rule, rich] };
        SimulatedOrder[] orders = [Order("anna", 1, 12_000), Order("bo", 2, 4_050), Order("anna", 3, 100)];

        var outcome = new ProgrammeSimulation(draft, TimeProvider.System).Run(orders, cancellationToken: TestContext.Current.CancellationToken);
        var present = new ProgrammeSimulation(new Programme(), TimeProvider.System).Run(orders, cancellationToken: TestContext.Current.CancellationToken);
        var report = SimulationReport.Of(new Programme(), present, draft, outcome);

        outcome.Members.Select(member => (member.ExternalId, member.Units["stars"])).ShouldBe([("anna", 120 + 1 + 5), ("bo", 40)], ignoreOrder: true);
        report.Draft.Units.ShouldBe([new("stars", 166)]);
        report.Present.Units.ShouldBeEmpty();
    }

    private static SimulatedOrder Order(string customer, int day, long amount) =>
        new(customer, Instant.From(new DateTimeOffset(2026, 1, day, 4, 0, 0, TimeSpan.Zero)), $"{customer}-{day}", amount);

    private static IReadOnlyList<string> MistakesOf(ImmutableArray<Rule> rules, params ImmutableArray<UnitDefinition> units) =>
        [.. new Programme { Units = units, Rules = rules }.AllMistakes().Select(mistake => $"{mistake.Code} {mistake.Location}")];
}
