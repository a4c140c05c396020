using System.Text.Json;
using Laurel.Kernel;
using Laurel.Platform.Errors;
using Laurel.Platform.Http;
using Microsoft.AspNetCore.Http;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Platform.Http;

public sealed class ProblemResponseTests
{
    private static readonly Refusal s_insufficient =
        new("POINTS_INSUFFICIENT", ("required", 500L), ("available", 120L));

    [Fact]
    public async Task SaysWhatIsWrong_When_PointsDoNotSuffice()
    {
        var context = HttpScenario.Get("?secret=1");

        await ProblemResponse.WriteAsync(context, s_insufficient, CancellationToken.None);

        HttpScenario.AnswerOf(context).GetRawText().ShouldBe(
            """
            {"type":"https://laurel.dev/errors/POINTS_INSUFFICIENT","title":"The points do not suffice","status":422,
            "code":"POINTS_INSUFFICIENT","instance":"/api/members/7",
            "detail":"500 points are required, 120 are available.","required":500,"available":120}
            """.ReplaceLineEndings(string.Empty));
        context.Response.StatusCode.ShouldBe(422);
        context.Response.ContentType.ShouldBe("application/problem+json");
        context.Response.Headers.RetryAfter.Count.ShouldBe(0);
        context.Response.Headers.CacheControl.ToString().ShouldBe("no-store");
    }

    [Fact]
    public async Task SpeaksChinese_When_Asked()
    {
        var context = HttpScenario.Get(string.Empty);
        context.Request.Headers.AcceptLanguage = "zh-CN";

        await ProblemResponse.WriteAsync(context, s_insufficient, CancellationToken.None);

        var answer = HttpScenario.AnswerOf(context);
        answer.GetProperty("title").GetRawText().ShouldBe("\"积分不足\"");
        answer.GetProperty("detail").GetString().ShouldBe("需要 500 积分，可用 120 积分。");
        context.Response.Headers.ContentLanguage.ToString().ShouldBe("zh");
    }

    [Fact]
    public async Task AsksToComeBack_When_Busy()
    {
        var context = HttpScenario.Get(string.Empty);

        await ProblemResponse.WriteAsync(context, new Refusal("BUSY"), CancellationToken.None);

        context.Response.StatusCode.ShouldBe(503);
        context.Response.Headers.RetryAfter.ToString().ShouldBe("1");
    }

    [Fact]
    public async Task TellsOnlyTheTraceId_When_Internal()
    {
        var context = HttpScenario.Get(string.Empty);
        context.TraceIdentifier = "trace-7";

        await ProblemResponse.WriteAsync(context, new Refusal("INTERNAL", ("sql", "SELECT")), CancellationToken.None);

        var answer = HttpScenario.AnswerOf(context);
        answer.EnumerateObject().Select(p => p.Name).ShouldBe(["type", "title", "status", "code", "traceId"]);
        answer.GetProperty("traceId").GetString().ShouldBe("trace-7");
    }

    [Fact]
    public async Task NamesEveryField_When_SeveralAreAtFault()
    {
        var context = HttpScenario.Get(string.Empty);
        FieldError[] errors =
        [
            new("OUT_OF_RANGE", FieldOrigin.Body, "/lines/0/amount", ("min", 0L), ("max", 9L)),
            new("UNKNOWN_FIELD", FieldOrigin.Query, "colour"),
            new("REQUIRED", FieldOrigin.Header, "Idempotency-Key"),
        ];

        await ProblemResponse.WriteAsync(context, errors, CancellationToken.None);

        var answer = HttpScenario.AnswerOf(context);
        answer.GetProperty("status").GetInt32().ShouldBe(400);
        answer.GetProperty("count").GetInt32().ShouldBe(3);
        answer.GetProperty("errors").GetRawText().ShouldBe(
            """
            [{"code":"OUT_OF_RANGE","detail":"The value must be between 0 and 9.","pointer":"/lines/0/amount"},
            {"code":"UNKNOWN_FIELD","detail":"This field is not known here.","parameter":"colour"},
            {"code":"REQUIRED","detail":"This field is required.","header":"Idempotency-Key"}]
            """.ReplaceLineEndings(string.Empty));
    }

