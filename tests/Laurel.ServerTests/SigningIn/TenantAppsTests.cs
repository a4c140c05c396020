using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Web;
using Laurel.ServerTests.Hosting;
using Laurel.ServerTests.Tenants;
using Laurel.ServerTests.Webhooks;
using Laurel.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.SigningIn;

/// <summary>Each merchant signs its people in by apps of its own, and nobody by those of another.</summary>
public sealed class TenantAppsTests(DatabaseServers cluster)
{
    private const string Page = "https://mall.example/wechat";
    private const string RedSecret = "red-secret-0123456789abcdef";

    public static TheoryData<DatabaseUnderTest> Databases => [DatabaseUnderTest.Sqlite, DatabaseUnderTest.Postgres, DatabaseUnderTest.MySql];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Databases))]
    [Trait("Attack", "D1")]
    public async Task MeetNobodyOfAnother_When_TwoTenantsHaveAppsOfTheirOwn(DatabaseUnderTest database)
    {
        await using var wechat = await WeChatStub.StartAsync(Cancellation);
        await using var site = await SiteAsync(database, wechat);
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        await using var red = await server.NewTenantAsync("red");
        await using var blue = await server.NewTenantAsync("blue");
        await server.NewTenantKeyAsync("green");
        wechat.Register("app-red", RedSecret);
        wechat.Register("app-blue", "blue-secret");
        (await SetAsync(red, "wechat_mini", new { appId = "app-red", secret = RedSecret })).Outcome.ShouldBe("200");
        (await SetAsync(blue, "wechat_mini", new { appId = "app-blue", secret = "blue-secret" })).Outcome.ShouldBe("200");
        (await SetAsync(red, "wechat", new { appId = "app-red", secret = RedSecret })).Outcome.ShouldBe("200");

        // One and the same person, by open id and union id, is another one at each merchant.
        var atRed = await MiniAsync(server, "red", wechat.CodeOf("open-1", "union-1", "app-red"));
        var atBlue = await MiniAsync(server, "blue", wechat.CodeOf("open-1", "union-1", "app-blue"));
        var atDefault = await MiniAsync(server, null, wechat.CodeOf("open-1", "union-1"));
        (atRed.Outcome, atBlue.Outcome, atDefault.Outcome).ShouldBe(("201", "201", "201"));
        new[] { atRed, atBlue, atDefault }.Select(answer => SignedInPerson.Of(answer).Id).Distinct().Count().ShouldBe(3);
        SignedInPerson.Of(await MiniAsync(server, "red", wechat.CodeOf("open-1", null, "app-red"))).Id.ShouldBe(SignedInPerson.Of(atRed).Id);

        // A code of one app is none of another, and nobody falls back on the installation's but its own tenant.
        var code = wechat.CodeOf("open-1", "union-1", "app-red");
        (await MiniAsync(server, "blue", code)).Outcome.ShouldBe("401 PROVIDER_CODE_INVALID");
        (await MiniAsync(server, null, code)).Outcome.ShouldBe("401 PROVIDER_CODE_INVALID");
        (await MiniAsync(server, "green", code)).Outcome.ShouldBe("404 PROVIDER_NOT_FOUND");
        (await MiniAsync(server, "green", wechat.CodeOf("open-1"))).Outcome.ShouldBe("404 PROVIDER_NOT_FOUND");
        (await MiniAsync(server, "red", code)).Outcome.ShouldBe("200");
        (await NamesAsync(server, "red"), await NamesAsync(server, "blue"), await NamesAsync(server, "green"), await NamesAsync(server, null))
            .ShouldBe(("wechat wechat_mini", "wechat_mini", "", "wechat_mini"));
        var begun = await AskAsync(server, "red", HttpMethod.Get, "/api/auth/providers/wechat/authorize?redirectUri=" + Uri.EscapeDataString(Page));
        HttpUtility.ParseQueryString(new Uri(begun.TextOf("url")!).Query)["appid"].ShouldBe("app-red");

        // WeChat's own token is asked for once by each app.
        for (var i = 0; i < 2; i++)
        {
            (await MiniAsync(server, "red", wechat.CodeOf($"phone-{i}", null, "app-red"), wechat.PhoneCodeOf($"1380013900{i}", "app-red"))).Outcome.ShouldBe("201");
            (await MiniAsync(server, "blue", wechat.CodeOf($"phone-{i}", null, "app-blue"), wechat.PhoneCodeOf($"1380013900{i}", "app-blue"))).Outcome.ShouldBe("201");
        }

        (await MiniAsync(server, "red", wechat.CodeOf("phone-9", null, "app-red"), wechat.PhoneCodeOf("13800139009", "app-blue"))).Outcome.ShouldBe("401 PROVIDER_CODE_INVALID");
        wechat.TokensAsked.ShouldBe(["app-red", "app-blue"]);
        await site.VerifyAsync(Cancellation);
    }

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task TakesEffectAtOnceAndShowsNoSecret_When_AnAppIsChangedOrRemoved(DatabaseUnderTest database)
    {
        await using var wechat = await WeChatStub.StartAsync(Cancellation);
        await using var site = await SiteAsync(database, wechat);
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        await using var red = await server.NewTenantAsync("red");
        wechat.Register("app-red", RedSecret);
        (await SetAsync(red, "wechat_mini", new { appId = "app-red" })).Outcome.ShouldBe("422 SIGN_IN_SECRET_REQUIRED");
        var set = await SetAsync(red, "wechat_mini", new { appId = "app-red", secret = RedSecret });
        (set.Outcome, set.TextOf("code"), set.Json.GetProperty("settings").GetProperty("appId").GetString()).ShouldBe(("200", "wechat_mini", "app-red"));
        (await MiniAsync(server, "red", wechat.CodeOf("open-1", null, "app-red"))).Outcome.ShouldBe("201");

        wechat.Register("app-red", "rotated-" + RedSecret);
        (await MiniAsync(server, "red", wechat.CodeOf("open-1", null, "app-red"))).Outcome.ShouldBe("500 PROVIDER_MISCONFIGURED");
        (await SetAsync(red, "wechat_mini", new { appId = "app-red", secret = "rotated-" + RedSecret })).Outcome.ShouldBe("200");
        (await MiniAsync(server, "red", wechat.CodeOf("open-1", null, "app-red"))).Outcome.ShouldBe("200");
        (await SetAsync(red, "wechat_mini", new { appId = "app-red" })).Outcome.ShouldBe("200");
        (await MiniAsync(server, "red", wechat.CodeOf("open-1", null, "app-red"))).Outcome.ShouldBe("200");
        (await SetAsync(red, "wechat_mini", new { appId = "app-other" })).Outcome.ShouldBe("422 SIGN_IN_SECRET_REQUIRED");

        var list = await red.GetAsync("/api/sign-in/apps");
        list.Json.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("code").GetString()).ShouldBe(["wechat_mini"]);
        (await server.GetAsync("/api/sign-in/apps")).Json.GetProperty("items").GetArrayLength().ShouldBe(0);
        var audit = await red.GetAsync("/api/audit?limit=100");
        audit.Text.ShouldContain("app-red");
        foreach (var text in new[] { set.Text, list.Text, audit.Text, server.Process.Output })
        {
            text.ShouldNotContain(RedSecret);
        }

        (await red.AsAsync(await KeyAsync(red, "read:all", "update:all"), HttpMethod.Put, "/api/sign-in/apps/qq", new { appId = "1", secret = "s" })).Outcome.ShouldBe("403 FORBIDDEN");
        (await SetAsync(red, "signal", new { appId = "1", secret = "s" })).Outcome.ShouldBe("400 VALIDATION_FAILED");
        (await SetAsync(red, "qq", new { appId = "1", secret = "s", baseAddress = "http://127.0.0.1" })).Faults.ShouldBe(["UNKNOWN_FIELD /baseAddress"]);
        (await SetAsync(red, "alipay", new { appId = "1", secret = "no key", alipayPublicKey = "none" })).Faults.Order().ShouldBe(["INVALID_FORMAT /alipayPublicKey", "INVALID_FORMAT /secret"]);
        (await red.SendAsync(new HttpRequestMessage(HttpMethod.Delete, "/api/sign-in/apps/wechat_mini"))).Status.ShouldBe(204);
        (await red.SendAsync(new HttpRequestMessage(HttpMethod.Delete, "/api/sign-in/apps/wechat_mini"))).Outcome.ShouldBe("404 PROVIDER_NOT_FOUND");
        (await MiniAsync(server, "red", wechat.CodeOf("open-1", null, "app-red"))).Outcome.ShouldBe("404 PROVIDER_NOT_FOUND");

        // The platform's own tenant falls back on the settings again.
        wechat.Register("app-own", "own-secret");
        (await SetAsync(server, "wechat_mini", new { appId = "app-own", secret = "own-secret" })).Outcome.ShouldBe("200");
        (await MiniAsync(server, null, wechat.CodeOf("open-1", null, "app-own"))).Outcome.ShouldBe("201");
        (await MiniAsync(server, null, wechat.CodeOf("open-1"))).Outcome.ShouldBe("401 PROVIDER_CODE_INVALID");
        (await server.SendAsync(new HttpRequestMessage(HttpMethod.Delete, "/api/sign-in/apps/wechat_mini"))).Status.ShouldBe(204);
        (await MiniAsync(server, null, wechat.CodeOf("open-1"))).Outcome.ShouldBe("201");
        await site.VerifyAsync(Cancellation);
    }

    [Fact]
    public async Task CountsOnTheOtherNode_When_AnAppIsSetOnOne()
    {
        await using var wechat = await WeChatStub.StartAsync(Cancellation);
        await using var site = await SiteAsync(DatabaseUnderTest.Postgres, wechat);
        await using var one = await LaurelServer.StartAsync(site, Cancellation);
        await using var other = await LaurelServer.StartAsync(site, Cancellation);
        await using var red = await one.NewTenantAsync("red");
        wechat.Register("app-red", RedSecret);
        await Eventually.HoldsAsync(async () => (await MiniAsync(other, "red", "x")).Outcome == "404 PROVIDER_NOT_FOUND", "the other node does not know the tenant");

        (await SetAsync(red, "wechat_mini", new { appId = "app-red", secret = RedSecret })).Outcome.ShouldBe("200");

        await Eventually.HoldsAsync(
            async () => (await MiniAsync(other, "red", wechat.CodeOf("open-1", null, "app-red"))).Status is 200 or 201, "the other node does not know the app");
    }

    [Fact]
    public async Task CarriesItsOwnAccountAndSignature_When_ACodeIsSentByTheTenantsCarrier()
    {
        await using var carrier = await CarrierStub.StartAsync();
        await using var wechat = await WeChatStub.StartAsync(Cancellation);
        await using var site = await SiteAsync(DatabaseUnderTest.Sqlite, wechat);
        (site.Environment["Sms__AliyunAddress"], site.Environment["LAUREL_CODE_PAUSE_SECONDS"]) = (carrier.Address, "0");
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        await using var red = await server.NewTenantAsync("red");
        await using var blue = await server.NewTenantAsync("blue");
        foreach (var (tenant, name) in new[] { (red, "red"), (blue, "blue") })
        {
            var message = new { signName = $"The {name} shop", template = $"SMS_{name}" };
            var messages = new { login = message, register = message, reset = message, bind = message };
            (await SetAsync(tenant, "sms", new { carrier = "aliyun", keyId = $"key-{name}", secret = $"secret-{name}", messages })).Outcome.ShouldBe("200");
        }

        foreach (var name in new[] { "red", "blue" })
        {
            (await AskAsync(server, name, HttpMethod.Post, "/api/auth/codes", new { phone = "13800138000", purpose = "login" })).Status.ShouldBe(202);
        }

        (await AskAsync(server, null, HttpMethod.Post, "/api/auth/codes", new { phone = "13800138000", purpose = "login" })).Outcome.ShouldBe("422 SIGN_IN_METHOD_OFF");
        await Eventually.HoldsAsync(() => Task.FromResult(carrier.Sent.Count == 2), "the codes are not sent");
        carrier.Sent.Order(StringComparer.Ordinal).ShouldBe(["key-blue The blue shop SMS_blue", "key-red The red shop SMS_red"]);
        (await SetAsync(red, "sms", new { carrier = "pigeon", keyId = "k", secret = "s" })).Faults.Order().ShouldBe(["INVALID_FORMAT /carrier", "REQUIRED /messages"]);
    }

    [Fact]
    [Trait("Attack", "D1")]
    public async Task SignsWithItsOwnKey_When_TwoTenantsHaveAppsWithAlipay()
    {
        using RSA redKey = RSA.Create(2_048), blueKey = RSA.Create(2_048);
        await using var alipay = await AlipayStub.StartAsync(new() { ["2021red"] = redKey, ["2021blue"] = blueKey }, Cancellation);
        await using var site = await LaurelSite.CreateAsync(DatabaseUnderTest.Sqlite, cluster, Cancellation);
        (site.Environment["SignIn__Alipay__BaseAddress"], site.Environment["LAUREL_SIGN_IN_REDIRECTS"]) = (alipay.Address, Page);
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        await using var red = await server.NewTenantAsync("red");
        await using var blue = await server.NewTenantAsync("blue");
        async Task<Answer> PageAsync(string tenant, string code)
        {
            var begun = await AskAsync(server, tenant, HttpMethod.Get, "/api/auth/providers/alipay/authorize?redirectUri=" + Uri.EscapeDataString(Page));
            HttpUtility.ParseQueryString(new Uri(begun.TextOf("url")!).Query)["app_id"].ShouldBe("2021" + tenant);
            return await AskAsync(server, tenant, HttpMethod.Post, "/api/auth/providers/alipay/login", new { code, state = begun.TextOf("state"), redirectUri = Page });
        }

        foreach (var (tenant, name, key) in new[] { (red, "red", redKey), (blue, "blue", blueKey) })
        {
            var secret = Convert.ToBase64String(key.ExportPkcs8PrivateKey());
            (await SetAsync(tenant, "alipay", new { appId = "2021" + name, secret, alipayPublicKey = alipay.PublicKey })).Outcome.ShouldBe("200");
        }

        (await PageAsync("red", "code-of-2021red")).Outcome.ShouldBe("201");
        (await PageAsync("blue", "code-of-2021blue")).Outcome.ShouldBe("201");
        (await PageAsync("blue", "code-of-2021red")).Outcome.ShouldBe("401 PROVIDER_CODE_INVALID");
        alipay.Signed.ShouldBe(["2021red", "2021blue", "2021blue"]);

        // A state of one tenant is none of another.
        var state = (await AskAsync(server, "red", HttpMethod.Get, "/api/auth/providers/alipay/authorize?redirectUri=" + Uri.EscapeDataString(Page))).TextOf("state");
        (await AskAsync(server, "blue", HttpMethod.Post, "/api/auth/providers/alipay/login", new { code = "code-of-2021blue", state, redirectUri = Page })).Outcome
            .ShouldBe("422 SIGN_IN_STATE_INVALID");

        // With the key of another app nobody is let in.
        var wrong = Convert.ToBase64String(blueKey.ExportPkcs8PrivateKey());
        (await SetAsync(red, "alipay", new { appId = "2021red", secret = wrong, alipayPublicKey = alipay.PublicKey })).Outcome.ShouldBe("200");
        (await PageAsync("red", "code-of-2021red")).Outcome.ShouldBe("500 PROVIDER_MISCONFIGURED");
    }

    private async Task<LaurelSite> SiteAsync(DatabaseUnderTest database, WeChatStub wechat)
    {
        var site = await LaurelSite.CreateAsync(database, cluster, Cancellation);
        site.Environment["SignIn__WeChatMini__AppId"] = WeChatStub.AppId;
        site.Environment["SignIn__WeChatMini__Secret"] = WeChatStub.Secret;
        foreach (var section in new[] { "WeChatMini", "WeChat" })
        {
            site.Environment[$"SignIn__{section}__BaseAddress"] = wechat.Address.GetLeftPart(UriPartial.Authority);
        }

        (site.Environment["LAUREL_SIGN_IN_REDIRECTS"], site.Environment["Limits"]) = (Page, "off");
        return site;
    }

    private static Task<Answer> SetAsync(LaurelServer tenant, string code, object body) => tenant.PutAsync("/api/sign-in/apps/" + code, body);

    private static async Task<string> KeyAsync(LaurelServer tenant, params string[] scopes)
    {
        var made = await tenant.PostAsync("/api/keys", new { name = "less", scopes });
        made.Status.ShouldBe(201, made.Text);
        return made.TextOf("key")!;
    }

    private static async Task<string> NamesAsync(LaurelServer server, string? tenant) => string.Join(' ', (await AskAsync(server, tenant, HttpMethod.Get, "/api/auth/providers"))
        .Json.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("name").GetString()));

    private static Task<Answer> MiniAsync(LaurelServer server, string? tenant, string code, string? phoneCode = null) => AskAsync(
        server, tenant, HttpMethod.Post, "/api/auth/wechat-login", phoneCode is null ? new { code } : new { code, phoneCode });

    /// <summary>Calls as nobody, at a tenant that is named.</summary>
    private static Task<Answer> AskAsync(LaurelServer server, string? tenant, HttpMethod method, string path, object? body = null)
    {
        var request = body is null
            ? new HttpRequestMessage(method, path)
            : LaurelServer.Request(method, path, JsonSerializer.SerializeToUtf8Bytes(body), LaurelServer.Json);
        request.Headers.Authorization = new System.Net.Http.Headers.AuthenticationHeaderValue("None");
        if (tenant is not null)
        {
            request.Headers.Add("Laurel-Tenant", tenant);
        }

        return server.SendAsync(request);
    }

    /// <summary>Aliyun as far as a message goes: who sends it, and what it begins with.</summary>
    private sealed class CarrierStub(WebApplication app) : IAsyncDisposable
    {
        private readonly ConcurrentQueue<string> _sent = new();

        public string Address => app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();

        public IReadOnlyList<string> Sent => [.. _sent];

        public static async Task<CarrierStub> StartAsync()
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            var app = builder.Build();
            var stub = new CarrierStub(app);
            app.Run(stub.TakeAsync);
            await app.StartAsync(Cancellation);
            return stub;
        }

        public ValueTask DisposeAsync() => app.DisposeAsync();

        private Task TakeAsync(HttpContext context)
        {
            var key = context.Request.Headers.Authorization.ToString().Split("Credential=")[1].Split(',')[0];
            _sent.Enqueue($"{key} {context.Request.Query["SignName"]} {context.Request.Query["TemplateCode"]}");
            context.Response.ContentType = LaurelServer.Json;
            return context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes("""{"Code":"OK","Message":"OK","BizId":"1"}""")).AsTask();
        }
    }
}
