using Laurel.ServerTests.Hosting;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.Crashes;

/// <summary>A10 on one node: a server that is asked to stop answers what it has accepted.</summary>
public sealed class StoppingTests(DatabaseServers cluster, ITestOutputHelper output)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task LeavesNothingUnanswered_When_ItIsStoppedUnderLoad(DatabaseUnderTest database)
    {
        var random = new Random(Seed.Draw(output));
        await using var site = await LaurelSite.CreateAsync(database, cluster, Cancellation);
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        var members = await AtOnce.RunAsync(50, i => server.NewMemberAsync($"m{i}", 1_000_000));
        var traffic = new Traffic(members, 64, "stopping");
        var running = traffic.RunAsync(server, random.Next(1_000_000));
        await Task.Delay(TimeSpan.FromMilliseconds(random.Next(300, 900)), TimeProvider.System, Cancellation);

        var outcome = await server.Process.StopAsync(Cancellation);
        await running;

        outcome.ExitCode.ShouldBe(0, outcome.Errors);
        traffic.Strange.ShouldBeEmpty();
        traffic.Writes.Count(write => write.Acknowledged is not null).ShouldBeGreaterThan(64);
        await using var again = await LaurelServer.StartAsync(site, Cancellation);
        await Parallel.ForEachAsync(traffic.Writes, Cancellation, async (write, _) =>
        {
            // A request whose connection was closed before it was read may fail; then it must have had no effect.
            var known = (await write.SendAsync(again)).Replayed;
            known.ShouldBe(
                write.Acknowledged is not null,
                $"{write.Reference} was carried out and not answered, or lost");
        });
    }
}
