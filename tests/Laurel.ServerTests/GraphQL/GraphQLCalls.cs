using System.Net.Http.Json;
using System.Text.Json;
using Laurel.ServerTests.Hosting;
using Laurel.ServerTests.SigningIn;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.GraphQL;

/// <summary>Questions and changes by GraphQL.</summary>
internal static class GraphQLCalls
{
    /// <param name="token">A key or an access token; null for the administrator's key, empty for none.</param>
    public static async Task<JsonElement> AskAsync(this LaurelServer server, string query, object? variables = null, string? token = null)
    {
        var body = new { query, variables };
        return token switch
        {
            null => (await server.PostAsync("/graphql", body)).Json,
            "" => await AskAsNobodyAsync(server, body),
            _ => (await server.AsAsync(token, HttpMethod.Post, "/graphql", body)).Json,
        };
    }

    private static async Task<JsonElement> AskAsNobodyAsync(LaurelServer server, object body)
    {
        using var client = new HttpClient { BaseAddress = server.Process.Address };
        using var answer = await client.PostAsJsonAsync(new Uri("/graphql", UriKind.Relative), body, TestContext.Current.CancellationToken);
        return await answer.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
    }

    /// <summary>What a question or a change is answered that nothing is wrong with.</summary>
    public static async Task<JsonElement> DataAsync(this LaurelServer server, string query, object? variables = null, string? token = null)
    {
        var answer = await server.AskAsync(query, variables, token);
        answer.TryGetProperty("errors", out _).ShouldBeFalse(answer.ToString());
        return answer.GetProperty("data");
    }

    /// <summary>The code of the only error.</summary>
    public static async Task<string> CodeAsync(this LaurelServer server, string query, object? variables = null, string? token = null) =>
        CodesOf(await server.AskAsync(query, variables, token)).ShouldHaveSingleItem();

    public static List<string> CodesOf(JsonElement answer) =>
        answer.TryGetProperty("errors", out var errors)
            ? [.. errors.EnumerateArray().Select(error => error.GetProperty("extensions").GetProperty("code").GetString()!)]
            : [];
}
