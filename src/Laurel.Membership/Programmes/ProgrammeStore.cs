using System.Data.Common;
using Dapper;
using Laurel.Engine.Sql;
using Laurel.Kernel;

namespace Laurel.Membership.Programmes;

/// <summary>Creates tenants and keeps the versions of their programmes.</summary>
public sealed class ProgrammeStore(Database database, ProgrammeKind kind, TimeProvider clock)
{
    private const string InsertTenant =
        "INSERT INTO tenants (id, code, name, created_at) VALUES (@Id, @Code, @Name, @Now) ON CONFLICT DO NOTHING";

    private const string ReadLatest =
        "SELECT document FROM programmes WHERE tenant_id = @Id ORDER BY version DESC LIMIT 1";

    private const string InsertVersion = """
        INSERT INTO programmes (tenant_id, version, document, created_at) VALUES (@Id, @Version, @Document, @Now)
        ON CONFLICT DO NOTHING
        """;

    /// <summary>Makes sure the tenant exists and its newest programme is this one; a different one becomes a new version.</summary>
    /// <param name="wanted">Null keeps what is stored, or stores the default programme where there is none.</param>
    public async Task<Programme> EnsureAsync(TenantId tenant, string code, string name, Programme? wanted, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenWriterAsync(cancellationToken);
        var now = Instant.Now(clock).UnixMicroseconds;
        await ExecuteAsync(session.Connection, InsertTenant, new { Id = tenant.Value, Code = code, Name = name, Now = now }, cancellationToken);
        while (true)
        {
            var stored = await ReadLatestAsync(session.Connection, tenant, cancellationToken);
            if (stored is not null && (wanted is null || ProgrammeKind.Write(wanted with { Version = stored.Version }) == ProgrammeKind.Write(stored)))
            {
                kind.Learn(tenant, stored);
                return stored;
            }

            var next = (wanted ?? new Programme()) with { Version = (stored?.Version ?? 0) + 1 };
            var row = new { Id = tenant.Value, next.Version, Document = ProgrammeKind.Write(next), Now = now };
            await ExecuteAsync(session.Connection, InsertVersion, row, cancellationToken);
        }
    }

    /// <summary>The newest programme, for verbs that only read.</summary>
    /// <exception cref="InvariantBrokenException">When the tenant has none: the database was never served.</exception>
    public async Task<Programme> ReadAsync(TenantId tenant, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenReaderAsync(cancellationToken);
        var stored = await ReadLatestAsync(session.Connection, tenant, cancellationToken);
        Invariant.Require(stored is not null, "Every tenant has a programme.");
        kind.Learn(tenant, stored);
        return stored;
    }

    private static async Task<Programme?> ReadLatestAsync(DbConnection connection, TenantId tenant, CancellationToken cancellationToken)
    {
        var command = new CommandDefinition(ReadLatest, new { Id = tenant.Value }, cancellationToken: cancellationToken);
        return await connection.QuerySingleOrDefaultAsync<string>(command) is { } document ? ProgrammeKind.Read(document) : null;
    }

    private static Task<int> ExecuteAsync(DbConnection connection, string sql, object arguments, CancellationToken cancellationToken) =>
        connection.ExecuteAsync(new CommandDefinition(sql, arguments, cancellationToken: cancellationToken));
}
