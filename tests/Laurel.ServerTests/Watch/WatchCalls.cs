using System.Text.Json;
using Laurel.ServerTests.Hosting;

namespace Laurel.ServerTests.Watch;

/// <summary>The calls of the watch's doors.</summary>
internal static class WatchCalls
{
    public static Task<Answer> AddWatchAsync(this LaurelServer server, object rule) => server.PostAsync("/api/watch/rules", rule);

    public static Task<Answer> ReplaceWatchAsync(this LaurelServer server, string code, object rule) => server.SendAsync(
        LaurelServer.Request(HttpMethod.Put, $"/api/watch/rules/{code}", JsonSerializer.SerializeToUtf8Bytes(rule), LaurelServer.Json));

    public static Task<Answer> DecideAsync(this LaurelServer server, string caseId, string what, object? body = null) =>
        server.PostAsync($"/api/watch/cases/{caseId}/{what}", body ?? new { note = "looked at" });

    public static object Watch(string code, string trigger, string measure, long threshold, string action, string unit = "day", int length = 1) => new
    {
        code,
        nameEnglish = "Watched",
        nameChinese = "监控",
        trigger,
        measure,
        threshold,
        action,
        window = new { unit, length },
    };

    /// <summary>The ids of a page of cases.</summary>
    public static string[] CaseIds(this Answer page) => [.. page.Json.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("caseId").GetString()!)];
}
