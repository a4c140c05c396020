using System.Diagnostics;
using Laurel.ServerTests.Hosting;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.Caching;

/// <summary>C1 of the fault catalogue: Redis slow, silent, flushed, full, gone and back. Slower, never wrong.</summary>
/// <remarks>Memory holds next to nothing here, so that the reads come to Redis.</remarks>
[Collection(nameof(Alone))]
public sealed class RedisFaultsTests(DatabaseServers cluster, ITestOutputHelper output)
{
    private const int ClientCount = 16;
    private const int RoundCount = 40;

    /// <summary>Far above what a read of the database takes on a loaded machine, far below a Redis that takes two seconds.</summary>
    private static readonly TimeSpan s_readMax = TimeSpan.FromSeconds(1);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AnswersFromRedis_When_MemoryHasForgotten()
    {
        await using var redis = await RedisServer.StartAsync(Cancellation);
        await using var site = await SiteAsync(redis.Url);
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        var members = await AtOnce.RunAsync(100, i => server.NewMemberAsync($"m{i}", 100));

        // A cold server may take longer over its first calls than it allows Redis, and then pauses.
        await CacheOf.UntilAsync(
            async () =>
            {
                (await AtOnce.RunAsync(100, i => CacheOf.AvailableAsync(server, members[i]))).ShouldAllBe(points => points == 100);
                return await CacheOf.AnswersAsync(server, "redis") > 100;
            },
            TimeSpan.FromSeconds(30));

        // One that Redis was too slow for is asked for again, like any other.
        await CacheOf.UntilAsync(
            async () =>
            {
                await CacheOf.AvailableAsync(server, members[^1]);
                return await redis.CommandAsync(Cancellation, "EXISTS", $"1:member:info:{members[^1]}") == ":1\r\n";
            },
            TimeSpan.FromSeconds(30));
        (await server.GetAsync("/ready")).Text.ShouldContain("\"cache\":\"ok\"");
    }

    /// <summary>C1, each fault in the middle of reads and writes that check each other.</summary>
    [Theory]
    [InlineData("slow")]
    [InlineData("asleep")]
    [InlineData("silent")]
    [InlineData("cut")]
    [InlineData("flushed")]
    [InlineData("full")]
    [InlineData("gone")]
    [InlineData("restarted")]
    public async Task C1_ReadsEveryWriteInTime_When_RedisIs(string fault)
    {
        await using var redis = await RedisServer.StartAsync(Cancellation);
        await using var proxy = new TcpProxy(redis.Port);
        await using var site = await SiteAsync(RedisServer.UrlAt(proxy.Port));
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        var members = await AtOnce.RunAsync(ClientCount, i => server.NewMemberAsync($"m{i}", 0));
        await CacheOf.UntilAsync(() => CacheOf.UsesRedisAsync(server), TimeSpan.FromSeconds(10));

        var faulty = BreakAsync(fault, redis, proxy);
        var reads = await AtOnce.RunAsync(ClientCount, client => WriteAndReadAsync(server, members, client));
        await faulty;

        var slowest = reads.SelectMany(own => own).Order().ToArray();
        output.WriteLine($"{fault}: {slowest.Length} reads, p50 {slowest[slowest.Length / 2]}, p99 {slowest[slowest.Length * 99 / 100]}, longest {slowest[^1]}");
        slowest[slowest.Length * 99 / 100].ShouldBeLessThan(s_readMax);
        for (var i = 0; i < ClientCount; i++)
        {
            (await CacheOf.AvailableAsync(server, members[i])).ShouldBe(RoundCount);
        }

        await MendAsync(fault, redis, proxy);
        await CacheOf.UntilAsync(() => CacheOf.UsesRedisAsync(server), TimeSpan.FromSeconds(30));
        (await server.EarnAsync(members[0], 1, "afterwards")).Status.ShouldBe(200);
        (await CacheOf.AvailableAsync(server, members[0])).ShouldBe(RoundCount + 1);
        (await server.Process.StopAsync(Cancellation)).ExitCode.ShouldBe(0);
        await site.VerifyAsync(Cancellation);
    }

    [Fact]
    public async Task C1_StartsAndServes_When_RedisIsNotThere()
    {
        await using var site = await SiteAsync(RedisServer.UrlAt(ChildProcess.FreePort()));
        await using var server = await LaurelServer.StartAsync(site, Cancellation);

        var member = await server.NewMemberAsync("m", 10);

        (await CacheOf.AvailableAsync(server, member)).ShouldBe(10);
        (await server.GetAsync("/ready")).Text.ShouldContain("\"cache\":\"unavailable\"");
        (await server.GetAsync("/ready")).Status.ShouldBe(200);
    }

