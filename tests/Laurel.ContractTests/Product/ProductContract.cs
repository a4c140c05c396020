using Laurel.ContractTests.Model;
using Laurel.Engine.Lanes;
using Laurel.Ledger;
using Laurel.Membership.Programmes;
using Laurel.Server.Hosting;
using Microsoft.Extensions.Logging;
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
        await using var product = await OpenAsync(golden.Policy);
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
        await using var product = await OpenAsync(policy);
        await SideBySide.RunAsync(script, new NaiveLoyalty(policy), product.Loyalty, cancellationToken);
    }

    /// <summary>The address of a database of this test's own, or null for SQLite.</summary>
    protected abstract Task<string?> CreateDatabaseAsync();

    private async Task<Opened> OpenAsync(ModelPolicy policy)
    {
        var url = await CreateDatabaseAsync();
        var clock = new SettableClock();
        clock.Set(EventScript.Start.AddYears(-30));
        var settings = new LaurelSettings
        {
            DataFolder = _folder.FullName,
            Urls = LaurelSettings.DefaultUrls,
            Database = url is null ? DatabaseKind.Sqlite : DatabaseKind.Postgres,
            DatabaseUrl = url,
            AdminKey = null,
            MasterKeys = null,
            Lanes = new LaneOptions(),
            Programme = new Programme { Shortfall = (ProductPolicy)(int)policy },
            SweepEvery = TimeSpan.FromHours(1),
        };
        var node = await LaurelNode.OpenAsync(settings, "contract", clock, new LoggerFactory(), TestContext.Current.CancellationToken);
        return new Opened(node, new ProductLoyalty(node.Lanes, node.Database, node.Books, node.Vault, clock));
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
    protected override Task<string?> CreateDatabaseAsync() => Task.FromResult<string?>(null);
}
