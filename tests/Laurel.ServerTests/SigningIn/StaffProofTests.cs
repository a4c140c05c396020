using Dapper;
using Laurel.ServerTests.Backups;
using Laurel.ServerTests.Hosting;
using Laurel.ServerTests.Keys;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.SigningIn;

/// <summary>What staff has to show beside its token: one-time passwords, again before what is dangerous, and that a second person knows it (D10).</summary>
public sealed class StaffProofTests(DatabaseServers cluster)
{
    public static TheoryData<DatabaseUnderTest> Databases => [DatabaseUnderTest.Sqlite, DatabaseUnderTest.Postgres, DatabaseUnderTest.MySql];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static long Step => TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() / 30;

    [Theory]
    [MemberData(nameof(Databases))]
    [Trait("Attack", "D10")]
    public async Task ShowsAOneTimePasswordAgain_When_ItDoesWhatIsDangerous(DatabaseUnderTest database)
    {
        await using var site = await SiteAsync(database);
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        var member = await server.SignUpAsync("member");
        var (_, olga) = await StaffAsync(server, "olga", "SUPER_ADMIN");
        (await DangerousAsync(server, olga, member.Id)).ShouldAllBe(outcome => outcome != "403 STEP_UP_REQUIRED");

        // Setting them up has shown one; from then on it is asked for again.
        var secret = await EnrolAsync(server, olga, Step - 1);
        (await DangerousAsync(server, olga, member.Id)).ShouldAllBe(outcome => outcome != "403 STEP_UP_REQUIRED");
        await LetTimePassAsync(site);
        olga = SignedInPerson.Of(await server.RefreshAsync(olga.RefreshToken));
        (await DangerousAsync(server, olga, member.Id)).ShouldAllBe(outcome => outcome == "403 STEP_UP_REQUIRED");
        (await server.GetAsAsync(olga.Token, "/api/members")).Status.ShouldBe(200);
        (await server.GetAsAsync(olga.Token, $"/api/members/{member.Id}")).Status.ShouldBe(200);
        (await server.GetAsAsync(olga.Token, $"/api/addresses?memberId={member.Id}")).Status.ShouldBe(200);
        (await server.GetAsync("/api/audit")).Status.ShouldBe(200);

        (await StepUpAsync(server, olga, "000000")).Outcome.ShouldBe("401 TOTP_INVALID");
        (await StepUpAsync(server, olga, PasswordsTests.PasswordAt(secret, Step - 1))).Outcome.ShouldBe("401 TOTP_INVALID");
        var right = PasswordsTests.PasswordAt(secret, Step);
        (await StepUpAsync(server, olga, right)).Status.ShouldBe(204);
        (await DangerousAsync(server, olga, member.Id)).ShouldAllBe(outcome => outcome != "403 STEP_UP_REQUIRED");
        (await StepUpAsync(server, olga, right)).Outcome.ShouldBe("401 TOTP_INVALID");

        // It is this session's alone.
        var login = new { username = "olga", password = SignInCalls.Password, totp = PasswordsTests.PasswordAt(secret, Step + 1) };
        var elsewhere = SignedInPerson.Of(await server.PostAsAsync(null, "/api/auth/login", login));
        (await DangerousAsync(server, elsewhere, member.Id)).ShouldAllBe(outcome => outcome != "403 STEP_UP_REQUIRED");
        await site.VerifyAsync(Cancellation);
    }

