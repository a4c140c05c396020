using System.Globalization;
using Laurel.Chaos.History;
using Laurel.Chaos.Oracles;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.Chaos.Cases;

/// <summary>B16: what two nodes do to the same few members at once looks as if one after the other had done it.</summary>
public sealed class Isolation(DatabaseServers servers, ITestOutputHelper output)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task B16_ThereIsOneSerialOrder_When_TransfersCrossOnTwoNodes(DatabaseUnderTest database)
    {
        var random = new Random(Extent.DrawSeed(output));
        await using var cluster = await Cluster.CreateAsync(database, servers, output);
        await cluster.StartNodeAsync();
        if (database != DatabaseUnderTest.Sqlite)
        {
            await cluster.StartNodeAsync();
        }

        await cluster.EnrolAsync(6);

        await cluster.DriveAsync(random.Next(), 32, "serial", () => cluster.ReachAsync(Extent.Times(1_000)));

        var histories = await SerialOrder.ReadAsync(cluster.Nodes[0].Shop, cluster.Members, Cancellation);
        output.WriteLine($"{histories.Sum(history => history.Count).ToString(CultureInfo.InvariantCulture)} entries of {cluster.Members.Count} members");
        var transfers = histories.SelectMany(history => history).CountBy(reference => reference).Count(pair => pair.Value > 1);
        transfers.ShouldBeGreaterThan(50);
        SerialOrder.FindCircle(histories).ShouldBeNull();
        histories.SelectMany(history => history).Distinct().Count(reference => reference.StartsWith("serial", StringComparison.Ordinal))
            .ShouldBe(cluster.Log.Count(Knowledge.Acknowledged));
        await cluster.ConcludeAsync();
    }

    /// <summary>An oracle that finds nothing must be able to find something.</summary>
    [Fact]
    public void B16_ACircleIsFound_When_TwoMembersTellOppositeOrders() =>
        SerialOrder.FindCircle([["a", "b", "c"], ["c", "a"]])!.ShouldBe(["a", "b", "c"], ignoreOrder: true);
}
