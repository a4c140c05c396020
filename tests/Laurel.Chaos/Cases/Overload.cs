using System.Net.Sockets;
using System.Text;
using Laurel.Chaos.History;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.Chaos.Cases;

/// <summary>C7: callers that are too many, too slow, or gone before they are answered.</summary>
public sealed class Overload(DatabaseServers servers, ITestOutputHelper output)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>A caller that goes away leaves nothing locked and nothing half done, whether it was carried out or not.</summary>
    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task C7_NothingIsHalfDone_When_CallersGiveUpInTheMiddle(DatabaseUnderTest database)
    {
        var random = new Random(Extent.DrawSeed(output));
        await using var cluster = await Cluster.CreateAsync(database, servers, output);
        var node = await cluster.StartNodeAsync();
        await cluster.EnrolAsync(10);

        await Task.WhenAll(Enumerable.Range(0, 48).Select(async client =>
        {
            var own = new Random(random.Next());
            // Each has a patience of its own, mostly shorter than the answer takes.
            using var shop = new Shop(node.Process.Address, TimeSpan.FromMilliseconds(own.Next(1, 12)));
            for (var i = 0; i < Extent.Times(30); i++)
            {
                cluster.Log.Add(await shop.SendAsync(Calls.Draw(cluster.Members, own, $"storm-{client}-{i}"), Cancellation));
            }
        }));

        cluster.Log.Count(Knowledge.Unknown).ShouldBeGreaterThan(100);
        await cluster.ConcludeAsync();
    }

    [Fact]
    public async Task C7_OthersAreServed_When_HundredsSendTheirHeadersByTheByte()
    {
        await using var cluster = await Cluster.CreateAsync(DatabaseUnderTest.Sqlite, servers, output);
        var node = await cluster.StartNodeAsync();
        await cluster.EnrolAsync(4);
        var sockets = new List<Socket>();
        try
        {
            for (var i = 0; i < Extent.Times(500); i++)
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                await socket.ConnectAsync("127.0.0.1", node.Process.Address.Port, Cancellation);
                await socket.SendAsync(Encoding.ASCII.GetBytes("POST /api/points/earn HTTP/1.1\r\nHo"), Cancellation);
                sockets.Add(socket);
            }

            await cluster.DriveAsync(1, 16, "beside", () => cluster.ReachAsync(Extent.Times(300)));
        }
        finally
        {
            sockets.ForEach(socket => socket.Dispose());
        }

        cluster.Log.Count(Knowledge.Unknown).ShouldBe(0);
        cluster.Log.Count(Knowledge.Acknowledged).ShouldBeGreaterThan(100);
        await cluster.ConcludeAsync();
    }

    [Fact]
    public async Task C7_TheRestIsTurnedAwayAtOnce_When_FarMoreComesThanCanBeDone()
    {
        var random = new Random(Extent.DrawSeed(output));
        await using var cluster = await Cluster.CreateAsync(DatabaseUnderTest.Sqlite, servers, output);
        cluster.Site.Environment["LAUREL_QUEUE_MAX"] = "16";
        await cluster.StartNodeAsync();
        await cluster.EnrolAsync(8);

        await cluster.DriveAsync(random.Next(), 400, "flood", () => cluster.ReachAsync(Extent.Times(3_000)));

        var (served, turnedAway) = (cluster.Log.Count(Knowledge.Acknowledged), cluster.Log.Ended.Count(ended => ended.Status == 503));
        output.WriteLine($"{served} served, {turnedAway} turned away");
        turnedAway.ShouldBeGreaterThan(0);
        served.ShouldBeGreaterThan(100);
        await cluster.ConcludeAsync();
    }
}
