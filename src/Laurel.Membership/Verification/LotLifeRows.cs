using Laurel.Engine.Sql;

namespace Laurel.Membership.Verification;

/// <summary>How the life of a lot was moved.</summary>
internal sealed record LotChangeRow : IMemberRow
{
    public required int Tenant { get; init; }

    public required long Member { get; init; }

    public required long Id { get; init; }

    public required long LotId { get; init; }

    public required string Kind { get; init; }

    public required long Points { get; init; }

    public required long ActiveBefore { get; init; }

    public required long ActiveAfter { get; init; }

    public required long ExpiresBefore { get; init; }

    public required long ExpiresAfter { get; init; }

    public required long OccurredAt { get; init; }

    public required string Reference { get; init; }

    public PageKey Key => PageKey.Start with { Tenant = Tenant, Member = Member, First = Id };
}

/// <summary>What a lot waits for.</summary>
internal sealed record PendingRow(int Tenant, long Member, long LotId, long ActivatesAt, long CancelsAt) : IMemberRow
{
    public PageKey Key => PageKey.Start with { Tenant = Tenant, Member = Member, First = LotId };
}

/// <summary>The pages of what moves the life of lots.</summary>
internal static class LotLifePages
{
    public static readonly SetStatement<PageKey> LotChanges = VerificationPages.Page(
        """
        SELECT c.tenant_id, c.member_id, c.id, c.lot_id, c.kind, c.points, c.active_before, c.active_after, c.expires_before, c.expires_after,
            c.occurred_at, c.reference
        FROM {lot_changes c}
        """,
        "c.tenant_id", "c.member_id, c.id", VerificationPages.Tenant, VerificationPages.Member, VerificationPages.First);

    public static readonly SetStatement<PageKey> Pending = VerificationPages.Page(
        "SELECT w.tenant_id, w.member_id, w.lot_id, w.activates_at, w.cancels_at FROM {pending_lots w}",
        "w.tenant_id", "w.member_id, w.lot_id", VerificationPages.Tenant, VerificationPages.Member, VerificationPages.First);

    public static LotChangeRow ReadLotChange(SqlRow row) => new()
    {
        Tenant = row.Int32(0),
        Member = row.Int64(1),
        Id = row.Int64(2),
        LotId = row.Int64(3),
        Kind = row.Text(4),
        Points = row.Int64(5),
        ActiveBefore = row.Int64(6),
        ActiveAfter = row.Int64(7),
        ExpiresBefore = row.Int64(8),
        ExpiresAfter = row.Int64(9),
        OccurredAt = row.Int64(10),
        Reference = row.Text(11),
    };

    public static PendingRow ReadPending(SqlRow row) => new(row.Int32(0), row.Int64(1), row.Int64(2), row.Int64(3), row.Int64(4));
}
