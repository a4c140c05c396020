using Dapper;
using Laurel.Engine.Sql;
using Laurel.Kernel;

namespace Laurel.Identity.Sessions;

/// <summary>A session as its user is shown it.</summary>
internal sealed record SessionRow
{
    public required long Id { get; init; }

    public required long UserId { get; init; }

    public required byte[] Secret { get; init; }

    public string? Device { get; init; }

    public required long CreatedAt { get; init; }

    public required long UsedAt { get; init; }

    public required long ExpiresAt { get; init; }

    public required long Epoch { get; init; }

    /// <summary>As far as proofs of tokens are concerned.</summary>
    public Session ToSession(TenantId tenant) => new()
    {
        Tenant = tenant,
        Id = Id,
        User = UserId,
        Epoch = Epoch,
        Secret = Secret,
        CreatedAt = new Instant(CreatedAt),
        UsedAt = new Instant(UsedAt),
        ExpiresAt = new Instant(ExpiresAt),
    };
}

/// <summary>Reads sessions.</summary>
internal sealed class SessionQueries(Database database)
{
    private const string Columns = """
        s.id AS Id, s.user_id AS UserId, s.secret AS Secret, s.device AS Device, s.created_at AS CreatedAt, s.used_at AS UsedAt, s.expires_at AS ExpiresAt,
        s.epoch AS Epoch
        """;

    private const string ById = $"SELECT {Columns} FROM sessions s WHERE s.tenant_id = @Tenant AND s.id = @Id";

    private const string OfUser = $"""
        SELECT {Columns} FROM sessions s JOIN users u ON u.tenant_id = s.tenant_id AND u.id = s.user_id
        WHERE s.tenant_id = @Tenant AND s.user_id = @User AND s.ended_at IS NULL AND s.expires_at > @Now AND s.epoch = u.epoch
        ORDER BY s.id LIMIT 100
        """;

    /// <summary>A session, whether it is over or not; null when there is none.</summary>
    public async Task<SessionRow?> FindAsync(TenantId tenant, long id, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenReaderAsync(Reach.Of(tenant), cancellationToken);
        using var timed = database.Times.Begin("sessions.find");
        return await session.Connection.QuerySingleOrDefaultAsync<SessionRow>(
            new CommandDefinition(ById, new { Tenant = tenant.Value, Id = id }, cancellationToken: cancellationToken));
    }

    /// <summary>Those that are not over, the oldest first.</summary>
    public async Task<IReadOnlyList<SessionRow>> OfUserAsync(TenantId tenant, long user, Instant now, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenReaderAsync(Reach.Of(tenant), cancellationToken);
        using var timed = database.Times.Begin("sessions.list");
        return [.. await session.Connection.QueryAsync<SessionRow>(new CommandDefinition(
            OfUser, new { Tenant = tenant.Value, User = user, Now = now.UnixMicroseconds }, cancellationToken: cancellationToken))];
    }

    /// <summary>The user's oldest session where it has as many as are kept; 0 for none.</summary>
    public async Task<long> DisplacedAsync(TenantId tenant, long user, Instant now, CancellationToken cancellationToken)
    {
        var open = await OfUserAsync(tenant, user, now, cancellationToken);
        return open.Count >= SessionStart.SessionsMax ? open[0].Id : 0;
    }
}
