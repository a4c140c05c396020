using System.Buffers.Text;
using System.Text.Json;
using Laurel.ServerTests.Hosting;
using Laurel.ServerTests.Tenants;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.SigningIn;

/// <summary>A program that is not ours reads our tokens, and makes some that we read.</summary>
public sealed class TokensOfOthersTests(SignInServers servers, DatabaseServers cluster) : IClassFixture<SignInServers>
{
    private const string Secret = "a-secret-that-is-long-enough-0123456789";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ReadsOurs_When_ItHasTheKeySet()
    {
        var server = await servers.OnAsync(DatabaseUnderTest.Sqlite);
        var person = await server.SignUpAsync("jose");

        var claims = await Jose.RunAsync(Cancellation, "verify", $"{server.Process.Address}.well-known/jwks.json", person.Token);

        claims.GetProperty("user_id").GetString().ShouldBe(person.Id);
        (claims.GetProperty("username").GetString(), claims.GetProperty("role").GetString(), claims.GetProperty("level").GetString(), claims.GetProperty("tenant").GetInt32())
            .ShouldBe(("jose", "member", "bronze", 1));
        (claims.GetProperty("exp").GetInt64() - claims.GetProperty("iat").GetInt64()).ShouldBe(86_400);
        claims.EnumerateObject().Select(claim => claim.Name).Order().ShouldBe(["aud", "exp", "iat", "iss", "jti", "level", "role", "tenant", "user_id", "username"]);
        var altered = person.Token[..^4] + (person.Token.EndsWith("AAAA", StringComparison.Ordinal) ? "BBBB" : "AAAA");
        (await Jose.RunAsync(Cancellation, "verify", $"{server.Process.Address}.well-known/jwks.json", altered)).GetProperty("refused").GetString()
            .ShouldBe("ERR_JWS_SIGNATURE_VERIFICATION_FAILED");
    }

    [Fact]
    public async Task MakesSomeThatWeRead_When_TheSecretIsShared()
    {
        await using var site = await LaurelSite.CreateAsync(DatabaseUnderTest.Sqlite, cluster, Cancellation);
        site.Environment["JWT_SECRET"] = Secret;
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        var person = await server.SignUpAsync("jose");


        (await Jose.RunAsync(Cancellation, "verify-shared", Secret, person.Token)).GetProperty("user_id").GetString().ShouldBe(person.Id);
        (await server.StandingAsync(await SignedAsync(Secret, person.Token, "HS256"))).ShouldBe("200");
        (await server.StandingAsync(await SignedAsync(Secret, person.Token, "HS512"))).ShouldBe("401 UNAUTHORIZED");
        (await server.StandingAsync(await SignedAsync(Secret + "x", person.Token, "HS256"))).ShouldBe("401 UNAUTHORIZED");
        var unsigned = TokenOf(await Jose.RunAsync(Cancellation, "unsigned", person.Token));
        (await server.StandingAsync(unsigned)).ShouldBe("401 UNAUTHORIZED");
        (await server.PostAsync("/api/auth/keys/rotate", new { })).Outcome.ShouldBe("409 TOKEN_KEY_SHARED");
        (await server.GetAsync("/.well-known/jwks.json")).Json.GetProperty("keys").GetArrayLength().ShouldBe(0);
    }

    /// <summary>Whoever has the secret makes tokens of the default tenant alone, so the others' are signed by a key of Laurel's own.</summary>
    [Fact]
    public async Task IsSignedByOurOwnKey_When_TheSecretIsSharedAndTheTenantIsAnother()
    {
        await using var site = await LaurelSite.CreateAsync(DatabaseUnderTest.Sqlite, cluster, Cancellation);
        site.Environment["JWT_SECRET"] = Secret;
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        await server.NewTenantAsync("red");
        (await server.GetAsync("/.well-known/jwks.json")).Json.GetProperty("keys").GetArrayLength().ShouldBe(0);

        var person = await server.SignUpInAsync("red", "ann");

        (await server.StandingAsync(person.Token)).ShouldBe("200");
        HeaderOf(person.Token).ShouldBe(("ES256", "own-1"));
        var ours = await server.SignUpAsync("jose");
        (HeaderOf(ours.Token).Algorithm, await server.StandingAsync(ours.Token)).ShouldBe(("HS256", "200"));
        (await server.GetAsync("/.well-known/jwks.json")).Json.GetProperty("keys").EnumerateArray().Single().GetProperty("kid").GetString().ShouldBe("own-1");
        (await server.PostAsync("/api/auth/keys/rotate", new { })).TextOf("kid").ShouldBe("own-2");
        (await server.StandingAsync(person.Token)).ShouldBe("200");
    }

    private static async Task<string> SignedAsync(string secret, string token, string algorithm) =>
        TokenOf(await Jose.RunAsync(Cancellation, "sign-shared", secret, token, algorithm));

    private static (string? Algorithm, string? Key) HeaderOf(string token)
    {
        using var header = JsonDocument.Parse(Base64Url.DecodeFromChars(token.AsSpan(0, token.IndexOf('.', StringComparison.Ordinal))));
        return (header.RootElement.GetProperty("alg").GetString(), header.RootElement.GetProperty("kid").GetString());
    }

    private static string TokenOf(JsonElement printed) => printed.GetProperty("token").GetString()!;
}
