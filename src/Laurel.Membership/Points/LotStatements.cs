using Laurel.Engine.Lanes;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Ledger;
using Laurel.Membership.Members;

namespace Laurel.Membership.Points;

/// <summary>The SQL of lots: read in spending order only as far as a batch needs, written once each.</summary>
internal static class LotStatements
{
    /// <summary>Lots of one page, by the size of the page: a small first look, then larger ones.</summary>
    public const int FirstPageLots = 64;

    public const int NextPageLots = 1_024;

    internal readonly record struct LotRow(int Tenant, long Member, Lot Lot);

    internal readonly record struct PageKey(int Tenant, long Member, LotPosition After);

    internal readonly record struct LotKey(int Tenant, long Member, long Id);

    /// <param name="Entry">The expiry that took the points; 0 for any.</param>
    internal readonly record struct LapsedKey(int Tenant, long Member, Instant Since, long Entry);

    private const string Columns = "l.tenant_id, l.member_id, l.id, l.granted, l.opening, l.remaining, l.held, l.expired, l.active_at, l.expires_at, l.lapse_use, l.reminded_days";

    private const string PageSqlite = "SELECT " + Columns + """
         FROM lots l
        WHERE l.tenant_id = $1 AND l.member_id = $2 AND l.remaining > 0 AND (l.expires_at, l.active_at, l.id) > ($3, $4, $5)
        ORDER BY l.expires_at, l.active_at, l.id
        """;

    private const string PagePostgres = "SELECT page.* FROM unnest($1, $2, $3, $4, $5) k (tenant_id, member_id, expires_at, active_at, id) CROSS JOIN LATERAL (SELECT " + Columns + """
         FROM lots l
        WHERE l.tenant_id = k.tenant_id AND l.member_id = k.member_id AND l.remaining > 0
          AND (l.expires_at, l.active_at, l.id) > (k.expires_at, k.active_at, k.id)
        ORDER BY l.expires_at, l.active_at, l.id
        """;

    // MySQL has no index of part of a table: open_expires_at is expires_at while something remains, else NULL.
    private const string PageMySql = "SELECT " + Columns + """
         FROM lots l FORCE INDEX (lots_open)
        WHERE l.tenant_id = $1 AND l.member_id = $2 AND l.open_expires_at >= $3
          AND (l.open_expires_at > $3 OR l.active_at > $4 OR (l.active_at = $4 AND l.id > $5))
        ORDER BY l.open_expires_at, l.active_at, l.id
        """;

    public static readonly SetStatement<PageKey> ReadFirstPage = Page(PageSqlite + " LIMIT 64", PagePostgres + " LIMIT 64) page", PageMySql + " LIMIT 64");

    public static readonly SetStatement<PageKey> ReadNextPage = Page(PageSqlite + " LIMIT 1024", PagePostgres + " LIMIT 1024) page", PageMySql + " LIMIT 1024");

    public static readonly SetStatement<LotKey> ReadByIds = Statements.Find(Columns, "lots l", "",
        Column<LotKey>.Int32("tenant_id", k => k.Tenant),
        Column<LotKey>.Int64("member_id", k => k.Member),
        Column<LotKey>.Int64("id", k => k.Id));

    private static readonly SetStatement<LotRow> s_insert = Statements.Insert("lots",
        Column<LotRow>.Int32("tenant_id", r => r.Tenant),
        Column<LotRow>.Int64("member_id", r => r.Member),
        Column<LotRow>.Int64("id", r => r.Lot.Id),
        Column<LotRow>.Int64("granted", r => r.Lot.Granted),
        Column<LotRow>.Int64("opening", r => r.Lot.Opening),
        Column<LotRow>.Int64("remaining", r => r.Lot.Remaining),
        Column<LotRow>.Int64("held", r => r.Lot.Held),
        Column<LotRow>.Int64("expired", r => r.Lot.Expired),
        Column<LotRow>.Instant("active_at", r => r.Lot.ActiveAt),
        Column<LotRow>.Instant("expires_at", r => r.Lot.ExpiresAt));

    private static readonly SetStatement<LotRow> s_update = Statements.Update("lots", keys: 3,
        Column<LotRow>.Int32("tenant_id", r => r.Tenant),
        Column<LotRow>.Int64("member_id", r => r.Member),
        Column<LotRow>.Int64("id", r => r.Lot.Id),
        Column<LotRow>.Int64("remaining", r => r.Lot.Remaining),
        Column<LotRow>.Int64("held", r => r.Lot.Held),
        Column<LotRow>.Int64("expired", r => r.Lot.Expired),
        Column<LotRow>.Int32("lapse_use", r => (int)r.Lot.LapseUse),
        Column<LotRow>.Int32("reminded_days", r => r.Lot.RemindedDays));

