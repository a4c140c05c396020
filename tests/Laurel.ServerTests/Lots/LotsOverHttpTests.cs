using Laurel.ServerTests.Hosting;
using Laurel.ServerTests.Rules;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.Lots;

/// <summary>The life of lots through the doors: what is answered, what is repeated, and what is refused, with code and place.</summary>
public sealed class LotsOverHttpTests(Servers servers) : IClassFixture<Servers>
{
    private const string Later = "2049-01-01T00:00:00Z";

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task PointsWaitAndBecomeActive_When_TheyAreEarnedForAnEvent(DatabaseUnderTest database)
    {
        var server = await servers.OnAsync(database);
        var member = await server.NewMemberAsync("waits", 100);

        var earned = await EarnAsync(server, member, 900, "w-1", new { pendingEvent = "shipped", cancelAt = Later });
        var lot = earned.EntryIds[0];
        (await FiguresAsync(server, member)).ShouldBe((100, 900, 100));
        (await server.GetAsync($"/api/members/{member}/points")).Text.ShouldContain("\"pendingEvent\":\"shipped\"");

        var activated = await server.PostAsync($"/api/points/lots/{lot}/activate", new { memberId = member, reason = "it was shipped" });
        activated.Status.ShouldBe(200, activated.Text);
        activated.Text.ShouldContain("\"kind\":\"activate\"");
        (await FiguresAsync(server, member)).ShouldBe((1_000, 0, 1_000));
        var again = await server.PostAsync($"/api/points/lots/{lot}/activate", new { memberId = member, reason = "once more" });
        (again.Status, again.Replayed, again.Text).ShouldBe((200, true, activated.Text));
        (await server.PostAsync($"/api/points/lots/{lot}/cancel", new { memberId = member, reason = "no" })).Outcome.ShouldBe("409 LOT_NOT_PENDING");
    }

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task LotsLapseLater_When_TheyAreExtended(DatabaseUnderTest database)
    {
        var server = await servers.OnAsync(database);
        var member = await server.NewMemberAsync("extended", 100);
        object Body(string reference, object? days) =>
            new { memberId = member, expiringBefore = Later, days, reason = "apology", @operator = "li.wei", reference };

        var extended = await server.PostAsync("/api/points/lots/extend", Body("x-1", 30));
        var again = await server.PostAsync("/api/points/lots/extend", Body("x-1", 30));

        extended.Status.ShouldBe(200, extended.Text);
        extended.Json.GetProperty("lots").GetArrayLength().ShouldBe(1);
        (again.Status, again.Replayed, again.Text).ShouldBe((200, true, extended.Text));
        (await server.PostAsync("/api/points/lots/extend", Body("x-1", 31))).Outcome.ShouldBe("409 CONFLICT");
        (await server.PostAsync("/api/points/reinstate", new { memberId = member, windowDays = 5, reason = "r", reference = "b-1" }))
            .Outcome.ShouldBe("422 NOTHING_TO_REINSTATE");
    }

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task WhatTheOrderEarnedIsHeld_When_AReturnIsAskedFor(DatabaseUnderTest database)
    {
        var server = await servers.OnAsync(database);
        var member = await server.NewMemberAsync("returns", 100);
        var order = $"o-{database}";
        await TellAsync(server, ShopEvents.Completed(member, order, 10_000));

        await TellAsync(server, ShopEvents.Event("order.return_requested", $"rt-{order}", new { orderId = order, returnId = "rt", amount = 10_000 }));
        var asked = (await server.GetAsync($"/api/orders/{order}/returns")).Json.GetProperty("returns")[0];
        (asked.GetProperty("status").GetString(), asked.GetProperty("points").GetInt64(), asked.GetProperty("held").GetInt64()).ShouldBe(("requested", 300, 300));
        (await FiguresAsync(server, member)).ShouldBe((100, 0, 400));

        await TellAsync(server, ShopEvents.Event("order.refunded", $"r-{order}", new { orderId = order, refundId = "r", returnId = "rt", amount = 10_000 }));
        var ended = (await server.GetAsync($"/api/orders/{order}/returns")).Json.GetProperty("returns")[0];
        (ended.GetProperty("status").GetString(), ended.GetProperty("held").GetInt64()).ShouldBe(("refunded", 0));
        (await FiguresAsync(server, member)).ShouldBe((100, 0, 100));
        var late = await server.PostAsync("/api/events", ShopEvents.Event("order.return_rejected", $"rj-{order}", new { orderId = order, returnId = "rt" }));
        late.Results[0].GetProperty("code").GetString().ShouldBe("RETURN_CLOSED");
        (await server.GetAsync("/api/orders/no-such-order/returns")).Outcome.ShouldBe("404 ORDER_NOT_FOUND");
    }

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task ShowsWhenTheyWouldLapse_When_PointsLapseByInactivity(DatabaseUnderTest database)
    {
        var server = await servers.OnAsync(database);
        var member = await server.NewMemberAsync("visits", 100);
        object Rule(object validity) => new
        {
            code = "visit",
            nameEnglish = "Visit",
            nameChinese = "到店",
            trigger = "store.visited",
            amount = new { @fixed = 5 },
            validity,
        };
        (await server.AddRuleAsync(Rule(new { inactivity = true, days = 3 }))).Faults.ShouldBe(["EXACTLY_ONE /validity"]);
        (await server.AddRuleAsync(Rule(new { inactivity = true }))).Status.ShouldBe(201);
        await TellAsync(server, ShopEvents.Event("store.visited", $"visit-{database}", new { memberId = member }));

        var points = (await server.GetAsync($"/api/members/{member}/points")).Json;
        var lot = points.GetProperty("lots").EnumerateArray().Single(lot => lot.GetProperty("granted").GetInt64() == 5);
        lot.GetProperty("byInactivity").GetBoolean().ShouldBeTrue();
        lot.GetProperty("expiresAt").GetDateTimeOffset().ShouldBeGreaterThan(TimeProvider.System.GetUtcNow().AddDays(364));
        var record = points.GetProperty("records").GetProperty("items").EnumerateArray().Single(record => record.GetProperty("points").GetInt64() == 5);
        record.GetProperty("byInactivity").GetBoolean().ShouldBeTrue();
        (await server.GetAsync($"/api/points/records/{record.GetProperty("id").GetString()}/explain")).Text.ShouldContain("for as long as the member does something");

        var draft = """{"carryover":{"from":"2049-01-01T00:00:00+08:00","lots":{"inactivity":true}}}""";
        var preview = await server.PostAsync("/api/programme/carryover/preview", draft);
        preview.Status.ShouldBe(200, preview.Text);
        preview.Json.GetProperty("pointsLater").GetInt64().ShouldBeGreaterThanOrEqualTo(100);
        (await server.PostAsync("/api/programme/carryover/preview", """{"carryover":{"from":"2049-01-01T00:00:00+08:00"}}""")).Faults.ShouldBe(["REQUIRED /carryover/lots"]);
    }

