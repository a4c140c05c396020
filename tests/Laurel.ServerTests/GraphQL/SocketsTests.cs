using System.Net.WebSockets;
using Laurel.Server.GraphQL;
using Laurel.ServerTests.Hosting;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.GraphQL;

/// <summary>Subscriptions over sockets, what a probe of the protocol does not look at: who listens and for how long, what is too much, and the end.</summary>
public sealed class SocketsTests(GraphQLHost host) : IClassFixture<GraphQLHost>
{
    private static readonly object s_administrator = new { authorization = "Bearer " + LaurelSite.AdministratorKey };

    [Theory]
    [InlineData(null, null, "next a {\"who\":\"nobody of 1 in English\"}")]
    [InlineData("Bearer " + LaurelSite.AdministratorKey, null, "next a {\"who\":\"administrator of 1 in English\"}")]
    [InlineData("Bearer " + LaurelSite.AdministratorKey, "default", "next a {\"who\":\"administrator of 1 in English\"}")]
    [InlineData("Bearer " + LaurelSite.AdministratorKey, "another", "closed 4403 TENANT_MISMATCH")]
    [InlineData(null, "another", "closed 4403 TENANT_NOT_FOUND")]
    [InlineData("Bearer lk_nobody", null, "closed 4403 UNAUTHORIZED")]
    [InlineData("lk_nobody", null, "closed 4403 UNAUTHORIZED")]
    [InlineData("Bearer line\nbreak", null, "closed 4403 Forbidden")]
    public async Task KnowsWhoListens_When_TheFirstMessageSaysSo(string? authorization, string? tenant, string expected)
    {
        await using var socket = await SocketClient.OpenAsync(host);

        await socket.SayAsync(new { type = "connection_init", payload = new { authorization, tenant } });
        if (await socket.HearAsync() is var heard && heard == "connection_ack")
        {
            await socket.SubscribeAsync("a", "{ who }");
            heard = await socket.HearAsync();
        }

        heard.ShouldBe(expected);
    }

    [Fact]
    public async Task KnowsWhoListens_When_TheHeadersOfTheOpeningSayIt()
    {
        await using var socket = await SocketClient.OpenAsync(
            host, ("Authorization", "Bearer " + LaurelSite.AdministratorKey), ("Laurel-Tenant", "default"), ("Accept-Language", "zh"));
        await socket.SayAsync(new { type = "connection_init" });
        await socket.HearAsync();

        await socket.SubscribeAsync("a", "{ who }");

        (await socket.HearAsync()).ShouldBe("next a {\"who\":\"administrator of 1 in Chinese\"}");
        await Should.ThrowAsync<WebSocketException>(SocketClient.OpenAsync(host, ("Authorization", "Bearer lk_nobody")));
    }

    [Theory]
    [InlineData("null", "connection_ack")]
    [InlineData("{}", "connection_ack")]
    [InlineData("7", "closed 4400 Invalid message received")]
    [InlineData("""{"authorization":7}""", "closed 4403 Forbidden")]
    public async Task TakesWhatCanBeMeant_When_TheFirstMessageHasAPayload(string payload, string expected)
    {
        await using var socket = await SocketClient.OpenAsync(host);

        await socket.SayAsync($$"""{"type":"connection_init","payload":{{payload}}}""");

        (await socket.HearAsync()).ShouldBe(expected);
    }

    [Theory]
    [InlineData("""{"type":"subscribe","payload":{"query":"{ hello }"}}""", "closed 4400 Invalid message received")]
    [InlineData("""{"type":"subscribe","id":"","payload":{"query":"{ hello }"}}""", "closed 4400 Invalid message received")]
    [InlineData("""{"type":"subscribe","id":"a"}""", "closed 4400 Invalid message received")]
    [InlineData("""{"type":"subscribe","id":"a","payload":{}}""", "closed 4400 Invalid message received: REQUIRED /payload/query")]
    [InlineData("""{"type":"subscribe","id":"a","payload":{"query":7}}""", "closed 4400 Invalid message received: WRONG_TYPE /payload/query")]
    [InlineData("""{"type":"complete"}""", "closed 4400 Invalid message received")]
    [InlineData("""{"type":"next","id":"a","payload":{}}""", "closed 4400 Invalid message received")]
    [InlineData("""{"type":7}""", "closed 4400 Invalid message received")]
    [InlineData("""["ping"]""", "closed 4400 Invalid message received")]
    [InlineData("""{"type":"ping","payload":{"a":"\ud800"}}""", "closed 4400 Invalid message received")]
    [InlineData("", "closed 4400 Invalid message received")]
    public async Task ClosesAtOnce_When_AMessageIsNone(string message, string expected)
    {
        await using var socket = await SocketClient.BeginAsync(host);

        await socket.SayAsync(message);

        (await socket.HearAsync()).ShouldBe(expected);
    }

