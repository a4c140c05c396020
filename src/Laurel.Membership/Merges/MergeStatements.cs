using System.Text.Json;
using Laurel.Engine.Lanes;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Benefits;
using Laurel.Membership.Coupons;
using Laurel.Membership.Levels;
using Laurel.Membership.Members;
using Laurel.Membership.Points;
using Laurel.Membership.Rules;
using Laurel.Membership.Units;

namespace Laurel.Membership.Merges;

/// <summary>The SQL of merges and of what they moved.</summary>
internal static class MergeStatements
{
    internal readonly record struct MemberKey(int Tenant, long Member);

    private sealed record MergeRow(int Tenant, MemberMerge Merge);

    private sealed record MoveRow(int Tenant, long Source, MergeMove Move);

    private static readonly Column<MergeRow>[] s_state =
    [
        Column<MergeRow>.Int32("tenant_id", r => r.Tenant),
        Column<MergeRow>.Int64("source_id", r => r.Merge.Source),
        Column<MergeRow>.Int64("id", r => r.Merge.Id),
        Column<MergeRow>.NullableInt64("undone_at", r => r.Merge.UndoneAt?.UnixMicroseconds),
        Column<MergeRow>.Text("undo_reason", r => r.Merge.UndoReason),
        Column<MergeRow>.Text("undo_operator", r => r.Merge.UndoOperator),
    ];

    private static readonly SetStatement<MergeRow> s_insert = Statements.Insert("member_merges",
    [
        .. s_state,
        Column<MergeRow>.Int64("survivor_id", r => r.Merge.Survivor),
        Column<MergeRow>.Text("reference", r => r.Merge.Reference),
        Column<MergeRow>.Text("reason", r => r.Merge.Reason),
        Column<MergeRow>.Text("operator", r => r.Merge.Operator),
        Column<MergeRow>.Instant("merged_at", r => r.Merge.MergedAt),
        Column<MergeRow>.Text("source_level", r => r.Merge.SourceLevel),
        Column<MergeRow>.Text("level_before", r => r.Merge.LevelBefore),
        Column<MergeRow>.Text("level_after", r => r.Merge.LevelAfter),
        Column<MergeRow>.Text("tracks", r => TextOf(r.Merge.Tracks)),
    ]);

    private static readonly SetStatement<MergeRow> s_update = Statements.Update("member_merges", keys: 3, s_state);

    private static readonly SetStatement<MoveRow> s_insertMoves = Statements.Insert("member_merge_moves",
        Column<MoveRow>.Int32("tenant_id", r => r.Tenant),
        Column<MoveRow>.Int64("source_id", r => r.Source),
        Column<MoveRow>.Int64("id", r => r.Move.Id),
        Column<MoveRow>.Int64("merge_id", r => r.Move.Merge),
        Column<MoveRow>.Text("kind", r => r.Move.Kind),
        Column<MoveRow>.Int64("from_member", r => r.Move.From),
        Column<MoveRow>.Int64("from_ref", r => r.Move.FromRef),
        Column<MoveRow>.Int64("to_member", r => r.Move.To),
        Column<MoveRow>.Int64("to_ref", r => r.Move.ToRef),
        Column<MoveRow>.Int64("quantity", r => r.Move.Quantity),
        Column<MoveRow>.Text("code", r => r.Move.Code),
        Column<MoveRow>.Int64("period", r => r.Move.Period));

    public static readonly SetStatement<MemberKey> ReadMerges = Statements.Find(
        """
        g.source_id, g.id, g.survivor_id, g.reference, g.reason, g.operator, g.merged_at, g.source_level, g.level_before, g.level_after, g.undone_at,
            g.undo_reason, g.undo_operator, g.tracks
        """,
        "member_merges g", "", KeyBy("source_id"));

