using System.Data.Common;
using Dapper;
using Laurel.ContractTests.Balance;
using Laurel.ContractTests.Product;
using Laurel.Engine.Lanes;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Levels;
using Laurel.Membership.Programmes;
using Laurel.Membership.Search;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ContractTests.Searching;

/// <summary>Lists of more members than one call looks at, on one database: every statement goes along an index, and pages pass nobody over.</summary>
public abstract class LongListsContract(DatabaseUnderTest kind, NamedDatabases databases) : IClassFixture<NamedDatabases>
{
    private const int Members = 24_000;

    private const long FirstId = 900_000_000_000_000_000;

    private static readonly string[] s_sorts = ["id", "registered", "-registered", "spend", "-spend", "points", "-points", "growth", "-growth"];

    private static readonly string[] s_tables = ["members", "member_terms", "member_figures", "personal_data", "natural_keys", "entries"];

    // The aliases of those tables in the statements of a search.
    private static readonly string[] s_aliases = ["a", "m", "l", "s", "c", "f", "w", "t", "p", "n", "e", "r", "d"];

    private static readonly string[] s_sorted = ["LIMIT 5001", "c.member_code = ", "n.key_hash = "];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private sealed record Row(long Number)
    {
        public long Id => FirstId + (Number * 10);
    }

    private static readonly SetStatement<Row> s_members = Statements.Insert("members",
        Column<Row>.Int32("tenant_id", r => r.Number % 4 == 3 ? 2 : 1),
        Column<Row>.Int64("id", r => r.Id),
        Column<Row>.Text("member_code", r => $"M{r.Number:D12}"),
        Column<Row>.Text("external_id", r => $"long-{r.Number}"),
        Column<Row>.Text("nickname", _ => null),
        Column<Row>.Text("status", r => r.Number % 2_000 == 0 ? "frozen" : "active"),
        Column<Row>.Int64("registered_at", r => 1_700_000_000_000_000 + (r.Number / 5 * 1_000_000)),
        Column<Row>.Text("level_code", r => r.Number % 3 == 0 ? "gold" : "bronze"),
        Column<Row>.Int64("level_since", _ => 0),
        Column<Row>.Int64("last_id", r => r.Id),
        Column<Row>.Int64("points", r => r.Number % 700),
        Column<Row>.Int64("held", _ => 0),
        Column<Row>.Int64("debt", _ => 0),
        Column<Row>.Int64("receivable", _ => 0),
        Column<Row>.Int64("next_change_at", _ => Instant.Never.UnixMicroseconds),
        Column<Row>.Int64("activation_at", _ => 0),
        Column<Row>.Int64("growth", r => r.Number % 11),
        Column<Row>.Int64("balance", _ => 0),
        Column<Row>.Int64("lifetime", _ => 0),
        Column<Row>.Int64("total_orders", _ => 0),
        Column<Row>.Int64("total_amount", r => r.Number * 7 % 5_000),
        Column<Row>.Int32("first_order_used", _ => 0),
        Column<Row>.Int64("version", _ => 1));

    private static readonly SetStatement<Row> s_figures = Statements.Insert("member_figures",
        Column<Row>.Int32("tenant_id", r => r.Number % 4 == 3 ? 2 : 1),
        Column<Row>.Int64("member_id", r => r.Id),
        Column<Row>.Int64("spend", r => r.Number * 7 % 5_000),
        Column<Row>.Int64("points", r => r.Number % 700),
        Column<Row>.Int64("growth", r => r.Number % 11));

    private static readonly SetStatement<(long Term, Row Row)> s_terms = Statements.Insert("member_terms",
        Column<(long Term, Row Row)>.Int32("tenant_id", r => r.Row.Number % 4 == 3 ? 2 : 1),
        Column<(long Term, Row Row)>.Int64("term", r => r.Term),
        Column<(long Term, Row Row)>.Int64("member_id", r => r.Row.Id));

    private static readonly SetStatement<(int Tenant, string Part)> s_fills = Statements.Insert("search_fills",
        Column<(int Tenant, string Part)>.Int32("tenant_id", r => r.Tenant),
        Column<(int Tenant, string Part)>.Text("part", r => r.Part),
        Column<(int Tenant, string Part)>.Int64("through", _ => 0),
        Column<(int Tenant, string Part)>.Int64("begun_at", _ => 0),
        Column<(int Tenant, string Part)>.Int64("completed_at", _ => 1));

