using System.Diagnostics;
using Laurel.ServerTests.Backups;
using Laurel.ServerTests.Hosting;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.Outages;

/// <summary>B17: a replica answers reads. It may lag, pause and outlive its primary; no writer is shown less than it
/// wrote, and no decision rests on it.</summary>
/// <remarks>The cache is off: with it see <see cref="Caching.CacheBeforeReplicasTests"/>.</remarks>
[Collection(nameof(Alone))]
public sealed class ReadingFromReplicasTests(ITestOutputHelper output)
{
    private const int LagSecondsMax = 3;
    private const string Password = "secret";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ShowsWritersWhatTheyWroteAndDecidesNothing_When_ReplayIsPaused()
    {
        await using var primary = await OwnPostgres.StartAsync(Cancellation);
        await PostgresCluster.MakeRoleAsync(primary.Url, Cancellation);
        var replica = await primary.FollowAsync(Cancellation);
        await using var site = SiteOf(primary.Url, replica.Url);

        await PauseAndSpendAsync(
            site,
            () => replica.ExecuteAsync("SELECT pg_wal_replay_pause()", Cancellation),
            () => replica.ExecuteAsync("SELECT pg_wal_replay_resume()", Cancellation));
    }

    [Fact]
    public async Task ShowsWritersWhatTheyWroteAndDecidesNothing_When_AMariaDbReplicaIsPaused()
    {
        await using var primary = await ThrowAwayMariaDb.StartAsync(Password, Cancellation);
        var replica = await primary.FollowAsync(Password, Cancellation);
        await primary.AskAsync("CREATE DATABASE laurel", Cancellation);
        await using var site = SiteOf(new Uri(primary.UrlOf("laurel", Password)), new Uri(replica.UrlOf("laurel", Password)));

        await PauseAndSpendAsync(
            site,
            () => replica.AskAsync("STOP SLAVE SQL_THREAD", Cancellation),
            () => replica.AskAsync("START SLAVE SQL_THREAD", Cancellation));
    }

    private static async Task PauseAndSpendAsync(LaurelSite site, Func<Task> pause, Func<Task> resume)
    {
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        var member = await server.NewMemberAsync("m-1", 1_000);
        await Eventually.HoldsAsync(async () => (await AvailableAsync(server, member, null)) is (1_000, "replica"), "the replica does not answer");

        await pause();
        var pausedAt = Stopwatch.GetTimestamp();
        var answers = await AtOnce.RunAsync(10, i => server.SpendAsync(member, 300, $"spend-{i}"));
        var stale = await AvailableAsync(server, member, null);

        // Of 1,000 points three spends of 300 can be paid, whatever a replica still shows.
        answers.Count(answer => answer.Status == 200).ShouldBe(3);
        answers.Where(answer => answer.Status != 200).ShouldAllBe(answer => answer.Code == "POINTS_INSUFFICIENT");
        Stopwatch.GetElapsedTime(pausedAt).ShouldBeLessThan(TimeSpan.FromSeconds(LagSecondsMax - 1), "the machine is too slow for this test");
        stale.ShouldBe((1_000, "replica"), "without a version the replica answers, and shows what it has");
        foreach (var answer in answers)
        {
            (await AvailableAsync(server, member, answer.Version)).ShouldBe((100, "primary"));
        }

        (await server.GetAsync($"/api/members/{member}/points", answers[0].Version)).Source.ShouldBe("primary");
        (await server.GetAsync($"/api/members/{member}/points", answers[0].Version)).NumberOf("available").ShouldBe(100);
        (await AvailableAsync(server, member, "no version of ours")).ShouldBe((100, "primary"));

        // A replay of an earlier answer carries a version as well.
        var replayed = await server.SpendAsync(member, 300, "spend-" + Array.FindIndex(answers, answer => answer.Status == 200));
        replayed.Replayed.ShouldBeTrue();
        (await AvailableAsync(server, member, replayed.Version)).ShouldBe((100, "primary"));

        // Past the lag that is allowed, nothing is read from it any more.
        await Eventually.HoldsAsync(async () => (await AvailableAsync(server, member, null)).Source == "primary", "a replica that lags is still asked");
        (await AvailableAsync(server, member, null)).ShouldBe((100, "primary"));
        (await server.GetAsync("/metrics")).Text.ShouldContain("member_replica_lag_seconds{replica=\"1\"} ");

        await resume();
        await Eventually.HoldsAsync(async () => await AvailableAsync(server, member, answers[0].Version) is (100, "replica"), "the replica does not come back");
        await site.VerifyAsync(Cancellation);
    }

