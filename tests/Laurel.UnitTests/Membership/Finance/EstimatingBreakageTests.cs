using Laurel.Membership.Finance;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Membership.Finance;

/// <summary>The breakage curve and its chain ladder, worked by hand.</summary>
public sealed class EstimatingBreakageTests
{
    /// <summary>
    /// Redeemed to date by age: January 100, 150, 165; February 120, 180; March 90. Factors 330 / 220 = 1.5 and 165 / 150 = 1.1, so
    /// February ends at 198 and March at 90 × 1.5 × 1.1 = 148.5.
    /// </summary>
    [Fact]
    public void UltimatesAreLatestTimesFactors_When_TheTriangleIsSmall()
    {
        var curve = BreakageCurve.Of(
            [
                Cell(202601, 0, "earn", 200, 0), Cell(202601, 0, "spend", 0, 100), Cell(202601, 1, "spend", 0, 50), Cell(202601, 2, "spend", 0, 15),
                Cell(202602, 0, "earn", 260, 0), Cell(202602, 0, "spend", 0, 120), Cell(202602, 1, "spend", 0, 60), Cell(202602, 1, "reverse", 0, 20),
                Cell(202603, 0, "earn", 180, 0), Cell(202603, 0, "spend", 0, 90),
                Cell(202604, 0, "earn", 999, 0),
            ],
            202604);

        curve.LastMonth.ShouldBe("2026-03");
        curve.Factors.ShouldBe([new DevelopmentFactor(0, 2, 220, 330, 1.5m), new DevelopmentFactor(1, 1, 150, 165, 1.1m)]);
        curve.Cohorts.Select(cohort => (cohort.Month, cohort.Issued, cohort.Net, cohort.Redeemed, cohort.Open, cohort.UltimateRedeemed)).ShouldBe(
        [
            ("2026-01", 200, 200, 165, 35, 165),
            ("2026-02", 260, 240, 180, 60, 198),
            ("2026-03", 180, 180, 90, 90, 149),
            ("2026-04", 999, 999, 0, 999, null),
        ]);
        (curve.EstimatedNet, curve.EstimatedRedeemed).ShouldBe((620, 512));
        curve.RedemptionBasisPoints.ShouldBeNull("two months of development are no year");
        curve.BreakageBasisPoints.ShouldBeNull();
    }

    [Fact]
    public void TheShareIsTold_When_AYearIsKnown()
    {
        // Thirteen cohorts of 1,000, of which 30 are spent in each of the first twelve months, 40 in the month after.
        var cells = new List<FinanceCohortCell>();
        for (var cohort = 0; cohort < 13; cohort++)
        {
            var month = FinanceCalendar.MonthAt(FinanceCalendar.IndexOf(202501) + cohort);
            cells.Add(Cell(month, 0, "earn", 1_000, 0));
            for (var age = 0; age <= 12 - cohort; age++)
            {
                cells.Add(Cell(month, age, "spend", 0, age == 12 ? 40 : 30));
            }
        }

        var curve = BreakageCurve.Of(cells, 202602);

        curve.Factors.Count.ShouldBe(12);
        curve.Cohorts.ShouldAllBe(cohort => cohort.UltimateRedeemed == 400);
        (curve.RedemptionBasisPoints, curve.BreakageBasisPoints).ShouldBe((4_000, 6_000));
    }

    [Fact]
    public void NoMoreIsRedeemedThanThereIs_When_AFactorIsSteep()
    {
        var curve = BreakageCurve.Of(
            [
                Cell(202601, 0, "earn", 1_000, 0), Cell(202601, 0, "spend", 0, 1), Cell(202601, 1, "spend", 0, 999),
                Cell(202602, 0, "earn", 500, 0), Cell(202602, 0, "spend", 0, 100),
            ],
            202603);

        curve.Cohorts[1].UltimateRedeemed.ShouldBe(500);
    }

    [Fact]
    public void ACohortIsShownAndNotEstimatedFrom_When_OpeningBalancesBroughtItForward()
    {
        var curve = BreakageCurve.Of([Cell(202601, 3, FinanceNames.Opening, 70, 0), Cell(202601, 4, "spend", 0, 20), Cell(202602, 0, "earn", 10, 0)], 202607);

        curve.Cohorts[0].IsWhole.ShouldBeFalse();
        (curve.Cohorts[0].Open, curve.Cohorts[0].UltimateRedeemed).ShouldBe((50, null));
        (curve.EstimatedNet, curve.EstimatedRedeemed).ShouldBe((10, 0));
    }

    [Fact]
    public void NothingIsEstimated_When_NothingIsClosed()
    {
        var curve = BreakageCurve.Of([], 202601);

        curve.Cohorts.ShouldBeEmpty();
        curve.Factors.ShouldBeEmpty();
        curve.RedemptionBasisPoints.ShouldBeNull();
    }

    private static FinanceCohortCell Cell(int month, int age, string kind, long granted, long taken) =>
        new() { OfDay = 0, IssueMonth = month, Age = age, Kind = kind, Granted = granted, Taken = taken };
}
