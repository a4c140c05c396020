using Laurel.Engine.Lanes;
using Laurel.Engine.Migrations;
using Laurel.Engine.Sql;
using Laurel.Identity;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Platform.Webhooks;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ContractTests.Product;

/// <summary>An update that must hit its row and does not: nothing of its transaction stays, on any database.</summary>
public sealed class GuardedUpdatesTests(NamedDatabases databases) : IClassFixture<NamedDatabases>, IDisposable
{
    private readonly record struct Row(int Tenant, long Day, long Last);

    private static readonly SetStatement<Row> s_insert = Statements.Insert(
        "member_code_counters",
        Column<Row>.Int32("tenant_id", r => r.Tenant),
        Column<Row>.Int64("day", r => r.Day),
        Column<Row>.Int64("last", r => r.Last));

    private static readonly SetStatement<Row> s_update = Statements.Update(
        "member_code_counters",
        keys: 2,
        Column<Row>.Int32("tenant_id", r => r.Tenant),
        Column<Row>.Int64("day", r => r.Day),
        Column<Row>.Int64("last", r => r.Last));

    private static readonly SetStatement<Row> s_find = Statements.Find(
        "c.last",
        "member_code_counters c",
        "",
        Column<Row>.Int32("tenant_id", r => r.Tenant),
        Column<Row>.Int64("day", r => r.Day));

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("laurel-guard-");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task CommitsNothing_When_ARowIsMissed(DatabaseUnderTest kind)
    {
        await using var database = await OpenAsync(kind);
        await new Migrator(database, [typeof(LaneSet).Assembly, typeof(WebhooksModule).Assembly, typeof(MemberBook).Assembly, typeof(IdentityModule).Assembly], TimeProvider.System).ApplyAsync(Cancellation);
        await using var session = await database.OpenOwnerAsync(Cancellation);
        await CommitAsync(session, [new Row(1, 20260101, 1), new Row(1, 20260102, 2)], [new Row(1, 20260101, 10), new Row(1, 20260102, 2)]);
        (await FindAsync(session, 20260101)).ShouldBe(10);

        await Assert.ThrowsAnyAsync<Exception>(() =>
            CommitAsync(session, [new Row(1, 20260103, 3)], [new Row(1, 20260101, 11), new Row(1, 20260199, 1)]));
        await session.RollbackAsync();

        (await FindAsync(session, 20260101)).ShouldBe(10);
        (await FindAsync(session, 20260103)).ShouldBeNull();
    }

    private static async Task CommitAsync(SqlSession session, Row[] inserted, Row[] updated)
    {
        var script = new SqlScript();
        script.Add(s_insert, inserted);
        script.Add(s_update, updated);
        await session.BeginAsync(Reach.Everything, Cancellation);
        await session.CommitAsync(script, Cancellation);
    }

    private static async Task<long?> FindAsync(SqlSession session, long day)
    {
        long? last = null;
        var script = new SqlScript();
        script.Add(s_find, [new Row(1, day, 0)], row => last = row.Int64(0));
        await session.RunAsync(script, Cancellation);
        return last;
    }

    private async Task<Database> OpenAsync(DatabaseUnderTest kind)
    {
        var url = await databases.FindAsync(kind, "guards");
        return kind switch
        {
            DatabaseUnderTest.Sqlite => new SqliteDatabase(Path.Combine(_folder.FullName, "laurel.db"), readOnly: false),
            DatabaseUnderTest.Postgres => new PostgresDatabase(url!, role: PostgresCluster.Role),
            DatabaseUnderTest.MySql => new MySqlDatabase(url!),
        };
    }
}
