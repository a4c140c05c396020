using Laurel.ServerTests.Backups;
using Laurel.ServerTests.Hosting;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.Outages;

/// <summary>A5: writes stop by command on every node, and by themselves when the database refuses them; reads go on, and writes
/// come back without a restart.</summary>
public sealed class ReadOnlyModeTests(DatabaseServers cluster, ITestOutputHelper output)
{
    private const string Switch = "/api/admin/read-only";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task HoldsOnEveryNode_When_AnAdministratorAsksOne()
    {
        await using var site = await LaurelSite.CreateAsync(DatabaseUnderTest.Postgres, cluster, Cancellation);
        await using var first = await LaurelServer.StartAsync(site, Cancellation);
        await using var second = await LaurelServer.StartAsync(site, Cancellation);
        var member = await first.NewMemberAsync("m-1", 1_000);

        var on = await first.PostAsync(Switch, new { on = true, reason = "moving house" });

        on.Text.ShouldBe("""{"readOnly":true,"reasons":["command"]}""");
        await RefusedAsync(first, member, "a", "command");
        await Eventually.HoldsAsync(async () => (await second.SpendAsync(member, 1, "b")).Code == "READ_ONLY", "the other node does not obey");
        (await second.GetAsync("/ready")).Text.ShouldContain("\"writes\":\"read_only\"");
        (await second.GetAsync("/metrics")).Text.ShouldContain("member_read_only{reason=\"command\"} 1");
        (await second.SendAsync(ShopEvents.Completed(member, "o-1", 1_000))).Statuses.ShouldBe(["failed"]);
        await using (var third = await LaurelServer.StartAsync(site, Cancellation))
        {
            await RefusedAsync(third, member, "c", "command");
        }

        (await second.PostAsync(Switch, new { on = false, reason = "moved" })).Text.ShouldBe("""{"readOnly":false,"reasons":[]}""");
        (await second.SpendAsync(member, 1, "d")).Outcome.ShouldBe("200");
        await Eventually.HoldsAsync(async () => (await first.SpendAsync(member, 1, "e")).Status == 200, "the first node does not obey");
    }

    [Fact]
    public async Task HoldsOnThatNodeAlone_When_ItsSettingSaysSo()
    {
        await using var site = await LaurelSite.CreateAsync(DatabaseUnderTest.Sqlite, cluster, Cancellation);
        string member;
        await using (var server = await LaurelServer.StartAsync(site, Cancellation))
        {
            member = await server.NewMemberAsync("m-1", 100);
        }

        site.Environment["LAUREL_READ_ONLY"] = "on";
        await using (var server = await LaurelServer.StartAsync(site, Cancellation))
        {
            (await server.RegisterAsync("m-2")).Outcome.ShouldBe("503 READ_ONLY");
            (await server.GetAsync("/api/members?externalId=m-1")).Json.GetProperty("items").GetArrayLength().ShouldBe(1);
            // A quote writes nothing.
            var quote = await server.PostAsync("/api/quote", new { memberId = member, lines = new[] { new { lineId = "1", amount = 1_000 } } });
            quote.Json.GetProperty("payable").GetInt64().ShouldBe(1_000);
            (await server.PostAsync(Switch, new { on = false, reason = "" })).Status.ShouldBe(400);
        }
    }

    [Fact]
    public async Task BeginsAndEndsByItself_When_PostgresIsSetToReadOnly()
    {
        await using var postgres = await OwnPostgres.StartAsync(Cancellation);
        await using var site = LaurelSite.On(postgres.Url);

        await RefuseAndRecoverAsync(
            site,
            () => postgres.SetReadOnlyAsync(true, Cancellation),
            () => postgres.SetReadOnlyAsync(false, Cancellation));
    }

    [Fact]
    public async Task BeginsAndEndsByItself_When_MariaDbIsSetToReadOnly()
    {
        await using var mariaDb = await ThrowAwayMariaDb.StartAsync("secret", Cancellation);
        await mariaDb.AskAsync("CREATE DATABASE laurel; REVOKE READ_ONLY ADMIN ON *.* FROM laurel", Cancellation);
        await using var site = LaurelSite.On(new Uri(mariaDb.UrlOf("laurel", "secret")));

        await RefuseAndRecoverAsync(
            site,
            () => mariaDb.AskAsync("SET GLOBAL read_only = 1", Cancellation),
            () => mariaDb.AskAsync("SET GLOBAL read_only = 0", Cancellation));
    }

    private async Task RefuseAndRecoverAsync(LaurelSite site, Func<Task> refuse, Func<Task> allow)
    {
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        var member = await server.NewMemberAsync("m-1", 1_000);

        await refuse();

        await Eventually.HoldsAsync(async () => (await server.SpendAsync(member, 1, "while")).Code == "READ_ONLY", "it is not noticed");
        await RefusedAsync(server, member, "while", "database");
        (await server.GetAsync("/ready")).Outcome.ShouldBe("200");
        (await server.GetAsync("/ready")).Text.ShouldContain("\"writes\":\"read_only\"");

        await allow();
        var recovery = await Eventually.HoldsAsync(async () => (await server.SpendAsync(member, 1, "while")).Status == 200, "writes do not come back");
        output.WriteLine($"{recovery.TotalMilliseconds:N0} ms from allowing writes to the first one");
        (await server.PointsAsync(member)).Available.ShouldBe(999);
        await site.VerifyAsync(Cancellation);
    }

    private static async Task RefusedAsync(LaurelServer server, string member, string reference, string reason)
    {
        var answer = await server.SpendAsync(member, 1, reference);
        answer.Outcome.ShouldBe("503 READ_ONLY");
        answer.RetryAfter.ShouldBe(TimeSpan.FromSeconds(10));
        answer.TextOf("reason").ShouldBe(reason);
        (await server.MemberAsync(member)).Status.ShouldBe(200);
    }
}
