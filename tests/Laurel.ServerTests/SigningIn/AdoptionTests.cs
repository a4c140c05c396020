using Laurel.ServerTests.Hosting;
using Laurel.Testing;
using Microsoft.Data.Sqlite;
using Shouldly;
using Xunit;
using static Laurel.ServerTests.SigningIn.CodeCalls;

namespace Laurel.ServerTests.SigningIn;

/// <summary>Who shows to have a telephone number becomes the member of whom the shop has verified it, and nobody else does (D9).</summary>
public sealed class AdoptionTests(DatabaseServers cluster)
{
    private const string Phone = "13900139000";

    public static TheoryData<DatabaseUnderTest> Databases => [DatabaseUnderTest.Sqlite, DatabaseUnderTest.Postgres, DatabaseUnderTest.MySql];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task BecomesTheMember_When_TheShopHasVerifiedTheNumber(DatabaseUnderTest database)
    {
        await using var site = await SiteAsync(database);
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        var member = await EnrolAsync(server, "of-the-shop", Phone, phoneVerified: true);

        (await CodeLoginAsync(server, Phone, "000000")).Outcome.ShouldBe("422 SIGN_IN_CODE_INVALID");
        var answer = await CodeLoginAsync(server, Phone, await CodeAsync(server, Phone, "login"));

        (answer.Status, answer.Json.GetProperty("created").GetBoolean()).ShouldBe((200, false));
        var person = SignedInPerson.Of(answer);
        person.Id.ShouldBe(member);
        answer.Json.GetProperty("user").GetProperty("level").GetString().ShouldNotBeNullOrEmpty();
        (await server.GetAsAsync(person.Token, "/api/members/me")).TextOf("externalId").ShouldBe("of-the-shop");
        await IsOneAsync(server);

        // From then on it is an ordinary sign-in: nobody is thrown out.
        SignedInPerson.Of(await CodeLoginAsync(server, Phone, await CodeAsync(server, Phone, "login"))).Id.ShouldBe(member);
        (await server.StandingAsync(person.Token)).ShouldBe("200");
        await site.VerifyAsync(Cancellation);
    }

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task IsOneUser_When_TwoWaysLeadInAtOnce(DatabaseUnderTest database)
    {
        await using var wechat = await WeChatStub.StartAsync(Cancellation);
        await using var site = await SiteAsync(database);
        site.Environment["SignIn__WeChatMini__AppId"] = WeChatStub.AppId;
        site.Environment["SignIn__WeChatMini__Secret"] = WeChatStub.Secret;
        site.Environment["SignIn__WeChatMini__BaseAddress"] = wechat.Address.GetLeftPart(UriPartial.Authority);
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        var member = await EnrolAsync(server, "of-the-shop", "+86" + Phone, phoneVerified: true);
        var code = await CodeAsync(server, Phone, "login");

        Task<Answer> MiniAsync() => server.PostAsAsync(
            null, "/api/auth/wechat-login", new { code = wechat.CodeOf("open-1", "union-1"), phoneCode = wechat.PhoneCodeOf(Phone) });
        var answers = await Task.WhenAll([CodeLoginAsync(server, Phone, code), .. Enumerable.Range(0, 6).Select(_ => MiniAsync())]);

        var people = answers.Select(SignedInPerson.Of).ToList();
        people.ShouldAllBe(person => person.Id == member);
        foreach (var person in people)
        {
            (await server.StandingAsync(person.Token)).ShouldBe("200");
        }

        SignedInPerson.Of(await server.PostAsAsync(null, "/api/auth/wechat-login", new { code = wechat.CodeOf("open-1") })).Id.ShouldBe(member);
        (await server.GetAsync($"/api/users/{member}")).Status.ShouldBe(200);
    }

