using Laurel.ContractTests.Model;
using Laurel.ContractTests.Product;
using Laurel.Engine.Lanes;
using Laurel.Engine.Sql;
using Laurel.Membership.Finance;
using Laurel.Membership.Verification;
using Laurel.Server.Hosting;
using Laurel.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Shouldly;
using Xunit;

namespace Laurel.ContractTests.Finance;

/// <summary>Real history through the whole product: after the import the books say what an independent calculation says, to the point.</summary>
public abstract class CdnowFinanceContract(DatabaseUnderTest kind, DatabaseServers cluster) : IClassFixture<DatabaseServers>
{
    private static readonly string[] s_import =
    [
        "import", "orders", CdnowOracle.FilePath, "--map", "order=order_id,customer=customer_id,date=date,amount=amount", "--currency", "CNY",
    ];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task TheBooksSayWhatTheOracleSays_When_TheImportIsClosed()
    {
        var expected = CdnowOracle.Compute().Values.ToList();
        await using var site = await LaurelSite.CreateAsync(kind, cluster, Cancellation);
        (await site.RunVerbAsync(Cancellation, [.. s_import, "--errors", Path.Combine(site.DataFolder, "errors.csv")])).ExitCode.ShouldBe(0);
        (await site.RunVerbAsync(Cancellation, "sweep")).ExitCode.ShouldBe(0);
        await using var node = await OpenAsync(site);
        var clock = new SettableClock();
        clock.Set(TimeProvider.System.GetUtcNow().AddDays(2));
        var run = new FinanceClosingRun(node.Database, node.Lanes, node.Programmes, clock);

        (await run.RunAsync(LaurelNode.DefaultTenant, null, Cancellation)).ShouldBeInRange(1, 3);

        var recorded = await RollForward.ByRecordedDayAsync(node.Database, LaurelNode.DefaultTenant, "points", 0, int.MaxValue, Cancellation);
        recorded.Items.Sum(day => day.Issued).ShouldBe(expected.Sum(customer => customer.Lifetime));
        recorded.Items.Sum(day => day.Expired).ShouldBe(-expected.Sum(customer => customer.Lifetime), "all of it lapsed decades ago");
        recorded.Items[^1].Closing.ShouldBe(0);
        var growth = await RollForward.ByRecordedDayAsync(node.Database, LaurelNode.DefaultTenant, "growth", 0, int.MaxValue, Cancellation);
        growth.Items[^1].Closing.ShouldBe(expected.Sum(customer => customer.Growth));

        // By business day the wallets of the oracle's instant are there again, every lapse in its own day.
        var business = await RollForward.ByBusinessDayAsync(node.Database, LaurelNode.DefaultTenant, "points", 19980625, 19980701, int.MaxValue, Cancellation);
        business.Items.Count.ShouldBe(7);
        business.Items[^1].Closing.ShouldBe(expected.Sum(customer => customer.Balance));

        var curve = BreakageCurve.Of(await FinanceQueries.CohortsAsync(node.Database, LaurelNode.DefaultTenant, int.MaxValue, Cancellation), 199907);
        curve.Cohorts.Count.ShouldBe(18, "January 1997 to June 1998");
        curve.Cohorts.Sum(cohort => cohort.Issued).ShouldBe(expected.Sum(customer => customer.Lifetime));
        curve.Cohorts.ShouldAllBe(cohort => cohort.Open == 0 && cohort.Expired == cohort.Issued);
        curve.RedemptionBasisPoints.ShouldBe(0);
        (await new Verifier(node.Database).RunAsync(null, Cancellation)).Holds.ShouldBeTrue();
    }

    private static Task<LaurelNode> OpenAsync(LaurelSite site) => LaurelNode.OpenAsync(
        new LaurelSettings
        {
            DataFolder = site.DataFolder,
            Urls = LaurelSettings.DefaultUrls,
            Database = site.Database switch
            {
                DatabaseUnderTest.Sqlite => DatabaseKind.Sqlite,
                DatabaseUnderTest.Postgres => DatabaseKind.Postgres,
                DatabaseUnderTest.MySql => DatabaseKind.Mysql,
            },
            DatabaseUrl = site.DatabaseUrl?.AbsoluteUri,
            Cluster = new ClusterSettings { DatabaseRole = site.Database == DatabaseUnderTest.Postgres ? PostgresCluster.Role : null },
            AdminKey = null,
            MasterKeys = null,
            Lanes = new LaneOptions(),
            Programme = stored => stored,
            SweepEvery = TimeSpan.FromHours(1),
        },
        "test",
        TimeProvider.System,
        NullLoggerFactory.Instance,
        Cancellation);
}

public sealed class CdnowFinanceOnSqliteTests(DatabaseServers cluster) : CdnowFinanceContract(DatabaseUnderTest.Sqlite, cluster);

public sealed class CdnowFinanceOnPostgresTests(DatabaseServers cluster) : CdnowFinanceContract(DatabaseUnderTest.Postgres, cluster);

public sealed class CdnowFinanceOnMySqlTests(DatabaseServers cluster) : CdnowFinanceContract(DatabaseUnderTest.MySql, cluster);
