using Laurel.ContractTests.Model;
using Laurel.Engine.Lanes;
using Laurel.Membership.Programmes;
using Laurel.Membership.Verification;
using Laurel.Server.Hosting;
using Laurel.Testing;
using Microsoft.Extensions.Logging;
using Shouldly;
using Xunit;
using ModelPolicy = Laurel.ContractTests.Model.ShortfallPolicy;
using ProductPolicy = Laurel.Ledger.ShortfallPolicy;

namespace Laurel.ContractTests.Product;

/// <summary>The default programme's arithmetic, asked of the product on one database.</summary>
public abstract class ProductContract : IDisposable
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
        // Cases prefix their ids, so those of one policy share a database.
        await using var product = await OpenAsync(golden.Policy, $"golden_{golden.Policy}");
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

    /// <summary>The address of the database of that name, made at the first asking; null for SQLite.</summary>
    protected abstract Task<string?> FindDatabaseAsync(string name);

    private async Task<Opened> OpenAsync(ModelPolicy policy, string database)
    {
        var url = await FindDatabaseAsync(database);
        var clock = new SettableClock();
        clock.Set(EventScript.Start.AddYears(-30));
        var settings = new LaurelSettings
        {
            DataFolder = Path.Combine(_folder.FullName, database),
            Urls = LaurelSettings.DefaultUrls,
            Database = url is null ? DatabaseKind.Sqlite : DatabaseKind.Postgres,
            DatabaseUrl = url,
            AdminKey = null,
            MasterKeys = null,
            Lanes = new LaneOptions(),
            Programme = new Programme { Shortfall = (ProductPolicy)(int)policy },
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

public sealed class DefaultProgrammeOnSqliteTests : ProductContract
{
    protected override Task<string?> FindDatabaseAsync(string name) => Task.FromResult<string?>(null);
}

public sealed class DefaultProgrammeOnPostgresTests(PostgresDatabases databases) : ProductContract, IClassFixture<PostgresDatabases>
{
    protected override async Task<string?> FindDatabaseAsync(string name) => await databases.FindAsync(name);
}

/// <summary>The PostgreSQL databases of one test class, by name.</summary>
public sealed class PostgresDatabases : IAsyncDisposable
{
    private readonly PostgresCluster _cluster = new();
    private readonly Dictionary<string, string> _urls = [];

    public async Task<string> FindAsync(string name)
    {
        if (!_urls.TryGetValue(name, out var url))
        {
            url = await _cluster.CreateDatabaseAsync(TestContext.Current.CancellationToken);
            _urls.Add(name, url);
        }

        return url;
    }

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();
}
