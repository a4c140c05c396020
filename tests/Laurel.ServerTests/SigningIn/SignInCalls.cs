using System.Net.Http.Headers;
using System.Text.Json;
using Laurel.ServerTests.Hosting;
using Shouldly;

namespace Laurel.ServerTests.SigningIn;

/// <summary>What somebody has in hand who has signed in.</summary>
internal sealed record SignedInPerson(string Id, string Token, string RefreshToken)
{
    public static SignedInPerson Of(Answer answer)
    {
        answer.Status.ShouldBeOneOf(200, 201);
        return new SignedInPerson(
            answer.Json.GetProperty("user").GetProperty("id").GetString()!,
            answer.TextOf("token")!,
            answer.TextOf("refreshToken")!);
    }
}

/// <summary>Calls of people, who have no API key.</summary>
internal static class SignInCalls
{
    public const string Password = "correct horse battery";

    /// <summary>Calls with an access token, or with none.</summary>
    public static Task<Answer> AsAsync(this LaurelServer server, string? token, HttpMethod method, string path, object? body = null)
    {
        var request = body is null
            ? new HttpRequestMessage(method, path)
            : LaurelServer.Request(method, path, JsonSerializer.SerializeToUtf8Bytes(body), LaurelServer.Json);

        // An empty value keeps the client from adding its own.
        request.Headers.Authorization = token is null ? new AuthenticationHeaderValue("None") : new AuthenticationHeaderValue("Bearer", token);
        return server.SendAsync(request);
    }

    public static Task<Answer> GetAsAsync(this LaurelServer server, string token, string path) => server.AsAsync(token, HttpMethod.Get, path);

    public static Task<Answer> PostAsAsync(this LaurelServer server, string? token, string path, object body) =>
        server.AsAsync(token, HttpMethod.Post, path, body);

    public static async Task<SignedInPerson> SignUpAsync(this LaurelServer server, string username, string password = Password) =>
        SignedInPerson.Of(await server.PostAsAsync(null, "/api/auth/register", new { username, password }));

    /// <summary>Registers at a tenant that is named, and not found by the host.</summary>
    public static async Task<SignedInPerson> SignUpInAsync(this LaurelServer server, string tenant, string username)
    {
        var request = LaurelServer.Request(
            HttpMethod.Post, "/api/auth/register", JsonSerializer.SerializeToUtf8Bytes(new { username, password = Password }), LaurelServer.Json);
        request.Headers.Authorization = new AuthenticationHeaderValue("None");
        request.Headers.Add("Laurel-Tenant", tenant);
        return SignedInPerson.Of(await server.SendAsync(request));
    }

    public static Task<Answer> LoginAsync(this LaurelServer server, string username, string password = Password) =>
        server.PostAsAsync(null, "/api/auth/login", new { username, password });

    public static Task<Answer> RefreshAsync(this LaurelServer server, string refreshToken) =>
        server.PostAsAsync(null, "/api/auth/refresh-token", new { refreshToken });

    public static async Task<string> StandingAsync(this LaurelServer server, string token) => (await server.GetAsAsync(token, "/api/auth/validate")).Outcome;
}
