using System.Diagnostics;
using Laurel.ServerTests.Hosting;
using Laurel.Testing;
using Npgsql;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.Outages;

/// <summary>C6: every connection for reads waits for one slow query. Whoever comes next is told so in bounded time, and the node
/// stays in service.</summary>
[Collection(nameof(Alone))]
public sealed class ExhaustingThePoolTests(DatabaseServers cluster)
{
    private const int CallerCount = 500;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task IsAnsweredWithinSecondsAndHealthIsUntouched_When_FiveConnectionsMeetFiveHundredCallers()
    {
        await using var site = await LaurelSite.CreateAsync(DatabaseUnderTest.Postgres, cluster, Cancellation);
        site.Environment["LAUREL_READERS_MAX"] = "5";

        // With a cache they would share one question, and one connection.
        site.Environment["LAUREL_CACHE"] = "off";
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        var member = await server.NewMemberAsync("m-1", 1_000);
        await using var connection = await PostgresCluster.ConnectAsync(site.DatabaseUrl!, Cancellation);
        await using var transaction = await connection.BeginTransactionAsync(Cancellation);
        await using var block = new NpgsqlCommand("LOCK TABLE level_changes IN ACCESS EXCLUSIVE MODE", connection, transaction);
        await block.ExecuteNonQueryAsync(Cancellation);

        var startedAt = Stopwatch.GetTimestamp();
        var calls = Enumerable.Range(0, CallerCount).Select(_ => server.GetAsync($"/api/members/{member}/level")).ToList();
        await Task.Delay(TimeSpan.FromMilliseconds(500), TimeProvider.System, Cancellation);
        (await server.GetAsync("/ready")).Status.ShouldBe(200);
        (await server.GetAsync("/health")).Status.ShouldBe(200);
        (await server.EarnAsync(member, 1, "meanwhile")).Status.ShouldBe(200, "writes have connections of their own");
        while (calls.Count(call => call.IsCompleted) < CallerCount - 5)
        {
            Stopwatch.GetElapsedTime(startedAt).ShouldBeLessThan(TimeSpan.FromSeconds(20), "callers wait without bound");
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, Cancellation);
        }

        (await server.GetAsync("/ready")).Status.ShouldBe(200);
        await transaction.RollbackAsync(Cancellation);
        var answers = await Task.WhenAll(calls);
        var served = answers.Count(answer => answer.Status == 200);
        served.ShouldBeInRange(1, 5);
        answers.Count(answer => answer.Outcome == "503 DATABASE_UNAVAILABLE").ShouldBe(CallerCount - served);
        answers.Where(answer => answer.Status == 503).ShouldAllBe(answer => answer.RetryAfter != null);
        (await server.GetAsync($"/api/members/{member}/level")).Status.ShouldBe(200);
    }
}