    [Theory]
    [MemberData(nameof(Databases))]
    [Trait("Attack", "D10")]
    public async Task DoesNothingElse_When_ItHasToSetUpOneTimePasswordsFirst(DatabaseUnderTest database)
    {
        await using var site = await SiteAsync(database);
        site.Environment["LAUREL_STAFF_TOTP"] = "on";
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        var member = await server.SignUpAsync("member");
        var (_, olga) = await StaffAsync(server, "olga", "OPERATOR");

        foreach (var path in new[] { "/api/members", "/api/auth/names", "/api/auth/sessions", $"/api/members/{member.Id}" })
        {
            (await server.GetAsAsync(olga.Token, path)).Outcome.ShouldBe("403 TOTP_ENROLMENT_REQUIRED", path);
        }

        var another = new { currentPassword = SignInCalls.Password, newPassword = "another long password" };
        (await server.PostAsAsync(olga.Token, "/api/auth/change-password", another)).Outcome.ShouldBe("403 TOTP_ENROLMENT_REQUIRED");
        (await server.StandingAsync(olga.Token)).ShouldBe("200");
        (await server.GetAsAsync(member.Token, "/api/members/me")).Status.ShouldBe(200);
        (await server.GetAsync("/api/members")).Status.ShouldBe(200);

        await EnrolAsync(server, olga, Step);
        (await server.GetAsAsync(olga.Token, "/api/members")).Status.ShouldBe(200);
        (await server.PostAsAsync(olga.Token, "/api/auth/logout", new { })).Status.ShouldBe(204);
    }

    [Theory]
    [MemberData(nameof(Databases))]
    [Trait("Attack", "D10")]
    public async Task DoesNothingDangerous_When_NoSecondPersonHasConfirmedIt(DatabaseUnderTest database)
    {
        await using var site = await SiteAsync(database);
        site.Environment["LAUREL_STAFF_CONFIRMED"] = "on";
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        var member = await server.SignUpAsync("member");
        var (id, olga) = await StaffAsync(server, "olga", "SUPER_ADMIN");

        (await DangerousAsync(server, olga, member.Id)).ShouldAllBe(outcome => outcome == "403 USER_UNCONFIRMED");
        (await server.GetAsAsync(olga.Token, "/api/members")).Status.ShouldBe(200);
        (await server.PostAsync($"/api/users/{id}/confirm", new { })).Outcome.ShouldBe("403 CONFIRMER_NOT_ANOTHER");

        var owner = server.As(await KeyCalls.NewHandAsync(site, Cancellation));
        (await owner.PostAsync("/api/users/7/confirm", new { })).Outcome.ShouldBe("404 USER_NOT_FOUND");
        (await owner.PostAsync($"/api/users/{id}/confirm", new { })).Status.ShouldBe(200);
        (await DangerousAsync(server, olga, member.Id)).ShouldAllBe(outcome => outcome != "403 USER_UNCONFIRMED");

        // The same role given again changes nothing; another one has to be confirmed.
        foreach (var (role, waits) in new[] { ("SUPER_ADMIN", false), ("ADMIN", true) })
        {
            var changed = await server.AsAsync(LaurelSite.AdministratorKey, HttpMethod.Put, $"/api/users/{id}", new { role });
            changed.Json.GetProperty("unconfirmed").GetBoolean().ShouldBe(waits, role);
        }

        await site.VerifyAsync(Cancellation);
    }

    /// <summary>Whoever works for the shop and is a member too is staff to everybody but itself.</summary>
    [Theory]
    [MemberData(nameof(Databases))]
    public async Task IsStaff_When_ItIsAMemberToo(DatabaseUnderTest database)
    {
        await using var site = await SiteAsync(database);
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        var (olga, other) = (await server.SignUpAsync("olga"), await server.SignUpAsync("other"));
        (await server.AsAsync(LaurelSite.AdministratorKey, HttpMethod.Put, $"/api/users/{olga.Id}", new { role = "SUPER_ADMIN" })).Status.ShouldBe(200);

        foreach (var path in new[] { $"/api/members/{other.Id}/export", $"/api/addresses?memberId={other.Id}&view=full" })
        {
            (await server.GetAsAsync(olga.Token, path)).Faults.ShouldBe(["REQUIRED reason"], path);
        }

        (await server.GetAsAsync(olga.Token, $"/api/members/{olga.Id}/export")).Status.ShouldBe(200);
        (await server.GetAsAsync(olga.Token, $"/api/addresses?memberId={olga.Id}&view=full")).Status.ShouldBe(200);

        // What it does is done by a user of the staff, and its own name is told by a member.
        (await server.AsAsync(olga.Token, HttpMethod.Put, $"/api/members/{other.Id}", new { nickname = "Otto" })).Status.ShouldBe(200);
        (await server.GetAsync($"/api/audit?operator=user:{olga.Id}")).Text.ShouldContain("UpdateProfile");
        (await server.PostAsync($"/api/members/{olga.Id}/real-name", new { verified = true })).Status.ShouldBe(200);
        (await server.AsAsync(olga.Token, HttpMethod.Put, $"/api/members/{olga.Id}", new { realName = "王小明" })).Status.ShouldBe(200);
        (await server.GetAsync($"/api/members/{olga.Id}/real-name")).Json.GetProperty("verified").GetBoolean().ShouldBeFalse();
    }

