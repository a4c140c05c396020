using System.Text;
using System.Text.Json;
using Laurel.Identity.Sms;
using Laurel.Identity.Wire;
using Laurel.UnitTests.Identity.Providers;
using Microsoft.AspNetCore.Http;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Identity.Sms;

public sealed class SendingMessagesTests : IAsyncLifetime
{
    private const string Path = "/";

    private static readonly DateTimeOffset s_now = new(2026, 11, 22, 23, 30, 0, TimeSpan.Zero);
    private static readonly SmsCode s_code = new("+8613800138000", "042137", SmsPurpose.Register, TimeSpan.FromMinutes(5));

    private ProviderServer _server = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _server = await ProviderServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task IsSentByAliyun_When_TheSettingsAreRight()
    {
        _server.Answer(Path, """{"Message":"OK","RequestId":"F655A8D5","Code":"OK","BizId":"9006197469364984400"}""");

        (await Aliyun(_server.Client).SendAsync(s_code, Stop)).ShouldBe(new SendOutcome.Sent("9006197469364984400"));

        var asked = _server.All.ShouldHaveSingleItem();
        (asked.Method, asked.Body.Length).ShouldBe(("POST", 0));
        asked.Parameters.ShouldBe(
            new Dictionary<string, string>
            {
                ["PhoneNumbers"] = "13800138000",
                ["SignName"] = "商城 A&B",
                ["TemplateCode"] = "T-Register",
                ["TemplateParam"] = """{"code":"042137","minutes":"5"}""",
            },
            ignoreOrder: true);
        (asked.Header("x-acs-action"), asked.Header("x-acs-version"), asked.Header("x-acs-date")).ShouldBe(("SendSms", "2017-05-25", "2026-11-22T23:30:00Z"));
        asked.Header("x-acs-signature-nonce").Length.ShouldBe(32);
        ExpectedOfAliyun(asked).ShouldBe(asked.Header("Authorization"));
    }

    [Fact]
    public async Task HasADifferentNonce_When_SentAgain()
    {
        _server.Answer(Path, """{"Code":"OK"}""");
        await Aliyun(_server.Client).SendAsync(s_code, Stop);
        await Aliyun(_server.Client).SendAsync(s_code with { Phone = "+85251234567" }, Stop);

        _server.All.Select(asked => asked.Header("x-acs-signature-nonce")).ShouldBeUnique();
        _server.All[1]["PhoneNumbers"].ShouldBe("85251234567");
    }

    [Theory]
    [InlineData("isv.BUSINESS_LIMIT_CONTROL", 200, "SMS_LIMIT_REACHED")]
    [InlineData("isv.MOBILE_NUMBER_ILLEGAL", 200, "SMS_NUMBER_REFUSED")]
    [InlineData("isv.AMOUNT_NOT_ENOUGH", 200, "PROVIDER_MISCONFIGURED")]
    [InlineData("isv.OUT_OF_SERVICE", 200, "PROVIDER_MISCONFIGURED")]
    [InlineData("isv.SMS_TEMPLATE_ILLEGAL", 200, "PROVIDER_MISCONFIGURED")]
    [InlineData("isp.RAM_PERMISSION_DENY", 200, "PROVIDER_MISCONFIGURED")]
    [InlineData("SignatureDoesNotMatch", 400, "PROVIDER_MISCONFIGURED")]
    [InlineData("InvalidAccessKeyId.NotFound", 404, "PROVIDER_MISCONFIGURED")]
    [InlineData("Throttling.User", 400, "PROVIDER_BUSY")]
    public async Task IsRefused_When_AliyunSays(string word, int status, string code)
    {
        _server.Answer(Path, $$"""{"Message":"触发天级流控Permits:10 13800138000","RequestId":"R","Code":"{{word}}"}""", status);

        var failed = (await Aliyun(_server.Client).SendAsync(s_code, Stop)).ShouldBeOfType<SendOutcome.Failed>();

        failed.Refusal.Code.ShouldBe(code);
        _server.Log.Text.ShouldContain(word);
        _server.Log.Text.ShouldNotContain("13800138000");
    }