    [Theory]
    [MemberData(nameof(Databases))]
    [Trait("Attack", "D9")]
    public async Task IsSomebodyNew_When_TheNumberWasOnlyTold(DatabaseUnderTest database)
    {
        await using var site = await SiteAsync(database);
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        var told = await EnrolAsync(server, "told", Phone, phoneVerified: null);
        var denied = await EnrolAsync(server, "denied", Phone, phoneVerified: false);
        var moved = await EnrolAsync(server, "moved", Phone, phoneVerified: true);
        (await ProfileAsync(server, moved, new { phone = "13900139111" })).Status.ShouldBe(200);
        (await ProfileAsync(server, moved, new { phone = Phone })).Status.ShouldBe(200);

        var answer = await CodeLoginAsync(server, Phone, await CodeAsync(server, Phone, "login"));

        // The answer is the one that whoever is new is given: nothing of the others shows.
        (answer.Status, answer.Json.GetProperty("created").GetBoolean()).ShouldBe((201, true));
        new[] { told, denied, moved }.ShouldNotContain(SignedInPerson.Of(answer).Id);
    }

    /// <summary>PocketBase, CVE-2026-44166: whoever came first set a password, and kept it when the owner of the address signed in.</summary>
    [Theory]
    [MemberData(nameof(Databases))]
    [Trait("Attack", "D9")]
    public async Task LosesWhatItSetBefore_When_TheOwnerOfTheNumberComes(DatabaseUnderTest database)
    {
        await using var site = await SiteAsync(database);
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        var squatter = await server.SignUpAsync("squatter");
        var other = "13900139222";
        (await server.PostAsAsync(squatter.Token, "/api/auth/names", new { phone = other, code = await CodeAsync(server, other, "bind") })).Status.ShouldBe(200);
        var second = SignedInPerson.Of(await server.LoginAsync("squatter"));
        (await ProfileAsync(server, squatter.Id, new { phone = Phone, phoneVerified = true })).Status.ShouldBe(200);

        var owner = SignedInPerson.Of(await CodeLoginAsync(server, Phone, await CodeAsync(server, Phone, "login")));

        owner.Id.ShouldBe(squatter.Id);
        (await server.StandingAsync(owner.Token)).ShouldBe("200");
        foreach (var lost in new[] { squatter, second })
        {
            (await server.StandingAsync(lost.Token)).ShouldBe("401 UNAUTHORIZED");
            (await server.RefreshAsync(lost.RefreshToken)).Status.ShouldBe(401);
        }

        (await server.LoginAsync("squatter")).Outcome.ShouldBe("401 SIGN_IN_FAILED");
        SignedInPerson.Of(await CodeLoginAsync(server, other, await CodeAsync(server, other, "login"))).Id.ShouldNotBe(owner.Id);
        await site.VerifyAsync(Cancellation);
    }

    /// <summary>A key that may vouch for numbers does not come by the roles of those who work for the shop.</summary>
    [Fact]
    [Trait("Attack", "D12")]
    public async Task KeepsItsRole_When_ANumberIsToldForOneOfTheStaff()
    {
        await using var site = await SiteAsync(DatabaseUnderTest.Sqlite);
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        var clerk = await server.SignUpAsync("clerk");
        (await server.AsAsync(LaurelSite.AdministratorKey, HttpMethod.Put, $"/api/users/{clerk.Id}", new { role = "ADMIN", status = "active" })).Status.ShouldBe(200);
        (await ProfileAsync(server, clerk.Id, new { phone = Phone, phoneVerified = true })).Status.ShouldBe(200);

        (await CodeLoginAsync(server, Phone, await CodeAsync(server, Phone, "login"))).Outcome.ShouldBe("401 SIGN_IN_FAILED");

        SignedInPerson.Of(await server.LoginAsync("clerk")).Id.ShouldBe(clerk.Id);
    }

