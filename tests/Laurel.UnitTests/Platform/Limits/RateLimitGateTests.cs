using System.Collections.Frozen;
using System.Net;
using Laurel.Kernel;
using Laurel.Platform.Access;
using Laurel.Platform.Limits;
using Laurel.UnitTests.Platform.Access;
using Laurel.UnitTests.Platform.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Platform.Limits;

/// <summary>What callers of an endpoint with a limit see.</summary>
public sealed class RateLimitGateTests
{
    private readonly ManualClock _clock = new();
    private readonly RateLimitGate _gate;

    public RateLimitGateTests()
    {
        var options = new RateLimitOptions { TrustedProxies = [IPNetwork.Parse("10.0.0.0/8")] };
        _gate = new RateLimitGate(new RateLimiter(options, _clock, null), options, new ClientAddresses(options.TrustedProxies, NullLogger<ClientAddresses>.Instance));
    }

    [Fact]
    public async Task TellsWhatIsLeft_When_ACallIsLimited()
    {
        var first = await CallAsync(RateLimits.Register, 200);
        await CallAsync(RateLimits.Register, 200);
        await CallAsync(RateLimits.Register, 200);
        var refused = await CallAsync(RateLimits.Register, 200);

        (first.Response.StatusCode, Header(first, "RateLimit-Limit"), Header(first, "RateLimit-Remaining"), Header(first, "RateLimit-Policy")).ShouldBe((200, "3", "2", "3;w=3600"));
        (refused.Response.StatusCode, Header(refused, "RateLimit-Remaining")).ShouldBe((429, "0"));
        int.Parse(Header(refused, "Retry-After"), System.Globalization.CultureInfo.InvariantCulture).ShouldBeInRange(3_600, 3_900);
        Header(refused, "RateLimit-Reset").ShouldBe(Header(refused, "Retry-After"));
        var problem = HttpScenario.AnswerOf(refused);
        (problem.GetProperty("code").GetString(), problem.GetProperty("policy").GetString(), problem.GetProperty("limit").GetInt32()).ShouldBe(("RATE_LIMITED", "Register", 3));
    }