    [Theory]
    [InlineData("""{"Code":"isp.SYSTEM_ERROR"}""", 200)]
    [InlineData("""{"Code":"InternalError"}""", 500)]
    [InlineData("<html>", 502)]
    [InlineData("{}", 200)]
    public async Task IsUnknown_When_AliyunIsUnclear(string body, int status)
    {
        _server.Answer(Path, body, status);

        (await Aliyun(_server.Client).SendAsync(s_code, Stop)).ShouldBeOfType<SendOutcome.Unknown>();
        _server.All.Count.ShouldBe(1);
    }

    [Fact]
    public async Task IsSentByTencent_When_TheSettingsAreRight()
    {
        _server.Answer(Path, """
            {"Response":{"SendStatusSet":[{"SerialNo":"5000:1045710669157053657849499619","PhoneNumber":"+8613800138000","Fee":1,"SessionContext":"",
            "Code":"Ok","Message":"send success","IsoCode":"CN"}],"RequestId":"a0aabda6"}}
            """);

        (await Tencent(_server.Client).SendAsync(s_code, Stop)).ShouldBe(new SendOutcome.Sent("5000:1045710669157053657849499619"));

        var asked = _server.All.ShouldHaveSingleItem();
        JsonElement.DeepEquals(
            JsonDocument.Parse(asked.Body).RootElement,
            JsonDocument.Parse("""
                {"PhoneNumberSet":["+8613800138000"],"SmsSdkAppId":"1400006666","SignName":"商城 A&B","TemplateId":"T-Register",
                "TemplateParamSet":["042137","5"]}
                """).RootElement)
            .ShouldBeTrue(asked.Text);
        (asked.Method, asked.Header("Content-Type")).ShouldBe(("POST", "application/json; charset=utf-8"));
        (asked.Header("X-TC-Action"), asked.Header("X-TC-Version"), asked.Header("X-TC-Region")).ShouldBe(("SendSms", "2021-01-11", "ap-guangzhou"));
        asked.Header("X-TC-Timestamp").ShouldBe($"{s_now.ToUnixTimeSeconds()}");
        ExpectedOfTencent(asked).ShouldBe(asked.Header("Authorization"));
    }

    [Theory]
    [InlineData("LimitExceeded.PhoneNumberDailyLimit", "SMS_LIMIT_REACHED")]
    [InlineData("LimitExceeded.PhoneNumberThirtySecondLimit", "SMS_LIMIT_REACHED")]
    [InlineData("LimitExceeded.AppDailyLimit", "PROVIDER_BUSY")]
    [InlineData("RequestLimitExceeded", "PROVIDER_BUSY")]
    [InlineData("FailedOperation.PhoneNumberInBlacklist", "SMS_NUMBER_REFUSED")]
    [InlineData("InvalidParameterValue.IncorrectPhoneNumber", "SMS_NUMBER_REFUSED")]
    [InlineData("AuthFailure.SignatureFailure", "PROVIDER_MISCONFIGURED")]
    [InlineData("FailedOperation.InsufficientBalanceInSmsPackage", "PROVIDER_MISCONFIGURED")]
    public async Task IsRefused_When_TencentSays(string word, string code)
    {
        string[] bodies =
        [
            $$"""{"Response":{"Error":{"Code":"{{word}}","Message":"no"},"RequestId":"r"} }""",
            $$"""{"Response":{"SendStatusSet":[{"SerialNo":"","Code":"{{word}}","Message":"no"}],"RequestId":"r"} }""",
        ];
        foreach (var body in bodies)
        {
            _server.Answer(Path, body);
            (await Tencent(_server.Client).SendAsync(s_code, Stop)).ShouldBeOfType<SendOutcome.Failed>().Refusal.Code.ShouldBe(code);
        }
    }

    [Theory]
    [InlineData("""{"Response":{"Error":{"Code":"InternalError.Timeout"}}}""", 200)]
    [InlineData("""{"Response":{"SendStatusSet":[]}}""", 200)]
    [InlineData("oops", 200)]
    [InlineData("oops", 500)]
    public async Task IsUnknown_When_TencentIsUnclear(string body, int status)
    {
        _server.Answer(Path, body, status);

        (await Tencent(_server.Client).SendAsync(s_code, Stop)).ShouldBeOfType<SendOutcome.Unknown>();
        _server.All.Count.ShouldBe(1);
    }

