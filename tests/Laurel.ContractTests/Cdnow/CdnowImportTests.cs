using Laurel.ContractTests.Model;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Points;
using Laurel.Membership.Programmes;
using Laurel.Server.Hosting;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ContractTests.Cdnow;

/// <summary>Real history through the whole product: after the import every customer has what an independent
/// calculation says, to the point.</summary>
public abstract class CdnowImportContract(DatabaseUnderTest kind, DatabaseServers cluster) : IClassFixture<DatabaseServers>
{
    private const int Orders = 69_659;
    private const int Customers = 23_570;

    private static readonly string[] s_import =
    [
        "import", "orders", CdnowOracle.FilePath,
        "--map", "order=order_id,customer=customer_id,date=date,amount=amount",
        "--currency", "CNY",
    ];

    [Fact]
    public async Task EveryCustomerHasWhatTheOracleSays_When_ImportedOnceAndAgain()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var expected = CdnowOracle.Compute();
        await using var site = await LaurelSite.CreateAsync(kind, cluster, cancellationToken);

        var first = await ImportAsync(site, cancellationToken);
        var figures = await ReadFiguresAsync(site, cancellationToken);
        var again = await ImportAsync(site, cancellationToken);
        var figuresAgain = await ReadFiguresAsync(site, cancellationToken);

        first.ShouldBe((Orders, 0, Customers, 0));
        figures.Count.ShouldBe(Customers);
        figures.Where(found => found != expected[found.CustomerId]).ShouldBeEmpty();
        again.ShouldBe((0, Orders, 0, 0));
        figuresAgain.ShouldBe(figures);
    }

    private static async Task<(long Applied, long Duplicates, long Members, long Rejected)> ImportAsync(
        LaurelSite site,
        CancellationToken cancellationToken)
    {
        var errors = Path.Combine(site.DataFolder, "orders.errors.csv");
        var run = await site.RunVerbAsync(cancellationToken, [.. s_import, "--errors", errors]);
        run.ExitCode.ShouldBe(0, run.Errors);
        long Figure(string name) => long.Parse(run.Output.Split('\n').Single(line => line.StartsWith(name))[name.Length..]);
        return (Figure("orders applied"), Figure("duplicates"), Figure("members made"), Figure("rejected"));
    }

    private static async Task<IReadOnlyList<CdnowFigures>> ReadFiguresAsync(LaurelSite site, CancellationToken cancellationToken)
    {
        await using Database database = site.Database switch
        {
            DatabaseUnderTest.Sqlite => new SqliteDatabase(Path.Combine(site.DataFolder, "laurel.db"), readOnly: true),
            DatabaseUnderTest.Postgres => new PostgresDatabase(site.DatabaseUrl!.AbsoluteUri, role: PostgresCluster.Role),
            DatabaseUnderTest.MySql => new MySqlDatabase(site.DatabaseUrl!.AbsoluteUri),
        };
        var programmes = new ProgrammeKind();
        await new ProgrammeStore(database, programmes, TimeProvider.System).ReadAsync(LaurelNode.DefaultTenant, cancellationToken);
        var figures = new List<CdnowFigures>();
        await foreach (var balance in new BalancesAsOf(database, programmes)
            .ReadAllAsync(LaurelNode.DefaultTenant, Instant.From(CdnowOracle.AsOf), cancellationToken))
        {
            figures.Add(new CdnowFigures(balance.ExternalId, balance.Available, balance.Lifetime, balance.Growth, balance.LevelCode));
        }

        return figures;
    }
}

public sealed class CdnowImportOnSqliteTests(DatabaseServers cluster)
    : CdnowImportContract(DatabaseUnderTest.Sqlite, cluster);

public sealed class CdnowImportOnPostgresTests(DatabaseServers cluster)
    : CdnowImportContract(DatabaseUnderTest.Postgres, cluster);

public sealed class CdnowImportOnMySqlTests(DatabaseServers cluster)
    : CdnowImportContract(DatabaseUnderTest.MySql, cluster);
