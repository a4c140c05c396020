using System.Text.Json;
using Laurel.ServerTests.Hosting;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.GraphQL;

/// <summary>The transports as programs of others see them: the audits of graphql-http, the clients of graphql-ws and graphql-sse, and the protocol of
/// sockets message by message.</summary>
public sealed class AuditedByOthersTests(DatabaseServers cluster, GraphQLHost host) : IClassFixture<GraphQLHost>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task MeetsEveryAudit_When_GraphQLOverHttpIsAudited()
    {
        await using var site = await LaurelSite.CreateAsync(DatabaseUnderTest.Sqlite, cluster, Cancellation);
        await using var server = await LaurelServer.StartAsync(site, Cancellation);

        var audited = await NodeScripts.RunAsync("graphql-http", Cancellation, "graphql-over-http.mjs", new Uri(server.Process.Address, "/graphql").AbsoluteUri);

        audited.GetProperty("others").GetRawText().ShouldBe("[]");
        (audited.GetProperty("total").GetInt32(), audited.GetProperty("met").GetInt32()).ShouldBe((61, 61));
    }

    [Fact]
    public async Task PassesEveryCheck_When_TheProtocolOfSocketsIsProbed()
    {
        var forbidden = """{"authorization":"Bearer lk_nobody_has_this_one"}""";

        var checks = await NodeScripts.RunAsync(
            "ws", Cancellation, "graphql-transport-ws.mjs", host.Socket.AbsoluteUri, "{ hello }", "subscription { count(to: 3, everyMs: 100) }", forbidden);

        checks.EnumerateObject().Count().ShouldBe(15);
        checks.EnumerateObject().Where(check => check.Value.ValueKind != JsonValueKind.True).Select(check => check.ToString()).ShouldBeEmpty();
    }

    [Fact]
    public async Task AnswersAll_When_TheClientOfGraphqlWsAsks()
    {
        var answers = await NodeScripts.RunAsync(
            "graphql-ws",
            Cancellation,
            "graphql-ws-client.mjs",
            host.Socket.AbsoluteUri,
            $$"""{"authorization":"Bearer {{LaurelSite.AdministratorKey}}"}""",
            "{ hello(name: \"小程序\") who }",
            "mutation { add(by: 0) }",
            "subscription { count(to: 3) }",
            "{ no }");

        answers.EnumerateArray().Take(3).Select(answer => answer.GetRawText()).ShouldBe(
        [
            """[{"data":{"hello":"Hello, 小程序","who":"administrator of 1 in English"}}]""",
            """[{"data":{"add":0}}]""",
            """[{"data":{"count":1}},{"data":{"count":2}},{"data":{"count":3}}]""",
        ]);
        answers[3][0].GetProperty("errors")[0].GetProperty("extensions").GetProperty("code").GetString().ShouldBe("GRAPHQL_VALIDATION_FAILED");
    }

    [Fact]
    public async Task AnswersAll_When_TheClientOfGraphqlSseAsks()
    {
        var answers = await NodeScripts.RunAsync(
            "graphql-sse",
            Cancellation,
            "graphql-sse-client.mjs",
            new Uri(host.Address, "/graphql").AbsoluteUri,
            $$"""{"authorization":"Bearer {{LaurelSite.AdministratorKey}}"}""",
            "{ hello(name: \"小程序\") who }",
            "subscription { count(to: 3) }",
            "subscription { count(to: 2, everyMs: 100) }",
            "{ no }");

        answers.EnumerateArray().Take(3).Select(answer => answer.GetRawText()).ShouldBe(
        [
            """[{"data":{"hello":"Hello, 小程序","who":"administrator of 1 in English"}}]""",
            """[{"data":{"count":1}},{"data":{"count":2}},{"data":{"count":3}}]""",
            """[{"data":{"count":1}},{"data":{"count":2}}]""",
        ]);
        answers[3][0].GetProperty("errors")[0].GetProperty("extensions").GetProperty("code").GetString().ShouldBe("GRAPHQL_VALIDATION_FAILED");
    }
}
