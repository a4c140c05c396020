using Dapper;
using Laurel.ContractTests.Partitions;
using Laurel.Engine.Events;
using Laurel.Engine.Lanes;
using Laurel.Engine.Migrations;
using Laurel.Engine.Partitions;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Shouldly;
using Xunit;

namespace Laurel.ContractTests.Product;

/// <summary>The wall between tenants in PostgreSQL: a statement that forgets its tenant, or names another's row, meets none of another's.</summary>
public sealed class RowSecurityTests(NamedDatabases databases) : IClassFixture<NamedDatabases>, IAsyncDisposable
{
    private const string CountTags = "SELECT COUNT(*) FROM tags";

    private const string Fill = """
        INSERT INTO tags (tenant_id, id, code, kind, name_english, name_chinese, is_system, removed, changed_at)
        SELECT tenant, id, 'code' || id, 'tag', 'A', 'B', 0, 0, 0 FROM unnest(ARRAY[1, 1, 2, 3], ARRAY[11, 12, 21, 31]) k (tenant, id)
        """;

    private static readonly TenantId s_own = new(1);
    private static readonly TenantId s_other = new(2);

    private static readonly SetStatement<(int Tenant, long Id)> s_insert = new(
        "",
        """
        INSERT INTO tags (tenant_id, id, code, kind, name_english, name_chinese, is_system, removed, changed_at)
        SELECT k.tenant_id, k.id, 'code' || k.id, 'tag', 'A', 'B', 0, 0, 0 FROM unnest($1, $2) k (tenant_id, id)
        """,
        "",
        Column<(int Tenant, long Id)>.Int32("tenant_id", row => row.Tenant),
        Column<(int Tenant, long Id)>.Int64("id", row => row.Id));

    private static readonly SetStatement<(int Tenant, long Id)> s_rename = new(
        "",
        "UPDATE tags t SET name_english = 'taken' FROM unnest($1, $2) k (tenant_id, id) WHERE t.tenant_id = k.tenant_id AND t.id = k.id",
        "",
        Column<(int Tenant, long Id)>.Int32("tenant_id", row => row.Tenant),
        Column<(int Tenant, long Id)>.Int64("id", row => row.Id));

    private static readonly SetStatement<int> s_give = new(
        "", "UPDATE tags SET tenant_id = k.tenant_id FROM unnest($1) k (tenant_id) WHERE tags.tenant_id = 1", "", Column<int>.Int32("tenant_id", tenant => tenant));

    private static readonly SetStatement<int> s_count = new("", "SELECT COUNT(*) FROM tags, unnest($1) k (x)", "", Column<int>.Int32("x", x => x));

