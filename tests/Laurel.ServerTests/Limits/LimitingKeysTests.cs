using Laurel.ServerTests.Caching;
using Laurel.ServerTests.Hosting;
using Laurel.ServerTests.Keys;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.Limits;

/// <summary>Quotas of keys, held by one node and by two.</summary>
public sealed class LimitingKeysTests(DatabaseServers cluster)
{
    private const int Quota = 30;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    public async Task LetNoMoreThrough_When_CallsComeAtOnce(DatabaseUnderTest database)
    {
        await using var site = await LaurelSite.CreateAsync(database, cluster, Cancellation);
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        var key = await KeyAsync(server);

        var answers = await AtOnce.RunAsync(3 * Quota, _ => server.GetWithAsync(key, "/api/members?limit=1"));

        answers.Count(answer => answer.Status == 200).ShouldBe(Quota);
        var refused = answers.First(answer => answer.Status == 429);
        (refused.Code, refused.TextOf("policy"), refused.NumberOf("limit")).ShouldBe(("RATE_LIMITED", "Key", Quota));
        refused.RetryAfter!.Value.TotalSeconds.ShouldBeInRange(1, 65);
        (await server.GetAsync("/api/members?limit=1")).Status.ShouldBe(200, "the administrator's key has no quota");
        (await server.GetAsync("/metrics")).Text.ShouldContain($$"""member_rate_limited_total{limit="Key"} {{2 * Quota}}""");
    }

    [Fact]
    public async Task LetEverythingThrough_When_LimitsAreOff()
    {
        await using var site = await LaurelSite.CreateAsync(DatabaseUnderTest.Sqlite, cluster, Cancellation);
        site.Environment["Limits"] = "off";
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        var key = await KeyAsync(server);

        (await AtOnce.RunAsync(2 * Quota, _ => server.GetWithAsync(key, "/api/members?limit=1"))).ShouldAllBe(answer => answer.Status == 200);
    }

    [Fact]
    public async Task RefuseToStart_When_ALimitIsNone()
    {
        await using var site = await LaurelSite.CreateAsync(DatabaseUnderTest.Sqlite, cluster, Cancellation);
        site.Environment["Limits__Login"] = "many";
        site.Environment["Limits__Logon"] = "5/m";
        site.Environment["Limits__TrustedProxies"] = "10.0.0.0/x";

        var outcome = await site.RunVerbAsync(Cancellation, "serve");

        outcome.ExitCode.ShouldBe(2);
        outcome.Errors.ShouldContain("Limits:Login is off, or calls in a time such as 5/15m");
        outcome.Errors.ShouldContain("Limits:Logon is not a limit");
        outcome.Errors.ShouldContain("Limits:TrustedProxies is a list of addresses");
    }

    [Fact]
    public async Task ShareAQuotaAndEachHoldToIt_When_TwoNodesHaveRedisAndLoseIt()
    {
        await using var redis = await RedisServer.StartAsync(Cancellation);
        await using var site = await LaurelSite.CreateAsync(DatabaseUnderTest.Postgres, cluster, Cancellation);
        site.Environment["REDIS_URL"] = redis.Url;
        site.Environment["LAUREL_REDIS_TIMEOUT_MS"] = "2000";
        await using var first = await LaurelServer.StartAsync(site, Cancellation);
        await using var second = await LaurelServer.StartAsync(site, Cancellation);
        await CacheOf.UntilAsync(async () => await CacheOf.UsesRedisAsync(first) && await CacheOf.UsesRedisAsync(second), TimeSpan.FromSeconds(20));
        var (shared, alone) = (await KeyAsync(first), await KeyAsync(first));

        var answers = await AtOnce.RunAsync(3 * Quota, i => (i % 2 == 0 ? first : second).GetWithAsync(shared, "/api/members?limit=1"));
        answers.Count(answer => answer.Status == 200).ShouldBe(Quota);

        // Half of it is spent with Redis. What comes after it has stopped counts on top of what each node let through itself.
        var before = await AtOnce.RunAsync(Quota / 2, i => (i % 2 == 0 ? first : second).GetWithAsync(alone, "/api/members?limit=1"));
        before.ShouldAllBe(answer => answer.Status == 200);
        await redis.KillAsync(Cancellation);
        var after = await AtOnce.RunAsync(6 * Quota, i => (i % 2 == 0 ? first : second).GetWithAsync(alone, "/api/members?limit=1"));
        var through = before.Count(answer => answer.Status == 200) + after.Count(answer => answer.Status == 200);
        through.ShouldBe(2 * Quota, "each node holds to the limit by itself");
    }

    private static async Task<string> KeyAsync(LaurelServer server) =>
        (await server.PostAsync("/api/keys", new { name = "limited", scopes = new[] { "members:read" }, quota = Quota })).TextOf("key")!;
}
