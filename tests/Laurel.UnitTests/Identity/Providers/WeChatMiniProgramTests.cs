using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Laurel.Identity.Providers;
using Laurel.UnitTests.Platform.Access;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Identity.Providers;

public sealed class WeChatMiniProgramTests : IAsyncLifetime
{
    private const string App = "wx4f4bc4dec97d474b";
    private const string Secret = "mini-secret-4711";
    private const string SessionPath = "/sns/jscode2session";
    private const string PhonePath = "/wxa/business/getuserphonenumber";
    private const string TokenPath = "/cgi-bin/stable_token";

    private readonly ManualClock _clock = new();
    private ProviderServer _server = null!;
    private WeChatMiniProgram _mini = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await ProviderServer.StartAsync();
        _mini = new WeChatMiniProgram(
            new ProviderAppOptions { AppId = App, Secret = Secret, BaseAddress = _server.Address }, _server.Client, _server.Faults(ProviderName.WeChatMini), _clock);
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task IsIdentified_When_TheCodeIsGood()
    {
        _server.Answer(SessionPath, """{"openid":"oGZUI0egBJY1","session_key":"tiihtNczf5v6AKRyjwEUhQ==","unionid":"ocMvos6Nj"}""");

        var answer = await _mini.IdentifyAsync("0a1B+/c&d", null, Stop);

        answer.Value.ShouldBe(new ProviderIdentity("wechat_mini", App, "oGZUI0egBJY1") { UnionId = "ocMvos6Nj" });
        var asked = _server.All.ShouldHaveSingleItem();
        asked.Method.ShouldBe("GET");
        asked.Parameters.ShouldBe(
            new Dictionary<string, string> { ["appid"] = App, ["secret"] = Secret, ["js_code"] = "0a1B+/c&d", ["grant_type"] = "authorization_code" }, ignoreOrder: true);
        asked.Header("traceparent").ShouldBeEmpty();
        asked.Header("Cookie").ShouldBeEmpty();
    }

    [Theory]
    [InlineData("""{"errcode":0,"errmsg":"ok","openid":"o1","session_key":"k"}""")]
    [InlineData("""{"errcode":"0","openid":"o1","session_key":"k","unionid":""}""")]
    [InlineData("""  {"openid":"o1","session_key":"k",}  """)]
    public async Task IsIdentified_When_TheAnswerHasAnOddForm(string body)
    {
        _server.Answer(SessionPath, body);

        (await _mini.IdentifyAsync("code", null, Stop)).Value.ShouldBe(new ProviderIdentity("wechat_mini", App, "o1"));
    }

