using Dapper;
using Laurel.Engine.Lanes;
using Laurel.Engine.Nodes;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Membership.Points;

namespace Laurel.Membership.Search;

/// <summary>An index that members are brought into who were there before it.</summary>
public static class SearchPart
{
    /// <summary>Nicknames, real names and ends of phone numbers.</summary>
    public const string Names = "names";

    /// <summary>Figures to sort by, where the programme keeps them.</summary>
    public const string Figures = "figures";
}

/// <summary>How far an index is filled.</summary>
internal sealed record FillRow(int Tenant, string Part, long Through, Instant BegunAt, Instant? CompletedAt)
{
    // Of an index that was given up nothing may say that it is whole.
    public static readonly SetStatement<FillRow> Forget = new(
        sqlite: "DELETE FROM search_fills WHERE tenant_id = $1 AND part = $2",
        postgres: "DELETE FROM search_fills f USING unnest($1, $2) k (tenant_id, part) WHERE f.tenant_id = k.tenant_id AND f.part = k.part",
        Column<FillRow>.Int32("tenant_id", r => r.Tenant),
        Column<FillRow>.Text("part", r => r.Part));

    private static readonly Column<FillRow>[] s_columns =
    [
        Column<FillRow>.Int32("tenant_id", r => r.Tenant),
        Column<FillRow>.Text("part", r => r.Part),
        Column<FillRow>.Instant("begun_at", r => r.BegunAt),
        Column<FillRow>.Int64("through", r => r.Through),
        Column<FillRow>.NullableInt64("completed_at", r => r.CompletedAt?.UnixMicroseconds),
    ];

    public static readonly SetStatement<FillRow> Begin = Statements.InsertMissing("search_fills", s_columns);

    // Of a filling that was given up meanwhile there is no row, or another's: then nothing is written.
    public static readonly SetStatement<FillRow> Advance = new(
        sqlite: "UPDATE search_fills SET through = $4, completed_at = $5 WHERE tenant_id = $1 AND part = $2 AND begun_at = $3",
        postgres: """
            UPDATE search_fills f SET through = k.through, completed_at = k.completed_at
            FROM unnest($1, $2, $3, $4, $5) k (tenant_id, part, begun_at, through, completed_at)
            WHERE f.tenant_id = k.tenant_id AND f.part = k.part AND f.begun_at = k.begun_at
            """,
        s_columns);

    public static FillRow FiguresOf(TenantId tenant) => new(tenant.Value, SearchPart.Figures, 0, Instant.Never, null);
}

/// <summary>Brings members who were there before an index into it, page by page, each by a command of its own; and takes figures away that the programme
/// no longer keeps. Goes on where the last run ended.</summary>
public sealed class SearchFill(Database database, LaneSet lanes, MemberBooks books, TimeProvider clock)
{
    private const int MembersOfPage = 512;

    /// <summary>By then no command is on its way any more that was decided before the index began.</summary>
    private static readonly TimeSpan s_settles = TimeSpan.FromMinutes(1);

    private const string Find = """
        SELECT f.through AS Through, f.begun_at AS BegunAt, f.completed_at AS CompletedAt FROM search_fills f WHERE f.tenant_id = @Tenant AND f.part = @Part
        """;

    private readonly string _page =
        $"SELECT a.id FROM {SearchPlan.RowsBy(database, "members", "a", "PRIMARY")} WHERE a.tenant_id = @Tenant AND a.id > @After ORDER BY a.id LIMIT @Limit";

    private const string Kept = "SELECT member_id FROM member_figures WHERE tenant_id = @Tenant ORDER BY member_id LIMIT @Limit";

    private static readonly SetStatement<(int Tenant, long Member)> s_drop = new(
        sqlite: "DELETE FROM member_figures WHERE tenant_id = $1 AND member_id = $2",
        postgres: "DELETE FROM member_figures f USING unnest($1, $2) k (tenant_id, member_id) WHERE f.tenant_id = k.tenant_id AND f.member_id = k.member_id",
        Column<(int Tenant, long Member)>.Int32("tenant_id", r => r.Tenant),
        Column<(int Tenant, long Member)>.Int64("member_id", r => r.Member));

