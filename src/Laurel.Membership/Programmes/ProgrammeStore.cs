using System.Data.Common;
using Dapper;
using Laurel.Engine.Lanes;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Search;

namespace Laurel.Membership.Programmes;

/// <summary>A version of a programme as it is stored.</summary>
internal readonly record struct VersionRow(int Tenant, int Version, string Document, Instant CreatedAt, string? ChangedBy, string? Reason);

internal static class ProgrammeStatements
{
    internal static readonly Column<VersionRow>[] Columns =
    [
        Column<VersionRow>.Int32("tenant_id", r => r.Tenant),
        Column<VersionRow>.Int32("version", r => r.Version),
        Column<VersionRow>.Text("document", r => r.Document),
        Column<VersionRow>.Instant("created_at", r => r.CreatedAt),
        Column<VersionRow>.Text("changed_by", r => r.ChangedBy),
        Column<VersionRow>.Text("reason", r => r.Reason),
    ];

    public static readonly SetStatement<VersionRow> InsertVersion = Statements.Insert("programmes", Columns);
}

/// <summary>Creates tenants and keeps the versions of their programmes.</summary>
public sealed class ProgrammeStore(Database database, ProgrammeKind kind, TimeProvider clock)
{
    private readonly record struct TenantRow(int Id, string Code, string Name, Instant CreatedAt);

    private static readonly SetStatement<TenantRow> s_insertTenant = Statements.InsertMissing("tenants",
        Column<TenantRow>.Int32("id", r => r.Id),
        Column<TenantRow>.Text("code", r => r.Code),
        Column<TenantRow>.Text("name", r => r.Name),
        Column<TenantRow>.Instant("created_at", r => r.CreatedAt));

    private static readonly SetStatement<VersionRow> s_insertMissing = Statements.InsertMissing("programmes", ProgrammeStatements.Columns);

    private const string ReadLatest =
        "SELECT document FROM programmes WHERE tenant_id = @Id ORDER BY version DESC LIMIT 1";

    private const string ReadNewer =
        "SELECT document FROM programmes WHERE tenant_id = @Id AND version > @Known ORDER BY version DESC LIMIT 1";

    private const string ReadVersion = "SELECT document FROM programmes WHERE tenant_id = @Id AND version = @Version";

    /// <summary>Makes sure the tenant exists and its newest programme is as the settings say; a different one becomes a new version.</summary>
    /// <param name="settings">Gives the programme as it is to be, from the newest one or the default.</param>
    public async Task<Programme> EnsureAsync(
        TenantId tenant, string code, string name, Func<Programme, Programme> settings, CancellationToken cancellationToken)
    {
        kind.Settle(tenant, settings);
        await using var session = await database.OpenWriterAsync(Reach.Of(tenant), cancellationToken);
        var now = Instant.Now(clock);
        await InsertAsync(session, s_insertTenant, new TenantRow(tenant.Value, code, name, now), cancellationToken);
        while (true)
        {
            var stored = await ReadLatestAsync(session.Connection, tenant, cancellationToken);
            var wanted = settings(stored ?? new Programme());
            if (stored is not null && ProgrammeDocument.Write(wanted with { Version = stored.Version }) == ProgrammeDocument.Write(stored))
            {
                kind.Learn(tenant, stored);
                return stored;
            }

            if (stored is not null && stored.Search.Figures != wanted.Search.Figures)
            {
                await InsertAsync(session, FillRow.Forget, FillRow.FiguresOf(tenant), cancellationToken);
            }

            var next = wanted with { Version = (stored?.Version ?? 0) + 1 };
            var row = new VersionRow(tenant.Value, next.Version, ProgrammeDocument.Write(next), now, null, null);
            await InsertAsync(session, s_insertMissing, row, cancellationToken);
        }
    }

    /// <summary>Gives a tenant that a command makes the first version of its programme: the default one.</summary>
    public static void Begin(Draft draft, TenantId tenant)
    {
        var first = new Programme { Version = 1 };
        draft.Insert(ProgrammeStatements.InsertVersion, new VersionRow(tenant.Value, first.Version, ProgrammeDocument.Write(first), draft.Now, null, null));
    }

    /// <summary>The newest programme.</summary>
    /// <exception cref="InvariantBrokenException">When the tenant has none: the database was never served.</exception>
    public async Task<Programme> ReadAsync(TenantId tenant, CancellationToken cancellationToken)
    {
        var stored = await FindAsync(tenant, cancellationToken);
        Invariant.Require(stored is not null, "Every tenant has a programme.");
        return stored;
    }

    /// <summary>The newest programme; null in a database that was never served.</summary>
    public async Task<Programme?> FindAsync(TenantId tenant, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenReaderAsync(Reach.Of(tenant), cancellationToken);
        var stored = await ReadLatestAsync(session.Connection, tenant, cancellationToken);
        if (stored is not null)
        {
            kind.Learn(tenant, stored);
        }

        return stored;
    }

    /// <summary>The newest programme, ready to answer with. The document travels only when it is newer than the one this node knows.</summary>
    /// <exception cref="InvariantBrokenException">When the tenant has none: the database was never served.</exception>
    public async Task<ActiveProgramme> LatestAsync(TenantId tenant, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenReaderAsync(Reach.Of(tenant), cancellationToken);
        var known = kind.Latest(tenant)?.Programme.Version ?? 0;
        var command = new CommandDefinition(ReadNewer, new { Id = tenant.Value, Known = known }, cancellationToken: cancellationToken);
        if (await session.Connection.QuerySingleOrDefaultAsync<string>(command) is { } document)
        {
            kind.Learn(tenant, ProgrammeDocument.Read(document));
        }

        return kind.Latest(tenant) ?? throw new InvariantBrokenException("Every tenant has a programme.");
    }

    /// <summary>One version of the programme.</summary>
    /// <exception cref="InvariantBrokenException">When there is no such version.</exception>
    public async Task<Programme> ReadAsync(TenantId tenant, int version, CancellationToken cancellationToken)
    {
        var programme = await FindAsync(tenant, version, cancellationToken);
        Invariant.Require(programme is not null, "A version that an entry or an answer names is stored.");
        return programme;
    }

    /// <summary>One version of the programme; null when there is no such version.</summary>
    public async Task<Programme?> FindAsync(TenantId tenant, int version, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenReaderAsync(Reach.Of(tenant), cancellationToken);
        var command = new CommandDefinition(ReadVersion, new { Id = tenant.Value, Version = version }, cancellationToken: cancellationToken);
        return await session.Connection.QuerySingleOrDefaultAsync<string>(command) is { } document ? ProgrammeDocument.Read(document) : null;
    }

    private static async Task<Programme?> ReadLatestAsync(DbConnection connection, TenantId tenant, CancellationToken cancellationToken)
    {
        var command = new CommandDefinition(ReadLatest, new { Id = tenant.Value }, cancellationToken: cancellationToken);
        return await connection.QuerySingleOrDefaultAsync<string>(command) is { } document ? ProgrammeDocument.Read(document) : null;
    }

    private static ValueTask InsertAsync<TRow>(SqlSession session, SetStatement<TRow> statement, TRow row, CancellationToken cancellationToken)
    {
        var script = new SqlScript();
        script.Add(statement, [row]);
        return session.RunAsync(script, cancellationToken);
    }
}
