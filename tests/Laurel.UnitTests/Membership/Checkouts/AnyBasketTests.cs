using System.Collections.Immutable;
using FsCheck;
using FsCheck.Fluent;
using Laurel.Kernel;
using Laurel.Membership.Checkouts;
using Laurel.Membership.Coupons;
using Laurel.Membership.Points;
using Laurel.Membership.Programmes;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Membership.Checkouts;

/// <summary>What is true of every basket, whatever is in it: nothing is taken off twice, nothing is lost, nothing depends on an order of words.</summary>
public sealed class AnyBasketTests
{
    private static readonly Config s_config = Config.QuickThrowOnFailure.WithQuietOnSuccess(true).WithMaxTest(300);

    private static readonly Gen<CouponTerms> s_terms =
        from kind in Gen.Elements(Enum.GetValues<CouponKind>())
        from amount in Gen.Choose(1, 5_000)
        from threshold in Gen.Elements(0L, 0L, 1_000L, 9_000L)
        from stackable in Gen.Elements(true, true, true, false)
        from shared in Gen.Elements<string?>(null, null, "g")
        from sku in Gen.Elements<string?>(null, null, "s1", "s2")
        select new CouponTerms
        {
            Kind = kind,
            Amount = kind == CouponKind.AmountOff ? amount : null,
            PercentBasisPoints = kind == CouponKind.PercentOff ? amount * 2 : null,
            AmountMax = amount % 3 == 0 ? amount : null,
            Threshold = threshold,
            Stackable = stackable,
            Group = shared,
            Scope = new CouponScope { Skus = sku is null ? [] : [sku] },
        };

    private static readonly Gen<BasketLine> s_line =
        from amount in Gen.Choose(0, 20_000)
        from quantity in Gen.Choose(1, 5)
        from sale in Gen.Choose(0, 30_000)
        from sku in Gen.Elements("s1", "s2", "s3")
        from kind in Gen.Elements("goods", "goods", "goods", "gift_card", "service")
        from exclusive in Gen.Elements(false, false, true)
        select new BasketLine
        {
            LineId = "",
            Amount = amount,
            Quantity = quantity,
            SaleAmount = sale <= amount ? sale : null,
            Sku = sku,
            Kind = kind,
            Exclusive = exclusive,
        };

    private static readonly Gen<Case> s_case =
        from lineCount in Gen.Choose(1, 12)
        from lines in s_line.ArrayOf(lineCount)
        from couponCount in Gen.Choose(0, 6)
        from terms in s_terms.ArrayOf(couponCount)
        from delivery in Gen.Choose(-500, 2_000)
        from points in Gen.Choose(0, 20_000)
        from available in Gen.Choose(0, 20_000)
        from level in Gen.Choose(0, 4)
        from rate in Gen.Elements((100L, 100L), (300L, 100L), (1L, 7L), (7L, 3L))
        from share in Gen.Choose(0, 100)
        select new Case(
            new Programme { PointsPayment = new PaymentTerms { Points = rate.Item1, MinorUnits = rate.Item2, ShareBasisPointsMax = share * 100 } },
            level,
            new Basket
            {
                Lines = [.. lines.Select((line, i) => line with { LineId = $"l{i}" })],
                Delivery = delivery < 0 ? null : delivery,
                Points = points,
            },
            [.. terms.Select((one, i) => new OfferedCoupon(i + 1, $"t{i % 3}", one, i % 5 == 4 ? new Refusal("COUPON_EXPIRED") : null))],
            available);

    private sealed record Case(Programme Programme, int Level, Basket Basket, ImmutableArray<OfferedCoupon> Coupons, long Available)
    {
        public Price Price(IReadOnlyList<OfferedCoupon>? coupons = null) => Pricing.Of(
            new ActiveProgramme(Programme), new Buyer(Programme.Levels[Level].Code, Instant.Now(TimeProvider.System), [], coupons ?? Coupons, Available), Basket);
    }

