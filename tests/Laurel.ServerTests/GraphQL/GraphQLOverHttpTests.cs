using System.Net;
using System.Text;
using System.Text.Json;
using Laurel.Server.GraphQL;
using Laurel.ServerTests.Hosting;
using Laurel.ServerTests.Keys;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.GraphQL;

/// <summary>GraphQL over HTTP, what the audits of others do not look at: who calls, what is too much, what a page of another site can do.</summary>
public sealed class GraphQLOverHttpTests(GraphQLHost host) : IClassFixture<GraphQLHost>
{
    private const string Response = "application/graphql-response+json";
    private const string Hello = """{"query":"{ hello }"}""";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Forms and plain text are sent by any page without asking (a "simple request"), so they must do nothing.</summary>
    [Theory]
    [InlineData("text/plain", 415)]
    [InlineData("application/x-www-form-urlencoded", 415)]
    [InlineData("multipart/form-data; boundary=x", 415)]
    [InlineData("application/jsonx", 415)]
    [InlineData("application/json; charset=gbk", 415)]
    [InlineData("application/json; charset=UTF-8", 200)]
    [InlineData("Application/JSON", 200)]
    public async Task TakesOnlyJson_When_ABodyIsPosted(string mediaType, int status)
    {
        using var answer = await host.PostAsync(Hello, mediaType: mediaType);

        ((int)answer.StatusCode).ShouldBe(status);
        if (status != 200)
        {
            (await CodesOfAsync(answer)).ShouldBe(["MEDIA_TYPE_UNSUPPORTED"]);
        }
    }

    [Fact]
    public async Task ChangesNothing_When_AMutationIsGot()
    {
        using var before = await host.PostAsync("""{"query":"{ total }"}""");
        using var answer = await host.GetAsync("?query=mutation{add(by:1)}");
        using var after = await host.PostAsync("""{"query":"{ total }"}""");

        answer.StatusCode.ShouldBe(HttpStatusCode.MethodNotAllowed);
        answer.Content.Headers.Allow.ShouldBe(["POST"]);
        (await CodesOfAsync(answer)).ShouldBe(["METHOD_NOT_ALLOWED"]);
        (await TextOfAsync(after)).ShouldBe(await TextOfAsync(before));
    }

    [Theory]
    [InlineData("", 400, "BODY_MALFORMED")]
    [InlineData("{", 400, "BODY_MALFORMED")]
    [InlineData("[]", 400, "VALIDATION_FAILED")]
    [InlineData("7", 400, "VALIDATION_FAILED")]
    [InlineData("[7]", 400, "VALIDATION_FAILED")]
    [InlineData("""{"query":"{ hello }","query":"{ who }"}""", 400, "BODY_MALFORMED")]
    [InlineData("""{"query":"{ \ud800 }"}""", 400, "VALIDATION_FAILED")]
    [InlineData("""{"query":"{ hello }","variables":{"\ud800":1}}""", 400, "VALIDATION_FAILED")]
    [InlineData("""{"query":"{ hello }","variables":[]}""", 400, "VALIDATION_FAILED")]
    [InlineData("""{"query":"{ hello"}""", 400, "GRAPHQL_PARSE_FAILED")]
    [InlineData("""{"query":"{ hello } { who }"}""", 400, "GRAPHQL_VALIDATION_FAILED")]
    [InlineData("""{"query":"query A { hello } query B { who }"}""", 400, "GRAPHQL_VALIDATION_FAILED")]
    [InlineData("""{"query":"query ($name: String!) { hello(name: $name) }"}""", 400, "GRAPHQL_VARIABLES_INVALID")]
    [InlineData("""{"query":"subscription { count(to: 1) }"}""", 406, "STREAM_REQUIRED")]
    public async Task SaysWhatIsWrong_When_ARequestIs(string body, int status, string code)
    {
        using var answer = await host.PostAsync(body, Response);

        ((int)answer.StatusCode).ShouldBe(status);
        answer.Content.Headers.ContentType!.ToString().ShouldBe(Response + "; charset=utf-8");
        using var json = JsonDocument.Parse(await TextOfAsync(answer));
        json.RootElement.TryGetProperty("data", out _).ShouldBeFalse();
        json.RootElement.GetProperty("errors")[0].GetProperty("message").GetString().ShouldNotBeNullOrEmpty();
        (await CodesOfAsync(answer)).Distinct().ShouldBe([code]);
    }

    [Fact]
    public async Task IsRefused_When_TextIsNoUnicode()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/graphql");
        request.Content = GraphQLHost.ContentOf([.. Encoding.UTF8.GetBytes("{\"query\":\"{ hello }\",\"operationName\":\""), 0xC3, 0x28, .. "\"}"u8], "application/json");

        using var answer = await host.SendAsync(request, null, null);

