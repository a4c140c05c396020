namespace Laurel.Kernel;

/// <summary>Turns instants into the business days of a tenant and back.</summary>
/// <param name="zone">The tenant's business time zone; daylight saving is followed.</param>
public sealed class BusinessCalendar(TimeZoneInfo zone)
{
    public TimeZoneInfo Zone { get; } = zone;

    public DateOnly DayOf(Instant time) =>
        DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(time.ToDateTimeOffset(), Zone).DateTime);

    /// <summary>The first instant of a business day: 00:00 local, or the first valid moment after a skipped midnight.</summary>
    public Instant StartOf(DateOnly day)
    {
        var local = day.ToDateTime(TimeOnly.MinValue);
        while (Zone.IsInvalidTime(local))
        {
            local = local.AddMinutes(15);
        }

        return Instant.From(new DateTimeOffset(local, Zone.GetUtcOffset(local)));
    }
}
