using System.Text.Json;
using Laurel.Kernel;
using Laurel.Membership.Points;

namespace Laurel.Membership.Finance;

/// <summary>An entry as far as a closed day counts it.</summary>
/// <param name="Detail">Of a reversal: how a shortfall was met. Else null.</param>
/// <param name="IssuedAt">Of a repayment: business time of the grant it was kept back from; null is its own.</param>
public readonly record struct DayEntry(
    string Unit, string Kind, string Account, long Amount, long DebtDelta, Instant OccurredAt, string? Detail, Instant? IssuedAt = null);

/// <summary>Points that an entry took from a lot.</summary>
/// <param name="IssuedAt">Business time of the grant.</param>
public readonly record struct DayTake(string Kind, Instant OccurredAt, Instant IssuedAt, long Points);

/// <summary>Adds the entries of one recorded day up: pure, in one pass, with memory for its sums alone.</summary>
/// <param name="day">The recorded day that the entries' ids are of.</param>
public sealed class DayReckoning(int day, BusinessCalendar calendar)
{
    private readonly Dictionary<(string Unit, string Kind, string Account, int BusinessDay), Sums> _movements = [];
    private readonly Dictionary<(int IssueMonth, int Age, string Kind), Cell> _cohorts = [];

    private sealed class Sums
    {
        public long Entries { get; set; }

        public long Amount { get; set; }

        public long Debt { get; set; }

        public long Receivable { get; set; }

        public bool IsNothing => (Entries, Amount, Debt, Receivable) is (0, 0, 0, 0);
    }

    private sealed class Cell
    {
        public long Granted { get; set; }

        public long Taken { get; set; }
    }

    public IReadOnlyList<FinanceMovement> Movements =>
    [
        .. _movements.Where(pair => !pair.Value.IsNothing).Select(pair => new FinanceMovement
        {
            OfDay = day,
            Unit = pair.Key.Unit,
            Kind = pair.Key.Kind,
            Account = pair.Key.Account,
            BusinessDay = pair.Key.BusinessDay,
            Entries = pair.Value.Entries,
            Amount = pair.Value.Amount,
            Debt = pair.Value.Debt,
            Receivable = pair.Value.Receivable,
        }),
    ];

    public IReadOnlyList<FinanceCohortCell> Cohorts =>
    [
        .. _cohorts.Where(pair => pair.Value is not { Granted: 0, Taken: 0 }).Select(pair => new FinanceCohortCell
        {
            OfDay = day,
            IssueMonth = pair.Key.IssueMonth,
            Age = pair.Key.Age,
            Kind = pair.Key.Kind,
            Granted = pair.Value.Granted,
            Taken = pair.Value.Taken,
        }),
    ];

    public void Add(in DayEntry entry)
    {
        var businessDay = FinanceCalendar.NumberOf(calendar, entry.OccurredAt);
        var sums = SumsOf(entry.Unit, entry.Kind, entry.Account, businessDay);
        sums.Entries++;
        sums.Amount += entry.Amount;
        sums.Debt += entry.DebtDelta;
        sums.Receivable += entry.Kind switch
        {
            EntryNames.Repay => entry.Amount,
            EntryNames.Reverse => OwedOf(entry.Detail),
            _ => 0,
        };
        if (entry.Unit == EntryNames.Points)
        {
            AddToCohort(entry, FinanceCalendar.MonthOf(businessDay));
        }
    }

    public void Add(in DayTake take)
    {
        var issued = FinanceCalendar.MonthOf(FinanceCalendar.NumberOf(calendar, take.IssuedAt));
        var taken = FinanceCalendar.MonthOf(FinanceCalendar.NumberOf(calendar, take.OccurredAt));
        CellOf(issued, FinanceCalendar.AgeOf(issued, taken), take.Kind).Taken += take.Points;
    }

    /// <summary>A change of a hold: <c>hold</c> pins, every other kind frees.</summary>
    public void AddHold(string kind, long points, Instant occurredAt)
    {
        var sums = SumsOf(FinanceNames.Held, kind, "", FinanceCalendar.NumberOf(calendar, occurredAt));
        sums.Entries++;
        sums.Amount += kind == "hold" ? points : -points;
    }