    [Fact]
    public async Task IsUnknownAndNotSentAgain_When_TheAnswerDoesNotCome()
    {
        using var client = new ProviderClient(TimeSpan.FromMilliseconds(300));
        _server.AnswerRaw(Path, (_, context) => Task.Delay(Timeout.Infinite, context.RequestAborted));

        (await Aliyun(client).SendAsync(s_code, Stop)).ShouldBeOfType<SendOutcome.Unknown>();
        (await Tencent(client).SendAsync(s_code, Stop)).ShouldBeOfType<SendOutcome.Unknown>();

        _server.All.Count.ShouldBe(2);
    }

    [Fact]
    public async Task IsDefinitelyNotSent_When_NobodyListensOrTheAnswerLeadsElsewhere()
    {
        _server.AnswerRaw(Path, (_, context) =>
        {
            context.Response.Redirect("/elsewhere");
            return Task.CompletedTask;
        });
        ISmsSender[] senders = [Aliyun(_server.Client), Tencent(_server.Client)];
        foreach (var sender in senders)
        {
            (await sender.SendAsync(s_code, Stop)).ShouldBeOfType<SendOutcome.Failed>().Refusal.Code.ShouldBe("PROVIDER_UNAVAILABLE");
        }

        await _server.DisposeAsync();
        using var client = new ProviderClient(TimeSpan.FromSeconds(5));
        senders = [Aliyun(client), Tencent(client)];
        foreach (var sender in senders)
        {
            (await sender.SendAsync(s_code, Stop)).ShouldBeOfType<SendOutcome.Failed>().Refusal.Code.ShouldBe("PROVIDER_UNAVAILABLE");
        }
    }

    [Fact]
    public async Task StandsInTheLogAlone_When_NothingIsSent()
    {
        (await new LoggedSms(_server.Log.Of<LoggedSms>()).SendAsync(s_code, Stop)).ShouldBe(new SendOutcome.Sent(null));

        _server.Log.Text.ShouldContain("042137");
        _server.Log.Text.ShouldContain("Development only");
        _server.Log.Text.ShouldNotContain("13800138000");
        s_code.ToString().ShouldBe("SmsCode Register");
    }

    private static string ExpectedOfAliyun(Asked asked)
    {
        // Reckoned from what arrived, as Aliyun does: were anything sent that was not signed so, they would differ.
        string[] names = ["host", "x-acs-action", "x-acs-content-sha256", "x-acs-date", "x-acs-signature-nonce", "x-acs-version"];
        (string, string)[] headers = [.. names.Select(name => (name, asked.Header(name)))];
        return AliyunSignature.Authorization("AK", "aliyun-secret", asked.Method, asked.Query, headers, AliyunSignature.EmptyHash);
    }

    private static string ExpectedOfTencent(Asked asked) => TencentSignature.Authorization(
        "AK",
        "tencent-secret",
        "sms",
        DateTimeOffset.FromUnixTimeSeconds(long.Parse(asked.Header("X-TC-Timestamp"))),
        [("content-type", asked.Header("Content-Type")), ("host", asked.Header("Host")), ("x-tc-action", asked.Header("X-TC-Action").ToLowerInvariant())],
        Encoding.UTF8.GetBytes(asked.Text));

    private AliyunSms Aliyun(ProviderClient client) => new(Options(SmsProvider.Aliyun, "aliyun-secret"), client, _server.Faults(AliyunSms.Name), new FixedClock(s_now));

    private TencentSms Tencent(ProviderClient client) =>
        new(Options(SmsProvider.Tencent, "tencent-secret"), client, _server.Faults(TencentSms.Name), new FixedClock(s_now));

    private SmsOptions Options(SmsProvider provider, string secret) => new()
    {
        Provider = provider,
        KeyId = "AK",
        Secret = secret,
        AppId = "1400006666",
        Region = "ap-guangzhou",
        BaseAddress = _server.Address,
        SignNames = Enum.GetValues<SmsPurpose>().ToDictionary(purpose => purpose, _ => "商城 A&B"),
        Templates = Enum.GetValues<SmsPurpose>().ToDictionary(purpose => purpose, purpose => $"T-{purpose}"),
        TemplateParameters = [SmsTemplateParameter.Code, SmsTemplateParameter.Minutes],
    };
}
