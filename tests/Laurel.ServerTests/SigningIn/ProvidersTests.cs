using System.Web;
using Laurel.ServerTests.Hosting;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.SigningIn;

/// <summary>People come in whom WeChat vouches for; whom it knows is recognised by open id, by union id, or by a number that both have verified.</summary>
public sealed class ProvidersTests(DatabaseServers cluster)
{
    private const string Page = "https://mall.example/wechat";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task IsTheSamePerson_When_TheMiniProgramKnowsIt(DatabaseUnderTest database)
    {
        await using var wechat = await WeChatStub.StartAsync(Cancellation);
        await using var site = await SiteAsync(database, wechat);
        await using var server = await LaurelServer.StartAsync(site, Cancellation);

        var first = await MiniAsync(server, wechat.CodeOf("open-1", "union-1"), nickname: "小明");
        (first.Status, first.Json.GetProperty("created").GetBoolean()).ShouldBe((201, true));
        var person = SignedInPerson.Of(first);
        (await server.MemberAsync(person.Id)).TextOf("nickname").ShouldBe("小明");
        SignedInPerson.Of(await MiniAsync(server, wechat.CodeOf("open-1"))).Id.ShouldBe(person.Id);

        // Another app of the same owner: another open id, the same union id.
        var byPage = await PageAsync(server, wechat.CodeOf("open-of-account", "union-1"));
        (SignedInPerson.Of(byPage).Id, byPage.Status).ShouldBe((person.Id, 200));
        SignedInPerson.Of(await PageAsync(server, wechat.CodeOf("open-of-account"))).Id.ShouldBe(person.Id);
        var kinds = (await server.GetAsAsync(person.Token, "/api/auth/names")).Json.GetProperty("items").EnumerateArray().Select(name => name.GetProperty("kind").GetString());
        kinds.ShouldBe(["username", "wechat", "wechat_mini", "wechat_union"]);

        (await MiniAsync(server, "used")).Outcome.ShouldBe("401 PROVIDER_CODE_INVALID");
        SignedInPerson.Of(await MiniAsync(server, wechat.CodeOf("open-2"))).Id.ShouldNotBe(person.Id);
    }

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task EnrolsOne_When_SomebodyNewComesEightTimesAtOnce(DatabaseUnderTest database)
    {
        await using var wechat = await WeChatStub.StartAsync(Cancellation);
        await using var site = await SiteAsync(database, wechat);
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        await MiniAsync(server, wechat.CodeOf("warm"));

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => MiniAsync(server, wechat.CodeOf("open-1", "union-1"), phoneCode: wechat.PhoneCodeOf("13800138000"))));

        answers.Select(answer => answer.Outcome).Order().ShouldBe(["200", "200", "200", "200", "200", "200", "200", "201"]);
        answers.Select(answer => SignedInPerson.Of(answer).Id).Distinct().Count().ShouldBe(1);
        (await server.GetAsync("/api/members?phone=13800138000")).Json.GetProperty("items").GetArrayLength().ShouldBe(1);
        (await server.MemberAsync(SignedInPerson.Of(answers[0]).Id)).TextOf("phone").ShouldBe("138****8000");
    }

    [Fact]
    public async Task IsTurnedAway_When_TheStateOrTheAddressIsNotOurs()
    {
        await using var wechat = await WeChatStub.StartAsync(Cancellation);
        await using var site = await SiteAsync(DatabaseUnderTest.Sqlite, wechat);
        await using var server = await LaurelServer.StartAsync(site, Cancellation);

        foreach (var redirect in new[] { "https://thief.example/wechat", "https://mall.example/", "https://mall.example/wechat-evil", "http://mall.example/wechat", "https://mall.example@thief.example/wechat", "javascript:alert(1)" })
        {
            (await server.AsAsync(null, HttpMethod.Get, AuthorizePath(redirect))).Outcome.ShouldBe("400 VALIDATION_FAILED", redirect);
        }

        var begun = await server.AsAsync(null, HttpMethod.Get, AuthorizePath(Page + "/back"));
        var url = new Uri(begun.TextOf("url")!);
        var query = HttpUtility.ParseQueryString(url.Query);
        (url.AbsolutePath, query["appid"], query["redirect_uri"], query["state"], url.Fragment).ShouldBe(("/connect/oauth2/authorize", WeChatStub.AppId, Page + "/back", begun.TextOf("state"), "#wechat_redirect"));

        var code = wechat.CodeOf("open-1");
        (await LoginAsync(server, code, null, Page + "/back")).Outcome.ShouldBe("422 SIGN_IN_STATE_INVALID");
        (await LoginAsync(server, code, begun.TextOf("state"), Page)).Outcome.ShouldBe("422 SIGN_IN_STATE_INVALID");
        (await LoginAsync(server, code, "AAAA", Page + "/back")).Outcome.ShouldBe("422 SIGN_IN_STATE_INVALID");
        (await LoginAsync(server, code, begun.TextOf("state"), Page + "/back")).Status.ShouldBe(201);
        (await server.PostAsAsync(null, "/api/auth/providers/alipay/login", new { code })).Outcome.ShouldBe("404 PROVIDER_NOT_FOUND");
        var list = (await server.AsAsync(null, HttpMethod.Get, "/api/auth/providers")).Json.GetProperty("items");
        list.EnumerateArray().Select(item => $"{item.GetProperty("name").GetString()} {item.GetProperty("redirects").GetBoolean()}").ShouldBe(["wechat True", "wechat_mini False"]);
    }

    [Fact]
    public async Task IsBoundOnce_When_TwoUsersBindOneAccount()
    {
        await using var wechat = await WeChatStub.StartAsync(Cancellation);
        await using var site = await SiteAsync(DatabaseUnderTest.Sqlite, wechat);
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        var (first, second) = (await server.SignUpAsync("first"), await server.SignUpAsync("second"));

        (await BindAsync(server, first, wechat.CodeOf("open-1", "union-1"))).Status.ShouldBe(200);
        (await BindAsync(server, second, wechat.CodeOf("open-1", "union-1"))).Outcome.ShouldBe("409 SIGN_IN_NAME_TAKEN");
        SignedInPerson.Of(await MiniAsync(server, wechat.CodeOf("open-1"))).Id.ShouldBe(first.Id);
        (await server.AsAsync(first.Token, HttpMethod.Delete, "/api/auth/names/wechat_mini")).Status.ShouldBe(200);
        (await server.AsAsync(first.Token, HttpMethod.Delete, "/api/auth/names/wechat_union")).Status.ShouldBe(200);
        (await BindAsync(server, second, wechat.CodeOf("open-1", "union-1"))).Status.ShouldBe(200);
    }

    private async Task<LaurelSite> SiteAsync(DatabaseUnderTest database, WeChatStub wechat)
    {
        var site = await LaurelSite.CreateAsync(database, cluster, Cancellation);
        foreach (var section in new[] { "WeChatMini", "WeChat" })
        {
            site.Environment[$"SignIn__{section}__AppId"] = WeChatStub.AppId;
            site.Environment[$"SignIn__{section}__Secret"] = WeChatStub.Secret;
            site.Environment[$"SignIn__{section}__BaseAddress"] = wechat.Address.GetLeftPart(UriPartial.Authority);
        }

        site.Environment["LAUREL_SIGN_IN_REDIRECTS"] = Page;
        site.Environment["Limits"] = "off";
        return site;
    }

    private static Task<Answer> MiniAsync(LaurelServer server, string code, string? nickname = null, string? phoneCode = null) =>
        server.PostAsAsync(null, "/api/auth/wechat-login", Present(("code", code), ("nickname", nickname), ("phoneCode", phoneCode)));

    private static async Task<Answer> PageAsync(LaurelServer server, string code) =>
        await LoginAsync(server, code, (await server.AsAsync(null, HttpMethod.Get, AuthorizePath(Page))).TextOf("state"), Page);

    private static Task<Answer> LoginAsync(LaurelServer server, string code, string? state, string redirectUri) =>
        server.PostAsAsync(null, "/api/auth/providers/wechat/login", Present(("code", code), ("state", state), ("redirectUri", redirectUri)));

    private static Task<Answer> BindAsync(LaurelServer server, SignedInPerson person, string code) =>
        server.PostAsAsync(person.Token, "/api/auth/providers/wechat_mini/bind", new { code });

    private static string AuthorizePath(string redirect) => $"/api/auth/providers/wechat/authorize?redirectUri={Uri.EscapeDataString(redirect)}";

    private static Dictionary<string, string> Present(params (string Name, string? Value)[] fields) =>
        fields.Where(field => field.Value is not null).ToDictionary(field => field.Name, field => field.Value!);
}
