using Laurel.Membership.Points;
using Laurel.Membership.Programmes;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Membership;

/// <summary>What points may pay of an order, and at what rates they are exchanged: exact integers.</summary>
public sealed class PayingWithPointsTests
{
    [Theory]
    [InlineData(100, 100, 10_000, 12_345, 12_345)]
    [InlineData(100, 100, 5_000, 12_345, 6_172)]
    [InlineData(100, 1, 5_000, 12_345, 617_200)]
    [InlineData(1, 100, 10_000, 12_345, 123)]
    [InlineData(1, 100, 3_333, 10_000, 33)]
    [InlineData(3, 7, 10_000, 100, 42)]
    [InlineData(100, 100, 0, 12_345, 0)]
    [InlineData(100, 100, 5_000, 0, 0)]
    [InlineData(1, 1, 10_000, long.MaxValue, long.MaxValue)]
    public void IsTheShareInWholePoints_When_TheProgrammeSetsOne(long points, long minorUnits, int share, long payable, long expected)
    {
        var programme = new Programme { PointsPayment = new PaymentTerms { Points = points, MinorUnits = minorUnits, ShareBasisPointsMax = share } };

        var max = PointsPayment.Max(programme, payable);

        max.ShouldBe(expected);
        // One point more would pay more than the share.
        ((Int128)(expected + (Int128)1) * minorUnits * 10_000).ShouldBeGreaterThan((Int128)payable * share / 10_000 * 10_000 * points);
    }

    [Fact]
    public void HasNoLimit_When_TheProgrammeSetsNone() => PointsPayment.Max(new Programme { PointsPayment = null }, 10_000).ShouldBeNull();

    [Fact]
    public void IsNotReckoned_When_TheAmountIsNegativeOrThePointsDoNotFit()
    {
        var programme = new Programme { PointsPayment = new PaymentTerms { Points = 2, MinorUnits = 1 } };

        Should.Throw<ArgumentOutOfRangeException>(() => PointsPayment.Max(programme, -1));
        Should.Throw<OverflowException>(() => PointsPayment.Max(programme, long.MaxValue));
    }

    [Theory]
    [InlineData(1_000, 990, 1_000, 100, true)]
    [InlineData(1_000, 990, 1_000, 10, false)]
    [InlineData(100, 1, 1, 100, true)]
    [InlineData(100, 1, 1, 50, false)]
    [InlineData(0, 1, 1, 1, false)]
    [InlineData(1, 1, 0, 1, false)]
    [InlineData(1, 1, 1, 0, false)]
    [InlineData(1, 2_000_000_000, 1, 1, false)]
    public void AreUsable_When_EachStepIsAWholeAmount(long points, long minorUnits, long min, long step, bool usable)
    {
        var programme = new Programme { PointsToBalance = new ExchangeTerms { Points = points, MinorUnits = minorUnits, PointsMin = min, PointsStep = step } };

        (programme.Mistakes().Count == 0).ShouldBe(usable, string.Join("; ", programme.Mistakes()));
        (new Programme { PointsFromBalance = programme.PointsToBalance }.Mistakes().Count == 0).ShouldBe(usable);
    }

    [Fact]
    public void AreNamed_When_TermsAreMistaken()
    {
        var programme = new Programme { AdjustPointsAloneMax = -1, PointsPayment = new PaymentTerms { Points = 1, MinorUnits = 1, ShareBasisPointsMax = 10_001 } };

        programme.Mistakes().Count.ShouldBe(2);
        programme.Mistakes().ShouldContain(mistake => mistake.Contains("adjustPointsAloneMax", StringComparison.Ordinal));
        programme.Mistakes().ShouldContain(mistake => mistake.Contains("shareBasisPointsMax", StringComparison.Ordinal));
    }
}
