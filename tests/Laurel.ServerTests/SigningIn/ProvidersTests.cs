using System.Web;
using Laurel.ServerTests.Hosting;
using Laurel.Testing;
using Shouldly;
using Xunit;
using static Laurel.ServerTests.SigningIn.CodeCalls;

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

        // What WeChat knows it by in all apps goes with one of them: it would lead in from that app again.
        var left = await server.AsAsync(first.Token, HttpMethod.Delete, "/api/auth/names/wechat_mini");
        left.Json.GetProperty("items").EnumerateArray().Select(name => name.GetProperty("kind").GetString()).ShouldBe(["username"]);
        SignedInPerson.Of(await MiniAsync(server, wechat.CodeOf("open-2", "union-1"))).Id.ShouldNotBe(first.Id);
        (await BindAsync(server, second, wechat.CodeOf("open-1"))).Status.ShouldBe(200);
        await site.VerifyAsync(Cancellation);
    }

    /// <summary>What WeChat says of a number may be long ago: whoever had it once does not wait for its owner, nor meet the other who had it.</summary>
    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    [Trait("Attack", "D9")]
    public async Task IsNobodysName_When_WeChatAloneSaysWhoseTheNumberIs(DatabaseUnderTest database)
    {
        const string phone = "13800138010";
        await using var wechat = await WeChatStub.StartAsync(Cancellation);
        await using var site = await SiteAsync(database, wechat);
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        var first = SignedInPerson.Of(await MiniAsync(server, wechat.CodeOf("open-1"), phoneCode: wechat.PhoneCodeOf(phone)));
        first = SignedInPerson.Of(await server.PostAsAsync(first.Token, "/api/auth/change-password", new { newPassword = SignInCalls.Password }));

        // Two accounts of WeChat are not joined by it, and neither password nor code come in.
        var second = await MiniAsync(server, wechat.CodeOf("open-2"), phoneCode: wechat.PhoneCodeOf(phone));
        (second.Status, SignedInPerson.Of(second).Id == first.Id).ShouldBe((201, false));
        (await server.LoginAsync(phone)).Outcome.ShouldBe("401 SIGN_IN_FAILED");
        var code = await CodeAsync(server, phone, "login");
        (await CodeLoginAsync(server, phone, "000000")).Outcome.ShouldBe("422 SIGN_IN_CODE_INVALID");
        (await CodeLoginAsync(server, phone, code)).Outcome.ShouldBe("409 SIGN_IN_PHONE_UNPROVEN");

        // Its owner has an account of its own, by the same code, in which nobody waits.
        var owner = await server.PostAsAsync(null, "/api/auth/register", new { phone, code, username = "owner", password = "another long password" });
        (owner.Status, new[] { first.Id, SignedInPerson.Of(second).Id }.Contains(SignedInPerson.Of(owner).Id)).ShouldBe((201, false));
        SignedInPerson.Of(await CodeLoginAsync(server, phone, await CodeAsync(server, phone, "login"))).Id.ShouldBe(SignedInPerson.Of(owner).Id);
        SignedInPerson.Of(await MiniAsync(server, wechat.CodeOf("open-1"), phoneCode: wechat.PhoneCodeOf(phone))).Id.ShouldBe(first.Id);
        (await KindsAsync(server, first)).ShouldBe(["username chosen", "wechat_mini provider"]);
        await site.VerifyAsync(Cancellation);
    }

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task SignsInByTheNumber_When_ACodeHasShownItToo(DatabaseUnderTest database)
    {
        const string phone = "13800138011";
        await using var wechat = await WeChatStub.StartAsync(Cancellation);
        await using var site = await SiteAsync(database, wechat);
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        var person = SignedInPerson.Of(await MiniAsync(server, wechat.CodeOf("open-1"), phoneCode: wechat.PhoneCodeOf(phone)));
        (await KindsAsync(server, person)).ShouldBe(["phone provider", "username chosen", "wechat_mini provider"]);

        (await server.PostAsAsync(person.Token, "/api/auth/names", new { phone, code = await CodeAsync(server, phone, "bind") })).Status.ShouldBe(200);

        (await KindsAsync(server, person)).ShouldBe(["phone code", "username chosen", "wechat_mini provider"]);
        SignedInPerson.Of(await CodeLoginAsync(server, phone, await CodeAsync(server, phone, "login"))).Id.ShouldBe(person.Id);

        // Both have verified it now: another account of WeChat with the number is the same person.
        SignedInPerson.Of(await MiniAsync(server, wechat.CodeOf("open-2"), phoneCode: wechat.PhoneCodeOf(phone))).Id.ShouldBe(person.Id);
        SignedInPerson.Of(await MiniAsync(server, wechat.CodeOf("open-2"))).Id.ShouldBe(person.Id);
    }

    /// <summary>Whom the host knows by the number is found, whoever else WeChat has said to have it.</summary>
    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    [Trait("Attack", "D9")]
    public async Task IsTheHostsMember_When_WeChatHasShownTheNumberForAnother(DatabaseUnderTest database)
    {
        await using var wechat = await WeChatStub.StartAsync(Cancellation);
        await using var site = await SiteAsync(database, wechat);
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        foreach (var (phone, byCode) in new[] { ("13800138012", true), ("13800138013", false) })
        {
            var first = SignedInPerson.Of(await MiniAsync(server, wechat.CodeOf("first-" + phone), phoneCode: wechat.PhoneCodeOf(phone)));
            var member = (await server.PostAsync("/api/members", new { externalId = phone, phone, phoneVerified = true })).TextOf("id");

            var answer = byCode
                ? await CodeLoginAsync(server, phone, await CodeAsync(server, phone, "login"))
                : await MiniAsync(server, wechat.CodeOf("owner-" + phone), phoneCode: wechat.PhoneCodeOf(phone));

            SignedInPerson.Of(answer).Id.ShouldBe(member);
            (await KindsAsync(server, SignedInPerson.Of(answer))).ShouldContain("phone " + (byCode ? "code" : "host"));
            SignedInPerson.Of(await MiniAsync(server, wechat.CodeOf("first-" + phone))).Id.ShouldBe(first.Id);
        }

        await site.VerifyAsync(Cancellation);
    }

    /// <summary>A million one-time passwords are soon tried by who has got hold of somebody's WeChat.</summary>
    [Fact]
    [Trait("Attack", "D7")]
    public async Task TakesFiveGuesses_When_OneTimePasswordsAreTriedThroughAProvider()
    {
        await using var wechat = await WeChatStub.StartAsync(Cancellation);
        await using var site = await SiteAsync(DatabaseUnderTest.Sqlite, wechat);
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        var person = SignedInPerson.Of(await MiniAsync(server, wechat.CodeOf("open-1")));
        var secret = (await server.PostAsAsync(person.Token, "/api/auth/totp", new { })).TextOf("secret")!;
        var step = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() / 30;
        (await server.AsAsync(person.Token, HttpMethod.Put, "/api/auth/totp", new { totp = PasswordsTests.PasswordAt(secret, step) })).Status.ShouldBe(204);
        Task<Answer> TryAsync(string totp) => server.PostAsAsync(null, "/api/auth/wechat-login", new { code = wechat.CodeOf("open-1"), totp });

        (await MiniAsync(server, wechat.CodeOf("open-1"))).Outcome.ShouldBe("401 TOTP_REQUIRED");
        var outcomes = new List<string>();
        for (var i = 0; i < 6; i++)
        {
            // That of an hour ago is of no step that is looked at.
            outcomes.Add((await TryAsync(PasswordsTests.PasswordAt(secret, step - 120 - i))).Outcome);
        }

        // One try went into setting them up.
        outcomes.ShouldBe(["401 TOTP_INVALID", "401 TOTP_INVALID", "401 TOTP_INVALID", "401 TOTP_INVALID", "429 SIGN_IN_LOCKED", "429 SIGN_IN_LOCKED"]);
        (await TryAsync(PasswordsTests.PasswordAt(secret, step + 1))).Outcome.ShouldBe("429 SIGN_IN_LOCKED");
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

        (site.Environment["Sms__Provider"], site.Environment["LAUREL_CODE_PAUSE_SECONDS"]) = ("log", "0");
        site.Environment["LAUREL_SIGN_IN_REDIRECTS"] = Page;
        site.Environment["Limits"] = "off";
        return site;
    }

    private static async Task<IEnumerable<string>> KindsAsync(LaurelServer server, SignedInPerson person) =>
        (await server.GetAsAsync(person.Token, "/api/auth/names")).Json.GetProperty("items").EnumerateArray()
            .Select(name => $"{name.GetProperty("kind").GetString()} {name.GetProperty("shownBy").GetString()}");

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
