using System.Security.Cryptography;
using Dapper;
using Laurel.Engine.Lanes;
using Laurel.Engine.Replicas;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Platform.Access;
using Laurel.Platform.Vault;

namespace Laurel.Identity.ApiKeys;

/// <summary>Finds keys that may call. Of those that are presented only the SHA-256 is kept.</summary>
public sealed class ApiKeyStore(ReadRouter router, SecretVault vault, TimeProvider clock) : IApiKeyStore
{
    private const string Columns = """
        k.tenant_id AS Tenant, k.id AS Id, k.key_hash AS FirstHash, k.name AS Name, k.permissions AS Permissions, k.revoked_at AS RevokedAt, k.expires_at AS ExpiresAt,
        k.quota AS Quota, k.rotations AS Rotations, k.previous_until AS PreviousUntil, k.secret AS Secret, k.previous_secret AS PreviousSecret,
        k.made_by AS MadeBy, k.previous_made_by AS PreviousMadeBy
        """;

    private const string FindKey = $"""
        SELECT {Columns}, 0 AS Rotation FROM api_keys k WHERE k.key_hash = @Hash
        UNION ALL
        SELECT {Columns}, s.rotation AS Rotation FROM api_key_secrets s JOIN api_keys k ON k.tenant_id = s.tenant_id AND k.id = s.key_id WHERE s.key_hash = @Hash
        """;

    // The index begins with the tenant, which a signed call does not name; there are few.
    private const string FindById = $"SELECT {Columns}, 0 AS Rotation FROM tenants t JOIN api_keys k ON k.tenant_id = t.id AND k.id = @Id";

    private const string CountKeys = "SELECT COUNT(*) FROM api_keys WHERE tenant_id = @Tenant AND revoked_at IS NULL";

    private const string CountSecrets = "SELECT COUNT(*) FROM api_key_secrets WHERE key_hash = @Hash";

    private static readonly SetStatement<NewKey> s_insert = Statements.InsertMissing("api_keys",
        Column<NewKey>.Bytes("key_hash", k => k.Hash),
        Column<NewKey>.Int32("tenant_id", k => k.Tenant.Value),
        Column<NewKey>.Int64("id", k => k.Id),
        Column<NewKey>.Text("name", k => k.Name),
        Column<NewKey>.Text("permissions", k => k.Permissions),
        Column<NewKey>.Instant("created_at", k => k.CreatedAt));

    private sealed record NewKey(byte[] Hash, TenantId Tenant, long Id, string Name, string Permissions, Instant CreatedAt);

    private sealed class Row
    {
        public int Tenant { get; init; }

        public long? Id { get; init; }

        public required byte[] FirstHash { get; init; }

        public required string Name { get; init; }

        public required string Permissions { get; init; }

        public long? RevokedAt { get; init; }

        public long? ExpiresAt { get; init; }

        public int? Quota { get; init; }

        public int Rotations { get; init; }

        public long? PreviousUntil { get; init; }

        public byte[]? Secret { get; init; }

        public byte[]? PreviousSecret { get; init; }

        public byte[]? MadeBy { get; init; }

        public byte[]? PreviousMadeBy { get; init; }

        /// <summary>The rotation that made the secret which was asked for; 0 for the first.</summary>
        public int Rotation { get; init; }

        /// <param name="isPrevious">Whether the secret before the last rotation was used.</param>
        public Actor ToActor(bool isPrevious) => new(new TenantId(Tenant), Name, Grants.Expand(Permissions.Split(' ', StringSplitOptions.RemoveEmptyEntries)))
        {
            Key = Hash128.FromBytes(FirstHash),
            KeyId = Id ?? 0,
            Quota = Quota,
            Makers = (isPrevious ? PreviousMadeBy : MadeBy) is { } hands ? Hands.FromBytes(hands) : null,
        };

        /// <summary>From when on the key may not call.</summary>
        public Instant End => RevokedAt is not null ? Instant.Earliest : ExpiresAt is { } at ? new Instant(at) : Instant.Never;

        /// <summary>From when on the secret before the last counts no more.</summary>
        public Instant PreviousEnd => PreviousUntil is { } at ? new Instant(at) : Instant.Earliest;
    }

