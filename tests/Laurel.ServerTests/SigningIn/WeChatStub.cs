using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Laurel.ServerTests.SigningIn;

/// <summary>WeChat as its documentation has it, on loopback: each code is somebody's, and good once.</summary>
internal sealed class WeChatStub : IAsyncDisposable
{
    public const string AppId = "wx4f4bc4dec97d474b";
    public const string Secret = "0123456789abcdef0123456789abcdef";

    private const string PhoneFound = """
        {"errcode":0,"errmsg":"ok","phone_info":{"phoneNumber":"PHONE","purePhoneNumber":"PHONE","countryCode":"86","watermark":{"timestamp":1637744274,"appid":"wx4f4bc4dec97d474b"}}}
        """;

    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, (string OpenId, string? UnionId)> _codes = new();
    private readonly ConcurrentDictionary<string, string> _phones = new();
    private int _next;

    private WeChatStub(WebApplication app) => _app = app;

    public Uri Address => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());

    public static async Task<WeChatStub> StartAsync(CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var stub = new WeChatStub(app);
        app.MapGet("/sns/jscode2session", stub.SessionAsync);
        app.MapGet("/sns/oauth2/access_token", stub.AccountAsync);
        app.MapGet("/sns/userinfo", (HttpContext context) => Say(context, $$"""{"openid":"{{context.Request.Query["openid"]}}","nickname":"微信用户","sex":0,"headimgurl":"","privilege":[]}"""));
        app.MapPost("/cgi-bin/stable_token", TokenAsync);
        app.MapPost("/wxa/business/getuserphonenumber", stub.PhoneAsync);
        await app.StartAsync(cancellationToken);
        return stub;
    }

    /// <summary>A code of <c>wx.login</c> for somebody.</summary>
    public string CodeOf(string openId, string? unionId = null)
    {
        var code = $"code-{Interlocked.Increment(ref _next)}";
        _codes[code] = (openId, unionId);
        return code;
    }

    /// <summary>A code of <c>getPhoneNumber</c>.</summary>
    public string PhoneCodeOf(string phone)
    {
        var code = $"phone-{Interlocked.Increment(ref _next)}";
        _phones[code] = phone;
        return code;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private Task SessionAsync(HttpContext context)
    {
        var query = context.Request.Query;
        return query["appid"] != AppId ? Say(context, """{"errcode":40013,"errmsg":"invalid appid"}""")
            : query["secret"] != Secret ? Say(context, """{"errcode":40125,"errmsg":"invalid appsecret"}""")
            : query["grant_type"] == "authorization_code" && _codes.TryRemove(query["js_code"].ToString(), out var somebody) ? Say(context, Session(somebody.OpenId, somebody.UnionId))
            : Say(context, """{"errcode":40029,"errmsg":"invalid code, rid: 1"}""");
    }

    private static async Task TokenAsync(HttpContext context)
    {
        var body = await context.Request.ReadFromJsonAsync<Dictionary<string, string>>(context.RequestAborted);
        await Say(context, body!["appid"] == AppId && body["secret"] == Secret && body["grant_type"] == "client_credential"
            ? """{"access_token":"token-1","expires_in":7200}"""
            : """{"errcode":40125,"errmsg":"invalid appsecret"}""");
    }

    private Task AccountAsync(HttpContext context) => _codes.TryRemove(context.Request.Query["code"].ToString(), out var somebody)
        ? Say(context, $$"""{"access_token":"t","expires_in":7200,"refresh_token":"r","openid":"{{somebody.OpenId}}","scope":"snsapi_userinfo"{{Union(somebody.UnionId)}}}""")
        : Say(context, """{"errcode":40163,"errmsg":"code been used"}""");

    private async Task PhoneAsync(HttpContext context)
    {
        var body = await context.Request.ReadFromJsonAsync<Dictionary<string, string>>(context.RequestAborted);
        await (context.Request.Query["access_token"] == "token-1" && _phones.TryRemove(body!["code"], out var phone)
            ? Say(context, PhoneFound.Replace("PHONE", phone, StringComparison.Ordinal))
            : Say(context, """{"errcode":40029,"errmsg":"invalid code"}"""));
    }

    private static string Session(string openId, string? unionId) => $$"""{"openid":"{{openId}}","session_key":"tiihtNczf5v6AKRyjwEUhQ=="{{Union(unionId)}}}""";

    private static string Union(string? unionId) => unionId is null ? "" : $",\"unionid\":\"{unionId}\"";

    // WeChat answers JSON as text/plain.
    private static Task Say(HttpContext context, string json)
    {
        context.Response.ContentType = "text/plain";
        return context.Response.WriteAsync(json, context.RequestAborted);
    }
}