    public static readonly SetStatement<MemberKey> ReadMoves = Statements.Find(
        "v.source_id, v.id, v.merge_id, v.kind, v.from_member, v.from_ref, v.to_member, v.to_ref, v.quantity, v.code, v.period",
        "member_merge_moves v", "", KeyBy("source_id"));

    public static readonly SetStatement<MemberKey> ReadLimits = Statements.Find("c.member_id, c.limit_code, c.period, c.used", "limit_counters c", "", KeyBy("member_id"));

    public static readonly SetStatement<MemberKey> ReadCaps = Statements.Find("c.member_id, c.period, c.used", "cap_counters c", "", KeyBy("member_id"));

    public static readonly SetStatement<MemberKey> ReadCoupons = Statements.Find(CouponStatements.Columns, "coupons c", "", KeyBy("member_id"));

    public static readonly SetStatement<MemberKey> ReadGrants = Statements.Find(BenefitStatements.GrantColumns, "member_benefits g", "", KeyBy("member_id"));

    // Which order earned a lot its entry says or, once that is detached, the opening balances do.
    public static readonly SetStatement<MemberKey> ReadLotOrders = Statements.Find(
        "l.member_id, l.id, COALESCE(e.order_id, o.order_id)",
        "lots l",
        """
        LEFT JOIN entries e ON e.tenant_id = l.tenant_id AND e.member_id = l.member_id AND e.id = l.id AND l.remaining > 0 AND e.kind IN ('earn', 'merge')
        LEFT JOIN opening_lots o ON o.tenant_id = l.tenant_id AND o.member_id = l.member_id AND o.lot_id = l.id AND l.remaining > 0
        """,
        KeyBy("member_id"));

    public static void Write(SqlScriptBuilder builder, IReadOnlyList<MemberBook> books)
    {
        var merged = books.Where(book => book.HasMerges).ToList();
        if (merged.Count == 0)
        {
            return;
        }

        builder.Add(s_insert, [.. from book in merged from merge in book.Merges.All.New() select new MergeRow(book.Identity.Tenant.Value, merge)]);
        builder.Add(s_update, [.. from book in merged from merge in book.Merges.All.Changed() select new MergeRow(book.Identity.Tenant.Value, merge)]);
        builder.Add(s_insertMoves,
        [
            .. from book in merged from move in book.Merges.Moves.New() orderby move.Id select new MoveRow(book.Identity.Tenant.Value, book.Identity.Id.Value, move),
        ]);
    }

    public static MemberMerge ReadMerge(SqlRow row) => new()
    {
        Source = row.Int64(0),
        Id = row.Int64(1),
        Survivor = row.Int64(2),
        Reference = row.Text(3),
        Reason = row.Text(4),
        Operator = row.Text(5),
        MergedAt = row.Instant(6),
        SourceLevel = row.Text(7),
        LevelBefore = row.Text(8),
        LevelAfter = row.Text(9),
        UndoneAt = row.Int64OrNull(10) is { } undone ? new Instant(undone) : null,
        UndoReason = row.TextOrNull(11),
        UndoOperator = row.TextOrNull(12),
        Tracks = row.TextOrNull(13) is { } tracks ? JsonSerializer.Deserialize(tracks, LevelStateJson.Default.IReadOnlyListTrackMerge) : null,
    };

    private static string? TextOf(IReadOnlyList<TrackMerge>? tracks) =>
        tracks is null ? null : JsonSerializer.Serialize(tracks, LevelStateJson.Default.IReadOnlyListTrackMerge);

    public static MergeMove ReadMove(SqlRow row) => new(
        row.Int64(1), row.Int64(2), row.Text(3), row.Int64(4), row.Int64(5), row.Int64(6), row.Int64(7), row.Int64(8), row.Text(9), (int)row.Int64(10));

    private static Column<MemberKey>[] KeyBy(string member) =>
        [Column<MemberKey>.Int32("tenant_id", k => k.Tenant), Column<MemberKey>.Int64(member, k => k.Member)];
}

