using System.Net;
using System.Text;
using System.Text.Json;
using Laurel.ServerTests.Hosting;
using Laurel.ServerTests.Tenants;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.Webhooks;

/// <summary>A Dapr sidecar as this server sees it: it asks for subscriptions and delivers messages.</summary>
public sealed class DaprTests(DatabaseServers cluster)
{
    private const string Token = "sidecar-token-0123456789";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task DoesWhatTheEventAsks_When_TheSidecarDelivers(DatabaseUnderTest database)
    {
        await using var site = await LaurelSite.CreateAsync(database, cluster, Cancellation);
        site.Environment["LAUREL_DAPR_API_TOKEN"] = Token;
        site.Environment["LAUREL_DAPR_PUBSUB"] = "shop-pubsub";
        site.Environment["LAUREL_DAPR_TOPICS"] = "orders, refunds";
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        var member = (await server.RegisterAsync("m-1")).TextOf("id")!;

        var (status, subscriptions) = await CallAsync(server, HttpMethod.Get, "/dapr/subscribe", Token, null);
        status.ShouldBe(HttpStatusCode.OK);
        subscriptions.ShouldBe("""[{"pubsubname":"shop-pubsub","topic":"orders","route":"/dapr/events"},{"pubsubname":"shop-pubsub","topic":"refunds","route":"/dapr/events"}]""");

        (await DeliverAsync(server, ShopEvents.Refunded("o-1", "r-1", 100))).ShouldBe("RETRY");
        (await DeliverAsync(server, Delivered(ShopEvents.Completed(member, "o-1", 10_000)))).ShouldBe("SUCCESS");
        (await DeliverAsync(server, Delivered(ShopEvents.Completed(member, "o-1", 10_000)))).ShouldBe("SUCCESS");
        (await DeliverAsync(server, ShopEvents.Completed(member, "o-1", 20_000))).ShouldBe("DROP");
        (await DeliverAsync(server, ShopEvents.Refunded("o-1", "r-1", 100))).ShouldBe("SUCCESS");
        (await DeliverAsync(server, ShopEvents.Event("com.dapr.event.sent", "x", new { }))).ShouldBe("DROP");
        (await DeliverAsync(server, new { id = "no-type" })).ShouldBe("DROP");
        (await CallAsync(server, HttpMethod.Post, "/dapr/events", Token, "{")).Body.ShouldBe("""{"status":"DROP"}""");
        (await server.MemberAsync(member)).NumberOf("totalOrders").ShouldBe(1);
    }

    [Fact]
    public async Task GoesToTheTenantItNames_When_TheSidecarDelivers()
    {
        await using var site = await LaurelSite.CreateAsync(DatabaseUnderTest.Sqlite, cluster, Cancellation);
        site.Environment["LAUREL_DAPR_API_TOKEN"] = Token;
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        await using var red = await server.NewTenantAsync("red");
        var member = (await red.RegisterAsync("m-1")).TextOf("id")!;

        (await DeliverAsync(server, Named(ShopEvents.Completed(member, "o-1", 10_000), "green"))).ShouldBe("DROP");
        (await DeliverAsync(server, Named(ShopEvents.Completed(member, "o-1", 10_000), "red"))).ShouldBe("SUCCESS");
        (await red.MemberAsync(member)).NumberOf("totalOrders").ShouldBe(1);
        await server.SuspendAsync("red");
        (await DeliverAsync(server, Named(ShopEvents.Completed(member, "o-2", 10_000), "red"))).ShouldBe("RETRY");
        await server.ResumeAsync("red");
        (await red.MemberAsync(member)).NumberOf("totalOrders").ShouldBe(1);
    }

    [Fact]
    public async Task IsRefused_When_TheTokenIsNotTheSidecars()
    {
        await using var site = await LaurelSite.CreateAsync(DatabaseUnderTest.Sqlite, cluster, Cancellation);
        site.Environment["LAUREL_DAPR_API_TOKEN"] = Token;
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        foreach (var token in new[] { null, "", Token + "x", Token[..^1], LaurelSite.AdministratorKey })
        {
            (await CallAsync(server, HttpMethod.Get, "/dapr/subscribe", token, null)).Status.ShouldBe(HttpStatusCode.Unauthorized);
            (await CallAsync(server, HttpMethod.Post, "/dapr/events", token, "{}")).Status.ShouldBe(HttpStatusCode.Unauthorized);
        }
    }

    [Fact]
    public async Task IsNotThere_When_NoTokenIsSet()
    {
        await using var site = await LaurelSite.CreateAsync(DatabaseUnderTest.Sqlite, cluster, Cancellation);
        await using var server = await LaurelServer.StartAsync(site, Cancellation);

        (await CallAsync(server, HttpMethod.Get, "/dapr/subscribe", Token, null)).Status.ShouldBe(HttpStatusCode.NotFound);
        (await CallAsync(server, HttpMethod.Post, "/dapr/events", Token, "{}")).Status.ShouldBe(HttpStatusCode.NotFound);
    }

    private static object Named(object raised, string tenant)
    {
        var fields = JsonSerializer.SerializeToNode(raised, JsonSerializerOptions.Web)!.AsObject();
        fields["tenant"] = tenant;
        return fields;
    }

    /// <summary>An event with what Dapr adds to it on the way.</summary>
    private static object Delivered(object raised)
    {
        var fields = JsonSerializer.SerializeToNode(raised, JsonSerializerOptions.Web)!.AsObject();
        fields["topic"] = "orders";
        fields["pubsubname"] = "shop-pubsub";
        fields["traceid"] = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        fields["traceparent"] = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        fields["tracestate"] = "";
        fields["datacontenttype"] = "application/json";
        return fields;
    }

    private static async Task<string> DeliverAsync(LaurelServer server, object raised)
    {
        var (status, body) = await CallAsync(server, HttpMethod.Post, "/dapr/events", Token, JsonSerializer.Serialize(raised, JsonSerializerOptions.Web));
        status.ShouldBe(HttpStatusCode.OK);
        return JsonDocument.Parse(body).RootElement.GetProperty("status").GetString()!;
    }

    private static async Task<(HttpStatusCode Status, string Body)> CallAsync(LaurelServer server, HttpMethod method, string path, string? token, string? body)
    {
        using var client = new HttpClient { BaseAddress = server.Process.Address };
        using var request = new HttpRequestMessage(method, path);
        if (token is not null)
        {
            request.Headers.TryAddWithoutValidation("dapr-api-token", token);
        }

        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/cloudevents+json");
        using var answer = await client.SendAsync(request, Cancellation);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(Cancellation));
    }
}
