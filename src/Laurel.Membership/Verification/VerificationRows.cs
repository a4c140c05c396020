using System.Collections.Immutable;
using System.Globalization;
using Laurel.Engine.Sql;
using Laurel.Membership.Orders;

namespace Laurel.Membership.Verification;

internal sealed record MemberRow : IMemberRow
{
    public required int Tenant { get; init; }

    public required long Member { get; init; }

    public required string ExternalId { get; init; }

    public required string LevelCode { get; init; }

    public required long Points { get; init; }

    public required long Held { get; init; }

    public required long Debt { get; init; }

    public required long Receivable { get; init; }

    public required long NextChangeAt { get; init; }

    public required long Growth { get; init; }

    public required long Balance { get; init; }

    public required long Lifetime { get; init; }

    public required long TotalOrders { get; init; }

    public required long TotalAmount { get; init; }

    public required bool FirstOrderUsed { get; init; }

    public required long LastId { get; init; }

    public required long BalanceHeld { get; init; }

    /// <summary>What judges the level besides the sums; null for nothing.</summary>
    public required string? LevelState { get; init; }

    /// <summary>When points lapse that lapse by inactivity; null where the member never had any.</summary>
    public required long? InactiveAt { get; init; }

    public PageKey Key => PageKey.Start with { Tenant = Tenant, Member = Member };
}

/// <summary>A lot as it is stored.</summary>
internal sealed record StoredLot(long Granted, long Opening, long Remaining, long Held, long Expired, long ActiveAt, long ExpiresAt);

/// <summary>An entry, and the lot that it granted or null.</summary>
internal sealed record EntryRow : IMemberRow
{
    public required int Tenant { get; init; }

    public required long Member { get; init; }

    public required long Id { get; init; }

    public required long PostingId { get; init; }

    public required string Unit { get; init; }

    public required string Kind { get; init; }

    public required string Account { get; init; }

    public required long Amount { get; init; }

    public required long BalanceAfter { get; init; }

    public required long DebtDelta { get; init; }

    public required long LifetimeDelta { get; init; }

    public required long OccurredAt { get; init; }

    public required long RecordedAt { get; init; }

    public required long? ExpiresAt { get; init; }

    public required string Rule { get; init; }

    public required int RuleVersion { get; init; }

    public required string ReferenceType { get; init; }

    public required string ReferenceId { get; init; }

    public required string? OrderId { get; init; }

    public required long? RelatedId { get; init; }

    /// <summary>Of a claw-back: what it is for, be it there or not. Null in those that are older than rules.</summary>
    public required long? Base { get; init; }

    public required string? Detail { get; init; }

    public required StoredLot? Lot { get; init; }

    public string IdText => Id.ToString(CultureInfo.InvariantCulture);

    public PageKey Key => PageKey.Start with { Tenant = Tenant, Member = Member, First = Id };
}

internal sealed record TakeRow(int Tenant, long Member, long Entry, long Lot, long Points, long OccurredAt) : IMemberRow
{
    public PageKey Key => PageKey.Start with { Tenant = Tenant, Member = Member, First = Entry, Second = Lot };
}

/// <summary>A hold as it is stored.</summary>
internal sealed record StoredHold(
    long Points, long Captured, long Released, string Status, long OpenedAt, long ExpiresAt, string ReferenceType, string ReferenceId);

/// <summary>A change of a hold, and the hold itself or null.</summary>
internal sealed record HoldChangeRow : IMemberRow
{
    public required int Tenant { get; init; }

    public required long Member { get; init; }

    public required long Id { get; init; }

    public required long HoldId { get; init; }

    public required long LotId { get; init; }

    public required string Kind { get; init; }

    public required long Points { get; init; }

    public required long OccurredAt { get; init; }

    public required string Reference { get; init; }

    public required StoredHold? Hold { get; init; }

    public PageKey Key => PageKey.Start with { Tenant = Tenant, Member = Member, First = Id };
}

internal sealed record PinRow(int Tenant, long Member, long Hold, long Lot, long Points) : IMemberRow
{
    public PageKey Key => PageKey.Start with { Tenant = Tenant, Member = Member, First = Hold, Second = Lot };
}

internal sealed record OrderRow : IMemberRow
{
    public required int Tenant { get; init; }

    public required long Member { get; init; }

    public required string OrderId { get; init; }

    public required long Amount { get; init; }

    public required long Refunded { get; init; }

    public required ImmutableArray<OrderEarning> Earnings { get; init; }

    public PageKey Key => PageKey.Start with { Tenant = Tenant, Member = Member, Text = OrderId };
}

