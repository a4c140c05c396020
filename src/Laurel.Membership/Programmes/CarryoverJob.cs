using System.Collections.Concurrent;
using Dapper;
using Laurel.Engine.Lanes;
using Laurel.Engine.Nodes;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Membership.Points;

namespace Laurel.Membership.Programmes;

/// <summary>Once the date of the programme's carryover has come: carries it out for each member, by a command of its own, as any other write would.</summary>
/// <remarks>A programme without one costs nothing but a look at the programme. That a member was carried stands in its row, so the job may be killed, run
/// twice and on two nodes.</remarks>
public sealed class CarryoverJob(Database database, LaneSet lanes, MemberBooks books, TimeProvider clock)
{
    /// <summary>Members of one look.</summary>
    public const int MembersOfPage = 2_048;

    private const string FindMembers = """
        SELECT id FROM members
        WHERE tenant_id = @Tenant AND id > @After AND registered_at < @At AND (carried_at IS NULL OR carried_at < @At)
        ORDER BY id LIMIT @Limit
        """;

    // What this process has carried to the end. A new process looks once more, and finds nobody.
    private readonly ConcurrentDictionary<TenantId, Instant> _done = [];

    private readonly ProgrammeStore _programmes = new(database, books.Programmes, clock);

    /// <summary>Runs until everybody was carried.</summary>
    /// <param name="fence">Holds its commands back when this node has lost its lease; null asks for none, as where one process writes.</param>
    /// <returns>Members carried.</returns>
    /// <exception cref="ReadUnavailableException">When a page carried none of its members: the database refuses.</exception>
    public async Task<long> RunAsync(TenantId tenant, LeaseFence? fence, CancellationToken cancellationToken)
    {
        var programme = await _programmes.ReadAsync(tenant, cancellationToken);
        if (programme.Carryover is not { Carries: true } carryover || carryover.At > Instant.Now(clock) || (_done.TryGetValue(tenant, out var done) && done == carryover.At))
        {
            return 0;
        }

        long carried = 0;
        for (long after = 0; ;)
        {
            var page = await FindAsync(tenant, carryover.At, after, cancellationToken);
            if (page.Count == 0 && after == 0)
            {
                _done[tenant] = carryover.At;
                return carried;
            }

            if (page.Count == 0)
            {
                // Who was busy is still there.
                after = 0;
                continue;
            }

            after = page[^1];
            var applied = await lanes.SubmitManyAsync(
                page.Select(id => new CarryMember(tenant, new MemberId(id), books) { Fence = fence }), Sweep.MembersInFlight, cancellationToken);
            carried += applied > 0 ? applied : throw new ReadUnavailableException("Nothing of a whole page of members could be carried over.", null);
        }
    }

    private async Task<IReadOnlyList<long>> FindAsync(TenantId tenant, Instant at, long after, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenReaderAsync(Reach.Of(tenant), cancellationToken);
        using var timed = database.Times.Begin("programme.carryover");
        var arguments = new { Tenant = tenant.Value, After = after, At = at.UnixMicroseconds, Limit = MembersOfPage };
        return [.. await session.Connection.QueryAsync<long>(new CommandDefinition(FindMembers, arguments, cancellationToken: cancellationToken))];
    }
}