    // A statement of its own for the few lots that move: it rewrites their place in the index of the open lots.
    private static readonly SetStatement<LotRow> s_move = Statements.Update("lots", keys: 3,
        Column<LotRow>.Int32("tenant_id", r => r.Tenant),
        Column<LotRow>.Int64("member_id", r => r.Member),
        Column<LotRow>.Int64("id", r => r.Lot.Id),
        Column<LotRow>.Int64("opening", r => r.Lot.Opening),
        Column<LotRow>.Int64("remaining", r => r.Lot.Remaining),
        Column<LotRow>.Int64("held", r => r.Lot.Held),
        Column<LotRow>.Int64("expired", r => r.Lot.Expired),
        Column<LotRow>.Int32("lapse_use", r => (int)r.Lot.LapseUse),
        Column<LotRow>.Int32("reminded_days", r => r.Lot.RemindedDays),
        Column<LotRow>.Instant("active_at", r => r.Lot.ActiveAt),
        Column<LotRow>.Instant("expires_at", r => r.Lot.ExpiresAt));

    /// <summary>Lots of a member that lapsed on or after an instant and of which nothing came back yet. SQLite, whose index has open lots
    /// only, finds them by what was taken.</summary>
    public static readonly SetStatement<LapsedKey> ReadLapsed = new(
        sqlite: "SELECT " + Columns + """
             FROM lots l
            WHERE l.tenant_id = $1 AND l.member_id = $2 AND l.expires_at >= $3 AND l.expired > 0 AND l.lapse_use = 0
              AND l.id IN (SELECT t.lot_id FROM lot_takes t WHERE t.member_id = $2 AND ($4 = 0 OR t.entry_id = $4))
            """,
        postgres: "SELECT " + Columns + """
             FROM unnest($1, $2, $3, $4) k (tenant_id, member_id, since, entry_id)
            JOIN lots l ON l.tenant_id = k.tenant_id AND l.member_id = k.member_id AND l.expires_at >= k.since AND l.expired > 0 AND l.lapse_use = 0
            WHERE k.entry_id = 0 OR EXISTS (
                SELECT 1 FROM lot_takes t WHERE t.tenant_id = k.tenant_id AND t.member_id = k.member_id AND t.entry_id = k.entry_id AND t.lot_id = l.id)
            """,
        mySql: "SELECT " + Columns + """
             FROM {rows} k
            STRAIGHT_JOIN lots l ON l.tenant_id = k.tenant_id AND l.member_id = k.member_id AND l.expires_at >= k.since AND l.expired > 0 AND l.lapse_use = 0
            WHERE k.entry_id = 0 OR EXISTS (
                SELECT 1 FROM lot_takes t WHERE t.tenant_id = k.tenant_id AND t.member_id = k.member_id AND t.entry_id = k.entry_id AND t.lot_id = l.id)
            """,
        Column<LapsedKey>.Int32("tenant_id", k => k.Tenant),
        Column<LapsedKey>.Int64("member_id", k => k.Member),
        Column<LapsedKey>.Instant("since", k => k.Since),
        Column<LapsedKey>.Int64("entry_id", k => k.Entry));

    public static void Write(SqlScriptBuilder builder, IReadOnlyList<MemberBook> books)
    {
        var added = new List<LotRow>();
        var changed = new List<LotRow>();
        var moved = new List<LotRow>();
        foreach (var book in books)
        {
            var (tenant, member) = (book.Identity.Tenant.Value, book.Identity.Id.Value);
            added.AddRange(book.Points.NewLots().Select(lot => new LotRow(tenant, member, lot)));
            foreach (var lot in book.Points.ChangedLots())
            {
                var stored = book.Points.StoredLot(lot.Id)!;
                (stored.Position == lot.Position && stored.Opening == lot.Opening ? changed : moved).Add(new LotRow(tenant, member, lot));
            }
        }

        builder.Add(s_insert, added);
        builder.Add(s_update, changed);
        builder.Add(s_move, moved);
    }

    public static Lot Read(SqlRow row) => new()
    {
        Position = new LotPosition(row.Instant(9), row.Instant(8), row.Int64(2)),
        Granted = row.Int64(3),
        Opening = row.Int64(4),
        Remaining = row.Int64(5),
        Held = row.Int64(6),
        Expired = row.Int64(7),
        LapseUse = (LapseUse)row.Int32(10),
        RemindedDays = row.Int32(11),
    };

