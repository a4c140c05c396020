using System.Runtime.CompilerServices;
using Dapper;
using Laurel.Engine.Sql;
using Laurel.Kernel;

namespace Laurel.Engine.Audit;

/// <summary>What is asked of the audit. What is null matches everything.</summary>
/// <param name="Tenant">Whose records; null is those of all tenants and of the installation, which only <see cref="AuditStore.ReadAllAsync"/> gives.</param>
public sealed record AuditQuery(TenantId? Tenant)
{
    /// <summary>As a record names it: <c>user:42</c>.</summary>
    public string? Operator { get; init; }

    public string? Operation { get; init; }

    public long? Member { get; init; }

    public string? Request { get; init; }

    /// <summary>As callers know it, and as it stands for a member's.</summary>
    public (string Plain, string Hidden)? Address { get; init; }

    /// <summary>Recorded at or after.</summary>
    public Instant From { get; init; } = Instant.Earliest;

    /// <summary>Recorded before; null is until now.</summary>
    public Instant? To { get; init; }

    /// <summary>Whether records that no index leads to are looked at too.</summary>
    public bool All { get; init; }

    internal bool Matches(AuditRecord record) =>
        (Tenant is not { } tenant || record.Tenant == tenant)
        && (Operator is null || record.Operator == Operator)
        && (Operation is null || record.Operation == Operation)
        && (Member is not { } member || record.Members.Contains(member))
        && (Request is null || record.Request == Request)
        && (Address is not { } address || record.Address == address.Plain || record.Address == address.Hidden)
        && record.RecordedAt >= From
        && (To is not { } to || record.RecordedAt < to);
}

/// <summary>Records, newest first.</summary>
/// <param name="Next">The batch and the place after which it goes on; null where nothing is left. A page may be empty and go on.</param>
public sealed record AuditPage(IReadOnlyList<AuditRecord> Records, (long BatchId, int Place)? Next);

/// <summary>The last row of a chain.</summary>
/// <param name="Hash">In hexadecimal.</param>
public sealed record AuditEnd(long Chain, long Sequence, long BatchId, string Hash);

/// <summary>Reads the audit.</summary>
public sealed class AuditStore(Database database)
{
    /// <summary>Batches that one page of a search without an index looks at.</summary>
    public const int ScannedBatchesMax = 512;

    private const int PageBatches = 64;

    // A batch's id was drawn a moment before its recorded time, and the clocks of both may differ.
    private static readonly TimeSpan s_idsDiffer = TimeSpan.FromMinutes(10);

    // Ids tell no time outside of these.
    private static readonly Instant s_idsBegin = Instant.From(new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private static readonly Instant s_idsEnd = Instant.From(new DateTimeOffset(2089, 1, 1, 0, 0, 0, TimeSpan.Zero));

    private const string Select = """
        SELECT DISTINCT a.batch_id AS BatchId, a.place AS Place FROM audit_acts a
        WHERE a.tenant_id = @Tenant AND a.batch_id >= @First AND a.batch_id < @Last AND a.batch_id <= @Batch
        AND (a.batch_id < @Batch OR (a.batch_id = @Batch AND a.place < @Place))
        """;

    private const string Order = " ORDER BY a.batch_id DESC, a.place DESC LIMIT @Limit";

    private static readonly SetStatement<long> s_bodies = Statements.Find(
        "b.batch_id, b.recorded_at, b.body", "audit_batches b", "", Column<long>.Int64("batch_id", id => id));

    private const string PageDown = """
        SELECT batch_id AS BatchId, recorded_at AS RecordedAt, body AS Body FROM audit_batches
        WHERE batch_id <= @Before AND batch_id >= @First ORDER BY batch_id DESC LIMIT @Limit
        """;

    private const string PageUp = """
        SELECT batch_id AS BatchId, recorded_at AS RecordedAt, body AS Body FROM audit_batches
        WHERE batch_id > @After AND batch_id < @Last ORDER BY batch_id LIMIT @Limit
        """;

    private const string ReadHeads = "SELECT chain_id, sequence, batch_id, hash FROM audit_chains ORDER BY chain_id";

    private sealed class BodyRow
    {
        public long BatchId { get; init; }

        public long RecordedAt { get; init; }

        public byte[] Body { get; init; } = [];

        public IReadOnlyList<AuditRecord> Records() => AuditRecord.Read(BatchId, new Instant(RecordedAt), Body);
    }

    /// <summary>A page of what is asked for.</summary>
    /// <param name="after">Where the page before ended; null begins.</param>
    public async Task<AuditPage> PageAsync(AuditQuery query, (long BatchId, int Place)? after, int limit, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenReaderAsync(query.Tenant is { } tenant ? Reach.Of(tenant) : Reach.Everything, cancellationToken);
        using var timed = database.Times.Begin(query.All ? "audit.scan" : "audit.acts");
        return query.All
            ? await ScanAsync(session, query, after, limit, cancellationToken)
            : await ActsAsync(session, query, after, limit, cancellationToken);
    }

    /// <summary>All records of a tenant, the oldest first. What is written meanwhile may be among them.</summary>
    public async IAsyncEnumerable<AuditRecord> ReadAllAsync(AuditQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (after, last) = (FirstOf(query) - 1, LastOf(query));
        while (true)
        {
            List<BodyRow> page;
            // Whoever reads slowly holds no connection meanwhile.
            await using (var session = await database.OpenReaderAsync(Reach.Nothing, cancellationToken))
            {
                using var timed = database.Times.Begin("audit.export");
                page = await QueryAsync<BodyRow>(session, PageUp, new { After = after, Last = last, Limit = PageBatches }, cancellationToken);
            }

            foreach (var record in page.SelectMany(row => row.Records()).Where(query.Matches))
            {
                yield return record;
            }

            if (page.Count < PageBatches)
            {
                yield break;
            }

            after = page[^1].BatchId;
        }
    }

    /// <summary>Where every chain ends now: whoever keeps this elsewhere can tell later whether something of it is gone.</summary>
    public async Task<IReadOnlyList<AuditEnd>> EndsAsync(CancellationToken cancellationToken)
    {
        await using var session = await database.OpenReaderAsync(Reach.Nothing, cancellationToken);
        using var timed = database.Times.Begin("audit.heads");
        var ends = new List<AuditEnd>();
        await using var reader = await session.Connection.ExecuteReaderAsync(new CommandDefinition(ReadHeads, cancellationToken: cancellationToken));
        while (await reader.ReadAsync(cancellationToken))
        {
            ends.Add(new AuditEnd(reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2), Convert.ToHexStringLower(reader.GetFieldValue<byte[]>(3))));
        }

        return ends;
    }

