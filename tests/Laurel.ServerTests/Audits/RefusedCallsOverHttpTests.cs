using System.Globalization;
using System.Text.Json;
using Laurel.ServerTests.Hosting;
using Laurel.ServerTests.Keys;
using Laurel.ServerTests.SigningIn;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.Audits;

/// <summary>Who was refused, and who tried in vain to be somebody: found in the audit, without a word of what was typed.</summary>
public sealed class RefusedCallsOverHttpTests(DatabaseServers cluster)
{
    private const string Typed = "hunter2-typed-as-a-name";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task AreFound_When_KeysUsersAndMembersAreRefused(DatabaseUnderTest database)
    {
        await using var site = await LaurelSite.CreateAsync(database, cluster, Cancellation);
        site.Environment["Limits"] = "off";
        (string Id, string Key) weak, revoked, signing;
        string member, staff;
        await using (var server = await LaurelServer.StartAsync(site, Cancellation))
        {
            (weak, revoked, signing) = (await server.MakeKeyAsync("points:read"), await server.MakeKeyAsync("*"), await server.MakeSigningKeyAsync("points:read"));
            (await server.PostAsync($"/api/keys/{revoked.Id}/revoke", new { })).Status.ShouldBe(200);
            var self = await server.SignUpAsync("lee");
            var olga = (await server.PostAsync("/api/users", new { username = "olga", password = SignInCalls.Password, role = "OPERATOR" })).TextOf("id")!;
            (member, staff) = (self.Id, olga);

            for (var i = 0; i < 3; i++)
            {
                (await server.As(weak.Key).AdjustAsync(member, 5, "no")).Outcome.ShouldBe("403 FORBIDDEN");
                (await server.GetWithAsync(revoked.Key, "/api/keys")).Outcome.ShouldBe("401 UNAUTHORIZED");
                (await server.GetWithAsync("lk_nobodys_key_at_all", "/api/keys")).Outcome.ShouldBe("401 UNAUTHORIZED");
            }

            (await server.SendAsync(KeyCalls.Signed((signing.Id, "wrong"), HttpMethod.Get, "/api/keys", null))).Outcome.ShouldBe("401 SIGNATURE_INVALID");
            (await server.GetAsAsync(self.Token, "/api/audit")).Outcome.ShouldBe("403 FORBIDDEN");
            await TryAsync(server);
            await RefreshAsync(server, self);
            (await server.Process.StopAsync(Cancellation)).ExitCode.ShouldBe(0);
        }

        await using (var server = await LaurelServer.StartAsync(site, Cancellation))
        {
            Tell(await FindAsync(server, $"operator=key:{weak.Id}")).ShouldBe([("AccessRefused", "POST /api/points/adjust", "FORBIDDEN", 3)]);
            Tell(await FindAsync(server, $"operator=key:{revoked.Id}")).ShouldBe([("AccessRefused", "GET /api/keys", "UNAUTHORIZED", 3)]);
            Tell(await FindAsync(server, $"operator=key:{signing.Id}")).Select(one => one.Code).ShouldBe(["SIGNATURE_INVALID"]);
            Tell(await FindAsync(server, $"operator=member:{member}&operation=AccessRefused")).ShouldBe([("AccessRefused", "GET /api/audit", "FORBIDDEN", 1)]);
            Tell(await FindAsync(server, $"memberId={staff}&operation=SignInRefused")).ShouldBe(
                [("SignInRefused", "POST /api/auth/login", "SIGN_IN_FAILED", 5), ("SignInRefused", "POST /api/auth/login", "SIGN_IN_LOCKED", 2)], ignoreOrder: true);
            Tell(await FindAsync(server, $"memberId={member}&operation=SignInRefused")).ShouldBe(
                [("SignInRefused", "POST /api/auth/refresh-token", "REFRESH_TOKEN_REUSED", 1)]);

            // Neither a refresh nor a try is an act; a token that came twice is.
            (await FindAsync(server, $"scope=all&operation=RefreshSession")).ShouldHaveSingleItem().GetProperty("answer").GetString().ShouldBe("REFRESH_TOKEN_REUSED");
            (await server.GetAsync("/api/audit/export")).Text.ShouldNotContain("hunter2");
            Tell(await FindAsync(server, "operation=SignInRefused")).Length.ShouldBe(3);
        }

        await site.VerifyAsync(Cancellation);
    }

    /// <summary>Passwords for somebody, and a password in the place of a name.</summary>
    private static async Task TryAsync(LaurelServer server)
    {
        for (var i = 0; i < 7; i++)
        {
            (await server.LoginAsync("olga", "hunter2 is wrong")).Outcome.ShouldBe(i < 5 ? "401 SIGN_IN_FAILED" : "429 SIGN_IN_LOCKED");
        }

        (await server.LoginAsync(Typed, "hunter2 is wrong")).Outcome.ShouldBe("401 SIGN_IN_FAILED");
    }

    private static async Task RefreshAsync(LaurelServer server, SignedInPerson self)
    {
        var next = (await server.RefreshAsync(self.RefreshToken)).TextOf("refreshToken")!;
        var last = (await server.RefreshAsync(next)).TextOf("refreshToken")!;
        last.ShouldNotBe(next);
        (await server.RefreshAsync(self.RefreshToken)).Outcome.ShouldBe("401 REFRESH_TOKEN_REUSED");
    }

    private static async Task<IReadOnlyList<JsonElement>> FindAsync(LaurelServer server, string query)
    {
        var answer = await server.GetAsync("/api/audit?limit=200&" + query);
        answer.Status.ShouldBe(200);
        return [.. answer.Json.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("content"))];
    }

    /// <summary>What was refused how often: it may have been recorded in several pieces.</summary>
    private static (string Operation, string Call, string Code, int Count)[] Tell(IReadOnlyList<JsonElement> records) =>
    [
        .. records
            .GroupBy(one => (Operation: TextOf(one, "operation"), Call: TextOf(one, "call"), Code: TextOf(one, "code")))
            .Select(same => (same.Key.Operation, same.Key.Call, same.Key.Code, same.Sum(one => int.Parse(TextOf(one, "count"), CultureInfo.InvariantCulture)))),
    ];

    private static string TextOf(JsonElement record, string name) => record.GetProperty(name).GetString()!;
}