    private static SetStatement<PageKey> Page(string sqlite, string postgres, string mySql) => new(
        sqlite,
        postgres,
        mySql,
        Column<PageKey>.Int32("tenant_id", k => k.Tenant),
        Column<PageKey>.Int64("member_id", k => k.Member),
        Column<PageKey>.Instant("expires_at", k => k.After.ExpiresAt),
        Column<PageKey>.Instant("active_at", k => k.After.ActiveAt),
        Column<PageKey>.Int64("id", k => k.After.Id));
}

/// <summary>Reads the next page of a member's open lots, in spending order.</summary>
internal sealed class LotPageLoader(MemberKind members) : ChildLoader<LotStatements.PageKey>
{
    protected override LoadResult Load(SqlScriptBuilder builder, IReadOnlyList<LotStatements.PageKey> needs)
    {
        var lots = needs.ToDictionary(need => need.Member, _ => new List<Lot>());
        builder.Add(LotStatements.ReadFirstPage, [.. needs.Where(IsFirst)], row => lots[row.Int64(1)].Add(LotStatements.Read(row)));
        builder.Add(LotStatements.ReadNextPage, [.. needs.Where(need => !IsFirst(need))], row => lots[row.Int64(1)].Add(LotStatements.Read(row)));
        return set =>
        {
            foreach (var need in needs)
            {
                var page = lots[need.Member];
                // Nothing but the order of this page is relied on; a nested loop keeps it, another join would not.
                page.Sort(static (a, b) => a.Position.CompareTo(b.Position));
                var full = page.Count == (IsFirst(need) ? LotStatements.FirstPageLots : LotStatements.NextPageLots);
                var book = set.Loaded<MemberBook>(members.RootOf(new TenantId(need.Tenant), new MemberId(need.Member)));
                book.Points.LoadLots(page, full ? page[^1].Position : null);
            }
        };
    }

    private static bool IsFirst(LotStatements.PageKey need) => need.After == LotPosition.First;
}

/// <summary>Reads lots by their ids, spent ones too.</summary>
internal sealed class LotLoader(MemberKind members) : ChildLoader<LotStatements.LotKey>
{
    protected override LoadResult Load(SqlScriptBuilder builder, IReadOnlyList<LotStatements.LotKey> needs)
    {
        var lots = new List<(RootRef Root, Lot Lot)>();
        builder.Add(LotStatements.ReadByIds, needs, row =>
            lots.Add((members.RootOf(new TenantId(row.Int32(0)), new MemberId(row.Int64(1))), LotStatements.Read(row))));
        return set =>
        {
            foreach (var (root, lot) in lots)
            {
                set.Loaded<MemberBook>(root).Points.LoadNamedLots([lot]);
            }

            foreach (var need in needs)
            {
                var book = set.Loaded<MemberBook>(members.RootOf(new TenantId(need.Tenant), new MemberId(need.Member)));
                if (!book.Points.IsLotKnown(need.Id))
                {
                    book.Points.LoadMissingLot(need.Id);
                }
            }
        };
    }
}

/// <summary>Reads lots that lapsed not long ago, and notes in the book that they are here.</summary>
internal sealed class LapsedLoader(MemberKind members) : ChildLoader<LotStatements.LapsedKey>
{
    protected override LoadResult Load(SqlScriptBuilder builder, IReadOnlyList<LotStatements.LapsedKey> needs)
    {
        var lots = new List<(RootRef Root, Lot Lot)>();
        builder.Add(LotStatements.ReadLapsed, needs, row =>
            lots.Add((members.RootOf(new TenantId(row.Int32(0)), new MemberId(row.Int64(1))), LotStatements.Read(row))));
        return set =>
        {
            foreach (var (root, lot) in lots)
            {
                set.Loaded<MemberBook>(root).Points.LoadNamedLots([lot]);
            }

            foreach (var need in needs)
            {
                set.Loaded<MemberBook>(members.RootOf(new TenantId(need.Tenant), new MemberId(need.Member)))
                    .Lapsed.Load(need, new LapsedLots([.. lots.Where(lot => lot.Root.Id == need.Member).Select(lot => lot.Lot.Id)]));
            }
        };
    }
}

/// <summary>Ids of lots that a question about lapsed lots found.</summary>
internal sealed record LapsedLots(IReadOnlyList<long> Ids);