    private static async Task<AuditPage> ActsAsync(SqlSession session, AuditQuery query, (long BatchId, int Place)? after, int limit, CancellationToken cancellationToken)
    {
        // Each condition is a constant, so that the database sees which index it may go by.
        var sql = Select
            + (query.Member is null ? "" : " AND a.member_id = @Member")
            + (query.Operator is null ? "" : " AND a.operator = @Operator")
            + (query.Operation is null ? "" : " AND a.operation = @Operation")
            + (query.Request is null ? "" : " AND a.request_id = @Request")
            + (query.Address is null ? "" : " AND a.address IN (@Address, @Hidden)")
            + Order;
        var arguments = new
        {
            Tenant = query.Tenant!.Value.Value,
            First = FirstOf(query),
            Last = LastOf(query),
            Batch = after?.BatchId ?? long.MaxValue,
            Place = after?.Place ?? 0,
            query.Member,
            query.Operator,
            query.Operation,
            query.Request,
            Address = query.Address?.Plain,
            Hidden = query.Address?.Hidden,
            Limit = limit + 1,
        };
        var found = new List<(long BatchId, int Place)>();
        await using (var reader = await session.Connection.ExecuteReaderAsync(new CommandDefinition(sql, arguments, cancellationToken: cancellationToken)))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                found.Add((reader.GetInt64(0), reader.GetInt32(1)));
            }
        }

        (long, int)? next = found.Count > limit ? found[limit - 1] : null;
        var wanted = found.Take(limit).ToList();
        var records = new Dictionary<long, IReadOnlyList<AuditRecord>>();
        var script = new SqlScript();
        script.Add(s_bodies, [.. wanted.Select(one => one.BatchId).Distinct()], row =>
            records.Add(row.Int64(0), AuditRecord.Read(row.Int64(0), row.Instant(1), row.Bytes(2))));
        await session.RunAsync(script, cancellationToken);
        return new AuditPage(
            [.. wanted.Select(one => records.GetValueOrDefault(one.BatchId)?.ElementAtOrDefault(one.Place)).OfType<AuditRecord>().Where(query.Matches)], next);
    }

    private static async Task<AuditPage> ScanAsync(SqlSession session, AuditQuery query, (long BatchId, int Place)? after, int limit, CancellationToken cancellationToken)
    {
        var found = new List<AuditRecord>();
        var (before, place) = after ?? (LastOf(query) - 1, int.MaxValue);
        for (var looked = 0; looked < ScannedBatchesMax; looked += PageBatches)
        {
            var page = await QueryAsync<BodyRow>(session, PageDown, new { Before = before, First = FirstOf(query), Limit = PageBatches }, cancellationToken);
            foreach (var record in page.SelectMany(row => row.Records().Reverse()))
            {
                if (record.BatchId == before && record.Place >= place)
                {
                    continue;
                }

                if (query.Matches(record))
                {
                    found.Add(record);
                    if (found.Count == limit)
                    {
                        return new AuditPage(found, (record.BatchId, record.Place));
                    }
                }
            }

            if (page.Count < PageBatches)
            {
                return new AuditPage(found, null);
            }

            (before, place) = (page[^1].BatchId, 0);
        }

        return new AuditPage(found, (before, place));
    }

    private static long FirstOf(AuditQuery query) => IdOf(query.From, -s_idsDiffer);

    private static long LastOf(AuditQuery query) => query.To is { } to ? IdOf(to, s_idsDiffer) : long.MaxValue;

    private static long IdOf(Instant time, TimeSpan more) => time > s_idsEnd ? long.MaxValue : IdGenerator.FirstOf(Instant.Max(time, s_idsBegin).Plus(more));

    private static async Task<List<TRow>> QueryAsync<TRow>(SqlSession session, string sql, object arguments, CancellationToken cancellationToken) =>
        (await session.Connection.QueryAsync<TRow>(new CommandDefinition(sql, arguments, cancellationToken: cancellationToken))).AsList();
}
