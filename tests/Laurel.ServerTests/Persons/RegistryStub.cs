using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Laurel.ServerTests.Persons;

/// <summary>Tencent Cloud's <c>faceid</c> as its documentation has it, on loopback: who signs wrongly is told nothing.</summary>
internal sealed class RegistryStub : IAsyncDisposable
{
    public const string KeyId = "AKIDz8krbsJ5yKBZQpn74WFkmLPx3";
    public const string Secret = "Gu5t9xGARNpq86cd98joQYCN3";

    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, string> _persons = new();
    private int _asked;

    private RegistryStub(WebApplication app) => _app = app;

    public Uri Address => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());

    /// <summary>Signed requests that came.</summary>
    public int Asked => _asked;

    /// <summary>Whether it answers 500 to everything.</summary>
    public bool IsDown { get; set; }

    public static async Task<RegistryStub> StartAsync(CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var stub = new RegistryStub(app);
        app.MapPost("/", stub.AnswerAsync);
        await app.StartAsync(cancellationToken);
        return stub;
    }

    /// <summary>Somebody who has an identity card.</summary>
    /// <returns>Its number.</returns>
    public string Register(string name, string bornOn, int sequence)
    {
        var number = NumberOf("110105" + bornOn + sequence.ToString("D3", CultureInfo.InvariantCulture));
        _persons[number] = name;
        return number;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static string NumberOf(string digits)
    {
        int[] weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
        return digits + "10X98765432"[weights.Select((weight, i) => weight * (digits[i] - '0')).Sum() % 11];
    }

    private async Task AnswerAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        var text = await reader.ReadToEndAsync();
        if (context.Request.Headers.Authorization != Expected(context.Request, text))
        {
            await context.Response.WriteAsync("""{"Response":{"Error":{"Code":"AuthFailure.SignatureFailure","Message":"no"},"RequestId":"R"}}""");
            return;
        }

        Interlocked.Increment(ref _asked);
        if (IsDown)
        {
            context.Response.StatusCode = StatusCodes.Status500InternalServerError;
            return;
        }

        using var body = JsonDocument.Parse(text);
        var (card, name) = (body.RootElement.GetProperty("IdCard").GetString()!, body.RootElement.GetProperty("Name").GetString());
        var result = !_persons.TryGetValue(card, out var known) ? "-5" : known == name ? "0" : "-1";
        await context.Response.WriteAsync($$$"""{"Response":{"Result":"{{{result}}}","Description":"","RequestId":"R"}}""");
    }

    // TC3-HMAC-SHA256 as Tencent's pages write it, reckoned here a second time.
    private static string Expected(HttpRequest request, string body)
    {
        var seconds = long.Parse(request.Headers["X-TC-Timestamp"].ToString(), CultureInfo.InvariantCulture);
        var day = DateTimeOffset.FromUnixTimeSeconds(seconds).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        const string names = "content-type;host;x-tc-action";
        var canonical = $"POST\n/\n\ncontent-type:{request.ContentType}\nhost:{request.Host}\nx-tc-action:{request.Headers["X-TC-Action"].ToString().ToLowerInvariant()}\n\n{names}\n{HashOf(body)}";
        var content = $"TC3-HMAC-SHA256\n{seconds}\n{day}/faceid/tc3_request\n{HashOf(canonical)}";
        var key = Hmac(Hmac(Hmac(Encoding.UTF8.GetBytes("TC3" + Secret), day), "faceid"), "tc3_request");
        return $"TC3-HMAC-SHA256 Credential={KeyId}/{day}/faceid/tc3_request, SignedHeaders={names}, Signature={Convert.ToHexStringLower(Hmac(key, content))}";
    }

    private static string HashOf(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static byte[] Hmac(byte[] key, string text) => HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text));
}