    /// <summary>Vendure, CVE-2026-63472: an account on somebody else's unverified address waits for its owner.</summary>
    [Theory]
    [MemberData(nameof(Databases))]
    [Trait("Attack", "D9")]
    public async Task KeepsTheOwnerApart_When_AMemberGivesSomebodyElsesNumberAsItsOwn(DatabaseUnderTest database)
    {
        await using var site = await SiteAsync(database);
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        (await server.PostAsAsync(null, "/api/auth/register", new { username = "thief", password = SignInCalls.Password, phone = Phone })).Status.ShouldBe(400);
        var thief = await server.SignUpAsync("thief");
        (await server.AsAsync(thief.Token, HttpMethod.Put, "/api/members/me", new { phone = Phone, phoneVerified = true })).Outcome.ShouldBe("400 VALIDATION_FAILED");
        (await server.AsAsync(thief.Token, HttpMethod.Put, "/api/members/me", new { phone = Phone })).Status.ShouldBe(200);

        var owner = await CodeLoginAsync(server, Phone, await CodeAsync(server, Phone, "login"));

        (owner.Status, SignedInPerson.Of(owner).Id == thief.Id).ShouldBe((201, false));
        (await server.StandingAsync(thief.Token)).ShouldBe("200");
        (await server.LoginAsync(Phone)).Outcome.ShouldBe("401 SIGN_IN_FAILED");
    }

    [Fact]
    public async Task IsRefused_When_TheKeyMayNotVouchOrTheMemberIsBanned()
    {
        await using var site = await SiteAsync(DatabaseUnderTest.Sqlite);
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        var made = await server.PostAsync("/api/keys", new { name = "till", scopes = new[] { "members:write" } });
        var till = server.As(made.TextOf("key")!);
        (await till.PostAsync("/api/members", new { externalId = "a", phone = Phone, phoneVerified = true })).Outcome.ShouldBe("400 VALIDATION_FAILED");
        (await server.PostAsync("/api/members", new { externalId = "a", phoneVerified = true })).Outcome.ShouldBe("400 VALIDATION_FAILED");

        var member = await EnrolAsync(server, "banned", Phone, phoneVerified: true);
        (await server.PostAsync($"/api/members/{member}/status", new { status = "banned", reason = "fraud" })).Status.ShouldBeOneOf(200, 201);
        (await CodeLoginAsync(server, Phone, await CodeAsync(server, Phone, "login"))).Outcome.ShouldBe("401 SIGN_IN_FAILED");
        (await server.GetAsync($"/api/users/{member}")).Status.ShouldBe(404);
    }

    /// <summary>Numbers are given out again: whoever has one now is not who had it years ago.</summary>
    [Fact]
    [Trait("Attack", "D9")]
    public async Task IsNotLetInByTheNumberAlone_When_ItsOwnerWasNotSeenForLong()
    {
        await using var site = await SiteAsync(DatabaseUnderTest.Sqlite);
        site.Environment["LAUREL_PHONE_DAYS"] = "180";
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        var before = SignedInPerson.Of(await CodeLoginAsync(server, Phone, await CodeAsync(server, Phone, "login")));
        (await server.PostAsAsync(before.Token, "/api/auth/change-password", new { newPassword = SignInCalls.Password })).Status.ShouldBe(200);
        var vouchedLongAgo = await EnrolAsync(server, "long-ago", "13900139333", phoneVerified: true);
        await AgeAsync(site, TimeSpan.FromDays(200));

        (await CodeLoginAsync(server, Phone, "000000")).Outcome.ShouldBe("422 SIGN_IN_CODE_INVALID");
        (await CodeLoginAsync(server, Phone, await CodeAsync(server, Phone, "login"))).Outcome.ShouldBe("403 SIGN_IN_PHONE_STALE");
        var reset = new { phone = Phone, code = await CodeAsync(server, Phone, "reset"), newPassword = "another long password" };
        (await server.PostAsAsync(null, "/api/auth/reset-password", reset)).Outcome.ShouldBe("403 SIGN_IN_PHONE_STALE");
        SignedInPerson.Of(await CodeLoginAsync(server, "13900139333", await CodeAsync(server, "13900139333", "login"))).Id.ShouldNotBe(vouchedLongAgo);

        // The shop knows who has it now: another member.
        var next = await EnrolAsync(server, "next", Phone, phoneVerified: true);
        SignedInPerson.Of(await CodeLoginAsync(server, Phone, await CodeAsync(server, Phone, "login"))).Id.ShouldBe(next);
        (await server.LoginAsync(Phone)).Outcome.ShouldBe("401 SIGN_IN_FAILED");
    }