    private static readonly SetStatement<(long Term, long Member)> s_untag = new(
        sqlite: "DELETE FROM member_terms WHERE tenant_id = 1 AND term = $1 AND member_id = $2",
        postgres: "DELETE FROM member_terms t USING unnest($1, $2) k (term, member_id) WHERE t.tenant_id = 1 AND t.term = k.term AND t.member_id = k.member_id",
        Column<(long Term, long Member)>.Int64("term", r => r.Term),
        Column<(long Term, long Member)>.Int64("member_id", r => r.Member));

    // Few, and far apart on a walk; all of them have the tag.
    private static bool IsLow(Row row) => row.Number % 400 == 2;

    private static readonly long s_wine = TermOf("tag", "wine");

    private static long TermOf(string kind, string text) => unchecked((long)Hash128.Of(MoneyDesk.Tenant.Value, kind, text).High);

    [Fact]
    public async Task GoesAlongIndexes_When_ListsOfEveryOrderAndLeaderAreExplained()
    {
        await using var desk = await OpenAsync("plans");
        var plans = new List<(string Sql, List<string> Steps)>();
        await using var watched = new WatchedDatabase(desk.Database, async command => plans.Add((command.CommandText, await ExplainAsync(command))));
        foreach (var order in s_sorts)
        {
            foreach (var filter in Leaders())
            {
                var asked = filter with { Sort = order };
                var first = await PageAsync(desk, asked, null, watched);
                (await PageAsync(desk, asked, first.Next, watched)).Refusal.ShouldBeNull();
            }
        }

        plans.Count.ShouldBeGreaterThan(300);
        plans.Where(plan => plan.Steps.Any(IsScan)).Select(Text).Take(5).ShouldBeEmpty();
        // What is gathered is sorted, and the one row that a code or an id of the host's names.
        plans.Where(plan => !s_sorted.Any(part => plan.Sql.Contains(part, StringComparison.Ordinal)) && plan.Steps.Any(IsSort)).Select(Text).Take(5).ShouldBeEmpty();
        var scan = await ExplainAsync(desk, "SELECT m.id FROM members m WHERE m.nickname = 'x'");
        IsScan(scan).ShouldBeTrue(string.Join('\n', scan));
        var sort = await ExplainAsync(desk, "SELECT m.id FROM members m WHERE m.tenant_id = 1 ORDER BY m.last_id");
        IsSort(sort).ShouldBeTrue(string.Join('\n', sort));
    }

    [Fact]
    public async Task TellsEverybodyOnceAndInOrder_When_WalksAreCut()
    {
        await using var desk = await OpenAsync("walks");
        var all = Enumerable.Range(0, Members).Select(number => new Row(number)).Where(row => row.Number % 4 != 3).ToList();
        foreach (var sort in s_sorts)
        {
            var filter = new MemberFilter { Tags = ["wine"], Level = "gold", PointsMax = 40, Sort = sort };
            var found = await desk.FindAsync(filter, limit: 150);
            var expected = Sorted(all.Where(row => row.Number % 2 == 0 && row.Number % 3 == 0 && row.Number % 700 <= 40), sort);
            found.ShouldBe(expected, sort);
            (await desk.FindAsync(new MemberFilter { Tags = ["wine"], Track = "vip:low", Sort = sort }, limit: 7)).ShouldBe(Sorted(all.Where(IsLow), sort), sort);
        }

        var ranged = await desk.FindAsync(new MemberFilter { SpendMin = 100, SpendMax = 4_000, Sort = "-spend" }, limit: 5_000);
        ranged.ShouldBe(Sorted(all.Where(row => row.Number * 7 % 5_000 is >= 100 and <= 4_000), "-spend"));
        (await desk.FindAsync(new MemberFilter { Sort = "-registered" }, limit: 7_000)).ShouldBe(Sorted(all, "-registered"));
    }

    [Fact]
    public async Task PassesNobodyOver_When_OthersGoWhileItIsAsked()
    {
        await using var desk = await OpenAsync("moving");
        var leaving = new Queue<long>(Enumerable.Range(0, 2_000).Select(number => new Row(number * 4L).Id));
        async Task LeaveAsync(DbCommand command)
        {
            if (leaving.TryDequeue(out var one))
            {
                (await desk.Node.Lanes.SubmitAsync(new LaneWrite("test", Reach.Everything).Add(s_untag, (s_wine, one)), Cancellation)).ShouldBeOfType<Outcome.Applied>();
            }
        }

        await using var watched = new WatchedDatabase(desk.Database, LeaveAsync);
        var found = new List<long>();
        SearchPlace? after = null;
        for (var pages = 0; pages < 200; pages++)
        {
            var page = await PageAsync(desk, new MemberFilter { Tags = ["wine"], Track = "vip:low" }, after, watched);
            found.AddRange(page.Ids);
            if (page.Next is null)
            {
                break;
            }

            after = page.Next;
        }

        found.Distinct().Count().ShouldBe(found.Count);
        var staying = Enumerable.Range(0, Members).Select(number => new Row(number)).Where(IsLow).Select(row => row.Id);
        staying.Except(found).ShouldBeEmpty();
    }

