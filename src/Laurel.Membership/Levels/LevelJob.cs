using System.Collections.Concurrent;
using Dapper;
using Laurel.Engine.Lanes;
using Laurel.Engine.Nodes;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Membership.Points;
using Laurel.Membership.Programmes;

namespace Laurel.Membership.Levels;

/// <summary>Moves members out of levels that are being removed, and then removes these; and notes for members of a programme that has got
/// periods when their level is judged next. Each member by a command, as any other write would.</summary>
public sealed class LevelJob(Database database, LaneSet lanes, MemberBooks books, TimeProvider clock)
{
    /// <summary>Members of one look.</summary>
    public const int MembersOfPage = 2_048;

    private const string FindHolders = "SELECT id FROM members WHERE tenant_id = @Tenant AND level_code = @Level LIMIT @Limit";

    // Whoever holds a card is scheduled for its end, be the own level scheduled or not.
    private const string FindUnscheduled = """
        SELECT id FROM members
        WHERE tenant_id = @Tenant AND id > @After AND (level_due_at IS NULL AND level_code <> @Safe OR level_state LIKE '%"cards"%')
        ORDER BY id LIMIT @Limit
        """;

    private const string CountHolders = "SELECT COUNT(*) FROM members WHERE tenant_id = @Tenant AND level_code = @Level";

    // Own levels stand in a text, so whoever has or had a card is looked at: only while a level is removed from a programme with cards.
    private const string FindOwners = """
        SELECT DISTINCT m.id AS Id, m.level_state AS State FROM memberships s JOIN members m ON m.tenant_id = s.tenant_id AND m.id = s.member_id
        WHERE s.tenant_id = @Tenant AND s.member_id > @After AND m.level_state LIKE '%"own"%' ORDER BY m.id LIMIT @Limit
        """;

    private sealed class OwnerRow
    {
        public long Id { get; init; }

        public required string State { get; init; }
    }

    // The version by which members were scheduled. A new process looks once more, which changes nothing where nothing is missing.
    private readonly ConcurrentDictionary<TenantId, int> _scheduled = [];

    private readonly ProgrammeStore _programmes = new(database, books.Programmes, clock);

    /// <summary>How many members hold a level, by its index; and how many would but for a card, where the programme has cards.</summary>
    public static async Task<long> CountAsync(Database database, TenantId tenant, string level, bool withOwners, CancellationToken cancellationToken) =>
        await CountAsync(database, tenant, level, cancellationToken)
        + (withOwners ? (await OwnersAsync(database, tenant, level, cancellationToken)).Count : 0);

    private static async Task<long> CountAsync(Database database, TenantId tenant, string level, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenReaderAsync(cancellationToken);
        using var timed = database.Times.Begin("levels.holders");
        var arguments = new { Tenant = tenant.Value, Level = level };
        return await session.Connection.ExecuteScalarAsync<long>(new CommandDefinition(CountHolders, arguments, cancellationToken: cancellationToken));
    }

    /// <summary>Runs until there is nothing to move and nobody to schedule.</summary>
    /// <param name="fence">Holds its commands back when this node has lost its lease; null asks for none, as where one process writes.</param>
    /// <returns>Members moved or scheduled.</returns>
    /// <exception cref="ReadUnavailableException">When a page moved none of its members: the database refuses.</exception>
    public async Task<long> RunAsync(TenantId tenant, LeaseFence? fence, CancellationToken cancellationToken)
    {
        var programme = await _programmes.ReadAsync(tenant, cancellationToken);
        long done = 0;
        foreach (var level in programme.Levels.Where(level => level.MoveTo is not null))
        {
            done += await MoveAsync(tenant, level.Code, !programme.Cards.IsEmpty, fence, cancellationToken);
        }

        if (programme.LevelRules.Resolved().Period is not null && _scheduled.GetValueOrDefault(tenant) != programme.Version)
        {
            done += await ScheduleAsync(tenant, programme, fence, cancellationToken);
            _scheduled[tenant] = programme.Version;
        }

        return done;
    }

