using Laurel.Engine.Sql;
using Laurel.Kernel;

namespace Laurel.Membership.Openings;

/// <summary>The SQL that writes opening balances. All of it goes through the lanes.</summary>
/// <remarks>Opening rows of a cut are the same whoever reckons them, so a taker that lost its lease and goes on inserts what is there. What
/// puts in force or removes asks for the lease.</remarks>
internal static class OpeningStatements
{
    internal readonly record struct CutRow(long Cut, int Month, Instant BegunAt);

    internal readonly record struct InForce(long Cut, Instant At, long? LatestAt, long Members, string Lease, long Token);

    internal readonly record struct MonthRow(string Table, int Month, long Rows, long Cut);

    internal readonly record struct StoredRow(string Table, int Month, string StoredAs);

    internal readonly record struct MemberKey(int Tenant, long Member, long Cut, string Lease, long Token);

    internal readonly record struct CutKey(long Cut, string Lease, long Token);

    internal readonly record struct EntryKey(int Tenant, long Member, long Id);

    public static readonly SetStatement<CutRow> InsertCut = Statements.InsertMissing("opening_cuts",
        Column<CutRow>.Int64("cut_id", r => r.Cut),
        Column<CutRow>.Int32("month", r => r.Month),
        Column<CutRow>.Instant("begun_at", r => r.BegunAt),
        Column<CutRow>.Int64("members", _ => 0));

    // Fenced: a taker that lost its lease puts nothing in force. It changes nothing either when its cut was given up meanwhile.
    public static readonly SetStatement<InForce> PutInForce = new(
        sqlite: """
            UPDATE opening_cuts SET in_force_at = $2, latest_at = $3, members = $4
            WHERE cut_id = $1 AND in_force_at IS NULL AND EXISTS (SELECT 1 FROM leases WHERE name = $5 AND token = $6)
            """,
        postgres: """
            UPDATE opening_cuts o SET in_force_at = k.at, latest_at = k.latest_at, members = k.members
            FROM unnest($1, $2, $3, $4, $5, $6) k (cut_id, at, latest_at, members, lease, token)
            WHERE o.cut_id = k.cut_id AND o.in_force_at IS NULL AND EXISTS (SELECT 1 FROM leases l WHERE l.name = k.lease AND l.token = k.token)
            """,
        mySql: """
            UPDATE {rows} k STRAIGHT_JOIN opening_cuts ON opening_cuts.cut_id = k.cut_id
            SET opening_cuts.in_force_at = k.at, opening_cuts.latest_at = k.latest_at, opening_cuts.members = k.members
            WHERE opening_cuts.in_force_at IS NULL AND EXISTS (SELECT 1 FROM leases l WHERE l.name = k.lease AND l.token = k.token)
            """,
        Column<InForce>.Int64("cut_id", r => r.Cut),
        Column<InForce>.Instant("at", r => r.At),
        Column<InForce>.NullableInt64("latest_at", r => r.LatestAt),
        Column<InForce>.Int64("members", r => r.Members),
        Column<InForce>.Text("lease", r => r.Lease),
        Column<InForce>.Int64("token", r => r.Token));

    /// <summary>Written with <see cref="PutInForce"/>, and only when that did put the cut in force.</summary>
    public static readonly SetStatement<MonthRow> InsertMonths = new(
        sqlite: """
            INSERT INTO detached_months (table_name, month, row_count)
            SELECT $1, $2, $3 WHERE EXISTS (SELECT 1 FROM opening_cuts WHERE cut_id = $4 AND in_force_at IS NOT NULL)
            ON CONFLICT DO NOTHING
            """,
        postgres: """
            INSERT INTO detached_months (table_name, month, row_count)
            SELECT k.table_name, k.month, k.row_count FROM unnest($1, $2, $3, $4) k (table_name, month, row_count, cut_id)
            WHERE EXISTS (SELECT 1 FROM opening_cuts o WHERE o.cut_id = k.cut_id AND o.in_force_at IS NOT NULL)
            ON CONFLICT DO NOTHING
            """,
        mySql: """
            INSERT INTO detached_months (table_name, month, row_count)
            SELECT k.table_name, k.month, k.row_count FROM {rows} k
            WHERE EXISTS (SELECT 1 FROM opening_cuts WHERE opening_cuts.cut_id = k.cut_id AND opening_cuts.in_force_at IS NOT NULL)
            ON DUPLICATE KEY UPDATE detached_months.row_count = detached_months.row_count
            """,
        Column<MonthRow>.Text("table_name", r => r.Table),
        Column<MonthRow>.Int32("month", r => r.Month),
        Column<MonthRow>.Int64("row_count", r => r.Rows),
        Column<MonthRow>.Int64("cut_id", r => r.Cut));