    [Fact]
    public async Task PointsAtTheField_When_TheRefusalHasAPointer()
    {
        var context = HttpScenario.Get(string.Empty);
        var refusal = new Refusal("ORDER_LINE_NOT_FOUND", ("lineId", "L9")) { Pointer = "/lines/2/lineId" };

        await ProblemResponse.WriteAsync(context, refusal, CancellationToken.None);

        var error = HttpScenario.AnswerOf(context).GetProperty("errors").EnumerateArray().ShouldHaveSingleItem();
        error.GetProperty("code").GetString().ShouldBe("ORDER_LINE_NOT_FOUND");
        error.GetProperty("pointer").GetString().ShouldBe("/lines/2/lineId");
    }

    [Theory]
    [InlineData("HOLD_CLOSED", "status", "captured", "holdStatus", 409)]
    [InlineData("EVENT_TYPE_UNKNOWN", "type", "order.eaten", "eventType", 422)]
    public async Task KeepsTheStandardMembers_When_AValueHasTheSameName(
        string code,
        string name,
        string value,
        string member,
        int status)
    {
        var context = HttpScenario.Get(string.Empty);

        await ProblemResponse.WriteAsync(context, new Refusal(code, (name, value)), CancellationToken.None);

        var answer = HttpScenario.AnswerOf(context);
        answer.GetProperty("status").GetInt32().ShouldBe(status);
        answer.GetProperty("type").GetString().ShouldBe($"https://laurel.dev/errors/{code}");
        answer.GetProperty(member).GetString().ShouldBe(value);
        answer.GetProperty("detail").GetString().ShouldNotBeNull().ShouldContain(value);
    }

    [Fact]
    public async Task WritesEachValueInItsJsonForm_When_TypesDiffer()
    {
        var context = HttpScenario.Get(string.Empty);
        var refusal = new Refusal(
            "CONFLICT",
            ("memberId", new MemberId(9_007_199_254_740_993)),
            ("time", new Instant(0)),
            ("rate", 1.25m),
            ("open", true),
            ("nothing", null),
            ("list", new[] { "a" }),
            ("title", "not mine"));

        await ProblemResponse.WriteAsync(context, refusal, CancellationToken.None);

        var answer = HttpScenario.AnswerOf(context).GetRawText();
        answer.ShouldEndWith(
            """
            "memberId":"9007199254740993","time":"1970-01-01T00:00:00Z","rate":1.25,
            "open":true,"nothing":null,"list":["a"]}
            """.ReplaceLineEndings(string.Empty));
        answer.ShouldNotContain("not mine");
    }

    [Fact]
    public async Task LeavesNoTrace_When_OneProblemFollowsAnother()
    {
        var first = HttpScenario.Get(string.Empty);
        var second = HttpScenario.Get(string.Empty);

        await ProblemResponse.WriteAsync(first, s_insufficient, CancellationToken.None);
        await ProblemResponse.WriteAsync(second, new Refusal("BUSY"), CancellationToken.None);

        HttpScenario.AnswerOf(second).GetProperty("code").GetString().ShouldBe("BUSY");
    }

    [Fact]
    public void WritesMembersOfAnOpenObject_When_InsideAnEventResult()
    {
        var bytes = new MemoryStream();
        using (var writer = new Utf8JsonWriter(bytes))
        {
            writer.WriteStartObject();
            writer.WriteString("status", "refused");
            ProblemResponse.WriteMembers(writer, s_insufficient, Language.English);
            writer.WriteEndObject();
        }

        JsonDocument.Parse(bytes.ToArray()).RootElement.EnumerateObject().Select(p => p.Name)
            .ShouldBe(["status", "code", "retryable", "title", "detail", "required", "available"]);
    }

    [Fact]
    public async Task Throws_When_TheCodeIsInNoCatalogue() =>
        await Should.ThrowAsync<InvariantBrokenException>(() =>
            ProblemResponse.WriteAsync(new DefaultHttpContext(), new Refusal("UNHEARD"), CancellationToken.None));
}
