using System.Globalization;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Adjustments;

namespace Laurel.Membership.Verification;

/// <summary>Looks at every request of an adjustment, and at every entry that one was approved for: I18.</summary>
/// <remarks>An entry below the cut is gone, and its request is then believed.</remarks>
internal sealed class AdjustmentChecks(ReadSnapshot snapshot, Findings findings, long cut)
{
    // Where each of the hands behind a call begins.
    private const string ReadRequests = """
        WITH hand (n) AS (
            SELECT 1 UNION ALL SELECT 17 UNION ALL SELECT 33 UNION ALL SELECT 49 UNION ALL SELECT 65 UNION ALL SELECT 81 UNION ALL SELECT 97 UNION ALL SELECT 113)
        SELECT a.tenant_id, a.member_id, a.id, a.points, a.reference_type, a.reference_id, a.status, a.entry_id,
            CASE WHEN m.id IS NULL THEN 'a member of its tenant'
                WHEN a.status NOT IN ('pending', 'approved', 'rejected') THEN 'a status that there is'
                WHEN (a.status = 'pending') <> (a.decided_at IS NULL) OR (a.decided_at IS NULL) <> (a.decided_key IS NULL)
                    OR (a.decided_at IS NULL) <> (a.decision_reason IS NULL) THEN 'who decided it, when and why, once it is decided'
                WHEN (a.status = 'approved') <> (a.entry_id <> 0) THEN 'an entry exactly when it is approved'
                WHEN a.status = 'approved' AND (a.decided_by = a.asked_by OR EXISTS (SELECT 1 FROM hand x CROSS JOIN hand y
                    WHERE x.n <= LENGTH(a.asked_key) AND y.n <= LENGTH(a.decided_key)
                        AND SUBSTR(a.asked_key, x.n, 16) = SUBSTR(a.decided_key, y.n, 16)))
                    THEN 'another who approved it than who asked'
            END
        FROM adjustment_requests a
        LEFT JOIN members m ON m.tenant_id = a.tenant_id AND m.id = a.member_id
        """;

    private static readonly SetStatement<Hash128> s_keys = Statements.Find(
        "n.key_hash, n.root_id", "natural_keys n", "", Column<Hash128>.Hash("key_hash", key => key));

    private readonly Dictionary<(int Tenant, long Member, long Id), EntryRow> _approved = [];

    private sealed record Request(int Tenant, long Member, long Id, long Points, string Type, string Reference, long Entry)
    {
        public Hash128 Handle => AdjustmentRequest.HandleOf(new TenantId(Tenant), Id);

        /// <summary>The key of its reference, taken when it was asked for.</summary>
        public Hash128 Taken => Hash128.Of(Tenant, "adjust", Type, Reference);
    }

    /// <summary>Takes note of an entry that was approved. Called once for each entry.</summary>
    public void See(EntryRow entry)
    {
        if (entry is { Unit: "points", Kind: "adjust", Detail: not null })
        {
            _approved[(entry.Tenant, entry.Member, entry.Id)] = entry;
        }
    }

    /// <summary>Looks at the requests, once the entries were seen.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        findings.Look(InvariantCode.I18);
        var requests = new List<Request>();
        await using (var reader = await snapshot.ReadAsync(ReadRequests, null, cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                var request = new Request(
                    reader.GetInt32(0), reader.GetInt64(1), reader.GetInt64(2), reader.GetInt64(3), reader.GetString(4), reader.GetString(5), reader.GetInt64(7));
                requests.Add(request);
                findings.Look(InvariantCode.I18);
                if (!await reader.IsDBNullAsync(8, cancellationToken))
                {
                    Report(InvariantCode.I18, "adjustment_requests", request, reader.GetString(8), reader.GetString(6));
                }
            }
        }

        requests.ForEach(MatchEntry);
        foreach (var entry in _approved.Values)
        {
            findings.Report(InvariantCode.I18, new Offence
            {
                Tenant = entry.Tenant,
                Member = entry.Member,
                Table = "entries",
                Id = entry.IdText,
                Expected = "the request that it was approved for",
                Found = "none",
            });
        }

        foreach (var page in requests.Chunk(KeyChecks.KeysMax / 2))
        {
            await CompareKeysAsync(page, cancellationToken);
        }
    }

    private void MatchEntry(Request request)
    {
        if (request.Entry == 0 || request.Entry < cut)
        {
            return;
        }

        var isThere = _approved.Remove((request.Tenant, request.Member, request.Entry), out var entry);
        if (!isThere || entry!.Amount != request.Points || entry.ReferenceType != request.Type || entry.ReferenceId != request.Reference)
        {
            var found = entry is null ? "no such entry" : string.Create(CultureInfo.InvariantCulture, $"{entry.Amount} for {entry.ReferenceType} {entry.ReferenceId}");
            var expected = string.Create(CultureInfo.InvariantCulture, $"entry {request.Entry}: {request.Points} for {request.Type} {request.Reference}");
            Report(InvariantCode.I18, "adjustment_requests", request, expected, found);
        }
    }

    private async Task CompareKeysAsync(Request[] requests, CancellationToken cancellationToken)
    {
        var found = new Dictionary<Hash128, long>();
        var script = new SqlScript();
        script.Add(s_keys, [.. requests.SelectMany(request => new[] { request.Handle, request.Taken }).Distinct()], row => found[row.Hash(0)] = row.Int64(1));
        await snapshot.Session.RunAsync(script, cancellationToken);
        foreach (var request in requests)
        {
            findings.Look(InvariantCode.I4, 2);
            if (found.GetValueOrDefault(request.Handle) != request.Member || found.GetValueOrDefault(request.Taken) != request.Member)
            {
                Report(InvariantCode.I4, "adjustment_requests", request, "the keys of its id and of its reference, of its member", "no such keys");
            }
        }
    }

    private void Report(InvariantCode code, string table, Request request, string expected, string found) => findings.Report(code, new Offence
    {
        Tenant = request.Tenant,
        Member = request.Member,
        Table = table,
        Id = request.Id.ToString(CultureInfo.InvariantCulture),
        Expected = expected,
        Found = found,
    });
}
