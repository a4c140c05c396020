using System.Text;
using Laurel.ServerTests.Hosting;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.Refusals;

/// <summary>Bodies that cannot be read or do not say what an endpoint asks: a stable code, the field named, nothing
/// changed.</summary>
public sealed class BadBodiesTests(Servers servers) : IClassFixture<Servers>
{
    private const string Earn = "/api/points/earn";
    private const string Rest = "\"reason\":\"r\",\"referenceType\":\"t\",\"referenceId\":\"bad\"";

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("{")]
    [InlineData("{\"points\":1,}")]
    [InlineData("{'points':1}")]
    [InlineData("{\"points\":01}")]
    [InlineData("{\"points\":+1}")]
    [InlineData("{\"points\":NaN}")]
    [InlineData("{\"points\":Infinity}")]
    [InlineData("{\"points\":1} {}")]
    [InlineData("{\"reason\":\"a\tb\"}")]
    [InlineData("/* nothing */ {}")]
    [Trait("Attack", "E1")]
    public async Task IsMalformed_When_TheBodyIsNotJson(string body) =>
        await RefusesAsync(Earn, body, "400 BODY_MALFORMED");

    [Fact]
    public async Task IsMalformed_When_TheBodyIsNotUtf8()
    {
        var server = await servers.OnAsync(DatabaseUnderTest.Sqlite);
        byte[][] bodies =
        [
            [0x7B, 0x22, 0xFF, 0x22, 0x3A, 0x31, 0x7D],
            [0x7B, 0x22, 0xED, 0xA0, 0x80, 0x22, 0x3A, 0x31, 0x7D],
            Encoding.Unicode.GetBytes("{}"),
        ];

        foreach (var body in bodies)
        {
            var answer = await server.SendAsync(HttpMethod.Post, Earn, body, LaurelServer.Json);
            answer.Outcome.ShouldBe("400 BODY_MALFORMED");
        }
    }

    [Fact]
    [Trait("Attack", "E1")]
    public async Task IsMalformed_When_TheBodyIsTooDeep() =>
        await RefusesAsync(Earn, new string('[', 5_000) + new string(']', 5_000), "400 BODY_MALFORMED");

    [Fact]
    public async Task IsRead_When_ItBeginsWithAByteOrderMark()
    {
        var server = await servers.OnAsync(DatabaseUnderTest.Sqlite);
        await server.RegisterAsync("marked");

        var answer = await server.PostAsync(
            Earn,
            "\uFEFF{\"externalId\":\"marked\",\"points\":5," + Rest + "}");

        answer.Outcome.ShouldBe("200");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("application/json; charset=gb18030")]
    [InlineData("application/cloudevents-batch+json")]
    public async Task IsUnsupported_When_TheMediaTypeIsAnother(string? mediaType)
    {
        var server = await servers.OnAsync(DatabaseUnderTest.Sqlite);

        var answer = await server.SendAsync(HttpMethod.Post, Earn, "{}"u8.ToArray(), mediaType);

        answer.Outcome.ShouldBe("415 MEDIA_TYPE_UNSUPPORTED");
        answer.MediaType.ShouldBe("application/problem+json");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [Trait("Attack", "E1")]
    public async Task IsTooLarge_When_TheBodyExceedsOneMebibyte(bool lengthIsSaid)
    {
        var server = await servers.OnAsync(DatabaseUnderTest.Sqlite);
        var body = Encoding.UTF8.GetBytes("{\"reason\":\"" + new string('a', 1024 * 1024) + "\"}");
        var request = LaurelServer.Request(HttpMethod.Post, Earn, body, LaurelServer.Json);
        request.Headers.TransferEncodingChunked = !lengthIsSaid;

        var answer = await server.SendAsync(request);

        answer.Outcome.ShouldBe("413 BODY_TOO_LARGE");
        answer.NumberOf("bytesMax").ShouldBe(1024 * 1024);
    }

    [Fact]
    public async Task IsTooLarge_When_TheServersOwnLimitIsExceeded()
    {
        var server = await servers.OnAsync(DatabaseUnderTest.Sqlite);
        var body = new byte[17 * 1024 * 1024];
        var request = LaurelServer.Request(HttpMethod.Post, "/api/events", body, LaurelServer.Json);

        // The server answers by the headers and hangs up; a client that writes on regardless never hears it.
        request.Headers.ExpectContinue = true;

        var answer = await server.SendAsync(request);

        answer.Outcome.ShouldBe("413 BODY_TOO_LARGE");
    }

    [Theory]
    [InlineData("{}", "REQUIRED /externalId")]
    [InlineData("[]", "WRONG_TYPE")]
    [InlineData("null", "WRONG_TYPE")]
    [InlineData("\"text\"", "WRONG_TYPE")]
    [InlineData("{\"externalId\":7}", "WRONG_TYPE /externalId")]
    [InlineData("{\"externalId\":null}", "REQUIRED /externalId")]
    [InlineData("{\"externalId\":\"\"}", "TOO_SHORT /externalId")]
    [InlineData("{\"externalId\":\"a\\u0000b\"}", "INVALID_TEXT /externalId")]
    [InlineData("{\"externalId\":\"\\ud800\"}", "INVALID_TEXT /externalId")]
    [InlineData("{\"externalId\":\"\\udc00\\ud800\"}", "INVALID_TEXT /externalId")]
    [InlineData("{\"externalId\":\"x\",\"externalId\":\"y\"}", "DUPLICATE_FIELD /externalId")]
    [InlineData("{\"externalId\":\"x\",\"vip\":true}", "UNKNOWN_FIELD /vip")]
    [InlineData("{\"externalId\":\"x\",\"a/b~c\":1}", "UNKNOWN_FIELD /a~1b~0c")]
    [InlineData("{\"ExternalId\":\"x\"}", "REQUIRED /externalId", "UNKNOWN_FIELD /ExternalId")]
    [InlineData("{\"externalId\":\"x\",\"phone\":\"12\"}", "INVALID_FORMAT /phone")]
    [InlineData("{\"externalId\":\"x\",\"email\":\"nobody\"}", "INVALID_FORMAT /email")]
    [InlineData("{\"externalId\":\"x\",\"registeredAt\":\"2024-13-01T00:00:00Z\"}", "INVALID_FORMAT /registeredAt")]
    [InlineData("{\"externalId\":\"x\",\"registeredAt\":\"2024-01-01 00:00\"}", "INVALID_FORMAT /registeredAt")]
    [InlineData("{\"externalId\":\"x\",\"registeredAt\":1700000000}", "WRONG_TYPE /registeredAt")]
    public async Task NamesTheField_When_ARegistrationIsAtFault(string body, params string[] faults)
    {
        var answer = await RefusesAsync("/api/members", body, "400 VALIDATION_FAILED");

        answer.Faults.ShouldBe(faults, ignoreOrder: true);
    }

    [Theory]
    [InlineData("0", "OUT_OF_RANGE")]
    [InlineData("-1", "OUT_OF_RANGE")]
    [InlineData("-0", "NOT_AN_INTEGER")]
    [InlineData("0.1", "NOT_AN_INTEGER")]
    [InlineData("1.0", "NOT_AN_INTEGER")]
    [InlineData("1e3", "NOT_AN_INTEGER")]
    [InlineData("1E400", "NOT_AN_INTEGER")]
    [InlineData("\"1\"", "WRONG_TYPE")]
    [InlineData("true", "WRONG_TYPE")]
    [InlineData("[1]", "WRONG_TYPE")]
    [InlineData("{}", "WRONG_TYPE")]
    [InlineData("null", "REQUIRED")]
    [InlineData("9007199254740992", "OUT_OF_RANGE")]
    [InlineData("9007199254740993", "OUT_OF_RANGE")]
    [InlineData("9223372036854775807", "OUT_OF_RANGE")]
    [InlineData("9223372036854775808", "OUT_OF_RANGE")]
    [InlineData("18446744073709551617", "OUT_OF_RANGE")]
    [InlineData("99999999999999999999999999999999999999999999999999999999999999999999", "OUT_OF_RANGE")]
    public async Task NamesThePoints_When_TheyAreNoWholePositiveNumber(string points, string fault)
    {
        foreach (var path in new[] { "earn", "spend", "hold" })
        {
            var body = $"{{\"memberId\":\"1\",\"points\":{points},{Rest}}}";
            var answer = await RefusesAsync("/api/points/" + path, body, "400 VALIDATION_FAILED");
            answer.Faults.ShouldBe([fault + " /points"]);
        }
    }

    [Theory]
    [InlineData("{\"points\":1," + Rest + "}", "/memberId")]
    [InlineData("{\"memberId\":\"1\",\"externalId\":\"x\",\"points\":1," + Rest + "}", "/externalId")]
    [InlineData("{\"memberId\":1,\"points\":1," + Rest + "}", "/memberId")]
    [InlineData("{\"memberId\":\"0\",\"points\":1," + Rest + "}", "/memberId")]
    [InlineData("{\"memberId\":\"-1\",\"points\":1," + Rest + "}", "/memberId")]
    [InlineData("{\"memberId\":\"M1\",\"points\":1," + Rest + "}", "/memberId")]
    [InlineData("{\"memberId\":\"9223372036854775808\",\"points\":1," + Rest + "}", "/memberId")]
    public async Task NamesTheMember_When_ItIsNamedTwiceOrNotAtAll(string body, string pointer)
    {
        var answer = await RefusesAsync(Earn, body, "400 VALIDATION_FAILED");

        answer.Faults.ShouldHaveSingleItem().ShouldEndWith(" " + pointer);
    }

    [Fact]
    public async Task NamesEveryFaultAtOnce_When_ThereAreMany()
    {
        const string Body = """
            {"memberId":7,"points":0.5,"reason":"","referenceId":"a\u0000","surprise":1,"time":"yesterday"}
            """;

        var answer = await RefusesAsync(Earn, Body, "400 VALIDATION_FAILED");

        answer.Faults.ShouldBe(
            [
                "WRONG_TYPE /memberId", "NOT_AN_INTEGER /points", "TOO_SHORT /reason", "REQUIRED /referenceType",
                "INVALID_TEXT /referenceId", "INVALID_FORMAT /time", "UNKNOWN_FIELD /surprise",
            ],
            ignoreOrder: true);
        answer.NumberOf("count").ShouldBe(7);
    }

    [Fact]
    public async Task PointsIntoTheObject_When_ATransferIsAtFault()
    {
        const string Body = """{"from":{"memberId":"1","vip":1},"to":7,"points":-5,"reason":"r","reference":"x"}""";

        var answer = await RefusesAsync("/api/points/transfer", Body, "400 VALIDATION_FAILED");

        answer.Faults.ShouldBe(
            ["UNKNOWN_FIELD /from/vip", "WRONG_TYPE /to", "OUT_OF_RANGE /points"],
            ignoreOrder: true);
    }

    [Fact]
    public async Task SpeaksChinese_When_TheCallerDoes()
    {
        var server = await servers.OnAsync(DatabaseUnderTest.Sqlite);
        var request = LaurelServer.Request(HttpMethod.Post, Earn, "{}"u8.ToArray(), LaurelServer.Json);
        request.Headers.Add("Accept-Language", "zh-CN,zh;q=0.9,en;q=0.1");

        var answer = await server.SendAsync(request);

        answer.Outcome.ShouldBe("400 VALIDATION_FAILED");
        answer.TextOf("title").ShouldBe("请求无效");
        answer.Json.GetProperty("errors")[0].GetProperty("detail").GetString().ShouldBe("此字段必填。");
    }

    private async Task<Answer> RefusesAsync(string path, string body, string outcome)
    {
        var server = await servers.OnAsync(DatabaseUnderTest.Sqlite);
        var before = (await server.GetAsync("/api/members?limit=200")).Text;

        var answer = await server.PostAsync(path, body);

        answer.Outcome.ShouldBe(outcome);
        answer.MediaType.ShouldBe("application/problem+json");
        (await server.GetAsync("/api/members?limit=200")).Text.ShouldBe(before);
        return answer;
    }
}
