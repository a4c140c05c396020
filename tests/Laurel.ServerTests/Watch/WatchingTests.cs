using System.Text.Json;
using Laurel.ServerTests.Hosting;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.Watch;

/// <summary>What is unusual, over HTTP: rules, stopped calls, the queue of cases, decisions and replays.</summary>
public sealed class WatchingTests(DatabaseServers cluster)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task GoesThroughTheQueue_When_ACallIsStopped(DatabaseUnderTest database)
    {
        await using var site = await LaurelSite.CreateAsync(database, cluster, Cancellation);
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        var member = await server.NewMemberAsync("spender", 1_000);
        (await server.AddWatchAsync(WatchCalls.Watch("often", "spend", "count", 2, "hold", "hour", 24))).Status.ShouldBe(201);
        (await server.SpendAsync(member, 10, "s1")).Status.ShouldBe(200);
        (await server.SpendAsync(member, 10, "s2")).Status.ShouldBe(200);
        var book = await server.BookAsync(member);

        var stopped = await server.SpendAsync(member, 10, "s3");

        (stopped.Outcome, stopped.TextOf("rule")).ShouldBe(("409 WATCH_HELD", "often"));
        (await server.BookAsync(member)).ShouldBe(book);
        var id = stopped.TextOf("caseId")!;
        (await server.GetAsync("/api/watch/cases")).CaseIds().ShouldBe([id]);
        (await server.GetAsync($"/api/watch/cases?memberId={member}&rule=often&status=open")).CaseIds().ShouldBe([id]);
        (await server.GetAsync("/api/watch/cases?status=confirmed")).CaseIds().ShouldBeEmpty();
        (await server.GetAsync("/api/watch/cases?assignedTo=bob")).CaseIds().ShouldBeEmpty();
        (await server.GetAsync("/api/watch/cases?status=lost")).Status.ShouldBe(400);

        (await server.DecideAsync(id, "assign", new { note = "yours" })).Faults.ShouldBe(["REQUIRED /assignee"]);
        (await server.DecideAsync(id, "release", new { })).Faults.ShouldBe(["REQUIRED /note"]);
        (await server.DecideAsync("7", "release")).Outcome.ShouldBe("404 WATCH_CASE_NOT_FOUND");
        (await server.DecideAsync("x", "confirm")).Outcome.ShouldBe("404 WATCH_CASE_NOT_FOUND");
        (await server.DecideAsync(id, "assign", new { assignee = "bob", note = "yours" })).TextOf("status").ShouldBe("assigned");
        (await server.GetAsync("/api/watch/cases?assignedTo=bob")).CaseIds().ShouldBe([id]);
        var answers = await AtOnce.RunAsync(8, _ => server.DecideAsync(id, "release"));
        answers.Count(answer => answer.Status == 200).ShouldBe(1);
        answers.Where(answer => answer.Status != 200).ShouldAllBe(answer => answer.Outcome == "409 WATCH_CASE_STATE");
        (await server.SpendAsync(member, 10, "s3")).Status.ShouldBe(200);

        var detail = (await server.GetAsync($"/api/watch/cases/{id}")).Json;
        detail.GetProperty("case").GetProperty("decidedBy").GetString().ShouldBe("administrator");
        var changes = detail.GetProperty("changes").EnumerateArray().ToList();
        changes.Select(change => change.GetProperty("kind").GetString()).ShouldBe(["release", "assign", "hit"]);
        changes[0].GetProperty("note").GetString().ShouldBe("looked at");
        var evidence = changes[2].GetProperty("evidence");
        (evidence.GetProperty("value").GetInt64(), evidence.GetProperty("threshold").GetInt64(), evidence.GetProperty("stopped").GetBoolean()).ShouldBe((3, 2, true));
        (await server.GetAsync("/api/watch/cases/7")).Outcome.ShouldBe("404 WATCH_CASE_NOT_FOUND");
        await site.VerifyAsync(Cancellation);
    }

    [Fact]
    public async Task HoldsAndTakesAway_When_ACaseIsConfirmed()
    {
        await using var site = await LaurelSite.CreateAsync(DatabaseUnderTest.Sqlite, cluster, Cancellation);
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        (await server.AddWatchAsync(WatchCalls.Watch("address", "earn", "membersOfAddress", 1, "hold", "month"))).Status.ShouldBe(201);
        var (one, other) = (await server.NewMemberAsync("one", 100), await server.NewMemberAsync("other", 100));
        foreach (var (member, order) in new[] { (one, "o1"), (other, "o2") })
        {
            var told = ShopEvents.Event("order.completed", order, new { orderId = order, memberId = member, currency = "CNY", amount = 10_000, address = "7 Long Lane" });
            (await server.SendAsync(told)).Statuses.ShouldBe(["applied"]);
        }

        var id = (await server.GetAsync("/api/watch/cases")).CaseIds().ShouldHaveSingleItem();
        var detail = (await server.GetAsync($"/api/watch/cases/{id}")).Json;
        var held = detail.GetProperty("heldPoints").GetInt64();
        held.ShouldBeGreaterThan(0);
        (await server.PointsAsync(other)).Available.ShouldBe(100);
        (await server.PointsAsync(one)).Available.ShouldBe(100 + held);
        var lots = (await server.GetAsync($"/api/members/{other}/points")).Text;
        lots.ShouldContain("watch:case");

        // Neither an event of that name nor an earning that waits for it gets in.
        (await server.SendAsync(ShopEvents.Event("watch:case", "forged", new { memberId = other, reference = id }))).Results[0].GetProperty("code").GetString()
            .ShouldBe("EVENT_TYPE_UNKNOWN");
        var forged = new
        {
            memberId = other,
            points = 5,
            reason = "r",
            referenceType = "test",
            referenceId = id,
            pendingEvent = "watch:case",
            cancelAt = TimeProvider.System.GetUtcNow().AddDays(3),
        };
        (await server.PostAsync("/api/points/earn", forged)).Faults.ShouldBe(["RESERVED /pendingEvent"]);

        (await server.DecideAsync(id, "confirm")).TextOf("status").ShouldBe("confirmed");
        (await server.PointsAsync(other)).Available.ShouldBe(100);
        (await server.GetAsync($"/api/watch/cases/{id}")).Json.GetProperty("heldPoints").GetInt64().ShouldBe(0);
        await site.VerifyAsync(Cancellation);
    }

    [Fact]
    public async Task IsPartOfTheProgramme_When_RulesAreAddedChangedAndReplayed()
    {
        await using var site = await LaurelSite.CreateAsync(DatabaseUnderTest.Sqlite, cluster, Cancellation);
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        var members = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            members.Add(await server.NewMemberAsync($"m{i}", 100));
            for (var e = 0; e <= i * 4; e++)
            {
                (await server.EarnAsync(members[i], 10, $"e{i}-{e}")).Status.ShouldBe(200);
            }
        }

        var off = (await server.GetAsync("/api/watch/rules?active=false")).Json.GetProperty("items");
        off.GetArrayLength().ShouldBe(11);
        (await server.GetAsync("/api/watch/rules?active=true")).Json.GetProperty("items").GetArrayLength().ShouldBe(0);
        (await server.AddWatchAsync(WatchCalls.Watch("burst", "earn", "count", 4, "flag"))).Status.ShouldBe(201);
        (await server.AddWatchAsync(WatchCalls.Watch("burst", "earn", "count", 4, "flag"))).Outcome.ShouldBe("409 WATCH_RULE_EXISTS");
        (await server.AddWatchAsync(WatchCalls.Watch("bad", "earn", "count", -4, "flag"))).Faults.ShouldBe(["OUT_OF_RANGE /threshold"]);
        (await server.ReplaceWatchAsync("burst", WatchCalls.Watch("other", "earn", "count", 3, "flag"))).Faults.ShouldBe(["INVALID_FORMAT /code"]);
        (await server.ReplaceWatchAsync("nothing", WatchCalls.Watch("nothing", "earn", "count", 3, "flag"))).Outcome.ShouldBe("404 WATCH_RULE_NOT_FOUND");
        (await server.PostAsync("/api/watch/rules/burst/disable", new { reason = "a test" })).Status.ShouldBe(200);
        (await server.GetAsync("/api/watch/rules/burst/history")).Json.GetProperty("items").GetArrayLength().ShouldBe(2);
        (await server.GetAsync("/api/watch/rules/burst")).Json.GetProperty("rule").GetProperty("active").GetBoolean().ShouldBeFalse();
        (await server.GetAsync("/api/watch/rules/none")).Outcome.ShouldBe("404 WATCH_RULE_NOT_FOUND");
        (await server.GetAsync("/api/watch/rules/none/history")).Outcome.ShouldBe("404 WATCH_RULE_NOT_FOUND");

        // By hand: 1, 5 and 9 earnings and a registration each make 2 and 6 hits above four.
        const string Path = "/api/watch/rules/burst/replay";
        var whole = await server.PostAsync(Path, new { });
        Told(whole).ShouldBe("3 18 8 2");
        whole.Json.GetProperty("nextCursor").ValueKind.ShouldBe(JsonValueKind.Null);
        var pages = new List<Answer>();
        string? cursor = null;
        do
        {
            pages.Add(await server.PostAsync(Path, new { cursor, members = 1 }));
            cursor = pages[^1].TextOf("nextCursor");
        }
        while (cursor is not null);
        pages.Sum(page => page.NumberOf("hits")).ShouldBe(8);
        pages.Sum(page => page.NumberOf("membersHit")).ShouldBe(2);
        pages.Count.ShouldBe(4, "the last page finds nobody");
        Told(await server.PostAsync(Path, new { until = "2020-01-01T00:00:00Z" })).ShouldBe("3 0 0 0");
        (await server.PostAsync(Path, new { from = "2026-01-01T00:00:00Z", until = "2026-01-01T00:00:00Z" })).Faults.ShouldBe(["NOTHING_BETWEEN /until"]);
        (await server.PostAsync(Path, new { cursor = "x" })).Faults.ShouldBe(["INVALID_FORMAT /cursor"]);
        (await server.PostAsync("/api/watch/rules/shared_device/replay", new { })).Outcome.ShouldBe("422 WATCH_NOT_REPLAYABLE");
        (await server.PostAsync("/api/watch/rules/none/replay", new { })).Outcome.ShouldBe("404 WATCH_RULE_NOT_FOUND");

        var told = await site.RunVerbAsync(Cancellation, "watch", "replay", "--rule", "burst", "--json");
        told.ExitCode.ShouldBe(0, told.Errors);
        told.Output.ShouldContain("\"hits\":8,\"membersHit\":2");
        (await site.RunVerbAsync(Cancellation, "watch", "replay", "--rule", "none")).ExitCode.ShouldBe(2);
        (await server.GetAsync("/api/watch/cases")).CaseIds().ShouldBeEmpty();
        await site.VerifyAsync(Cancellation);

        static string Told(Answer answer) =>
            $"{answer.NumberOf("members")} {answer.NumberOf("movements")} {answer.NumberOf("hits")} {answer.NumberOf("membersHit")}";
    }

    /// <summary>Two servers on one database: the threshold holds for both together.</summary>
    [Theory]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task LetsThroughExactlyTheThreshold_When_TwoNodesAreAskedAtOnce(DatabaseUnderTest database)
    {
        await using var site = await LaurelSite.CreateAsync(database, cluster, Cancellation);
        await using var first = await LaurelServer.StartAsync(site, Cancellation);
        await using var second = await LaurelServer.StartAsync(site, Cancellation);
        (await first.AddWatchAsync(WatchCalls.Watch("often", "spend", "count", 7, "refuse"))).Status.ShouldBe(201);
        (await first.AddWatchAsync(WatchCalls.Watch("device", "earn", "membersOfDevice", 5, "flag"))).Status.ShouldBe(201);
        var members = await AtOnce.RunAsync(8, i => first.NewMemberAsync($"shared-{i}", 100));

        var spends = await AtOnce.RunAsync(40, i => (i % 2 == 0 ? first : second).SpendAsync(members[0], 1, $"s{i}"));
        var orders = await AtOnce.RunAsync(8, i => (i % 2 == 0 ? first : second).SendAsync(ShopEvents.Event(
            "order.completed", $"o{i}", new { orderId = $"o{i}", memberId = members[i], currency = "CNY", amount = 1_000, deviceId = "phone" })));

        spends.Count(answer => answer.Status == 200).ShouldBe(7);
        spends.Where(answer => answer.Status != 200).ShouldAllBe(answer => answer.Outcome == "409 WATCH_REFUSED");
        orders.ShouldAllBe(answer => answer.Statuses[0] == "applied");
        (await second.GetAsync("/api/watch/cases?rule=device")).CaseIds().Length.ShouldBe(3, "the sixth, the seventh and the eighth");
        var cases = (await second.GetAsync("/api/watch/cases?rule=often")).Json.GetProperty("items");
        (cases.GetArrayLength(), cases[0].GetProperty("hits").GetInt64()).ShouldBe((1, 33));
        await site.VerifyAsync(Cancellation);
    }
}