    [Fact]
    public async Task Closes_When_AMessageIsTooLarge()
    {
        await using var socket = await SocketClient.BeginAsync(host);

        await socket.SubscribeAsync("a", new string(' ', 1024 * 1024));

        (await socket.HearAsync()).ShouldBe("closed 1009 Message too large");
    }

    [Fact]
    public async Task StopsListening_When_TheClientCompletes()
    {
        await NobodyListensAsync();
        await using var socket = await SocketClient.BeginAsync(host);
        await socket.SubscribeAsync("a", "subscription { silence }");
        await Eventually.HoldsAsync(() => Task.FromResult(host.Listening == 1), "nobody listens");

        await socket.SayAsync(new { id = "a", type = "complete" });
        await socket.SayAsync(new { id = "unknown", type = "complete" });

        await NobodyListensAsync();
        await socket.SubscribeAsync("a", "{ hello }");
        (await socket.HearAsync()).ShouldBe("next a {\"hello\":\"Hello, you\"}");
    }

    [Fact]
    public async Task StopsListening_When_TheClientHasGone()
    {
        await NobodyListensAsync();
        await using (var socket = await SocketClient.BeginAsync(host))
        {
            await socket.SubscribeAsync("a", "subscription { silence }");
            await socket.SubscribeAsync("b", "subscription { silence }");
            await Eventually.HoldsAsync(() => Task.FromResult(host.Listening == 2), "nobody listens");
        }

        await NobodyListensAsync();
    }

    [Fact]
    public async Task TellsOneError_When_TheSourceFails()
    {
        await using var socket = await SocketClient.BeginAsync(host);

        await socket.SubscribeAsync("a", "subscription { torn }");

        (await socket.HearAsync()).ShouldBe("next a {\"torn\":1}");
        (await socket.HearAsync()).ShouldStartWith("error a");
        await socket.SubscribeAsync("a", "{ hello }");
        (await socket.HearAsync()).ShouldBe("next a {\"hello\":\"Hello, you\"}");
    }

    [Fact]
    [Trait("Attack", "E2")]
    public async Task RefusesMore_When_ASocketHasAsManyOperationsAsItMay()
    {
        await using var small = await GraphQLHost.StartAsync(new GraphQLSettings { SubscriptionsMax = 2 });
        await using var socket = await SocketClient.BeginAsync(small);
        await socket.SubscribeAsync("a", "subscription { silence }");
        await socket.SubscribeAsync("b", "subscription { silence }");

        await socket.SubscribeAsync("c", "{ hello }");

        (await socket.HearAsync()).ShouldBe("error c STREAM_LIMIT");
    }

    [Fact]
    [Trait("Attack", "E2")]
    public async Task RefusesMore_When_ThereAreTooManyStreams()
    {
        await using var small = await GraphQLHost.StartAsync(new GraphQLSettings { StreamsMax = 2, TenantStreamsMax = 1 });
        await using var first = await SocketClient.BeginAsync(small);

        await using var ofTenant = await SocketClient.OpenAsync(small);
        await ofTenant.SayAsync(new { type = "connection_init" });
        await using var ofNode = await SocketClient.OpenAsync(small);

        (await ofNode.HearAsync()).ShouldBe("closed 4499 Too many streams on this node");
        (await ofTenant.HearAsync()).ShouldBe("closed 4499 STREAM_LIMIT");
        await Eventually.HoldsAsync(() => Task.FromResult(small.OpenStreams == 1), "they are counted although they are closed");
        using var events = await small.GetAsync("?query=subscription{silence}", "text/event-stream");
        ((int)events.StatusCode).ShouldBe(429);
    }

