using Dapper;
using Laurel.Engine.Sql;
using Laurel.Kernel;

namespace Laurel.Membership.Members;

/// <summary>Reads into the cache, at the start, the members that were changed last: they are the likeliest to be asked for.</summary>
public sealed class MemberWarmUp(Database database, MemberCache members)
{
    /// <summary>Members warmed at the most that a setting may ask for.</summary>
    public const int MembersMax = 1_000_000;

    /// <summary>Entries looked at for each member: somebody active has several in a row.</summary>
    private const int EntriesPerMember = 4;

    private const int AtOnce = 64;

    private const string Newest = "SELECT member_id FROM entries WHERE tenant_id = @Tenant ORDER BY id DESC LIMIT @Limit";

    /// <returns>How many members were read.</returns>
    public async Task<int> RunAsync(TenantId tenant, int countMax, CancellationToken cancellationToken)
    {
        var ids = await NewestAsync(tenant, countMax, cancellationToken);
        await Parallel.ForEachAsync(
            ids,
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken },
            async (id, _) => await members.WarmAsync(tenant, id));
        return ids.Count;
    }

    private async Task<IReadOnlyList<MemberId>> NewestAsync(TenantId tenant, int countMax, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenReaderAsync(Reach.Of(tenant), cancellationToken);
        using var timed = database.Times.Begin("members.newest");
        var arguments = new { Tenant = tenant.Value, Limit = (long)countMax * EntriesPerMember };
        var ids = await session.Connection.QueryAsync<long>(new CommandDefinition(Newest, arguments, cancellationToken: cancellationToken));
        return [.. ids.Distinct().Take(countMax).Select(id => new MemberId(id))];
    }
}
