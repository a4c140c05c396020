using Laurel.ServerTests.Hosting;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.Caching;

/// <summary>Redis behind TLS: used when its certificate is right, refused with the reason when it is not. The server answers either way.</summary>
public sealed class RedisOverTlsTests(DatabaseServers cluster) : IDisposable
{
    private readonly ThrowAwayAuthority _authority = new("Laurel tests");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("localhost")]
    public async Task IsUsed_When_TheAuthorityOfItsCertificateIsNamed(string host)
    {
        var (redis, port) = await StartAsync(host);
        await using var _ = redis;
        await using var site = await SiteAsync($"rediss://{host}:{port}");
        site.Environment["LAUREL_REDIS_CA_FILE"] = _authority.CertificateFile;
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        await CacheOf.UntilAsync(() => CacheOf.UsesRedisAsync(server), TimeSpan.FromSeconds(20));
        var member = await server.NewMemberAsync("m", 100);

        // Memory forgets within a second; what is asked for after that comes from Redis.
        await CacheOf.UntilAsync(
            async () => await CacheOf.AvailableAsync(server, member) == 100 && await CacheOf.AnswersAsync(server, "redis") > 0,
            TimeSpan.FromSeconds(30));

        (await redis.CommandAsync(Cancellation, "EXISTS", $"1:member:info:{member}")).ShouldBe(":1\r\n");
        (await redis.CommandAsync(Cancellation, "CLIENT", "LIST")).ShouldContain($"laddr=127.0.0.1:{port}");
        (await server.GetAsync("/ready")).Text.ShouldContain("\"cache\":\"ok\"");
        (await DoctorAsync(site)).ShouldContain($"Redis at {host}:{port} answers after");
    }

    [Fact]
    public async Task IsRefused_When_NobodyHereTrustsItsAuthority()
    {
        var (redis, port) = await StartAsync("127.0.0.1");
        await using var _ = redis;
        await using var site = await SiteAsync($"rediss://127.0.0.1:{port}");

        await IsRefusedAsync(site, "is not to be trusted here: ", "Name the authority that signed it in LAUREL_REDIS_CA_FILE");
    }

    [Fact]
    public async Task IsRefused_When_AnotherAuthorityIsNamed()
    {
        using var another = new ThrowAwayAuthority("Somebody else");
        var (redis, port) = await StartAsync("127.0.0.1");
        await using var _ = redis;
        await using var site = await SiteAsync($"rediss://127.0.0.1:{port}");
        site.Environment["LAUREL_REDIS_CA_FILE"] = another.CertificateFile;

        await IsRefusedAsync(site, "is not to be trusted by the authorities of LAUREL_REDIS_CA_FILE: ");
    }

    [Fact]
    public async Task IsRefused_When_ItsCertificateIsForAnotherHost()
    {
        var (redis, port) = await StartAsync("cache.example.com");
        await using var _ = redis;
        await using var site = await SiteAsync($"rediss://127.0.0.1:{port}");
        site.Environment["LAUREL_REDIS_CA_FILE"] = _authority.CertificateFile;

        await IsRefusedAsync(site, "its certificate (CN=cache.example.com) is not for the host 127.0.0.1");
    }

    [Fact]
    public async Task IsRefused_When_ItsCertificateIsNoLongerGood()
    {
        var (redis, port) = await StartAsync("127.0.0.1", expired: true);
        await using var _ = redis;
        await using var site = await SiteAsync($"rediss://127.0.0.1:{port}");
        site.Environment["LAUREL_REDIS_CA_FILE"] = _authority.CertificateFile;

        await IsRefusedAsync(site, "NotTimeValid");
    }

    [Theory]
    [InlineData("rediss://127.0.0.1:6390", "/nowhere/authority.pem", "which holds no certificate in PEM that can be read")]
    [InlineData("redis://127.0.0.1:6390", null, "authorities are named, and it does not ask for TLS")]
    public async Task IsNamedAtTheStart_When_TheFileOfAuthoritiesIsOfNoUse(string url, string? file, string told)
    {
        await using var site = await SiteAsync(url);
        site.Environment["LAUREL_REDIS_CA_FILE"] = file ?? _authority.CertificateFile;

        var outcome = await site.RunVerbAsync(Cancellation, "serve");

        outcome.ExitCode.ShouldBe(2);
        outcome.Errors.ShouldContain(told);
    }

    public void Dispose() => _authority.Dispose();

    /// <summary>Doctor, the log and <c>/ready</c> say so, and members are read from the database.</summary>
    private static async Task IsRefusedAsync(LaurelSite site, params IReadOnlyList<string> reasons)
    {
        var told = await DoctorAsync(site);
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        var member = await server.NewMemberAsync("m", 100);

        (await CacheOf.AvailableAsync(server, member)).ShouldBe(100);
        (await server.GetAsync("/ready")).Text.ShouldContain("\"cache\":\"unavailable\"");
        (await CacheOf.UsesRedisAsync(server)).ShouldBeFalse();
        await Eventually.HoldsAsync(
            () => Task.FromResult(Log(server).Contains("is not used: its certificate", StringComparison.Ordinal)), "the log does not say why");
        told.ShouldContain("is not used: its certificate");
        foreach (var reason in reasons)
        {
            told.ShouldContain(reason);
            Log(server).ShouldContain(reason);
        }
    }

    private static string Log(LaurelServer server) => server.Process.Output + server.Process.Errors;

    private static async Task<string> DoctorAsync(LaurelSite site) =>
        string.Join(' ', (await site.RunVerbAsync(Cancellation, "doctor")).Output.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    private async Task<(RedisServer Redis, int Port)> StartAsync(string host, bool expired = false)
    {
        var (certificate, key) = _authority.Sign(host, expired);
        var port = ChildProcess.FreePort();
        string[] options =
        [
            "--tls-port", $"{port}", "--tls-cert-file", certificate, "--tls-key-file", key,
            "--tls-ca-cert-file", _authority.CertificateFile, "--tls-auth-clients", "no",
        ];
        return (await RedisServer.StartAsync(Cancellation, options), port);
    }

    private async Task<LaurelSite> SiteAsync(string redisUrl)
    {
        var site = await LaurelSite.CreateAsync(DatabaseUnderTest.Sqlite, cluster, Cancellation);
        site.Environment["REDIS_URL"] = redisUrl;
        site.Environment["LAUREL_CACHE_MEMORY_SECONDS"] = "1";
        return site;
    }
}
