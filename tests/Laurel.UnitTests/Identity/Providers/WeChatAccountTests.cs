using Laurel.Identity.Providers;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Identity.Providers;

public sealed class WeChatAccountTests : IAsyncLifetime
{
    private const string TokenPath = "/sns/oauth2/access_token";
    private const string UserPath = "/sns/userinfo";
    private const string Secret = "my-client-secret";

    private ProviderServer _server = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _server = await ProviderServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public void LeadsToWeChat_When_AskedWhereTo()
    {
        var back = new Uri("https://shop.example/api/auth/wechat/callback?from=menu");

        Account(ProviderName.WeChat).AuthorizeUrl(back, "st-1", null).ToString().ShouldBe(
            $"{_server.Address}connect/oauth2/authorize?appid=my-client-id&redirect_uri=https%3A%2F%2Fshop.example%2Fapi%2Fauth%2Fwechat%2Fcallback%3Ffrom%3Dmenu"
            + "&response_type=code&scope=snsapi_userinfo&state=st-1#wechat_redirect");
        Account(ProviderName.WeChatWeb).AuthorizeUrl(back, "st-1", null).ToString().ShouldStartWith(
            $"{_server.Address}connect/qrconnect?appid=my-client-id&redirect_uri=");
        Account(ProviderName.WeChatWeb).AuthorizeUrl(back, "st-1", null).Query.ShouldContain("scope=snsapi_login");
        Account(ProviderName.WeChat).AuthorizeUrl(back, "st-1", "snsapi_base").Query.ShouldContain("scope=snsapi_base");
    }

    [Fact]
    public async Task IsIdentified_When_TheRecordedExchangeIsPlayed()
    {
        var recorded = WireData.Recorded("Weixin");
        _server.Answer(TokenPath, recorded[0].Answer).Answer(UserPath, recorded[1].Answer);

        var answer = await Account(ProviderName.WeChat).IdentifyAsync("a6ed8e7f-471f-44f1-903b-65946475f351", null, Stop);

        answer.Value.ShouldBe(new ProviderIdentity("wechat", "my-client-id", "my-open-id")
        {
            UnionId = "my-id",
            Nickname = "John Smith",
            AvatarUrl = "https://weixin.qq.local/image.png",
            Gender = ProviderGender.Male,
        });
        recorded[0].ShouldBeAskedBy(_server.All[0]);
        recorded[1].ShouldBeAskedBy(_server.All[1]);
    }

    [Fact]
    public async Task HasNoUnionId_When_TheRecordedAnswerHasAnEmptyOne()
    {
        var recorded = WireData.Recorded("Weixin");
        _server.Answer(TokenPath, recorded[0].Answer).Answer(UserPath, recorded[2].Answer);

        (await Account(ProviderName.WeChat).IdentifyAsync("code", null, Stop)).Value!.UnionId.ShouldBeNull();
    }

    [Fact]
    public async Task IsIdentifiedWithoutProfile_When_OnlyTheBaseWasAskedFor()
    {
        _server.Answer(TokenPath, """{"access_token":"t","expires_in":7200,"openid":"o1","scope":"snsapi_base","unionid":"u1"}""");

        (await Account(ProviderName.WeChat).IdentifyAsync("code", null, Stop)).Value.ShouldBe(new ProviderIdentity("wechat", "my-client-id", "o1") { UnionId = "u1" });
        _server.At(UserPath).ShouldBeEmpty();
    }

    [Fact]
    public async Task IsIdentifiedWithoutProfile_When_WeChatGivesNone()
    {
        _server.Answer(TokenPath, """{"access_token":"t","openid":"o1"}""").Answer(UserPath, """{"errcode":48001,"errmsg":"api unauthorized"}""");

        (await Account(ProviderName.WeChat).IdentifyAsync("code", null, Stop)).Value.ShouldBe(new ProviderIdentity("wechat", "my-client-id", "o1"));
    }

    [Theory]
    [InlineData("1")]
    [InlineData("\"1\"")]
    public async Task IsRefused_When_TheAccountIsASnapshot(string value)
    {
        _server.Answer(TokenPath, $$"""{"access_token":"t","openid":"o1","scope":"snsapi_userinfo","is_snapshotuser":{{value}}}""");

        var refusal = (await Account(ProviderName.WeChat).IdentifyAsync("code", null, Stop)).Refusal.ShouldNotBeNull();

        (refusal.Code, refusal.Values["reason"]).ShouldBe(("PROVIDER_REFUSED", "snapshot"));
        _server.At(UserPath).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(40029, "PROVIDER_CODE_INVALID")]
    [InlineData(40163, "PROVIDER_CODE_INVALID")]
    [InlineData(42001, "PROVIDER_CODE_INVALID")]
    [InlineData(40003, "PROVIDER_UNAVAILABLE")]
    [InlineData(41009, "PROVIDER_UNAVAILABLE")]
    [InlineData(40125, "PROVIDER_MISCONFIGURED")]
    [InlineData(-1, "PROVIDER_BUSY")]
    public async Task IsRefused_When_WeChatSays(int number, string code)
    {
        var error = $$"""{"errcode":{{number}},"errmsg":"no {{Secret}}"}""";
        _server.Answer(TokenPath, error);
        (await Account(ProviderName.WeChat).IdentifyAsync("code", null, Stop)).Refusal!.Code.ShouldBe(code);

        _server.Answer(TokenPath, """{"access_token":"token-4711","openid":"o1"}""").Answer(UserPath, error);
        (await Account(ProviderName.WeChat).IdentifyAsync("code", null, Stop)).Refusal!.Code.ShouldBe(code);

        _server.Log.Text.ShouldNotContain(Secret);
        _server.Log.Text.ShouldNotContain("token-4711");
    }

    [Theory]
    [InlineData("""{"openid":"somebody-else","nickname":"x"}""")]
    [InlineData("""{"openid":"o1","privilege":["a" "b"]}""")]
    public async Task IsUnavailable_When_TheProfileCannotBeRight(string profile)
    {
        _server.Answer(TokenPath, """{"access_token":"t","openid":"o1"}""").Answer(UserPath, profile);

        (await Account(ProviderName.WeChat).IdentifyAsync("code", null, Stop)).Refusal!.Code.ShouldBe("PROVIDER_UNAVAILABLE");
    }

    [Fact]
    public async Task IsMadeSafe_When_TheProfileIsNot()
    {
        _server.Answer(TokenPath, """{"access_token":"t","openid":"o1"}""").Answer(
            UserPath,
            $$"""{"openid":"o1","nickname":" \u0000A\nB\ud83d\ude00{{new string('x', 200)}}","sex":0,"headimgurl":"javascript:alert(1)"}""");

        var identity = (await Account(ProviderName.WeChat).IdentifyAsync("code", null, Stop)).Value.ShouldNotBeNull();

        identity.Nickname.ShouldBe("AB\ud83d\ude00" + new string('x', 59));
        identity.AvatarUrl.ShouldBeNull();
        identity.Gender.ShouldBeNull();
    }

    private WeChatAccount Account(string name) => new(
        name,
        new WeChatAccountOptions { AppId = "my-client-id", Secret = Secret, BaseAddress = _server.Address, AuthorizeAddress = _server.Address },
        _server.Client,
        _server.Faults(name));
}
