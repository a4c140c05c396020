using Laurel.ServerTests.Hosting;
using Laurel.ServerTests.Tenants;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.Attacks;

/// <summary>What a browser could be made to run that is only data, or to keep (E6).</summary>
public sealed class AnswersAreDataTests(Servers servers) : IClassFixture<Servers>
{
    private const string Script = "<script>alert(1)</script><img src=x onerror=alert(1)>";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("Attack", "E6")]
    public async Task TellBrowsersNotToRunThem_When_AnythingIsAnswered()
    {
        var server = await servers.OnAsync(DatabaseUnderTest.Sqlite);
        using var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = server.Process.Address };
        var paths = ApiCalls.All.Select(call => call.Path.Replace("<", "", StringComparison.Ordinal).Replace(">", "", StringComparison.Ordinal))
            .Concat(["/", "/docs/index.html", "/openapi/v1.json", "/nothing", "/metrics"]);

        foreach (var path in paths.Distinct())
        {
            using var answer = await client.GetAsync(new Uri(path, UriKind.Relative), Cancellation);
            answer.Headers.GetValues("X-Content-Type-Options").ShouldBe(["nosniff"], path);
            answer.Headers.GetValues("Referrer-Policy").ShouldBe(["no-referrer"], path);
            var policy = answer.Headers.GetValues("Content-Security-Policy").ShouldHaveSingleItem();
            policy.ShouldContain("frame-ancestors 'none'");
            (path.StartsWith("/docs", StringComparison.Ordinal) || policy.StartsWith("default-src 'none'", StringComparison.Ordinal)).ShouldBeTrue(path);
            policy.ShouldNotContain("script-src");
            if (path.StartsWith("/api/", StringComparison.Ordinal))
            {
                answer.Headers.CacheControl.ShouldNotBeNull(path).NoStore.ShouldBeTrue(path);
            }
        }
    }

    /// <summary>Text that is markup is kept as it is and told as JSON, which no browser takes for a page.</summary>
    [Fact]
    [Trait("Attack", "E6")]
    public async Task StayText_When_TheyHoldMarkup()
    {
        var server = await servers.OnAsync(DatabaseUnderTest.Sqlite);
        var member = (await server.PostAsync("/api/members", new { externalId = Script, nickname = Script })).TextOf("id")!;

        foreach (var answer in new[]
        {
            await server.MemberAsync(member), await server.GetAsync("/api/members"), await server.GetAsync($"/api/members/{Uri.EscapeDataString(Script)}"),
            await server.PostAsync("/api/points/earn", new Dictionary<string, object> { [Script] = 1 }),
        })
        {
            answer.MediaType.ShouldBeOneOf("application/json", "application/problem+json");
        }

        (await server.MemberAsync(member)).TextOf("nickname").ShouldBe(Script);
    }
}
