using Laurel.ServerTests.Hosting;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.Operations;

/// <summary>Spans, as a receiver of OTLP gets them.</summary>
public sealed class TracingTests(DatabaseServers cluster)
{
    private const string TraceId = "0af7651916cd43dd8448eb211c80319c";
    private const string CallersSpan = "b7ad6b7169203331";
    private const string Phone = "13912345678";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    public async Task LeadFromTheCallerToTheDatabase_When_AWriteIsTraced(DatabaseUnderTest database)
    {
        using var receiver = new OtlpReceiver();
        await using var site = await TracedSiteAsync(database, receiver);
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        await SendTracedAsync(server, LaurelServer.Request(
            HttpMethod.Post, "/api/members", System.Text.Encoding.UTF8.GetBytes($$"""{"externalId": "m-private", "phone": "{{Phone}}"}"""), LaurelServer.Json));
        (await server.Process.StopAsync(Cancellation)).ExitCode.ShouldBe(0);

        var spans = receiver.Spans().Where(span => span.TraceId == TraceId).ToArray();
        var request = spans.ShouldHaveSingleItemThat(span => span.Name == "POST /api/members");
        var batch = spans.ShouldHaveSingleItemThat(span => span.Name == "batch");
        var commit = spans.ShouldHaveSingleItemThat(span => span.Name == "lane.commit");
        request.ParentId.ShouldBe(CallersSpan);
        request.Tags["http.route"].ShouldBe("/api/members");
        batch.ParentId.ShouldBe(request.Id);
        commit.ParentId.ShouldBe(batch.Id);
        commit.Tags["db.operation.name"].ShouldBe("lane.commit");
        receiver.Text.ShouldContain("laurel");
    }

    [Fact]
    public async Task NameNobody_When_PathsAndQueriesDo()
    {
        using var receiver = new OtlpReceiver();
        await using var site = await TracedSiteAsync(DatabaseUnderTest.Sqlite, receiver);
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        var id = await server.NewMemberAsync("m-private", 100);
        await SendTracedAsync(server, new HttpRequestMessage(HttpMethod.Get, $"/api/members/{id}"));
        await SendTracedAsync(server, new HttpRequestMessage(HttpMethod.Get, $"/api/members?phone={Phone}"));
        (await server.Process.StopAsync(Cancellation)).ExitCode.ShouldBe(0);

        var spans = receiver.Spans();
        var read = spans.ShouldHaveSingleItemThat(span => span.Name == "members.read" && span.TraceId == TraceId);
        spans.ShouldContain(span => span.Name == "GET /api/members/{id}" && span.Id == read.ParentId);
        receiver.Text.ShouldNotContain(id);
        receiver.Text.ShouldNotContain(Phone);
        receiver.Text.ShouldNotContain("m-private");
    }

    [Theory]
    [InlineData("not a url")]
    [InlineData("ftp://127.0.0.1:4317")]
    public async Task AreAMistakeOfTheSettings_When_TheReceiverIsNoAddress(string endpoint)
    {
        await using var site = await LaurelSite.CreateAsync(DatabaseUnderTest.Sqlite, cluster, Cancellation);
        site.Environment["OTEL_EXPORTER_OTLP_ENDPOINT"] = endpoint;

        var outcome = await site.RunVerbAsync(Cancellation, "serve");

        outcome.ExitCode.ShouldBe(2);
        outcome.Errors.ShouldContain($"OTEL_EXPORTER_OTLP_ENDPOINT is an address such as http://127.0.0.1:4317, not '{endpoint}'.");
    }

    private async Task<LaurelSite> TracedSiteAsync(DatabaseUnderTest database, OtlpReceiver receiver)
    {
        var site = await LaurelSite.CreateAsync(database, cluster, Cancellation);
        site.Environment["OTEL_EXPORTER_OTLP_ENDPOINT"] = receiver.Address;
        site.Environment["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf";
        return site;
    }

    private static async Task SendTracedAsync(LaurelServer server, HttpRequestMessage request)
    {
        request.Headers.Add("traceparent", $"00-{TraceId}-{CallersSpan}-01");
        (await server.SendAsync(request)).Status.ShouldBeInRange(200, 299);
    }
}