    [Fact]
    public async Task GoesOnReadingAndRecoversByItself_When_ThePrimaryIsLostForAWhile()
    {
        await using var primary = await OwnPostgres.StartAsync(Cancellation);
        await PostgresCluster.MakeRoleAsync(primary.Url, Cancellation);
        var replica = await primary.FollowAsync(Cancellation);
        await using var site = SiteOf(primary.Url, replica.Url);
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        var member = await server.NewMemberAsync("m-1", 1_000);
        var written = await server.SpendAsync(member, 300, "before");
        await Eventually.HoldsAsync(async () => await AvailableAsync(server, member, written.Version) is (700, "replica"), "the replica does not answer");

        await primary.StopAsync(Cancellation);

        var during = await AtOnce.RunAsync(20, _ => AvailableAsync(server, member, written.Version));
        during.ShouldAllBe(shown => shown.Available == 700 && shown.Source == "replica");
        var refused = await server.SpendAsync(member, 300, "during");
        (refused.Outcome, refused.RetryAfter).ShouldBe(("503 DATABASE_UNAVAILABLE", TimeSpan.FromSeconds(1)));
        await Eventually.HoldsAsync(async () => (await ReadyAsync(server)) is (200, "unavailable", "ok", "unavailable"), "/ready does not say so");
        var refusedAtOnce = Stopwatch.GetTimestamp();
        (await server.SpendAsync(member, 300, "during")).Outcome.ShouldBe("503 DATABASE_UNAVAILABLE");
        Stopwatch.GetElapsedTime(refusedAtOnce).ShouldBeLessThan(TimeSpan.FromSeconds(1), "a lost primary is told at once");
        (await server.GetAsync("/metrics")).Text.ShouldContain("member_read_only{reason=\"unreachable\"} 1");
        (await AvailableAsync(server, member, null)).ShouldBe((700, "replica"));

        await primary.StartAgainAsync(Cancellation);
        var recovery = await Eventually.HoldsAsync(async () => (await server.SpendAsync(member, 300, "during")).Status == 200, "writes do not come back");
        output.WriteLine($"{recovery.TotalMilliseconds:N0} ms from accepting connections to the first write");
        await Eventually.HoldsAsync(async () => (await ReadyAsync(server)) is (200, "ok", "ok", "ok"), "/ready does not recover");
        await Eventually.HoldsAsync(async () => await AvailableAsync(server, member, null) is (400, "replica"), "the replica does not follow again");
        await site.VerifyAsync(Cancellation);
    }

    [Fact]
    public async Task IsNamedAtTheStart_When_ReplicasAreSetOnSqlite()
    {
        await using var cluster = new DatabaseServers();
        await using var site = await LaurelSite.CreateAsync(DatabaseUnderTest.Sqlite, cluster, Cancellation);
        site.Environment["DATABASE_REPLICA_URLS"] = "postgresql://127.0.0.1/laurel";

        var outcome = await site.RunVerbAsync(Cancellation, "serve");

        outcome.ExitCode.ShouldBe(2);
        outcome.Errors.ShouldContain("DATABASE_REPLICA_URLS");
    }

    private static LaurelSite SiteOf(Uri primary, Uri replica)
    {
        var site = LaurelSite.On(primary);
        site.Environment["DATABASE_REPLICA_URLS"] = replica.AbsoluteUri;
        site.Environment["LAUREL_REPLICA_LAG_MAX_SECONDS"] = $"{LagSecondsMax}";
        site.Environment["LAUREL_CACHE"] = "off";
        site.Environment["DATABASE_ROLE"] = PostgresCluster.RoleOf(primary.AbsoluteUri);
        return site;
    }

    private static async Task<(long Available, string? Source)> AvailableAsync(LaurelServer server, string member, string? version)
    {
        var path = $"/api/members/{member}";
        var answer = version is null ? await server.GetAsync(path) : await server.GetAsync(path, version);
        return answer.Status == 200
            ? (answer.Json.GetProperty("points").GetProperty("available").GetInt64(), answer.Source)
            : (-answer.Status, answer.Source);
    }

    private static async Task<(int Status, string? Database, string? Replicas, string? Writes)> ReadyAsync(LaurelServer server)
    {
        var answer = await server.GetAsync("/ready");
        return (answer.Status, answer.TextOf("database"), answer.TextOf("replicas"), answer.TextOf("writes"));
    }
}