    public static readonly SetStatement<StoredRow> MarkStored = Statements.Update("detached_months", keys: 2,
        Column<StoredRow>.Text("table_name", r => r.Table),
        Column<StoredRow>.Int32("month", r => r.Month),
        Column<StoredRow>.Text("stored_as", r => r.StoredAs));

    public static readonly SetStatement<OpeningFigures> InsertFigures = Statements.InsertMissing("opening_members",
        Column<OpeningFigures>.Int32("tenant_id", r => r.Tenant),
        Column<OpeningFigures>.Int64("member_id", r => r.Member),
        Column<OpeningFigures>.Int64("cut_id", r => r.Cut),
        Column<OpeningFigures>.Int64("debt", r => r.Debt),
        Column<OpeningFigures>.Int64("receivable", r => r.Receivable),
        Column<OpeningFigures>.Int64("lifetime", r => r.Lifetime),
        Column<OpeningFigures>.Int64("order_points", r => r.OrderPoints),
        Column<OpeningFigures>.Int64("order_bonus", r => r.OrderBonus),
        Column<OpeningFigures>.Int64("order_growth", r => r.OrderGrowth),
        Column<OpeningFigures>.Int32("judged_by", r => r.JudgedBy),
        Column<OpeningFigures>.Int64("earned", r => r.Earned),
        Column<OpeningFigures>.Int64("spent", r => r.Spent),
        Column<OpeningFigures>.Int64("movements", r => r.Movements),
        Column<OpeningFigures>.NullableInt64("moved_at", r => r.MovedAt),
        Column<OpeningFigures>.Int64("latest_at", r => r.LatestAt),
        Column<OpeningFigures>.NullableInt64("inactive_at", r => r.InactiveAt),
        Column<OpeningFigures>.Hash("seal", r => r.Seal));

    public static readonly SetStatement<UnitOpening> InsertUnits = Statements.InsertMissing("opening_balances",
        Column<UnitOpening>.Int32("tenant_id", r => r.Tenant),
        Column<UnitOpening>.Int64("member_id", r => r.Member),
        Column<UnitOpening>.Int64("cut_id", r => r.Cut),
        Column<UnitOpening>.Text("unit", r => r.Unit),
        Column<UnitOpening>.Int64("issuance", r => r.Issuance),
        Column<UnitOpening>.Int64("redemption", r => r.Redemption),
        Column<UnitOpening>.Int64("expiry", r => r.Expiry),
        Column<UnitOpening>.Int64("adjustment", r => r.Adjustment),
        Column<UnitOpening>.Int64("transfer", r => r.Transfer),
        Column<UnitOpening>.Int64("receivable", r => r.Receivable),
        Column<UnitOpening>.Int64("cancellation", r => r.Cancellation),
        Column<UnitOpening>.Int64("cash", r => r.Cash),
        Column<UnitOpening>.Int64("payout", r => r.Payout),
        Column<UnitOpening>.Int64("exchange", r => r.Exchange));

