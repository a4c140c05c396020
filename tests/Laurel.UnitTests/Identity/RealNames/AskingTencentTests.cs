using System.Text;
using System.Text.Json;
using Laurel.Identity.RealNames;
using Laurel.Identity.Sms;
using Laurel.Identity.Wire;
using Laurel.Membership.RealNames;
using Laurel.Platform.Identifiers;
using Laurel.UnitTests.Identity.Providers;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Identity.RealNames;

public sealed class AskingTencentTests : IAsyncLifetime
{
    private const string Number = "11010519491231002X";
    private const string Path = "/";

    private static readonly DateTimeOffset s_now = new(2026, 11, 22, 23, 30, 0, TimeSpan.Zero);
    private static readonly RealNameQuestion s_question = new("韦小宝", IdentityCard.Read(Number, new DateOnly(2026, 11, 22))!, BankCard: null);

    private ProviderServer _server = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _server = await ProviderServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData(null, "IdCardVerification")]
    [InlineData("6222020200112233445", "BankCardVerification")]
    public async Task SignsWhatItAsks_When_ANameIsToBeChecked(string? bankCard, string action)
    {
        _server.Answer(Path, """{"Response":{"Result":"0","Description":"姓名和身份证号一致","RequestId":"c6daaf7f"}}""");

        (await Tencent(_server.Client).AskAsync(s_question with { BankCard = bankCard }, Stop)).ShouldBe(RealNameAnswer.Matched);

        var asked = _server.All.ShouldHaveSingleItem();
        (asked.Header("X-TC-Action"), asked.Header("X-TC-Version"), asked.Header("X-TC-Timestamp")).ShouldBe((action, "2018-03-01", $"{s_now.ToUnixTimeSeconds()}"));
        using var body = JsonDocument.Parse(asked.Text);
        body.RootElement.EnumerateObject().ToDictionary(field => field.Name, field => field.Value.GetString()).ShouldBe(
            bankCard is null
                ? new Dictionary<string, string?> { ["IdCard"] = Number, ["Name"] = "韦小宝" }
                : new Dictionary<string, string?> { ["IdCard"] = Number, ["Name"] = "韦小宝", ["BankCard"] = bankCard },
            ignoreOrder: true);

        // Reckoned from what arrived, as Tencent does.
        TencentSignature.Authorization(
            "AK",
            "tencent-secret",
            "faceid",
            s_now,
            [("content-type", asked.Header("Content-Type")), ("host", asked.Header("Host")), ("x-tc-action", action.ToLowerInvariant())],
            Encoding.UTF8.GetBytes(asked.Text)).ShouldBe(asked.Header("Authorization"));
    }

    [Theory]
    [InlineData("-1", null, RealNameAnswer.Mismatched)]
    [InlineData("-2", null, RealNameAnswer.Mismatched)]
    [InlineData("-3", null, RealNameAnswer.Mismatched)]
    [InlineData("-4", null, RealNameAnswer.Unknown)]
    [InlineData("-5", null, RealNameAnswer.Unknown)]
    [InlineData("-6", null, RealNameAnswer.Unknown)]
    [InlineData("-7", null, RealNameAnswer.Unknown)]
    [InlineData("-4", "6222020200112233445", RealNameAnswer.Mismatched)]
    [InlineData("-11", "6222020200112233445", RealNameAnswer.Unknown)]
    [InlineData("00", null, RealNameAnswer.Unknown)]
    [InlineData("", null, RealNameAnswer.Unknown)]
    public async Task IsVerifiedByNothingElse_When_TencentSays(string result, string? bankCard, RealNameAnswer answer)
    {
        _server.Answer(Path, $$$"""{"Response":{"Result":"{{{result}}}","RequestId":"R"}}""");

        (await Tencent(_server.Client).AskAsync(s_question with { BankCard = bankCard }, Stop)).ShouldBe(answer);
    }

    [Theory]
    [InlineData("""{"Response":{"Error":{"Code":"AuthFailure.SignatureFailure","Message":"韦小宝 11010519491231002X"},"RequestId":"R"}}""", 200)]
    [InlineData("""{"Response":{"Error":{"Code":"RequestLimitExceeded","Message":""},"Result":"0"}}""", 200)]
    [InlineData("""{"Response":{}}""", 200)]
    [InlineData("""{"Result":"0"}""", 200)]
    [InlineData("<html>", 502)]
    [InlineData("", 200)]
    public async Task IsUnknown_When_TheAnswerIsNone(string body, int status)
    {
        _server.Answer(Path, body, status);

        (await Tencent(_server.Client).AskAsync(s_question, Stop)).ShouldBe(RealNameAnswer.Unknown);

        _server.Log.Text.ShouldContain(TencentRealNames.ProviderName);
        _server.Log.Text.ShouldNotContain(Number);
        _server.Log.Text.ShouldNotContain("韦小宝");
        s_question.ToString().ShouldBe("RealNameQuestion");
    }

    [Fact]
    public async Task IsUnknown_When_NobodyAnswersInTime()
    {
        _server.AnswerRaw(Path, async (_, context) => await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted));
        using var hasty = new ProviderClient(TimeSpan.FromMilliseconds(200));
        (await Tencent(hasty).AskAsync(s_question, Stop)).ShouldBe(RealNameAnswer.Unknown);

        await _server.DisposeAsync();
        using var client = new ProviderClient(TimeSpan.FromSeconds(5));
        (await Tencent(client).AskAsync(s_question, Stop)).ShouldBe(RealNameAnswer.Unknown);
    }

    private TencentRealNames Tencent(ProviderClient client)
    {
        var options = new TencentRealNameOptions { KeyId = "AK", Secret = "tencent-secret", BaseAddress = _server.Address };
        return new TencentRealNames(options, client, _server.Faults(TencentRealNames.ProviderName), new FixedClock(s_now));
    }
}
