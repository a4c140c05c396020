using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Dapper;
using Laurel.ServerTests.Backups;
using Laurel.ServerTests.Hosting;
using Laurel.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.SigningIn;

/// <summary>A shop that signs its members in itself: its tokens are theirs here too.</summary>
public sealed class HostSignInTests(DatabaseServers cluster) : IAsyncDisposable
{
    private const string Issuer = "https://login.shop.example/";

    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private WebApplication? _shop;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        _key.Dispose();
        await (_shop?.DisposeAsync() ?? default);
    }

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task IsTheMemberOfThatId_When_TheShopsTokenIsGood(DatabaseUnderTest database)
    {
        await using var site = await LaurelSite.CreateAsync(database, cluster, Cancellation);
        site.Environment["HostSignIn__Issuer"] = Issuer;
        site.Environment["HostSignIn__Audience"] = "laurel";
        site.Environment["HostSignIn__KeysAddress"] = await StartShopAsync() + "/jwks.json";
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        var (member, other) = (await server.NewMemberAsync("shop-1", 250), await server.NewMemberAsync("shop-2", 100));

        (await server.GetAsAsync(TokenOf("shop-1"), "/api/members/me")).TextOf("id").ShouldBe(member);
        (await server.GetAsAsync(TokenOf("shop-1"), "/api/members/me/points")).Status.ShouldBe(200);
        (await server.GetAsAsync(TokenOf("shop-1"), $"/api/members/{other}")).Outcome.ShouldBe("403 FORBIDDEN");
        (await server.GetAsAsync(TokenOf("shop-1"), "/api/members")).Outcome.ShouldBe("403 FORBIDDEN");
        foreach (var path in new[] { "/api/auth/names", "/api/auth/sessions", "/api/auth/validate" })
        {
            (await server.GetAsAsync(TokenOf("shop-1"), path)).Outcome.ShouldBe("403 SIGN_IN_OF_HOST", path);
        }

        (await server.GetAsAsync(TokenOf("shop-9"), "/api/members/me")).Outcome.ShouldBe("401 UNAUTHORIZED");
        (await server.GetAsAsync(TokenOf("shop-1", audience: "another"), "/api/members/me")).Outcome.ShouldBe("401 UNAUTHORIZED");
        (await server.GetAsAsync(TokenOf("shop-1", minutes: -5), "/api/members/me")).Outcome.ShouldBe("401 UNAUTHORIZED");
        (await server.GetAsAsync(TokenOf("shop-1")[..^4] + "AAAA", "/api/members/me")).Outcome.ShouldBe("401 UNAUTHORIZED");

        (await server.PostAsync($"/api/members/{other}/status", new { status = "banned", reason = "test" })).Status.ShouldBe(200);
        (await server.GetAsAsync(TokenOf("shop-2"), "/api/members/me")).Outcome.ShouldBe("401 UNAUTHORIZED");
    }

    /// <summary>The shop signs the member in, and not the user that the member is here.</summary>
    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    [Trait("Attack", "D12")]
    public async Task ActsForTheMemberAlone_When_TheMemberIsOfTheStaffToo(DatabaseUnderTest database)
    {
        await using var site = await LaurelSite.CreateAsync(database, cluster, Cancellation);
        site.Environment["HostSignIn__Issuer"] = Issuer;
        site.Environment["HostSignIn__Audience"] = "laurel";
        site.Environment["HostSignIn__KeysAddress"] = await StartShopAsync() + "/jwks.json";
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        var member = await server.NewMemberAsync("shop-1", 250);
        await using (var connection = await SqlOf.ConnectAsync(site, Cancellation))
        {
            await connection.ExecuteAsync($"""
                INSERT INTO users (tenant_id, id, is_member, username, role, status, signed_in_since, totp_step, created_at)
                VALUES (1, {member}, 1, 'olga', 'SUPER_ADMIN', 'active', 0, 0, 0)
                """);
        }

        (await server.GetAsAsync(TokenOf("shop-1"), "/api/members/me")).TextOf("id").ShouldBe(member);
        (await server.GetAsAsync(TokenOf("shop-1"), "/api/members")).Outcome.ShouldBe("403 FORBIDDEN");
        foreach (var (path, body) in new (string, object)[]
        {
            ("/api/auth/change-password", new { newPassword = SignInCalls.Password }),
            ("/api/auth/names", new { email = "olga@example.com", code = "000000" }),
            ("/api/auth/totp", new { }),
            ("/api/auth/step-up", new { totp = "000000" }),
            ("/api/auth/logout", new { everywhere = true }),
        })
        {
            (await server.PostAsAsync(TokenOf("shop-1"), path, body)).Outcome.ShouldBe("403 SIGN_IN_OF_HOST", path);
        }

        (await server.AsAsync(LaurelSite.AdministratorKey, HttpMethod.Put, $"/api/users/{member}", new { status = "disabled" })).Status.ShouldBe(200);
        (await server.GetAsAsync(TokenOf("shop-1"), "/api/members/me")).Outcome.ShouldBe("401 UNAUTHORIZED");
    }

    private async Task<string> StartShopAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _shop = builder.Build();
        var point = _key.ExportParameters(includePrivateParameters: false).Q;
        var keys = JsonSerializer.Serialize(new
        {
            keys = new[] { new { kty = "EC", crv = "P-256", kid = "k1", x = Base64Url.EncodeToString(point.X), y = Base64Url.EncodeToString(point.Y) } },
        });
        _shop.MapGet("/jwks.json", (HttpContext context) =>
        {
            context.Response.ContentType = LaurelServer.Json;
            return context.Response.WriteAsync(keys, context.RequestAborted);
        });
        await _shop.StartAsync(Cancellation);
        return _shop.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
    }

    private string TokenOf(string subject, string audience = "laurel", int minutes = 10)
    {
        var expires = TimeProvider.System.GetUtcNow().AddMinutes(minutes).ToUnixTimeSeconds();
        var message = Part(new { alg = "ES256", typ = "JWT", kid = "k1" }) + "." + Part(new { iss = Issuer, aud = audience, sub = subject, exp = expires });
        return message + "." + Base64Url.EncodeToString(_key.SignData(Encoding.ASCII.GetBytes(message), HashAlgorithmName.SHA256));
    }

    private static string Part(object value) => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(value));
}
