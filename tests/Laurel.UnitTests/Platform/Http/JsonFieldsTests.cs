using Laurel.Kernel;
using Laurel.Platform.Errors;
using Laurel.Platform.Http;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Platform.Http;

public sealed class JsonFieldsTests
{
    [Theory]
    [InlineData("{\"n\":5}", null)]
    [InlineData("{\"n\":-5}", null)]
    [InlineData("{\"n\":0}", null)]
    [InlineData("{\"n\":10}", null)]
    [InlineData("{\"n\":11}", "OUT_OF_RANGE /n")]
    [InlineData("{\"n\":-11}", "OUT_OF_RANGE /n")]
    [InlineData("{\"n\":9223372036854775808}", "OUT_OF_RANGE /n")]
    [InlineData("{\"n\":-99999999999999999999999999999999}", "OUT_OF_RANGE /n")]
    [InlineData("{\"n\":0.1}", "NOT_AN_INTEGER /n")]
    [InlineData("{\"n\":1.0}", "NOT_AN_INTEGER /n")]
    [InlineData("{\"n\":1e3}", "NOT_AN_INTEGER /n")]
    [InlineData("{\"n\":1E400}", "NOT_AN_INTEGER /n")]
    [InlineData("{\"n\":-0}", "NOT_AN_INTEGER /n")]
    [InlineData("{\"n\":\"5\"}", "WRONG_TYPE /n")]
    [InlineData("{\"n\":true}", "WRONG_TYPE /n")]
    [InlineData("{\"n\":[5]}", "WRONG_TYPE /n")]
    [InlineData("{\"n\":{}}", "WRONG_TYPE /n")]
    [InlineData("{\"n\":null}", "REQUIRED /n")]
    [InlineData("{}", "REQUIRED /n")]
    [InlineData("{\"N\":5}", "REQUIRED /n")]
    public async Task JudgesIntegers_When_TheBodyIs(string body, string? fault)
    {
        var faults = await HttpScenario.FaultsOfAsync(body, fields => fields.Integer("n", -10, 10));

        faults.ShouldBe(fault is null ? [] : [fault]);
    }

    [Theory]
    [InlineData("{\"n\":9223372036854775807}", long.MaxValue)]
    [InlineData("{\"n\":-9223372036854775808}", long.MinValue)]
    [InlineData("{\"n\":null}", null)]
    [InlineData("{}", null)]
    public async Task GivesOptionalIntegers_When_TheBodyIs(string body, long? expected)
    {
        var value = await HttpScenario.ValueOfAsync(body, f => f.IntegerOrNull("n", long.MinValue, long.MaxValue));

        value.ShouldBe(expected);
    }

    [Theory]
    [InlineData("\"x\"", null)]
    [InlineData("\"12345\"", null)]
    [InlineData("\"😀😀😀😀😀\"", null)]
    [InlineData("\"\\ud83d\\ude00😀😀😀😀\"", null)]
    [InlineData("\" x \"", null)]
    [InlineData("\"123456\"", "TOO_LONG /t")]
    [InlineData("\"😀😀😀😀😀😀\"", "TOO_LONG /t")]
    [InlineData("\"\"", "TOO_SHORT /t")]
    [InlineData("\" \\t \"", "TOO_SHORT /t")]
    [InlineData("\"a\\u0000\"", "INVALID_TEXT /t")]
    [InlineData("\"\\ud83d\"", "INVALID_TEXT /t")]
    [InlineData("\"\\ude00\"", "INVALID_TEXT /t")]
    [InlineData("\"\\ude00\\ud83d\"", "INVALID_TEXT /t")]
    [InlineData("\"\\ud83dx\"", "INVALID_TEXT /t")]
    [InlineData("\"\\ud83d\\n\"", "INVALID_TEXT /t")]
    [InlineData("\"\\ud83d\\ud83d\\ude00\"", "INVALID_TEXT /t")]
    [InlineData("5", "WRONG_TYPE /t")]
    [InlineData("null", "REQUIRED /t")]
    public async Task JudgesText_When_TheValueIs(string value, string? fault)
    {
        var faults = await HttpScenario.FaultsOfAsync($"{{\"t\":{value}}}", fields => fields.Text("t", 5));

        faults.ShouldBe(fault is null ? [] : [fault]);
    }

