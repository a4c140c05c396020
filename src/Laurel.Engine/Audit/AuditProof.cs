using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Dapper;
using Laurel.Engine.Sql;
using Laurel.Kernel;

namespace Laurel.Engine.Audit;

/// <summary>A row of the audit that is not as it was written.</summary>
/// <param name="Tenant">0 where it is no tenant's alone.</param>
public sealed record AuditFault(int Tenant, long Member, string Table, string Id, string Expected, string Found);

/// <summary>Proves the audit: each chain is whole from its beginning, or from where its age let it be cut, to its end, nobody has written in it
/// who has not the key, and every act is found by its index.</summary>
/// <param name="key">Null proves the links alone, which whoever writes to the database can make anew.</param>
/// <param name="report">Told of each fault.</param>
public sealed class AuditProof(ReadSnapshot snapshot, AuditKey? key, Action<AuditFault> report)
{
    private const int PageBatches = 128;

    private const int SealsAtOnce = 512;

    private const string Cleared = "SELECT before_batch_id AS ClearedBefore, seal AS Seal FROM audit_clearings WHERE id = 1";

    private const string ReadPage = """
        SELECT batch_id AS BatchId, chain_id AS Chain, sequence AS Sequence, previous_batch_id AS PreviousBatchId, recorded_at AS RecordedAt,
            body AS Body, previous_hash AS PreviousHash, hash AS Hash
        FROM audit_batches WHERE batch_id > @After ORDER BY batch_id LIMIT @Limit
        """;

    private const string ReadActs = """
        SELECT tenant_id AS Tenant, batch_id AS BatchId, place AS Place, member_id AS Member, operator AS Operator, operation AS Operation, address AS Address, request_id AS Request
        FROM audit_acts WHERE batch_id > @After AND batch_id <= @Last
        """;

    private const string ReadHeads = "SELECT chain_id AS Chain, sequence AS Sequence, batch_id AS BatchId, hash AS Hash, seal AS Seal FROM audit_chains";

    private readonly Dictionary<long, End> _ends = [];
    private readonly Dictionary<long, string> _sealed = [];
    private long _clearedBefore;

    private sealed record End(long BatchId, long Sequence, byte[] Hash);

    private sealed class ClearedRow
    {
        public long ClearedBefore { get; init; }

        public byte[] Seal { get; init; } = [];
    }

    private sealed class StoredRow
    {
        public long BatchId { get; init; }

        public long Chain { get; init; }

        public long Sequence { get; init; }

        public long PreviousBatchId { get; init; }

        public long RecordedAt { get; init; }

        public byte[] Body { get; init; } = [];

        public byte[] PreviousHash { get; init; } = [];

        public byte[] Hash { get; init; } = [];

        public AuditRow ToRow() => new()
        {
            BatchId = BatchId,
            Chain = Chain,
            Sequence = Sequence,
            PreviousBatchId = PreviousBatchId,
            RecordedAt = new Instant(RecordedAt),
            Body = Body,
            PreviousHash = PreviousHash,
            Hash = Hash,
        };
    }

    private sealed class ActRow
    {
        public int Tenant { get; init; }

        public long BatchId { get; init; }

        public int Place { get; init; }

        public long Member { get; init; }

        public string Operator { get; init; } = "";

        public string Operation { get; init; } = "";

        public string? Address { get; init; }

        public string? Request { get; init; }
    }

    private sealed class HeadRow
    {
        public long Chain { get; init; }

        public long Sequence { get; init; }

        public long BatchId { get; init; }

        public byte[] Hash { get; init; } = [];

        public byte[] Seal { get; init; } = [];
    }