    /// <summary>Whoever registers, and does not sign in, is the same member.</summary>
    [Theory]
    [MemberData(nameof(Databases))]
    public async Task BecomesTheMember_When_ItRegistersWithTheNumber(DatabaseUnderTest database)
    {
        await using var site = await SiteAsync(database);
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        var member = await EnrolAsync(server, "of-the-shop", Phone, phoneVerified: true);
        Task<Answer> RegisterAsync(string username, string code) =>
            server.PostAsAsync(null, "/api/auth/register", new { username, password = SignInCalls.Password, phone = Phone, code });

        (await RegisterAsync("ann", "000000")).Outcome.ShouldBe("422 SIGN_IN_CODE_INVALID");
        var answer = await RegisterAsync("ann", await CodeAsync(server, Phone, "login"));

        (answer.Status, answer.Json.GetProperty("created").GetBoolean(), SignedInPerson.Of(answer).Id).ShouldBe((200, false, member));
        await IsOneAsync(server);
        SignedInPerson.Of(await server.LoginAsync("ann")).Id.ShouldBe(member);
        SignedInPerson.Of(await server.LoginAsync(Phone)).Id.ShouldBe(member);

        // It has an account from then on.
        (await RegisterAsync("anna", await CodeAsync(server, Phone, "login"))).Outcome.ShouldBe("409 SIGN_IN_NAME_TAKEN");
        await site.VerifyAsync(Cancellation);
    }

    /// <summary>Whoever does not have the number learns nothing of it, whatever it stands for.</summary>
    [Fact]
    [Trait("Attack", "D9")]
    public async Task SaysTheSameOfEveryNumber_When_ACodeIsWrong()
    {
        await using var wechat = await WeChatStub.StartAsync(Cancellation);
        await using var site = await SiteAsync(DatabaseUnderTest.Sqlite);
        site.Environment["SignIn__WeChatMini__AppId"] = WeChatStub.AppId;
        site.Environment["SignIn__WeChatMini__Secret"] = WeChatStub.Secret;
        site.Environment["SignIn__WeChatMini__BaseAddress"] = wechat.Address.GetLeftPart(UriPartial.Authority);
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        var (taken, vouched, told, unproven, free) = ("13900139001", "13900139002", "13900139003", "13900139004", "13900139005");
        (await CodeLoginAsync(server, taken, await CodeAsync(server, taken, "login"))).Status.ShouldBe(201);
        await EnrolAsync(server, "vouched", vouched, phoneVerified: true);
        await EnrolAsync(server, "told", told, phoneVerified: null);
        (await server.PostAsAsync(null, "/api/auth/wechat-login", new { code = wechat.CodeOf("open-1"), phoneCode = wechat.PhoneCodeOf(unproven) })).Status.ShouldBe(201);

        foreach (var phone in new[] { taken, vouched, told, unproven, free })
        {
            await CodeAsync(server, phone, "login");
            var register = await server.PostAsAsync(null, "/api/auth/register", new { username = "ann", password = SignInCalls.Password, phone, code = "000000" });
            register.Outcome.ShouldBe("422 SIGN_IN_CODE_INVALID", phone);
            (await CodeLoginAsync(server, phone, "000000")).Outcome.ShouldBe("422 SIGN_IN_CODE_INVALID", phone);
        }
    }

