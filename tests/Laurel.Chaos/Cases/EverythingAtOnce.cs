using Laurel.Testing;
using Xunit;

namespace Laurel.Chaos.Cases;

/// <summary>Kills, pauses, cut connections, lost replies and slow networks, drawn by a seed, on two nodes.</summary>
public sealed class EverythingAtOnce(DatabaseServers servers, ITestOutputHelper output)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task NothingAcknowledgedIsLost_When_FaultsComeTogether(DatabaseUnderTest database)
    {
        var random = new Random(Extent.DrawSeed(output));
        await using var cluster = await Cluster.CreateAsync(database, servers, output);
        await cluster.StartNodeAsync();
        await cluster.StartNodeAsync();
        await cluster.EnrolAsync(12);
        var begun = TimeProvider.System.GetTimestamp();

        await cluster.DriveAsync(random.Next(), 32, "all", async () =>
        {
            while (TimeProvider.System.GetElapsedTime(begun) < Extent.Duration(8))
            {
                await Task.Delay(random.Next(50, 400), Cancellation);
                await BreakSomethingAsync(cluster, random);
            }
        });

        await cluster.ConcludeAsync();
    }

    private static async Task BreakSomethingAsync(Cluster cluster, Random random)
    {
        var proxy = cluster.Proxy!;
        var node = cluster.Nodes[random.Next(cluster.Nodes.Count)];
        switch (random.Next(6))
        {
            case 0:
                await node.Process.KillAsync(Cancellation);
                await cluster.RestartAsync(node);
                break;
            case 1:
                node.Process.Pause();
                await Task.Delay(random.Next(100, 1_500), Cancellation);
                node.Process.Resume();
                break;
            case 2:
                proxy.Cut();
                break;
            case 3:
                proxy.Delay = TimeSpan.FromMilliseconds(random.Next(1, 40));
                await Task.Delay(random.Next(100, 500), Cancellation);
                proxy.Delay = TimeSpan.Zero;
                break;
            case 4:
                proxy.Refuses = true;
                proxy.Cut();
                await Task.Delay(random.Next(100, 800), Cancellation);
                proxy.Refuses = false;
                break;
            default:
                proxy.LoseNextReply();
                break;
        }
    }
}
