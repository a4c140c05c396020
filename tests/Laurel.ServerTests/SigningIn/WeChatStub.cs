using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Laurel.ServerTests.SigningIn;

/// <summary>WeChat as its documentation has it, on loopback: each code is somebody's within one app, and good once.</summary>
internal sealed class WeChatStub : IAsyncDisposable
{
    public const string AppId = "wx4f4bc4dec97d474b";
    public const string Secret = "0123456789abcdef0123456789abcdef";

    private const string PhoneFound = """
        {"errcode":0,"errmsg":"ok","phone_info":{"phoneNumber":"PHONE","purePhoneNumber":"PHONE","countryCode":"86","watermark":{"timestamp":1637744274,"appid":"APP"}}}
        """;

    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, string> _secrets = new() { [AppId] = Secret };
    private readonly ConcurrentDictionary<string, (string AppId, string OpenId, string? UnionId)> _codes = new();
    private readonly ConcurrentDictionary<string, (string AppId, string Phone)> _phones = new();
    private readonly ConcurrentQueue<string> _tokens = new();
    private int _next;

    private WeChatStub(WebApplication app) => _app = app;

    public Uri Address => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());

    /// <summary>The apps for which a token was asked, in order.</summary>
    public IReadOnlyList<string> TokensAsked => [.. _tokens];

    /// <summary>Registers an app with WeChat, or gives it another secret.</summary>
    public void Register(string appId, string secret) => _secrets[appId] = secret;

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
        app.MapPost("/cgi-bin/stable_token", stub.TokenAsync);
        app.MapPost("/wxa/business/getuserphonenumber", stub.PhoneAsync);
        await app.StartAsync(cancellationToken);
        return stub;
    }

    /// <summary>A code of <c>wx.login</c> for somebody.</summary>
    public string CodeOf(string openId, string? unionId = null, string appId = AppId)
    {
        var code = $"code-{Interlocked.Increment(ref _next)}";
        _codes[code] = (appId, openId, unionId);
        return code;
    }

    /// <summary>A code of <c>getPhoneNumber</c>.</summary>
    public string PhoneCodeOf(string phone, string appId = AppId)
    {
        var code = $"phone-{Interlocked.Increment(ref _next)}";
        _phones[code] = (appId, phone);
        return code;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private Task SessionAsync(HttpContext context)
    {
        var query = context.Request.Query;
        var appId = query["appid"].ToString();
        return !_secrets.TryGetValue(appId, out var secret) ? Say(context, """{"errcode":40013,"errmsg":"invalid appid"}""")
            : query["secret"] != secret ? Say(context, """{"errcode":40125,"errmsg":"invalid appsecret"}""")
            : query["grant_type"] == "authorization_code" && TakeCode(appId, query["js_code"].ToString()) is { } somebody ? Say(context, Session(somebody.OpenId, somebody.UnionId))
            : Say(context, """{"errcode":40029,"errmsg":"invalid code, rid: 1"}""");
    }

    // A code of another app is refused as a wrong one, and stays good for its own.
    private (string OpenId, string? UnionId)? TakeCode(string appId, string code) =>
        _codes.TryGetValue(code, out var whose) && whose.AppId == appId && _codes.TryRemove(code, out whose) ? (whose.OpenId, whose.UnionId) : null;

    private async Task TokenAsync(HttpContext context)
    {
        var body = await context.Request.ReadFromJsonAsync<Dictionary<string, string>>(context.RequestAborted);
        _tokens.Enqueue(body!["appid"]);
        await Say(context, _secrets.TryGetValue(body["appid"], out var secret) && body["secret"] == secret && body["grant_type"] == "client_credential"
            ? $$"""{"access_token":"token-of-{{body["appid"]}}","expires_in":7200}"""
            : """{"errcode":40125,"errmsg":"invalid appsecret"}""");
    }

    private Task AccountAsync(HttpContext context) => TakeCode(context.Request.Query["appid"].ToString(), context.Request.Query["code"].ToString()) is { } somebody
        ? Say(context, $$"""{"access_token":"t","expires_in":7200,"refresh_token":"r","openid":"{{somebody.OpenId}}","scope":"snsapi_userinfo"{{Union(somebody.UnionId)}}}""")
        : Say(context, """{"errcode":40163,"errmsg":"code been used"}""");

    private async Task PhoneAsync(HttpContext context)
    {
        var body = await context.Request.ReadFromJsonAsync<Dictionary<string, string>>(context.RequestAborted);
        await (_phones.TryRemove(body!["code"], out var told) && context.Request.Query["access_token"] == "token-of-" + told.AppId
            ? Say(context, PhoneFound.Replace("PHONE", told.Phone, StringComparison.Ordinal).Replace("APP", told.AppId, StringComparison.Ordinal))
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
