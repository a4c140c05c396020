using Laurel.ServerTests.Hosting;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.SigningIn;

/// <summary>Sessions go on by refresh tokens, each of which is good once, and end when the user or the theft of a token says so.</summary>
public sealed class SessionsTests(SignInServers servers) : IClassFixture<SignInServers>
{
    public static TheoryData<DatabaseUnderTest> Databases => [DatabaseUnderTest.Sqlite, DatabaseUnderTest.Postgres, DatabaseUnderTest.MySql];

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task GoesOn_When_ItIsRefreshed(DatabaseUnderTest database)
    {
        var server = await servers.OnAsync(database);
        var first = await server.SignUpAsync("goer");

        var second = SignedInPerson.Of(await server.RefreshAsync(first.RefreshToken));
        var third = SignedInPerson.Of(await server.PostAsAsync(null, "/api/auth/refresh", new { refreshToken = second.RefreshToken }));

        new[] { first.RefreshToken, second.RefreshToken, third.RefreshToken }.Distinct().Count().ShouldBe(3);
        (await server.StandingAsync(third.Token)).ShouldBe("200");
        (await server.GetAsAsync(third.Token, "/api/auth/sessions")).Json.GetProperty("items").GetArrayLength().ShouldBe(1);
    }

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task IsGivenTheSameTokenAgain_When_TheAnswerWasLost(DatabaseUnderTest database)
    {
        var server = await servers.OnAsync(database);
        var person = await server.SignUpAsync("loser");

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => server.RefreshAsync(person.RefreshToken)));

        answers.ShouldAllBe(answer => answer.Status == 200);
        answers.Select(answer => answer.TextOf("refreshToken")).Distinct().Count().ShouldBe(1);
    }

    [Theory]
    [MemberData(nameof(Databases))]
    [Trait("Attack", "D5")]
    public async Task IsOver_When_AnOldTokenComesAgain(DatabaseUnderTest database)
    {
        var server = await servers.OnAsync(database);
        var stolen = await server.SignUpAsync("victim");
        var second = SignedInPerson.Of(await server.RefreshAsync(stolen.RefreshToken));
        var third = SignedInPerson.Of(await server.RefreshAsync(second.RefreshToken));

        (await server.RefreshAsync(stolen.RefreshToken)).Outcome.ShouldBe("401 REFRESH_TOKEN_REUSED");

        (await server.StandingAsync(third.Token)).ShouldBe("401 UNAUTHORIZED");
        (await server.RefreshAsync(third.RefreshToken)).Outcome.ShouldBe("401 REFRESH_TOKEN_INVALID");
    }

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task EndsOneOrAll_When_TheUserLogsOut(DatabaseUnderTest database)
    {
        var server = await servers.OnAsync(database);
        var phone = await server.SignUpAsync("leaver");
        var tablet = SignedInPerson.Of(await server.LoginAsync("leaver"));
        var desk = SignedInPerson.Of(await server.LoginAsync("leaver"));

        (await server.PostAsAsync(phone.Token, "/api/auth/logout", new { })).Status.ShouldBe(204);
        (await server.StandingAsync(phone.Token)).ShouldBe("401 UNAUTHORIZED");
        (await server.RefreshAsync(phone.RefreshToken)).Outcome.ShouldBe("401 REFRESH_TOKEN_INVALID");

        var open = (await server.GetAsAsync(desk.Token, "/api/auth/sessions")).Json.GetProperty("items");
        open.GetArrayLength().ShouldBe(2);
        var other = open.EnumerateArray().Single(item => !item.GetProperty("current").GetBoolean()).GetProperty("id").GetString();
        (await server.AsAsync(desk.Token, HttpMethod.Delete, $"/api/auth/sessions/{other}")).Status.ShouldBe(204);
        (await server.StandingAsync(tablet.Token)).ShouldBe("401 UNAUTHORIZED");

        var stranger = await server.SignUpAsync("stranger");
        var own = (await server.GetAsAsync(desk.Token, "/api/auth/sessions")).Json.GetProperty("items")[0].GetProperty("id").GetString();
        (await server.AsAsync(stranger.Token, HttpMethod.Delete, $"/api/auth/sessions/{own}")).Outcome.ShouldBe("404 SESSION_NOT_FOUND");

        (await server.PostAsAsync(desk.Token, "/api/auth/logout", new { everywhere = true })).Status.ShouldBe(204);
        (await server.StandingAsync(desk.Token)).ShouldBe("401 UNAUTHORIZED");
    }

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task DisplacesTheOldest_When_ThereAreTooMany(DatabaseUnderTest database)
    {
        var server = await servers.OnAsync(database);
        var oldest = await server.SignUpAsync("collector");
        (await server.StandingAsync(oldest.Token)).ShouldBe("200");
        for (var i = 0; i < 20; i++)
        {
            (await server.LoginAsync("collector")).Status.ShouldBe(200);
        }

        (await server.RefreshAsync(oldest.RefreshToken)).Outcome.ShouldBe("401 REFRESH_TOKEN_INVALID");
        (await server.StandingAsync(oldest.Token)).ShouldBe("401 UNAUTHORIZED", "at once, though it was good a moment ago");
    }

    [Fact]
    public async Task IsRefused_When_TheTokenIsNoneOfOurs()
    {
        var server = await servers.OnAsync(DatabaseUnderTest.Sqlite);
        var person = await server.SignUpAsync("owner");
        var changed = person.RefreshToken[..^2] + (person.RefreshToken.EndsWith("AA", StringComparison.Ordinal) ? "BB" : "AA");

        foreach (var token in new[] { changed, "lr_", "lr_AAAA", "", person.Token, new string('x', 200) })
        {
            (await server.RefreshAsync(token)).Status.ShouldBeOneOf(400, 401);
        }

        (await server.RefreshAsync(person.RefreshToken)).Status.ShouldBe(200);
    }

    [Fact]
    public async Task IsForPeople_When_AnApiKeyAsks()
    {
        var server = await servers.OnAsync(DatabaseUnderTest.Sqlite);

        (await server.GetAsync("/api/auth/sessions")).Outcome.ShouldBe("403 SIGN_IN_REQUIRED");
        (await server.PostAsync("/api/auth/logout", new { })).Outcome.ShouldBe("403 SIGN_IN_REQUIRED");
    }

    /// <summary>Tokens of the key before stay good, and every node finds the new key.</summary>
    [Theory]
    [MemberData(nameof(Databases))]
    [Trait("Attack", "D6")]
    public async Task KeepsItsToken_When_TheKeyIsRotated(DatabaseUnderTest database)
    {
        var server = await servers.OnAsync(database);
        var before = await server.SignUpAsync("rotated");

        var rotated = await server.PostAsync("/api/auth/keys/rotate", new { });

        rotated.Status.ShouldBe(200);
        var after = SignedInPerson.Of(await server.LoginAsync("rotated"));
        (await server.StandingAsync(before.Token)).ShouldBe("200");
        (await server.StandingAsync(after.Token)).ShouldBe("200");
        var keys = (await server.GetAsync("/.well-known/jwks.json")).Json.GetProperty("keys").EnumerateArray().Select(key => key.GetProperty("kid").GetString()).ToList();
        keys.Count.ShouldBe(2);
        keys[0].ShouldBe(rotated.TextOf("kid"));
    }
}
