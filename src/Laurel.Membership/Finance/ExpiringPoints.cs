using System.Data.Common;
using System.Globalization;
using Dapper;
using Laurel.Engine.Sql;
using Laurel.Kernel;

namespace Laurel.Membership.Finance;

/// <summary>Points that lapse in one month, unless they are used before.</summary>
public sealed record ExpiringMonth
{
    /// <summary>2026-01; <c>due</c> what has lapsed and is not written down yet; <c>never</c>.</summary>
    public required string Month { get; init; }

    /// <summary>All points of these lots; those held and those pending are among them.</summary>
    public required long Points { get; init; }

    public required long Held { get; init; }

    /// <summary>Not active yet.</summary>
    public required long Pending { get; init; }

    public required long Lots { get; init; }
}

/// <summary>Points that are out, by the month of their expiry, as they stand at the moment of asking.</summary>
public sealed record ExpiringReport
{
    public required DateTimeOffset Time { get; init; }

    public required long Points { get; init; }

    public required long Held { get; init; }

    public required long Pending { get; init; }

    /// <summary>Neither held nor pending nor due.</summary>
    public required long Active { get; init; }

    /// <summary>In order of time; <c>never</c> last.</summary>
    public required IReadOnlyList<ExpiringMonth> Items { get; init; }
}

/// <summary>Adds the lots up that have points left.</summary>
/// <remarks>Cost: one row for each open lot of the tenant, found by the index of open lots, whatever else there is; on MySQL, which has no index of
/// part of a table, also one step in that index for each lot that is used up. Lots end at midnight, so the groups are days.</remarks>
public static class ExpiringPoints
{
    internal const string Sqlite = Select + " FROM lots l INDEXED BY lots_open" + Clock + Where + " AND l.remaining > 0" + Group;

    internal const string Postgres = Select + " FROM lots l" + Clock + Where + " AND l.remaining > 0" + Group;

    internal const string MySql = Select + " FROM lots l FORCE INDEX (lots_open)" + Clock + Where + " AND l.open_expires_at IS NOT NULL" + Group;

    private const string Select = """
        SELECT COALESCE(m.inactive_at, l.expires_at) AS ends_at, SUM(l.remaining), SUM(l.held), SUM(CASE WHEN l.active_at > @Now THEN l.remaining ELSE 0 END), COUNT(*)
        """;

    // Points that lapse by inactivity are told as if their members did nothing from now on.
    private const string Clock = " LEFT JOIN members m ON l.expires_at = 9223372036854775806 AND m.tenant_id = l.tenant_id AND m.id = l.member_id";

    private const string Where = " WHERE l.tenant_id = @Tenant";

    private const string Group = " GROUP BY COALESCE(m.inactive_at, l.expires_at)";

    private const string Due = "due";

    private const string Never = "never";

    /// <param name="now">What has ended by then is due.</param>
    public static async Task<ExpiringReport> ReadAsync(
        Database from, TenantId tenant, BusinessCalendar calendar, Instant now, CancellationToken cancellationToken)
    {
        await using var session = await from.OpenReaderAsync(Reach.Of(tenant), cancellationToken);
        using var timed = from.Times.Begin("finance.expiring");
        var command = new CommandDefinition(
            from.Choose(Sqlite, Postgres, MySql), new { Tenant = tenant.Value, Now = now.UnixMicroseconds }, cancellationToken: cancellationToken);
        var months = new Dictionary<string, ExpiringMonth>();
        await using var reader = (DbDataReader)await session.Connection.ExecuteReaderAsync(command);
        while (await reader.ReadAsync(cancellationToken))
        {
            var expiresAt = new Instant(reader.GetInt64(0));
            var month = expiresAt <= now ? Due : MonthOf(expiresAt, calendar);
            var sum = months.GetValueOrDefault(month) ?? new ExpiringMonth { Month = month, Points = 0, Held = 0, Pending = 0, Lots = 0 };
            months[month] = sum with
            {
                Points = sum.Points + SumOf(reader, 1),
                Held = sum.Held + SumOf(reader, 2),
                Pending = sum.Pending + SumOf(reader, 3),
                Lots = sum.Lots + SumOf(reader, 4),
            };
        }

        return ReportOf([.. months.Values], now);
    }

    private static ExpiringReport ReportOf(IReadOnlyList<ExpiringMonth> months, Instant now)
    {
        var due = months.Where(month => month.Month == Due).Sum(month => month.Points - month.Held);
        var (points, held, pending) = (months.Sum(month => month.Points), months.Sum(month => month.Held), months.Sum(month => month.Pending));
        return new ExpiringReport
        {
            Time = now.ToDateTimeOffset(),
            Points = points,
            Held = held,
            Pending = pending,
            Active = points - held - pending - due,
            Items = [.. months.OrderBy(month => month.Month switch { Due => 0, Never => 2, _ => 1 }).ThenBy(month => month.Month, StringComparer.Ordinal)],
        };
    }

    /// <summary>The month in which a lot lapses, or <c>never</c>. Its end is exclusive: one that ends at the first midnight of February was last
    /// usable in January.</summary>
    internal static string MonthOf(Instant expiresAt, BusinessCalendar calendar) => expiresAt.IsNever
        ? Never
        : FinanceCalendar.TextOfMonth(FinanceCalendar.MonthOf(FinanceCalendar.NumberOf(calendar, new Instant(expiresAt.UnixMicroseconds - 1))));

    private static long SumOf(DbDataReader row, int column) => Convert.ToInt64(row.GetValue(column), CultureInfo.InvariantCulture);
}
