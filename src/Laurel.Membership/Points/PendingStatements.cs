using Laurel.Engine.Lanes;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Ledger;
using Laurel.Membership.Members;

namespace Laurel.Membership.Points;

/// <summary>How the life of a lot was moved, as it is stored. Never changed.</summary>
internal sealed record LotChange
{
    public const string Pend = "pend";
    public const string Activate = "activate";
    public const string Extend = "extend";

    /// <summary>A carryover of the programme gave it another end; the reference is the version.</summary>
    public const string Carry = "carry";

    /// <summary>It lapsed by inactivity, and has a date since.</summary>
    public const string EndInactive = "inactive";

    public required int Tenant { get; init; }

    public required long Member { get; init; }

    /// <summary>Drawn for the member, as the ids of entries are.</summary>
    public required long Id { get; init; }

    public required string Kind { get; init; }

    /// <summary>What the lot had left.</summary>
    public required long Points { get; init; }

    public required LotPosition From { get; init; }

    public required LotPosition To { get; init; }

    public required Instant OccurredAt { get; init; }

    public required Instant RecordedAt { get; init; }

    public required string Reason { get; init; }

    /// <summary>Who did it; null where nobody did.</summary>
    public string? Operator { get; init; }

    public required string Reference { get; init; }
}

/// <summary>The SQL of pending lots and of the changes of lots.</summary>
internal static class PendingStatements
{
    internal readonly record struct MemberKey(int Tenant, long Member);

    private sealed record PendingRow(int Tenant, long Member, PendingLot Lot);

    /// <summary>The pending lots of a member, each with its lot.</summary>
    public static readonly SetStatement<MemberKey> Read = Statements.Find(
        """
        l.tenant_id, l.member_id, l.id, l.granted, l.opening, l.remaining, l.held, l.expired, l.active_at, l.expires_at, l.lapse_use, l.reminded_days,
        w.activates_at, w.cancels_at, w.event, w.reference, w.validity_days, w.lifetime, w.repays_percent
        """,
        "pending_lots w",
        "JOIN lots l ON l.tenant_id = w.tenant_id AND l.member_id = w.member_id AND l.id = w.lot_id",
        Column<MemberKey>.Int32("tenant_id", k => k.Tenant),
        Column<MemberKey>.Int64("member_id", k => k.Member));

    public static readonly SetStatement<LotChange> InsertChanges = Statements.Insert("lot_changes",
        Column<LotChange>.Int32("tenant_id", c => c.Tenant),
        Column<LotChange>.Int64("member_id", c => c.Member),
        Column<LotChange>.Int64("id", c => c.Id),
        Column<LotChange>.Int64("lot_id", c => c.From.Id),
        Column<LotChange>.Text("kind", c => c.Kind),
        Column<LotChange>.Int64("points", c => c.Points),
        Column<LotChange>.Instant("active_before", c => c.From.ActiveAt),
        Column<LotChange>.Instant("active_after", c => c.To.ActiveAt),
        Column<LotChange>.Instant("expires_before", c => c.From.ExpiresAt),
        Column<LotChange>.Instant("expires_after", c => c.To.ExpiresAt),
        Column<LotChange>.Instant("occurred_at", c => c.OccurredAt),
        Column<LotChange>.Instant("recorded_at", c => c.RecordedAt),
        Column<LotChange>.Text("reason", c => c.Reason),
        Column<LotChange>.Text("operator", c => c.Operator),
        Column<LotChange>.Text("reference", c => c.Reference));

    private static readonly SetStatement<PendingRow> s_insert = Statements.Insert("pending_lots",
        Column<PendingRow>.Int32("tenant_id", r => r.Tenant),
        Column<PendingRow>.Int64("member_id", r => r.Member),
        Column<PendingRow>.Int64("lot_id", r => r.Lot.LotId),
        Column<PendingRow>.Instant("activates_at", r => r.Lot.ActivatesAt),
        Column<PendingRow>.Instant("cancels_at", r => r.Lot.CancelsAt),
        Column<PendingRow>.Text("event", r => r.Lot.Event),
        Column<PendingRow>.Text("reference", r => r.Lot.Reference),
        Column<PendingRow>.NullableInt32("validity_days", r => r.Lot.ValidityDays),
        Column<PendingRow>.Int64("lifetime", r => r.Lot.Lifetime),
        Column<PendingRow>.Int32("repays_percent", r => r.Lot.RepaysPercent));