    [Fact]
    public async Task NothingChanges_When_TheCallIsRefused()
    {
        var server = await servers.OnAsync(DatabaseUnderTest.Sqlite);
        var member = await server.NewMemberAsync("refused", 100);
        var book = await server.BookAsync(member);

        (await EarnAsync(server, member, 5, "p-1", new { pendingEvent = "shipped" })).Faults.ShouldBe(["REQUIRED /cancelAt"]);
        (await EarnAsync(server, member, 5, "p-2", new { activeAt = Later, pendingEvent = "shipped", cancelAt = Later })).Faults.ShouldBe(["UNKNOWN_FIELD /activeAt"]);
        (await EarnAsync(server, member, 5, "p-3", new { activeAt = "2020-01-01T00:00:00Z" })).Outcome.ShouldBe("422 ACTIVATION_OUT_OF_RANGE");
        (await server.PostAsync("/api/points/lots/12345/activate", new { memberId = member, reason = "r" })).Outcome.ShouldBe("404 LOT_NOT_FOUND");
        (await server.PostAsync("/api/points/lots/none/cancel", new { memberId = member, reason = "r" })).Outcome.ShouldBe("404 LOT_NOT_FOUND");
        (await server.PostAsync("/api/points/lots/extend", new { memberId = member, reason = "r", @operator = "o", reference = "e-1" }))
            .Faults.ShouldBe(["REQUIRED /lotIds", "REQUIRED /expiresAt"]);
        (await server.PostAsync(
            "/api/points/lots/extend",
            new { memberId = member, lotIds = new[] { "12345" }, expiresAt = Later, reason = "r", @operator = "o", reference = "e-2" })).Outcome.ShouldBe("404 LOT_NOT_FOUND");
        (await server.PostAsync(
            "/api/points/lots/extend",
            new { memberId = member, expiringBefore = Later, expiresAt = "2020-01-01T00:00:00Z", reason = "r", @operator = "o", reference = "e-3" }))
            .Outcome.ShouldBe("422 EXPIRY_OUT_OF_RANGE");
        (await server.PostAsync("/api/points/reinstate", new { memberId = member, windowDays = 31, reason = "r", reference = "b-1" })).Outcome.ShouldBe("422 REINSTATEMENT_TOO_LATE");
        (await server.BookAsync(member)).ShouldBe(book);
    }

    private static async Task TellAsync(LaurelServer server, object shopEvent)
    {
        var answer = await server.PostAsync("/api/events", shopEvent);
        answer.Statuses.ShouldBe(["applied"], answer.Text);
    }

    private static Task<Answer> EarnAsync(LaurelServer server, string member, long points, string reference, object waits)
    {
        var body = new Dictionary<string, object>
        {
            ["memberId"] = member,
            ["points"] = points,
            ["reason"] = "test",
            ["referenceType"] = "activity",
            ["referenceId"] = $"{reference}-{member}",
        };
        foreach (var property in waits.GetType().GetProperties())
        {
            body[property.Name] = property.GetValue(waits)!;
        }

        return server.PostAsync("/api/points/earn", body);
    }

    private static async Task<(long Available, long Pending, long Lifetime)> FiguresAsync(LaurelServer server, string member)
    {
        var json = (await server.GetAsync($"/api/members/{member}")).Json;
        var points = json.GetProperty("points");
        return (points.GetProperty("available").GetInt64(), points.GetProperty("pending").GetInt64(), json.GetProperty("lifetimePoints").GetInt64());
    }
}