    private static IEnumerable<MemberFilter> Leaders() =>
    [
        new(),
        new() { Status = "active" },
        new() { Status = "frozen" },
        new() { Level = "gold" },
        new() { Track = "vip:low" },
        new() { Track = "vip:high" },
        new() { Tags = ["wine"] },
        new() { Tags = ["wine"], Level = "gold" },
        new() { Tags = ["wine", "gold"], Status = "active" },
        new() { Tags = ["wine"], Name = "王小明" },
        new() { Query = "13800138000" },
        new() { Query = "M000000000004" },
        new() { Query = "8000" },
        new() { Email = "ming@example.org" },
        new() { ExternalId = "long-4" },
        new() { SpendMin = 100, SpendMax = 4_000 },
        new() { SpendMin = 100, SpendMax = 110 },
        new() { PointsMin = 5, GrowthMin = 1 },
        new() { GrowthMax = 10, Tags = ["wine"] },
        new() { RegisteredFrom = new Instant(1_700_000_000_000_000).ToDateTimeOffset(), RegisteredTo = new Instant(1_700_001_000_000_000).ToDateTimeOffset() },
        new() { ActiveSince = new Instant(1_700_000_000_000_000).ToDateTimeOffset() },
        new() { InactiveSince = new Instant(1_700_000_000_000_000).ToDateTimeOffset(), Level = "gold" },
    ];

    private static List<long> Sorted(IEnumerable<Row> rows, string sort)
    {
        static long ValueOf(Row row, string by) => by switch
        {
            "registered" => row.Number / 5,
            "spend" => row.Number * 7 % 5_000,
            "points" => row.Number % 700,
            "growth" => row.Number % 11,
            _ => 0,
        };
        var by = sort.TrimStart('-');
        return [.. (sort[0] == '-'
            ? rows.OrderByDescending(row => ValueOf(row, by)).ThenByDescending(row => row.Id)
            : rows.OrderBy(row => ValueOf(row, by)).ThenBy(row => row.Id)).Select(row => row.Id)];
    }

    private static Task<FoundMembers> PageAsync(MoneyDatabase desk, MemberFilter filter, SearchPlace? after, Database from) => new MemberSearch(desk.Node.Vault)
        .FindAsync(from, MoneyDesk.Tenant, desk.Books.Programmes.Latest(MoneyDesk.Tenant)!.Programme, filter, after, 20, Cancellation);

    private async Task<MoneyDatabase> OpenAsync(string name)
    {
        var track = new LevelTrack
        {
            Code = "vip",
            NameEnglish = "VIP",
            NameChinese = "贵宾",
            Levels = [LevelOf("low", 0), LevelOf("middle", 100), LevelOf("high", 1_000)],
        };
        var desk = await MoneyDatabase.OpenAsync(
            kind, databases, "long_" + name, programme: new Programme { Tracks = [track], Search = new SearchRules { Figures = true } });
        var rows = Enumerable.Range(0, Members).Select(number => new Row(number)).ToList();
        var (gold, middle) = (TermOf("tag", "gold"), TermOf("track level", "vip\nmiddle"));
        foreach (var piece in rows.Chunk(2_000))
        {
            var terms = piece.Where(row => row.Number % 2 == 0).Select(row => (s_wine, row))
                .Concat(piece.Where(row => row.Number % 1_000 == 0).Select(row => (gold, row)))
                .Concat(piece.Where(row => !IsLow(row)).Select(row => (middle, row)));
            (await desk.Node.Lanes.SubmitAsync(new LaneWrite("test", Reach.Everything).Add(s_members, piece).Add(s_figures, piece).Add(s_terms, [.. terms]), Cancellation))
                .ShouldBeOfType<Outcome.Applied>();
        }

        await desk.Node.Lanes.SubmitAsync(new LaneWrite("test", Reach.Everything).Add(s_fills, (1, SearchPart.Names), (1, SearchPart.Figures)), Cancellation);
        if (kind != DatabaseUnderTest.Sqlite)
        {
            await using var session = await desk.Database.OpenOwnerAsync(Cancellation);
            var tables = string.Join(", ", s_tables);
            await session.Connection.ExecuteAsync(kind == DatabaseUnderTest.Postgres ? "ANALYZE " + tables : "ANALYZE TABLE " + tables);
        }

        return desk;
    }

