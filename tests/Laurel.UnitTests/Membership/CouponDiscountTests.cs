using Laurel.Membership.Coupons;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Membership;

/// <summary>What an order gets for a coupon, reckoned by hand, and what is true of it whatever the order.</summary>
public sealed class CouponDiscountTests
{
    private static readonly CouponLine s_book = new() { LineId = "1", Sku = "BOOK-1", Category = "book", Amount = 6_000, Quantity = 3 };
    private static readonly CouponLine s_pen = new() { LineId = "2", Sku = "PEN-1", Category = "pen", Amount = 3_001 };
    private static readonly CouponLine s_card = new() { LineId = "3", Sku = "CARD", Kind = "gift_card", Amount = 10_000 };
    private static readonly CouponLine s_ship = new() { LineId = "4", Kind = CouponLine.Delivery, Amount = 1_200 };
    private static readonly CouponLine[] s_lines = [s_book, s_pen, s_card, s_ship];

    public static TheoryData<string, CouponTerms, long, long[]> Paper { get; } = new()
    {
        { "an amount, shared by largest remainder", Off(1_000), 20_201, [667, 333, 0, 0] },
        { "its threshold just reached", Off(1_000, threshold: 9_001), 20_201, [667, 333, 0, 0] },
        { "one fen below its threshold", Off(1_000, threshold: 9_002), 20_201, [0, 0, 0, 0] },
        { "more than the lines are worth", Off(50_000), 20_201, [6_000, 3_001, 0, 0] },
        { "more than is left to be paid", Off(1_000), 300, [200, 100, 0, 0] },
        { "nothing left to be paid", Off(1_000), 0, [0, 0, 0, 0] },
        { "only books", Off(1_000) with { Scope = new CouponScope { Categories = ["book"] } }, 20_201, [1_000, 0, 0, 0] },
        { "all but books", Off(1_000) with { Scope = new CouponScope { ExcludedCategories = ["book"] } }, 20_201, [0, 1_000, 0, 0] },
        { "a category and an article excluded from it", Off(1_000) with { Scope = new CouponScope { Categories = ["book"], ExcludedSkus = ["BOOK-1"] } }, 20_201, [0, 0, 0, 0] },
        { "the threshold counts its own lines", Off(1_000, threshold: 7_000) with { Scope = new CouponScope { Skus = ["BOOK-1"] } }, 20_201, [0, 0, 0, 0] },
        { "a share, rounded down", Percent(1_500), 20_201, [900, 450, 0, 0] },
        { "a share up to its cap", Percent(1_500) with { AmountMax = 1_000 }, 20_201, [667, 333, 0, 0] },
        { "all of it", Percent(10_000), 20_201, [6_000, 3_001, 0, 0] },
        { "delivery", new CouponTerms { Kind = CouponKind.FreeShipping }, 20_201, [0, 0, 0, 1_200] },
        { "delivery up to a cap", new CouponTerms { Kind = CouponKind.FreeShipping, AmountMax = 500 }, 20_201, [0, 0, 0, 500] },
        { "delivery from a threshold", new CouponTerms { Kind = CouponKind.FreeShipping, Threshold = 9_002 }, 20_201, [0, 0, 0, 0] },
        { "one of three books", Exchange("BOOK-1"), 20_201, [2_000, 0, 0, 0] },
        { "the dearest of the articles", Exchange("BOOK-1", "PEN-1"), 20_201, [0, 3_001, 0, 0] },
    };

    [Theory]
    [MemberData(nameof(Paper))]
    public void IsWhatPaperSays_When_AnOrderHas(string what, CouponTerms terms, long payable, long[] shares)
    {
        var discount = CouponDiscount.Of(terms, s_lines, payable);

        discount.Shares.ToArray().ShouldBe(shares, what);
        discount.Amount.ShouldBe(shares.Sum());
        (discount.Miss is null).ShouldBe(discount.Amount > 0);
    }

