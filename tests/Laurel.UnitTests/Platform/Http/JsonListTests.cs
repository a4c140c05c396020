using Laurel.Platform.Http;
using Microsoft.AspNetCore.Http;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Platform.Http;

public sealed class JsonListTests
{
    private static readonly BodyRules s_rules = new()
    {
        MediaTypes = ["application/cloudevents-batch+json", "application/cloudevents+json"],
    };

    [Theory]
    [InlineData("[]", new long[0])]
    [InlineData("[{\"n\":1},{\"n\":2}]", new long[] { 1, 2 })]
    [InlineData("{\"n\":3}", new long[] { 3 })]
    public async Task GivesEveryItem_When_AllAreValid(string body, long[] expected)
    {
        var result = await JsonBody.ReadListAsync(Post(body), s_rules, 3, Read, CancellationToken.None);

        result.Value.ShouldBe(expected);
    }

    [Theory]
    [InlineData("[{\"n\":1},{\"n\":\"x\"},7]", new[] { "WRONG_TYPE /1/n", "WRONG_TYPE /2" })]
    [InlineData("[{\"n\":1},{\"n\":1},{\"n\":1},{\"n\":1}]", new[] { "TOO_MANY " })]
    [InlineData("7", new[] { "WRONG_TYPE " })]
    public async Task FailsAsAWhole_When_AnyItemIsAtFault(string body, string[] expected)
    {
        var result = await JsonBody.ReadListAsync(Post(body), s_rules, 3, Read, CancellationToken.None);

        Faults(result.Failure).ShouldBe(expected);
    }

    [Fact]
    public async Task FailsOnlyTheItem_When_ItemsStandForThemselves()
    {
        var body = "[{\"n\":1},{\"n\":\"x\",\"z\":0},7,{\"n\":4}]";

        var result = await JsonBody.ReadItemsAsync(Post(body), s_rules, 4, Read, CancellationToken.None);

        result.Value.Select(i => string.Join("; ", Faults(i.Failure)))
            .ShouldBe(["", "WRONG_TYPE /1/n; UNKNOWN_FIELD /1/z", "WRONG_TYPE /2", ""]);
        (result.Value[0].Value, result.Value[3].Value).ShouldBe((1, 4));
    }

    [Fact]
    public async Task FailsAsAWhole_When_ThereAreTooManyItemsThatStandForThemselves()
    {
        var result = await JsonBody.ReadItemsAsync(Post("[{},{}]"), s_rules, 1, Read, CancellationToken.None);

        Faults(result.Failure).ShouldBe(["TOO_MANY "]);
    }

    [Fact]
    public async Task KeepsItemsApart_When_AThousandHaveListsOfTheirOwn()
    {
        var body = "[" + string.Join(',', Enumerable.Range(0, 1_000).Select(i =>
            $"{{\"id\":\"e{i}\",\"data\":{{\"lines\":[{{\"n\":{i}}},{{\"n\":{i + 1}}}]}}}}")) + "]";

        var result = await JsonBody.ReadListAsync(
            Post(body),
            s_rules,
            1_000,
            fields =>
            {
                var lines = fields.Object("data")!.List("lines", 9, Read);
                return (Id: fields.Text("id", 9), Sum: lines.Sum());
            },
            CancellationToken.None);

        result.Value.ShouldBe(Enumerable.Range(0, 1_000).Select(i => ($"e{i}", (i * 2L) + 1)));
    }

    [Theory]
    [InlineData("application/cloudevents+json; charset=utf-8", "application/cloudevents+json")]
    [InlineData("Application/JSON", "application/json")]
    [InlineData("nonsense", null)]
    [InlineData(null, null)]
    public void NamesTheMediaType_When_Asked(string? contentType, string? expected) =>
        JsonBody.MediaTypeOf(HttpScenario.Post([], contentType).Request).ShouldBe(expected);

    private static DefaultHttpContext Post(string body) =>
        HttpScenario.Post(body, "application/cloudevents-batch+json; charset=UTF-8");

    private static long Read(JsonFields fields)
    {
        var number = fields.Integer("n", 0, 10_000);
        fields.RefuseUnknown();
        return number;
    }

    private static string[] Faults(Laurel.Platform.Errors.RequestFailure? failure) =>
        failure?.Errors.Select(e => $"{e.Code} {e.Location}").ToArray() ?? [];
}