    /// <summary>Looks at every row.</summary>
    /// <returns>Rows looked at.</returns>
    public async Task<long> RunAsync(CancellationToken cancellationToken)
    {
        await ReadClearedAsync(cancellationToken);
        var (after, looked) = (-1L, 0L);
        while (true)
        {
            var page = await QueryAsync<StoredRow>(ReadPage, new { After = after, Limit = PageBatches }, cancellationToken);
            // Behind the last row there may be acts that nobody wrote.
            var last = page.Count < PageBatches ? long.MaxValue : page[^1].BatchId;
            var acts = new Dictionary<AuditAct, string?>();
            foreach (var row in page)
            {
                Look(row.ToRow(), acts);
            }

            await CompareAsync(acts, after, last, cancellationToken);
            looked += page.Count;
            if (last == long.MaxValue)
            {
                break;
            }

            after = last;
        }

        await LookAtHeadsAsync(cancellationToken);
        await LookAtSealsAsync(cancellationToken);
        return looked;
    }

    private async Task ReadClearedAsync(CancellationToken cancellationToken)
    {
        if ((await QueryAsync<ClearedRow>(Cleared, null, cancellationToken)).FirstOrDefault() is not { } cleared)
        {
            return;
        }

        if (key is not null && !CryptographicOperations.FixedTimeEquals(cleared.Seal, key.ClearedOf(cleared.ClearedBefore)))
        {
            Report("audit_clearings", 1, "the seal of who clears", "another");
            return;
        }

        _clearedBefore = cleared.ClearedBefore;
    }

    private void Look(AuditRow row, Dictionary<AuditAct, string?> acts)
    {
        LookAtPlace(row);
        _ends[row.Chain] = new End(row.BatchId, row.Sequence, row.Hash);
        if (key is not null && !CryptographicOperations.FixedTimeEquals(row.Hash, key.HashOf(row)))
        {
            Report("audit_batches", row.BatchId, "the seal of what it says", "another: it was altered");
        }

        try
        {
            foreach (var record in AuditRecord.Read(row.BatchId, row.RecordedAt, row.Body))
            {
                foreach (var act in record.Acts())
                {
                    acts[act with { Address = null }] = act.Address;
                }

                TakeSeal(record);
            }
        }
        catch (Exception exception) when (exception is InvalidDataException or JsonException or FormatException or KeyNotFoundException or InvalidOperationException)
        {
            Report("audit_batches", row.BatchId, "a body that can be read", exception.Message);
        }
    }

    private void LookAtPlace(AuditRow row)
    {
        if (_ends.TryGetValue(row.Chain, out var before))
        {
            if (row.Sequence != before.Sequence + 1 || row.PreviousBatchId != before.BatchId)
            {
                Report(
                    "audit_batches", row.BatchId,
                    string.Create(CultureInfo.InvariantCulture, $"row {before.Sequence + 1} of chain {row.Chain}, after batch {before.BatchId}"),
                    string.Create(CultureInfo.InvariantCulture, $"row {row.Sequence}, after batch {row.PreviousBatchId}: rows between are missing or moved"));
            }
            else if (!row.PreviousHash.AsSpan().SequenceEqual(before.Hash))
            {
                Report("audit_batches", row.BatchId, "the hash of the row before", "another: one of the two was altered");
            }
        }
        else if (row.Sequence == 1)
        {
            if (row.Chain != row.BatchId || row.PreviousBatchId != 0 || (key is not null && !row.PreviousHash.AsSpan().SequenceEqual(key.BeginOf(row.Chain))))
            {
                Report("audit_batches", row.BatchId, "the beginning of a chain of its own", "something else");
            }
        }
        else if (row.PreviousBatchId >= _clearedBefore)
        {
            Report(
                "audit_batches", row.BatchId,
                string.Create(CultureInfo.InvariantCulture, $"batch {row.PreviousBatchId} before it in chain {row.Chain}"),
                "none: rows are missing that are not old enough");
        }
    }

    private void TakeSeal(AuditRecord record)
    {
        if (record.Operation != nameof(SealAudit) || record.Tenant.Value != 0)
        {
            return;
        }

        foreach (var head in record.Content.GetProperty(SealAudit.HeadsName).GetString()!.Split(' '))
        {
            var colon = head.IndexOf(':', StringComparison.Ordinal);
            _sealed[long.Parse(head.AsSpan(0, colon), CultureInfo.InvariantCulture)] = head[(colon + 1)..];
        }
    }