    [Theory]
    [InlineData(-1, "PROVIDER_BUSY")]
    [InlineData(45011, "PROVIDER_BUSY")]
    [InlineData(40029, "PROVIDER_CODE_INVALID")]
    [InlineData(40163, "PROVIDER_CODE_INVALID")]
    [InlineData(40226, "PROVIDER_REFUSED")]
    [InlineData(41002, "PROVIDER_MISCONFIGURED")]
    [InlineData(40013, "PROVIDER_MISCONFIGURED")]
    [InlineData(40125, "PROVIDER_MISCONFIGURED")]
    [InlineData(40164, "PROVIDER_MISCONFIGURED")]
    [InlineData(99999, "PROVIDER_UNAVAILABLE")]
    public async Task IsRefused_When_WeChatSays(int number, string code)
    {
        _server.Answer(SessionPath, $$"""{"errcode":{{number}},"errmsg":"says {{Secret}}, rid: 6350"}""");

        var answer = await _mini.IdentifyAsync("code", null, Stop);

        answer.Refusal.ShouldNotBeNull().Code.ShouldBe(code);
        answer.Refusal.Values["provider"].ShouldBe("wechat_mini");
        _server.Log.Text.ShouldNotContain(Secret);
        _server.Log.Text.Contains($"{number}", StringComparison.Ordinal).ShouldBe(code is not ("PROVIDER_CODE_INVALID" or "PROVIDER_REFUSED"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("<html>busy</html>")]
    [InlineData("""{"openid":"o1"}""")]
    [InlineData("""{"openid":"with blank","session_key":"k"}""")]
    [InlineData("""{"openid":"\ud800","session_key":"k"}""")]
    [InlineData("""{"openid":["o1"],"session_key":"k"}""")]
    public async Task IsUnavailable_When_TheAnswerIsGarbage(string body)
    {
        _server.Answer(SessionPath, body);

        (await _mini.IdentifyAsync("code", null, Stop)).Refusal!.Code.ShouldBe("PROVIDER_UNAVAILABLE");
    }

    [Theory]
    [InlineData("")]
    [InlineData("with blank")]
    [InlineData("line\nbreak")]
    public async Task IsNotAsked_When_TheCodeCouldBeNone(string code)
    {
        (await _mini.IdentifyAsync(code, null, Stop)).Refusal!.Code.ShouldBe("PROVIDER_CODE_INVALID");
        (await _mini.FindPhoneAsync(code, Stop)).Refusal!.Code.ShouldBe("PROVIDER_CODE_INVALID");

        _server.All.ShouldBeEmpty();
    }

    [Fact]
    public async Task IsOpened_When_TheParcelIsWeChatsOwnSample()
    {
        var sample = WireData.Vectors.GetProperty("wechatDataCrypt");
        var plain = sample.GetProperty("plain");
        _server.Answer(SessionPath, $$"""{"openid":"{{plain.GetProperty("openId").GetString()}}","session_key":"{{sample.GetProperty("sessionKey").GetString()}}"}""");

        var answer = await _mini.OpenAsync(
            "code", new WeChatSealedData(sample.GetProperty("encryptedData").GetString()!, sample.GetProperty("iv").GetString()!), Stop);

        answer.Value.ShouldBe(new WeChatOpenedData(
            new ProviderIdentity("wechat_mini", App, "oGZUI0egBJY1zhBYw2KhdUfwVJJE")
            {
                UnionId = "ocMvos6NjeKLIBqg5Mr9QjxrP1FA",
                Nickname = "Band",
                AvatarUrl = plain.GetProperty("avatarUrl").GetString(),
                Gender = ProviderGender.Male,
            },
            null));
    }

    [Fact]
    public async Task TellsThePhone_When_TheParcelHoldsOne()
    {
        var parcel = Seal("""{"phoneNumber":"+8613580006666","purePhoneNumber":"13580006666","countryCode":"86","watermark":{"appid":"wx4f4bc4dec97d474b","timestamp":1477314187}}""");

        (await _mini.OpenAsync("code", parcel, Stop)).Value!.Phone.ShouldBe("+8613580006666");
    }

    [Theory]
    [InlineData("""{"purePhoneNumber":"13580006666","countryCode":"86","watermark":{"appid":"wx0000000000000000"}}""")]
    [InlineData("""{"purePhoneNumber":"13580006666","countryCode":"86"}""")]
    [InlineData("""{"openId":"somebody-else","watermark":{"appid":"wx4f4bc4dec97d474b"}}""")]
    [InlineData("no JSON")]
    public async Task IsRefused_When_TheParcelIsNotForUs(string content) =>
        (await _mini.OpenAsync("code", Seal(content), Stop)).Refusal!.Code.ShouldBe("PROVIDER_CODE_INVALID");

    [Fact]
    public async Task IsRefused_When_TheParcelIsBroken()
    {
        var good = Seal("""{"watermark":{"appid":"wx4f4bc4dec97d474b"}}""");
        (await _mini.OpenAsync("code", good, Stop)).Succeeded.ShouldBeTrue();
        WeChatSealedData[] broken =
        [
            good with { EncryptedData = "" },
            good with { EncryptedData = "not base64!" },
            good with { EncryptedData = good.EncryptedData[..20] },
            good with { EncryptedData = Convert.ToBase64String(new byte[32]) },
            good with { Iv = "" },
            good with { Iv = Convert.ToBase64String(new byte[8]) },
            good with { EncryptedData = new string('A', 20_000) },
        ];

        foreach (var parcel in broken)
        {
            (await _mini.OpenAsync("code", parcel, Stop)).Refusal!.Code.ShouldBe("PROVIDER_CODE_INVALID");
        }
    }

    [Theory]
    [InlineData("""{"phoneNumber":"+8613580006666","purePhoneNumber":"13580006666","countryCode":86,"watermark":{"timestamp":1637744274,"appid":"wx4f4bc4dec97d474b"}}""", "+8613580006666")]
    [InlineData("""{"phoneNumber":"13580006666","purePhoneNumber":"13580006666","countryCode":"86","watermark":{"appid":"wx4f4bc4dec97d474b"}}""", "+8613580006666")]
    [InlineData("""{"phoneNumber":"+85251234567","purePhoneNumber":"51234567","countryCode":"852","watermark":{"appid":"wx4f4bc4dec97d474b"}}""", "+85251234567")]
    public async Task TellsThePhone_When_ItsCodeIsGood(string info, string phone)
    {
        AnswerToken("token-1");
        _server.Answer(PhonePath, $$"""{"errcode":0,"errmsg":"ok","phone_info":{{info}}}""");

        (await _mini.FindPhoneAsync("e31968a7", Stop)).Value.ShouldBe(new WeChatPhone(phone));

        var token = _server.At(TokenPath).ShouldHaveSingleItem();
        JsonElement.DeepEquals(
            JsonDocument.Parse(token.Text).RootElement,
            JsonDocument.Parse($$"""{"grant_type":"client_credential","appid":"{{App}}","secret":"{{Secret}}"}""").RootElement).ShouldBeTrue();
        token.Query.ShouldBeEmpty();
        var asked = _server.At(PhonePath).ShouldHaveSingleItem();
        asked.Method.ShouldBe("POST");
        asked["access_token"].ShouldBe("token-1");
        asked.Text.ShouldBe("""{"code":"e31968a7"}""");
        asked.Header("Content-Type").ShouldBe("application/json");
    }

    [Theory]
    [InlineData(-1, "PROVIDER_BUSY")]
    [InlineData(40029, "PROVIDER_CODE_INVALID")]
    [InlineData(45011, "PROVIDER_BUSY")]
    [InlineData(40013, "PROVIDER_MISCONFIGURED")]
    [InlineData(48001, "PROVIDER_MISCONFIGURED")]
    public async Task TellsNoPhone_When_WeChatSays(int number, string code)
    {
        AnswerToken("token-1");
        _server.Answer(PhonePath, $$"""{"errcode":{{number}},"errmsg":"no"}""");

        (await _mini.FindPhoneAsync("code", Stop)).Refusal!.Code.ShouldBe(code);
        _server.At(PhonePath).Count.ShouldBe(1);
    }

    [Fact]
    public async Task TellsNoPhone_When_ItIsOfAnotherApp()
    {
        AnswerToken("token-1");
        _server.Answer(PhonePath, """{"errcode":0,"phone_info":{"purePhoneNumber":"13580006666","countryCode":"86","watermark":{"appid":"wx0000000000000000"}}}""");

        (await _mini.FindPhoneAsync("code", Stop)).Refusal!.Code.ShouldBe("PROVIDER_CODE_INVALID");
    }

    [Fact]
    public async Task AsksForOneToken_When_ManyComeAtOnce()
    {
        var gate = new TaskCompletionSource();
        _server.AnswerRaw(TokenPath, async (_, context) =>
        {
            await gate.Task;
            await Microsoft.AspNetCore.Http.HttpResponseWritingExtensions.WriteAsync(context.Response, """{"access_token":"token-1","expires_in":7200}""");
        });
        _server.Answer(PhonePath, GoodPhone);
        using var impatient = new CancellationTokenSource();
        var leaves = _mini.FindPhoneAsync("code", impatient.Token);
        var calls = Enumerable.Range(0, 20).Select(_ => _mini.FindPhoneAsync("code", Stop)).ToList();

        // The one that asked first goes away; the others still get what it asked for.
        await impatient.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => leaves);
        gate.SetResult();

        (await Task.WhenAll(calls)).ShouldAllBe(answer => answer.Succeeded);
        _server.At(TokenPath).Count.ShouldBe(1);
    }

    [Fact]
    public async Task AsksForANewToken_When_TheOldOneIsAboutToEnd()
    {
        AnswerToken("token-1");
        _server.Answer(PhonePath, GoodPhone);
        await _mini.FindPhoneAsync("code", Stop);
        _clock.Advance(TimeSpan.FromSeconds(6_479));
        await _mini.FindPhoneAsync("code", Stop);
        _server.At(TokenPath).Count.ShouldBe(1);

        _clock.Advance(TimeSpan.FromSeconds(2));
        await _mini.FindPhoneAsync("code", Stop);

        _server.At(TokenPath).Count.ShouldBe(2);
    }

    [Theory]
    [InlineData(40001)]
    [InlineData(42001)]
    public async Task RenewsTheTokenOnce_When_ItIsRejected(int number)
    {
        var given = 0;
        _server.Answer(TokenPath, _ => $$"""{"access_token":"token-{{Interlocked.Increment(ref given)}}","expires_in":7200}""");
        _server.Answer(PhonePath, asked => asked["access_token"] == "token-1" ? $$"""{"errcode":{{number}},"errmsg":"old"}""" : GoodPhone);

        (await _mini.FindPhoneAsync("code", Stop)).Value.ShouldBe(new WeChatPhone("+8613580006666"));
        (await _mini.FindPhoneAsync("code", Stop)).Succeeded.ShouldBeTrue();

        _server.At(TokenPath).Count.ShouldBe(2);
        _server.At(PhonePath).Select(asked => asked["access_token"]).ShouldBe(["token-1", "token-2", "token-2"]);
    }

    [Fact]
    public async Task GivesUp_When_EveryTokenIsRejected()
    {
        AnswerToken("token-1");
        _server.Answer(PhonePath, """{"errcode":40001,"errmsg":"invalid credential"}""");

        (await _mini.FindPhoneAsync("code", Stop)).Refusal!.Code.ShouldBe("PROVIDER_MISCONFIGURED");

        _server.At(PhonePath).Count.ShouldBe(2);
        _server.Log.Text.ShouldNotContain("token-1");
    }

    [Theory]
    [InlineData("""{"errcode":40001,"errmsg":"invalid credential"}""", "PROVIDER_MISCONFIGURED")]
    [InlineData("""{"errcode":40125,"errmsg":"invalid appsecret"}""", "PROVIDER_MISCONFIGURED")]
    [InlineData("""{"errcode":45009,"errmsg":"reach max api daily quota limit"}""", "PROVIDER_BUSY")]
    [InlineData("""{"access_token":"t"}""", "PROVIDER_UNAVAILABLE")]
    [InlineData("""{"access_token":"t","expires_in":-5}""", "PROVIDER_UNAVAILABLE")]
    public async Task IsAskedAgain_When_ThereWasNoToken(string body, string code)
    {
        _server.Answer(TokenPath, body);
        (await _mini.FindPhoneAsync("code", Stop)).Refusal!.Code.ShouldBe(code);
        _server.At(PhonePath).ShouldBeEmpty();

        AnswerToken("token-1");
        _server.Answer(PhonePath, GoodPhone);
        (await _mini.FindPhoneAsync("code", Stop)).Succeeded.ShouldBeTrue();
    }

    private const string GoodPhone =
        """{"errcode":0,"phone_info":{"purePhoneNumber":"13580006666","countryCode":"86","watermark":{"appid":"wx4f4bc4dec97d474b"}}}""";

    private void AnswerToken(string token) => _server.Answer(TokenPath, $$"""{"access_token":"{{token}}","expires_in":7200}""");

    /// <summary>Seals as WeChat does, and has the server tell the key of the session.</summary>
    private WeChatSealedData Seal(string content)
    {
        using var aes = Aes.Create();
        aes.KeySize = 128;
        _server.Answer(SessionPath, $$"""{"openid":"o1","session_key":"{{Convert.ToBase64String(aes.Key)}}"}""");
        return new WeChatSealedData(Convert.ToBase64String(aes.EncryptCbc(Encoding.UTF8.GetBytes(content), aes.IV)), Convert.ToBase64String(aes.IV));
    }
}