    [Theory]
    [InlineData("203.0.113.7", "203.0.113.8", false)]
    [InlineData("203.0.113.7", "::ffff:203.0.113.7", true)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:3::1", false)]
    public void IsOneNetwork_When_OneCustomerHasAllOfIt(string one, string other, bool same)
    {
        var addresses = new ClientAddresses([], NullLogger<ClientAddresses>.Instance);
        string NetworkOf(string address) => addresses.NetworkOf(new DefaultHttpContext { Connection = { RemoteIpAddress = IPAddress.Parse(address) } });

        (NetworkOf(one) == NetworkOf(other)).ShouldBe(same);
    }

    [Fact]
    public async Task CountsRefusalsAlone_When_TheLimitIsOfFailures()
    {
        for (var i = 0; i < 10; i++)
        {
            (await CallAsync(RateLimits.Login, 200)).Response.StatusCode.ShouldBe(200);
            (await CallAsync(RateLimits.Login, 503)).Response.StatusCode.ShouldBe(503, "a fault of ours is not the caller's");
        }

        for (var i = 0; i < 5; i++)
        {
            (await CallAsync(RateLimits.Login, 401)).Response.StatusCode.ShouldBe(401);
        }

        (await CallAsync(RateLimits.Login, 200)).Response.StatusCode.ShouldBe(429);
    }

    [Fact]
    public async Task CountsSuccessesAlone_When_TheLimitIsOfSuccesses()
    {
        (await CallAsync(RateLimits.CheckIn, 422)).Response.StatusCode.ShouldBe(422);
        await Should.ThrowAsync<InvalidOperationException>(() => CallAsync(RateLimits.CheckIn, null));
        (await CallAsync(RateLimits.CheckIn, 200)).Response.StatusCode.ShouldBe(200);

        (await CallAsync(RateLimits.CheckIn, 200)).Response.StatusCode.ShouldBe(429);
    }

    [Fact]
    public async Task HoldsPersonsToTwoLimits_When_TheEndpointHasOneOfItsOwn()
    {
        var person = new Actor(new TenantId(1), "u", FrozenSet<string>.Empty) { Person = new SignedIn(7, null, "MEMBER", 1) };
        for (var i = 0; i < 100; i++)
        {
            (await CallAsync(RateLimits.Members, 200, person)).Response.StatusCode.ShouldBe(200);
        }

        HttpScenario.AnswerOf(await CallAsync(RateLimits.Members, 200, person)).GetProperty("policy").GetString().ShouldBe("Members");
        var other = await CallAsync(null, 200, person);
        (other.Response.StatusCode, Header(other, "RateLimit-Limit")).ShouldBe((200, "600"));
        for (var i = 102; i < 600; i++)
        {
            (await CallAsync(null, 200, person)).Response.StatusCode.ShouldBe(200);
        }

        HttpScenario.AnswerOf(await CallAsync(null, 200, person)).GetProperty("policy").GetString().ShouldBe("General");
    }

    [Fact]
    public async Task HoldsKeysToTheirQuotaAlone_When_TheyHaveOne()
    {
        var key = new Actor(new TenantId(1), "shop", FrozenSet<string>.Empty) { Key = new Hash128(1, 2), Quota = 150 };
        for (var i = 0; i < 150; i++)
        {
            (await CallAsync(RateLimits.Members, 200, key)).Response.StatusCode.ShouldBe(200);
        }

        HttpScenario.AnswerOf(await CallAsync(RateLimits.Members, 200, key)).GetProperty("policy").GetString().ShouldBe("Key");
        var free = await CallAsync(RateLimits.Members, 200, key with { Quota = null });
        (free.Response.StatusCode, free.Response.Headers.ContainsKey("RateLimit-Limit")).ShouldBe((200, false));
    }

    [Theory]
    [InlineData("192.0.2.1", null, "192.0.2.1")]
    [InlineData("192.0.2.1", "198.51.100.7", "192.0.2.1")] // Nobody's word but a proxy's.
    [InlineData("10.0.0.1", "198.51.100.7", "198.51.100.7")]
    [InlineData("10.0.0.1", "203.0.113.9, 198.51.100.7", "198.51.100.7")] // What stands before it may be made up.
    [InlineData("10.0.0.1", "203.0.113.9, 198.51.100.7, 10.2.3.4", "198.51.100.7")]
    [InlineData("10.0.0.1", "198.51.100.7:4711", "198.51.100.7")]
    [InlineData("10.0.0.1", "[2001:db8::1]:443", "2001:db8::1")]
    [InlineData("10.0.0.1", "nonsense", "10.0.0.1")]
    [InlineData("10.0.0.1", "10.0.0.2", "10.0.0.2")]
    [InlineData("::ffff:192.0.2.1", null, "192.0.2.1")]
    public void IsTheCallersAddress_When_ProxiesStandBetween(string peer, string? forwarded, string expected)
    {
        var context = new DefaultHttpContext { Connection = { RemoteIpAddress = IPAddress.Parse(peer) } };
        if (forwarded is not null)
        {
            context.Request.Headers["X-Forwarded-For"] = forwarded;
        }

        new ClientAddresses([IPNetwork.Parse("10.0.0.0/8")], NullLogger<ClientAddresses>.Instance).Of(context).ShouldBe(IPAddress.Parse(expected));
    }

    private static string Header(HttpContext context, string name) => context.Response.Headers[name].ToString();

    /// <param name="status">What the endpoint answers; null throws.</param>
    private async Task<HttpContext> CallAsync(RateLimit? limit, int? status, Actor? actor = null)
    {
        var context = new DefaultHttpContext { Response = { Body = new MemoryStream() }, Connection = { RemoteIpAddress = IPAddress.Parse("192.0.2.1") } };
        context.SetEndpoint(new Endpoint(null, limit is null ? EndpointMetadataCollection.Empty : new EndpointMetadataCollection(limit), "limited"));
        await _gate.RunAsync(context, actor, reached =>
        {
            reached.Response.StatusCode = status ?? throw new InvalidOperationException("The endpoint broke.");
            return Task.CompletedTask;
        });
        return context;
    }
}
