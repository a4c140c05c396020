using System.Globalization;
using Laurel.Kernel;

namespace Laurel.Engine.Partitions;

/// <summary>A calendar month in UTC: what tables that only grow are divided by.</summary>
/// <param name="Number">As <c>202611</c>.</param>
public readonly record struct Month(int Number) : IComparable<Month>
{
    /// <summary>The month of an instant.</summary>
    public static Month Of(Instant time)
    {
        var day = time.ToDateTimeOffset();
        return new Month((day.Year * 100) + day.Month);
    }

    /// <summary>Its first instant.</summary>
    public Instant Start => Instant.From(new DateTimeOffset(Number / 100, Number % 100, 1, 0, 0, 0, TimeSpan.Zero));

    /// <summary>The first instant of the month after it.</summary>
    public Instant End => Next.Start;

    public Month Next => Number % 100 == 12 ? new Month(Number + 89) : new Month(Number + 1);

    /// <summary>As it ends the name of a partition, <c>2026_11</c>.</summary>
    public string Suffix => string.Create(CultureInfo.InvariantCulture, $"{Number / 100:D4}_{Number % 100:D2}");

    /// <summary>The month that the name of a partition ends in; null when it ends in none.</summary>
    public static Month? OfPartition(string name)
    {
        var suffix = name.Length > 7 ? name[^7..] : "";
        return suffix is [_, _, _, _, '_', _, _]
            && int.TryParse(suffix[..4], NumberStyles.None, CultureInfo.InvariantCulture, out var year)
            && int.TryParse(suffix[5..], NumberStyles.None, CultureInfo.InvariantCulture, out var month)
            && year > 0 && month is >= 1 and <= 12
            ? new Month((year * 100) + month)
            : null;
    }

    /// <summary>Reads <c>2026-11</c>; null when it is no month between 0001 and 9999.</summary>
    public static Month? Parse(string text) => text.Length == 7 && text[4] == '-' ? OfPartition("_" + text.Replace('-', '_')) : null;

    public int CompareTo(Month other) => Number.CompareTo(other.Number);

    public static bool operator <(Month left, Month right) => left.Number < right.Number;

    public static bool operator >(Month left, Month right) => left.Number > right.Number;

    public static bool operator <=(Month left, Month right) => left.Number <= right.Number;

    public static bool operator >=(Month left, Month right) => left.Number >= right.Number;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Number / 100:D4}-{Number % 100:D2}");
}