    private static Level LevelOf(string code, long threshold) => new()
    {
        Code = code,
        NameEnglish = code,
        NameChinese = code,
        Threshold = threshold,
        MultiplierBasisPoints = 10_000,
        DiscountBasisPoints = 10_000,
        FreeShippingFrom = 0,
    };

    private static string Text((string Sql, List<string> Steps) plan) => plan.Sql + "\n" + string.Join('\n', plan.Steps);

    private async Task<List<string>> ExplainAsync(MoneyDatabase desk, string sql)
    {
        await using var session = await desk.Database.OpenReaderAsync(Reach.Everything, Cancellation);
        await using var command = session.Connection.CreateCommand();
        command.CommandText = sql;
        return await ExplainAsync(command);
    }

    private async Task<List<string>> ExplainAsync(DbCommand command)
    {
        var sql = command.CommandText;
        if (!sql.TrimStart().StartsWith("SELECT", StringComparison.Ordinal))
        {
            return [];
        }

        if (kind == DatabaseUnderTest.Postgres)
        {
            // Of tables as small as these a scan is cheaper. What is proved is that an index has the order that is asked for.
            foreach (var way in (string[])["seqscan", "sort", "bitmapscan"])
            {
                await using var setting = command.Connection!.CreateCommand();
                setting.CommandText = $"SELECT set_config('enable_{way}', 'off', true)";
                await setting.ExecuteScalarAsync(Cancellation);
            }
        }

        command.CommandText = kind switch
        {
            DatabaseUnderTest.Sqlite => "EXPLAIN QUERY PLAN ",
            DatabaseUnderTest.Postgres => "EXPLAIN ",
            DatabaseUnderTest.MySql => "EXPLAIN ",
            _ => throw new InvalidOperationException("Another database."),
        } + sql;
        var steps = new List<string>();
        await using (var reader = await command.ExecuteReaderAsync(Cancellation))
        {
            while (await reader.ReadAsync(Cancellation))
            {
                steps.Add(string.Join(" | ", Enumerable.Range(0, reader.FieldCount).Select(i => reader.IsDBNull(i) ? "" : Convert.ToString(reader.GetValue(i), null))));
            }
        }

        command.CommandText = sql;
        return steps;
    }

    private bool IsScan(List<string> steps) => steps.Exists(IsScan);

    private bool IsSort(List<string> steps) => steps.Exists(IsSort);

    // Walks over derived tables, of what an index gave, are none; nor are those of tables of a row for each tenant.
    private bool IsScan(string step) => kind switch
    {
        DatabaseUnderTest.Sqlite => s_tables.Any(table => $"{step} ".Contains($"SCAN TABLE {table} ", StringComparison.Ordinal)),
        DatabaseUnderTest.Postgres => s_tables.Any(table => step.Contains("Seq Scan on " + table + " ", StringComparison.Ordinal)),
        DatabaseUnderTest.MySql => step.Split(" | ") is var cells && cells.Any(cell => cell is "ALL" or "index")
            && cells.Any(cell => s_aliases.Contains(cell) && cell != "d"),
        _ => true,
    };

    private bool IsSort(string step) => kind switch
    {
        DatabaseUnderTest.Sqlite => step.Contains("TEMP B-TREE FOR", StringComparison.Ordinal),
        DatabaseUnderTest.Postgres => step.Contains("Sort ", StringComparison.Ordinal) && step.Contains("cost", StringComparison.Ordinal),
        DatabaseUnderTest.MySql => step.Contains("filesort", StringComparison.Ordinal),
        _ => true,
    };
}

public sealed class LongListsOnSqliteTests(NamedDatabases databases) : LongListsContract(DatabaseUnderTest.Sqlite, databases);

public sealed class LongListsOnPostgresTests(NamedDatabases databases) : LongListsContract(DatabaseUnderTest.Postgres, databases);

public sealed class LongListsOnMySqlTests(NamedDatabases databases) : LongListsContract(DatabaseUnderTest.MySql, databases);
