using System.Globalization;

namespace Laurel.ContractTests.Levels;

/// <summary>A track kept on paper: every order with its day and what is left of it, the level, and its changes. Knows nothing of the product.</summary>
/// <param name="thresholds">From which each level is held, the lowest first.</param>
/// <param name="months">Months of a period; the first began with the year 2000.</param>
/// <param name="firstDay">The first day of the window that ends with a day.</param>
/// <param name="ofOrder">What an order counts, by its amount and what of it was refunded.</param>
/// <param name="oneStep">Whether a period costs one level at the most.</param>
internal sealed class TrackOnPaper(
    (string Code, long From)[] thresholds, int months, Func<DateOnly, DateOnly> firstDay, Func<long, long, long> ofOrder, bool oneStep)
{
    private readonly Dictionary<string, (DateOnly Day, long Amount, long Refunded)> orders = [];
    private DateOnly judgedTo = new(2000, 1, 1);
    private int level;

    public List<string> Changes { get; } = [];

    public string Level => thresholds[level].Code;

    public void Order(string id, DateTime at, long amount)
    {
        PassTime(at);
        orders.Add(id, (DateOnly.FromDateTime(at), amount, 0));
        var deserved = DeservedOn(DateOnly.FromDateTime(at));
        if (deserved > level)
        {
            Change(deserved, at);
        }
    }

    public void Refund(string id, DateTime at, long amount)
    {
        PassTime(at);
        orders[id] = orders[id] with { Refunded = orders[id].Refunded + amount };
    }

    /// <summary>What periods that ended until then have cost: each is judged by its last day.</summary>
    public void PassTime(DateTime to)
    {
        for (var end = judgedTo.AddMonths(months); end <= DateOnly.FromDateTime(to); end = end.AddMonths(months))
        {
            judgedTo = end;
            var deserved = DeservedOn(end.AddDays(-1));
            if (deserved < level)
            {
                Change(oneStep ? level - 1 : deserved, end.ToDateTime(TimeOnly.MinValue));
            }
        }
    }

    private int DeservedOn(DateOnly day)
    {
        var value = orders.Values.Where(order => order.Day >= firstDay(day) && order.Day <= day).Sum(order => ofOrder(order.Amount, order.Refunded));
        return Array.FindLastIndex(thresholds, level => level.From <= Math.Max(0, value));
    }

    private void Change(int to, DateTime at)
    {
        Changes.Add($"{thresholds[level].Code} {thresholds[to].Code} {at.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture)}");
        level = to;
    }
}
