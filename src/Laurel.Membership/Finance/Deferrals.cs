using Laurel.Engine.Sql;
using Laurel.Kernel;

namespace Laurel.Membership.Finance;

/// <summary>Revenue deferred for the points that a business month's orders earned, and what of it is released. In minor units.</summary>
public sealed record DeferralMonth
{
    /// <summary>2026-01.</summary>
    public required string Month { get; init; }

    /// <summary>Paid for orders that earned points.</summary>
    public required long Sales { get; init; }

    /// <summary>Points that these orders earned.</summary>
    public required long Points { get; init; }

    /// <summary>Their stand-alone selling price on the days they were recorded.</summary>
    public required long PointsMinorUnits { get; init; }

    /// <summary>Allocated to the points.</summary>
    public required long Deferred { get; init; }

    /// <summary>Allocated to the goods: revenue at once.</summary>
    public required long Goods { get; init; }

    /// <summary>Of all points that the month issued: redeemed to date.</summary>
    public required long Redeemed { get; init; }

    /// <summary>Of the same: expected to be redeemed in all, as estimated now.</summary>
    public required long ExpectedRedeemed { get; init; }

    /// <summary>Revenue recognised for the points to date.</summary>
    public required long Released { get; init; }

    /// <summary>Still deferred: the contract liability.</summary>
    public required long Remaining { get; init; }
}

/// <summary>Deferred revenue by IFRS 15 B39–B42, by the month of the orders.</summary>
/// <remarks>A portfolio in the sense of IFRS 15.4 is the orders of one recorded day and one business month. Their price is allocated by the value
/// that points had when they were recorded, and later values do not change it; what is expected to be redeemed is estimated anew each day.
/// When nothing of a month's points is left, all of it is released.</remarks>
public sealed record DeferralReport
{
    /// <summary>ISO 4217.</summary>
    public required string Currency { get; init; }

    /// <summary>The closed day as of which it is told; null where nothing is closed yet.</summary>
    public required string? KnownOn { get; init; }

    public required IReadOnlyList<DeferralMonth> Items { get; init; }

    public static async Task<DeferralReport> ReadAsync(
        Database from, TenantId tenant, string currency, int knownOn, CancellationToken cancellationToken)
    {
        if (await FinanceQueries.LastDayAsync(from, tenant, knownOn, cancellationToken) is not { } known)
        {
            return new DeferralReport { Currency = currency, KnownOn = null, Items = [] };
        }

        var days = (await FinanceQueries.DaysAsync(from, tenant, 0, known.Day, cancellationToken)).ToDictionary(day => day.Day);
        var sales = await FinanceQueries.SalesAsync(from, tenant, known.Day, cancellationToken);
        var cells = await FinanceQueries.CohortsAsync(from, tenant, known.Day, cancellationToken);
        var cohorts = BreakageCurve.Of(cells, FinanceCalendar.MonthOf(known.Day)).Cohorts.ToDictionary(cohort => cohort.Month);
        return new DeferralReport
        {
            Currency = currency,
            KnownOn = FinanceCalendar.TextOfDay(known.Day),
            Items =
            [
                .. sales.GroupBy(sale => FinanceCalendar.TextOfMonth(FinanceCalendar.MonthOf(sale.BusinessDay)))
                    .OrderBy(month => month.Key, StringComparer.Ordinal)
                    .Select(month => MonthOf(month.Key, [.. month], days, cohorts.GetValueOrDefault(month.Key), known.RedemptionBasisPoints)),
            ],
        };
    }

    /// <summary>One month, from what each recorded day has of it.</summary>
    /// <param name="cohort">What became of the month's points; null where none were issued.</param>
    public static DeferralMonth MonthOf(
        string month, IReadOnlyList<SaleSum> sales, IReadOnlyDictionary<int, FinanceDay> days, Cohort? cohort, int redemptionBasisPoints)
    {
        var (deferred, worth) = (0L, 0L);
        foreach (var portfolio in sales.GroupBy(sale => sale.Day))
        {
            var amount = portfolio.Sum(sale => sale.Amount);
            var value = days[portfolio.Key].Value.Of(portfolio.Sum(sale => sale.Points));
            worth += value;
            deferred += DeferredRevenue.Allocate(amount, amount, value).Points;
        }

        var expected = MoneyRounding.HalfUp((Int128)(cohort?.Net ?? 0) * redemptionBasisPoints, FinanceRules.WholeBasisPoints);
        var redeemed = cohort?.Redeemed ?? 0;
        var released = cohort is not { Open: > 0 } ? deferred : DeferredRevenue.Released(deferred, redeemed, expected);
        return new DeferralMonth
        {
            Month = month,
            Sales = sales.Sum(sale => sale.Amount),
            Points = sales.Sum(sale => sale.Points),
            PointsMinorUnits = worth,
            Deferred = deferred,
            Goods = sales.Sum(sale => sale.Amount) - deferred,
            Redeemed = redeemed,
            ExpectedRedeemed = expected,
            Released = released,
            Remaining = deferred - released,
        };
    }
}
