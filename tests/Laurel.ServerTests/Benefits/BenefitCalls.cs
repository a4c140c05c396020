using System.Text.Json;
using Laurel.ServerTests.Hosting;

namespace Laurel.ServerTests.Benefits;

/// <summary>The calls of the benefits' doors.</summary>
internal static class BenefitCalls
{
    public static Task<Answer> AddBenefitAsync(this LaurelServer server, string code, string kind, object? settings = null, params object[] limits) =>
        server.PostAsync("/api/benefits", new { code, nameEnglish = code, nameChinese = "权益", kind, settings, limits });

    public static Task<Answer> PutAsync(this LaurelServer server, string path, object body) =>
        server.SendAsync(HttpMethod.Put, path, JsonSerializer.SerializeToUtf8Bytes(body), LaurelServer.Json);

    public static Task<Answer> ConsumeAsync(
        this LaurelServer server,
        string member,
        string code,
        string bizNo,
        long? quantity = null,
        long? amount = null,
        string? time = null,
        string? birthday = null) =>
        server.PostAsync($"/api/benefits/{code}/consume", new { memberId = member, bizNo, quantity, amount, time, birthday });

    public static Task<Answer> ReturnAsync(this LaurelServer server, string code, string bizNo) =>
        server.PostAsync($"/api/benefits/{code}/return", new { bizNo });

    public static Task<Answer> GrantAsync(
        this LaurelServer server, string member, string code, string reference, string? startTime = null, string? endTime = null) =>
        server.PostAsync("/api/benefits/grants", new { memberId = member, code, reference, startTime, endTime, reason = "a test", @operator = "olga" });

    /// <summary>The codes of the benefits that a member has, each with where it is from.</summary>
    public static async Task<IReadOnlyList<string>> HeldAsync(this LaurelServer server, string member, string? time = null)
    {
        var answer = await server.GetAsync($"/api/members/{member}/benefits" + (time is null ? "" : "?time=" + Uri.EscapeDataString(time)));
        return [.. answer.Json.GetProperty("items").EnumerateArray().Select(item => $"{item.GetProperty("code")} {item.GetProperty("source")}")];
    }

    /// <summary>Whether a member could use a benefit, or the codes of what stands against it.</summary>
    public static async Task<string> EligibilityAsync(this LaurelServer server, string member, string code, string query = "")
    {
        var answer = await server.GetAsync($"/api/members/{member}/benefits/{code}/eligibility{query}");
        return answer.Status != 200 ? answer.Outcome
            : answer.Json.GetProperty("eligible").GetBoolean() ? "eligible"
            : string.Join(", ", answer.Json.GetProperty("reasons").EnumerateArray().Select(reason => reason.GetProperty("code").GetString()));
    }

    public static async Task<bool> MayEnterAsync(this LaurelServer server, string member, string feature) =>
        (await server.GetAsync($"/api/members/{member}/can-access?feature={feature}")).Json.GetProperty("allowed").GetBoolean();
}
