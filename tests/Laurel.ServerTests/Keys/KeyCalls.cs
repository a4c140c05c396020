using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Dapper;
using Laurel.ServerTests.Backups;
using Laurel.ServerTests.Hosting;
using Laurel.Testing;

namespace Laurel.ServerTests.Keys;

/// <summary>Calls with keys other than the administrator's, presented or signed.</summary>
internal static class KeyCalls
{
    public static async Task<(string Id, string Key)> MakeKeyAsync(this LaurelServer server, params string[] scopes)
    {
        var made = (await server.PostAsync("/api/keys", new { name = "shop", scopes })).Json;
        return (made.GetProperty("id").GetString()!, made.GetProperty("key").GetString()!);
    }

    public static async Task<(string Id, string Key)> MakeSigningKeyAsync(this LaurelServer server, params string[] scopes)
    {
        var made = (await server.PostAsync("/api/keys", new { name = "signer", scopes, signed = true })).Json;
        return (made.GetProperty("id").GetString()!, made.GetProperty("key").GetString()!);
    }

    public static Task<Answer> GetWithAsync(this LaurelServer server, string key, string path) => server.SendAsync(With(key, new HttpRequestMessage(HttpMethod.Get, path)));

    public static Task<Answer> SendWithAsync(this LaurelServer server, string key, HttpMethod method, string path, object body) =>
        server.SendAsync(With(key, LaurelServer.Request(method, path, BytesOf(body), LaurelServer.Json)));

    public static byte[] BytesOf(object body) => JsonSerializer.SerializeToUtf8Bytes(body, JsonSerializerOptions.Web);

    /// <summary>A signed call, as docs/reference/signing.md says; each argument may be another than what is sent.</summary>
    public static HttpRequestMessage Signed(
        (string Id, string Key) key, HttpMethod method, string path, byte[]? body, DateTimeOffset? at = null, string? nonce = null, string? signedPath = null, byte[]? signedBody = null)
    {
        var digest = Convert.ToHexStringLower(SHA256.HashData(signedBody ?? body ?? []));
        var timestamp = (at ?? TimeProvider.System.GetUtcNow()).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        nonce ??= Guid.CreateVersion7(TimeProvider.System.GetUtcNow()).ToString("N");
        var text = string.Join('\n', "LAUREL-HMAC-SHA256", method.Method, signedPath ?? path, digest, timestamp, nonce);
        var signature = Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(key.Key), Encoding.UTF8.GetBytes(text)));
        var request = body is null ? new HttpRequestMessage(method, path) : LaurelServer.Request(method, path, body, LaurelServer.Json);
        request.Headers.TryAddWithoutValidation(
            "Authorization", $"LAUREL-HMAC-SHA256 key={key.Id}, timestamp={timestamp}, nonce={nonce}, digest={digest}, signature={signature}");
        return request;
    }

    /// <summary>A key that nobody here has made, as the command line makes them.</summary>
    public static async Task<string> NewHandAsync(LaurelSite site, CancellationToken cancellationToken)
    {
        const string key = "lk_test_owner_0123456789abcdef0123456789a";
        await using var connection = await SqlOf.ConnectAsync(site, cancellationToken);
        const string Insert = "INSERT INTO api_keys (key_hash, tenant_id, name, permissions, created_at) VALUES (@Hash, 1, 'owner', '*', 0)";
        await connection.ExecuteAsync(Insert, new { Hash = SHA256.HashData(Encoding.UTF8.GetBytes(key)) });
        return key;
    }

    private static HttpRequestMessage With(string key, HttpRequestMessage request)
    {
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return request;
    }
}
