using Dapper;
using Laurel.Engine.Sql;
using Laurel.Kernel;

namespace Laurel.Identity.ApiKeys;

/// <summary>Reads keys to show them. Nothing is decided on what it says, but for how many there are.</summary>
internal sealed class ApiKeyQueries(Database database)
{
    // Keys that somebody wrote by other means have no id, and nothing names them.
    private static readonly SetStatement<(int Tenant, long After, int Limit)> s_page = new(
        sqlite: $"SELECT {ApiKeyKind.Columns} FROM api_keys a WHERE a.tenant_id = $1 AND a.id > $2 ORDER BY a.id LIMIT $3",
        postgres: $"""
            SELECT {ApiKeyKind.Columns} FROM unnest($1, $2, $3) k (tenant_id, after, most)
            CROSS JOIN LATERAL (SELECT * FROM api_keys o WHERE o.tenant_id = k.tenant_id AND o.id > k.after ORDER BY o.id LIMIT k.most) a
            """,
        mySql: $"SELECT {ApiKeyKind.Columns} FROM api_keys a WHERE a.tenant_id = $1 AND a.id > $2 ORDER BY a.id LIMIT $3",
        Column<(int Tenant, long After, int Limit)>.Int32("tenant_id", p => p.Tenant),
        Column<(int Tenant, long After, int Limit)>.Int64("after", p => p.After),
        Column<(int Tenant, long After, int Limit)>.Int32("most", p => p.Limit));

    private static readonly SetStatement<Hash128> s_uses = Statements.Find("u.key_id, u.last_used_at, u.uses", "api_key_uses u", "",
        Column<Hash128>.Hash("key_id", key => key));

    private const string CountKeys = "SELECT COUNT(*) FROM api_keys WHERE tenant_id = @Tenant AND revoked_at IS NULL";

    /// <summary>Keys of a tenant after an id, in the order of their ids, revoked ones too.</summary>
    public async Task<IReadOnlyList<ApiKeyReply>> PageAsync(TenantId tenant, long after, int limit, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenReaderAsync(Reach.Of(tenant), cancellationToken);
        using var timed = database.Times.Begin("keys.page");
        var keys = new List<ApiKey>();
        var script = new SqlScript();
        script.Add(s_page, [(tenant.Value, after, limit)], row => keys.Add(ApiKey.Read(row)));
        await session.RunAsync(script, cancellationToken);
        var uses = new Dictionary<Hash128, (Instant LastAt, long Count)>();
        script = new SqlScript();
        script.Add(s_uses, [.. keys.Select(key => Hash128.FromBytes(key.FirstHash))], row => uses[row.Hash(0)] = (row.Instant(1), row.Int64(2)));
        await session.RunAsync(script, cancellationToken);
        return keys.ConvertAll(key => uses.TryGetValue(Hash128.FromBytes(key.FirstHash), out var use)
            ? ApiKeyReply.Of(key) with { LastUsedAt = use.LastAt.ToDateTimeOffset(), Uses = use.Count }
            : ApiKeyReply.Of(key) with { Uses = 0 });
    }

    /// <summary>A key of a tenant; null when it has none of this id.</summary>
    public async Task<ApiKeyReply?> FindAsync(TenantId tenant, long id, CancellationToken cancellationToken) =>
        (await PageAsync(tenant, id - 1, 1, cancellationToken)).FirstOrDefault(key => key.Id == id.ToString(System.Globalization.CultureInfo.InvariantCulture));

    /// <summary>Keys of a tenant that are not revoked.</summary>
    public async Task<long> CountAsync(TenantId tenant, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenReaderAsync(Reach.Of(tenant), cancellationToken);
        using var timed = database.Times.Begin("keys.page");
        return await session.Connection.ExecuteScalarAsync<long>(new CommandDefinition(CountKeys, new { Tenant = tenant.Value }, cancellationToken: cancellationToken));
    }
}
