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
    // Whoever holds a card is scheduled for its end, be the own level scheduled or not; and who stands in a track may be scheduled for another.
    private const string FindUnscheduled = """
        SELECT id AS Id, level_code AS Level, level_since AS Since, registered_at AS RegisteredAt, level_state AS State, level_due_at AS DueAt FROM members
        WHERE tenant_id = @Tenant AND id > @After AND COALESCE(merged_into, 0) = 0
            AND (level_due_at IS NULL AND level_code <> @Safe OR level_state LIKE '%"cards"%' OR level_state LIKE '%"tracks"%' OR @Everybody = 1)
        ORDER BY id LIMIT @Limit
        """;

    private sealed class MemberRow
    {
        public long Id { get; init; }

        public required string Level { get; init; }

        public long Since { get; init; }

        public long RegisteredAt { get; init; }

        public string? State { get; init; }

        public long? DueAt { get; init; }

        /// <summary>Whether a level of the member is judged sooner than is noted.</summary>
        public bool IsDueSooner(ActiveProgramme programme, Instant now)
        {
            var state = LevelState.Parse(State);
            foreach (var ladder in programme.Ladders)
            {
                var figures = LevelFigures.Of(ladder, state, Level, new Instant(Since), new Instant(RegisteredAt));
                if (ladder.NextDue(figures, now) is { } due && due.UnixMicroseconds < (DueAt ?? long.MaxValue))
                {
                    return true;
                }
            }

            return false;
        }
    }

    // The version by which members were scheduled. A new process looks once more, which changes nothing where nothing is missing.
    private readonly ConcurrentDictionary<TenantId, int> _scheduled = [];

    private readonly ProgrammeStore _programmes = new(database, books.Programmes, clock);

    /// <summary>Runs until there is nothing to move and nobody to schedule.</summary>
    /// <param name="fence">Holds its commands back when this node has lost its lease; null asks for none, as where one process writes.</param>
    /// <returns>Members moved or scheduled.</returns>
    /// <exception cref="ReadUnavailableException">When a page moved none of its members: the database refuses.</exception>
    public async Task<long> RunAsync(TenantId tenant, LeaseFence? fence, CancellationToken cancellationToken)
    {
        var programme = await _programmes.ReadAsync(tenant, cancellationToken);
        long done = 0;
        foreach (var place in Closed(programme))
        {
            done += await MoveAsync(tenant, place, !programme.Cards.IsEmpty, fence, cancellationToken);
        }

        if (RulesOf(programme).Any(rules => rules.Period is not null) && _scheduled.GetValueOrDefault(tenant) != programme.Version)
        {
            done += await ScheduleAsync(tenant, programme, fence, cancellationToken);
            _scheduled[tenant] = programme.Version;
        }

        return done;
    }

    private static List<LevelPlace> Closed(Programme programme) =>
    [
        .. programme.Levels.Where(level => level.MoveTo is not null).Select(level => new LevelPlace(null, level.Code)),
        .. from track in programme.Tracks from level in track.Levels where level.MoveTo is not null select new LevelPlace(track.Code, level.Code),
    ];

    private static IEnumerable<LevelRules> RulesOf(Programme programme) =>
        programme.Tracks.Select(track => track.LevelRules).Prepend(programme.LevelRules).Select(rules => rules.Resolved());

    private async Task<long> MoveAsync(TenantId tenant, LevelPlace place, bool hasCards, LeaseFence? fence, CancellationToken cancellationToken)
    {
        var moved = place.Track is null
            ? await MoveHoldersAsync(tenant, place, hasCards, fence, cancellationToken)
            : await MoveAsync(tenant, place, await LevelHolders.InTrackAsync(database, tenant, place, cancellationToken), fence, cancellationToken);

        // Whoever was on the way into it when it was closed is found by the next run; only a run that found nobody removes it.
        if (moved == 0)
        {
            var removal = new ChangeProgramme(tenant, programme => LevelEdits.Removed(programme, place.Track, place.Code), books.Programmes)
            {
                ChangedBy = "levels",
                Reason = $"level {place.Code} has no members any more",
            };
            await lanes.SubmitAsync(removal, cancellationToken);
            await _programmes.ReadAsync(tenant, cancellationToken);
        }

        return moved;
    }

    private async Task<long> MoveHoldersAsync(TenantId tenant, LevelPlace place, bool hasCards, LeaseFence? fence, CancellationToken cancellationToken)
    {
        long moved = 0;
        while (await LevelHolders.SomeAsync(database, tenant, place.Code, cancellationToken) is { Count: > 0 } page)
        {
            moved += await MoveAsync(tenant, place, page, fence, cancellationToken);
        }

        var owners = hasCards ? await LevelHolders.OwnersAsync(database, tenant, place.Code, cancellationToken) : [];
        return moved + await MoveAsync(tenant, place, owners, fence, cancellationToken);
    }

    private async Task<long> MoveAsync(TenantId tenant, LevelPlace place, IReadOnlyList<MemberId> members, LeaseFence? fence, CancellationToken cancellationToken) =>
        members.Count == 0
            ? 0
            : await SubmitAsync(members.Select(id => new MoveLevel(tenant, id, place.Code, books) { Track = place.Track, Fence = fence }), cancellationToken);

    private async Task<long> ScheduleAsync(TenantId tenant, Programme programme, LeaseFence? fence, CancellationToken cancellationToken)
    {
        // Nobody falls from the lowest level; but members of it may be waiting to rise.
        var safe = programme.LevelRules.Upgrade == LevelUpgrade.NextPeriod ? "" : programme.Levels[0].Code;
        var everybody = programme.Tracks.Any(track => track.LevelRules.Upgrade == LevelUpgrade.NextPeriod) ? 1 : 0;
        var active = new ActiveProgramme(programme);
        long scheduled = 0;
        long after = 0;
        while (true)
        {
            var arguments = new { Tenant = tenant.Value, After = after, Safe = safe, Everybody = everybody, Limit = LevelHolders.MembersOfPage };
            var page = await FindAsync(tenant, arguments, cancellationToken);
            if (page.Count == 0)
            {
                return scheduled;
            }

            after = page[^1].Id;
            var sooner = page.Where(row => row.IsDueSooner(active, Instant.Now(clock))).Select(row => new MemberId(row.Id)).ToList();
            scheduled += sooner.Count == 0
                ? 0
                : await SubmitAsync(sooner.Select(id => new SettleMember(tenant, id, books) { Fence = fence }), cancellationToken);
        }
    }

    private async Task<int> SubmitAsync(IEnumerable<Command> commands, CancellationToken cancellationToken)
    {
        var applied = await lanes.SubmitManyAsync(commands, Sweep.MembersInFlight, cancellationToken);
        return applied > 0 ? applied : throw new ReadUnavailableException("No level of a whole page of members could be written.", null);
    }

    private async Task<IReadOnlyList<MemberRow>> FindAsync(TenantId tenant, object arguments, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenReaderAsync(Reach.Of(tenant), cancellationToken);
        using var timed = database.Times.Begin("levels.members");
        return [.. await session.Connection.QueryAsync<MemberRow>(new CommandDefinition(FindUnscheduled, arguments, cancellationToken: cancellationToken))];
    }
}
