using System.Globalization;

namespace Laurel.Membership.Rules;

/// <summary>The numbers of the periods that caps count over.</summary>
internal static class CapPeriods
{
    /// <summary>Beyond the number of every month, so that a cap whose period is changed meets no count of another kind.</summary>
    private const int Weeks = 3_000_000;

    public static string NameOf(CapPeriod period) => period switch
    {
        CapPeriod.Transaction => "transaction",
        CapPeriod.Day => "day",
        CapPeriod.Week => "week",
        CapPeriod.Month => "month",
        CapPeriod.Year => "year",
        CapPeriod.Total => "total",
    };

    /// <summary>The period of a day: 20260131 of a day, 3202605 of a week (ISO 8601), 202601 of a month, 2026 of a year, 0 of all time.</summary>
    public static int NumberOf(CapPeriod period, DateOnly day) => period switch
    {
        CapPeriod.Transaction => 0,
        CapPeriod.Day => (day.Year * 10_000) + (day.Month * 100) + day.Day,
        CapPeriod.Week => Weeks + (ISOWeek.GetYear(day.ToDateTime(TimeOnly.MinValue)) * 100) + ISOWeek.GetWeekOfYear(day.ToDateTime(TimeOnly.MinValue)),
        CapPeriod.Month => (day.Year * 100) + day.Month,
        CapPeriod.Year => day.Year,
        CapPeriod.Total => 0,
    };
}
