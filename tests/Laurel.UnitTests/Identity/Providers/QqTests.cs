using Laurel.Identity.Providers;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Identity.Providers;

public sealed class QqTests : IAsyncLifetime
{
    private const string TokenPath = "/oauth2.0/token";
    private const string MePath = "/oauth2.0/me";
    private const string UserPath = "/user/get_user_info";
    private const string GoodToken = """{"access_token":"token-4711","expires_in":"7776000","refresh_token":"r"}""";
    private const string GoodMe = """{"client_id":"my-client-id","openid":"o1","unionid":"u1"}""";
    private const string GoodUser = """{"ret":0,"msg":"","nickname":"小明","gender":"男","figureurl_qq_1":"http://q.example/1","figureurl_qq_2":""}""";

    private static readonly Uri s_back = new("http://localhost/signin-qq");
    private static readonly ProviderIdentity s_identity = new("qq", "my-client-id", "o1")
    {
        UnionId = "u1",
        Nickname = "小明",
        AvatarUrl = "http://q.example/1",
        Gender = ProviderGender.Male,
    };

    private ProviderServer _server = null!;
    private Qq _qq = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await ProviderServer.StartAsync();
        var app = new ProviderAppOptions { AppId = "my-client-id", Secret = "my-client-secret", BaseAddress = _server.Address };
        _qq = new Qq(app, _server.Client, _server.Faults(ProviderName.Qq));
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public void LeadsToQq_When_AskedWhereTo() => _qq.AuthorizeUrl(s_back, "st", null).ToString().ShouldBe(
        $"{_server.Address}oauth2.0/authorize?response_type=code&client_id=my-client-id&redirect_uri=http%3A%2F%2Flocalhost%2Fsignin-qq&state=st&scope=get_user_info");

    [Fact]
    public async Task IsIdentified_When_TheRecordedExchangeIsPlayed()
    {
        var recorded = WireData.Recorded("QQ");
        _server.Answer(TokenPath, recorded[0].Answer).Answer(MePath, recorded[1].Answer).Answer(UserPath, recorded[2].Answer);

        var answer = await _qq.IdentifyAsync("a6ed8e7f-471f-44f1-903b-65946475f351", s_back, Stop);

        answer.Value.ShouldBe(new ProviderIdentity("qq", "my-client-id", "my-open-id")
        {
            UnionId = "my-union-id",
            Nickname = "John Smith",
            AvatarUrl = "https://qq.local/avatar-large.png",
            Gender = ProviderGender.Male,
        });
        _server.All.Count.ShouldBe(3);
        for (var i = 0; i < 3; i++)
        {
            recorded[i].ShouldBeAskedBy(_server.All[i]);
            _server.All[i].Method.ShouldBe("GET");
        }
    }

    [Theory]
    [InlineData("access_token=token-4711&expires_in=7776000&refresh_token=88E4", GoodMe)]
    [InlineData(GoodToken, """callback( {"client_id":"my-client-id","openid":"o1","unionid":"u1"} );""")]
    [InlineData("access_token=token-4711&expires_in=7776000", "callback({\"openid\":\"o1\",\"unionid\":\"u1\"});\n")]
    public async Task IsIdentified_When_TheAnswersHaveTheirOlderForms(string token, string me)
    {
        _server.Answer(TokenPath, token).Answer(MePath, me).Answer(UserPath, GoodUser);

        (await _qq.IdentifyAsync("code", s_back, Stop)).Value.ShouldBe(s_identity);
        _server.At(UserPath).Single()["access_token"].ShouldBe("token-4711");
    }

    [Fact]
    public async Task IsIdentifiedWithoutUnionId_When_TheAppMayNotAskForIt()
    {
        _server.Answer(TokenPath, GoodToken).Answer(UserPath, GoodUser).Answer(
            MePath,
            asked => asked["unionid"] == "1"
                ? """callback( {"error":100048,"error_description":"unionid not granted"} );"""
                : """{"client_id":"my-client-id","openid":"o1"}""");

        (await _qq.IdentifyAsync("code", s_back, Stop)).Value.ShouldBe(s_identity with { UnionId = null });
    }

    [Theory]
    [InlineData(100008, "PROVIDER_MISCONFIGURED")]
    [InlineData(100009, "PROVIDER_MISCONFIGURED")]
    [InlineData(100010, "PROVIDER_MISCONFIGURED")]
    [InlineData(100014, "PROVIDER_CODE_INVALID")]
    [InlineData(100015, "PROVIDER_CODE_INVALID")]
    [InlineData(100016, "PROVIDER_CODE_INVALID")]
    [InlineData(100019, "PROVIDER_CODE_INVALID")]
    [InlineData(100020, "PROVIDER_CODE_INVALID")]
    [InlineData(123456, "PROVIDER_UNAVAILABLE")]
    public async Task IsRefused_When_QqSays(int number, string code)
    {
        string[] errors = [$$"""{"error":{{number}},"error_description":"my-client-secret"}""", $$"""callback( {"error":"{{number}}","error_description":"no"} );"""];
        foreach (var error in errors)
        {
            _server.Answer(TokenPath, error);
            (await _qq.IdentifyAsync("code", s_back, Stop)).Refusal!.Code.ShouldBe(code);

            _server.Answer(TokenPath, GoodToken).Answer(MePath, error);
            (await _qq.IdentifyAsync("code", s_back, Stop)).Refusal!.Code.ShouldBe(code);
        }

        _server.Log.Text.ShouldNotContain("my-client-secret");
        _server.Log.Text.ShouldNotContain("token-4711");
    }

    [Theory]
    [InlineData(GoodToken, GoodMe, """{"ret":-1,"msg":"client request's parameters are invalid"}""")]
    [InlineData(GoodToken, GoodMe, """{"ret":1002,"msg":"请先登录"}""")]
    [InlineData(GoodToken, GoodMe, """{"nickname":"no ret"}""")]
    [InlineData(GoodToken, """{"client_id":"other","openid":"o1"}""", GoodUser)]
    [InlineData(GoodToken, "callback(", GoodUser)]
    [InlineData("refresh_token=only", GoodMe, GoodUser)]
    [InlineData("{}", GoodMe, GoodUser)]
    public async Task IsUnavailable_When_AnAnswerIsNoGood(string token, string me, string user)
    {
        _server.Answer(TokenPath, token).Answer(MePath, me).Answer(UserPath, user);

        (await _qq.IdentifyAsync("code", s_back, Stop)).Refusal!.Code.ShouldBe("PROVIDER_UNAVAILABLE");
    }
}
