using System.Globalization;
using Laurel.Kernel;

namespace Laurel.Membership.Finance;

/// <summary>Days and months as the numbers that are stored and shown.</summary>
public static class FinanceCalendar
{
    public static int NumberOf(DateOnly day) => (day.Year * 10_000) + (day.Month * 100) + day.Day;

    public static DateOnly DayOf(int number) => new(number / 10_000, number / 100 % 100, number % 100);

    public static int NumberOf(BusinessCalendar calendar, Instant time) => NumberOf(calendar.DayOf(time));

    /// <summary>The month of a day, both as numbers.</summary>
    public static int MonthOf(int day) => day / 100;

    /// <summary>Calendar months from one to the other; 0 where the later is not later.</summary>
    public static int AgeOf(int issueMonth, int month) => Math.Max(0, IndexOf(month) - IndexOf(issueMonth));

    /// <summary>Months since year 0: neighbours differ by one.</summary>
    public static int IndexOf(int month) => (month / 100 * 12) + (month % 100) - 1;

    public static int MonthAt(int index) => (index / 12 * 100) + (index % 12) + 1;

    /// <summary>2026-01-31.</summary>
    public static string TextOfDay(int day) => DayOf(day).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    /// <summary>2026-01.</summary>
    public static string TextOfMonth(int month) => string.Create(CultureInfo.InvariantCulture, $"{month / 100:0000}-{month % 100:00}");

    /// <summary>Reads 2026-01-31; null when it is no such day.</summary>
    public static int? ParseDay(string text) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? NumberOf(day) : null;
}
