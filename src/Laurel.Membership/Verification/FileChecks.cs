using System.Globalization;
using Dapper;
using Laurel.Engine.Sql;

namespace Laurel.Membership.Verification;

/// <summary>Looks at pictures of members that lie in the store of files, and at cards that were scanned: I33.</summary>
internal sealed class FileChecks(ReadSnapshot snapshot, Findings findings)
{
    private const string CountKept = "SELECT (SELECT COUNT(*) FROM personal_data p WHERE p.avatar_file IS NOT NULL) + (SELECT COUNT(*) FROM pass_scans)";

    private const string FindOffences = """
        SELECT p.tenant_id AS Tenant, p.member_id AS Member, 'file_removals' AS Held, 'a file that is kept, and so not to be removed' AS Expected
        FROM personal_data p JOIN file_removals f ON f.tenant_id = p.tenant_id AND f.name = p.avatar_file
        UNION ALL SELECT p.tenant_id, MAX(p.member_id), 'personal_data', 'a file that nobody else keeps' FROM personal_data p
        WHERE p.avatar_file IS NOT NULL GROUP BY p.tenant_id, p.avatar_file HAVING COUNT(*) > 1
        UNION ALL SELECT p.tenant_id, p.member_id, 'personal_data', 'a profile that shows the file' FROM personal_data p
        WHERE p.avatar_file IS NOT NULL AND (p.profile IS NULL OR p.profile_version = 0)
        UNION ALL SELECT s.tenant_id, s.id, 'pass_scans', 'a member of its tenant' FROM pass_scans s
        WHERE NOT EXISTS (SELECT 1 FROM members m WHERE m.tenant_id = s.tenant_id AND m.id = s.id)
        """;

    private sealed class Row
    {
        public int Tenant { get; init; }

        public long Member { get; init; }

        public required string Held { get; init; }

        public required string Expected { get; init; }
    }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        findings.Look(InvariantCode.I33, await snapshot.Connection.ExecuteScalarAsync<long>(new CommandDefinition(CountKept, cancellationToken: cancellationToken)));
        foreach (var row in await snapshot.Connection.QueryAsync<Row>(new CommandDefinition(FindOffences, cancellationToken: cancellationToken)))
        {
            findings.Report(InvariantCode.I33, new Offence
            {
                Tenant = row.Tenant,
                Member = row.Member,
                Table = row.Held,
                Id = row.Member.ToString(CultureInfo.InvariantCulture),
                Expected = row.Expected,
                Found = "it is otherwise",
            });
        }
    }
}
