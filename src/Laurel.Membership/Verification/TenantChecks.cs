using System.Globalization;
using Dapper;
using Laurel.Engine.Sql;
using Laurel.Platform.Tenants;

namespace Laurel.Membership.Verification;

/// <summary>Looks at every tenant, and at what belongs to none: I26.</summary>
internal sealed class TenantChecks(ReadSnapshot snapshot, Findings findings)
{
    private const string ReadTenants = """
        SELECT t.id AS Id, t.hosts AS Hosts, t.suspended_at AS SuspendedAt, t.suspended_for AS SuspendedFor,
            (SELECT COUNT(*) FROM programmes p WHERE p.tenant_id = t.id) AS Versions
        FROM tenants t ORDER BY t.id
        """;

    private const string FindStray = """
        SELECT 'programmes' AS Held, p.tenant_id AS Tenant FROM programmes p WHERE NOT EXISTS (SELECT 1 FROM tenants t WHERE t.id = p.tenant_id)
        UNION SELECT 'api_keys', k.tenant_id FROM api_keys k WHERE NOT EXISTS (SELECT 1 FROM tenants t WHERE t.id = k.tenant_id)
        UNION SELECT 'webhook_endpoints', w.tenant_id FROM webhook_endpoints w WHERE NOT EXISTS (SELECT 1 FROM tenants t WHERE t.id = w.tenant_id)
        """;

    private sealed class TenantRow
    {
        public int Id { get; init; }

        public required string Hosts { get; init; }

        public long? SuspendedAt { get; init; }

        public string? SuspendedFor { get; init; }

        public long Versions { get; init; }
    }

    private sealed class StrayRow
    {
        public required string Held { get; init; }

        public int Tenant { get; init; }
    }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var ownerOf = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var tenant in await snapshot.Connection.QueryAsync<TenantRow>(new CommandDefinition(ReadTenants, cancellationToken: cancellationToken)))
        {
            findings.Look(InvariantCode.I26);
            foreach (var host in tenant.Hosts.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                if (!TenantNames.IsHost(host) || !ownerOf.TryAdd(host, tenant.Id))
                {
                    Report(tenant.Id, "tenants", "host names, each of one tenant", host);
                }
            }

            if ((tenant.SuspendedAt is null) != (tenant.SuspendedFor is null) || (tenant.SuspendedAt is not null && tenant.Id == Tenant.Platform.Value))
            {
                Report(tenant.Id, "tenants", "a reason if it is suspended, and the platform's own never is", tenant.SuspendedFor ?? "no reason");
            }

            if (tenant.Versions == 0)
            {
                Report(tenant.Id, "programmes", "a programme", "none");
            }
        }

        foreach (var stray in await snapshot.Connection.QueryAsync<StrayRow>(new CommandDefinition(FindStray, cancellationToken: cancellationToken)))
        {
            Report(stray.Tenant, stray.Held, "rows of a tenant that is there", "there is none");
        }
    }

    private void Report(int tenant, string table, string expected, string found) => findings.Report(InvariantCode.I26, new Offence
    {
        Tenant = tenant,
        Member = 0,
        Table = table,
        Id = tenant.ToString(CultureInfo.InvariantCulture),
        Expected = expected,
        Found = found,
    });
}
