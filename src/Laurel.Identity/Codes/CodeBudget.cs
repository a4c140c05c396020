using Laurel.Engine.Lanes;
using Laurel.Engine.Sql;
using Laurel.Kernel;

namespace Laurel.Identity.Codes;

/// <summary>How many codes were sent to, or asked for by, one thing in the present hour and day.</summary>
public sealed class CodeBudget : RowAggregate
{
    private static readonly long s_hour = TimeSpan.FromHours(1).Ticks / TimeSpan.TicksPerMicrosecond;
    private static readonly long s_day = TimeSpan.FromDays(1).Ticks / TimeSpan.TicksPerMicrosecond;

    /// <summary>The number of the hour since 1970.</summary>
    public long Hour { get; private set; }

    public int InHour { get; private set; }

    /// <summary>The number of the day since 1970, UTC.</summary>
    public long Day { get; private set; }

    public int InDay { get; private set; }

    public Instant LastAt { get; private set; } = Instant.Earliest;

    internal static RowKind<CodeBudget> Kind { get; } = new(27, "sign_in_budgets", Read,
        Column<CodeBudget>.Int64("hour", b => b.Hour),
        Column<CodeBudget>.Int32("in_hour", b => b.InHour),
        Column<CodeBudget>.Int64("day", b => b.Day),
        Column<CodeBudget>.Int32("in_day", b => b.InDay),
        Column<CodeBudget>.Instant("last_at", b => b.LastAt))
    {
        HasPersonalIds = true,
    };

    /// <summary>Counts one more.</summary>
    /// <returns>Null when it was counted; otherwise after how many seconds there is room again.</returns>
    public long? Take(CodeLimit limit, Instant now)
    {
        var (hour, day) = (now.UnixMicroseconds / s_hour, now.UnixMicroseconds / s_day);
        var (inHour, inDay) = (hour == Hour ? InHour : 0, day == Day ? InDay : 0);
        var until = Instant.Earliest;
        if (LastAt.UnixMicroseconds > 0 && limit.Pause > TimeSpan.Zero)
        {
            until = LastAt.Plus(limit.Pause);
        }

        if (inHour >= limit.InHourMax)
        {
            until = Instant.Max(until, new Instant((hour + 1) * s_hour));
        }

        if (inDay >= limit.InDayMax)
        {
            until = Instant.Max(until, new Instant((day + 1) * s_day));
        }

        if (until > now)
        {
            return (until.UnixMicroseconds - now.UnixMicroseconds + 999_999) / 1_000_000;
        }

        (Hour, InHour, Day, InDay, LastAt) = (hour, inHour + 1, day, inDay + 1, now);
        return null;
    }

    private static CodeBudget Read(SqlRow row) => new()
    {
        Tenant = new TenantId(row.Int32(0)),
        Id = row.Int64(1),
        Hour = row.Int64(2),
        InHour = row.Int32(3),
        Day = row.Int64(4),
        InDay = row.Int32(5),
        LastAt = row.Instant(6),
    };
}
