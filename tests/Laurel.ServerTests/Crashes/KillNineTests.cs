using Laurel.ServerTests.Hosting;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.Crashes;

/// <summary>A1: the process is killed under load, again and again. What was acknowledged is in the ledger exactly once;
/// what was not, at most once.</summary>
/// <remarks>The environment variable <c>LAUREL_KILLS</c> sets the rounds on each database; 10 without it.</remarks>
public sealed class KillNineTests(DatabaseServers cluster, ITestOutputHelper output)
{
    private const int ClientCount = 64;
    private const int MemberCount = 50;
    private const long Opening = 1_000_000_000;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static int Rounds =>
        int.TryParse(Environment.GetEnvironmentVariable("LAUREL_KILLS"), out var kills) ? kills : 10;

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task KeepsEveryAcknowledgedWrite_When_TheServerIsKilled(DatabaseUnderTest database)
    {
        var seed = Seed.Draw(output);
        var random = new Random(seed);
        await using var site = await LaurelSite.CreateAsync(database, cluster, Cancellation);
        var server = await LaurelServer.StartAsync(site, Cancellation);
        try
        {
            var members = await AtOnce.RunAsync(MemberCount, i => server.NewMemberAsync($"m{i}", Opening));
            var expected = members.ToDictionary(member => member, _ => Opening);
            for (var round = 0; round < Rounds; round++)
            {
                var traffic = new Traffic(members, ClientCount, $"round-{round}");
                await KillUnderAsync(server, traffic, random);
                await server.DisposeAsync();
                server = await LaurelServer.StartAsync(site, Cancellation);
                server.Process.ReadyAfter.ShouldBeLessThan(TimeSpan.FromSeconds(20));
                await CheckAsync(server, traffic, expected);
                await site.VerifyAsync(Cancellation);
            }
        }
        finally
        {
            await server.DisposeAsync();
        }
    }

    private static async Task KillUnderAsync(LaurelServer server, Traffic traffic, Random random)
    {
        var running = traffic.RunAsync(server, random.Next(1_000_000));
        await Task.Delay(TimeSpan.FromMilliseconds(random.Next(501)), TimeProvider.System, Cancellation);
        await server.Process.KillAsync(Cancellation);
        await running;
    }

    private async Task CheckAsync(LaurelServer server, Traffic traffic, Dictionary<string, long> expected)
    {
        traffic.Strange.ShouldBeEmpty();
        var kept = 0;
        var options = new ParallelOptions { MaxDegreeOfParallelism = ClientCount, CancellationToken = Cancellation };
        await Parallel.ForEachAsync(traffic.Writes, options, async (write, _) =>
        {
            // Asked again, a write that is in the ledger tells its entries; one that is not is carried out now.
            var again = await write.SendAsync(server);
            again.Status.ShouldBe(200, write.Reference);
            if (write.Acknowledged is { } entries)
            {
                again.Replayed.ShouldBeTrue($"{write.Reference} was acknowledged and is lost");
                again.EntryIds.ShouldBe(entries);
            }
            else if (again.Replayed)
            {
                Interlocked.Increment(ref kept);
            }
        });
        foreach (var write in traffic.Writes)
        {
            expected[write.Member] += write.Effect;
        }

        // Every write is in the ledger now. Were one there twice, or half, a balance would show it.
        var standings = await Task.WhenAll(
            expected.Keys.Select(async member => (member, (await server.PointsAsync(member)).Available)));
        standings.ToDictionary().ShouldBe(expected, ignoreOrder: true);
        var acknowledged = traffic.Writes.Count(write => write.Acknowledged is not null);
        var unanswered = traffic.Writes.Count - acknowledged;
        output.WriteLine($"{acknowledged} acknowledged, {unanswered} not, of which {kept} were kept");
    }
}