    /// <remarks>While the primary is away a replica says whose a key is, or nobody could read: one that was revoked within its lag is
    /// honoured that long.</remarks>
    public async ValueTask<KnownKey?> FindAsync(ReadOnlyMemory<byte> keyHash, CancellationToken cancellationToken)
    {
        var hash = keyHash.ToArray();
        if (await ReadAsync(FindKey, new { Hash = hash }, cancellationToken) is not { Secret: null } row)
        {
            return null;
        }

        var secretEnd = (row.Rotations - row.Rotation) switch
        {
            0 => Instant.Never,
            1 => row.PreviousEnd,
            _ => Instant.Earliest,
        };
        var end = Instant.Min(row.End, secretEnd);
        return new KnownKey(row.ToActor(isPrevious: row.Rotations != row.Rotation) with { ValidUntil = end }, end);
    }

    /// <inheritdoc />
    public async ValueTask<SigningKey?> FindSigningAsync(long id, CancellationToken cancellationToken)
    {
        if (await ReadAsync(FindById, new { Id = id }, cancellationToken) is not { Secret: { } secret } row || row.End <= Instant.Now(clock))
        {
            return null;
        }

        var tenant = new TenantId(row.Tenant);
        var previous = row.PreviousSecret is { } before ? vault.Open(tenant, ApiKey.SecretPurpose, id, before) : null;
        return new SigningKey(row.ToActor(isPrevious: false) with { ValidUntil = row.End }, row.End, vault.Open(tenant, ApiKey.SecretPurpose, id, secret), previous, row.PreviousEnd)
        {
            PreviousActor = row.ToActor(isPrevious: true) with { ValidUntil = Instant.Min(row.End, row.PreviousEnd) },
        };
    }

    /// <summary>Gives a tenant that a command makes the key of its first administrator.</summary>
    public static void Begin(Draft draft, TenantId tenant, byte[] keyHash) =>
        draft.Insert(s_insert, new NewKey(keyHash, tenant, draft.NextId(0), "administrator", Grants.Everything, draft.Now));

    /// <summary>Makes sure of the administrator's key. To be called before the lanes start: SQLite has one writer.</summary>
    /// <param name="given">The key to use, or null to make one where there is none.</param>
    /// <returns>A key made now, to be shown once; otherwise null.</returns>
    public static async Task<string?> EnsureAdministratorAsync(Database database, TenantId tenant, string? given, TimeProvider clock, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenWriterAsync(Reach.Everything, cancellationToken);
        Task<long> CountAsync(string sql, object arguments) =>
            session.Connection.ExecuteScalarAsync<long>(new CommandDefinition(sql, arguments, cancellationToken: cancellationToken));
        if (given is null && await CountAsync(CountKeys, new { Tenant = tenant.Value }) > 0)
        {
            return null;
        }

        var secret = given ?? ApiKeySecret.Draw(signed: false);
        var hash = ApiKeySecret.HashOf(secret);
        if (await CountAsync(CountSecrets, new { Hash = hash }) > 0)
        {
            // A rotation made it, and perhaps another ended it: it is not to rise again as a key of its own.
            return null;
        }

        // There is no lease to draw ids under yet. Those of one instant are told apart by chance, and two that met would be refused by the index.
        var now = Instant.Now(clock);
        var id = IdGenerator.FirstOf(now) + RandomNumberGenerator.GetInt32(1 << 20);
        var script = new SqlScript();
        script.Add(s_insert, [new NewKey(hash, tenant, id, "administrator", Grants.Everything, now)]);
        await session.RunAsync(script, cancellationToken);
        return given is null ? secret : null;
    }

    private Task<Row?> ReadAsync(string sql, object arguments, CancellationToken cancellationToken) => router.ReadNewestAsync(async from =>
    {
        await using var session = await from.OpenReaderAsync(Reach.Everything, cancellationToken);
        using var timed = from.Times.Begin("access.key");
        var rows = await session.Connection.QueryAsync<Row>(new CommandDefinition(sql, arguments, cancellationToken: cancellationToken));
        return rows.OrderBy(row => row.RevokedAt is null ? 0 : 1).FirstOrDefault();
    });
}