/// <summary>Reads the merges of members that went, and what these moved.</summary>
internal sealed class MergeLoader(MemberKind members) : ChildLoader<MergeStatements.MemberKey>
{
    protected override LoadResult Load(SqlScriptBuilder builder, IReadOnlyList<MergeStatements.MemberKey> needs)
    {
        var merges = new List<MemberMerge>();
        var moves = new List<(long Source, MergeMove Move)>();
        builder.Add(MergeStatements.ReadMerges, needs, row => merges.Add(MergeStatements.ReadMerge(row)));
        builder.Add(MergeStatements.ReadMoves, needs, row => moves.Add((row.Int64(0), MergeStatements.ReadMove(row))));
        return set =>
        {
            foreach (var need in needs)
            {
                var book = set.Loaded<MemberBook>(members.RootOf(new TenantId(need.Tenant), new MemberId(need.Member))).Merges;
                merges.FindAll(merge => merge.Source == need.Member).ForEach(merge => book.All.Load(merge.Id, merge));
                moves.FindAll(move => move.Source == need.Member).ForEach(move => book.Moves.Load(move.Move.Id, move.Move));
                book.IsLoaded = true;
            }
        };
    }
}

/// <summary>Reads everything a member has that is not in the row: all counters, coupons, grants and units, and which orders earned the open lots.</summary>
internal sealed class HoldingsLoader(MemberKind members) : ChildLoader<MergeStatements.MemberKey>
{
    protected override LoadResult Load(SqlScriptBuilder builder, IReadOnlyList<MergeStatements.MemberKey> needs)
    {
        var limits = new List<(long Member, LimitUse Use)>();
        var caps = new List<(long Member, CapUse Use)>();
        var coupons = new List<(long Member, Coupon Coupon)>();
        var grants = new List<(long Member, BenefitGrant Grant)>();
        var orders = new List<(long Member, long Lot, string Order)>();
        builder.Add(MergeStatements.ReadLimits, needs, row =>
            limits.Add((row.Int64(0), new LimitUse(new LimitKey(row.Text(1), (int)row.Int64(2)), row.Int64(3)))));
        builder.Add(MergeStatements.ReadCaps, needs, row => caps.Add((row.Int64(0), CapUse.Parse(row.Int32(1), row.Text(2)))));
        builder.Add(MergeStatements.ReadCoupons, needs, row => coupons.Add((row.Int64(1), CouponStatements.Read(row))));
        builder.Add(MergeStatements.ReadGrants, needs, row => grants.Add((row.Int64(1), BenefitStatements.ReadGrant(row))));
        var units = UnitStatements.Load(builder, [.. needs.Select(need => new UnitStatements.MemberKey(need.Tenant, need.Member))], members);
        builder.Add(MergeStatements.ReadLotOrders, needs, row =>
        {
            if (row.TextOrNull(2) is { } order)
            {
                orders.Add((row.Int64(0), row.Int64(1), order));
            }
        });
        return set =>
        {
            units(set);
            foreach (var need in needs)
            {
                var book = set.Loaded<MemberBook>(members.RootOf(new TenantId(need.Tenant), new MemberId(need.Member)));
                limits.FindAll(one => one.Member == need.Member).ForEach(one => book.Limits.Load(one.Use.Key, one.Use));
                caps.FindAll(one => one.Member == need.Member).ForEach(one => book.Caps.Load(one.Use.Period, one.Use));
                coupons.FindAll(one => one.Member == need.Member).ForEach(one => book.Coupons.All.Load(one.Coupon.Id, one.Coupon));
                grants.FindAll(one => one.Member == need.Member).ForEach(one => book.Benefits.Grants.Load(one.Grant.Reference, one.Grant));
                book.Merges.LotOrders = orders.FindAll(one => one.Member == need.Member).DistinctBy(one => one.Lot).ToDictionary(one => one.Lot, one => one.Order);
                book.Merges.HasHoldings = true;
            }
        };
    }
}
