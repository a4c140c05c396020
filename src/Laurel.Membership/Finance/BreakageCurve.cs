using Laurel.Membership.Points;

namespace Laurel.Membership.Finance;

/// <summary>What became of a month's points at one age.</summary>
public sealed record CohortAge
{
    /// <summary>Calendar months since the month of issue.</summary>
    public required int Age { get; init; }

    /// <summary>Spent, or used to repay a debt or a receivable.</summary>
    public required long Redeemed { get; init; }

    public required long Expired { get; init; }

    /// <summary>Taken back with a refund.</summary>
    public required long ClawedBack { get; init; }

    /// <summary>Adjusted down, given to another member, and whatever else left the lots.</summary>
    public required long Other { get; init; }

    /// <summary>Redeemed up to the end of this age.</summary>
    public required long RedeemedToDate { get; init; }

    /// <summary>Left at the end of this age.</summary>
    public required long Open { get; init; }
}

/// <summary>The points that one business month issued.</summary>
public sealed record Cohort
{
    /// <summary>2026-01.</summary>
    public required string Month { get; init; }

    /// <summary>All points granted, transfers received among them; of a month before the opening balances what these brought forward.</summary>
    public required long Issued { get; init; }

    /// <summary>Issued less what was clawed back or otherwise left: what can be redeemed or lapse.</summary>
    public required long Net { get; init; }

    public required long Redeemed { get; init; }

    public required long Expired { get; init; }

    public required long ClawedBack { get; init; }

    public required long Other { get; init; }

    public required long Open { get; init; }

    /// <summary>Whether its history is there from the first month on. One that opening balances brought forward is not estimated from.</summary>
    public required bool IsWhole { get; init; }

    /// <summary>Redeemed at the last, as the chain ladder estimates it; null where it is not estimated.</summary>
    public long? UltimateRedeemed { get; init; }

    public required IReadOnlyList<CohortAge> Ages { get; init; }
}

/// <summary>How redemptions of one age grow to the next, over all cohorts that are old enough.</summary>
/// <param name="FromRedeemed">Sum of what was redeemed up to this age.</param>
/// <param name="ToRedeemed">Sum of what the same cohorts had redeemed one month later.</param>
/// <param name="Factor">Their quotient; 1 where nothing was redeemed yet.</param>
public sealed record DevelopmentFactor(int Age, int Cohorts, long FromRedeemed, long ToRedeemed, decimal Factor);

/// <summary>The breakage curve with its estimate and everything the estimate was made from.</summary>
/// <remarks>The chain-ladder method: the volume-weighted development factors of T. Mack, "Distribution-free Calculation of the Standard Error of Chain
/// Ladder Reserve Estimates", ASTIN Bulletin 23 (1993), 213–225, formula (2). A cohort's ultimate is its latest figure times the factors of the
/// ages to come, and never more than its net points. No tail is added: with a validity the oldest cohorts have lapsed.</remarks>
public sealed record BreakageCurve
{
    /// <summary>Months of development that must be known before the estimate is used: a year has every season once.</summary>
    public const int MonthsMin = 12;

    /// <summary>The last whole month: later ones are shown and not estimated from.</summary>
    public required string LastMonth { get; init; }

    public required IReadOnlyList<Cohort> Cohorts { get; init; }

    public required IReadOnlyList<DevelopmentFactor> Factors { get; init; }

    /// <summary>Net points of the cohorts that were estimated.</summary>
    public required long EstimatedNet { get; init; }

    /// <summary>What of them is redeemed at the last.</summary>
    public required long EstimatedRedeemed { get; init; }

    /// <summary>Share of points that is redeemed at the last, times 10,000, rounded half up; null before <see cref="MonthsMin"/> months are known.</summary>
    public required int? RedemptionBasisPoints { get; init; }

    /// <summary>The rest; null with it.</summary>
    public int? BreakageBasisPoints => FinanceRules.WholeBasisPoints - RedemptionBasisPoints;