    /// <summary>Who keeps refreshing is there, also once the session is over.</summary>
    [Fact]
    public async Task IsLetInByTheNumber_When_ItsOwnerHasOnlyRefreshed()
    {
        await using var site = await SiteAsync(DatabaseUnderTest.Sqlite);
        site.Environment["LAUREL_PHONE_DAYS"] = "180";
        site.Environment["LAUREL_SESSION_DAYS"] = "365";
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        var person = SignedInPerson.Of(await CodeLoginAsync(server, Phone, await CodeAsync(server, Phone, "login")));
        await AgeAsync(site, TimeSpan.FromDays(200));

        var refreshed = SignedInPerson.Of(await server.RefreshAsync(person.RefreshToken));
        (await server.PostAsAsync(refreshed.Token, "/api/auth/logout", new { })).Status.ShouldBe(204);

        SignedInPerson.Of(await CodeLoginAsync(server, Phone, await CodeAsync(server, Phone, "login"))).Id.ShouldBe(person.Id);
    }

    [Fact]
    public async Task ComesInAgainByTheNumber_When_ThePasswordShowedWhoItIs()
    {
        await using var site = await SiteAsync(DatabaseUnderTest.Sqlite);
        site.Environment["LAUREL_PHONE_DAYS"] = "180";
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        var person = SignedInPerson.Of(await CodeLoginAsync(server, Phone, await CodeAsync(server, Phone, "login")));
        (await server.PostAsAsync(person.Token, "/api/auth/change-password", new { newPassword = SignInCalls.Password })).Status.ShouldBe(200);
        await AgeAsync(site, TimeSpan.FromDays(200));

        (await CodeLoginAsync(server, Phone, await CodeAsync(server, Phone, "login"))).Outcome.ShouldBe("403 SIGN_IN_PHONE_STALE");
        (await server.LoginAsync(Phone)).Status.ShouldBe(200);
        SignedInPerson.Of(await CodeLoginAsync(server, Phone, await CodeAsync(server, Phone, "login"))).Id.ShouldBe(person.Id);
    }

    private async Task<LaurelSite> SiteAsync(DatabaseUnderTest database)
    {
        var site = await LaurelSite.CreateAsync(database, cluster, Cancellation);
        (site.Environment["Sms__Provider"], site.Environment["LAUREL_CODE_PAUSE_SECONDS"], site.Environment["Limits"]) = ("log", "0", "off");
        return site;
    }

    private static async Task<string> EnrolAsync(LaurelServer server, string externalId, string phone, bool? phoneVerified)
    {
        var answer = phoneVerified is { } verified
            ? await server.PostAsync("/api/members", new { externalId, phone, phoneVerified = verified })
            : await server.PostAsync("/api/members", new { externalId, phone });
        answer.Status.ShouldBe(201);
        return answer.TextOf("id")!;
    }

    private static Task<Answer> ProfileAsync(LaurelServer server, string member, object change) =>
        server.SendAsync(HttpMethod.Put, $"/api/members/{member}", System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(change), LaurelServer.Json);

    private static async Task IsOneAsync(LaurelServer server) =>
        (await server.GetAsync($"/api/members?phone={Phone}")).Json.GetProperty("items").GetArrayLength().ShouldBe(1);

    /// <summary>Makes everything that signing in goes by as old as this.</summary>
    private static async Task AgeAsync(LaurelSite site, TimeSpan age)
    {
        var micros = (long)age.TotalMicroseconds;
        await using var connection = new SqliteConnection($"Data Source={Path.Combine(site.DataFolder, "laurel.db")}");
        await connection.OpenAsync(Cancellation);
        await using var command = connection.CreateCommand();
        command.CommandText = $"""
            UPDATE users SET created_at = created_at - {micros}, last_login_at = last_login_at - {micros}, seen_at = seen_at - {micros};
            UPDATE sessions SET created_at = created_at - {micros}, used_at = used_at - {micros}, expires_at = expires_at - {micros};
            UPDATE personal_data SET phone_verified_at = phone_verified_at - {micros}
            """;
        await command.ExecuteNonQueryAsync(Cancellation);
    }
}