    private async Task<LaurelSite> SiteAsync(DatabaseUnderTest database)
    {
        var site = await LaurelSite.CreateAsync(database, cluster, Cancellation);
        site.Environment["Limits"] = "off";
        return site;
    }

    /// <summary>What comes of calls that are dangerous, each for another reason: a permission, the endpoint itself, the whole of what is shown.</summary>
    private static async Task<string[]> DangerousAsync(LaurelServer server, SignedInPerson person, string member) =>
    [
        (await server.PostAsAsync(person.Token, "/api/keys", new { name = "k", scopes = new[] { "points:read" } })).Outcome,
        (await server.AsAsync(person.Token, HttpMethod.Put, "/api/roles/READER", new { name = "Reader", grants = new[] { "points:read" } })).Outcome,
        (await server.PostAsAsync(person.Token, "/api/points/adjustments/7/approve", new { reason = "r" })).Outcome,
        (await server.PostAsAsync(person.Token, "/api/points/adjust", LaurelServer.Movement(member, 1, "gift"))).Outcome,
        (await server.GetAsAsync(person.Token, $"/api/members/{member}?view=full&reason=r")).Outcome,
        (await server.GetAsAsync(person.Token, $"/api/addresses?memberId={member}&view=full&reason=r")).Outcome,
        (await server.GetAsAsync(person.Token, $"/api/members/{member}/export?reason=r")).Outcome,
        (await server.PostAsAsync(person.Token, "/api/members/bulk/status", new { memberIds = new[] { member }, status = "active", reason = "r" })).Outcome,
    ];

    private static async Task<(string Id, SignedInPerson Person)> StaffAsync(LaurelServer server, string username, string role)
    {
        var made = await server.PostAsync("/api/users", new { username, password = SignInCalls.Password, role });
        made.Status.ShouldBe(201);
        return (made.TextOf("id")!, SignedInPerson.Of(await server.LoginAsync(username)));
    }

    private static async Task<string> EnrolAsync(LaurelServer server, SignedInPerson person, long step)
    {
        var secret = (await server.PostAsAsync(person.Token, "/api/auth/totp", new { })).TextOf("secret")!;
        var shown = await server.AsAsync(person.Token, HttpMethod.Put, "/api/auth/totp", new { totp = PasswordsTests.PasswordAt(secret, step) });
        shown.Status.ShouldBe(204);
        return secret;
    }

    private static Task<Answer> StepUpAsync(LaurelServer server, SignedInPerson person, string totp) =>
        server.PostAsAsync(person.Token, "/api/auth/step-up", new { totp });

    private static async Task LetTimePassAsync(LaurelSite site)
    {
        await using var connection = await SqlOf.ConnectAsync(site, Cancellation);
        var passed = (16 * TimeSpan.FromMinutes(1)).Ticks / 10;
        (await connection.ExecuteAsync("UPDATE sessions SET proved_at = proved_at - @Passed WHERE proved_at IS NOT NULL", new { Passed = passed })).ShouldBe(1);
    }
}
