using Laurel.ServerTests.Hosting;
using Laurel.ServerTests.SigningIn;
using Laurel.ServerTests.Tenants;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.Attacks;

/// <summary>Other ways of writing the path of what one may not do: none of them leads past the permission (D4).</summary>
public sealed class PathTricksTests(Servers servers, ITestOutputHelper output) : IClassFixture<Servers>
{
    /// <summary>Headers by which some servers let a caller say another path or method than the request's own.</summary>
    private static readonly string[] s_overrides =
    [
        "X-HTTP-Method-Override: GET", "X-Method-Override: GET", "X-HTTP-Method: GET", "X-Original-URL: /health", "X-Rewrite-URL: /health",
        "X-Forwarded-Prefix: /health", "X-Forwarded-Path: /health", "X-Forwarded-For: 127.0.0.1", "X-Real-IP: 127.0.0.1", "X-Original-Method: GET",
    ];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("Attack", "D4")]
    public async Task LeadsNowhere_When_NobodyAsksWithAnotherWritingOfThePath()
    {
        var server = await servers.OnAsync(DatabaseUnderTest.Sqlite);
        var faults = new List<string>();
        var asked = 0;
        var denied = 0;
        foreach (var call in Guarded())
        {
            foreach (var target in WritingsOf(PathOf(call)))
            {
                asked++;
                var answer = await RawHttp.GetAsync(server, call.Method, target, Cancellation, "Content-Length: 0");
                denied += RawHttp.StatusesOf(answer) is [401] ? 1 : 0;
                if (!IsRefused(answer))
                {
                    faults.Add($"{call.Method} {target}: {answer}");
                }
            }
        }

        output.WriteLine($"{asked} requests, {denied} of them to a door that asked who calls");
        faults.ShouldBeEmpty();
        asked.ShouldBeGreaterThan(2_000);
        denied.ShouldBeGreaterThan(asked / 8);
    }

    /// <summary>A member's token may read what is its own, so a check that a writing of the path passes by would show.</summary>
    [Fact]
    [Trait("Attack", "D4")]
    public async Task LeadsNowhere_When_AMemberAsksForWhatOperatorsMay()
    {
        var server = await servers.OnAsync(DatabaseUnderTest.Sqlite);
        var person = await server.SignUpAsync("trickster");
        var faults = new List<string>();
        foreach (var path in new[] { "/api/keys", "/api/users", "/api/roles", "/api/tenants", "/api/webhooks", "/api/finance/journal", "/api/programme", "/metrics" })
        {
            foreach (var target in WritingsOf(path))
            {
                var answer = await RawHttp.GetAsync(server, "GET", target, Cancellation, $"Authorization: Bearer {person.Token}");
                if (!IsRefused(answer))
                {
                    faults.Add($"{target}: {answer}");
                }
            }
        }

        faults.ShouldBeEmpty();
    }

    [Fact]
    [Trait("Attack", "D4")]
    public async Task CountsForNothing_When_AHeaderNamesAnotherPathOrMethod()
    {
        var server = await servers.OnAsync(DatabaseUnderTest.Sqlite);
        foreach (var header in s_overrides)
        {
            RawHttp.StatusesOf(await RawHttp.GetAsync(server, "POST", "/api/keys", Cancellation, header, "Content-Length: 0")).ShouldBe([401], header);
            RawHttp.StatusesOf(await RawHttp.GetAsync(server, "GET", "/api/members", Cancellation, header)).ShouldBe([401], header);
        }
    }

    /// <summary>What nobody may ask for without credentials.</summary>
    private static IEnumerable<ApiCall> Guarded() => ApiCalls.All
        .Where(call => !call.IsOpen && PathOf(call).StartsWith("/api/", StringComparison.Ordinal))
        .DistinctBy(call => $"{call.Method} {PathOf(call)}");

    private static string PathOf(ApiCall call) => call.Path.Split('?')[0].Replace("<", "", StringComparison.Ordinal).Replace(">", "", StringComparison.Ordinal);

    private static bool IsRefused(string answer) => RawHttp.StatusesOf(answer) is [400 or 401 or 403 or 404 or 405] or [];

    private static IEnumerable<string> WritingsOf(string path)
    {
        var tail = path[5..];
        yield return path;
        yield return path + "/";
        yield return path + ".";
        yield return path + "%20";
        yield return path + "%00";
        yield return path + ";a=b";
        yield return path + "%3f";
        yield return path + "/.";
        yield return path + "%2f";
        yield return path.ToUpperInvariant();
        yield return "/" + path;
        yield return "//localhost" + path;
        yield return "/api//" + tail;
        yield return "/api/./" + tail;
        yield return "/api/x/../" + tail;
        yield return "/api%2f" + tail;
        yield return "/api%5c" + tail;
        yield return "/api\\" + tail;
        yield return "/%61pi/" + tail;
        yield return "/%2561pi/" + tail;
        yield return "/health/.." + path;
        yield return "/health/%2e%2e" + path;
        yield return "/health/..;" + path;
        yield return "/health%2f.." + path;
        yield return "/docs/.." + path;
        yield return "/docs/..%5c.." + path;
        yield return "http://localhost" + path;
        yield return "http://localhost//" + path;
    }
}
