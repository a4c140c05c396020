using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.Chaos.Cases;

/// <summary>A2: the connection to the database breaks at any moment, also between the commit and its answer.</summary>
public sealed class LostAnswers(DatabaseServers servers, ITestOutputHelper output)
{
    [Theory]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task A2_NothingIsLostOrDoneTwice_When_RepliesOfTheDatabaseAreLost(DatabaseUnderTest database)
    {
        var random = new Random(Extent.DrawSeed(output));
        await using var cluster = await Cluster.CreateAsync(database, servers, output);
        await cluster.StartNodeAsync();
        await cluster.EnrolAsync(20);
        var proxy = cluster.Proxy!;

        await cluster.DriveAsync(random.Next(), 32, "a2", async () =>
        {
            for (var i = 0; i < Extent.Times(50); i++)
            {
                proxy.LoseNextReply();
                await Task.Delay(random.Next(20, 120), TestContext.Current.CancellationToken);
            }
        });

        output.WriteLine($"{proxy.LostReplies} replies were lost");
        proxy.LostReplies.ShouldBeGreaterThan(Extent.Times(50) / 4);
        await cluster.ConcludeAsync();
    }

    [Theory]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task A2_NothingIsLostOrDoneTwice_When_ConnectionsAreCutAndRefused(DatabaseUnderTest database)
    {
        var random = new Random(Extent.DrawSeed(output));
        await using var cluster = await Cluster.CreateAsync(database, servers, output);
        await cluster.StartNodeAsync();
        await cluster.StartNodeAsync();
        await cluster.EnrolAsync(20);
        var proxy = cluster.Proxy!;

        await cluster.DriveAsync(random.Next(), 32, "cut", async () =>
        {
            for (var i = 0; i < Extent.Times(12); i++)
            {
                proxy.Delay = TimeSpan.FromMilliseconds(random.Next(4) == 0 ? random.Next(1, 30) : 0);
                await Task.Delay(random.Next(50, 300), TestContext.Current.CancellationToken);
                proxy.Refuses = random.Next(3) == 0;
                proxy.Cut();
                await Task.Delay(random.Next(10, 200), TestContext.Current.CancellationToken);
                proxy.Refuses = false;
            }

            proxy.Delay = TimeSpan.Zero;
        });

        await cluster.ConcludeAsync();
    }
}
