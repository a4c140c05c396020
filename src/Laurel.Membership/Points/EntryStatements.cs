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
    public static readonly SetStatement<Entry> InsertEntries = Statements.Insert("entries",
        Column<Entry>.Int32("tenant_id", e => e.Tenant.Value),
        Column<Entry>.Int64("member_id", e => e.Member.Value),
        Column<Entry>.Int64("id", e => e.Id),
        Column<Entry>.Int64("posting_id", e => e.PostingId),
        Column<Entry>.Text("unit", e => e.Unit),
        Column<Entry>.Text("kind", e => e.Kind),
        Column<Entry>.Text("account", e => e.Account),
        Column<Entry>.Int64("amount", e => e.Amount),
        Column<Entry>.Int64("balance_after", e => e.BalanceAfter),
        Column<Entry>.Int64("debt_delta", e => e.DebtDelta),
        Column<Entry>.Int64("lifetime_delta", e => e.LifetimeDelta),
        Column<Entry>.Instant("occurred_at", e => e.OccurredAt),
        Column<Entry>.Instant("recorded_at", e => e.RecordedAt),
        Column<Entry>.NullableInt64("expires_at", e => e.ExpiresAt?.UnixMicroseconds),
        Column<Entry>.Text("rule", e => e.Rule),
        Column<Entry>.Int32("rule_version", e => e.RuleVersion),
        Column<Entry>.NullableInt64("base", e => e.Base),
        Column<Entry>.NullableInt32("multiplier", e => e.MultiplierBasisPoints),
        Column<Entry>.NullableInt64("cut", e => e.Cut),
        Column<Entry>.Text("reason", e => e.Reason),
        Column<Entry>.Text("reference_type", e => e.ReferenceType),
        Column<Entry>.Text("reference_id", e => e.ReferenceId),
        Column<Entry>.Text("order_id", e => e.OrderId),
        Column<Entry>.NullableInt64("related_id", e => e.RelatedId),
        Column<Entry>.Text("detail", e => e.Detail))
        .Telling(MembershipMetrics.Count);

    public static readonly SetStatement<TakeRow> InsertTakes = Statements.Insert("lot_takes",
        Column<TakeRow>.Int32("tenant_id", r => r.Tenant),
        Column<TakeRow>.Int64("member_id", r => r.Member),
        Column<TakeRow>.Int64("entry_id", r => r.Entry),
        Column<TakeRow>.Int64("lot_id", r => r.Take.LotId),
        Column<TakeRow>.Int64("points", r => r.Take.Points),
        Column<TakeRow>.Instant("occurred_at", r => r.OccurredAt));

    public static readonly SetStatement<NewHold> InsertHolds = Statements.Insert("holds",
        Column<NewHold>.Int32("tenant_id", r => r.Tenant),
        Column<NewHold>.Int64("member_id", r => r.Member),
        Column<NewHold>.Int64("id", r => r.Hold.Id),
        Column<NewHold>.Int64("points", r => r.Hold.Points),
        Column<NewHold>.Int64("captured", _ => 0),
        Column<NewHold>.Int64("released", _ => 0),
        Column<NewHold>.Text("status", _ => "open"),
        Column<NewHold>.Instant("opened_at", r => r.Hold.OpenedAt),
        Column<NewHold>.Instant("expires_at", r => r.Hold.ExpiresAt),
        Column<NewHold>.Text("reason", r => r.Reason),
        Column<NewHold>.Text("reference_type", r => r.ReferenceType),
        Column<NewHold>.Text("reference_id", r => r.ReferenceId));

    public static readonly SetStatement<HoldChange> InsertHoldChanges = Statements.Insert("hold_changes",
        Column<HoldChange>.Int32("tenant_id", r => r.Tenant),
        Column<HoldChange>.Int64("member_id", r => r.Member),
        Column<HoldChange>.Int64("id", r => r.Id),
        Column<HoldChange>.Int64("hold_id", r => r.Hold),
        Column<HoldChange>.Int64("lot_id", r => r.Pin.LotId),
        Column<HoldChange>.Text("kind", r => r.Kind),
        Column<HoldChange>.Int64("points", r => r.Pin.Points),
        Column<HoldChange>.Instant("occurred_at", r => r.OccurredAt),
        Column<HoldChange>.Instant("recorded_at", r => r.RecordedAt),
        Column<HoldChange>.Text("reference", r => r.Reference));
}
