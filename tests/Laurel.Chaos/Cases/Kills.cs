using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.Chaos.Cases;

/// <summary>A1: nodes are killed under load while others go on.</summary>
public sealed class Kills(DatabaseServers servers, ITestOutputHelper output)
{
    /// <summary>From the kill to the next success of the same place: the time a single node is away.</summary>
    private static readonly TimeSpan s_serviceBackMax = TimeSpan.FromSeconds(10);

    [Theory]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task A1_NothingAcknowledgedIsLost_When_OneNodeOfTwoIsKilledAgainAndAgain(DatabaseUnderTest database)
    {
        var random = new Random(Extent.DrawSeed(output));
        await using var cluster = await Cluster.CreateAsync(database, servers, output);
        await cluster.StartNodeAsync();
        await cluster.StartNodeAsync();
        await cluster.EnrolAsync(20);
        var slowest = TimeSpan.Zero;

        await cluster.DriveAsync(random.Next(), 32, "kill", async () =>
        {
            for (var i = 0; i < Extent.Times(3); i++)
            {
                await Task.Delay(random.Next(200, 700), TestContext.Current.CancellationToken);
                var victim = cluster.Nodes[random.Next(2)];
                var killedAt = TimeProvider.System.GetTimestamp();
                await victim.Process.KillAsync(TestContext.Current.CancellationToken);
                await cluster.RestartAsync(victim);
                var away = TimeProvider.System.GetElapsedTime(killedAt);
                slowest = away > slowest ? away : slowest;
            }
        });

        output.WriteLine($"A node was away for {slowest.TotalMilliseconds:N0} ms at the most");
        slowest.ShouldBeLessThan(s_serviceBackMax);
        await cluster.ConcludeAsync();
    }
}
