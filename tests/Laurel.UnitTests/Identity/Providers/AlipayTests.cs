using System.Security.Cryptography;
using System.Text;
using Laurel.Identity.Providers;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Identity.Providers;

public sealed class AlipayTests : IAsyncLifetime
{
    private const string Path = "/gateway.do";
    private const string TokenMethod = "alipay.system.oauth.token";
    private const string UserMethod = "alipay.user.info.share";
    private const string GoodToken = """{"user_id":"2088","access_token":"token-4711","expires_in":"300","refresh_token":"r","re_expires_in":300}""";
    private const string GoodUser = """{"code":"10000","msg":"Success","user_id":"2088","nick_name":"n","avatar":"https:\/\/a.example\/1","gender":"F"}""";

    private static readonly Uri s_back = new("https://shop.example/back");

    // Alipay's own key, which the recording does not have.
    private readonly RSA _alipays = RSA.Create(2_048);
    private readonly RSA _ours = AlipayKeys.Read(WireData.Vectors.GetProperty("alipayRsa2").GetProperty("privateKeyPkcs1Base64").GetString()!, isPrivate: true)!;
    private readonly Dictionary<string, string> _bodies = new() { [TokenMethod] = GoodToken, [UserMethod] = GoodUser };
    private ProviderServer _server = null!;
    private Alipay _alipay = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await ProviderServer.StartAsync();
        _server.Answer(Path, asked => Signed(asked["method"], _bodies[asked["method"]]));
        var options = new AlipayOptions
        {
            AppId = "my-client-id",
            PrivateKey = _ours,
            AlipayPublicKey = _alipays,
            BaseAddress = _server.Address,
            AuthorizeAddress = _server.Address,
        };

