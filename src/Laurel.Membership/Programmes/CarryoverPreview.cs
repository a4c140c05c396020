using System.Data.Common;
using Dapper;
using Laurel.Engine.Sql;
using Laurel.Kernel;

namespace Laurel.Membership.Programmes;

/// <summary>What the carryover of a programme would do to what members have now.</summary>
public sealed record CarryoverPreview
{
    /// <summary>Members who are enrolled now: of so many the level is judged anew, where it is.</summary>
    public required long Members { get; init; }

    /// <summary>Members of whom a lot would get another end.</summary>
    public required long MembersWithLots { get; init; }

    /// <summary>Lots that would get another end.</summary>
    public required long Lots { get; init; }

    /// <summary>Points that are left in these.</summary>
    public required long Points { get; init; }

    /// <summary>Points of these that would lapse sooner. Those that lapse by inactivity count as later than any date and sooner than never.</summary>
    public required long PointsSooner { get; init; }

    /// <summary>Points of these that would lapse later.</summary>
    public required long PointsLater { get; init; }

    private const string CountMembers = "SELECT COUNT(*) FROM members WHERE tenant_id = @Tenant AND status <> 'merged'";

    private const string ReadLots = "SELECT l.member_id, l.active_at, l.expires_at, l.remaining FROM lots l";

    private const string Sqlite = ReadLots + " INDEXED BY lots_open WHERE l.tenant_id = @Tenant AND l.remaining > 0 ORDER BY l.member_id";

    private const string Postgres = ReadLots + " WHERE l.tenant_id = @Tenant AND l.remaining > 0 ORDER BY l.member_id";

    private const string MySql = ReadLots + " FORCE INDEX (lots_open) WHERE l.tenant_id = @Tenant AND l.open_expires_at IS NOT NULL ORDER BY l.member_id";

    /// <summary>Looks at every open lot of the tenant, as they stand now. Nothing is changed.</summary>
    /// <param name="programme">The one that has the carryover.</param>
    public static async Task<CarryoverPreview> ReadAsync(Database from, TenantId tenant, ActiveProgramme programme, Instant now, CancellationToken cancellationToken)
    {
        await using var session = await from.OpenReaderAsync(Reach.Of(tenant), cancellationToken);
        using var timed = from.Times.Begin("programme.carryover_preview");
        var arguments = new { Tenant = tenant.Value };
        var members = await session.Connection.ExecuteScalarAsync<long>(new CommandDefinition(CountMembers, arguments, cancellationToken: cancellationToken));
        var found = new CarryoverPreview { Members = members, MembersWithLots = 0, Lots = 0, Points = 0, PointsSooner = 0, PointsLater = 0 };
        if (programme.Programme.Carryover is not { } carryover)
        {
            return found;
        }

        var command = new CommandDefinition(from.Choose(Sqlite, Postgres, MySql), arguments, cancellationToken: cancellationToken);
        await using var reader = (DbDataReader)await session.Connection.ExecuteReaderAsync(command);
        long last = 0;
        while (await reader.ReadAsync(cancellationToken))
        {
            var (member, activeAt, expiresAt, points) = (reader.GetInt64(0), new Instant(reader.GetInt64(1)), new Instant(reader.GetInt64(2)), reader.GetInt64(3));
            if (expiresAt <= now || activeAt > now || carryover.EndOf(programme, activeAt, expiresAt) is not { } end)
            {
                continue;
            }

            found = found with
            {
                MembersWithLots = found.MembersWithLots + (member == last ? 0 : 1),
                Lots = found.Lots + 1,
                Points = checked(found.Points + points),
                PointsSooner = checked(found.PointsSooner + (end < expiresAt ? points : 0)),
                PointsLater = checked(found.PointsLater + (end > expiresAt ? points : 0)),
            };
            last = member;
        }

        return found;
    }
}
