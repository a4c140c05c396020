using Laurel.ContractTests.Model;
using Laurel.ContractTests.Product;
using Laurel.Engine.Lanes;
using Laurel.Engine.Sql;
using Laurel.Membership.Finance;
using Laurel.Membership.Programmes;
using Laurel.Membership.Verification;
using Laurel.Server.Hosting;
using Laurel.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using ModelPolicy = Laurel.ContractTests.Model.ShortfallPolicy;
using ProductPolicy = Laurel.Ledger.ShortfallPolicy;
using Shouldly;
using Xunit;

namespace Laurel.ContractTests.Finance;

/// <summary>Thousands of random events, closed by days: everything that the books say in all is what is stored, on each database.</summary>
public sealed class RandomHistoriesTests(NamedDatabases databases) : IClassFixture<NamedDatabases>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite, 21, ModelPolicy.Negative)]
    [InlineData(DatabaseUnderTest.Sqlite, 22, ModelPolicy.Receivable)]
    [InlineData(DatabaseUnderTest.Sqlite, 23, ModelPolicy.Forgive)]
    [InlineData(DatabaseUnderTest.Postgres, 24, ModelPolicy.Receivable)]
    [InlineData(DatabaseUnderTest.MySql, 25, ModelPolicy.Negative)]
    public async Task AddUpToWhatIsStored_When_EveryDayIsClosed(DatabaseUnderTest kind, int seed, ModelPolicy policy)
    {
        var folder = Directory.CreateTempSubdirectory("laurel-books-");
        try
        {
            var clock = new SettableClock();
            clock.Set(EventScript.Start.AddYears(-30));
            await using var node = await OpenAsync(kind, folder, seed, policy, clock);
            await using var loyalty = new ProductLoyalty(node.Lanes, node.Database, node.Books, node.Vault, clock);
            var script = await EventScript.GenerateAsync(seed, 2_000, Cancellation);
            await SideBySide.RunAsync(script, new NaiveLoyalty(policy), loyalty, Cancellation);
            clock.Set(clock.GetUtcNow().AddDays(2));

            var run = new FinanceClosingRun(node.Database, node.Lanes, node.Programmes, clock);
            (await run.RunAsync(LaurelNode.DefaultTenant, null, Cancellation)).ShouldBeGreaterThan(0);

            await RequireWholeAsync(node);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task RequireWholeAsync(LaurelNode node)
    {
        var tenant = LaurelNode.DefaultTenant;
        var report = await new Verifier(node.Database).RunAsync(null, Cancellation);
        report.Invariants.SelectMany(invariant => invariant.Offences.Select(offence => (invariant.Code, offence))).ShouldBeEmpty();
        var days = (await RollForward.ByRecordedDayAsync(node.Database, tenant, "points", 0, int.MaxValue, Cancellation)).Items;
        var closing = (await FinanceQueries.ClosingsAsync(node.Database, tenant, 0, int.MaxValue, Cancellation)).Last(one => one.Unit == "points");
        days[^1].Closing.ShouldBe(await SumAsync(node, "SUM(points)"));
        closing.Debt.ShouldBe(await SumAsync(node, "SUM(debt)"));
        closing.Receivable.ShouldBe(await SumAsync(node, "SUM(receivable)"));

        // What happened is the same, whichever day it is told by.
        var first = FinanceCalendar.ParseDay(days[0].Day)!.Value;
        var last = FinanceCalendar.NumberOf(FinanceCalendar.DayOf(FinanceCalendar.ParseDay(days[^1].Day)!.Value).AddDays(1));
        var business = (await RollForward.ByBusinessDayAsync(node.Database, tenant, "points", first, last, int.MaxValue, Cancellation)).Items;
        business[^1].Closing.ShouldBe(days[^1].Closing);

        var curve = BreakageCurve.Of(await FinanceQueries.CohortsAsync(node.Database, tenant, int.MaxValue, Cancellation), 299901);
        curve.Cohorts.Sum(cohort => cohort.Open).ShouldBe(closing.Closing + closing.Debt);
        curve.Cohorts.ShouldAllBe(cohort => cohort.Open >= 0 && cohort.Issued == cohort.Open + cohort.Redeemed + cohort.Expired + cohort.ClawedBack + cohort.Other);
        var expiring = await ExpiringPoints.ReadAsync(
            node.Database, tenant, node.Programmes.Latest(tenant)!.Calendar, Laurel.Kernel.Instant.From(EventScript.Start), Cancellation);
        expiring.Points.ShouldBe(closing.Closing + closing.Debt);
        expiring.Items.Sum(month => month.Points).ShouldBe(expiring.Points);
        (await FinanceQueries.ClosingsAsync(node.Database, tenant, 0, int.MaxValue, Cancellation)).Last(one => one.Unit == "held").Closing.ShouldBe(expiring.Held);
    }

    private static async Task<long> SumAsync(LaurelNode node, string sum)
    {
        await using var session = await node.Database.OpenReaderAsync(Reach.Everything, Cancellation);
        await using var command = session.Connection.CreateCommand();
        command.CommandText = $"SELECT {sum} FROM members";
        return Convert.ToInt64(await command.ExecuteScalarAsync(Cancellation), System.Globalization.CultureInfo.InvariantCulture);
    }

    private async Task<LaurelNode> OpenAsync(DatabaseUnderTest kind, DirectoryInfo folder, int seed, ModelPolicy policy, SettableClock clock) => await LaurelNode.OpenAsync(
        new LaurelSettings
        {
            DataFolder = folder.FullName,
            Urls = LaurelSettings.DefaultUrls,
            Database = kind switch
            {
                DatabaseUnderTest.Sqlite => DatabaseKind.Sqlite,
                DatabaseUnderTest.Postgres => DatabaseKind.Postgres,
                DatabaseUnderTest.MySql => DatabaseKind.Mysql,
            },
            DatabaseUrl = await databases.FindAsync(kind, $"books_{seed}"),
            Cluster = new ClusterSettings { DatabaseRole = kind == DatabaseUnderTest.Postgres ? PostgresCluster.Role : null },
            AdminKey = null,
            MasterKeys = null,
            Lanes = new LaneOptions(),
            Programme = _ => new Programme { Shortfall = (ProductPolicy)(int)policy },
            SweepEvery = TimeSpan.FromHours(1),
        },
        "books",
        clock,
        NullLoggerFactory.Instance,
        Cancellation);
}
