using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Ledger;

namespace Laurel.Membership.Points;

/// <summary>A lot an entry took points from, as it is stored.</summary>
internal readonly record struct TakeRow(int Tenant, long Member, long Entry, LotTake Take, Instant OccurredAt);

/// <summary>A change of a hold, as it is stored.</summary>
internal sealed record HoldChange(int Tenant, long Member, long Id, long Hold, LotTake Pin, string Kind, Instant OccurredAt, Instant RecordedAt, string Reference);

/// <summary>A new hold with the words of its caller.</summary>
internal sealed record NewHold(int Tenant, long Member, Hold Hold, string Reason, string ReferenceType, string ReferenceId);

/// <summary>The inserts of what only grows: entries, what they took, holds and their changes.</summary>
internal static class EntryStatements
{
    public static readonly SetStatement<Entry> InsertEntries = new(
        sqlite: """
            INSERT INTO entries (tenant_id, member_id, id, posting_id, unit, kind, account, amount, balance_after, debt_delta,
                lifetime_delta, occurred_at, recorded_at, expires_at, rule, rule_version, base, multiplier, cut, reason,
                reference_type, reference_id, order_id, related_id, detail)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25)
            """,
        postgres: """
            INSERT INTO entries (tenant_id, member_id, id, posting_id, unit, kind, account, amount, balance_after, debt_delta,
                lifetime_delta, occurred_at, recorded_at, expires_at, rule, rule_version, base, multiplier, cut, reason,
                reference_type, reference_id, order_id, related_id, detail)
            SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25)
            """,
        Column<Entry>.Int32(e => e.Tenant.Value),
        Column<Entry>.Int64(e => e.Member.Value),
        Column<Entry>.Int64(e => e.Id),
        Column<Entry>.Int64(e => e.PostingId),
        Column<Entry>.Text(e => e.Unit),
        Column<Entry>.Text(e => e.Kind),
        Column<Entry>.Text(e => e.Account),
        Column<Entry>.Int64(e => e.Amount),
        Column<Entry>.Int64(e => e.BalanceAfter),
        Column<Entry>.Int64(e => e.DebtDelta),
        Column<Entry>.Int64(e => e.LifetimeDelta),
        Column<Entry>.Instant(e => e.OccurredAt),
        Column<Entry>.Instant(e => e.RecordedAt),
        Column<Entry>.NullableInt64(e => e.ExpiresAt?.UnixMicroseconds),
        Column<Entry>.Text(e => e.Rule),
        Column<Entry>.Int32(e => e.RuleVersion),
        Column<Entry>.NullableInt64(e => e.Base),
        Column<Entry>.NullableInt32(e => e.MultiplierBasisPoints),
        Column<Entry>.NullableInt64(e => e.Cut),
        Column<Entry>.Text(e => e.Reason),
        Column<Entry>.Text(e => e.ReferenceType),
        Column<Entry>.Text(e => e.ReferenceId),
        Column<Entry>.Text(e => e.OrderId),
        Column<Entry>.NullableInt64(e => e.RelatedId),
        Column<Entry>.Text(e => e.Detail))
    {
        Committed = MembershipMetrics.Count,
    };

    public static readonly SetStatement<TakeRow> InsertTakes = new(
        sqlite: "INSERT INTO lot_takes (tenant_id, member_id, entry_id, lot_id, points, occurred_at) VALUES ($1, $2, $3, $4, $5, $6)",
        postgres: "INSERT INTO lot_takes (tenant_id, member_id, entry_id, lot_id, points, occurred_at) SELECT * FROM unnest($1, $2, $3, $4, $5, $6)",
        Column<TakeRow>.Int32(r => r.Tenant),
        Column<TakeRow>.Int64(r => r.Member),
        Column<TakeRow>.Int64(r => r.Entry),
        Column<TakeRow>.Int64(r => r.Take.LotId),
        Column<TakeRow>.Int64(r => r.Take.Points),
        Column<TakeRow>.Instant(r => r.OccurredAt));

    public static readonly SetStatement<NewHold> InsertHolds = new(
        sqlite: """
            INSERT INTO holds (tenant_id, member_id, id, points, captured, released, status, opened_at, expires_at, reason, reference_type, reference_id)
            VALUES ($1, $2, $3, $4, 0, 0, 'open', $5, $6, $7, $8, $9)
            """,
        postgres: """
            INSERT INTO holds (tenant_id, member_id, id, points, captured, released, status, opened_at, expires_at, reason, reference_type, reference_id)
            SELECT r.tenant_id, r.member_id, r.id, r.points, 0, 0, 'open', r.opened_at, r.expires_at, r.reason, r.reference_type, r.reference_id
            FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9)
                r (tenant_id, member_id, id, points, opened_at, expires_at, reason, reference_type, reference_id)
            """,
        Column<NewHold>.Int32(r => r.Tenant),
        Column<NewHold>.Int64(r => r.Member),
        Column<NewHold>.Int64(r => r.Hold.Id),
        Column<NewHold>.Int64(r => r.Hold.Points),
        Column<NewHold>.Instant(r => r.Hold.OpenedAt),
        Column<NewHold>.Instant(r => r.Hold.ExpiresAt),
        Column<NewHold>.Text(r => r.Reason),
        Column<NewHold>.Text(r => r.ReferenceType),
        Column<NewHold>.Text(r => r.ReferenceId));

    public static readonly SetStatement<HoldChange> InsertHoldChanges = new(
        sqlite: """
            INSERT INTO hold_changes (tenant_id, member_id, id, hold_id, lot_id, kind, points, occurred_at, recorded_at, reference)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
            """,
        postgres: """
            INSERT INTO hold_changes (tenant_id, member_id, id, hold_id, lot_id, kind, points, occurred_at, recorded_at, reference)
            SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
            """,
        Column<HoldChange>.Int32(r => r.Tenant),
        Column<HoldChange>.Int64(r => r.Member),
        Column<HoldChange>.Int64(r => r.Id),
        Column<HoldChange>.Int64(r => r.Hold),
        Column<HoldChange>.Int64(r => r.Pin.LotId),
        Column<HoldChange>.Text(r => r.Kind),
        Column<HoldChange>.Int64(r => r.Pin.Points),
        Column<HoldChange>.Instant(r => r.OccurredAt),
        Column<HoldChange>.Instant(r => r.RecordedAt),
        Column<HoldChange>.Text(r => r.Reference));
}
