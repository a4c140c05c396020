using Dapper;
using Laurel.Engine.Lanes;
using Laurel.Engine.Nodes;
using Laurel.Engine.Sql;
using Laurel.Kernel;

namespace Laurel.Membership.Openings;

/// <summary>Removes opening rows of cuts that are not in force: of an earlier one, or of one that was given up.</summary>
internal sealed class OpeningClearing(Database database, LaneSet lanes, ClusterLease lease)
{
    private const int MembersOfPiece = 128;

    private const string ReadCuts = $"SELECT cut_id FROM opening_cuts WHERE cut_id <> {OpeningCut.InForce}";

    private const string ReadMembers = """
        SELECT tenant_id AS Tenant, member_id AS Member, cut_id AS Cut FROM opening_members
        WHERE member_id > @After AND cut_id = @Cut ORDER BY member_id LIMIT @Limit
        """;

    private sealed class MemberRow
    {
        public int Tenant { get; init; }

        public long Member { get; init; }

        public long Cut { get; init; }
    }

    /// <summary>Removes them a piece at a time, so that callers do not feel it.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<long> cuts;
        await using (var session = await database.OpenReaderAsync(Reach.Nothing, cancellationToken))
        {
            cuts = [.. await session.Connection.QueryAsync<long>(new CommandDefinition(ReadCuts, cancellationToken: cancellationToken))];
        }

        foreach (var cut in cuts)
        {
            var after = long.MinValue;
            while (await ReadAsync(cut, after, cancellationToken) is { Count: > 0 } members)
            {
                after = members[^1].Member;
                var keys = members.ConvertAll(row => new OpeningStatements.MemberKey(row.Tenant, row.Member, row.Cut, lease.Name, lease.Token));
                var piece = new LaneWrite("openings", Reach.Of(members.Select(row => new TenantId(row.Tenant))));
                foreach (var delete in OpeningStatements.DeleteMember)
                {
                    piece.Add(delete, keys);
                }

                await OpeningLanes.WriteAsync(lanes, lease, piece, cancellationToken);
            }

            var last = new LaneWrite("openings", Reach.Nothing).Add(OpeningStatements.DeleteCut, new OpeningStatements.CutKey(cut, lease.Name, lease.Token));
            await OpeningLanes.WriteAsync(lanes, lease, last, cancellationToken);
        }
    }

    private async Task<List<MemberRow>> ReadAsync(long cut, long after, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenReaderAsync(Reach.Everything, cancellationToken);
        using var timed = database.Times.Begin("openings.clear");
        var arguments = new { Cut = cut, After = after, Limit = MembersOfPiece };
        return (await session.Connection.QueryAsync<MemberRow>(new CommandDefinition(ReadMembers, arguments, cancellationToken: cancellationToken))).AsList();
    }
}