    private async Task<long> MoveAsync(TenantId tenant, string level, bool hasCards, LeaseFence? fence, CancellationToken cancellationToken)
    {
        long moved = 0;
        while (true)
        {
            var page = await FindAsync(FindHolders, new { Tenant = tenant.Value, Level = level, Limit = MembersOfPage }, cancellationToken);
            if (page.Count == 0)
            {
                break;
            }

            moved += await SubmitAsync(page.Select(id => new MoveLevel(tenant, new MemberId(id), level, books) { Fence = fence }), cancellationToken);
        }

        var owners = hasCards ? await OwnersAsync(database, tenant, level, cancellationToken) : [];
        if (owners.Count > 0)
        {
            moved += await SubmitAsync(owners.Select(id => new MoveLevel(tenant, id, level, books) { Fence = fence }), cancellationToken);
        }

        // Whoever was on the way into it when it was closed is found by the next run; only a run that found nobody removes it.
        if (moved == 0)
        {
            var removal = new ChangeProgramme(tenant, programme => LevelEdits.Removed(programme, level), books.Programmes)
            {
                ChangedBy = "levels",
                Reason = $"level {level} has no members any more",
            };
            await lanes.SubmitAsync(removal, cancellationToken);
            await _programmes.ReadAsync(tenant, cancellationToken);
        }

        return moved;
    }

    private async Task<long> ScheduleAsync(TenantId tenant, Programme programme, LeaseFence? fence, CancellationToken cancellationToken)
    {
        // Nobody falls from the lowest level; but members of it may be waiting to rise.
        var safe = programme.LevelRules.Upgrade == LevelUpgrade.NextPeriod ? "" : programme.Levels[0].Code;
        long scheduled = 0;
        long after = 0;
        while (true)
        {
            var page = await FindAsync(FindUnscheduled, new { Tenant = tenant.Value, After = after, Safe = safe, Limit = MembersOfPage }, cancellationToken);
            if (page.Count == 0)
            {
                return scheduled;
            }

            after = page[^1];
            scheduled += await SubmitAsync(page.Select(id => new SettleMember(tenant, new MemberId(id), books) { Fence = fence }), cancellationToken);
        }
    }

    private async Task<int> SubmitAsync(IEnumerable<Command> commands, CancellationToken cancellationToken)
    {
        var applied = await lanes.SubmitManyAsync(commands, Sweep.MembersInFlight, cancellationToken);
        return applied > 0 ? applied : throw new ReadUnavailableException("No level of a whole page of members could be written.", null);
    }

    /// <summary>Members whose own level it is, while they hold a higher one by a card.</summary>
    private static async Task<IReadOnlyList<MemberId>> OwnersAsync(Database database, TenantId tenant, string level, CancellationToken cancellationToken)
    {
        var found = new List<MemberId>();
        for (long after = 0; ;)
        {
            await using var session = await database.OpenReaderAsync(cancellationToken);
            using var timed = database.Times.Begin("levels.owners");
            var arguments = new { Tenant = tenant.Value, After = after, Limit = MembersOfPage };
            var page = (await session.Connection.QueryAsync<OwnerRow>(new CommandDefinition(FindOwners, arguments, cancellationToken: cancellationToken))).AsList();
            found.AddRange(page.Where(row => LevelState.Parse(row.State).Own?.Code == level).Select(row => new MemberId(row.Id)));
            if (page.Count < MembersOfPage)
            {
                return found;
            }

            after = page[^1].Id;
        }
    }

    private async Task<IReadOnlyList<long>> FindAsync(string query, object arguments, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenReaderAsync(cancellationToken);
        using var timed = database.Times.Begin("levels.members");
        return [.. await session.Connection.QueryAsync<long>(new CommandDefinition(query, arguments, cancellationToken: cancellationToken))];
    }
}
