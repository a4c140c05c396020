using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Laurel.Identity.Host;
using Laurel.Identity.Wire;
using Laurel.Platform.Outside;
using Laurel.ServerTests.Hosting;
using Laurel.ServerTests.Tenants;
using Laurel.ServerTests.Webhooks;
using Laurel.Testing;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.SigningIn;

/// <summary>Each merchant's own sign-in is trusted for its own members alone; its keys are fetched from the public only.</summary>
public sealed class TenantHostsTests(DatabaseServers cluster)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    [Trait("Attack", "D1")]
    public async Task IsAMemberOfThatTenantAlone_When_ItsOwnSignInSaysSo(DatabaseUnderTest database)
    {
        using ECDsa redKey = ECDsa.Create(ECCurve.NamedCurves.nistP256), blueKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await using var hosts = await Receiver.StartAsync();
        hosts.Answer("/red", context => context.Response.WriteAsync(KeysOf(redKey), Cancellation));
        hosts.Answer("/blue", context => context.Response.WriteAsync(KeysOf(blueKey), Cancellation));
        await using var site = (await LaurelSite.CreateAsync(database, cluster, Cancellation)).AllowLoopback();
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        await using var red = await server.NewTenantAsync("red", "red.example.com");
        await using var blue = await server.NewTenantAsync("blue");
        var (atRed, atBlue) = (await red.NewMemberAsync("anna", 5), await blue.NewMemberAsync("anna", 7));

        // Both name the same issuer: that says nothing of tenants, and each is told by its own keys.
        (await SetAsync(red, hosts.Address + "/red")).Outcome.ShouldBe("200");
        (await SetAsync(blue, hosts.Address + "/blue")).Outcome.ShouldBe("200");
        var (token, other) = (TokenOf(redKey, "anna"), TokenOf(blueKey, "anna"));

        (await MeAsync(server, token, "red")).TextOf("id").ShouldBe(atRed);
        (await MeAsync(server, other, "blue")).TextOf("id").ShouldBe(atBlue);
        (await MeAsync(server, token, "blue")).Outcome.ShouldBe("401 UNAUTHORIZED");
        (await MeAsync(server, other, "red")).Outcome.ShouldBe("401 UNAUTHORIZED");
        (await MeAsync(server, token, null)).Outcome.ShouldBe("401 UNAUTHORIZED");
        (await MeAsync(server, token, "nobody")).Outcome.ShouldBe("401 UNAUTHORIZED");
        (await MeAsync(server, token, null, "red.example.com")).TextOf("id").ShouldBe(atRed);

        (await red.SendAsync(new HttpRequestMessage(HttpMethod.Delete, "/api/sign-in/apps/host"))).Status.ShouldBe(204);
        (await MeAsync(server, TokenOf(redKey, "anna", minutes: 11), "red")).Outcome.ShouldBe("401 UNAUTHORIZED");
        await site.VerifyAsync(Cancellation);
    }

    [Fact]
    [Trait("Attack", "E5")]
    public async Task IsNotTaken_When_TheAddressOfItsKeysLeadsInside()
    {
        await using var site = await LaurelSite.CreateAsync(DatabaseUnderTest.Sqlite, cluster, Cancellation);
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        foreach (var address in new[]
        {
            "http://login.example/keys", "https://127.0.0.1/keys", "https://2130706433/keys", "https://[::1]/keys", "https://169.254.169.254/latest", "https://10.0.0.1/keys",
            "https://localhost/keys", "https://user@login.example/keys", "https://login.example:22/keys", "file:///etc/passwd", "not an address",
        })
        {
            (await SetAsync(server, address)).Faults.ShouldBe(["SIGN_IN_ADDRESS_REFUSED /keysAddress"], address);
        }

        (await server.GetAsync("/api/sign-in/apps")).Json.GetProperty("items").GetArrayLength().ShouldBe(0);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("169.254.169.254")]
    [Trait("Attack", "E5")]
    public async Task AreNotFetched_When_TheNameOfAnIssuerLeadsInside(string address)
    {
        await using var host = await Receiver.StartAsync();
        var asked = 0;

        // Public when the administrator typed it, and what a rebinding server says later.
        ResolveName rebinding = (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Parse(asked++ == 0 ? "93.184.216.34" : address)]);
        var rule = new AddressRule([]);
        var url = new Uri($"http://login.example:{new Uri(host.Address).Port}/keys");
        (await new PublicUrl(rule, allowHttp: true, rebinding).FaultOfHostAsync(url, Cancellation)).ShouldBeNull();

        using var client = new ProviderClient(TimeSpan.FromSeconds(5), new GuardedConnection(rule, rebinding));
        (await KeysAt(url, client).FindAsync("k1", HostAlgorithm.ES256, Cancellation)).IsKnown.ShouldBeFalse();

        asked.ShouldBe(2);
        host.Asked.ShouldBeEmpty();
    }

    [Fact]
    [Trait("Attack", "E5")]
    public async Task AreNotFetched_When_TheIssuerRedirectsNeverEndsOrSaysTooMuch()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await using var host = await Receiver.StartAsync();
        host.Answer("/away", context =>
        {
            (context.Response.StatusCode, context.Response.Headers.Location) = (307, host.Address + "/keys");
            return Task.CompletedTask;
        });
        host.Answer("/keys", context => context.Response.WriteAsync(KeysOf(key), context.RequestAborted));
        host.Answer("/giant", async context =>
        {
            var piece = new byte[64 * 1_024];
            for (var i = 0; i < 100; i++)
            {
                await context.Response.Body.WriteAsync(piece, context.RequestAborted);
            }
        });
        host.Answer("/tarpit", context => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted));
        var guard = new GuardedConnection(new AddressRule([IPNetwork.Parse("127.0.0.0/8")]), (name, token) => Dns.GetHostAddressesAsync(name, token));
        using var client = new ProviderClient(TimeSpan.FromSeconds(1), guard);

        foreach (var path in new[] { "/away", "/giant", "/tarpit" })
        {
            (await KeysAt(new Uri(host.Address + path), client).FindAsync("k1", HostAlgorithm.ES256, Cancellation)).IsKnown.ShouldBeFalse(path);
        }

        host.Asked.ShouldBe(["/away", "/giant", "/tarpit"]);
        (await KeysAt(new Uri(host.Address + "/keys"), client).FindAsync("k1", HostAlgorithm.ES256, Cancellation)).Key.ShouldNotBeNull();
    }

    private static HostKeys KeysAt(Uri address, ProviderClient client) =>
        new(address, client, new ProviderFaults(HostKeys.Name, NullLogger.Instance), TimeProvider.System);

    private static Task<Answer> SetAsync(LaurelServer tenant, string keysAddress) => tenant.PutAsync(
        "/api/sign-in/apps/host", new { issuer = "https://login.example/", audience = "laurel", keysAddress });

    private static Task<Answer> MeAsync(LaurelServer server, string token, string? tenant, string? host = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, "/api/members/me");
        request.Headers.Authorization = new System.Net.Http.Headers.AuthenticationHeaderValue("Bearer", token);
        request.Headers.Host = host;
        if (tenant is not null)
        {
            request.Headers.Add("Laurel-Tenant", tenant);
        }

        return server.SendAsync(request);
    }

    private static string KeysOf(ECDsa key)
    {
        var point = key.ExportParameters(includePrivateParameters: false).Q;
        return JsonSerializer.Serialize(new
        {
            keys = new[] { new { kty = "EC", crv = "P-256", kid = "k1", x = Base64Url.EncodeToString(point.X), y = Base64Url.EncodeToString(point.Y) } },
        });
    }

    private static string TokenOf(ECDsa key, string subject, int minutes = 10)
    {
        var expires = TimeProvider.System.GetUtcNow().AddMinutes(minutes).ToUnixTimeSeconds();
        var message = Part(new { alg = "ES256", typ = "JWT", kid = "k1" }) + "." + Part(new { iss = "https://login.example/", aud = "laurel", sub = subject, exp = expires });
        return message + "." + Base64Url.EncodeToString(key.SignData(Encoding.ASCII.GetBytes(message), HashAlgorithmName.SHA256));
    }

    private static string Part(object value) => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(value));
}