    /// <summary>What was written while Redis was away must not come back with it: a value from before counts no more.</summary>
    [Fact]
    public async Task C1_BelievesNothingOld_When_RedisComesBackWithWhatItHad()
    {
        await using var redis = await RedisServer.StartAsync(Cancellation);
        await using var proxy = new TcpProxy(redis.Port);
        await using var site = await SiteAsync(RedisServer.UrlAt(proxy.Port));
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        var members = await AtOnce.RunAsync(40, i => server.NewMemberAsync($"m{i}", 100));
        await CacheOf.UntilAsync(() => CacheOf.UsesRedisAsync(server), TimeSpan.FromSeconds(10));
        await AtOnce.RunAsync(40, i => CacheOf.AvailableAsync(server, members[i]));

        proxy.Holds = true;
        (await AtOnce.RunAsync(40, i => server.EarnAsync(members[i], 1, $"e{i}"))).ShouldAllBe(answer => answer.Status == 200);
        proxy.Cut();
        proxy.Holds = false;
        for (var round = 0; round < 50; round++)
        {
            (await AtOnce.RunAsync(40, i => CacheOf.AvailableAsync(server, members[i]))).ShouldAllBe(points => points == 101);
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Cancellation);
        }

        await CacheOf.UntilAsync(() => CacheOf.UsesRedisAsync(server), TimeSpan.FromSeconds(20));
    }

    private static async Task<TimeSpan[]> WriteAndReadAsync(LaurelServer server, string[] members, int client)
    {
        var times = new List<TimeSpan>();
        for (var round = 1; round <= RoundCount; round++)
        {
            (await server.EarnAsync(members[client], 1, $"c{client}-{round}")).Status.ShouldBe(200);
            var startedAt = Stopwatch.GetTimestamp();
            (await CacheOf.AvailableAsync(server, members[client])).ShouldBe(round);
            times.Add(Stopwatch.GetElapsedTime(startedAt));
            startedAt = Stopwatch.GetTimestamp();
            await CacheOf.AvailableAsync(server, members[(client + round) % members.Length]);
            times.Add(Stopwatch.GetElapsedTime(startedAt));
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Cancellation);
        }

        return [.. times];
    }

    private static async Task BreakAsync(string fault, RedisServer redis, TcpProxy proxy)
    {
        await Task.Delay(TimeSpan.FromMilliseconds(300), TimeProvider.System, Cancellation);
        switch (fault)
        {
            case "slow":
                proxy.Delay = TimeSpan.FromSeconds(2);
                break;
            case "asleep":
                await redis.CommandAsync(Cancellation, "DEBUG", "SLEEP", "2");
                break;
            case "silent":
                proxy.Holds = true;
                break;
            case "cut":
                proxy.Cut();
                break;
            case "flushed":
                for (var i = 0; i < 20; i++)
                {
                    await redis.CommandAsync(Cancellation, "FLUSHALL");
                    await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Cancellation);
                }

                break;
            case "full":
                await redis.CommandAsync(Cancellation, "CONFIG", "SET", "maxmemory-policy", "noeviction");
                await redis.CommandAsync(Cancellation, "CONFIG", "SET", "maxmemory", "1mb");
                (await redis.CommandAsync(Cancellation, "SET", "more", "than fits")).ShouldStartWith("-OOM");
                break;
            case "gone":
                await redis.KillAsync(Cancellation);
                break;
            case "restarted":
                await redis.KillAsync(Cancellation);
                await redis.RunAsync(Cancellation);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(fault), fault, null);
        }
    }

    private static async Task MendAsync(string fault, RedisServer redis, TcpProxy proxy)
    {
        (proxy.Delay, proxy.Holds) = (TimeSpan.Zero, false);
        if (fault == "gone")
        {
            await redis.RunAsync(Cancellation);
        }
        else if (fault == "full")
        {
            await redis.CommandAsync(Cancellation, "CONFIG", "SET", "maxmemory", "0");
        }
    }

    private async Task<LaurelSite> SiteAsync(string redisUrl)
    {
        var site = await LaurelSite.CreateAsync(DatabaseUnderTest.Sqlite, cluster, Cancellation);
        site.Environment["REDIS_URL"] = redisUrl;
        site.Environment["LAUREL_CACHE_ENTRIES"] = "16";
        site.Environment["LAUREL_CACHE_MEMORY_SECONDS"] = "1";
        return site;
    }
}
