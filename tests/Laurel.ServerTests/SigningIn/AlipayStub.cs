using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Laurel.Identity.Providers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Laurel.ServerTests.SigningIn;

/// <summary>Alipay's gateway, on loopback: it believes an app under the app's own key alone, and knows the code <c>code-of-APP</c> of each.</summary>
internal sealed class AlipayStub(WebApplication app, Dictionary<string, RSA> apps) : IAsyncDisposable
{
    private readonly RSA _key = RSA.Create(2_048);
    private readonly ConcurrentQueue<string> _signed = new();

    public string Address => app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();

    /// <summary>By which its answers are verified, as it shows it to whoever has an app.</summary>
    public string PublicKey => Convert.ToBase64String(_key.ExportSubjectPublicKeyInfo());

    /// <summary>The apps whose requests were signed rightly, in order.</summary>
    public IReadOnlyList<string> Signed => [.. _signed];

    public static async Task<AlipayStub> StartAsync(Dictionary<string, RSA> apps, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var stub = new AlipayStub(app, apps);
        app.Run(stub.TakeAsync);
        await app.StartAsync(cancellationToken);
        return stub;
    }

    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
        _key.Dispose();
    }

    private async Task TakeAsync(HttpContext context)
    {
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        var asked = context.Request.Query.Concat(form).ToDictionary(one => one.Key, one => one.Value.ToString());
        var content = AlipaySignature.ContentOf(asked);
        var id = asked["app_id"];
        if (!apps.TryGetValue(id, out var key) || !AlipaySignature.Verifies(key, Encoding.UTF8.GetBytes(content), asked["sign"]))
        {
            await context.Response.WriteAsync("""{"error_response":{"code":"40002","msg":"Invalid Arguments","sub_code":"isv.invalid-signature"}}""", context.RequestAborted);
            return;
        }

        _signed.Enqueue(id);
        var body = asked["code"] == "code-of-" + id
            ? $$"""{"user_id":"2088{{id}}","open_id":"open-{{id}}","access_token":"t","expires_in":"300","scope":"auth_base"}"""
            : """{"code":"40002","msg":"Invalid Arguments","sub_code":"isv.code-invalid","sub_msg":"code"}""";
        var sign = AlipaySignature.Sign(_key, body);
        await context.Response.WriteAsync($$"""{"alipay_system_oauth_token_response":{{body}},"sign":"{{sign}}"}""", context.RequestAborted);
    }
}