/// <summary>The pages of the tables, in the order in which each dialect keeps them by member.</summary>
internal static class VerificationPages
{
    /// <summary>Rows of one page: large enough that the trip is nothing, small enough for constant memory.</summary>
    private const string PageRows = "2048";

    internal static readonly Column<PageKey> Tenant = Column<PageKey>.Int32("tenant_id", k => k.Tenant);
    internal static readonly Column<PageKey> Member = Column<PageKey>.Int64("member_id", k => k.Member);
    internal static readonly Column<PageKey> First = Column<PageKey>.Int64("first_id", k => k.First);
    internal static readonly Column<PageKey> Second = Column<PageKey>.Int64("second_id", k => k.Second);
    internal static readonly Column<PageKey> Text = Column<PageKey>.Text("text_id", k => k.Text);

    public static readonly SetStatement<PageKey> Members = Page(
        """
        SELECT m.tenant_id, m.id, m.external_id, m.level_code, m.points, m.held, m.debt, m.receivable, m.next_change_at, m.growth,
            m.balance, m.lifetime, m.total_orders, m.total_amount, m.first_order_used, m.last_id,
            m.balance_held, m.level_state, m.inactive_at
        FROM {members m}
        """,
        "m.tenant_id", "m.id", Tenant, Member);

    public static readonly SetStatement<PageKey> Entries = Page(
        """
        SELECT e.tenant_id, e.member_id, e.id, e.posting_id, e.unit, e.kind, e.account, e.amount, e.balance_after, e.debt_delta,
            e.lifetime_delta, e.occurred_at, e.expires_at, e.rule, e.rule_version, e.reference_type, e.reference_id, e.order_id,
            e.related_id, e.detail, l.granted, l.opening, l.remaining, l.held, l.expired, l.active_at, l.expires_at AS lot_expires_at,
            e.recorded_at, e.base
        FROM {entries e}
        LEFT JOIN lots l ON l.tenant_id = e.tenant_id AND l.member_id = e.member_id AND l.id = e.id
        """,
        "e.tenant_id", "e.member_id, e.id", Tenant, Member, First);

    public static readonly SetStatement<PageKey> Takes = Page(
        "SELECT t.tenant_id, t.member_id, t.entry_id, t.lot_id, t.points, t.occurred_at FROM {lot_takes t}",
        "t.tenant_id", "t.member_id, t.entry_id, t.lot_id", Tenant, Member, First, Second);

    public static readonly SetStatement<PageKey> HoldChanges = Page(
        """
        SELECT c.tenant_id, c.member_id, c.id, c.hold_id, c.lot_id, c.kind, c.points, c.occurred_at, c.reference,
            h.points AS held, h.captured, h.released, h.status, h.opened_at, h.expires_at, h.reference_type, h.reference_id
        FROM {hold_changes c}
        LEFT JOIN holds h ON h.tenant_id = c.tenant_id AND h.member_id = c.member_id AND h.id = c.hold_id
        """,
        "c.tenant_id", "c.member_id, c.id", Tenant, Member, First);

    public static readonly SetStatement<PageKey> Pins = Page(
        "SELECT p.tenant_id, p.member_id, p.hold_id, p.lot_id, p.points FROM {hold_pins p}",
        "p.tenant_id", "p.member_id, p.hold_id, p.lot_id", Tenant, Member, First, Second);

    public static readonly SetStatement<PageKey> Orders = Page(
        """
        SELECT o.tenant_id, o.member_id, o.order_id, o.amount, o.refunded, o.earnings FROM {orders o}
        """,
        "o.tenant_id", "o.member_id, o.order_id", Tenant, Member, Text);

    public static MemberRow ReadMember(SqlRow row) => new()
    {
        Tenant = row.Int32(0),
        Member = row.Int64(1),
        ExternalId = row.Text(2),
        LevelCode = row.Text(3),
        Points = row.Int64(4),
        Held = row.Int64(5),
        Debt = row.Int64(6),
        Receivable = row.Int64(7),
        NextChangeAt = row.Int64(8),
        Growth = row.Int64(9),
        Balance = row.Int64(10),
        Lifetime = row.Int64(11),
        TotalOrders = row.Int64(12),
        TotalAmount = row.Int64(13),
        FirstOrderUsed = row.Flag(14),
        LastId = row.Int64(15),
        BalanceHeld = row.Int64(16),
        LevelState = row.TextOrNull(17),
        InactiveAt = row.Int64OrNull(18),
    };

