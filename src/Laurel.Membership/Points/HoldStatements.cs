using System.Collections.Immutable;
using Laurel.Engine.Lanes;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Ledger;
using Laurel.Membership.Members;

namespace Laurel.Membership.Points;

/// <summary>The SQL of holds and their pins.</summary>
internal static class HoldStatements
{
    internal readonly record struct HoldRow(int Tenant, long Member, Hold Hold);

    internal readonly record struct PinRow(int Tenant, long Member, long Hold, long Lot, long Points);

    internal readonly record struct HoldKey(int Tenant, long Member, long Id);

    private const string Columns = "h.tenant_id, h.member_id, h.id, h.points, h.captured, h.released, h.status, h.opened_at, h.expires_at";

    private const string PinColumns = "p.tenant_id, p.member_id, p.hold_id, p.lot_id, p.points, l.expires_at, l.active_at";

    // An id of 0 asks for every open hold of the member.
    public static readonly SetStatement<HoldKey> ReadHolds = new(
        sqlite: "SELECT " + Columns + " FROM holds h WHERE h.tenant_id = $1 AND h.member_id = $2 AND (h.id = $3 OR ($3 = 0 AND h.status = 'open'))",
        postgres: "SELECT " + Columns + " FROM unnest($1, $2, $3) k (tenant_id, member_id, id) JOIN holds h ON h.tenant_id = k.tenant_id AND h.member_id = k.member_id AND (h.id = k.id OR (k.id = 0 AND h.status = 'open'))",
        mySql: "SELECT " + Columns + " FROM {rows} k STRAIGHT_JOIN holds h ON h.tenant_id = k.tenant_id AND h.member_id = k.member_id AND (h.id = k.id OR (k.id = 0 AND h.status = 'open'))",
        Column<HoldKey>.Int32("tenant_id", k => k.Tenant),
        Column<HoldKey>.Int64("member_id", k => k.Member),
        Column<HoldKey>.Int64("id", k => k.Id));

    public static readonly SetStatement<HoldKey> ReadPins = new(
        sqlite: "SELECT " + PinColumns + """
             FROM holds h
            JOIN hold_pins p ON p.member_id = h.member_id AND p.hold_id = h.id
            JOIN lots l ON l.id = p.lot_id
            WHERE h.tenant_id = $1 AND h.member_id = $2 AND (h.id = $3 OR ($3 = 0 AND h.status = 'open')) AND p.points > 0
            """,
        postgres: "SELECT " + PinColumns + """
             FROM unnest($1, $2, $3) k (tenant_id, member_id, id)
            JOIN holds h ON h.tenant_id = k.tenant_id AND h.member_id = k.member_id AND (h.id = k.id OR (k.id = 0 AND h.status = 'open'))
            JOIN hold_pins p ON p.tenant_id = h.tenant_id AND p.member_id = h.member_id AND p.hold_id = h.id
            JOIN lots l ON l.tenant_id = p.tenant_id AND l.member_id = p.member_id AND l.id = p.lot_id
            WHERE p.points > 0
            """,
        mySql: "SELECT " + PinColumns + """
             FROM {rows} k
            STRAIGHT_JOIN holds h ON h.tenant_id = k.tenant_id AND h.member_id = k.member_id AND (h.id = k.id OR (k.id = 0 AND h.status = 'open'))
            STRAIGHT_JOIN hold_pins p ON p.tenant_id = h.tenant_id AND p.member_id = h.member_id AND p.hold_id = h.id
            STRAIGHT_JOIN lots l ON l.tenant_id = p.tenant_id AND l.member_id = p.member_id AND l.id = p.lot_id
            WHERE p.points > 0
            """,
        Column<HoldKey>.Int32("tenant_id", k => k.Tenant),
        Column<HoldKey>.Int64("member_id", k => k.Member),
        Column<HoldKey>.Int64("id", k => k.Id));

    private static readonly SetStatement<HoldRow> s_update = Statements.Update("holds", keys: 3,
        Column<HoldRow>.Int32("tenant_id", r => r.Tenant),
        Column<HoldRow>.Int64("member_id", r => r.Member),
        Column<HoldRow>.Int64("id", r => r.Hold.Id),
        Column<HoldRow>.Int64("captured", r => r.Hold.Captured),
        Column<HoldRow>.Int64("released", r => r.Hold.Released),
        Column<HoldRow>.Text("status", r => NameOf(r.Hold.Status)),
        Column<HoldRow>.Instant("expires_at", r => r.Hold.ExpiresAt));

