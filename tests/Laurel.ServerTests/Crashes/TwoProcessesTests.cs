using Laurel.ServerTests.Hosting;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.Crashes;

/// <summary>One SQLite folder, two processes: one writes, others may read.</summary>
public sealed class TwoProcessesTests(DatabaseServers cluster)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("serve")]
    [InlineData("migrate")]
    [InlineData("sweep")]
    [InlineData("import", "orders", "orders.csv", "--map", "order=o,customer=c,date=d,amount=a", "--currency", "CNY")]
    public async Task IsRefusedAndNamesTheHolder_When_AnotherProcessWrites(params string[] verb)
    {
        await using var site = await LaurelSite.CreateAsync(DatabaseUnderTest.Sqlite, cluster, Cancellation);
        var orders = Path.Combine(site.DataFolder, "orders.csv");
        await File.WriteAllTextAsync(orders, "o,c,d,a\n1,1,2024-01-01,1.00\n", Cancellation);
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        var member = await server.NewMemberAsync("alone", 100);

        var outcome = await site.RunVerbAsync(Cancellation, [.. verb, "--urls", "http://127.0.0.1:0"]);

        outcome.ExitCode.ShouldBe(2, outcome.Output + outcome.Errors);
        outcome.Errors.ShouldContain($"serve, process {server.Process.Id}");
        (await server.EarnAsync(member, 1, "goes-on")).Outcome.ShouldBe("200");
    }

    [Fact]
    public async Task AreFree_When_TheHolderWasKilled()
    {
        await using var site = await LaurelSite.CreateAsync(DatabaseUnderTest.Sqlite, cluster, Cancellation);
        await using (var server = await LaurelServer.StartAsync(site, Cancellation))
        {
            await server.NewMemberAsync("killed", 100);
            await server.Process.KillAsync(Cancellation);
        }

        var outcome = await site.RunVerbAsync(Cancellation, "sweep");

        outcome.ExitCode.ShouldBe(0, outcome.Errors);
    }

    [Fact]
    public async Task MayRead_When_AServerWrites()
    {
        await using var site = await LaurelSite.CreateAsync(DatabaseUnderTest.Sqlite, cluster, Cancellation);
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        var members = await AtOnce.RunAsync(20, i => server.NewMemberAsync($"m{i}", 1_000_000));
        var traffic = new Traffic(members, 8, "beside");
        var running = traffic.RunAsync(server, 1);
        var file = Path.Combine(site.DataFolder, "members.csv");

        await site.VerifyAsync(Cancellation);
        var export = await site.RunVerbAsync(Cancellation, "export", "members", file);
        await server.Process.StopAsync(Cancellation);
        await running;

        export.ExitCode.ShouldBe(0, export.Output + export.Errors);
        var lines = await File.ReadAllLinesAsync(file, Cancellation);
        lines[0].ShouldStartWith("external_id,available,lifetime,growth,level");
        lines.Length.ShouldBe(1 + 20);
        traffic.Strange.ShouldBeEmpty();
        await site.VerifyAsync(Cancellation);
    }
}
