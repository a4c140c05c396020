using Laurel.Membership.Finance;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Membership.Finance;

/// <summary>Revenue of points as IFRS 15 B39–B42 works it: golden tables, by hand and from the standard.</summary>
public sealed class DeferringRevenueTests
{
    [Theory]
    [InlineData(1_000, 1_000, 100, 909, 91)]
    [InlineData(100_000, 100_000, 10_000, 90_909, 9_091)]
    [InlineData(100_000, 100_000, 9_500, 91_324, 8_676)]
    [InlineData(100, 100, 0, 100, 0)]
    [InlineData(0, 0, 0, 0, 0)]
    [InlineData(0, 0, 50, 0, 0)]
    [InlineData(1, 1, 1, 0, 1)]
    [InlineData(999_999_999_999, 999_999_999_999, 1, 999_999_999_998, 1)]
    public void ThePriceIsDivided_When_PointsAreAnObligation(long price, long goods, long points, long revenue, long deferred) =>
        DeferredRevenue.Allocate(price, goods, points).ShouldBe(new PriceAllocation(revenue, deferred));

    /// <summary>Illustrative Example 52: 8,676 deferred; 4,500 of 9,500 redeemed in the first year, 8,500 of 9,700 by the second.</summary>
    [Fact]
    public void RevenueFollowsRedemption_When_TheStandardsExampleIsWorked()
    {
        var deferred = DeferredRevenue.Allocate(100_000, 100_000, 9_500).Points;

        var first = DeferredRevenue.Released(deferred, 4_500, 9_500);
        var second = DeferredRevenue.Released(deferred, 8_500, 9_700);

        first.ShouldBe(4_110);
        (deferred - first).ShouldBe(4_566);
        (second - first).ShouldBe(3_493);
        (deferred - second).ShouldBe(1_073);
        DeferredRevenue.Released(deferred, 9_700, 9_700).ShouldBe(deferred);
        DeferredRevenue.Released(deferred, 10_000, 9_700).ShouldBe(deferred, "never more than was deferred");
    }

    [Fact]
    public void EverythingIsReleased_When_NothingOfAMonthIsLeft()
    {
        var days = new Dictionary<int, FinanceDay> { [20260131] = DayOf(20260131, 10_000) };
        IReadOnlyList<SaleSum> sales = [new SaleSum { Day = 20260131, BusinessDay = 20260131, Amount = 100_000, Points = 10_000 }];
        var open = CohortOf([Cell(0, "earn", 10_000, 0), Cell(1, "spend", 0, 4_000)]);
        var ended = CohortOf([Cell(0, "earn", 10_000, 0), Cell(1, "spend", 0, 4_000), Cell(12, "expire", 0, 6_000)]);

        var half = DeferralReportMonth(sales, days, open);
        var whole = DeferralReportMonth(sales, days, ended);

        (half.Deferred, half.ExpectedRedeemed, half.Released, half.Remaining).ShouldBe((9_091, 10_000, 3_636, 5_455));
        (whole.Released, whole.Remaining).ShouldBe((9_091, 0));
    }

    [Theory]
    [InlineData(100, 100, 10_000, 630, 630)]
    [InlineData(100, 100, 8_000, 630, 504)]
    [InlineData(100, 1, 10_000, 49, 0)]
    [InlineData(100, 1, 10_000, 50, 1)]
    [InlineData(100, 1, 10_000, -50, -1)]
    [InlineData(3, 2, 10_000, 1, 1)]
    [InlineData(1, 1_000_000_000_000, 10_000, 9_000_000, 9_000_000_000_000_000_000)]
    [InlineData(100, 100, 0, 1_000_000, 0)]
    public void PointsAreWorthTheirShare_When_RoundedHalfUpOnce(long points, long minorUnits, int share, long outstanding, long expected) =>
        new PointValue(points, minorUnits, share).Of(outstanding).ShouldBe(expected);

    private static DeferralMonth DeferralReportMonth(IReadOnlyList<SaleSum> sales, IReadOnlyDictionary<int, FinanceDay> days, Cohort cohort) =>
        DeferralReport.MonthOf("2026-01", sales, days, cohort, 10_000);

    private static Cohort CohortOf(IReadOnlyList<FinanceCohortCell> cells) => BreakageCurve.Of(cells, 202801).Cohorts.ShouldHaveSingleItem();

    private static FinanceCohortCell Cell(int age, string kind, long granted, long taken) =>
        new() { OfDay = 0, IssueMonth = 202601, Age = age, Kind = kind, Granted = granted, Taken = taken };

    internal static FinanceDay DayOf(int day, int share, long minorUnits = 100) => new()
    {
        Tenant = 1,
        Day = day,
        BeginId = 0,
        EndId = 0,
        ClosedAt = 0,
        ClosingId = 0,
        ProgrammeVersion = 1,
        ValuePoints = 100,
        ValueMinorUnits = minorUnits,
        RedemptionBasisPoints = share,
        RedemptionSource = "fixed",
    };
}