    [Fact]
    public async Task RefusesUndecoded_When_TextIsHuge()
    {
        var body = $"{{\"t\":\"{new string('x', 500_000)}\"}}";

        var faults = await HttpScenario.FaultsOfAsync(body, fields => fields.Text("t", 5));

        faults.ShouldBe(["TOO_LONG /t"]);
    }

    [Theory]
    [InlineData("\" as it is\\n\"", " as it is\n")]
    [InlineData("\"e\\u0301\"", "e\u0301")]
    [InlineData("\"\\\"\\\\\\/\\b\\f\\r\\t\\u00e9\\uD83D\\uDE00\"", "\"\\/\b\f\r\té😀")]
    public async Task KeepsTextAsItIs_When_Valid(string value, string expected)
    {
        var text = await HttpScenario.ValueOfAsync($"{{\"t\":{value}}}", fields => fields.Text("t", 50));

        text.ShouldBe(expected);
    }

    [Theory]
    [InlineData("\"SO-1001 / a\"", "SO-1001 / a")]
    [InlineData("\"e\\u0301\"", "é")]
    [InlineData("\"\\u212b\"", "Å")]
    [InlineData("\"会员 一\"", "会员 一")]
    [InlineData("\"👨\\u200d👩\"", "👨\u200d👩")]
    public async Task NormalisesIdentifiers_When_Valid(string value, string expected)
    {
        var text = await HttpScenario.ValueOfAsync($"{{\"id\":{value}}}", fields => fields.Identifier("id", 20));

        text.ShouldBe(expected);
    }

    [Theory]
    [InlineData("\" x\"", "INVALID_FORMAT /id")]
    [InlineData("\"x\\u3000\"", "INVALID_FORMAT /id")]
    [InlineData("\"a\\nb\"", "INVALID_FORMAT /id")]
    [InlineData("\"a\\u0085b\"", "INVALID_FORMAT /id")]
    [InlineData("\"a\\u2028b\"", "INVALID_FORMAT /id")]
    [InlineData("\"\\u200b\"", "INVALID_FORMAT /id")]
    [InlineData("\"\\u3164\"", "INVALID_FORMAT /id")]
    [InlineData("\"\\ufffe\"", "INVALID_FORMAT /id")]
    [InlineData("\"\\uD83F\\uDFFE\"", "INVALID_FORMAT /id")]
    [InlineData("\"a\\u0000\"", "INVALID_TEXT /id")]
    [InlineData("\"\\ud800\"", "INVALID_TEXT /id")]
    [InlineData("\"\"", "TOO_SHORT /id")]
    [InlineData("\"   \"", "TOO_SHORT /id")]
    [InlineData("\"123456789\"", "TOO_LONG /id")]
    [InlineData("\"一二三四五六七八九\"", "TOO_LONG /id")]
    [InlineData("7", "WRONG_TYPE /id")]
    public async Task RefusesIdentifiers_When_TheValueIs(string value, string fault)
    {
        var faults = await HttpScenario.FaultsOfAsync($"{{\"id\":{value}}}", fields => fields.Identifier("id", 8));

        faults.ShouldBe([fault]);
    }

    [Theory]
    [InlineData("{\"v\":true}", true)]
    [InlineData("{\"v\":false}", false)]
    [InlineData("{\"v\":null}", true)]
    [InlineData("{}", true)]
    public async Task GivesFlags_When_TheBodyIs(string body, bool expected) =>
        (await HttpScenario.ValueOfAsync(body, f => f.Flag("v", byDefault: true))).ShouldBe(expected);

    [Theory]
    [InlineData("{\"m\":\"9007199254740993\"}", 9_007_199_254_740_993)]
    [InlineData("{}", null)]
    public async Task GivesMemberIds_When_TheBodyIs(string body, long? expected) =>
        (await HttpScenario.ValueOfAsync(body, f => f.MemberIdOrNull("m")))
            .ShouldBe(expected is { } value ? new MemberId(value) : null);