    public static EntryRow ReadEntry(SqlRow row) => new()
    {
        Tenant = row.Int32(0),
        Member = row.Int64(1),
        Id = row.Int64(2),
        PostingId = row.Int64(3),
        Unit = row.Text(4),
        Kind = row.Text(5),
        Account = row.Text(6),
        Amount = row.Int64(7),
        BalanceAfter = row.Int64(8),
        DebtDelta = row.Int64(9),
        LifetimeDelta = row.Int64(10),
        OccurredAt = row.Int64(11),
        RecordedAt = row.Int64(27),
        Base = row.Int64OrNull(28),
        ExpiresAt = row.Int64OrNull(12),
        Rule = row.Text(13),
        RuleVersion = row.Int32(14),
        ReferenceType = row.Text(15),
        ReferenceId = row.Text(16),
        OrderId = row.TextOrNull(17),
        RelatedId = row.Int64OrNull(18),
        Detail = row.TextOrNull(19),
        Lot = row.IsNull(20)
            ? null
            : new StoredLot(row.Int64(20), row.Int64(21), row.Int64(22), row.Int64(23), row.Int64(24), row.Int64(25), row.Int64(26)),
    };

    public static TakeRow ReadTake(SqlRow row) =>
        new(row.Int32(0), row.Int64(1), row.Int64(2), row.Int64(3), row.Int64(4), row.Int64(5));

    public static HoldChangeRow ReadHoldChange(SqlRow row) => new()
    {
        Tenant = row.Int32(0),
        Member = row.Int64(1),
        Id = row.Int64(2),
        HoldId = row.Int64(3),
        LotId = row.Int64(4),
        Kind = row.Text(5),
        Points = row.Int64(6),
        OccurredAt = row.Int64(7),
        Reference = row.Text(8),
        Hold = row.IsNull(9)
            ? null
            : new StoredHold(row.Int64(9), row.Int64(10), row.Int64(11), row.Text(12), row.Int64(13), row.Int64(14), row.Text(15), row.Text(16)),
    };

    public static PinRow ReadPin(SqlRow row) => new(row.Int32(0), row.Int64(1), row.Int64(2), row.Int64(3), row.Int64(4));

    public static OrderRow ReadOrder(SqlRow row) => new()
    {
        Tenant = row.Int32(0),
        Member = row.Int64(1),
        OrderId = row.Text(2),
        Amount = row.Int64(3),
        Refunded = row.Int64(4),
        Earnings = OrderEarnings.Read(row.Text(5)),
    };

    // SQLite keeps rows by member and PostgreSQL by tenant and member; members' ids are unique over all tenants. SQLite numbers
    // its parameters as they appear, so the tenant's has to appear too.
    /// <param name="select">The query with its table and alias in braces.</param>
    internal static SetStatement<PageKey> Page(string select, string tenant, string key, params Column<PageKey>[] columns)
    {
        var names = Enumerable.Range(1, columns.Length).ToArray();
        var parameters = string.Join(", ", names.Select(n => $"${n}"));
        var own = string.Join(", ", names.Skip(1).Select(n => $"${n}"));
        var whole = select.Replace("{", "", StringComparison.Ordinal).Replace("}", "", StringComparison.Ordinal);

        // The page is cut before anything is joined to it. Otherwise PostgreSQL may merge two indexes from their beginnings to the
        // place of the page, for each page anew: an hour for ten million entries.
        var (open, close) = (select.IndexOf('{', StringComparison.Ordinal), select.IndexOf('}', StringComparison.Ordinal));
        var table = select[(open + 1)..close];
        var page = $"""
            (SELECT * FROM {table} WHERE ({tenant}, {key}) > ({string.Join(", ", names.Select(n => $"k.k{n}"))})
             ORDER BY {tenant}, {key} LIMIT {PageRows}) {table.Split(' ')[1]}
            """;
        return new SetStatement<PageKey>(
            sqlite: $"{whole} WHERE $1 IS NOT NULL AND ({key}) > ({own}) ORDER BY {key} LIMIT {PageRows}",
            postgres: $"""
                SELECT page.* FROM unnest({parameters}) k ({string.Join(", ", names.Select(n => $"k{n}"))})
                CROSS JOIN LATERAL ({select[..open]}{page}{select[(close + 1)..]} ORDER BY {tenant}, {key}) page
                """,
            mySql: $"{whole} WHERE {After([tenant, .. key.Split(", ")])} ORDER BY {tenant}, {key} LIMIT {PageRows}",
            columns);
    }

    // MySQL walks the whole index to compare rows as a whole; it finds the place when the comparison is taken apart.
    private static string After(string[] keys) => string.Join(" OR ", keys.Select((key, i) =>
        "(" + string.Join(" AND ", [.. keys[..i].Select((equal, j) => $"{equal} = ${j + 1}"), $"{key} > ${i + 1}"]) + ")"));
}
