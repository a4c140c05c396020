using System.Text;
using Laurel.Server.GraphQL;
using Laurel.ServerTests.Hosting;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.GraphQL;

/// <summary>Subscriptions over server-sent events.</summary>
public sealed class EventStreamsTests(GraphQLHost host) : IClassFixture<GraphQLHost>
{
    private const string Events = "text/event-stream";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task SendsEachEvent_When_ASubscriptionIsPosted()
    {
        using var answer = await host.PostAsync("""{"query":"subscription { count(to: 2) }"}""", "application/json, text/event-stream;q=0.1");

        ((int)answer.StatusCode).ShouldBe(200);
        answer.Content.Headers.ContentType!.ToString().ShouldBe("text/event-stream; charset=utf-8");
        answer.Headers.GetValues("X-Accel-Buffering").ShouldBe(["no"]);
        (await answer.Content.ReadAsStringAsync(Cancellation)).ShouldBe(
            ":\n\nevent: next\ndata: {\"data\":{\"count\":1}}\n\nevent: next\ndata: {\"data\":{\"count\":2}}\n\nevent: complete\ndata:\n\n");
    }

    [Theory]
    [InlineData("{hello}", "data: {\"data\":{\"hello\":\"Hello, you\"}}")]
    [InlineData("subscription{count(to:1)}", "data: {\"data\":{\"count\":1}}")]
    public async Task IsAnsweredToo_When_ABrowserCanOnlyGet(string query, string expected)
    {
        using var answer = await host.GetAsync("?query=" + query, Events);

        (await answer.Content.ReadAsStringAsync(Cancellation)).ShouldBe($":\n\nevent: next\n{expected}\n\nevent: complete\ndata:\n\n");
    }

    /// <summary>A status would tell a browser's reader of events nothing but that it failed.</summary>
    [Fact]
    public async Task TellsWhatIsWrong_When_TheDocumentIs()
    {
        using var answer = await host.GetAsync("?query={no}", Events);

        ((int)answer.StatusCode).ShouldBe(200);
        var text = await answer.Content.ReadAsStringAsync(Cancellation);
        text.ShouldStartWith(":\n\nevent: next\ndata: {\"errors\":[");
        text.ShouldContain("GRAPHQL_VALIDATION_FAILED");
        text.ShouldEndWith("event: complete\ndata:\n\n");
    }

    [Fact]
    public async Task IsRefusedAtOnce_When_TheKeyIsNobodys()
    {
        using var answer = await host.GetAsync("?query=subscription{silence}", Events, key: "lk_nobody");

        ((int)answer.StatusCode).ShouldBe(401);
    }

    [Fact]
    public async Task ShowsThatItLives_When_NothingHappens()
    {
        await using var quick = await GraphQLHost.StartAsync(new GraphQLSettings { Heartbeat = TimeSpan.FromMilliseconds(100) });
        using (var answer = await quick.GetAsync("?query=subscription{silence}", Events))
        await using (var stream = await answer.Content.ReadAsStreamAsync(Cancellation))
        {
            var bytes = new byte[12];
            await stream.ReadExactlyAsync(bytes, Cancellation);

            Encoding.UTF8.GetString(bytes).ShouldBe(":\n\n:\n\n:\n\n:\n\n");
            quick.Listening.ShouldBe(1);
        }

        await Eventually.HoldsAsync(() => Task.FromResult(quick.Listening == 0 && quick.OpenStreams == 0), "it goes on although nobody reads");
    }

    [Fact]
    public async Task EndsWithAnError_When_TheCredentialsRunOut()
    {
        var made = await host.RestAsync(
            HttpMethod.Post, "/api/keys", new { name = "short", scopes = new[] { "points:read" }, expiresAt = TimeProvider.System.GetUtcNow().AddSeconds(2) });

        using var answer = await host.GetAsync("?query=subscription{silence}", Events, made.GetProperty("key").GetString());
        var text = await answer.Content.ReadAsStringAsync(Cancellation);

        text.ShouldContain("\"code\":\"UNAUTHORIZED\"");
        text.ShouldEndWith("event: complete\ndata:\n\n");
    }

    /// <summary>A stream that ends in order would be over for its reader; one that breaks off is opened again, elsewhere.</summary>
    [Fact]
    public async Task BreaksOff_When_TheNodeHasDrained()
    {
        await using var going = await GraphQLHost.StartAsync(new GraphQLSettings());
        using var answer = await going.GetAsync("?query=subscription{silence}", Events);

        var stopped = going.StopAsync();

        await Should.ThrowAsync<HttpRequestException>(answer.Content.ReadAsStringAsync(Cancellation));
        await stopped.WaitAsync(TimeSpan.FromSeconds(10), TimeProvider.System, Cancellation);
    }

    [Fact]
    [Trait("Attack", "E2")]
    public async Task LetsGo_When_NobodyReads()
    {
        await using var own = await GraphQLHost.StartAsync(new GraphQLSettings { SendWait = TimeSpan.FromSeconds(1) });

        using var answer = await own.GetAsync("?query=subscription{flood(letters:100000)}", Events);

        await Eventually.HoldsAsync(() => Task.FromResult(own.OpenStreams == 0 && own.Listening == 0), "it is kept although nobody reads");
    }

    [Fact]
    public async Task KnowsWhatItsHolderMayNow_When_ThatChanges()
    {
        var made = await host.RestAsync(HttpMethod.Post, "/api/keys", new { name = "before", scopes = new[] { "points:read" } });
        using var answer = await host.GetAsync("?query=subscription{whoIsIt(everyMs:50)}", Events, made.GetProperty("key").GetString());
        await using var stream = await answer.Content.ReadAsStreamAsync(Cancellation);
        using var reader = new StreamReader(stream);
        (await ReadUntilAsync(reader, "before of 1")).ShouldBeTrue();

        await host.RestAsync(HttpMethod.Put, $"/api/keys/{made.GetProperty("id").GetString()}", new { name = "after", scopes = new[] { "points:read" } });

        (await ReadUntilAsync(reader, "after of 1")).ShouldBeTrue();
    }

    private static async Task<bool> ReadUntilAsync(StreamReader reader, string expected)
    {
        for (var line = 0; line < 2_000; line++)
        {
            if (await reader.ReadLineAsync(Cancellation) is { } text && text.Contains(expected, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }
}
