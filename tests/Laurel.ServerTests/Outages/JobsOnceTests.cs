using Laurel.Engine.Lanes;
using Laurel.Engine.Nodes;
using Laurel.Engine.Sql;
using Laurel.Membership.Points;
using Laurel.Server.Hosting;
using Laurel.ServerTests.Hosting;
using Laurel.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.Outages;

/// <summary>B12: two nodes, one set of jobs. A node that stands still is replaced, and what it still sends when it wakes up
/// changes nothing.</summary>
[Collection(nameof(Alone))]
public sealed class JobsOnceTests(DatabaseServers cluster, ITestOutputHelper output)
{
    private const int MemberCount = 300;

    // Registered so long ago that the points of the registration have lapsed since.
    private static readonly DateTimeOffset s_longAgo = TimeProvider.System.GetUtcNow().AddDays(-400);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task LapseEveryDuePointOnce_When_TheLeaderStandsStillPastItsLease()
    {
        await using var site = await LaurelSite.CreateAsync(DatabaseUnderTest.Postgres, cluster, Cancellation);
        site.Environment["LAUREL_LEASE_SECONDS"] = "3";
        site.Environment["Jobs__sweep"] = "1";
        await using var leader = await LaurelServer.StartAsync(site, Cancellation);
        await Eventually.HoldsAsync(() => LeadsAsync(leader), "the only node does not lead");
        await using var other = await LaurelServer.StartAsync(site, Cancellation);
        (await LeadsAsync(other)).ShouldBeFalse();

        leader.Process.Pause();
        try
        {
            await RegisterLongAgoAsync(other);
            var takenOver = await Eventually.HoldsAsync(() => LeadsAsync(other), "nobody takes over");
            output.WriteLine($"taken over after {takenOver.TotalMilliseconds:N0} ms");
            await Eventually.HoldsAsync(async () => await ExpiriesAsync(site) == MemberCount, "the new leader does not sweep");
        }
        finally
        {
            leader.Process.Resume();
        }

        await Eventually.HoldsAsync(async () => !await LeadsAsync(leader), "the old leader does not notice");
        (await leader.NewMemberAsync("after", 100)).ShouldNotBeNull();
        await Task.Delay(TimeSpan.FromSeconds(2), TimeProvider.System, Cancellation);
        (await ExpiriesAsync(site)).ShouldBe(MemberCount, "nothing lapses twice");
        (await LeadsAsync(other)).ShouldBeTrue();
        await site.VerifyAsync(Cancellation);
    }

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task AreRefused_When_TheLeaseHasPassedOnWhileTheyWereOnTheirWay(DatabaseUnderTest database)
    {
        await using var site = await LaurelSite.CreateAsync(database, cluster, Cancellation);
        site.Environment["Jobs__sweep"] = "86400";
        await using (var server = await LaurelServer.StartAsync(site, Cancellation))
        {
            await RegisterLongAgoAsync(server);
        }

        await using var node = await OpenAsync(site);
        await using var lease = (await node.Leases.TryTakeAsync("jobs", Cancellation)).ShouldNotBeNull();
        var sweep = new Sweep(node.Database, node.Lanes, node.Books, TimeProvider.System);

        var steal = new LaneWrite("test", Reach.Everything).Add(s_steal, "jobs");
        (await node.Lanes.SubmitAsync(steal, Cancellation)).ShouldBeOfType<Outcome.Applied>();
        var stale = new Sweep(node.Database, node.Lanes, node.Books, TimeProvider.System) { Fence = new LeaseFence(lease.Name, lease.Token) };
        await Should.ThrowAsync<ReadUnavailableException>(() => stale.RunAsync(null, Cancellation));

        (await DueAsync(node)).ShouldBe(MemberCount, "the stale holder has changed something");
        var fresh = new Sweep(node.Database, node.Lanes, node.Books, TimeProvider.System) { Fence = new LeaseFence(lease.Name, lease.Token + 1) };
        (await fresh.RunAsync(null, Cancellation)).ShouldBe(MemberCount);
        (await sweep.RunAsync(null, Cancellation)).ShouldBe(0);
    }

    private static readonly SetStatement<string> s_steal = new(
        sqlite: "UPDATE leases SET token = token + 1, holder = 'another' WHERE name = $1",
        postgres: "UPDATE leases l SET token = l.token + 1, holder = 'another' FROM unnest($1) k (name) WHERE l.name = k.name",
        Column<string>.Text("name", name => name));

    private static Task<LaurelNode> OpenAsync(LaurelSite site) =>
        LaurelNode.OpenAsync(site.Settings(), "test", TimeProvider.System, NullLoggerFactory.Instance, Cancellation);

    private static Task RegisterLongAgoAsync(LaurelServer server) => AtOnce.RunAsync(MemberCount, async i =>
    {
        var answer = await server.PostAsync("/api/members", new { externalId = $"old-{i}", registeredAt = s_longAgo });
        answer.Status.ShouldBe(201);
        return answer;
    });

    private static async Task<bool> LeadsAsync(LaurelServer server) =>
        (await server.GetAsync("/metrics")).Text.Contains("\nmember_job_leader 1\n", StringComparison.Ordinal);

    private static async Task<long> ExpiriesAsync(LaurelSite site)
    {
        await using var connection = await PostgresCluster.ConnectAsync(site.DatabaseUrl!, Cancellation);
        await using var command = new NpgsqlCommand("SELECT count(*) FROM entries WHERE kind = 'expire'", connection);
        return (long)(await command.ExecuteScalarAsync(Cancellation))!;
    }

    private static async Task<long> DueAsync(LaurelNode node)
    {
        await using var session = await node.Database.OpenReaderAsync(Reach.Everything, Cancellation);
        await using var command = session.Connection.CreateCommand();
        command.CommandText = "SELECT COUNT(*) FROM members WHERE next_change_at < 4000000000000000";
        return Convert.ToInt64(await command.ExecuteScalarAsync(Cancellation), System.Globalization.CultureInfo.InvariantCulture);
    }
}
