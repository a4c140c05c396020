using Laurel.Engine.Sql;
using Laurel.Kernel;

namespace Laurel.Engine.Audit;

/// <summary>The records of one batch, as they are stored.</summary>
internal sealed record AuditRow
{
    public required long BatchId { get; init; }

    public required long Chain { get; init; }

    /// <summary>Its place in the chain, from 1.</summary>
    public required long Sequence { get; init; }

    /// <summary>The row before it; 0 for the first.</summary>
    public required long PreviousBatchId { get; init; }

    public required Instant RecordedAt { get; init; }

    /// <summary>A record in JSON a line, compressed as one.</summary>
    public required byte[] Body { get; init; }

    public required byte[] PreviousHash { get; init; }

    public byte[] Hash { get; init; } = [];
}

/// <summary>The end of a chain.</summary>
internal sealed record AuditHead(long Chain, long Sequence, long BatchId, byte[] Hash, byte[] Seal);

/// <summary>By what an act is found: its record stands at the place in the batch.</summary>
/// <param name="Member">The member concerned; 0 for none. An act that concerns several has a row for each.</param>
internal sealed record AuditAct(int Tenant, long BatchId, int Place, long Member, string Operator, string Operation, string? Address, string? Request);

internal static class AuditStatements
{
    public static readonly SetStatement<AuditRow> Insert = Statements.Insert("audit_batches",
        Column<AuditRow>.Int64("batch_id", r => r.BatchId),
        Column<AuditRow>.Int64("chain_id", r => r.Chain),
        Column<AuditRow>.Int64("sequence", r => r.Sequence),
        Column<AuditRow>.Int64("previous_batch_id", r => r.PreviousBatchId),
        Column<AuditRow>.Instant("recorded_at", r => r.RecordedAt),
        Column<AuditRow>.Bytes("body", r => r.Body),
        Column<AuditRow>.Bytes("previous_hash", r => r.PreviousHash),
        Column<AuditRow>.Bytes("hash", r => r.Hash));

    // Not guarded: whoever took a head away shall not stop the writes as well. The rows tell of it.
    public static readonly SetStatement<AuditHead> WriteHead = Statements.Write("audit_chains", keys: 1,
        Column<AuditHead>.Int64("chain_id", h => h.Chain),
        Column<AuditHead>.Int64("sequence", h => h.Sequence),
        Column<AuditHead>.Int64("batch_id", h => h.BatchId),
        Column<AuditHead>.Bytes("hash", h => h.Hash),
        Column<AuditHead>.Bytes("seal", h => h.Seal));

    public static readonly SetStatement<long> FindHashes = Statements.Find("b.batch_id, b.hash", "audit_batches b", "", Column<long>.Int64("batch_id", id => id));

    public static readonly SetStatement<AuditAct> InsertAct = Statements.Insert("audit_acts",
        Column<AuditAct>.Int32("tenant_id", a => a.Tenant),
        Column<AuditAct>.Int64("batch_id", a => a.BatchId),
        Column<AuditAct>.Int32("place", a => a.Place),
        Column<AuditAct>.Int64("member_id", a => a.Member),
        Column<AuditAct>.Text("operator", a => a.Operator),
        Column<AuditAct>.Text("operation", a => a.Operation),
        Column<AuditAct>.Text("address", a => a.Address),
        Column<AuditAct>.Text("request_id", a => a.Request));
}
