using Laurel.ServerTests.Hosting;
using Laurel.Testing;
using Microsoft.AspNetCore.Http;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.Webhooks;

/// <summary>Endpoints are told of what happens to members, on every database.</summary>
public sealed class TellingEndpointsTests(DatabaseServers cluster)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task TellsEachItsOwnEventsSigned_When_MembersEarnAndSpend(DatabaseUnderTest database)
    {
        await using var receiver = await Receiver.StartAsync();
        await using var site = (await LaurelSite.CreateAsync(database, cluster, Cancellation)).AllowLoopback();
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        var everything = await server.HookAsync(receiver.Address + "/all");
        var points = await server.HookAsync(receiver.Address + "/points", "points.*");
        var spent = await server.HookAsync(receiver.Address + "/spent", "points.spent");

        var member = (await server.RegisterAsync("m-1")).TextOf("id")!;
        (await server.EarnAsync(member, 50, "e-1")).Status.ShouldBe(200);
        (await server.SpendAsync(member, 30, "s-1")).Status.ShouldBe(200);
        (await server.SpendAsync(member, 1_000_000, "s-2")).Status.ShouldBe(422);

        var all = await receiver.WaitAsync("/all", 4, Cancellation);
        await receiver.WaitAsync("/points", 3, Cancellation);
        await receiver.WaitAsync("/spent", 1, Cancellation);
        all.Select(request => request.Type).Order().ShouldBe(["member.registered", "points.earned", "points.earned", "points.spent"]);
        receiver.At("/points").Select(request => request.Type).ShouldAllBe(type => type.StartsWith("points."));
        receiver.At("/spent").Single().Event.GetProperty("data").GetProperty("points").GetInt64().ShouldBe(-30);
        all.ShouldAllBe(request => request.IsSignedWith(everything.Secret));
        all.ShouldAllBe(request => !request.IsSignedWith(points.Secret));
        all.ShouldAllBe(request => request.ContentType.StartsWith("application/cloudevents+json"));
        all.ShouldAllBe(request => request.Id == request.Event.GetProperty("id").GetString());
        all.ShouldAllBe(request => request.Event.GetProperty("subject").GetString() == member);
        all.Select(request => request.Event.GetProperty("sequence").GetString()).ShouldBeUnique();
        await Waiting.UntilAsync(
            async () => (await server.DeliveriesAsync(spent.Id)).SequenceEqual(["points.spent delivered 1"]), "the delivery is noted", Cancellation);
        var attempt = (await server.AttemptsAsync(spent.Id)).Single();
        attempt.GetProperty("status").GetInt32().ShouldBe(204);
        attempt.GetProperty("delivered").GetBoolean().ShouldBeTrue();
    }

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task TriesAgainAndSwitchesOff_When_AnEndpointFailsOrIsGone(DatabaseUnderTest database)
    {
        var failures = 0;
        await using var receiver = await Receiver.StartAsync();
        receiver.Answer("/once", context =>
        {
            context.Response.StatusCode = Interlocked.Increment(ref failures) == 1 ? 500 : 200;
            return context.Response.WriteAsync("what the receiver says");
        });
        receiver.Answer("/gone", 410);
        receiver.Answer("/moved", context =>
        {
            context.Response.Redirect(receiver.Address + "/elsewhere");
            return Task.CompletedTask;
        });
        await using var site = (await LaurelSite.CreateAsync(database, cluster, Cancellation)).AllowLoopback();
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        var once = await server.HookAsync(receiver.Address + "/once", "member.registered");
        var gone = await server.HookAsync(receiver.Address + "/gone", "member.registered");
        var moved = await server.HookAsync(receiver.Address + "/moved", "member.registered");
        await server.RegisterAsync("m-1");

        // The second attempt follows after five to six seconds.
        var tries = await receiver.WaitAsync("/once", 2, Cancellation);
        tries[0].Id.ShouldBe(tries[1].Id);
        tries[0].Body.ShouldBe(tries[1].Body);
        (long.Parse(tries[1].Timestamp) - long.Parse(tries[0].Timestamp)).ShouldBeInRange(4, 8);
        tries.ShouldAllBe(request => request.IsSignedWith(once.Secret));
        await Waiting.UntilAsync(
            async () => (await server.DeliveriesAsync(once.Id)).SequenceEqual(["member.registered delivered 2"]), "delivered at the second attempt", Cancellation);
        var attempts = await server.AttemptsAsync(once.Id);
        attempts.Select(a => a.GetProperty("status").GetInt32()).ShouldBe([200, 500]);
        attempts[0].GetProperty("response").GetString().ShouldBe("what the receiver says");
        (await server.AttemptsAsync(once.Id, "&failedOnly=true")).Length.ShouldBe(1);

        var state = await server.GetAsync("/api/webhooks/" + gone.Id);
        state.Json.GetProperty("enabled").GetBoolean().ShouldBeFalse();
        state.TextOf("disabledReason").ShouldBe("gone");
        (await server.DeliveriesAsync(gone.Id)).ShouldBe(["member.registered failed 1"]);
        receiver.At("/gone").Count.ShouldBe(1);

        receiver.At("/elsewhere").ShouldBeEmpty();
        (await server.AttemptsAsync(moved.Id))[0].GetProperty("status").GetInt32().ShouldBe(302);
        (await server.GetAsync("/api/webhooks/" + moved.Id)).TextOf("failingSince").ShouldNotBeNull();

        // What happens while it is off is not queued; what is sent again is, and goes out once it is on.
        await server.RegisterAsync("m-2");
        (await server.DeliveriesAsync(gone.Id)).Count.ShouldBe(1);
        receiver.Answer("/gone", 200);
        (await server.PostAsync($"/api/webhooks/{gone.Id}/resend", new { from = "2020-01-01T00:00:00Z", failedOnly = true })).NumberOf("queued").ShouldBe(1);
        (await server.PatchAsync("/api/webhooks/" + gone.Id, new { enabled = true })).Status.ShouldBe(200);
        await receiver.WaitAsync("/gone", 2, Cancellation);
        (await server.PostAsync($"/api/webhooks/{gone.Id}/resend", new { from = "2020-01-01T00:00:00Z" })).NumberOf("queued").ShouldBe(2);
        await receiver.WaitAsync("/gone", 4, Cancellation);
        await Waiting.UntilAsync(
            async () => (await server.DeliveriesAsync(gone.Id, "&state=delivered")).Count == 2, "both delivered", Cancellation);
    }

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task KeepsEndpointsAsTheirOwnerSays_When_TheyAreCreatedChangedRotatedAndDeleted(DatabaseUnderTest database)
    {
        await using var receiver = await Receiver.StartAsync();
        await using var site = (await LaurelSite.CreateAsync(database, cluster, Cancellation)).AllowLoopback();
        await using var server = await LaurelServer.StartAsync(site, Cancellation);

        var created = await server.PostUnderAsync("k-1", "/api/webhooks", new { url = receiver.Address + "/a", description = "积分", eventTypes = new[] { "points.*" } });
        var again = await server.PostUnderAsync("k-1", "/api/webhooks", new { url = receiver.Address + "/a", description = "积分", eventTypes = new[] { "points.*" } });
        created.Status.ShouldBe(201);
        again.Replayed.ShouldBeTrue();
        again.Text.ShouldBe(created.Text);
        (await server.PostUnderAsync("k-1", "/api/webhooks", new { url = receiver.Address + "/b" })).Outcome.ShouldBe("422 IDEMPOTENCY_KEY_REUSED");
        var (id, first) = (created.TextOf("id")!, created.TextOf("secret")!);
        Convert.FromBase64String(first["whsec_".Length..]).Length.ShouldBe(32);
        (await server.GetAsync("/api/webhooks/" + id)).TextOf("secret").ShouldBeNull();
        (await server.GetAsync("/api/webhooks")).Text.ShouldNotContain(first);

        var rotated = await server.PostAsync($"/api/webhooks/{id}/rotate-secret", new { });
        var second = rotated.TextOf("secret")!;
        second.ShouldNotBe(first);
        (await server.PostAsync($"/api/webhooks/{id}/test", new { })).NumberOf("status").ShouldBe(204);
        var test = receiver.At("/a").Single();
        (test.IsSignedWith(first), test.IsSignedWith(second)).ShouldBe((true, true));
        test.Type.ShouldBe("webhook.test");
        await server.PostAsync($"/api/webhooks/{id}/rotate-secret", new { graceHours = 0 });
        await server.PostAsync($"/api/webhooks/{id}/test", new { });
        (receiver.At("/a")[1].IsSignedWith(first), receiver.At("/a")[1].IsSignedWith(second)).ShouldBe((false, false));

        (await server.PatchAsync("/api/webhooks/" + id, new { eventTypes = new[] { "level.upgraded" }, enabled = false })).Status.ShouldBe(200);
        var changed = await server.GetAsync("/api/webhooks/" + id);
        (changed.TextOf("description"), changed.TextOf("disabledReason")).ShouldBe(("积分", "asked"));
        changed.Json.GetProperty("eventTypes")[0].GetString().ShouldBe("level.upgraded");

        await server.HookAsync(receiver.Address + "/b");
        var page = (await server.GetAsync("/api/webhooks?limit=1")).Json;
        page.GetProperty("items")[0].GetProperty("id").GetString().ShouldBe(id);
        var next = (await server.GetAsync("/api/webhooks?limit=1&cursor=" + page.GetProperty("nextCursor").GetString())).Json;
        next.GetProperty("items")[0].GetProperty("url").GetString().ShouldBe(receiver.Address + "/b");
        next.GetProperty("nextCursor").GetString().ShouldBeNull();

        (await server.DeleteAsync("/api/webhooks/" + id)).Status.ShouldBe(204);
        (await server.DeleteAsync("/api/webhooks/" + id)).Outcome.ShouldBe("404 WEBHOOK_NOT_FOUND");
        (await server.GetAsync("/api/webhooks/" + id)).Outcome.ShouldBe("404 WEBHOOK_NOT_FOUND");
        (await server.PatchAsync("/api/webhooks/" + id, new { enabled = true })).Outcome.ShouldBe("404 WEBHOOK_NOT_FOUND");
        (await server.GetAsync("/api/webhooks/x/deliveries")).Outcome.ShouldBe("404 WEBHOOK_NOT_FOUND");
        (await server.GetAsync("/api/webhooks")).Json.GetProperty("items").GetArrayLength().ShouldBe(1);
    }

    [Fact]
    public async Task SendsOneEventAgain_When_ItIsNamed()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var site = (await LaurelSite.CreateAsync(DatabaseUnderTest.Sqlite, cluster, Cancellation)).AllowLoopback();
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        var (id, _) = await server.HookAsync(receiver.Address + "/a", "points.earned");
        await server.RegisterAsync("m-1");
        var sent = (await receiver.WaitAsync("/a", 1, Cancellation)).Single();

        (await server.PostAsync($"/api/webhooks/{id}/resend", new { eventId = sent.Id })).NumberOf("queued").ShouldBe(1);

        var again = await receiver.WaitAsync("/a", 2, Cancellation);
        again[1].Id.ShouldBe(sent.Id);
        again[1].Body.ShouldBe(sent.Body);
        (await server.PostAsync($"/api/webhooks/{id}/resend", new { eventId = "1-0" })).Outcome.ShouldBe("404 EVENT_NOT_FOUND");
        (await server.PostAsync($"/api/webhooks/{id}/resend", new { })).Faults.ShouldBe(["REQUIRED /from"]);
        (await server.PostAsync($"/api/webhooks/{id}/resend", new { eventId = sent.Id, from = "2026-01-01T00:00:00Z" })).Faults.ShouldBe(["UNKNOWN_FIELD /from"]);
    }

    [Fact]
    public async Task RefusesEndpointsInside_When_NothingIsAllowed()
    {
        await using var site = await LaurelSite.CreateAsync(DatabaseUnderTest.Sqlite, cluster, Cancellation);
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        foreach (var url in new[] { "http://example.com/", "https://127.0.0.1/", "https://localhost/", "https://[::ffff:10.0.0.1]/", "https://u:p@example.com/", "https://2130706433/" })
        {
            (await server.PostAsync("/api/webhooks", new { url })).Faults.ShouldBe(["WEBHOOK_URL_REFUSED /url"], url);
        }

        var bad = await server.PostAsync("/api/webhooks", new { eventTypes = new[] { "points*", "points.*" }, colour = "red" });
        bad.Faults.ShouldBe(["INVALID_FORMAT /eventTypes", "REQUIRED /url", "UNKNOWN_FIELD /colour"], ignoreOrder: true);
        (await server.PostAsync("/api/webhooks", "{\"url\":\"https://example.com/\",\"eventTypes\":[1,\"\"]}")).Faults
            .ShouldBe(["WRONG_TYPE /eventTypes/0", "TOO_SHORT /eventTypes/1", "INVALID_FORMAT /eventTypes"], ignoreOrder: true);
    }
}
