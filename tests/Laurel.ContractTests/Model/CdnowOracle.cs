using System.Globalization;

namespace Laurel.ContractTests.Model;

/// <summary>A customer of the CDNOW file after all its orders.</summary>
/// <param name="CustomerId">As in the file, the external id of the member.</param>
/// <param name="Balance">Points that can be spent at <see cref="CdnowOracle.AsOf"/>.</param>
/// <param name="Lifetime">Points earned: registration, orders, bonus.</param>
/// <param name="Growth">Growth earned.</param>
/// <param name="Level">The code of the level.</param>
public sealed record CdnowFigures(string CustomerId, long Balance, long Lifetime, long Growth, string Level);

/// <summary>A row of the CDNOW file.</summary>
/// <param name="Amount">Minor units.</param>
public sealed record CdnowOrder(string OrderId, string CustomerId, DateOnly Date, long Amount)
{
    /// <summary>
    /// The start of the business day in Asia/Shanghai, which has kept UTC+8 all year round since 1992.
    /// </summary>
    public DateTimeOffset Time => new(Date.ToDateTime(TimeOnly.MinValue), TimeSpan.FromHours(8));
}

/// <summary>
/// What the CDNOW customers have under the default programme, in a few lines of arithmetic of their own: the file
/// meets no cap, no refund and no spend, so nothing else of the programme is needed.
/// </summary>
public static class CdnowOracle
{
    /// <summary>The instant of the balances; 08:00 of the day in Asia/Shanghai.</summary>
    public static readonly DateTimeOffset AsOf = new(1998, 7, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>The data file in the repository.</summary>
    public static string FilePath => Path.Combine(RepositoryFolder.Find(), "tests", "data", "cdnow", "orders.csv");

    /// <summary>The rows in the order of the file.</summary>
    public static IReadOnlyList<CdnowOrder> ReadFile() => [.. File.ReadLines(FilePath).Skip(1).Select(ParseRow)];

    /// <summary>The rows in the order history is loaded: by date, rows of one day as in the file.</summary>
    public static IReadOnlyList<CdnowOrder> ReadByDate() => [.. ReadFile().OrderBy(order => order.Date)];

    /// <summary>The figures of every customer, by customer id.</summary>
    public static IReadOnlyDictionary<string, CdnowFigures> Compute() => ReadByDate()
        .GroupBy(order => order.CustomerId, StringComparer.Ordinal)
        .ToDictionary(orders => orders.Key, FiguresOf, StringComparer.Ordinal);

    private static CdnowFigures FiguresOf(IGrouping<string, CdnowOrder> orders)
    {
        // A lot of day D lives until the end of D + 365, so on AsOf's day those from one 365 days before it count.
        var firstLiveDay = DateOnly.FromDateTime(AsOf.UtcDateTime.AddHours(8)).AddDays(-365);
        var balance = orders.First().Date >= firstLiveDay ? 100L : 0;
        var lifetime = 100L;
        var growth = 0L;
        var bonus = 200L;
        foreach (var day in orders.GroupBy(order => order.Date))
        {
            var earnedToday = 0L;
            foreach (var order in day)
            {
                var points = order.Amount / 100;
                growth += points;
                points = points * TenthsOf(lifetime) / 10;
                if (order.Amount > 0)
                {
                    points += bonus;
                    bonus = 0;
                }

                lifetime += points;
                earnedToday += points;
            }

            if (earnedToday > 5_000)
            {
                throw new InvalidDataException($"Customer {orders.Key} meets the daily cap on {day.Key:O}.");
            }

            balance += day.Key >= firstLiveDay ? earnedToday : 0;
        }

        return new CdnowFigures(orders.Key, balance, lifetime, growth, LevelOf(lifetime));
    }

    private static long TenthsOf(long lifetime) => lifetime switch
    {
        >= 50_000 => 20,
        >= 20_000 => 15,
        >= 5_000 => 12,
        >= 1_000 => 11,
        _ => 10,
    };

    private static string LevelOf(long lifetime) => lifetime switch
    {
        >= 50_000 => "diamond",
        >= 20_000 => "platinum",
        >= 5_000 => "gold",
        >= 1_000 => "silver",
        _ => "bronze",
    };

    private static CdnowOrder ParseRow(string row)
    {
        var cells = row.Split(',');
        var date = DateOnly.ParseExact(cells[2], "yyyy-MM-dd", CultureInfo.InvariantCulture);
        var amount = decimal.Parse(cells[4], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture);
        return new CdnowOrder(cells[0], cells[1], date, (long)(amount * 100));
    }
}

/// <summary>Where the repository lies, seen from the tests' output.</summary>
internal static class RepositoryFolder
{
    public static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Laurel.slnx")))
            {
                return folder.FullName;
            }
        }

        throw new DirectoryNotFoundException($"No folder above {AppContext.BaseDirectory} holds Laurel.slnx.");
    }
}
