using Dapper;
using Laurel.Engine.Lanes;
using Laurel.Engine.Sql;
using Laurel.Kernel;

namespace Laurel.Identity.Users;

/// <summary>Deletes users whose member has left and was erased: with their names, so that the same person may register anew, and their sessions.</summary>
public sealed class UserErasure(Database database, LaneSet lanes)
{
    /// <summary>Users of one write: few enough that callers do not feel it.</summary>
    private const int UsersOfPiece = 128;

    private const string Erased = """
        SELECT u.id FROM members m JOIN users u ON u.tenant_id = m.tenant_id AND u.id = m.id AND u.is_member = 1
        WHERE m.tenant_id = @Tenant AND m.erased_at IS NOT NULL ORDER BY u.id LIMIT @Limit
        """;

    private sealed record UserKey(int Tenant, long User);

    private static readonly SetStatement<UserKey> s_names = Of("sign_in_names", "user_id");

    private static readonly SetStatement<UserKey> s_sessions = Of("sessions", "user_id");

    private static readonly SetStatement<UserKey> s_users = Of("users", "id");

    /// <returns>Users deleted.</returns>
    /// <exception cref="ReadUnavailableException">When a piece could not be written; the next run goes on.</exception>
    public async Task<int> RunAsync(TenantId tenant, CancellationToken cancellationToken)
    {
        for (var deleted = 0; ;)
        {
            var found = await FindAsync(tenant, cancellationToken);
            if (found.Count == 0)
            {
                return deleted;
            }

            var write = new LaneWrite("users.erased", Reach.Of(tenant)) { AuditedAs = "EraseUsers" }.Add(s_names, found).Add(s_sessions, found).Add(s_users, found);
            if (await lanes.SubmitAsync(write, cancellationToken) is Outcome.Failed failed)
            {
                throw new ReadUnavailableException($"Users who have left could not be deleted: {failed.Refusal.Code}.", null);
            }

            deleted += found.Count;
        }
    }

    private async Task<IReadOnlyList<UserKey>> FindAsync(TenantId tenant, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenReaderAsync(Reach.Of(tenant), cancellationToken);
        using var timed = database.Times.Begin("users.erased");
        var arguments = new { Tenant = tenant.Value, Limit = UsersOfPiece };
        var found = await session.Connection.QueryAsync<long>(new CommandDefinition(Erased, arguments, cancellationToken: cancellationToken));
        return [.. found.Select(id => new UserKey(tenant.Value, id))];
    }

    private static SetStatement<UserKey> Of(string table, string column) => new(
        sqlite: $"DELETE FROM {table} WHERE tenant_id = $1 AND {column} = $2",
        postgres: $"DELETE FROM {table} t USING unnest($1, $2) k (tenant_id, user_id) WHERE t.tenant_id = k.tenant_id AND t.{column} = k.user_id",
        mySql: $"DELETE t FROM {SetStatement.Rows} k STRAIGHT_JOIN {table} t ON t.tenant_id = k.tenant_id AND t.{column} = k.user_id",
        Column<UserKey>.Int32("tenant_id", k => k.Tenant),
        Column<UserKey>.Int64("user_id", k => k.User));
}
