using System.Text;
using System.Text.Json;
using Laurel.ServerTests.Hosting;

namespace Laurel.ServerTests.Rules;

/// <summary>The calls of the rules' doors.</summary>
internal static class RuleCalls
{
    public static Task<Answer> AddRuleAsync(this LaurelServer server, object rule) => server.PostAsync("/api/points/rules", rule);

    public static Task<Answer> ReplaceRuleAsync(this LaurelServer server, string code, object rule, string? etag = null)
    {
        var request = LaurelServer.Request(HttpMethod.Put, $"/api/points/rules/{code}", JsonSerializer.SerializeToUtf8Bytes(rule), LaurelServer.Json);
        if (etag is not null)
        {
            request.Headers.TryAddWithoutValidation("If-Match", etag);
        }

        return server.SendAsync(request);
    }

    public static Task<Answer> SwitchRuleAsync(this LaurelServer server, string code, string way) => server.PostAsync($"/api/points/rules/{code}/{way}", new { reason = "a test" });

    /// <summary>What became of each rule for an example event: <c>rule verdict granted</c>.</summary>
    public static async Task<IReadOnlyList<string>> PreviewAsync(this LaurelServer server, object happened, object? rule = null)
    {
        var answer = await server.PostAsync("/api/points/rules/preview", new { @event = happened, rule });
        return answer.Status == 200
            ? [.. answer.Json.GetProperty("items").EnumerateArray().Select(Told)]
            : [answer.Outcome, .. answer.Faults];
    }

    /// <summary>The entries of the first result of an answer to events: <c>rule unit amount</c>.</summary>
    public static IReadOnlyList<string> Paid(this Answer answer) =>
        [.. answer.Results[0].GetProperty("entries").EnumerateArray().Select(e => $"{e.GetProperty("rule")} {e.GetProperty("unit")} {e.GetProperty("amount")}")];

    private static string Told(JsonElement item)
    {
        var text = new StringBuilder($"{item.GetProperty("rule")} {item.GetProperty("verdict")}");
        if (item.TryGetProperty("granted", out var granted))
        {
            text.Append(' ').Append(granted);
        }

        return text.ToString();
    }
}
