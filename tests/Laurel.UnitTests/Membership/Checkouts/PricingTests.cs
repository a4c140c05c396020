using System.Collections.Immutable;
using Laurel.Kernel;
using Laurel.Membership.Checkouts;
using Laurel.Membership.Coupons;
using Laurel.Membership.Points;
using Laurel.Membership.Programmes;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Membership.Checkouts;

/// <summary>Prices worked out by hand: what is taken off, in which order, and why the rest is not.</summary>
public sealed class PricingTests
{
    private static readonly Programme s_programme = new();

    [Theory]
    [InlineData("bronze", 10_000, 10_000)]
    [InlineData("silver", 10_000, 9_500)]
    [InlineData("gold", 10_000, 9_000)]
    [InlineData("platinum", 10_000, 8_500)]
    [InlineData("diamond", 10_000, 8_000)]
    [InlineData("silver", 10, 10)]
    [InlineData("silver", 11, 10)]
    public void IsThePriceOfTheLevel_When_NothingElseIsCheaper(string level, long amount, long payable) =>
        PriceOf(level, [Line("a", amount)]).Payable.ShouldBe(payable);

    [Fact]
    public void IsTheLowestPriceOfEachLine_When_ThereAreSeveral()
    {
        var price = PriceOf("gold",
        [
            Line("sale", 10_000) with { SaleAmount = 7_000, MemberAmount = 8_000 },
            Line("member", 10_000) with { SaleAmount = 9_500, MemberAmount = 8_000 },
            Line("level", 10_000) with { SaleAmount = 9_500, MemberAmount = 9_400 },
            Line("exclusive", 10_000) with { Exclusive = true },
            Line("card", 10_000) with { Kind = "gift_card" },
        ]);

        price.Lines.Select(line => line.Payable).ShouldBe([7_000, 8_000, 9_000, 10_000, 10_000]);
        price.Applied.Select(reduction => (reduction.By, reduction.Amount)).ShouldBe([("sale", 3_000), ("memberPrice", 2_000), ("benefit", 1_000)]);
    }

    [Theory]
    [InlineData(9_899, 1_000, "threshold")]
    [InlineData(9_900, 0, null)]
    public void IsDeliveredFree_When_TheGoodsReachTheLevelsThreshold(long amount, long delivery, string? miss)
    {
        var price = PriceOf("bronze", [Line("a", amount)], delivery: 1_000);

        price.Lines[^1].Payable.ShouldBe(delivery);
        price.Missed.Where(missed => missed.By == "delivery").Select(missed => missed.Reason).SingleOrDefault().ShouldBe(miss);
    }

    /// <summary>The dearest article by exchange, then 20% of the rest, then 满 100 减 10: whatever the order of the call.</summary>
    [Fact]
    public void AppliesCouponsInAnOrderOfItsOwn_When_TheyStandTogether()
    {
        OfferedCoupon[] coupons =
        [
            Coupon(1, Terms(CouponKind.AmountOff) with { Amount = 1_000, Threshold = 10_000 }),
            Coupon(2, Terms(CouponKind.PercentOff) with { PercentBasisPoints = 2_000 }),
            Coupon(3, Terms(CouponKind.Exchange) with { Scope = new CouponScope { Skus = ["mug"] } }),
        ];
        BasketLine[] lines = [Line("a", 20_000), Line("b", 6_000) with { Sku = "mug", Quantity = 2 }];

        var price = PriceOf("bronze", lines, coupons: coupons);

        // 26,000 less a mug of 3,000; of 23,000 a fifth; of 18,400 another 1,000.
        price.Applied.Select(reduction => (reduction.CouponId, reduction.Amount)).ShouldBe([("3", 3_000), ("2", 4_600), ("1", 1_000)]);
        price.Payable.ShouldBe(17_400);
        Texts(PriceOf("bronze", lines, coupons: [.. coupons.Reverse()])).ShouldBe(Texts(price));
    }

    [Fact]
    public void TakesTheCouponThatStandsAlone_When_ItTakesOffMoreThanTheOthersTogether()
    {
        OfferedCoupon[] coupons =
        [
            Coupon(1, Terms(CouponKind.AmountOff) with { Amount = 1_000 }),
            Coupon(2, Terms(CouponKind.AmountOff) with { Amount = 1_500 }),
            Coupon(3, Terms(CouponKind.AmountOff) with { Amount = 2_600, Stackable = false }),
        ];

        var price = PriceOf("bronze", [Line("a", 10_000)], coupons: coupons);

        price.Applied.ShouldHaveSingleItem().CouponId.ShouldBe("3");
        price.Missed.Select(missed => (missed.CouponId, missed.Reason, missed.OtherId)).ShouldBe([("1", "notStackable", "3"), ("2", "notStackable", "3")]);
        PriceOf("bronze", [Line("a", 10_000)], coupons: [.. coupons[..2], coupons[2] with { Terms = coupons[2].Terms! with { Amount = 2_500 } }])
            .Applied.Select(reduction => reduction.CouponId).ShouldBe(["1", "2"]);
    }

    [Fact]
    public void TakesOneCouponOfAGroup_When_ItNamesTwo()
    {
        var group = Terms(CouponKind.AmountOff) with { Group = "shop" };

        var price = PriceOf("bronze", [Line("a", 10_000)], coupons: [Coupon(1, group with { Amount = 500 }), Coupon(2, group with { Amount = 700 })]);

        price.Applied.ShouldHaveSingleItem().CouponId.ShouldBe("2");
        price.Missed.ShouldHaveSingleItem().OtherId.ShouldBe("2");
    }

