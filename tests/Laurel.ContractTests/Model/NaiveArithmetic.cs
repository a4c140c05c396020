namespace Laurel.ContractTests.Model;

/// <summary>The figures of the default programme, each written as its sentence says.</summary>
internal static class NaiveArithmetic
{
    public const long RegistrationPoints = 100;
    public const long FirstOrderBonus = 200;
    public const long PointsPerOrderMax = 10_000;
    public const long PointsPerDayMax = 5_000;
    public const long ReceivableRepaidPercent = 50;

    public static readonly TimeSpan HoldDuration = TimeSpan.FromDays(7);
    public static readonly TimeSpan ClockAheadMax = TimeSpan.FromMinutes(5);

    private static readonly TimeZoneInfo Zone = TimeZoneInfo.FindSystemTimeZoneById("Asia/Shanghai");

    private static readonly (long From, string Code, long MultiplierTenths)[] Levels =
    [
        (0, "bronze", 10),
        (1_000, "silver", 11),
        (5_000, "gold", 12),
        (20_000, "platinum", 15),
        (50_000, "diamond", 20),
    ];

    public static string LevelOf(long lifetime) => Levels.Last(level => level.From <= Math.Max(0, lifetime)).Code;

    /// <summary>floor(points × the multiplier of a level).</summary>
    public static long Multiply(long points, string level) =>
        points * Levels.Single(candidate => candidate.Code == level).MultiplierTenths / 10;

    public static DateOnly BusinessDayOf(DateTimeOffset time) =>
        DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(time, Zone).DateTime);

    /// <summary>00:00 local of D + 366, exclusive: the lot can be spent until the end of D + 365.</summary>
    public static DateTimeOffset ExpiryOf(DateTimeOffset time)
    {
        var local = BusinessDayOf(time).AddDays(366).ToDateTime(TimeOnly.MinValue);
        return new DateTimeOffset(local, Zone.GetUtcOffset(local)).ToUniversalTime();
    }

    /// <summary>00:00 local of a business day.</summary>
    public static DateTimeOffset StartOf(DateOnly day)
    {
        var local = day.ToDateTime(TimeOnly.MinValue);
        return new DateTimeOffset(local, Zone.GetUtcOffset(local));
    }

    /// <summary>Splits a total in proportion to weights; what flooring leaves goes to the largest remainders, ties to
    /// the first.</summary>
    public static long[] LargestRemainder(long total, IReadOnlyList<long> weights)
    {
        var sum = weights.Sum();
        if (total == 0 || sum == 0)
        {
            return new long[weights.Count];
        }

        var shares = weights.Select(weight => (long)((Int128)total * weight / sum)).ToArray();
        var byRemainder = Enumerable.Range(0, weights.Count)
            .OrderByDescending(index => (Int128)total * weights[index] % sum)
            .ThenBy(index => index);
        foreach (var index in byRemainder.Take((int)(total - shares.Sum())))
        {
            shares[index]++;
        }

        return shares;
    }

    /// <summary>What must have been taken back of a line of amount N that earned E once R of it are refunded:
    /// floor((2·E·R + N) / (2·N)).</summary>
    public static long TakenBackTarget(long earned, long refunded, long amount) =>
        amount == 0 ? 0 : (long)(((Int128)2 * earned * refunded + amount) / ((Int128)2 * amount));
}
