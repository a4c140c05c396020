using System.Text;
using System.Text.Json;
using Laurel.Platform.Http;
using Microsoft.AspNetCore.Http;
using Shouldly;

namespace Laurel.UnitTests.Platform.Http;

/// <summary>A request and its answer without a server.</summary>
internal static class HttpScenario
{
    public static DefaultHttpContext Post(string body, string contentType = "application/json") =>
        Post(Encoding.UTF8.GetBytes(body), contentType);

    public static DefaultHttpContext Post(byte[] body, string? contentType = "application/json")
    {
        var context = Get(string.Empty);
        context.Request.Method = "POST";
        context.Request.ContentType = contentType;
        context.Request.Body = new MemoryStream(body);
        return context;
    }

    public static DefaultHttpContext Get(string query)
    {
        var context = new DefaultHttpContext();
        context.Request.Method = "GET";
        context.Request.Path = "/api/members/7";
        context.Request.QueryString = new QueryString(query);
        context.Response.Body = new MemoryStream();
        return context;
    }

    public static JsonElement AnswerOf(HttpContext context)
    {
        var bytes = ((MemoryStream)context.Response.Body).ToArray();
        context.Response.ContentLength.ShouldBe(bytes.Length);
        return JsonDocument.Parse(bytes).RootElement;
    }

    /// <summary>Each fault of a body as "CODE pointer".</summary>
    public static async Task<string[]> FaultsOfAsync(string body, Action<JsonFields> read)
    {
        var result = await JsonBody.ReadAsync(
            Post(body),
            BodyRules.Default,
            fields =>
            {
                read(fields);
                return true;
            },
            CancellationToken.None);
        return result.Failure?.Errors.Select(e => $"{e.Code} {e.Location}").ToArray() ?? [];
    }

    /// <summary>What a reading of a valid body gives.</summary>
    public static async Task<T> ValueOfAsync<T>(string body, Func<JsonFields, T> read)
    {
        var result = await JsonBody.ReadAsync(Post(body), BodyRules.Default, read, CancellationToken.None);
        result.Failure?.Errors.Select(e => $"{e.Code} {e.Location}").ShouldBeEmpty();
        return result.Value;
    }
}
