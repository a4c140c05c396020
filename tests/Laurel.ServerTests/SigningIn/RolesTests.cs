using Laurel.ServerTests.Hosting;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.SigningIn;

/// <summary>Staff has roles; what a role may do holds from the next call on, and nobody gives what it has not (D12).</summary>
public sealed class RolesTests(SignInServers servers) : IClassFixture<SignInServers>
{
    public static TheoryData<DatabaseUnderTest> Databases => [DatabaseUnderTest.Sqlite, DatabaseUnderTest.Postgres, DatabaseUnderTest.MySql];

    [Theory]
    [MemberData(nameof(Databases))]
    [Trait("Attack", "D12")]
    public async Task HoldsFromTheNextCallOn_When_ARoleIsChanged(DatabaseUnderTest database)
    {
        var server = await servers.OnAsync(database);
        (await WriteAsync(server, "HELPDESK", "members:read")).Status.ShouldBe(200);
        var (id, token) = await StaffAsync(server, "helper", "HELPDESK");
        (await server.GetAsAsync(token, "/api/members")).Status.ShouldBe(200);
        (await server.GetAsAsync(token, "/api/points/records")).Outcome.ShouldBe("403 FORBIDDEN");

        (await WriteAsync(server, "HELPDESK", "points:read")).Status.ShouldBe(200);
        (await server.GetAsAsync(token, "/api/members")).Outcome.ShouldBe("403 FORBIDDEN");

        (await PutUserAsync(server, id, new { role = "OPERATOR" })).TextOf("role").ShouldBe("OPERATOR");
        (await server.GetAsAsync(token, "/api/members")).Status.ShouldBe(200);
        (await PutUserAsync(server, id, new { role = "HELPDESK" })).Status.ShouldBe(200);
        (await server.AsAsync(LaurelSite.AdministratorKey, HttpMethod.Delete, "/api/roles/HELPDESK")).Status.ShouldBe(204);
        (await server.StandingAsync(token)).ShouldBe("403 FORBIDDEN");
        (await PutUserAsync(server, id, new { role = "HELPDESK" })).Outcome.ShouldBe("404 ROLE_NOT_FOUND");

        // Who holds a role that is there no more is switched off, and given another one.
        (await PutUserAsync(server, id, new { status = "disabled" })).TextOf("status").ShouldBe("disabled");
        (await PutUserAsync(server, id, new { status = "active", role = "OPERATOR" })).TextOf("role").ShouldBe("OPERATOR");
    }

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task IsSignedOut_When_AUserIsSwitchedOff(DatabaseUnderTest database)
    {
        var server = await servers.OnAsync(database);
        var (id, token) = await StaffAsync(server, "leaving", "OPERATOR");

        (await PutUserAsync(server, id, new { status = "disabled" })).TextOf("status").ShouldBe("disabled");

        (await server.StandingAsync(token)).ShouldBe("401 UNAUTHORIZED");
        (await server.LoginAsync("leaving")).Outcome.ShouldBe("401 SIGN_IN_FAILED");
        (await PutUserAsync(server, id, new { status = "active" })).Status.ShouldBe(200);
        (await server.StandingAsync(token)).ShouldBe("401 UNAUTHORIZED");
        (await server.LoginAsync("leaving")).Status.ShouldBe(200);
    }

    [Theory]
    [MemberData(nameof(Databases))]
    [Trait("Attack", "D12")]
    public async Task IsRefused_When_SomebodyGivesMoreThanItHas(DatabaseUnderTest database)
    {
        var server = await servers.OnAsync(database);
        var (_, token) = await StaffAsync(server, "climber", "ADMIN");
        var (superior, _) = await StaffAsync(server, "superior", "SUPER_ADMIN");
        var (self, _) = await StaffAsync(server, "inferior", "OPERATOR");

        (await server.PostAsAsync(token, "/api/users", new { username = "puppet", password = SignInCalls.Password, role = "SUPER_ADMIN" })).Outcome.ShouldBe("403 GRANT_EXCEEDS_OWN");
        (await server.AsAsync(token, HttpMethod.Put, $"/api/users/{self}", new { role = "SUPER_ADMIN" })).Outcome.ShouldBe("403 GRANT_EXCEEDS_OWN");
        (await server.AsAsync(token, HttpMethod.Put, $"/api/users/{superior}", new { status = "disabled" })).Outcome.ShouldBe("403 GRANT_EXCEEDS_OWN");
        (await server.AsAsync(token, HttpMethod.Put, "/api/roles/TOP", new { name = "Top", grants = new[] { "*" } })).Outcome.ShouldBe("403 GRANT_EXCEEDS_OWN");
        (await server.AsAsync(token, HttpMethod.Put, "/api/roles/SUPER_ADMIN", new { name = "Top", grants = new[] { "members:read" } })).Outcome.ShouldBe("409 ROLE_BUILT_IN");
        (await server.AsAsync(token, HttpMethod.Put, "/api/roles/READER", new { name = "Reader", grants = new[] { "read:all" } })).Status.ShouldBe(200);
        (await server.AsAsync(token, HttpMethod.Put, $"/api/users/{self}", new { role = "READER" })).Status.ShouldBe(200);
    }

    [Fact]
    public async Task IsToldWhatIsWrong_When_ARoleIs()
    {
        var server = await servers.OnAsync(DatabaseUnderTest.Sqlite);

        (await WriteAsync(server, "lower", "members:read")).Outcome.ShouldBe("400 VALIDATION_FAILED");
        (await WriteAsync(server, "UNKNOWN", "members:fly")).Faults.ShouldBe(["INVALID_FORMAT /grants"]);
        (await server.GetAsync("/api/users/1")).Outcome.ShouldBe("404 USER_NOT_FOUND");
        (await server.GetAsync("/api/roles")).Json.GetProperty("items").EnumerateArray().Take(6).Select(role => role.GetProperty("code").GetString())
            .ShouldBe(["MEMBER", "VIP", "OPERATOR", "FINANCE", "ADMIN", "SUPER_ADMIN"]);
    }

    [Fact]
    public async Task SeesItselfAlone_When_AMemberCalls()
    {
        var server = await servers.OnAsync(DatabaseUnderTest.Sqlite);
        var person = await server.SignUpAsync("plain");

        foreach (var path in new[] { "/api/members", "/api/users", "/api/roles", "/api/webhooks", "/api/programme", "/api/finance/liability", "/metrics" })
        {
            (await server.GetAsAsync(person.Token, path)).Outcome.ShouldBe("403 FORBIDDEN", path);
        }
    }

    private static Task<Answer> WriteAsync(LaurelServer server, string code, params string[] grants) =>
        server.AsAsync(LaurelSite.AdministratorKey, HttpMethod.Put, $"/api/roles/{code}", new { name = code, grants });

    private static Task<Answer> PutUserAsync(LaurelServer server, string id, object body) =>
        server.AsAsync(LaurelSite.AdministratorKey, HttpMethod.Put, $"/api/users/{id}", body);

    private static async Task<(string Id, string Token)> StaffAsync(LaurelServer server, string username, string role)
    {
        var made = await server.PostAsync("/api/users", new { username, password = SignInCalls.Password, role });
        made.Status.ShouldBe(201);
        return (made.TextOf("id")!, SignedInPerson.Of(await server.LoginAsync(username)).Token);
    }
}