    private static readonly SetStatement<PinRow> s_writePin = Statements.Write("hold_pins", keys: 4,
        Column<PinRow>.Int32("tenant_id", r => r.Tenant),
        Column<PinRow>.Int64("member_id", r => r.Member),
        Column<PinRow>.Int64("hold_id", r => r.Hold),
        Column<PinRow>.Int64("lot_id", r => r.Lot),
        Column<PinRow>.Int64("points", r => r.Points));

    public static string NameOf(HoldStatus status) => status switch
    {
        HoldStatus.Open => "open",
        HoldStatus.Captured => "captured",
        HoldStatus.Released => "released",
        HoldStatus.Expired => "expired",
    };

    /// <summary>Writes what changed of stored holds. New holds are inserted by the command that opens them, with its words.</summary>
    public static void Write(SqlScriptBuilder builder, IReadOnlyList<MemberBook> books)
    {
        var changed = new List<HoldRow>();
        var pins = new List<PinRow>();
        foreach (var book in books)
        {
            var (tenant, member) = (book.Identity.Tenant.Value, book.Identity.Id.Value);
            foreach (var hold in book.Points.Holds.Changed())
            {
                changed.Add(new HoldRow(tenant, member, hold));
                AddPins(pins, tenant, member, hold, book.Points.Holds.Stored(hold.Id));
            }

            foreach (var hold in book.Points.Holds.New())
            {
                AddPins(pins, tenant, member, hold, null);
            }
        }

        builder.Add(s_update, changed);
        builder.Add(s_writePin, pins);
    }

    public static Hold Read(SqlRow row, ImmutableArray<HoldPin> pins) => new()
    {
        Id = row.Int64(2),
        Points = row.Int64(3),
        Captured = row.Int64(4),
        Released = row.Int64(5),
        Status = StatusOf(row.Text(6)),
        OpenedAt = row.Instant(7),
        ExpiresAt = row.Instant(8),
        Pins = pins,
    };

    private static void AddPins(List<PinRow> rows, int tenant, long member, Hold hold, Hold? stored)
    {
        rows.AddRange(hold.Pins.Select(pin => new PinRow(tenant, member, hold.Id, pin.Lot.Id, pin.Points)));
        if (stored is not null)
        {
            rows.AddRange(
                from pin in stored.Pins
                where hold.Pins.All(left => left.Lot != pin.Lot)
                select new PinRow(tenant, member, hold.Id, pin.Lot.Id, 0));
        }
    }

    private static HoldStatus StatusOf(string name) => name switch
    {
        "open" => HoldStatus.Open,
        "captured" => HoldStatus.Captured,
        "released" => HoldStatus.Released,
        "expired" => HoldStatus.Expired,
        _ => throw new InvariantBrokenException($"A hold has status '{name}', which no version wrote."),
    };
}

/// <summary>Reads holds by id, or every open one of a member (id 0), with their pins and the lots they pin.</summary>
internal sealed class HoldLoader(MemberKind members) : ChildLoader<HoldStatements.HoldKey>
{
    protected override LoadResult Load(SqlScriptBuilder builder, IReadOnlyList<HoldStatements.HoldKey> needs)
    {
        var pins = new Dictionary<long, List<HoldPin>>();
        var holds = new List<(RootRef Root, Hold Hold)>();
        builder.Add(HoldStatements.ReadPins, needs, row =>
        {
            if (!pins.TryGetValue(row.Int64(2), out var list))
            {
                pins.Add(row.Int64(2), list = []);
            }

            list.Add(new HoldPin(new LotPosition(row.Instant(5), row.Instant(6), row.Int64(3)), row.Int64(4)));
        });
        builder.Add(HoldStatements.ReadHolds, needs, row =>
        {
            var list = pins.GetValueOrDefault(row.Int64(2)) ?? [];
            list.Sort(static (a, b) => a.Lot.CompareTo(b.Lot));
            var root = members.RootOf(new TenantId(row.Int32(0)), new MemberId(row.Int64(1)));
            holds.Add((root, HoldStatements.Read(row, [.. list.DistinctBy(pin => pin.Lot)])));
        });
        return set =>
        {
            foreach (var (root, hold) in holds)
            {
                set.Loaded<MemberBook>(root).Points.LoadHolds([hold], all: false);
            }

            foreach (var need in needs.Where(need => need.Id == 0))
            {
                set.Loaded<MemberBook>(members.RootOf(new TenantId(need.Tenant), new MemberId(need.Member))).Points.LoadHolds([], all: true);
            }
        };
    }
}
