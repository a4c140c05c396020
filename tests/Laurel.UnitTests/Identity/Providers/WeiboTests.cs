using Laurel.Identity.Providers;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Identity.Providers;

public sealed class WeiboTests : IAsyncLifetime
{
    private const string TokenPath = "/oauth2/access_token";
    private const string UserPath = "/2/users/show.json";
    private const string GoodToken = """{"access_token":"token-4711","remind_in":"157679999","expires_in":157679999,"uid":"1137163447","isRealName":"true"}""";

    private static readonly Uri s_back = new("https://shop.example/back");

    private ProviderServer _server = null!;
    private Weibo _weibo = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await ProviderServer.StartAsync();
        var app = new ProviderAppOptions { AppId = "my-client-id", Secret = "my-client-secret", BaseAddress = _server.Address };
        _weibo = new Weibo(app, _server.Client, _server.Faults(ProviderName.Weibo));
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public void LeadsToWeibo_When_AskedWhereTo() => _weibo.AuthorizeUrl(s_back, "st", "email").ToString().ShouldBe(
        $"{_server.Address}oauth2/authorize?client_id=my-client-id&redirect_uri=https%3A%2F%2Fshop.example%2Fback&response_type=code&state=st&scope=email");

    [Fact]
    public async Task IsIdentified_When_TheRecordedExchangeIsPlayed()
    {
        var recorded = WireData.Recorded("Weibo");
        _server.Answer(TokenPath, recorded[0].Answer).Answer(UserPath, recorded[1].Answer);

        var answer = await _weibo.IdentifyAsync("a6ed8e7f-471f-44f1-903b-65946475f351", s_back, Stop);

        answer.Value.ShouldBe(new ProviderIdentity("weibo", "my-client-id", "67f4fbf2-c5a5-4ba5-8694-6838b9603d9e")
        {
            Nickname = "JohnSmith",
            AvatarUrl = "https://weibo.local/profile.png",
            Gender = ProviderGender.Male,
        });
        var token = _server.At(TokenPath).Single();
        token.Method.ShouldBe(recorded[0].Method);
        token.Header("Content-Type").ShouldBe("application/x-www-form-urlencoded");
        token.Query.ShouldBeEmpty();
        token.Parameters.ShouldBe(
            new Dictionary<string, string>
            {
                ["client_id"] = "my-client-id",
                ["client_secret"] = "my-client-secret",
                ["grant_type"] = "authorization_code",
                ["code"] = "a6ed8e7f-471f-44f1-903b-65946475f351",
                ["redirect_uri"] = "https://shop.example/back",
            },
            ignoreOrder: true);
        recorded[1].ShouldBeAskedBy(_server.All[1]);
    }

    [Fact]
    public async Task IsIdentifiedByText_When_TheNumberIsLong()
    {
        _server.Answer(TokenPath, GoodToken.Replace("\"1137163447\"", "11371634471137163447", StringComparison.Ordinal)).Answer(
            UserPath, """{"id":11371634471137163447,"idstr":"11371634471137163447","screen_name":"x","gender":"n","avatar_large":"https://w.example/a"}""");

        (await _weibo.IdentifyAsync("code", s_back, Stop)).Value.ShouldBe(
            new ProviderIdentity("weibo", "my-client-id", "11371634471137163447") { Nickname = "x", AvatarUrl = "https://w.example/a" });
    }

    [Theory]
    [InlineData(21322, "PROVIDER_MISCONFIGURED")]
    [InlineData(21323, "PROVIDER_MISCONFIGURED")]
    [InlineData(21324, "PROVIDER_MISCONFIGURED")]
    [InlineData(21325, "PROVIDER_CODE_INVALID")]
    [InlineData(21327, "PROVIDER_CODE_INVALID")]
    [InlineData(21330, "PROVIDER_REFUSED")]
    [InlineData(10023, "PROVIDER_BUSY")]
    [InlineData(55555, "PROVIDER_UNAVAILABLE")]
    public async Task IsRefused_When_WeiboSays(int number, string code)
    {
        var error = $$"""{"error":"my-client-secret","error_code":{{number}},"request":"/oauth2/access_token","error_description":"my-client-secret"}""";
        _server.Answer(TokenPath, error, status: 400);
        (await _weibo.IdentifyAsync("code", s_back, Stop)).Refusal!.Code.ShouldBe(code);

        _server.Answer(TokenPath, GoodToken).Answer(UserPath, error, status: 403);
        (await _weibo.IdentifyAsync("code", s_back, Stop)).Refusal!.Code.ShouldBe(code);

        _server.Log.Text.ShouldNotContain("my-client-secret");
        _server.Log.Text.ShouldNotContain("token-4711");
    }

    [Theory]
    [InlineData("""{"error":"invalid_grant"}""", 400)]
    [InlineData("{}", 200)]
    [InlineData("""{"access_token":"t"}""", 200)]
    [InlineData("oops", 502)]
    public async Task IsUnavailable_When_TheAnswerIsNoGood(string body, int status)
    {
        _server.Answer(TokenPath, body, status);

        (await _weibo.IdentifyAsync("code", s_back, Stop)).Refusal!.Code.ShouldBe("PROVIDER_UNAVAILABLE");
    }

    [Fact]
    public async Task IsUnavailable_When_TheProfileIsOfSomebodyElse()
    {
        _server.Answer(TokenPath, GoodToken).Answer(UserPath, """{"id":1,"idstr":"1"}""");

        (await _weibo.IdentifyAsync("code", s_back, Stop)).Refusal!.Code.ShouldBe("PROVIDER_UNAVAILABLE");
    }
}
