using Dapper;
using Laurel.Engine.Lanes;
using Laurel.Engine.Nodes;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Membership.Points;
using Laurel.Platform.Errors;

namespace Laurel.Membership.DataKeys;

/// <summary>Gives members new data keys where a tenant has asked for it, page by page, each member by a command of its own, beside callers who read and
/// write. Goes on where the last run ended; while nobody has asked it is one look.</summary>
public sealed class DataKeyRenewals(Database database, LaneSet lanes, MemberBooks books)
{
    private const int MembersOfPage = 256;

    private const string UnderWay = "SELECT tenant_id FROM data_key_renewals WHERE finished_at IS NULL ORDER BY tenant_id";

    private const string Find = """
        SELECT asked_at AS AskedAt, through AS Through, renewed AS Renewed, finished_at AS FinishedAt FROM data_key_renewals WHERE tenant_id = @Tenant AND id = 1
        """;

    private const string Page = """
        SELECT member_id FROM personal_data WHERE tenant_id = @Tenant AND member_id > @After ORDER BY member_id LIMIT @Limit
        """;

    private sealed class Row
    {
        public long AskedAt { get; init; }

        public long Through { get; init; }

        public long Renewed { get; init; }

        public long? FinishedAt { get; init; }
    }

    /// <param name="fence">Holds its commands back when this node has lost its lease; null asks for none.</param>
    /// <returns>Members who have new keys.</returns>
    public async Task<long> RunAsync(LeaseFence? fence, CancellationToken cancellationToken)
    {
        long renewed = 0;
        foreach (var tenant in await AskAsync<int>(Reach.Everything, UnderWay, null, cancellationToken))
        {
            renewed += await RunAsync(new TenantId(tenant), fence, cancellationToken);
        }

        return renewed;
    }

    /// <summary>How far the last renewal of a tenant is; null where none was asked for.</summary>
    public static async Task<DataKeyRenewal?> FindAsync(Database from, TenantId tenant, CancellationToken cancellationToken)
    {
        await using var session = await from.OpenReaderAsync(Reach.Of(tenant), cancellationToken);
        using var timed = from.Times.Begin("data_keys.renewal");
        var command = new CommandDefinition(Find, new { Tenant = tenant.Value }, cancellationToken: cancellationToken);
        return await session.Connection.QuerySingleOrDefaultAsync<Row>(command) is not { } row ? null : new DataKeyRenewal
        {
            Tenant = tenant,
            Id = 1,
            AskedAt = new Instant(row.AskedAt),
            Through = row.Through,
            Renewed = row.Renewed,
            FinishedAt = row.FinishedAt is { } at ? new Instant(at) : null,
        };
    }

    private async Task<long> RunAsync(TenantId tenant, LeaseFence? fence, CancellationToken cancellationToken)
    {
        for (long all = 0; ;)
        {
            if (await FindAsync(database, tenant, cancellationToken) is not { FinishedAt: null } renewal)
            {
                return all;
            }

            var arguments = new { Tenant = tenant.Value, After = renewal.Through, Limit = MembersOfPage };
            var page = await AskAsync<long>(Reach.Of(tenant), Page, arguments, cancellationToken);
            var (done, renewed) = (0, 0L);
            await lanes.SubmitManyAsync(
                page.Select(id => new RenewDataKey(tenant, new MemberId(id), isAsked: false, books) { Fence = fence }),
                Sweep.MembersInFlight,
                (_, outcome) =>
                {
                    switch (outcome)
                    {
                        case Outcome.Applied { Reply: DataKeyReceipt receipt }:
                            done++;
                            renewed += receipt.Renewed ? 1 : 0;
                            break;
                        case Outcome.Refused { Refusal.Code: ErrorCode.DataKeyUnreadable }:
                            done++;
                            break;
                    }
                },
                cancellationToken);
            all += renewed;
            if (done < page.Count)
            {
                // The lease is lost, or nothing can be written: the next run begins with this page, and who has a new key already is given another.
                return all;
            }

            var isLast = page.Count < MembersOfPage;
            var advance = new AdvanceDataKeyRenewal(tenant, renewal.Through, isLast ? renewal.Through : page[^1], renewed, isLast) { Fence = fence };
            if (await lanes.SubmitAsync(advance, cancellationToken) is not Outcome.Applied)
            {
                return all;
            }
        }
    }

    private async Task<List<T>> AskAsync<T>(Reach reach, string sql, object? arguments, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenReaderAsync(reach, cancellationToken);
        using var timed = database.Times.Begin("data_keys.members");
        return (await session.Connection.QueryAsync<T>(new CommandDefinition(sql, arguments, cancellationToken: cancellationToken))).AsList();
    }
}
