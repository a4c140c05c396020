using System.Text.Json;
using System.Text.Json.Nodes;
using Dapper;
using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Platform.Webhooks;
using Laurel.Server.Hosting;
using Laurel.Server.Jobs;
using Laurel.ServerTests.Backups;
using Laurel.ServerTests.Hosting;
using Laurel.ServerTests.Keys;
using Laurel.ServerTests.SigningIn;
using Laurel.ServerTests.Webhooks;
using Laurel.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.Persons;

/// <summary>E12: what is kept for a time is gone when its time is over. Two years go by, and every job runs once.</summary>
public sealed class KeepingForATimeTests(DatabaseServers cluster)
{
    /// <summary>What docs/operate/retention.md says is cleared, and how a row that should be gone is told from one that the jobs have just made.</summary>
    private static readonly Dictionary<string, string> s_kept = new()
    {
        ["replies"] = "1 = 1",
        ["event_batches"] = "batch_id < @Cut",
        ["webhook_deliveries"] = "1 = 1",
        ["webhook_attempts"] = "1 = 1",
        ["sessions"] = "1 = 1",
        ["sign_in_failures"] = "1 = 1",
        ["sign_in_codes"] = "1 = 1",
        ["sign_in_budgets"] = "1 = 1",
        ["access_changes"] = "1 = 1",
        ["signature_nonces"] = "1 = 1",
        ["audit_batches"] = "batch_id < @Cut",
        ["audit_acts"] = "batch_id < @Cut",
        ["watch_marks"] = "seen <> ''",
        ["personal_data"] = "1 = 1",
        ["member_addresses"] = "1 = 1",
        ["users"] = "is_member = 1",
        ["sign_in_names"] = "user_id IS NOT NULL",
    };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [Trait("Attack", "E12")]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task IsGone_When_TwoYearsHaveGoneByAndTheJobsHaveRun(DatabaseUnderTest database)
    {
        await using var receiver = await Receiver.StartAsync();
        await using var site = (await LaurelSite.CreateAsync(database, cluster, Cancellation)).AllowLoopback();
        site.Environment["Sms__Provider"] = "log";
        site.Environment["Limits"] = "off";
        await using (var server = await LaurelServer.StartAsync(site, Cancellation))
        {
            await LeaveTracesAsync(server, receiver);
        }

        var before = await CountAsync(site);
        before.Where(one => one.Value == 0).Select(one => one.Key).ShouldBeEmpty("there would be nothing to clear");
        await RunJobsAsync(site, new YearsLater());

        // Months of replies go by the clock of the server that has them, which no test turns.
        var left = (await CountAsync(site)).Where(one => one.Value > 0 && (one.Key != "replies" || database == DatabaseUnderTest.Sqlite));
        left.Select(one => $"{one.Key}: {one.Value}").ShouldBeEmpty();
        await using var connection = await SqlOf.ConnectAsync(site, Cancellation);
        (await connection.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM member_consents")).ShouldBe(1, "the proof of a consent stays");
        (await connection.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM entries")).ShouldBeGreaterThan(0, "the ledger stays");
        await site.VerifyAsync(Cancellation);
    }

    private static async Task LeaveTracesAsync(LaurelServer server, Receiver receiver)
    {
        var programme = JsonNode.Parse((await server.GetAsync("/api/programme")).Text)!;
        programme["cancellation"] = new JsonObject { ["coolingOffDays"] = 7 };
        foreach (var rule in programme["watch"]!.AsArray().Where(rule => rule!["code"]!.GetValue<string>() == "shared_device"))
        {
            rule!["active"] = true;
        }

        (await SendAsync(server, HttpMethod.Put, "/api/programme", programme)).Status.ShouldBe(200);
        await server.HookAsync(receiver.Address + "/hook");
        var person = await server.SignUpAsync("passing");
        var path = $"/api/members/{person.Id}";
        (await SendAsync(server, HttpMethod.Put, path, new { phone = "13800138000" })).Status.ShouldBe(200);
        (await server.PostAsync(path + "/consents", new { purpose = "marketing_sms", textVersion = "7", given = true, origin = "till" })).Status.ShouldBe(201);
        var home = new { name = "Lee", phone = "13800138000", province = "上海市", city = "上海市", district = "徐汇区", address = "1" };
        (await server.PostAsync($"/api/addresses?memberId={person.Id}", home)).Status.ShouldBe(201);
        (await server.PostUnderAsync("once", "/api/points/earn", LaurelServer.Movement(person.Id, 5, "r-1"))).Status.ShouldBe(200);
        (await server.SendAsync(ShopEvents.Event(
            "order.completed", "o-1", new { orderId = "o-1", memberId = person.Id, currency = "CNY", amount = 1_000, deviceId = "phone" }))).Status.ShouldBe(200);
        (await server.LoginAsync("passing", "wrong password")).Status.ShouldBe(401);
        (await server.PostAsAsync(null, "/api/auth/codes", new { phone = "13800138001", purpose = "login" })).Status.ShouldBeOneOf(200, 202, 204);
        var signer = await server.MakeSigningKeyAsync("read:all");
        (await server.SendAsync(KeyCalls.Signed(signer, HttpMethod.Get, path, null))).Status.ShouldBe(200);
        (await server.PostAsync($"/api/keys/{signer.Id}/revoke", new { })).Status.ShouldBe(200);

        // It is carried out when the years have gone by.
        (await SendAsync(server, HttpMethod.Delete, path, null)).Status.ShouldBe(200);
        await receiver.WaitAsync("/hook", 3, Cancellation);
        await Eventually.HoldsAsync(
            async () => (await server.GetAsync("/metrics")).Text.Contains("\nmember_webhook_waiting_deliveries 0\n", StringComparison.Ordinal), "webhooks wait");
    }

    /// <summary>Every job of a server, once, and what clears webhooks beside them.</summary>
    private static async Task RunJobsAsync(LaurelSite site, TimeProvider clock)
    {
        // By default it is kept for three years.
        var settings = site.Settings() with { AuditKept = TimeSpan.FromDays(365) };
        await using var node = await LaurelNode.OpenAsync(settings, "test", clock, NullLoggerFactory.Instance, Cancellation);
        await using var lease = (await node.Leases.TryTakeAsync(JobHost.Lease, Cancellation)).ShouldNotBeNull();
        var jobs = JobList.Of(node, settings, clock);
        foreach (var job in jobs)
        {
            await job.RunAsync(lease, Cancellation);
        }

        await new WebhookKeeper(new WebhookQueries(node.Database), node.Lanes, settings.Webhooks, clock, NullLogger<WebhookKeeper>.Instance).ClearAsync(Cancellation);
    }

    private static async Task<Dictionary<string, long>> CountAsync(LaurelSite site)
    {
        var cut = IdGenerator.FirstOf(Instant.Now(TimeProvider.System).Plus(TimeSpan.FromDays(365)));
        await using var connection = await SqlOf.ConnectAsync(site, Cancellation);
        var counts = new Dictionary<string, long>();
        foreach (var (table, which) in s_kept)
        {
            counts.Add(table, await connection.ExecuteScalarAsync<long>($"SELECT COUNT(*) FROM {table} WHERE {which}", new { Cut = cut }));
        }

        return counts;
    }

    private static Task<Answer> SendAsync(LaurelServer server, HttpMethod method, string path, object? body) => body is null
        ? server.SendAsync(new HttpRequestMessage(method, path))
        : server.SendAsync(LaurelServer.Request(method, path, JsonSerializer.SerializeToUtf8Bytes(body), LaurelServer.Json));

    private sealed class YearsLater : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => System.GetUtcNow().AddDays(731);
    }
}