    [Fact]
    public void SaysWhyEachCouponTakesNothingOff_When_ItDoesNot()
    {
        var price = PriceOf("bronze", [Line("a", 1_000)], coupons:
        [
            Coupon(1, Terms(CouponKind.AmountOff) with { Amount = 100, Threshold = 1_001 }),
            Coupon(2, Terms(CouponKind.AmountOff) with { Amount = 100, Scope = new CouponScope { Skus = ["other"] } }),
            Coupon(3, Terms(CouponKind.FreeShipping)),
            Coupon(4, Terms(CouponKind.AmountOff) with { Amount = 100 }) with { Why = new Refusal("COUPON_EXPIRED") },
        ]);

        price.Missed.Select(missed => (missed.CouponId, missed.Reason, missed.Threshold, missed.Code)).ShouldBe(
            [("1", "threshold", 1_001, null), ("2", "scope", null, null), ("3", "nothingLeft", null, null), ("4", "unusable", null, "COUPON_EXPIRED")]);
        price.Payable.ShouldBe(1_000);
    }

    [Theory]
    [InlineData(10_000, 10_000, 10_000, 5_000, "shareMax")]
    [InlineData(10_000, 3_000, 10_000, 3_000, null)]
    [InlineData(10_000, 3_000, 2_000, 2_000, "insufficient")]
    [InlineData(10_001, 10_000, 10_000, 5_000, "shareMax")]
    public void PaysWithPoints_When_TheyAreWanted(long amount, long wanted, long available, long used, string? miss)
    {
        var price = PriceOf("bronze", [Line("a", amount)], points: wanted, available: available);

        price.Points.ShouldBe(used);
        price.Payable.ShouldBe(amount - used);
        price.Missed.Select(missed => missed.Reason).SingleOrDefault().ShouldBe(miss);
    }

    [Fact]
    public void UsesWholeMinorUnitsOnly_When_OnePointIsWorthLess()
    {
        var programme = s_programme with { PointsPayment = new PaymentTerms { Points = 300, MinorUnits = 100 } };

        var price = PriceIn(programme, programme.Levels[0].Code, Basket([Line("a", 1_000)], points: 500), [], 500);

        // 500 points are 166 steps of 3 points; 2 stay.
        price.Points.ShouldBe(498);
        price.Payable.ShouldBe(834);
        price.Missed.ShouldHaveSingleItem().ShouldBe(new MissedReduction { By = "points", Reason = "tooFew", Points = 2 });
    }

    [Fact]
    public void LeavesStepsOut_When_TheProgrammeDoes()
    {
        var programme = s_programme with { Checkout = new CheckoutRules { Steps = [PriceStep.Delivery] } };

        var price = PriceIn(programme, programme.Levels[4].Code, Basket([Line("a", 1_000)], delivery: 500, points: 100), [Coupon(1, Terms(CouponKind.AmountOff) with { Amount = 100 })], 100);

        price.Payable.ShouldBe(1_000);
        price.Missed.Select(missed => (missed.By, missed.Reason)).ShouldBe([("coupon", "stepLeftOut"), ("points", "stepLeftOut")]);
    }

    [Fact]
    public void KeepsCouponsFromMemberPrices_When_TheProgrammeSaysSo()
    {
        var programme = s_programme with { Checkout = new CheckoutRules { CouponsOnMemberPrices = false } };
        var half = Coupon(1, Terms(CouponKind.PercentOff) with { PercentBasisPoints = 5_000 });

        PriceIn(programme, programme.Levels[1].Code, Basket([Line("a", 1_000)]), [half], 0).Payable.ShouldBe(950);
        PriceIn(programme, programme.Levels[0].Code, Basket([Line("a", 1_000)]), [half], 0).Payable.ShouldBe(500);
    }

    [Fact]
    public void ReckonsPercentsOfTheInitialAmount_When_TheProgrammeSaysSo()
    {
        OfferedCoupon[] coupons =
        [
            Coupon(1, Terms(CouponKind.PercentOff) with { PercentBasisPoints = 5_000 }),
            Coupon(2, Terms(CouponKind.PercentOff) with { PercentBasisPoints = 4_000 }),
        ];
        var programme = s_programme with { Checkout = new CheckoutRules { PercentOfInitial = true } };

        PriceIn(programme, programme.Levels[0].Code, Basket([Line("a", 1_000)]), coupons, 0).Payable.ShouldBe(100);
        PriceOf("bronze", [Line("a", 1_000)], coupons: coupons).Payable.ShouldBe(300);
    }

    private static Price PriceOf(
        string level, BasketLine[] lines, long? delivery = null, OfferedCoupon[]? coupons = null, long points = 0, long available = 0) =>
        PriceIn(s_programme, level, Basket(lines, delivery, points), coupons ?? [], available);

    private static Price PriceIn(Programme programme, string level, Basket basket, IReadOnlyList<OfferedCoupon> coupons, long available) =>
        Pricing.Of(new ActiveProgramme(programme), new Buyer(level, Instant.Now(TimeProvider.System), [], coupons, available), basket);

    private static Basket Basket(BasketLine[] lines, long? delivery = null, long points = 0) => new() { Lines = [.. lines], Delivery = delivery, Points = points };

    private static BasketLine Line(string id, long amount) => new() { LineId = id, Amount = amount };

    private static CouponTerms Terms(CouponKind kind) => new() { Kind = kind, Stackable = true };

    private static OfferedCoupon Coupon(long id, CouponTerms terms) => new(id, "t", terms, null);

    private static string Texts(Price price) => ProgrammeDocument.Write(price);
}
