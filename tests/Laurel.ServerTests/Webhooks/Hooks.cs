using System.Text.Json;
using Laurel.ServerTests.Hosting;
using Laurel.Testing;
using Shouldly;

namespace Laurel.ServerTests.Webhooks;

/// <summary>Webhooks as their owner sees them.</summary>
internal static class Hooks
{
    /// <summary>Lets an installation send to the loopback, where the tests' receivers are.</summary>
    public static LaurelSite AllowLoopback(this LaurelSite site)
    {
        site.Environment["LAUREL_WEBHOOKS_ALLOW_HTTP"] = "on";
        site.Environment["LAUREL_WEBHOOKS_ALLOWED_NETWORKS"] = "127.0.0.0/8";
        return site;
    }

    /// <summary>Registers an endpoint.</summary>
    /// <returns>Its id and its secret.</returns>
    public static async Task<(string Id, string Secret)> HookAsync(this LaurelServer server, string url, params string[] eventTypes)
    {
        var answer = await server.PostAsync("/api/webhooks", new { url, eventTypes });
        answer.Status.ShouldBe(201, answer.Text);
        return (answer.TextOf("id")!, answer.TextOf("secret")!);
    }

    public static Task<Answer> PatchAsync(this LaurelServer server, string path, object body) =>
        server.SendAsync(HttpMethod.Patch, path, JsonSerializer.SerializeToUtf8Bytes(body, JsonSerializerOptions.Web), LaurelServer.Json);

    public static Task<Answer> DeleteAsync(this LaurelServer server, string path) =>
        server.SendAsync(new HttpRequestMessage(HttpMethod.Delete, path));

    /// <summary>The deliveries of an endpoint as <c>type state attempts</c>, oldest first.</summary>
    public static async Task<IReadOnlyList<string>> DeliveriesAsync(this LaurelServer server, string id, string filter = "")
    {
        var answer = await server.GetAsync($"/api/webhooks/{id}/deliveries?limit=200{filter}");
        answer.Status.ShouldBe(200, answer.Text);
        return
        [
            .. answer.Json.GetProperty("items").EnumerateArray().Reverse()
                .Select(d => $"{d.GetProperty("eventType").GetString()} {d.GetProperty("state").GetString()} {d.GetProperty("attempts").GetInt32()}"),
        ];
    }

    public static async Task<JsonElement[]> AttemptsAsync(this LaurelServer server, string id, string filter = "")
    {
        var answer = await server.GetAsync($"/api/webhooks/{id}/attempts?limit=200{filter}");
        answer.Status.ShouldBe(200, answer.Text);
        return [.. answer.Json.GetProperty("items").EnumerateArray()];
    }
}