    /// <summary>A paid order that earned points.</summary>
    public void AddSale(long amount, long points, Instant occurredAt)
    {
        var businessDay = FinanceCalendar.NumberOf(calendar, occurredAt);
        foreach (var (kind, value) in ((string, long)[])[(FinanceNames.Orders, amount), (FinanceNames.OrderPoints, points)])
        {
            var sums = SumsOf(FinanceNames.Sales, kind, "", businessDay);
            sums.Entries++;
            sums.Amount += value;
        }
    }

    /// <summary>Points whose lot was given a longer life.</summary>
    public void AddExtension(Instant before, Instant after, long points, Instant occurredAt)
    {
        var kind = $"{ExpiringPoints.MonthOf(before, calendar)}>{ExpiringPoints.MonthOf(after, calendar)}";
        var sums = SumsOf(FinanceNames.Extended, kind, "", FinanceCalendar.NumberOf(calendar, occurredAt));
        sums.Entries++;
        sums.Amount += points;
    }

    /// <summary>What opening balances bring forward, beyond what was booked before.</summary>
    public void AddOpening(string unit, string account, long amount, long debt, long receivable)
    {
        var sums = SumsOf(unit, FinanceNames.Opening, account, 0);
        sums.Amount += amount;
        sums.Debt += debt;
        sums.Receivable += receivable;
    }

    /// <summary>What opening balances bring forward of a month's points.</summary>
    public void AddOpening(int issueMonth, int age, long points)
    {
        var cell = CellOf(issueMonth, age, FinanceNames.Opening);
        (cell.Granted, cell.Taken) = (cell.Granted + Math.Max(points, 0), cell.Taken - Math.Min(points, 0));
    }

    /// <summary>Takes away what is booked already: what is left came late.</summary>
    public void Less(IEnumerable<FinanceMovement> movements, IEnumerable<FinanceCohortCell> cohorts)
    {
        foreach (var booked in movements.Where(one => one.Kind != FinanceNames.Opening))
        {
            var sums = SumsOf(booked.Unit, booked.Kind, booked.Account, booked.BusinessDay);
            sums.Entries -= booked.Entries;
            sums.Amount -= booked.Amount;
            sums.Debt -= booked.Debt;
            sums.Receivable -= booked.Receivable;
        }

        foreach (var booked in cohorts.Where(one => one.Kind != FinanceNames.Opening))
        {
            var cell = CellOf(booked.IssueMonth, booked.Age, booked.Kind);
            cell.Granted -= booked.Granted;
            cell.Taken -= booked.Taken;
        }
    }

    // A grant issues all of its points, and what repaid a debt or a receivable is used up at once.
    private void AddToCohort(in DayEntry entry, int month)
    {
        if (entry.Kind == EntryNames.Repay)
        {
            var issued = entry.IssuedAt is { } at ? FinanceCalendar.MonthOf(FinanceCalendar.NumberOf(calendar, at)) : month;
            CellOf(issued, FinanceCalendar.AgeOf(issued, month), EntryNames.Repay).Taken -= entry.Amount;
        }
        else if (entry.Amount > 0)
        {
            CellOf(month, 0, entry.Kind).Granted += entry.Amount;
            if (entry.DebtDelta != 0)
            {
                CellOf(month, 0, EntryNames.Repay).Taken -= entry.DebtDelta;
            }
        }
    }

    private Sums SumsOf(string unit, string kind, string account, int businessDay)
    {
        var key = (unit, kind, account, businessDay);
        if (!_movements.TryGetValue(key, out var sums))
        {
            _movements.Add(key, sums = new Sums());
        }

        return sums;
    }

    private Cell CellOf(int issueMonth, int age, string kind)
    {
        var key = (issueMonth, age, kind);
        if (!_cohorts.TryGetValue(key, out var cell))
        {
            _cohorts.Add(key, cell = new Cell());
        }

        return cell;
    }

    /// <summary>What a reversal left to be owed outside the balance.</summary>
    private static long OwedOf(string? detail)
    {
        if (detail is null)
        {
            return 0;
        }

        using var json = JsonDocument.Parse(detail);
        return json.RootElement.TryGetProperty("policy", out var policy) && policy.GetString() == "receivable"
            && json.RootElement.TryGetProperty("shortfall", out var shortfall)
            ? shortfall.GetInt64()
            : 0;
    }
}
