using Laurel.Engine.Audit;
using Laurel.Engine.Lanes;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Platform.Access;

namespace Laurel.Identity.ApiKeys;

/// <summary>A key of a tenant by which a system calls.</summary>
/// <remarks>It is known for good by the hash of its first secret: uses, and requests that wait for a second person, name it so. Secrets that
/// rotations made lead to it by <c>api_key_secrets</c>. Fields are as stored.</remarks>
internal sealed class ApiKey : Aggregate
{
    /// <summary>What the vault binds secrets to.</summary>
    public const string SecretPurpose = "api key";

    public const int NameLengthMax = 100;

    /// <summary>Words of its list at the most.</summary>
    public const int ScopesMax = 200;

    public const int QuotaMax = 1_000_000;

    /// <summary>Keys of a tenant that are not revoked, at the most.</summary>
    public const int KeysMax = 1_000;

    public required TenantId Tenant { get; init; }

    public required long Id { get; init; }

    /// <summary>SHA-256 of its first secret.</summary>
    public required byte[] FirstHash { get; init; }

    public required string Name { get; set; }

    /// <summary>Words of <see cref="Platform.Access.Grants"/> with a blank between.</summary>
    public required string Scopes { get; set; }

    public required Instant CreatedAt { get; init; }

    /// <summary>From when on it may not call; null while it may.</summary>
    public Instant? RevokedAt { get; set; }

    /// <summary>From when on it may not call; null is never.</summary>
    public Instant? ExpiresAt { get; set; }

    /// <summary>Calls a minute; null is as many as it likes.</summary>
    public int? Quota { get; set; }

    /// <summary>How often it was given a new secret.</summary>
    public int Rotations { get; set; }

    /// <summary>Until when the secret before the last rotation counts; null where it does not.</summary>
    public Instant? PreviousUntil { get; set; }

    /// <summary>What it signs with, sealed; null where it is presented as it is.</summary>
    public byte[]? Secret { get; set; }

    /// <summary>What it signed with before the last rotation, sealed.</summary>
    public byte[]? PreviousSecret { get; set; }

    /// <summary>Whose hand it is: who made it or rotated it last, and so knew its secret first, and who has given it more since. Null for the key's
    /// own.</summary>
    public Hands? MadeBy { get; set; }

    /// <summary>The same of the secret before the last rotation.</summary>
    public Hands? PreviousMadeBy { get; set; }

    public bool IsSigned => Secret is not null;

    public IReadOnlyList<string> Words => Scopes.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    public override Aggregate Copy() => (ApiKey)MemberwiseClone();

    /// <summary>Reads a row of <see cref="ApiKeyKind.Columns"/>.</summary>
    public static ApiKey Read(SqlRow row) => new()
    {
        Tenant = new TenantId(row.Int32(0)),
        Id = row.Int64(1),
        FirstHash = row.Bytes(2),
        Name = row.Text(3),
        Scopes = row.Text(4),
        CreatedAt = row.Instant(5),
        RevokedAt = InstantOf(row, 6),
        ExpiresAt = InstantOf(row, 7),
        Quota = row.Int64OrNull(8) is { } quota ? checked((int)quota) : null,
        Rotations = row.Int32(9),
        PreviousUntil = InstantOf(row, 10),
        Secret = row.BytesOrNull(11),
        PreviousSecret = row.BytesOrNull(12),
        MadeBy = row.BytesOrNull(13) is { } hands ? Hands.FromBytes(hands) : null,
        PreviousMadeBy = row.BytesOrNull(14) is { } before ? Hands.FromBytes(before) : null,
    };

    private static Instant? InstantOf(SqlRow row, int column) => row.Int64OrNull(column) is { } at ? new Instant(at) : null;
}

/// <summary>How keys are locked, read and written.</summary>
internal sealed class ApiKeyKind : AggregateKind
{
    public override string AuditName => "api_key";

    public override void Describe(Aggregate aggregate, AuditState state)
    {
        var key = (ApiKey)aggregate;
        state.Add("name", key.Name);
        state.Add("scopes", key.Scopes);
        state.Add("quota", key.Quota);
        state.Add("rotations", key.Rotations);
        state.Add("expiresAt", key.ExpiresAt?.UnixMicroseconds);
        state.Add("previousUntil", key.PreviousUntil?.UnixMicroseconds);
        state.Add("revokedAt", key.RevokedAt?.UnixMicroseconds);
    }

    public const string Columns = """
        a.tenant_id, a.id, a.key_hash, a.name, a.permissions, a.created_at, a.revoked_at, a.expires_at, a.quota, a.rotations, a.previous_until,
        a.secret, a.previous_secret, a.made_by, a.previous_made_by
        """;

    private static readonly SetStatement<Key> s_lock = Statements.Lock(Columns, "api_keys a",
        Column<Key>.Int32("tenant_id", k => k.Tenant),
        Column<Key>.Int64("id", k => k.Id));

    private static readonly Column<ApiKey>[] s_columns =
    [
        Column<ApiKey>.Int32("tenant_id", k => k.Tenant.Value),
        Column<ApiKey>.Int64("id", k => k.Id),
        Column<ApiKey>.Bytes("key_hash", k => k.FirstHash),
        Column<ApiKey>.Text("name", k => k.Name),
        Column<ApiKey>.Text("permissions", k => k.Scopes),
        Column<ApiKey>.Instant("created_at", k => k.CreatedAt),
        Column<ApiKey>.NullableInt64("revoked_at", k => k.RevokedAt?.UnixMicroseconds),
        Column<ApiKey>.NullableInt64("expires_at", k => k.ExpiresAt?.UnixMicroseconds),
        Column<ApiKey>.NullableInt32("quota", k => k.Quota),
        Column<ApiKey>.Int32("rotations", k => k.Rotations),
        Column<ApiKey>.NullableInt64("previous_until", k => k.PreviousUntil?.UnixMicroseconds),
        Column<ApiKey>.Bytes("secret", k => k.Secret),
        Column<ApiKey>.Bytes("previous_secret", k => k.PreviousSecret),
        Column<ApiKey>.Bytes("made_by", k => k.MadeBy?.ToBytes()),
        Column<ApiKey>.Bytes("previous_made_by", k => k.PreviousMadeBy?.ToBytes()),
    ];

    private static readonly SetStatement<ApiKey> s_insert = Statements.Insert("api_keys", s_columns);

    private static readonly SetStatement<ApiKey> s_update = Statements.Update("api_keys", keys: 2, s_columns);

    private readonly record struct Key(int Tenant, long Id);

    public override int Rank => 60;

    public RootRef RootOf(TenantId tenant, long id) => new(this, tenant, id);

    public override void Lock(SqlScriptBuilder builder, IReadOnlyList<RootRef> roots, WorkingSet set) =>
        builder.Add(s_lock, [.. roots.Select(root => new Key(root.Tenant.Value, root.Id))], row =>
        {
            var key = ApiKey.Read(row);
            set.Load(RootOf(key.Tenant, key.Id), key);
        });

    public override void Write(SqlScriptBuilder builder, IReadOnlyList<ChangedRoot> changed)
    {
        builder.Add(s_insert, [.. changed.Where(root => root.Before is null).Select(root => (ApiKey)root.After)]);
        builder.Add(s_update, [.. changed.Where(root => root.Before is not null).Select(root => (ApiKey)root.After)]);
    }
}