        // 22:22:22 in Beijing.
        var clock = new FixedClock(new DateTimeOffset(2019, 12, 14, 14, 22, 22, TimeSpan.Zero));
        _alipay = new Alipay(options, _server.Client, _server.Faults(ProviderName.Alipay), clock);
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _alipays.Dispose();
        _ours.Dispose();
    }

    [Fact]
    public void LeadsToAlipay_When_AskedWhereTo()
    {
        _alipay.AuthorizeUrl(s_back, "st", null).ToString().ShouldBe(
            $"{_server.Address}oauth2/publicAppAuthorize.htm?app_id=my-client-id&scope=auth_user&redirect_uri=https%3A%2F%2Fshop.example%2Fback&state=st");
        _alipay.CodeParameter.ShouldBe("auth_code");
    }

    [Fact]
    public async Task IsIdentified_When_TheRecordedExchangeIsPlayed()
    {
        var recorded = WireData.Recorded("Alipay");
        foreach (var (exchange, method) in recorded.Zip([TokenMethod, UserMethod]))
        {
            var field = method.Replace('.', '_') + "_response";
            _bodies[method] = System.Text.Json.JsonDocument.Parse(exchange.Answer).RootElement.GetProperty(field).GetRawText();
        }

        var answer = await _alipay.IdentifyAsync("a6ed8e7f-471f-44f1-903b-65946475f351", s_back, Stop);

        answer.Value.ShouldBe(new ProviderIdentity("alipay", "my-client-id", "my-id")
        {
            Nickname = "my-nickname",
            AvatarUrl = "http://tfsimg.alipay.com/images/partner/T1uIxXXbpXXXXXXXX",
            Gender = ProviderGender.Male,
        });
        _server.All.Count.ShouldBe(2);
        for (var i = 0; i < 2; i++)
        {
            // The signature with the rest: the key, the time and every parameter are those of the recording.
            recorded[i].ShouldBeAskedBy(_server.All[i]);
            _server.All[i].Method.ShouldBe("POST");
            _server.All[i].Header("Content-Type").ShouldBe("application/x-www-form-urlencoded");
            _server.All[i].Query.ShouldNotContain("a6ed8e7f");
            _server.All[i].Query.ShouldNotContain("secret-access-token");
        }
    }

    [Fact]
    public async Task IsMisconfigured_When_TheAnswerHasNoSignatureOfAlipay()
    {
        foreach (var sign in new[] { "sign", "", Convert.ToBase64String(new byte[256]) })
        {
            _server.Answer(Path, asked => $$"""{"{{FieldOf(asked["method"])}}":{{GoodToken}},"sign":"{{sign}}"}""");
            (await _alipay.IdentifyAsync("code", s_back, Stop)).Refusal!.Code.ShouldBe("PROVIDER_MISCONFIGURED");
        }

        _server.Log.Text.ShouldContain("answer_signature");
    }

    [Fact]
    public async Task IsRefused_When_TheAnswerWasChangedOnTheWay()
    {
        _server.Answer(Path, asked => Signed(asked["method"], _bodies[asked["method"]]).Replace("2088", "2089", StringComparison.Ordinal));

        (await _alipay.IdentifyAsync("code", s_back, Stop)).Refusal!.Code.ShouldBe("PROVIDER_MISCONFIGURED");
    }

    [Fact]
    public async Task IsIdentified_When_TheSignedTextHasBlanksAndEscapes()
    {
        _bodies[TokenMethod] = "{ \"open_id\" : \"oid-1\",\n \"access_token\":\"t\\/1\", \"nested\": {\"a\":[1,{}]} }";
        _bodies[UserMethod] = """{"code":"10000","open_id":"oid-1","nick_name":"\u5c0f\u660e","avatar":"https:\/\/a.example\/1"}""";

        (await _alipay.IdentifyAsync("code", s_back, Stop)).Value.ShouldBe(
            new ProviderIdentity("alipay", "my-client-id", "oid-1") { Nickname = "小明", AvatarUrl = "https://a.example/1" });
        _server.All[1]["auth_token"].ShouldBe("t/1");
    }

    [Fact]
    public async Task IsNotFooled_When_TheSignedFieldStandsInsideAnother()
    {
        // What is signed is the outer field; a copy with other content before it, in an object of its own, changes nothing.
        var good = Signed(TokenMethod, GoodToken);
        _server.Answer(Path, asked => asked["method"] == TokenMethod
            ? $$"""{"x":{"{{FieldOf(TokenMethod)}}":{"user_id":"9999","access_token":"t"} },{{good[1..]}}"""
            : Signed(UserMethod, GoodUser));

        (await _alipay.IdentifyAsync("code", s_back, Stop)).Value!.OpenId.ShouldBe("2088");
    }

    [Theory]
    [InlineData("40002", "isv.code-invalid", "PROVIDER_CODE_INVALID")]
    [InlineData("20001", "aop.invalid-auth-token", "PROVIDER_CODE_INVALID")]
    [InlineData("40002", "isv.invalid-signature", "PROVIDER_MISCONFIGURED")]
    [InlineData("40002", "isv.invalid-app-id", "PROVIDER_MISCONFIGURED")]
    [InlineData("40006", "isv.insufficient-isv-permissions", "PROVIDER_MISCONFIGURED")]
    [InlineData("20000", "isp.unknow-error", "PROVIDER_BUSY")]
    [InlineData("40005", "isv.app-call-limited", "PROVIDER_BUSY")]
    [InlineData("99999", "what\\nis this", "PROVIDER_UNAVAILABLE")]
    public async Task IsRefused_When_AlipaySays(string number, string word, string code)
    {
        _server.Answer(Path, $$"""{"error_response":{"code":"{{number}}","msg":"no","sub_msg":"token-4711","sub_code":"{{word}}" },"sign":"x"}""");
        (await _alipay.IdentifyAsync("code", s_back, Stop)).Refusal!.Code.ShouldBe(code);

        _bodies[UserMethod] = $$"""{"code":"{{number}}","msg":"no","sub_code":"{{word}}"}""";
        _server.Answer(Path, asked => Signed(asked["method"], _bodies[asked["method"]]));
        (await _alipay.IdentifyAsync("code", s_back, Stop)).Refusal!.Code.ShouldBe(code);

        _server.Log.Text.ShouldNotContain("token-4711");
        _server.Log.Text.ShouldNotContain("what\nis");
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"alipay_system_oauth_token_response":"no object","sign":"x"}""")]
    [InlineData("""{"alipay_system_oauth_token_response":{"user_id":"2088" """)]
    public async Task IsUnavailable_When_TheAnswerIsGarbage(string body)
    {
        _server.Answer(Path, body);

        (await _alipay.IdentifyAsync("code", s_back, Stop)).Refusal!.Code.ShouldBe("PROVIDER_UNAVAILABLE");
    }

    [Fact]
    public async Task AsksForNoProfile_When_OnlyTheBaseWasAskedFor()
    {
        _bodies[TokenMethod] = """{"user_id":"2088","access_token":"t","scope":"auth_base"}""";

        (await _alipay.IdentifyAsync("code", s_back, Stop)).Value.ShouldBe(new ProviderIdentity("alipay", "my-client-id", "2088"));
        _server.All.Count.ShouldBe(1);
    }

    [Fact]
    public async Task SignsRightly_When_ManySignInAtOnce()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => _alipay.IdentifyAsync($"code-{i}", s_back, Stop)));

        answers.ShouldAllBe(answer => answer.Succeeded);
        _server.All.ShouldAllBe(asked => AlipaySignature.Verifies(
            _ours, Encoding.UTF8.GetBytes(AlipaySignature.ContentOf(asked.Parameters)), asked["sign"]));
    }

    private static string FieldOf(string method) => method.Replace('.', '_') + "_response";

    private string Signed(string method, string body)
    {
        lock (_alipays)
        {
            return $$"""{"{{FieldOf(method)}}":{{body}},"sign":"{{AlipaySignature.Sign(_alipays, body)}}"}""";
        }
    }
}

/// <summary>A clock that stands still.</summary>
internal sealed class FixedClock(DateTimeOffset now) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => now;
}
