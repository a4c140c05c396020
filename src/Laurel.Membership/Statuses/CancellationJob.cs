using Dapper;
using Laurel.Engine.Lanes;
using Laurel.Engine.Nodes;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Membership.Points;

namespace Laurel.Membership.Statuses;

/// <summary>Carries out what has cooled off: each member by a command of its own, and before it those who went into it.</summary>
/// <remarks>A member that something keeps from leaving is looked at again the next time. Done twice it does nothing the second time.</remarks>
public sealed class CancellationJob(Database database, LaneSet lanes, MemberBooks books, TimeProvider clock)
{
    private const int MembersOfPage = 512;

    private const string Due = """
        SELECT id FROM members WHERE tenant_id = @Tenant AND cancel_due_at <= @Now AND cancel_asked_by IS NULL AND id > @After
        ORDER BY id LIMIT @Limit
        """;

    private const string MergedInto = """
        SELECT g.source_id FROM member_merges g
        JOIN members m ON m.tenant_id = g.tenant_id AND m.id = g.source_id AND m.merged_into = @Survivor AND m.erased_at IS NULL
        WHERE g.tenant_id = @Tenant AND g.survivor_id = @Survivor AND g.undone_at IS NULL
        """;

    /// <param name="fence">Holds its commands back when this node has lost its lease; null asks for none.</param>
    /// <returns>Members who have left.</returns>
    public async Task<int> RunAsync(TenantId tenant, LeaseFence? fence, CancellationToken cancellationToken)
    {
        var left = 0;
        var now = Instant.Now(clock).UnixMicroseconds;
        for (long after = 0; ;)
        {
            var page = await AskAsync(tenant, Due, new { Tenant = tenant.Value, Now = now, After = after, Limit = MembersOfPage }, cancellationToken);
            foreach (var member in page)
            {
                await EraseMergedAsync(tenant, member, fence, cancellationToken);
            }

            left += await lanes.SubmitManyAsync(
                page.Select(id => new CarryOutCancellation(tenant, new MemberId(id), books) { Fence = fence }), Sweep.MembersInFlight, cancellationToken);
            if (page.Count < MembersOfPage)
            {
                return left;
            }

            after = page[^1];
        }
    }

    private async Task EraseMergedAsync(TenantId tenant, long survivor, LeaseFence? fence, CancellationToken cancellationToken)
    {
        foreach (var source in await AskAsync(tenant, MergedInto, new { Tenant = tenant.Value, Survivor = survivor }, cancellationToken))
        {
            await EraseMergedAsync(tenant, source, fence, cancellationToken);
            await lanes.SubmitAsync(new EraseMerged(tenant, new MemberId(source), books) { Fence = fence }, cancellationToken);
        }
    }

    private async Task<List<long>> AskAsync(TenantId tenant, string sql, object arguments, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenReaderAsync(Reach.Of(tenant), cancellationToken);
        using var timed = database.Times.Begin("members.cancellations");
        return (await session.Connection.QueryAsync<long>(new CommandDefinition(sql, arguments, cancellationToken: cancellationToken))).AsList();
    }
}