    /// <summary>A page of another site may open sockets without asking; it has no credentials of ours, and is not let in either.</summary>
    [Theory]
    [InlineData("", "https://evil.example", "closed 4403 Forbidden: the origin is not one of LAUREL_GRAPHQL_ORIGINS")]
    [InlineData("", "null", "closed 4403 Forbidden: the origin is not one of LAUREL_GRAPHQL_ORIGINS")]
    [InlineData("https://mall.example", "https://mall.example.evil.example", "closed 4403 Forbidden: the origin is not one of LAUREL_GRAPHQL_ORIGINS")]
    [InlineData("https://mall.example", "https://mall.example", "connection_ack")]
    [InlineData("*", "https://evil.example", "connection_ack")]
    [InlineData("", "own", "connection_ack")]
    public async Task LooksAtTheOrigin_When_APageOpensASocket(string origins, string origin, string expected)
    {
        await using var own = await GraphQLHost.StartAsync(new GraphQLSettings { Origins = origins.Split(' ', StringSplitOptions.RemoveEmptyEntries) });
        await using var socket = await SocketClient.OpenAsync(own, ("Origin", origin == "own" ? own.Address.GetLeftPart(UriPartial.Authority) : origin));

        await socket.SayAsync(new { type = "connection_init" });

        (await socket.HearAsync()).ShouldBe(expected);
    }

    [Fact]
    public async Task EndsInTime_When_TheCredentialsRunOut()
    {
        var made = await host.RestAsync(
            HttpMethod.Post, "/api/keys", new { name = "short", scopes = new[] { "points:read" }, expiresAt = TimeProvider.System.GetUtcNow().AddSeconds(3) });
        await using var socket = await SocketClient.BeginAsync(host, new { authorization = "Bearer " + made.GetProperty("key").GetString() });
        await socket.SubscribeAsync("a", "subscription { silence }");

        (await socket.HearAsync()).ShouldBe("closed 4403 UNAUTHORIZED");
    }

    [Fact]
    public async Task EndsSoon_When_TheKeyIsRevoked()
    {
        var made = await host.RestAsync(HttpMethod.Post, "/api/keys", new { name = "revoked", scopes = new[] { "points:read" } });
        await using var other = await SocketClient.BeginAsync(host, s_administrator);
        await using var socket = await SocketClient.BeginAsync(host, new { authorization = "Bearer " + made.GetProperty("key").GetString() });
        await socket.SubscribeAsync("a", "subscription { silence }");

        await host.RestAsync(HttpMethod.Post, $"/api/keys/{made.GetProperty("id").GetString()}/revoke", new { });

        (await socket.HearAsync()).ShouldBe("closed 4403 UNAUTHORIZED");
        await other.SubscribeAsync("a", "{ hello }");
        (await other.HearAsync()).ShouldBe("next a {\"hello\":\"Hello, you\"}");
    }

    [Fact]
    public async Task SaysThatItGoes_When_TheNodeHasDrained()
    {
        await using var going = await GraphQLHost.StartAsync(new GraphQLSettings());
        await using var socket = await SocketClient.BeginAsync(going);
        await socket.SubscribeAsync("a", "subscription { silence }");

        var stopped = going.StopAsync();

        (await socket.HearAsync()).ShouldBe("closed 1001 Going away");
        await socket.DisposeAsync();
        await stopped.WaitAsync(TimeSpan.FromSeconds(10), TimeProvider.System, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task ServesOn_When_TheNodeBeginsToDrain()
    {
        await using var going = await GraphQLHost.StartAsync(new GraphQLSettings(), drain: TimeSpan.FromSeconds(2));
        await using var socket = await SocketClient.BeginAsync(going);
        var stopped = going.StopAsync();

        await socket.SubscribeAsync("a", "{ hello }");

        (await socket.HearAsync()).ShouldBe("next a {\"hello\":\"Hello, you\"}");
        (await socket.HearAsync()).ShouldBe("complete a");
        (await socket.HearAsync()).ShouldBe("closed 1001 Going away");
        await socket.DisposeAsync();
        await stopped;
    }

    /// <summary>A reader that reads nothing costs what fits into the buffers of the connection, and is let go.</summary>
    [Fact]
    [Trait("Attack", "E2")]
    public async Task LetsGo_When_TheClientDoesNotRead()
    {
        await using var own = await GraphQLHost.StartAsync(new GraphQLSettings { SendWait = TimeSpan.FromSeconds(1) });
        await using var socket = await SocketClient.BeginAsync(own);

        await socket.SubscribeAsync("a", "subscription { flood(letters: 100000) }");
        await Eventually.HoldsAsync(() => Task.FromResult(own.Listening == 1), "nobody listens");

        await Eventually.HoldsAsync(() => Task.FromResult(own.OpenStreams == 0 && own.Listening == 0), "it is kept although it reads nothing");
    }

    private Task NobodyListensAsync() => Eventually.HoldsAsync(() => Task.FromResult(host.Listening == 0), "somebody goes on listening");
}
