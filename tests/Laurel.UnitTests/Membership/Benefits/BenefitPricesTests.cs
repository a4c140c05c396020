using System.Collections.Immutable;
using System.Text.Json;
using Laurel.Kernel;
using Laurel.Membership.Benefits;
using Laurel.Membership.Programmes;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Membership.Benefits;

/// <summary>What members pay, reckoned by hand.</summary>
public sealed class BenefitPricesTests
{
    private static readonly Instant s_noon = Instant.From(new DateTimeOffset(2026, 5, 1, 12, 0, 0, TimeSpan.FromHours(8)));

    private static readonly ActiveProgramme s_standard = new(new Programme());

    /// <summary>The seeds: 1, 0.95, 0.9, 0.85, 0.8; free shipping from ¥99, ¥89, ¥69, ¥49, always.</summary>
    [Theory]
    [InlineData("bronze", 10_001, 9_900)]
    [InlineData("silver", 9_501, 8_900)]
    [InlineData("gold", 9_001, 6_900)]
    [InlineData("platinum", 8_501, 4_900)]
    [InlineData("diamond", 8_001, 0)]
    public void AreThoseOfTheLevel_When_NothingElseIsSaid(string level, long payable, long freeShippingFrom)
    {
        var prices = BenefitPrices.Of(s_standard, level, s_noon, [Amount(10_001)]);

        (prices.Amount, prices.Payable, prices.FreeShippingFrom).ShouldBe((10_001, payable, freeShippingFrom));
        prices.DiscountAmount.ShouldBe(10_001 - payable);
        prices.Lines.ShouldHaveSingleItem().Benefit.ShouldBe(level == "bronze" ? null : "level_discount");
    }

    [Theory]
    [InlineData("bronze", 9_899, false)]
    [InlineData("bronze", 9_900, true)]
    [InlineData("silver", 9_367, false)]
    [InlineData("silver", 9_368, true)]
    [InlineData("diamond", 0, true)]
    public void ShipFreely_When_WhatIsPayableReachesTheLevelsAmount(string level, long amount, bool free) =>
        BenefitPrices.Of(s_standard, level, s_noon, [Amount(amount)]).FreeShipping.ShouldBe(free);

    [Fact]
    public void LeaveAlone_When_ALineIsNoGoods()
    {
        var prices = BenefitPrices.Of(
            s_standard,
            "diamond",
            s_noon,
            [Amount(1_000), new BenefitLine("card", null, 5_000, 2, "gift_card"), new BenefitLine(null, null, 800, 1, "delivery")]);

        prices.Lines.Select(line => line.Payable).ShouldBe([800, 10_000, 800]);
        (prices.Amount, prices.Payable, prices.DiscountAmount).ShouldBe((11_800, 11_600, 200));
        BenefitPrices.Of(s_standard, "bronze", s_noon, [new BenefitLine("card", null, 9_900, 1, "gift_card")]).FreeShipping.ShouldBeFalse();
    }

    [Fact]
    public void HoldOnlyInTheirTime_When_BenefitsBeginAndEnd()
    {
        var week = new BenefitDefinition
        {
            Code = "week",
            NameEnglish = "Week",
            NameChinese = "周",
            Kind = "discount",
            Settings = JsonSerializer.SerializeToElement(new { rateBasisPoints = 5_000 }),
            StartTime = s_noon.ToDateTimeOffset(),
            EndTime = s_noon.ToDateTimeOffset().AddDays(7),
        };
        var programme = new ActiveProgramme(new Programme { Benefits = [.. StandardBenefits.All, week] });
        BenefitGrant[] grants = [Grant("week", s_noon, s_noon.Plus(TimeSpan.FromDays(3)))];

        long Payable(TimeSpan after, IReadOnlyCollection<BenefitGrant>? granted) =>
            BenefitPrices.Of(programme, "silver", s_noon.Plus(after), [Amount(1_000)], granted).Payable;

        Payable(TimeSpan.Zero, grants).ShouldBe(500);
        Payable(TimeSpan.Zero, null).ShouldBe(950);
        Payable(TimeSpan.FromDays(3), grants).ShouldBe(950);
        Payable(TimeSpan.FromDays(-1), grants).ShouldBe(950);
        Payable(TimeSpan.Zero, [grants[0] with { RevokedAt = s_noon }]).ShouldBe(950);
        Payable(TimeSpan.FromDays(8), [grants[0] with { EndTime = Instant.Never }]).ShouldBe(950);
    }

    [Fact]
    public void TakeTheCheapest_When_SeveralBenefitsPriceALine()
    {
        var prices = BenefitPrices.Of(
            new ActiveProgramme(new Programme
            {
                Benefits =
                [
                    .. StandardBenefits.All,
                    Definition("tea", "member_price", new { prices = new[] { new { sku = "tea", price = 900 } } }),
                    Definition("dear", "member_price", new { prices = new[] { new { sku = "cup", price = 9_000 } } }),
                ],
            }),
            "gold",
            s_noon,
            [new BenefitLine("tea", null, 1_200, 3), new BenefitLine("cup", null, 4_005, 1)],
            [Grant("tea", s_noon, Instant.Never), Grant("dear", s_noon, Instant.Never)]);

        prices.Lines.Select(line => (line.Payable, line.Benefit)).ShouldBe([(2_700, "tea"), (3_605, "level_discount")]);
    }

    private static BenefitLine Amount(long amount) => new(null, null, amount, 1);

    private static BenefitDefinition Definition(string code, string kind, object settings) =>
        new() { Code = code, NameEnglish = code, NameChinese = "权益", Kind = kind, Settings = JsonSerializer.SerializeToElement(settings) };

    private static BenefitGrant Grant(string benefit, Instant start, Instant end) => new()
    {
        Reference = benefit,
        Id = 1,
        Benefit = benefit,
        Source = "hand",
        StartTime = start,
        EndTime = end,
        Reason = "a test",
        GrantedAt = start,
    };
}
