using System.Globalization;
using Laurel.Engine.Sql;

namespace Laurel.Membership.Verification;

/// <summary>Looks at every API key, and at every secret that a rotation made: I30. Keys that somebody wrote by other means have no id and are passed
/// over.</summary>
internal sealed class ApiKeyChecks(ReadSnapshot snapshot, Findings findings)
{
    private const string Keys = """
        SELECT k.tenant_id, k.id,
            CASE WHEN k.rotations <> (SELECT COUNT(*) FROM api_key_secrets s WHERE s.tenant_id = k.tenant_id AND s.key_id = k.id)
                    OR k.rotations <> (SELECT COALESCE(MAX(s.rotation), 0) FROM api_key_secrets s WHERE s.tenant_id = k.tenant_id AND s.key_id = k.id)
                    OR (SELECT COALESCE(MIN(s.rotation), 1) FROM api_key_secrets s WHERE s.tenant_id = k.tenant_id AND s.key_id = k.id) <> 1
                    THEN 'a secret for each rotation, numbered from 1'
                WHEN k.previous_until IS NOT NULL AND k.rotations = 0 THEN 'no secret before the first'
                WHEN k.previous_until IS NOT NULL AND k.revoked_at IS NOT NULL THEN 'nothing that counts on after it was revoked'
                WHEN k.previous_secret IS NOT NULL AND k.secret IS NULL THEN 'what it signed with before only where it signs'
                WHEN (k.previous_secret IS NULL) <> (k.previous_until IS NULL) AND k.secret IS NOT NULL THEN 'what it signed with before, and until when that counts'
                WHEN k.previous_made_by IS NOT NULL AND k.rotations = 0 THEN 'no hands before the first secret'
                WHEN LENGTH(k.made_by) NOT IN (16, 32, 48, 64, 80, 96, 112, 128) OR LENGTH(k.previous_made_by) NOT IN (16, 32, 48, 64, 80, 96, 112, 128)
                    THEN 'one to eight hands of whoever made it, or none'
                WHEN k.quota < 1 THEN 'a quota of at least one call'
                WHEN NOT EXISTS (SELECT 1 FROM tenants t WHERE t.id = k.tenant_id) THEN 'a tenant that there is'
            END
        FROM api_keys k WHERE k.id IS NOT NULL
        """;

    private const string Strays = """
        SELECT s.tenant_id, s.key_id, s.rotation FROM api_key_secrets s
        WHERE NOT EXISTS (SELECT 1 FROM api_keys k WHERE k.tenant_id = s.tenant_id AND k.id = s.key_id)
            OR EXISTS (SELECT 1 FROM api_keys o WHERE o.key_hash = s.key_hash)
        """;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        findings.Look(InvariantCode.I30);
        await using (var reader = await snapshot.ReadAsync(Keys, null, cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                findings.Look(InvariantCode.I30);
                if (!await reader.IsDBNullAsync(2, cancellationToken))
                {
                    Report("api_keys", reader.GetInt32(0), reader.GetInt64(1), reader.GetString(2), "something else");
                }
            }
        }

        await using (var reader = await snapshot.ReadAsync(Strays, null, cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                var found = string.Create(CultureInfo.InvariantCulture, $"the secret of rotation {reader.GetInt32(2)}");
                Report("api_key_secrets", reader.GetInt32(0), reader.GetInt64(1), "a key of its own, of which it is not the first", found);
            }
        }
    }

    private void Report(string table, int tenant, long id, string expected, string found) => findings.Report(InvariantCode.I30, new Offence
    {
        Tenant = tenant,
        Member = 0,
        Table = table,
        Id = id.ToString(CultureInfo.InvariantCulture),
        Expected = expected,
        Found = found,
    });
}