    private PostgresDatabase? _database;
    private LaneSet? _lanes;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await (_lanes?.DisposeAsync() ?? ValueTask.CompletedTask);
        await (_database?.DisposeAsync() ?? ValueTask.CompletedTask);
    }

    [Fact]
    [Trait("Attack", "D1")]
    public async Task SeesItsTenantAlone_When_AQueryForgetsTheTenant()
    {
        await OpenAsync("forgotten");

        (await CountAsync(Reach.Of(s_own))).ShouldBe(2);
        (await CountAsync(Reach.Of(s_other))).ShouldBe(1);
        (await CountAsync(Reach.Of([s_own, s_other]))).ShouldBe(3);
        (await CountAsync(Reach.Everything)).ShouldBe(4);
    }

    [Fact]
    [Trait("Attack", "D1")]
    public async Task SeesNothing_When_NobodySaysWhose()
    {
        var url = await OpenAsync("untold");

        (await CountAsync(Reach.Nothing)).ShouldBe(0);
        await using var untold = await PostgresCluster.ConnectAsync(url, Cancellation);
        await untold.ExecuteAsync($"SET ROLE {PostgresCluster.Role}");
        (await untold.ExecuteScalarAsync<long>(CountTags)).ShouldBe(0);
    }

    [Fact]
    public async Task SeesWhatItWasToldLast_When_OneConnectionIsUsedForMany()
    {
        await OpenAsync("taking_turns");

        var (own, other) = (Reach.Of(s_own), Reach.Of(s_other));
        foreach (var (reach, tags) in new[] { (own, 2), (other, 1), (other, 1), (Reach.Nothing, 0), (Reach.Everything, 4), (own, 2) })
        {
            (await CountAsync(reach)).ShouldBe(tags, reach.ToString());
        }

        await using var session = await _database!.OpenReaderAsync(Reach.Of(s_own), Cancellation);
        session.Tell(Reach.Of(s_other));
        (await CountAsync(session)).ShouldBe(1);
        await session.BeginReadAsync(Reach.Of([s_own, s_other]), Cancellation);
        (await CountAsync(session)).ShouldBe(3);
        await session.RollbackAsync();
        (await CountAsync(session)).ShouldBe(1);
        session.Tell(Reach.Nothing);
        (await CountAsync(session)).ShouldBe(0);
    }

    [Fact]
    public async Task IsToldNothing_When_ItWasToldTheSameLast()
    {
        await OpenAsync("told_once");
        (await CountAsync(Reach.Of(s_own))).ShouldBe(2);

        // Behind the back of whoever remembers, on the one connection there is.
        await using (var session = await _database!.OpenReaderAsync(Reach.Of(s_own), Cancellation))
        {
            await session.Connection.ExecuteAsync("SET laurel.tenants = '2'");
        }

        (await CountAsync(Reach.Of(s_own))).ShouldBe(1);
        (await CountAsync(Reach.Everything)).ShouldBe(4);
        (await CountAsync(Reach.Of(s_own))).ShouldBe(2);
    }

    [Fact]
    public async Task SeesWhatItWasToldLast_When_AStatementFailed()
    {
        await OpenAsync("failing");
        await using var session = await _database!.OpenReaderAsync(Reach.Of(s_own), Cancellation);

        session.Tell(Reach.Of(s_other));
        var broken = new SqlScript();
        broken.Add(new SetStatement<int>("", "SELECT 1 / (k.x - 1) FROM unnest($1) k (x)", "", Column<int>.Int32("x", x => x)), [1], _ => { });
        await Should.ThrowAsync<PostgresException>(async () => await session.RunAsync(broken, Cancellation));

        session.Tell(Reach.Of(s_other));
        (await CountAsync(session)).ShouldBe(1);
    }

    [Fact]
    [Trait("Attack", "D1")]
    public async Task ChangesNothingOfAnother_When_ItsIdIsForged()
    {
        await OpenAsync("forged");

        await WriteAsync(s_rename, (s_other.Value, 21L));
        (await OwnerCountAsync("SELECT COUNT(*) FROM tags WHERE name_english = 'taken'")).ShouldBe(0);

        await WriteAsync(s_rename, (s_own.Value, 11L));
        (await OwnerCountAsync("SELECT COUNT(*) FROM tags WHERE name_english = 'taken'")).ShouldBe(1);
    }

    [Fact]
    [Trait("Attack", "D1")]
    public async Task IsRefused_When_ARowIsMadeAnothers()
    {
        await OpenAsync("made_anothers");

        (await Lanes().SubmitAsync(new LaneWrite("test", Reach.Of(s_own)).Add(s_insert, (s_other.Value, 99L)), Cancellation)).ShouldBeOfType<Outcome.Failed>();
        (await Lanes().SubmitAsync(new LaneWrite("test", Reach.Of(s_own)).Add(s_give, s_other.Value), Cancellation)).ShouldBeOfType<Outcome.Failed>();
        (await Lanes().SubmitAsync(new LaneWrite("test", Reach.Nothing).Add(s_insert, (s_own.Value, 98L)), Cancellation)).ShouldBeOfType<Outcome.Failed>();

        (await OwnerCountAsync("SELECT COUNT(*) FROM tags WHERE tenant_id = 2")).ShouldBe(1);
        (await OwnerCountAsync(CountTags)).ShouldBe(4);
    }

    [Fact]
    public async Task TakesNobodyAlong_When_OneOfABatchIsRefused()
    {
        await OpenAsync("batch");
        var fine = new LaneWrite("test", Reach.Of(s_own)).Add(s_insert, (s_own.Value, 13L));
        var forged = new LaneWrite("test", Reach.Of(s_own)).Add(s_insert, (s_other.Value, 22L));

        var outcomes = await Lanes().SubmitAsync([fine, forged], Cancellation);

        outcomes[0].ShouldBeOfType<Outcome.Applied>();
        outcomes[1].ShouldBeOfType<Outcome.Failed>();
        (await CountAsync(Reach.Of(s_own))).ShouldBe(3);
        (await CountAsync(Reach.Of(s_other))).ShouldBe(1);
    }

    [Fact]
    public async Task IsKeptInEveryTable_When_ItHasATenant()
    {
        var url = await OpenAsync("catalogue");
        await using var owner = await PostgresCluster.ConnectAsync(url, Cancellation);

        var open = await owner.QueryAsync<string>("""
            SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped
            WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relnamespace = 'public'::regnamespace
                AND NOT (c.relrowsecurity AND EXISTS (SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname = 'laurel_tenants' AND p.polcmd = '*'))
            """);
        open.ShouldBeEmpty();
        (await owner.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM pg_policy WHERE polname <> 'laurel_tenants'")).ShouldBe(0);
        var wall = await TenantWall.LookAsync(owner, PostgresCluster.Role, Cancellation);
        wall.Open.ShouldBeEmpty();
        wall.Tables.Count.ShouldBeGreaterThan(50);

        await owner.ExecuteAsync("DROP POLICY laurel_tenants ON tags; REVOKE UPDATE ON lots FROM " + PostgresCluster.Role);
        (await TenantWall.LookAsync(owner, PostgresCluster.Role, Cancellation)).Open.ShouldBe(["lots", "tags"]);
        await PartitionedDatabase.MigratorOf(_database!).ApplyAsync(Cancellation);
        (await TenantWall.LookAsync(owner, PostgresCluster.Role, Cancellation)).Open.ShouldBeEmpty();
    }

    [Fact]
    public async Task HasNoWayAround_When_PartitionsAreTablesOfTheirOwn()
    {
        var url = await OpenAsync("partitions");
        var clock = new SettableClock();
        clock.Set(TimeProvider.System.GetUtcNow());
        using var keeper = new PartitionKeeper(_database!, [.. Membership.Points.MonthlyEntries.Tables], clock, NullLogger<PartitionKeeper>.Instance);
        (await keeper.RunAsync(Cancellation)).ShouldAllBe(kept => kept.Created.Count > 0);

        await using var owner = await PostgresCluster.ConnectAsync(url, Cancellation);
        var partitions = (await owner.QueryAsync<string>("SELECT relname FROM pg_class WHERE relispartition AND relkind = 'r' AND relname LIKE 'entries%'")).AsList();
        partitions.Count.ShouldBeGreaterThan(PartitionKeeper.MonthsAhead);
        await using var session = await _database!.OpenReaderAsync(Reach.Everything, Cancellation);
        foreach (var partition in partitions)
        {
            (await Should.ThrowAsync<PostgresException>(() => session.Connection.ExecuteScalarAsync<long>($"SELECT COUNT(*) FROM {partition}")))
                .SqlState.ShouldBe(PostgresErrorCodes.InsufficientPrivilege);
        }

        (await session.Connection.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM entries")).ShouldBe(0);
    }

    [Fact]
    public async Task IsNotBuilt_When_TheRoleWouldNotBeHeld()
    {
        var url = await OpenAsync("roles");
        await using var owner = await PostgresCluster.ConnectAsync(url, Cancellation);
        Task<TenantWallException> RefusedAsync(string role) => Should.ThrowAsync<TenantWallException>(() => TenantWall.LookAsync(owner, role, Cancellation));

        (await RefusedAsync("nobody_at_all")).Message.ShouldContain("CREATE ROLE nobody_at_all NOLOGIN");
        var user = await owner.ExecuteScalarAsync<string>("SELECT current_user");
        (await RefusedAsync(user!)).Message.ShouldContain("NOSUPERUSER NOBYPASSRLS");
        await owner.ExecuteAsync($"ALTER TABLE tags OWNER TO {PostgresCluster.Role}");
        (await RefusedAsync(PostgresCluster.Role)).Message.ShouldContain("owns Laurel's tables");
        await owner.ExecuteAsync($"SET ROLE {PostgresCluster.Role}");
        (await RefusedAsync("pg_monitor")).Message.ShouldContain("GRANT pg_monitor TO " + PostgresCluster.Role);
    }

    private async Task<Uri> OpenAsync(string name)
    {
        var url = (await databases.FindAsync(DatabaseUnderTest.Postgres, name))!;
        _database = new PostgresDatabase(url, readersMax: 1, role: PostgresCluster.Role);
        await PartitionedDatabase.MigratorOf(_database).ApplyAsync(Cancellation);
        await using var session = await _database.OpenOwnerAsync(Cancellation);
        await session.Connection.ExecuteAsync(Fill);
        return new Uri(url);
    }

    private LaneSet Lanes() => _lanes ??= new LaneSet(
        _database!,
        new LaneOptions { LaneCount = 1 },
        Of(new IdGenerator(TimeProvider.System, 1)),
        TimeProvider.System,
        new Random(1),
        new EventSink(new EventHub(NullLogger<EventHub>.Instance)),
        NullLogger<LaneSet>.Instance);

    private static Func<IdGenerator> Of(IdGenerator ids) => () => ids;

    private async Task WriteAsync(SetStatement<(int Tenant, long Id)> statement, (int Tenant, long Id) row) =>
        (await Lanes().SubmitAsync(new LaneWrite("test", Reach.Of(s_own)).Add(statement, row), Cancellation)).ShouldBeOfType<Outcome.Applied>();

    private async Task<long> CountAsync(Reach reach)
    {
        await using var session = await _database!.OpenReaderAsync(reach, Cancellation);
        return await session.Connection.ExecuteScalarAsync<long>(CountTags);
    }

    private static async Task<long> CountAsync(SqlSession session)
    {
        var (script, counted) = (new SqlScript(), -1L);
        script.Add(s_count, [1], row => counted = row.Int64(0));
        await session.RunAsync(script, Cancellation);
        return counted;
    }

    private async Task<long> OwnerCountAsync(string sql)
    {
        await using var session = await _database!.OpenOwnerAsync(Cancellation);
        return await session.Connection.ExecuteScalarAsync<long>(sql);
    }
}
