using Dapper;
using Laurel.Engine.Sql;
using Laurel.Identity.Roles;
using Laurel.Kernel;

namespace Laurel.Identity.Users;

/// <summary>A user as it is read to sign in: a look, which every command looks at again under its lock.</summary>
internal sealed record FoundUser
{
    public required long Id { get; init; }

    public required bool IsMember { get; init; }

    public required string Username { get; init; }

    public required string Role { get; init; }

    public required string Status { get; init; }

    public string? PasswordHash { get; init; }

    public byte[]? TotpSecret { get; init; }

    public long TotpStep { get; init; }

    /// <summary>The code of the member's level, as it is now; null for staff.</summary>
    public string? Level { get; init; }

    /// <summary>What the level rests on, as it is stored.</summary>
    public string? LevelState { get; init; }

    /// <summary>Whether somebody else is behind it where two persons are needed.</summary>
    public bool IsUnconfirmed => MadeBy is not null || RoleGivenBy is not null;

    public byte[]? MadeBy { get; init; }

    public byte[]? RoleGivenBy { get; init; }

    public long CreatedAt { get; init; }

    public long? LastLoginAt { get; init; }

    /// <inheritdoc cref="User.SeenAt"/>
    public long? SeenAt { get; init; }

    /// <summary>Whether it may sign in: neither switched off nor a member who was banned or has left.</summary>
    public bool IsActive => Status == User.NameOf(UserStatus.Active);

    public bool AsksForTotp => TotpSecret is not null && TotpStep >= 0;
}

/// <summary>A member whose telephone number the host has verified.</summary>
internal sealed record VouchedMember(long Member, long VerifiedAt, string Level, string? LevelState);

/// <summary>Reads users.</summary>
/// <param name="vip">Knows of a stored level what it is now.</param>
internal sealed class UserQueries(Database database, VipRole vip)
{
    // Who is shut out as a member is shut out as a user.
    private const string Columns = """
        u.id AS Id, u.is_member AS IsMember, u.username AS Username, u.role AS Role,
        CASE WHEN m.status IN ('banned', 'cancelled', 'merged') THEN 'disabled' ELSE u.status END AS Status, u.password_hash AS PasswordHash,
        u.totp_secret AS TotpSecret, u.totp_step AS TotpStep, m.level_code AS Level, m.level_state AS LevelState,
        u.created_at AS CreatedAt, u.last_login_at AS LastLoginAt, u.made_by AS MadeBy, u.role_given_by AS RoleGivenBy,
        u.seen_at AS SeenAt
        """;

    private const string Members = "LEFT JOIN members m ON m.tenant_id = u.tenant_id AND m.id = u.id";

    // A number that a provider alone has verified lets nobody in.
    private const string ByName = $"""
        SELECT {Columns} FROM sign_in_names n JOIN users u ON u.tenant_id = n.tenant_id AND u.id = n.user_id {Members}
        WHERE n.tenant_id = @Tenant AND n.id = @Id AND n.name_hash = @Hash AND NOT (n.kind IN ('phone', 'email') AND n.shown_by = 'provider')
        """;

    private const string ById = $"SELECT {Columns} FROM users u {Members} WHERE u.tenant_id = @Tenant AND u.id = @Id";

    private const string Page = $"""
        SELECT {Columns} FROM users u {Members}
        WHERE u.tenant_id = @Tenant AND u.id > @After AND (@Staff = 0 OR u.is_member = 0) ORDER BY u.id LIMIT @Limit
        """;

    // The host's last word on a number counts. Both hashes are of the number: hosts tell it with its country's prefix and without.
    private const string Vouched = """
        SELECT p.member_id AS Member, p.phone_verified_at AS VerifiedAt, m.level_code AS Level, m.level_state AS LevelState
        FROM personal_data p JOIN members m ON m.tenant_id = p.tenant_id AND m.id = p.member_id
        WHERE p.tenant_id = @Tenant AND p.phone_index IS NOT NULL AND p.phone_index IN (@Plain, @International) AND p.phone_verified_at IS NOT NULL
            AND m.status NOT IN ('merged', 'cancelled')
        ORDER BY p.phone_verified_at DESC, p.member_id DESC LIMIT 1
        """;

