using System.Collections.Immutable;
using Laurel.ContractTests.Model;
using Laurel.ContractTests.Watch;
using Laurel.Engine.Lanes;
using Laurel.Membership.Levels;
using Laurel.Membership.Programmes;
using Laurel.Membership.Rules;
using Laurel.Membership.Verification;
using Laurel.Membership.Watch;
using Laurel.Server.Hosting;
using Laurel.Testing;
using Microsoft.Extensions.Logging;
using Shouldly;
using Xunit;
using ModelPolicy = Laurel.ContractTests.Model.ShortfallPolicy;
using ProductPolicy = Laurel.Ledger.ShortfallPolicy;

namespace Laurel.ContractTests.Product;

/// <summary>The default programme's arithmetic, asked of the product on one database.</summary>
public abstract class ProductContract(DatabaseUnderTest kind, NamedDatabases databases) : IClassFixture<NamedDatabases>, IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("laurel-contract-");

    public static TheoryData<string> Names => GoldenCases.Names;

    public void Dispose()
    {
        _folder.Delete(recursive: true);
        GC.SuppressFinalize(this);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task ComesOutAsWorkedOut_When_Run(string name)
    {
        var golden = GoldenCases.Named(name);
        // Cases prefix their ids, so those of one policy share a database. Their figures are those of a level that follows at once.
        await using var product = await OpenAsync(
            golden.Policy, $"golden_{golden.Policy}_{golden.Inactivity?.AllPoints}", cooldownHours: 0, inactivity: golden.Inactivity);
        await golden.RunAsync(product.Loyalty, TestContext.Current.CancellationToken);
    }

    [Theory]
    [InlineData(20_250_601, 20_000, ModelPolicy.Negative)]
    [InlineData(7, 3_000, ModelPolicy.Forgive)]
    [InlineData(8, 3_000, ModelPolicy.Receivable)]
    public async Task AgreesWithTheModel_When_EventsAreMany(int seed, int count, ModelPolicy policy)
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var script = await EventScript.GenerateAsync(seed, count, cancellationToken);
        await using var product = await OpenAsync(policy, $"script_{seed}");
        await SideBySide.RunAsync(script, new NaiveLoyalty(policy), product.Loyalty, cancellationToken);

        // What agrees with the model is sound as well: no invariant is broken, and verifying raises no false alarm.
        var report = await new Verifier(product.Node.Database).RunAsync(null, cancellationToken);
        report.Invariants.SelectMany(invariant => invariant.Offences.Select(offence => (invariant.Code, offence))).ShouldBeEmpty();
        report.Entries.ShouldBeGreaterThan(count / 2);
    }

    [Theory]
    [InlineData(11, 6_000, ModelPolicy.Negative)]
    [InlineData(12, 3_000, ModelPolicy.Receivable)]
    public async Task AgreesWithTheModel_When_LivesOfPointsAreMoved(int seed, int count, ModelPolicy policy)
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var script = await EventScript.GenerateLivesAsync(seed, count, cancellationToken);
        await using var product = await OpenAsync(policy, $"lives_{seed}");
        await SideBySide.RunAsync(script, new NaiveLoyalty(policy), product.Loyalty, cancellationToken);

        var report = await new Verifier(product.Node.Database).RunAsync(null, cancellationToken);
        report.Invariants.SelectMany(invariant => invariant.Offences.Select(offence => (invariant.Code, offence))).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(31, 4_000, 5, true)]
    [InlineData(32, 3_000, 9, false)]
    public async Task AgreesWithTheModel_When_PointsLapseByInactivity(int seed, int count, int days, bool allPoints)
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var inactivity = new NaiveInactivity(days, allPoints);
        var script = await EventScript.GenerateLivesAsync(seed, count, cancellationToken);
        await using var product = await OpenAsync(ModelPolicy.Negative, $"inactive_{seed}", inactivity: inactivity);
        var model = new NaiveLoyalty(ModelPolicy.Negative, inactivity: inactivity);
        await SideBySide.RunAsync(script, model, product.Loyalty, cancellationToken);

        model.UndatedMet.Lapsed.ShouldBeGreaterThan(100);
        model.UndatedMet.Saved.ShouldBeGreaterThan(100);
        var report = await new Verifier(product.Node.Database).RunAsync(null, cancellationToken);
        report.Invariants.SelectMany(invariant => invariant.Offences.Select(offence => (invariant.Code, offence))).ShouldBeEmpty();
    }

    /// <summary>Looking changes nothing; and what was hit is what a replay of the entries hits.</summary>
    [Fact]
    public async Task AgreesWithTheModelAndItsReplay_When_EverythingIsWatched()
    {
        const int Seed = 21;
        var cancellationToken = TestContext.Current.CancellationToken;
        var script = await EventScript.GenerateLivesAsync(Seed, 3_000, cancellationToken);
        await using var product = await OpenAsync(ModelPolicy.Negative, "watched", watch: Watched.All);
        await SideBySide.RunAsync(script, new NaiveLoyalty(ModelPolicy.Negative), product.Loyalty, cancellationToken);

        var report = await new Verifier(product.Node.Database).RunAsync(null, cancellationToken);
        report.Invariants.SelectMany(invariant => invariant.Offences.Select(offence => (invariant.Code, offence))).ShouldBeEmpty();
        report.Invariants.Single(invariant => invariant.Code == InvariantCode.I21).Checked.ShouldBeGreaterThan(1_000);
        await Watched.CompareAsync(product.Node);
    }

    private async Task<Opened> OpenAsync(ModelPolicy policy, string database, int cooldownHours = 24, ImmutableArray<WatchRule> watch = default, NaiveInactivity? inactivity = null)
    {
        var url = await databases.FindAsync(kind, database);
        var clock = new SettableClock();
        clock.Set(EventScript.Start.AddYears(-30));
        var settings = new LaurelSettings
        {
            DataFolder = Path.Combine(_folder.FullName, database),
            Urls = LaurelSettings.DefaultUrls,
            Database = kind switch
            {
                DatabaseUnderTest.Sqlite => DatabaseKind.Sqlite,
                DatabaseUnderTest.Postgres => DatabaseKind.Postgres,
                DatabaseUnderTest.MySql => DatabaseKind.Mysql,
            },
            DatabaseUrl = url,
            Cluster = new ClusterSettings { DatabaseRole = PostgresCluster.RoleOf(url) },
            AdminKey = null,
            MasterKeys = null,
            Lanes = new LaneOptions(),
            Programme = _ => new Programme
            {
                Shortfall = (ProductPolicy)(int)policy,
                LevelRules = new LevelRules { CooldownHours = cooldownHours },
                Watch = watch.IsDefault ? StandardWatch.All : watch,
                Inactivity = inactivity is null ? new InactivityRules() : new InactivityRules { AllPoints = inactivity.AllPoints, Days = inactivity.Days },
                Rules = [.. StandardRules.All.Select(rule => inactivity is not null && rule.Code == StandardRules.Order
                    ? rule with { Validity = new LotValidity { Inactivity = true } }
                    : rule)],
            },
            SweepEvery = TimeSpan.FromHours(1),
        };
        var faults = new FaultsLogged();
        var node = await LaurelNode.OpenAsync(settings, "contract", clock, new LoggerFactory([faults]), TestContext.Current.CancellationToken);
        return new Opened(node, new ProductLoyalty(node.Lanes, node.Database, node.Books, node.Vault, clock) { Faults = faults });
    }

    private sealed record Opened(LaurelNode Node, ProductLoyalty Loyalty) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await Loyalty.DisposeAsync();
            await Node.DisposeAsync();
        }
    }
}

public sealed class DefaultProgrammeOnSqliteTests(NamedDatabases databases) : ProductContract(DatabaseUnderTest.Sqlite, databases);

public sealed class DefaultProgrammeOnPostgresTests(NamedDatabases databases) : ProductContract(DatabaseUnderTest.Postgres, databases);

public sealed class DefaultProgrammeOnMySqlTests(NamedDatabases databases) : ProductContract(DatabaseUnderTest.MySql, databases);

/// <summary>The databases of one test class, by name.</summary>
public sealed class NamedDatabases : IAsyncDisposable
{
    private readonly DatabaseServers _servers = new();
    private readonly Dictionary<(DatabaseUnderTest, string), string?> _urls = [];

    /// <summary>The address of the database of that name, made at the first asking; null for SQLite.</summary>
    public async Task<string?> FindAsync(DatabaseUnderTest kind, string name)
    {
        if (!_urls.TryGetValue((kind, name), out var url))
        {
            url = await _servers.CreateDatabaseAsync(kind, TestContext.Current.CancellationToken);
            _urls.Add((kind, name), url);
        }

        return url;
    }

    public ValueTask DisposeAsync() => _servers.DisposeAsync();
}
