using Dapper;
using Laurel.Engine.Sql;
using Laurel.Kernel;

namespace Laurel.Membership.Levels;

/// <summary>Finds who holds a level. The level held of the main ladder has an index; own levels under cards and levels of tracks stand in a text
/// of the member's row, so members are walked through for them: only where one of these is removed.</summary>
public static class LevelHolders
{
    /// <summary>Members of one look.</summary>
    internal const int MembersOfPage = 2_048;

    private const string Find = "SELECT id FROM members WHERE tenant_id = @Tenant AND level_code = @Level LIMIT @Limit";

    private const string Count = "SELECT COUNT(*) FROM members WHERE tenant_id = @Tenant AND level_code = @Level";

    private const string FindOwners = """
        SELECT DISTINCT m.id AS Id, m.level_state AS State FROM memberships s JOIN members m ON m.tenant_id = s.tenant_id AND m.id = s.member_id
        WHERE s.tenant_id = @Tenant AND s.member_id > @After AND m.level_state LIKE '%"own"%' ORDER BY m.id LIMIT @Limit
        """;

    private const string FindInTracks = """
        SELECT id AS Id, level_state AS State FROM members
        WHERE tenant_id = @Tenant AND id > @After AND level_state LIKE '%"tracks"%' ORDER BY id LIMIT @Limit
        """;

    private sealed class StateRow
    {
        public long Id { get; init; }

        public required string State { get; init; }
    }

    /// <summary>How many members hold a level; and how many would but for a card, where the programme has cards.</summary>
    public static async Task<long> CountAsync(Database database, TenantId tenant, LevelPlace place, bool hasCards, CancellationToken cancellationToken)
    {
        if (place.Track is not null)
        {
            return (await InTrackAsync(database, tenant, place, cancellationToken)).Count;
        }

        await using var session = await database.OpenReaderAsync(Reach.Of(tenant), cancellationToken);
        using var timed = database.Times.Begin("levels.holders");
        var arguments = new { Tenant = tenant.Value, Level = place.Code };
        var held = await session.Connection.ExecuteScalarAsync<long>(new CommandDefinition(Count, arguments, cancellationToken: cancellationToken));
        return held + (hasCards ? (await OwnersAsync(database, tenant, place.Code, cancellationToken)).Count : 0);
    }

    /// <summary>Some members who hold a level of the main ladder: a page of them.</summary>
    internal static async Task<IReadOnlyList<MemberId>> SomeAsync(Database database, TenantId tenant, string level, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenReaderAsync(Reach.Of(tenant), cancellationToken);
        using var timed = database.Times.Begin("levels.members");
        var arguments = new { Tenant = tenant.Value, Level = level, Limit = MembersOfPage };
        var ids = await session.Connection.QueryAsync<long>(new CommandDefinition(Find, arguments, cancellationToken: cancellationToken));
        return [.. ids.Select(id => new MemberId(id))];
    }

    /// <summary>Members whose own level it is, while they hold a higher one by a card.</summary>
    internal static Task<IReadOnlyList<MemberId>> OwnersAsync(Database database, TenantId tenant, string level, CancellationToken cancellationToken) =>
        WalkAsync(database, "levels.owners", FindOwners, tenant, state => state.Own?.Code == level, cancellationToken);

    /// <summary>Members who hold a level of a track. Of its lowest level only those of whom something else is known of the track.</summary>
    internal static Task<IReadOnlyList<MemberId>> InTrackAsync(Database database, TenantId tenant, LevelPlace place, CancellationToken cancellationToken) =>
        WalkAsync(database, "levels.tracks", FindInTracks, tenant, state => state.InTrack(place.Track!)?.Level == place.Code, cancellationToken);

    private static async Task<IReadOnlyList<MemberId>> WalkAsync(
        Database database, string name, string query, TenantId tenant, Func<LevelState, bool> takes, CancellationToken cancellationToken)
    {
        var found = new List<MemberId>();
        for (long after = 0; ;)
        {
            await using var session = await database.OpenReaderAsync(Reach.Of(tenant), cancellationToken);
            using var timed = database.Times.Begin(name);
            var arguments = new { Tenant = tenant.Value, After = after, Limit = MembersOfPage };
            var page = (await session.Connection.QueryAsync<StateRow>(new CommandDefinition(query, arguments, cancellationToken: cancellationToken))).AsList();
            found.AddRange(page.Where(row => takes(LevelState.Parse(row.State))).Select(row => new MemberId(row.Id)));
            if (page.Count < MembersOfPage)
            {
                return found;
            }

            after = page[^1].Id;
        }
    }
}