    [Fact]
    public void SaysWhy_When_ItIsNothing()
    {
        CouponDiscount.Of(Off(1, threshold: 9_002), s_lines, 20_201).Miss.ShouldBe(CouponMiss.Threshold);
        CouponDiscount.Of(Off(1) with { Scope = new CouponScope { Skus = ["CARD"] } }, s_lines, 20_201).Miss.ShouldBe(CouponMiss.Scope);
        CouponDiscount.Of(Off(1), s_lines, 0).Miss.ShouldBe(CouponMiss.NothingLeft);
        CouponDiscount.Of(Off(1), [], 100).Miss.ShouldBe(CouponMiss.Scope);
    }

    /// <summary>Pain 10: a discount larger than the order, or than a line of it.</summary>
    [Fact]
    [Trait("Pain", "10")]
    public void NeverExceedsWhatIsPaid_When_OrdersAndTermsAreRandom()
    {
        var random = new Random(20_261_121);
        for (var round = 0; round < 20_000; round++)
        {
            var lines = Enumerable.Range(0, random.Next(0, 7)).Select(i => RandomLine(random, i)).ToList();
            var payable = random.NextInt64(0, lines.Sum(line => line.Amount) + 1);
            var terms = RandomTerms(random);

            var discount = CouponDiscount.Of(terms, lines, payable);

            discount.Amount.ShouldBeInRange(0, payable);
            discount.Shares.Sum().ShouldBe(discount.Amount);
            discount.Shares.Zip(lines, (share, line) => share >= 0 && share <= line.Amount).ShouldAllBe(within => within);
            (terms.DiscountMax is null || discount.Amount <= terms.DiscountMax).ShouldBeTrue();
            discount.Shares.Zip(lines).Where(pair => pair.Second.Kind == "gift_card").Sum(pair => pair.First).ShouldBe(0);
        }
    }

    private static CouponLine RandomLine(Random random, int number) => new()
    {
        LineId = $"{number}",
        Sku = $"S{random.Next(4)}",
        Category = random.Next(3) == 0 ? null : $"c{random.Next(3)}",
        Kind = random.Next(5) switch { 0 => CouponLine.Delivery, 1 => "gift_card", _ => CouponLine.Goods },
        Quantity = random.Next(1, 5),
        Amount = random.Next(4) == 0 ? random.NextInt64(0, 3) : random.NextInt64(0, 1_000_000),
    };

    private static CouponTerms RandomTerms(Random random)
    {
        var scope = new CouponScope
        {
            Categories = random.Next(3) == 0 ? ["c1"] : [],
            Skus = random.Next(3) == 0 ? ["S1", "S2"] : [],
            ExcludedSkus = random.Next(4) == 0 ? ["S2"] : [],
        };
        var threshold = random.Next(2) == 0 ? 0 : random.NextInt64(0, 100_000);
        long? cap = random.Next(2) == 0 ? null : random.NextInt64(1, 50_000);
        return random.Next(4) switch
        {
            0 => Off(random.NextInt64(1, 200_000), threshold) with { Scope = scope },
            1 => Percent(random.Next(1, 10_001)) with { Scope = scope, Threshold = threshold, AmountMax = cap },
            2 => new CouponTerms { Kind = CouponKind.FreeShipping, Scope = scope, Threshold = threshold, AmountMax = cap },
            _ => Exchange("S1", "S3") with { Threshold = threshold, AmountMax = cap },
        };
    }

    private static CouponTerms Off(long amount, long threshold = 0) => new() { Kind = CouponKind.AmountOff, Amount = amount, Threshold = threshold };

    private static CouponTerms Percent(int basisPoints) => new() { Kind = CouponKind.PercentOff, PercentBasisPoints = basisPoints };

    private static CouponTerms Exchange(params string[] skus) => new() { Kind = CouponKind.Exchange, Scope = new CouponScope { Skus = [.. skus] } };
}