    private sealed class Row
    {
        public long Through { get; init; }

        public long BegunAt { get; init; }

        public long? CompletedAt { get; init; }
    }

    /// <param name="fence">Holds its commands back when this node has lost its lease; null asks for none.</param>
    /// <returns>Members who were brought in.</returns>
    public async Task<int> RunAsync(TenantId tenant, LeaseFence? fence, CancellationToken cancellationToken)
    {
        var brought = await FillAsync(tenant, SearchPart.Names, fence, cancellationToken);
        if (books.Programmes.Latest(tenant) is { Programme.Search.Figures: true })
        {
            return brought + await FillAsync(tenant, SearchPart.Figures, fence, cancellationToken);
        }

        await DropAsync(tenant, cancellationToken);
        return brought;
    }

    private async Task<int> FillAsync(TenantId tenant, string part, LeaseFence? fence, CancellationToken cancellationToken)
    {
        var now = Instant.Now(clock);
        var row = await FindAsync(tenant, part, cancellationToken);
        if (row is null)
        {
            await lanes.SubmitAsync(new LaneWrite("search", Reach.Of(tenant)).Add(FillRow.Begin, new FillRow(tenant.Value, part, 0, now, null)), cancellationToken);
            return 0;
        }

        for (var brought = 0; ;)
        {
            if (row.CompletedAt is not null || row.BegunAt.Plus(s_settles) > now)
            {
                return brought;
            }

            var page = await AskAsync(tenant, _page, new { Tenant = tenant.Value, After = row.Through, Limit = MembersOfPage }, cancellationToken);
            var done = 0;
            await lanes.SubmitManyAsync(
                page.Select(id => new IndexMember(tenant, new MemberId(id), books) { Fence = fence }),
                Sweep.MembersInFlight,
                (_, outcome) => done += outcome is Outcome.Applied { Reply: bool keepsFigures } && (keepsFigures || part == SearchPart.Names) ? 1 : 0,
                cancellationToken);
            brought += done;
            if (done < page.Count)
            {
                // The lease is lost, nothing can be written, or the programme keeps no figures any more: the next run begins with this page.
                return brought;
            }

            row = page.Count < MembersOfPage ? row with { CompletedAt = Instant.Now(clock) } : row with { Through = page[^1] };
            await lanes.SubmitAsync(new LaneWrite("search", Reach.Of(tenant)).Add(FillRow.Advance, row), cancellationToken);
        }
    }

    private async Task DropAsync(TenantId tenant, CancellationToken cancellationToken)
    {
        while (true)
        {
            var page = await AskAsync(tenant, Kept, new { Tenant = tenant.Value, Limit = MembersOfPage }, cancellationToken);
            var write = new LaneWrite("search", Reach.Of(tenant)).Add(s_drop, [.. page.Select(id => (tenant.Value, id))]);
            if (page.Count == 0 || await lanes.SubmitAsync(write, cancellationToken) is not Outcome.Applied)
            {
                return;
            }
        }
    }

    private async Task<FillRow?> FindAsync(TenantId tenant, string part, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenReaderAsync(Reach.Of(tenant), cancellationToken);
        using var timed = database.Times.Begin("search.fill");
        var arguments = new { Tenant = tenant.Value, Part = part };
        return await session.Connection.QuerySingleOrDefaultAsync<Row>(new CommandDefinition(Find, arguments, cancellationToken: cancellationToken)) is { } row
            ? new FillRow(tenant.Value, part, row.Through, new Instant(row.BegunAt), row.CompletedAt is { } at ? new Instant(at) : null)
            : null;
    }

    private async Task<List<long>> AskAsync(TenantId tenant, string sql, object arguments, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenReaderAsync(Reach.Of(tenant), cancellationToken);
        using var timed = database.Times.Begin("search.members");
        return (await session.Connection.QueryAsync<long>(new CommandDefinition(sql, arguments, cancellationToken: cancellationToken))).AsList();
    }
}
