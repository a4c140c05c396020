using System.Globalization;
using Dapper;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Openings;

namespace Laurel.Membership.Points;

/// <summary>The newest movements of several members, in one statement: a look at the index for each of them.</summary>
internal static class RecentRecords
{
    /// <summary>Members of one statement at the most.</summary>
    public const int MembersMax = 100;

    // Neither MariaDB nor SQLite know a join that looks at each row before it, so the same look is written down once for each member.
    private const string OfOne = """
        SELECT * FROM (
            SELECT {columns} FROM entries e
            WHERE e.tenant_id = @Tenant AND e.member_id = @Member{number} AND e.id >= {cut} AND e.unit <> 'balance'
            ORDER BY e.id DESC LIMIT @Limit
        ) of{number}
        """;

    /// <param name="members">At most <see cref="MembersMax"/>, none twice.</param>
    /// <returns>Of each member that has any, newest first.</returns>
    public static async Task<IReadOnlyDictionary<MemberId, IReadOnlyList<PointsRecord>>> ReadAsync(
        Database from, TenantId tenant, IReadOnlyList<MemberId> members, int limit, CancellationToken cancellationToken)
    {
        var arguments = new DynamicParameters();
        arguments.Add("Tenant", tenant.Value);
        arguments.Add("Limit", limit);
        var looks = new List<string>();
        for (var i = 0; i < members.Count; i++)
        {
            var number = i.ToString(CultureInfo.InvariantCulture);
            arguments.Add("Member" + number, members[i].Value);
            looks.Add(OfOne
                .Replace("{columns}", PointsQueries.RecordColumns, StringComparison.Ordinal)
                .Replace("{cut}", OpeningCut.InForce, StringComparison.Ordinal)
                .Replace("{number}", number, StringComparison.Ordinal));
        }

        await using var session = await from.OpenReaderAsync(Reach.Of(tenant), cancellationToken);
        using var timed = from.Times.Begin("points.recent");
        var rows = await session.Connection.QueryAsync<RecordRows.Record>(
            new CommandDefinition(string.Join("\nUNION ALL\n", looks), arguments, cancellationToken: cancellationToken));

        // What lots they took is told of a movement, not of a member's list.
        return rows.GroupBy(row => new MemberId(row.MemberId))
            .ToDictionary(group => group.Key, group => (IReadOnlyList<PointsRecord>)[.. group.OrderByDescending(row => row.Id).Select(row => row.ToRecord([]))]);
    }
}