    // One statement, so that the count is that of the moment of the list. Without a limit: what is not in it could not be taken away.
    private const string NamesOf = """
        SELECT u.names_bound AS Bound, n.id AS Id, n.kind AS Kind, n.label AS Label, n.bound_at AS BoundAt, n.shown_by AS ShownBy
        FROM users u LEFT JOIN sign_in_names n ON n.tenant_id = u.tenant_id AND n.user_id = u.id
        WHERE u.tenant_id = @Tenant AND u.id = @User ORDER BY n.kind, n.id
        """;

    private sealed record NameRow
    {
        public long Bound { get; init; }

        public long? Id { get; init; }

        public string? Kind { get; init; }

        public string? Label { get; init; }

        public long? BoundAt { get; init; }

        public string? ShownBy { get; init; }
    }

    /// <summary>Who signs in with a name; null when nobody does.</summary>
    public Task<FoundUser?> FindAsync(TenantId tenant, NameKey name, CancellationToken cancellationToken) =>
        SingleAsync(tenant, ByName, new { Tenant = tenant.Value, name.Id, Hash = name.Hash.ToBytes() }, cancellationToken);

    public Task<FoundUser?> FindAsync(TenantId tenant, long id, CancellationToken cancellationToken) =>
        SingleAsync(tenant, ById, new { Tenant = tenant.Value, Id = id }, cancellationToken);

    /// <summary>The member of whom the host has said last that it has this number; null where it has said so of nobody.</summary>
    public async Task<VouchedMember?> FindVouchedAsync(TenantId tenant, Hash128 plain, Hash128 international, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenReaderAsync(Reach.Of(tenant), cancellationToken);
        using var timed = database.Times.Begin("users.vouched");
        var arguments = new { Tenant = tenant.Value, Plain = plain.ToBytes(), International = international.ToBytes() };
        var found = await session.Connection.QuerySingleOrDefaultAsync<VouchedMember>(new CommandDefinition(Vouched, arguments, cancellationToken: cancellationToken));
        return found is null ? null : found with { Level = vip.LevelOf(tenant, found.Level, found.LevelState)! };
    }

    public Task<IReadOnlyList<FoundUser>> PageAsync(TenantId tenant, long after, bool staffOnly, int limit, CancellationToken cancellationToken) =>
        ListAsync<FoundUser>(tenant, Page, new { Tenant = tenant.Value, After = after, Staff = staffOnly ? 1 : 0, Limit = limit }, cancellationToken);

    /// <summary>What a user signs in with, by kind; nothing of who is no user.</summary>
    public async Task<NamesSeen> NamesAsync(TenantId tenant, long user, CancellationToken cancellationToken)
    {
        var rows = await ListAsync<NameRow>(tenant, NamesOf, new { Tenant = tenant.Value, User = user }, cancellationToken);
        return rows.Count == 0 ? NamesSeen.None : new NamesSeen(
            rows[0].Bound,
            [.. rows.Where(row => row.Id is not null).Select(row => new BoundName(row.Id!.Value, row.Kind!, row.Label!, row.BoundAt!.Value, row.ShownBy!))]);
    }

    private async Task<FoundUser?> SingleAsync(TenantId tenant, string sql, object arguments, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenReaderAsync(Reach.Of(tenant), cancellationToken);
        using var timed = database.Times.Begin("users.find");
        var found = await session.Connection.QuerySingleOrDefaultAsync<FoundUser>(new CommandDefinition(sql, arguments, cancellationToken: cancellationToken));
        return found is null ? null : found with { Level = vip.LevelOf(tenant, found.Level, found.LevelState) };
    }

    private async Task<IReadOnlyList<T>> ListAsync<T>(TenantId tenant, string sql, object arguments, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenReaderAsync(Reach.Of(tenant), cancellationToken);
        using var timed = database.Times.Begin("users.list");
        return [.. await session.Connection.QueryAsync<T>(new CommandDefinition(sql, arguments, cancellationToken: cancellationToken))];
    }
}