    [Theory]
    [InlineData("{\"m\":7}", "WRONG_TYPE /m")]
    [InlineData("{\"m\":\"0\"}", "INVALID_FORMAT /m")]
    [InlineData("{\"m\":\"-7\"}", "INVALID_FORMAT /m")]
    [InlineData("{\"m\":\" 7\"}", "INVALID_FORMAT /m")]
    [InlineData("{\"m\":\"\"}", "INVALID_FORMAT /m")]
    [InlineData("{\"m\":\"M2025091800001\"}", "INVALID_FORMAT /m")]
    [InlineData("{\"m\":\"9223372036854775808\"}", "INVALID_FORMAT /m")]
    [InlineData("{}", "REQUIRED /m")]
    public async Task RefusesMemberIds_When_TheBodyIs(string body, string fault) =>
        (await HttpScenario.FaultsOfAsync(body, fields => fields.MemberId("m"))).ShouldBe([fault]);

    [Theory]
    [InlineData("\"points\"", null)]
    [InlineData("\"Points\"", "INVALID_FORMAT /unit")]
    [InlineData("7", "WRONG_TYPE /unit")]
    public async Task JudgesChoices_When_TheValueIs(string value, string? fault)
    {
        var faults = await HttpScenario.FaultsOfAsync(
            $"{{\"unit\":{value}}}",
            fields => fields.ChoiceOrNull("unit", "points", "growth"));

        faults.ShouldBe(fault is null ? [] : [fault]);
    }

    [Fact]
    public async Task GivesTheTime_When_SomeWriterEscapedThePlus()
    {
        var time = await HttpScenario.ValueOfAsync(
            "{\"time\":\"1970-01-01T08:00:01\\u002B08:00\"}",
            fields => fields.TimeOrNull("time"));

        time.ShouldBe(new Instant(1_000_000));
    }

    [Theory]
    [InlineData("\"2025-09-18\"", "INVALID_FORMAT /time")]
    [InlineData("\"1899-12-31T23:59:59Z\"", "OUT_OF_RANGE /time")]
    [InlineData("\"3000-01-01T00:00:00Z\"", "OUT_OF_RANGE /time")]
    [InlineData("\"\\ud800\"", "INVALID_FORMAT /time")]
    [InlineData("1726617600", "WRONG_TYPE /time")]
    public async Task RefusesTimes_When_TheValueIs(string value, string fault) =>
        (await HttpScenario.FaultsOfAsync($"{{\"time\":{value}}}", f => f.TimeOrNull("time"))).ShouldBe([fault]);

    [Fact]
    public async Task NamesEveryFaultAtOnce_When_ThereAreMany()
    {
        var body =
            """
            {"orderId":7,"amount":"x","lines":[{"amount":-1},{"lineId":"b","amount":1.5,"extra":1},"no"],
             "a/b~c":1,"amount":2}
            """;

        var faults = await HttpScenario.FaultsOfAsync(body, fields =>
        {
            fields.Identifier("orderId", 64);
            fields.Integer("amount", 0, 100);
            fields.Text("currency", 3);
            fields.List("lines", 10, line =>
            {
                line.Identifier("lineId", 64);
                line.Integer("amount", 0, 100);
                line.RefuseUnknown();
                return true;
            });
            fields.Fail("amount", "TIME_IN_FUTURE", ("latest", "now"));
            fields.RefuseUnknown();
        });

        faults.ShouldBe(
        [
            "DUPLICATE_FIELD /amount", "WRONG_TYPE /orderId", "WRONG_TYPE /amount", "REQUIRED /currency",
            "REQUIRED /lines/0/lineId", "OUT_OF_RANGE /lines/0/amount", "NOT_AN_INTEGER /lines/1/amount",
            "UNKNOWN_FIELD /lines/1/extra", "WRONG_TYPE /lines/2", "TIME_IN_FUTURE /amount", "UNKNOWN_FIELD /a~1b~0c",
        ]);
    }

