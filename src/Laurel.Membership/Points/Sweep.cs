using Dapper;
using Laurel.Engine.Lanes;
using Laurel.Engine.Nodes;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Members;

namespace Laurel.Membership.Points;

/// <summary>Finds members with something due and settles each by a command, as any other write would.</summary>
public sealed class Sweep(Database database, LaneSet lanes, MemberBooks books, TimeProvider clock)
{
    /// <summary>Members of one look at what is due.</summary>
    public const int MembersOfPage = 2_048;

    /// <summary>Commands that wait or are carried out at once: a full batch behind the one that is carried out, and no more, which leaves half of
    /// the queue to callers.</summary>
    public const int MembersInFlight = 512;

    /// <summary>Holds its commands back when this node has lost its lease; null asks for none, as where one process writes.</summary>
    public LeaseFence? Fence { get; init; }

    private const string FindDue = """
        SELECT tenant_id AS Tenant, id AS Id FROM members
        WHERE next_change_at <= @Now AND next_change_at < 9223372036854775807
        ORDER BY next_change_at LIMIT @Limit
        """;

    private const string FindLevelsDue = """
        SELECT tenant_id AS Tenant, id AS Id FROM members WHERE level_due_at <= @Now ORDER BY level_due_at LIMIT @Limit
        """;

    private sealed class Due
    {
        public int Tenant { get; init; }

        public long Id { get; init; }
    }

    /// <summary>Runs until nothing is due.</summary>
    /// <param name="progress">Told the number of members settled so far; null tells nobody.</param>
    /// <returns>Members settled.</returns>
    /// <exception cref="ReadUnavailableException">When a page settled none of its members: the database refuses.</exception>
    public async Task<long> RunAsync(IProgress<long>? progress, CancellationToken cancellationToken)
    {
        long settled = 0;
        while (true)
        {
            var due = await FindAsync(cancellationToken);
            if (due.Count == 0)
            {
                return settled;
            }

            var applied = await lanes.SubmitManyAsync(
                due.Select(member => new SettleMember(new TenantId(member.Tenant), new MemberId(member.Id), books) { Fence = Fence }), MembersInFlight, cancellationToken);
            if (applied == 0)
            {
                throw new ReadUnavailableException("Nothing that is due could be settled.", null);
            }

            settled += applied;
            progress?.Report(settled);
        }
    }

    private async Task<IReadOnlyList<Due>> FindAsync(CancellationToken cancellationToken)
    {
        await using var session = await database.OpenReaderAsync(Reach.Everything, cancellationToken);
        using var timed = database.Times.Begin("points.due");
        var arguments = new { Now = Instant.Now(clock).UnixMicroseconds, Limit = MembersOfPage };
        var points = (await session.Connection.QueryAsync<Due>(new CommandDefinition(FindDue, arguments, cancellationToken: cancellationToken))).ToList();
        var levels = points.Count < MembersOfPage
            ? await session.Connection.QueryAsync<Due>(new CommandDefinition(FindLevelsDue, arguments, cancellationToken: cancellationToken))
            : [];
        return [.. points.Concat(levels).DistinctBy(due => due.Id)];
    }
}