    [Fact]
    public void AddsUpAndNeverGoesBelowZero_When_PricesAreReckoned() => Check.One(s_config, Prop.ForAll(s_case.ToArbitrary(), given =>
    {
        var price = given.Price();
        foreach (var line in price.Lines)
        {
            line.Payable.ShouldBeInRange(0, line.Amount);
            line.Shares.ShouldAllBe(share => share.Amount > 0);
            (line.Payable + line.Shares.Sum(share => share.Amount)).ShouldBe(line.Amount);
        }

        for (var i = 0; i < price.Applied.Length; i++)
        {
            price.Lines.Sum(line => line.Shares.Where(share => share.Reduction == i).Sum(share => share.Amount)).ShouldBe(price.Applied[i].Amount);
        }

        price.Payable.ShouldBe(price.Lines.Sum(line => line.Payable));
        price.Points.ShouldBeLessThanOrEqualTo(Math.Min(given.Basket.Points, given.Available));
        ((Int128)price.Points * given.Programme.PointsPayment!.MinorUnits).ShouldBe((Int128)price.ByPoints * given.Programme.PointsPayment!.Points);
        price.Applied.Count(one => one.By == "coupon").ShouldBe(given.Coupons.Length - price.Missed.Count(one => one.By == "coupon"));
    }));

    [Fact]
    public void IsTheSame_When_CouponsAreNamedInAnotherOrder() => Check.One(s_config, Prop.ForAll(s_case.ToArbitrary(), given =>
        ProgrammeDocument.Write(given.Price([.. given.Coupons.Reverse()])).ShouldBe(ProgrammeDocument.Write(given.Price()))));

    [Fact]
    public void EndsWhereOneRefundOfTheWholeEnds_When_ItGoesBackInParts()
    {
        var cases = from given in s_case from count in Gen.Choose(0, 30) from picks in Gen.Choose(0, 1_000).ArrayOf(count) select (given, picks);
        Check.One(s_config, Prop.ForAll(cases.ToArbitrary(), pair =>
        {
            var (given, picks) = pair;
            var price = given.Price();
            var checkout = new Checkout
            {
                CheckoutId = "c",
                OrderId = "o",
                State = CheckoutState.Confirmed,
                PriceText = ProgrammeDocument.Write(price),
                Payable = price.Payable,
                Points = price.Points,
                HoldId = null,
                Refunded = [.. new RefundedLine[price.Lines.Length]],
                ReservedAt = default,
                ExpiresAt = default,
            };
            foreach (var pick in picks)
            {
                checkout = Refunded(checkout, Part(checkout, pick));
            }

            checkout = Refunded(checkout, []);
            checkout.PaidBack.ShouldBe(price.Payable);
            checkout.PointsBack.ShouldBe(price.Points);
            checkout.IsWhollyRefunded.ShouldBeTrue();
        }));
    }

    /// <summary>A part of one line that is still there, by pieces or by value; nothing where nothing is left.</summary>
    private static ImmutableArray<CheckoutRefundLine> Part(Checkout checkout, int pick)
    {
        var index = pick % checkout.Price.Lines.Length;
        var (line, gone) = (checkout.Price.Lines[index], checkout.Refunded[index]);
        var (pieces, value) = (line.Quantity - gone.Quantity, line.Value - gone.Value);
        return (pick % 2, pieces, value) switch
        {
            (0, > 0, _) => [new CheckoutRefundLine(line.LineId, 1 + (pick % pieces), null)],
            (_, _, > 0) => [new CheckoutRefundLine(line.LineId, null, 1 + (pick % value))],
            _ => [],
        };
    }

    private static Checkout Refunded(Checkout checkout, ImmutableArray<CheckoutRefundLine> lines)
    {
        var (refund, refusal) = CheckoutRefund.Of(checkout, new CheckoutRefundRequest { RefundId = "r", Lines = lines });
        refusal.ShouldBeNull();
        refund!.Money.ShouldAllBe(money => money >= 0);
        refund.Points.ShouldBeGreaterThanOrEqualTo(0);
        return checkout with
        {
            Refunded = refund.After,
            PaidBack = checkout.PaidBack + refund.MoneySum,
            PointsBack = checkout.PointsBack + refund.Points,
        };
    }
}