    public static readonly SetStatement<LotOpening> InsertLots = Statements.InsertMissing("opening_lots",
        Column<LotOpening>.Int32("tenant_id", r => r.Tenant),
        Column<LotOpening>.Int64("member_id", r => r.Member),
        Column<LotOpening>.Int64("cut_id", r => r.Cut),
        Column<LotOpening>.Int64("lot_id", r => r.LotId),
        Column<LotOpening>.Int64("granted", r => r.Granted),
        Column<LotOpening>.Int64("opening", r => r.Opening),
        Column<LotOpening>.Int64("remaining", r => r.Remaining),
        Column<LotOpening>.Int64("held", r => r.Held),
        Column<LotOpening>.Int64("expired", r => r.Expired),
        Column<LotOpening>.Int64("active_at", r => r.ActiveAt),
        Column<LotOpening>.Int64("expires_at", r => r.ExpiresAt),
        Column<LotOpening>.Text("order_id", r => r.OrderId));

    public static readonly SetStatement<OrderOpening> InsertOrders = Statements.InsertMissing("opening_orders",
        Column<OrderOpening>.Int32("tenant_id", r => r.Tenant),
        Column<OrderOpening>.Int64("member_id", r => r.Member),
        Column<OrderOpening>.Int64("cut_id", r => r.Cut),
        Column<OrderOpening>.Text("order_id", r => r.OrderId),
        Column<OrderOpening>.Int64("points_taken", r => r.PointsTaken),
        Column<OrderOpening>.Int64("growth_taken", r => r.GrowthTaken));

    public static readonly SetStatement<CutKey> DeleteCut = new(
        sqlite: "DELETE FROM opening_cuts WHERE cut_id = $1 AND EXISTS (SELECT 1 FROM leases WHERE name = $2 AND token = $3)",
        postgres: """
            DELETE FROM opening_cuts o USING unnest($1, $2, $3) k (cut_id, lease, token)
            WHERE o.cut_id = k.cut_id AND EXISTS (SELECT 1 FROM leases l WHERE l.name = k.lease AND l.token = k.token)
            """,
        Column<CutKey>.Int64("cut_id", k => k.Cut),
        Column<CutKey>.Text("lease", k => k.Lease),
        Column<CutKey>.Int64("token", k => k.Token));

    /// <summary>Removes all opening rows of a member at a cut: one statement for each table.</summary>
    public static readonly IReadOnlyList<SetStatement<MemberKey>> DeleteMember =
        [.. new[] { "opening_balances", "opening_lots", "opening_orders", "opening_members" }.Select(DeleteFrom)];

    /// <summary>SQLite alone: what an entry took, and the entry, once a file has them.</summary>
    public static readonly SetStatement<EntryKey> DeleteTakes = new(
        sqlite: "DELETE FROM lot_takes WHERE tenant_id = $1 AND member_id = $2 AND entry_id = $3", postgres: "", mySql: "",
        EntryColumns());

    public static readonly SetStatement<EntryKey> DeleteEntries = new(
        sqlite: "DELETE FROM entries WHERE tenant_id = $1 AND member_id = $2 AND id = $3", postgres: "", mySql: "",
        EntryColumns());

    private static SetStatement<MemberKey> DeleteFrom(string table) => new(
        sqlite: $"""
            DELETE FROM {table} WHERE tenant_id = $1 AND member_id = $2 AND cut_id = $3
            AND EXISTS (SELECT 1 FROM leases WHERE name = $4 AND token = $5)
            """,
        postgres: $"""
            DELETE FROM {table} o USING unnest($1, $2, $3, $4, $5) k (tenant_id, member_id, cut_id, lease, token)
            WHERE o.tenant_id = k.tenant_id AND o.member_id = k.member_id AND o.cut_id = k.cut_id
            AND EXISTS (SELECT 1 FROM leases l WHERE l.name = k.lease AND l.token = k.token)
            """,
        Column<MemberKey>.Int32("tenant_id", k => k.Tenant),
        Column<MemberKey>.Int64("member_id", k => k.Member),
        Column<MemberKey>.Int64("cut_id", k => k.Cut),
        Column<MemberKey>.Text("lease", k => k.Lease),
        Column<MemberKey>.Int64("token", k => k.Token));

    private static Column<EntryKey>[] EntryColumns() =>
    [
        Column<EntryKey>.Int32("tenant_id", k => k.Tenant), Column<EntryKey>.Int64("member_id", k => k.Member), Column<EntryKey>.Int64("id", k => k.Id),
    ];
}