    [Theory]
    [InlineData("{\"a\":1,\"a\":1}", "DUPLICATE_FIELD /a")]
    [InlineData("{\"a\":1,\"\\u0061\":1}", "DUPLICATE_FIELD /a")]
    [InlineData("{\"\\u0061\":1,\"a\":1}", "DUPLICATE_FIELD /a")]
    [InlineData("{\"a\":1,\"\\ud800\":1}", "INVALID_TEXT ")]
    [InlineData("{\"a\":1,\"b\":null}", "UNKNOWN_FIELD /b")]
    [InlineData("{\"a\":1,\"\":2}", "UNKNOWN_FIELD /")]
    [InlineData("{\"a\":1,\"é\":2}", "UNKNOWN_FIELD /é")]
    public async Task JudgesNames_When_TheBodyIs(string body, string fault)
    {
        var faults = await HttpScenario.FaultsOfAsync(body, fields =>
        {
            fields.Integer("a", 0, 9);
            fields.RefuseUnknown();
        });

        faults.ShouldBe([fault]);
    }

    [Fact]
    public async Task FindsAField_When_ItsNameIsWrittenWithEscapes() =>
        (await HttpScenario.ValueOfAsync("{\"\\u0061mount\":7}", f => f.Integer("amount", 0, 9))).ShouldBe(7);

    [Theory]
    [InlineData(64, null)]
    [InlineData(65, "TOO_MANY ")]
    public async Task BoundsAnObject_When_ItHasProperties(int count, string? fault)
    {
        var body = "{" + string.Join(',', Enumerable.Range(0, count).Select(i => $"\"p{i}\":{i}")) + "}";

        var faults = await HttpScenario.FaultsOfAsync(body, fields => fields.Integer("p63", 63, 63));

        faults.ShouldBe(fault is null ? [] : [fault]);
    }

    [Theory]
    [InlineData("{\"list\":[]}", 0)]
    [InlineData("{\"list\":[{},{}]}", 2)]
    [InlineData("{\"list\":null}", null)]
    [InlineData("{}", null)]
    public async Task GivesLists_When_TheBodyIs(string body, int? expected)
    {
        var list = await HttpScenario.ValueOfAsync(body, f => f.ListOrNull("list", 2, _ => true));

        (list?.Count).ShouldBe(expected);
    }

    [Theory]
    [InlineData("{\"list\":[{},{},{}]}", "TOO_MANY /list")]
    [InlineData("{\"list\":{}}", "WRONG_TYPE /list")]
    [InlineData("{\"list\":[[]]}", "WRONG_TYPE /list/0")]
    [InlineData("{}", "REQUIRED /list")]
    public async Task RefusesLists_When_TheBodyIs(string body, string fault) =>
        (await HttpScenario.FaultsOfAsync(body, fields => fields.List("list", 2, _ => true))).ShouldBe([fault]);

    [Theory]
    [InlineData("{\"data\":{}}", "REQUIRED /data/n")]
    [InlineData("{\"data\":7}", "WRONG_TYPE /data")]
    [InlineData("{}", "REQUIRED /data")]
    public async Task LooksIntoObjects_When_TheBodyIs(string body, string fault) =>
        (await HttpScenario.FaultsOfAsync(body, fields => fields.Object("data")?.Integer("n", 0, 9))).ShouldBe([fault]);

    [Fact]
    public async Task ReadsFieldsInAnyOrder_When_AskedInAnother()
    {
        var body = "{\"c\":3,\"a\":1,\"d\":{\"x\":4},\"b\":2}";

        var sum = await HttpScenario.ValueOfAsync(body, fields =>
        {
            var inner = fields.ObjectOrNull("d")!;
            var total = fields.Integer("a", 0, 9) + fields.Integer("b", 0, 9) + inner.Integer("x", 0, 9);
            total += fields.Integer("c", 0, 9);
            fields.HasFaults.ShouldBeFalse();
            fields.Has("nothing").ShouldBeFalse();
            fields.RefuseUnknown();
            inner.RefuseUnknown();
            return total;
        });

        sum.ShouldBe(10);
    }

    [Fact]
    public async Task StatesTheLimits_When_OutOfRange()
    {
        var result = await JsonBody.ReadAsync(
            HttpScenario.Post("{\"n\":11}"),
            BodyRules.Default,
            fields => fields.Integer("n", 1, 10),
            CancellationToken.None);

        var error = result.Failure.ShouldNotBeNull().Errors.ShouldHaveSingleItem();
        error.Detail(Language.English).ShouldBe("The value must be between 1 and 10.");
        error.Detail(Language.Chinese).ShouldBe("值必须在 1 与 10 之间。");
    }
}