    /// <param name="month">202601: the month that goes on and is not whole.</param>
    public static BreakageCurve Of(IReadOnlyList<FinanceCohortCell> cells, int month)
    {
        var last = FinanceCalendar.IndexOf(month) - 1;
        var cohorts = cells.GroupBy(cell => cell.IssueMonth).OrderBy(cohort => cohort.Key).Select(cohort => CohortOf(cohort.Key, [.. cohort])).ToList();
        var rows = cohorts.Where(cohort => cohort.Cohort.IsWhole && cohort.Cohort.Net > 0 && FinanceCalendar.IndexOf(cohort.Month) <= last)
            .Select(cohort => new Row(cohort.Cohort, RedeemedByAge(cohort.Cohort, last - FinanceCalendar.IndexOf(cohort.Month)))).ToList();
        var factors = FactorsOf(rows);
        var ultimates = rows.ToDictionary(row => row.Cohort.Month, row => row.Ultimate(factors));
        var (net, redeemed) = (rows.Sum(row => row.Cohort.Net), ultimates.Values.Sum());
        return new BreakageCurve
        {
            LastMonth = FinanceCalendar.TextOfMonth(FinanceCalendar.MonthAt(last)),
            Cohorts = [.. cohorts.Select(cohort => ultimates.TryGetValue(cohort.Cohort.Month, out var ultimate)
                ? cohort.Cohort with { UltimateRedeemed = ultimate }
                : cohort.Cohort)],
            Factors = factors,
            EstimatedNet = net,
            EstimatedRedeemed = redeemed,
            RedemptionBasisPoints = factors.Count < MonthsMin || net == 0
                ? null
                : (int)MoneyRounding.HalfUp((Int128)redeemed * FinanceRules.WholeBasisPoints, net),
        };
    }

    private sealed record Row(Cohort Cohort, long[] Redeemed)
    {
        public long Ultimate(IReadOnlyList<DevelopmentFactor> factors)
        {
            decimal ultimate = Redeemed[^1];
            foreach (var factor in factors.Skip(Redeemed.Length - 1))
            {
                ultimate = Math.Min(Cohort.Net, ultimate * factor.Factor);
            }

            return (long)Math.Round(Math.Min(ultimate, Cohort.Net), MidpointRounding.AwayFromZero);
        }
    }

    private static List<DevelopmentFactor> FactorsOf(List<Row> rows)
    {
        var factors = new List<DevelopmentFactor>();
        var ages = rows.Count == 0 ? 0 : rows.Max(row => row.Redeemed.Length) - 1;
        for (var age = 0; age < ages; age++)
        {
            var older = rows.Where(row => row.Redeemed.Length > age + 1).ToList();
            var (from, to) = (older.Sum(row => row.Redeemed[age]), older.Sum(row => row.Redeemed[age + 1]));
            factors.Add(new DevelopmentFactor(age, older.Count, from, to, from == 0 ? 1 : (decimal)to / from));
        }

        return factors;
    }

    /// <summary>What was redeemed up to each age, the last whole one included.</summary>
    private static long[] RedeemedByAge(Cohort cohort, int last)
    {
        var redeemed = new long[last + 1];
        for (var age = 0; age <= last; age++)
        {
            redeemed[age] = cohort.Ages.LastOrDefault(one => one.Age <= age)?.RedeemedToDate ?? 0;
        }

        return redeemed;
    }

    private static (int Month, Cohort Cohort) CohortOf(int month, IReadOnlyList<FinanceCohortCell> cells)
    {
        var issued = cells.Sum(cell => cell.Granted);
        var (open, redeemedToDate) = (0L, 0L);
        var ages = new List<CohortAge>();
        foreach (var age in cells.GroupBy(cell => cell.Age).OrderBy(age => age.Key))
        {
            long Taken(params ReadOnlySpan<string> kinds)
            {
                var sum = 0L;
                foreach (var cell in age)
                {
                    sum += kinds.Contains(cell.Kind) ? cell.Taken : 0;
                }

                return sum;
            }

            // What an activation takes repays a debt, as a repayment does.
            var redeemed = Taken(EntryNames.Spend, EntryNames.Exchange, EntryNames.Repay, "activate");
            var (expired, clawedBack) = (Taken(EntryNames.Expire), Taken(EntryNames.Reverse));
            redeemedToDate += redeemed;
            open += age.Sum(cell => cell.Granted - cell.Taken);
            ages.Add(new CohortAge
            {
                Age = age.Key,
                Redeemed = redeemed,
                Expired = expired,
                ClawedBack = clawedBack,
                Other = age.Sum(cell => cell.Taken) - redeemed - expired - clawedBack,
                RedeemedToDate = redeemedToDate,
                Open = open,
            });
        }

        return (month, new Cohort
        {
            Month = FinanceCalendar.TextOfMonth(month),
            Issued = issued,
            Net = issued - ages.Sum(age => age.ClawedBack + age.Other),
            Redeemed = redeemedToDate,
            Expired = ages.Sum(age => age.Expired),
            ClawedBack = ages.Sum(age => age.ClawedBack),
            Other = ages.Sum(age => age.Other),
            Open = open,
            IsWhole = cells.All(cell => cell.Kind != FinanceNames.Opening),
            Ages = ages,
        });
    }
}