    private static readonly SetStatement<PendingRow> s_update = Statements.Update("pending_lots", keys: 3,
        Column<PendingRow>.Int32("tenant_id", r => r.Tenant),
        Column<PendingRow>.Int64("member_id", r => r.Member),
        Column<PendingRow>.Int64("lot_id", r => r.Lot.LotId),
        Column<PendingRow>.Instant("cancels_at", r => r.Lot.CancelsAt),
        Column<PendingRow>.Int64("lifetime", r => r.Lot.Lifetime));

    private static readonly SetStatement<PendingRow> s_delete = new(
        sqlite: "DELETE FROM pending_lots WHERE tenant_id = $1 AND member_id = $2 AND lot_id = $3",
        postgres: """
            WITH hit AS (
                DELETE FROM pending_lots w USING unnest($1, $2, $3) k (tenant_id, member_id, lot_id)
                WHERE w.tenant_id = k.tenant_id AND w.member_id = k.member_id AND w.lot_id = k.lot_id
                RETURNING 1)
            SELECT laurel_require(count(*), cardinality($1)) FROM hit
            """,
        Column<PendingRow>.Int32("tenant_id", r => r.Tenant),
        Column<PendingRow>.Int64("member_id", r => r.Member),
        Column<PendingRow>.Int64("lot_id", r => r.Lot.LotId))
    {
        HitsEveryRow = true,
    };

    public static void Write(SqlScriptBuilder builder, IReadOnlyList<MemberBook> books)
    {
        var (added, changed, ended) = (new List<PendingRow>(), new List<PendingRow>(), new List<PendingRow>());
        foreach (var book in books)
        {
            var (tenant, member) = (book.Identity.Tenant.Value, book.Identity.Id.Value);
            added.AddRange(book.Points.Pending.New().Where(lot => !lot.Ended).Select(lot => new PendingRow(tenant, member, lot)));
            foreach (var lot in book.Points.Pending.Changed())
            {
                (lot.Ended ? ended : changed).Add(new PendingRow(tenant, member, lot));
            }
        }

        builder.Add(s_insert, added);
        builder.Add(s_update, changed);
        builder.Add(s_delete, ended);
    }

    public static PendingLot ReadPending(SqlRow row) => new()
    {
        LotId = row.Int64(2),
        ActivatesAt = row.Instant(12),
        CancelsAt = row.Instant(13),
        Event = row.TextOrNull(14),
        Reference = row.TextOrNull(15),
        ValidityDays = row.IsNull(16) ? null : row.Int32(16),
        Lifetime = row.Int64(17),
        RepaysPercent = row.Int32(18),
    };
}

/// <summary>Reads all pending lots of a member, and the lots themselves.</summary>
internal sealed class PendingLoader(MemberKind members) : ChildLoader<PendingStatements.MemberKey>
{
    protected override LoadResult Load(SqlScriptBuilder builder, IReadOnlyList<PendingStatements.MemberKey> needs)
    {
        var found = new List<(RootRef Root, Lot Lot, PendingLot Pending)>();
        builder.Add(PendingStatements.Read, needs, row => found.Add((
            members.RootOf(new TenantId(row.Int32(0)), new MemberId(row.Int64(1))), LotStatements.Read(row), PendingStatements.ReadPending(row))));
        return set =>
        {
            foreach (var (root, lot, pending) in found)
            {
                var points = set.Loaded<MemberBook>(root).Points;
                points.LoadNamedLots([lot]);
                points.LoadPending([pending], all: false);
            }

            foreach (var need in needs)
            {
                set.Loaded<MemberBook>(members.RootOf(new TenantId(need.Tenant), new MemberId(need.Member))).Points.LoadPending([], all: true);
            }
        };
    }
}