        ((int)answer.StatusCode).ShouldBe(400);
        (await CodesOfAsync(answer)).ShouldBe(["BODY_MALFORMED"]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Trait("Attack", "E2")]
    public async Task IsRefused_When_TheBodyIsTooLarge(bool saysSo)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/graphql");
        request.Content = GraphQLHost.ContentOf(new byte[(1024 * 1024) + 1], "application/json");
        request.Headers.TransferEncodingChunked = !saysSo;

        using var answer = await host.SendAsync(request, null, null);

        ((int)answer.StatusCode).ShouldBe(413);
        (await CodesOfAsync(answer)).ShouldBe(["BODY_TOO_LARGE"]);
    }

    [Fact]
    public async Task TellsNothing_When_AResolverThrows()
    {
        using var answer = await host.PostAsync("""{"query":"{ hello broken }"}""", Response);

        var text = await TextOfAsync(answer);
        ((int)answer.StatusCode).ShouldBe(200);
        text.ShouldContain("\"broken\":null");
        text.ShouldContain("\"code\":\"INTERNAL\"");
        text.ShouldContain("\"traceId\":\"");
        text.ShouldNotContain("nobody is told this");
    }

    [Fact]
    public async Task SaysThatItMayBeTriedAgain_When_TheDatabaseDoesNotAnswer()
    {
        using var answer = await host.PostAsync("""{"query":"{ hello lost }"}""", Response);

        var text = await TextOfAsync(answer);
        text.ShouldContain("\"lost\":null");
        text.ShouldContain("\"code\":\"DATABASE_UNAVAILABLE\",\"retryable\":true");
    }

    [Theory]
    [InlineData(null, null, null, 200, "nobody of 1 in English")]
    [InlineData("Bearer " + LaurelSite.AdministratorKey, null, null, 200, "administrator of 1 in English")]
    [InlineData("Bearer " + LaurelSite.AdministratorKey, "default", "zh-CN", 200, "administrator of 1 in Chinese")]
    [InlineData("Bearer " + LaurelSite.AdministratorKey, "another", null, 403, "TENANT_MISMATCH")]
    [InlineData(null, "another", null, 404, "TENANT_NOT_FOUND")]
    [InlineData("Bearer nobody-has-this-key", null, null, 401, "UNAUTHORIZED")]
    [InlineData("Bearer no.body.s", null, null, 401, "UNAUTHORIZED")]
    [InlineData("Basic YTpi", null, null, 401, "UNAUTHORIZED")]
    public async Task KnowsWhoCalls_When_TheHeadersOfRestSaySo(string? authorization, string? tenant, string? language, int status, string expected)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/graphql");
        request.Content = GraphQLHost.ContentOf("""{"query":"{ who }"}"""u8.ToArray(), "application/json");
        foreach (var (name, value) in new[] { ("Authorization", authorization), ("Laurel-Tenant", tenant), ("Accept-Language", language) })
        {
            if (value is not null)
            {
                request.Headers.TryAddWithoutValidation(name, value).ShouldBeTrue();
            }
        }

        using var answer = await host.SendAsync(request, null, null);

        ((int)answer.StatusCode).ShouldBe(status);
        answer.Headers.WwwAuthenticate.Count.ShouldBe(status == 401 ? 1 : 0);
        if (status == 200)
        {
            (await TextOfAsync(answer)).ShouldBe($$$"""{"data":{"who":"{{{expected}}}"}}""");
        }
        else
        {
            (await CodesOfAsync(answer)).ShouldBe([expected]);
        }
    }

    [Fact]
    public async Task IsTakenOnce_When_ACallIsSigned()
    {
        var made = await host.RestAsync(HttpMethod.Post, "/api/keys", new { name = "signer", scopes = new[] { "points:read" }, signed = true });
        var key = (made.GetProperty("id").GetString()!, made.GetProperty("key").GetString()!);
        var nonce = "0123456789abcdef01";
        var body = """{"query":"{ who }"}"""u8.ToArray();

        using var first = await host.SendAsync(KeyCalls.Signed(key, HttpMethod.Post, "/graphql", body, nonce: nonce), null, null);
        using var again = await host.SendAsync(KeyCalls.Signed(key, HttpMethod.Post, "/graphql", body, nonce: nonce), null, null);
        using var other = await host.SendAsync(KeyCalls.Signed(key, HttpMethod.Post, "/graphql", body, signedBody: "{}"u8.ToArray()), null, null);

        (await TextOfAsync(first)).ShouldBe("""{"data":{"who":"signer of 1 in English"}}""");
        (await CodesOfAsync(again)).ShouldBe(["SIGNATURE_REPLAYED"]);
        (await CodesOfAsync(other)).ShouldBe(["SIGNATURE_INVALID"]);
    }

    [Fact]
    public async Task AnswersEachInOrder_When_RequestsComeInABatch()
    {
        using var answer = await host.PostAsync("""[{"query":"mutation { add(by: 2) }"},{"query":"{ no }"},{"query":"subscription { silence }"}]""");

        ((int)answer.StatusCode).ShouldBe(200);
        using var json = JsonDocument.Parse(await TextOfAsync(answer));
        json.RootElement[0].GetProperty("data").GetProperty("add").GetInt32().ShouldBeGreaterThan(1);
        json.RootElement.EnumerateArray().Skip(1).Select(one => one.GetProperty("errors")[0].GetProperty("extensions").GetProperty("code").GetString())
            .ShouldBe(["GRAPHQL_VALIDATION_FAILED", "STREAM_REQUIRED"]);
    }

    [Fact]
    [Trait("Attack", "E2")]
    public async Task RunsNothing_When_ABatchIsTooLong()
    {
        using var before = await host.PostAsync("""{"query":"{ total }"}""");
        using var answer = await host.PostAsync($"[{string.Join(',', Enumerable.Repeat("""{"query":"mutation { add(by: 1) }"}""", 4))}]");
        using var after = await host.PostAsync("""{"query":"{ total }"}""");

        ((int)answer.StatusCode).ShouldBe(400);
        (await CodesOfAsync(answer)).ShouldBe(["VALIDATION_FAILED"]);
        (await TextOfAsync(after)).ShouldBe(await TextOfAsync(before));
    }

    /// <summary>Whoever tries much at once would otherwise pay for one call (D7).</summary>
    [Fact]
    [Trait("Attack", "D7")]
    public async Task CountsEach_When_OperationsOfABatchAreCalls()
    {
        var made = await host.RestAsync(HttpMethod.Post, "/api/keys", new { name = "slow", scopes = new[] { "points:read" }, quota = 2 });

        using var answer = await host.PostAsync("""[{"query":"{ hello }"},{"query":"{ hello }"},{"query":"{ hello }"}]""", key: made.GetProperty("key").GetString());
        using var next = await host.PostAsync(Hello, key: made.GetProperty("key").GetString());

        using var json = JsonDocument.Parse(await TextOfAsync(answer));
        json.RootElement.EnumerateArray().Count(one => one.TryGetProperty("data", out _)).ShouldBe(2);
        json.RootElement[2].GetProperty("errors")[0].GetProperty("extensions").GetProperty("code").GetString().ShouldBe("RATE_LIMITED");
        ((int)next.StatusCode).ShouldBe(429);
        (await CodesOfAsync(next)).ShouldBe(["RATE_LIMITED"]);
    }

    [Theory]
    [InlineData("application/json;q=0.5, application/graphql-response+json", "application/graphql-response+json")]
    [InlineData("application/graphql-response+json;q=0.5, application/json", "application/json")]
    [InlineData("application/graphql-response+json, application/graphql+json, application/json, text/event-stream, multipart/mixed", "application/graphql-response+json")]
    [InlineData("application/graphql-response+json;q=0, */*;q=0.1", "application/json")]
    [InlineData("image/png", "application/json")]
    [InlineData("???", "application/json")]
    [InlineData("text/event-stream", "text/event-stream")]
    public async Task AnswersAsIsWanted_When_TheCallerSaysWhatItTakes(string accept, string mediaType)
    {
        using var answer = await host.PostAsync(Hello, accept);

        ((int)answer.StatusCode).ShouldBe(200);
        answer.Content.Headers.ContentType!.ToString().ShouldBe(mediaType + "; charset=utf-8");
        answer.Headers.CacheControl!.ToString().ShouldBe("no-store");
    }

    [Fact]
    public async Task TellsWhoAnswers_When_NobodyInParticularAsks()
    {
        await using var own = await GraphQLHost.StartAsync(new GraphQLSettings(), hasOwnSchema: true);

        using var answer = await own.GetAsync("?query={service{name version time}}");

        using var json = JsonDocument.Parse(await TextOfAsync(answer));
        var service = json.RootElement.GetProperty("data").GetProperty("service");
        (service.GetProperty("name").GetString(), service.GetProperty("version").GetString()).ShouldBe(("Laurel", "0.1.0"));
        service.GetProperty("time").GetDateTimeOffset().ShouldBe(TimeProvider.System.GetUtcNow(), TimeSpan.FromMinutes(1));
    }

    private static Task<string> TextOfAsync(HttpResponseMessage answer) => answer.Content.ReadAsStringAsync(Cancellation);

    private static async Task<IReadOnlyList<string?>> CodesOfAsync(HttpResponseMessage answer)
    {
        using var json = JsonDocument.Parse(await TextOfAsync(answer));
        return [.. json.RootElement.GetProperty("errors").EnumerateArray().Select(error => error.GetProperty("extensions").GetProperty("code").GetString())];
    }
}