    private async Task CompareAsync(Dictionary<AuditAct, string?> expected, long after, long last, CancellationToken cancellationToken)
    {
        foreach (var row in await QueryAsync<ActRow>(ReadActs, new { After = after, Last = last }, cancellationToken))
        {
            var act = new AuditAct(row.Tenant, row.BatchId, row.Place, row.Member, row.Operator, row.Operation, null, row.Request);
            if (!expected.Remove(act, out var address))
            {
                report(new AuditFault(act.Tenant, act.Member, "audit_acts", IdOf(act), "a record that says the same", "none"));
            }
            else if (row.Address is not null && row.Address != address)
            {
                // One that is gone went with its member; see AuditErasure.
                report(new AuditFault(act.Tenant, act.Member, "audit_acts", IdOf(act), "the address of the record", "another"));
            }
        }

        foreach (var act in expected.Keys)
        {
            report(new AuditFault(act.Tenant, act.Member, "audit_acts", IdOf(act), $"{act.Operation} by {act.Operator}", "no row: it is not found by a search"));
        }
    }

    private async Task LookAtHeadsAsync(CancellationToken cancellationToken)
    {
        foreach (var head in await QueryAsync<HeadRow>(ReadHeads, null, cancellationToken))
        {
            if (key is not null && !CryptographicOperations.FixedTimeEquals(head.Seal, key.HeadOf(head.Chain, head.Sequence, head.Hash)))
            {
                Report("audit_chains", head.Chain, "the seal of the end of its chain", "another: it was altered");
            }

            var found = _ends.Remove(head.Chain, out var end);
            if (found ? end!.Sequence != head.Sequence || end.BatchId != head.BatchId || !end.Hash.AsSpan().SequenceEqual(head.Hash) : head.BatchId >= _clearedBefore)
            {
                Report(
                    "audit_chains", head.Chain,
                    string.Create(CultureInfo.InvariantCulture, $"row {head.Sequence}, batch {head.BatchId}, as its last"),
                    end is null ? "no rows at all" : string.Create(CultureInfo.InvariantCulture, $"row {end.Sequence}, batch {end.BatchId}"));
            }
        }

        foreach (var chain in _ends.Keys)
        {
            Report("audit_chains", chain, "the end of the chain", "none");
        }
    }

    private async Task LookAtSealsAsync(CancellationToken cancellationToken)
    {
        foreach (var batches in _sealed.Keys.Where(batch => batch >= _clearedBefore).Chunk(SealsAtOnce))
        {
            var stored = new Dictionary<long, byte[]>();
            var script = new SqlScript();
            script.Add(AuditStatements.FindHashes, batches, row => stored.Add(row.Int64(0), row.Bytes(1)));
            await snapshot.Session.RunAsync(script, cancellationToken);
            foreach (var batch in batches)
            {
                if (!stored.TryGetValue(batch, out var hash) || Convert.ToHexStringLower(hash) != _sealed[batch])
                {
                    Report("audit_batches", batch, "the row that a later seal names", hash is null ? "none" : "another hash");
                }
            }
        }
    }

    private void Report(string table, long id, string expected, string found) =>
        report(new AuditFault(0, 0, table, id.ToString(CultureInfo.InvariantCulture), expected, found));

    private static string IdOf(AuditAct act) => string.Create(CultureInfo.InvariantCulture, $"{act.BatchId}-{act.Place}");

    private async Task<List<TRow>> QueryAsync<TRow>(string query, object? arguments, CancellationToken cancellationToken) =>
        (await snapshot.Connection.QueryAsync<TRow>(new CommandDefinition(query, arguments, commandTimeout: 0, cancellationToken: cancellationToken))).AsList();
}
