using System.Security.Cryptography;
using System.Text;
using Dapper;
using Laurel.Engine.Lanes;
using Laurel.Engine.Replicas;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Platform.Access;

namespace Laurel.Server.Hosting;

/// <summary>API keys as stored: only their SHA-256 is kept.</summary>
internal sealed class ApiKeys(ReadRouter router) : IApiKeyStore
{
    private const string FindKey = "SELECT tenant_id AS Tenant, name AS Name, permissions AS Permissions FROM api_keys WHERE key_hash = @Hash AND revoked_at IS NULL";

    private sealed record NewKey(byte[] Hash, int Tenant, string Name, string Permissions, Instant CreatedAt);

    private static readonly SetStatement<NewKey> s_insert = Statements.InsertMissing("api_keys",
        Column<NewKey>.Bytes("key_hash", k => k.Hash),
        Column<NewKey>.Int32("tenant_id", k => k.Tenant),
        Column<NewKey>.Text("name", k => k.Name),
        Column<NewKey>.Text("permissions", k => k.Permissions),
        Column<NewKey>.Instant("created_at", k => k.CreatedAt));

    private const string CountKeys = "SELECT COUNT(*) FROM api_keys WHERE tenant_id = @Tenant AND revoked_at IS NULL";

    private sealed class Row
    {
        public int Tenant { get; init; }

        public required string Name { get; init; }

        public required string Permissions { get; init; }
    }

    /// <remarks>While the primary is away a replica says whose a key is, or nobody could read: one that was revoked within its lag is
    /// honoured that long.</remarks>
    public async ValueTask<Actor?> FindAsync(ReadOnlyMemory<byte> keyHash, CancellationToken cancellationToken)
    {
        var hash = keyHash.ToArray();
        return await router.ReadNewestAsync(from => FindAsync(from, hash, cancellationToken));
    }

    private static async Task<Actor?> FindAsync(Database from, byte[] hash, CancellationToken cancellationToken)
    {
        await using var session = await from.OpenReaderAsync(cancellationToken);
        using var timed = from.Times.Begin("access.key");
        var command = new CommandDefinition(FindKey, new { Hash = hash }, cancellationToken: cancellationToken);
        return await session.Connection.QuerySingleOrDefaultAsync<Row>(command) is { } row
            ? new Actor(new TenantId(row.Tenant), row.Name, Grants.Expand(row.Permissions.Split(' ', StringSplitOptions.RemoveEmptyEntries))) { Key = Hash128.FromBytes(hash) }
            : null;
    }

    /// <summary>Gives a tenant that a command makes the key of its first administrator.</summary>
    public static void Begin(Draft draft, TenantId tenant, byte[] keyHash) =>
        draft.Insert(s_insert, new NewKey(keyHash, tenant.Value, "administrator", Grants.Everything, draft.Now));

    /// <summary>Makes sure of the administrator's key. To be called before the lanes start: SQLite has one writer.</summary>
    /// <param name="given">The key to use, or null to make one where there is none.</param>
    /// <returns>A key made now, to be shown once; otherwise null.</returns>
    public static async Task<string?> EnsureAdministratorAsync(Database database, string? given, TimeProvider clock, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenWriterAsync(cancellationToken);
        var tenant = LaurelNode.DefaultTenant.Value;
        var count = await session.Connection.ExecuteScalarAsync<long>(new CommandDefinition(CountKeys, new { Tenant = tenant }, cancellationToken: cancellationToken));
        if (given is null && count > 0)
        {
            return null;
        }

        var key = given ?? "lk_" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24));
        var script = new SqlScript();
        script.Add(s_insert, [new NewKey(SHA256.HashData(Encoding.UTF8.GetBytes(key)), tenant, "administrator", Grants.Everything, Instant.Now(clock))]);
        await session.RunAsync(script, cancellationToken);
        return given is null ? key : null;
    }
}
