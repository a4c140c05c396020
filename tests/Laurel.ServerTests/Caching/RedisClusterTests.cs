using Laurel.ServerTests.Hosting;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.Caching;

/// <summary>Two servers on one PostgreSQL with a Redis Cluster of three masters.</summary>
public sealed class RedisClusterTests(DatabaseServers cluster)
{
    private const int MemberCount = 60;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task CarriesValuesAndMessages_When_AllMastersAreThere()
    {
        await using var redis = await RedisCluster.StartAsync(Cancellation);
        await using var site = await SiteAsync(redis, "0");
        await using var first = await LaurelServer.StartAsync(site, Cancellation);
        await using var second = await LaurelServer.StartAsync(site, Cancellation);
        await UseMemoryAsync(first, second);
        var members = await AtOnce.RunAsync(MemberCount, i => first.NewMemberAsync($"m{i}", 100));

        for (var round = 1; round <= 3; round++)
        {
            var (writer, reader) = round % 2 == 0 ? (first, second) : (second, first);
            await AtOnce.RunAsync(MemberCount, i => CacheOf.AvailableAsync(reader, members[i]));
            (await AtOnce.RunAsync(MemberCount, i => writer.EarnAsync(members[i], 1, $"e{round}-{i}"))).ShouldAllBe(answer => answer.Status == 200);
            await CacheOf.UntilAsync(
                async () => (await AtOnce.RunAsync(MemberCount, i => CacheOf.AvailableAsync(reader, members[i]))).All(points => points == 100 + round),
                TimeSpan.FromSeconds(2));
        }

        // Values lie on every master, and every message went through the one that owns the slot of the channel: what is heard of one
        // sender is so heard of all.
        await AtOnce.RunAsync(MemberCount, i => CacheOf.AvailableAsync(second, members[i]));
        var sizes = await Task.WhenAll(redis.Servers.Select(server => server.CommandAsync(Cancellation, "DBSIZE")));
        sizes.ShouldNotContain(":0\r\n");
        (await Task.WhenAll(redis.Servers.Select(HasPublishedAsync))).Count(has => has).ShouldBe(1);
        (await site.RunVerbAsync(Cancellation, "doctor")).Output.ShouldContain("Redis Cluster at");
    }

    /// <summary>Without its slots the cluster refuses everything. Slower, never wrong.</summary>
    [Fact]
    public async Task ReadsEveryWriteAtOnce_When_AMasterIsLost()
    {
        await using var redis = await RedisCluster.StartAsync(Cancellation);
        await using var site = await SiteAsync(redis, "0");
        await using var first = await LaurelServer.StartAsync(site, Cancellation);
        await using var second = await LaurelServer.StartAsync(site, Cancellation);
        await UseMemoryAsync(first, second);
        var members = await AtOnce.RunAsync(MemberCount, i => first.NewMemberAsync($"m{i}", 100));
        await AtOnce.RunAsync(MemberCount, i => CacheOf.AvailableAsync(second, members[i]));

        await redis.Servers[2].KillAsync(Cancellation);
        await CacheOf.UntilAsync(
            async () => !await CacheOf.UsesMemoryAsync(first) && !await CacheOf.UsesMemoryAsync(second), TimeSpan.FromSeconds(30));

        for (var i = 0; i < MemberCount; i++)
        {
            (await first.EarnAsync(members[i], 1, $"e{i}")).Status.ShouldBe(200);
            (await CacheOf.AvailableAsync(second, members[i])).ShouldBe(101);
        }
    }

    [Fact]
    public async Task IsRefused_When_AnotherDatabaseThanNumberZeroIsNamed()
    {
        await using var redis = await RedisCluster.StartAsync(Cancellation);
        await using var site = await SiteAsync(redis, "3");
        await using var server = await LaurelServer.StartAsync(site, Cancellation);

        const string Reason = "it is a Redis Cluster, which has database 0 alone, and number 3 is asked for";
        (await server.GetAsync("/ready")).Text.ShouldContain("\"cache\":\"unavailable\"");
        await Eventually.HoldsAsync(
            () => Task.FromResult((server.Process.Output + server.Process.Errors).Contains(Reason, StringComparison.Ordinal)), "the log does not say why");
        var told = (await site.RunVerbAsync(Cancellation, "doctor")).Output;
        string.Join(' ', told.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).ShouldContain(Reason);
    }

    private static async Task UseMemoryAsync(LaurelServer first, LaurelServer second) => await CacheOf.UntilAsync(
        async () => await CacheOf.UsesMemoryAsync(first) && await CacheOf.UsesMemoryAsync(second)
            && await CacheOf.UsesRedisAsync(first) && await CacheOf.UsesRedisAsync(second),
        TimeSpan.FromSeconds(20));

    private static async Task<bool> HasPublishedAsync(RedisServer server) =>
        (await server.CommandAsync(Cancellation, "INFO", "commandstats")).Contains("cmdstat_publish:", StringComparison.Ordinal);

    private async Task<LaurelSite> SiteAsync(RedisCluster redis, string number)
    {
        var site = await LaurelSite.CreateAsync(DatabaseUnderTest.Postgres, cluster, Cancellation);
        site.Environment["REDIS_URL"] = $"redis://127.0.0.1:{redis.Servers[0].Port}/{number}";
        return site;
    }
}
