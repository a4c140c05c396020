using System.Globalization;
using Laurel.ServerTests.Hosting;
using Laurel.Testing;
using Shouldly;
using Xunit;
using static Laurel.ServerTests.SigningIn.CodeCalls;

namespace Laurel.ServerTests.SigningIn;

/// <summary>People come in, change their password and bind a telephone by codes that are sent to it.</summary>
public sealed class CodesTests(SignInServers servers, DatabaseServers cluster) : IClassFixture<SignInServers>
{
    public static TheoryData<DatabaseUnderTest> Databases => [DatabaseUnderTest.Sqlite, DatabaseUnderTest.Postgres, DatabaseUnderTest.MySql];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task RegistersAndThenSignsIn_When_ACodeIsRight(DatabaseUnderTest database)
    {
        var server = await servers.OnAsync(database);
        const string phone = "13800138001";

        var code = await CodeAsync(server, phone, "login");
        var first = await CodeLoginAsync(server, phone, code);
        (first.Status, first.Json.GetProperty("created").GetBoolean()).ShouldBe((201, true));
        (await CodeLoginAsync(server, phone, code)).Outcome.ShouldBe("422 SIGN_IN_CODE_INVALID");
        (await server.MemberAsync(SignedInPerson.Of(first).Id)).TextOf("phone").ShouldBe("138****8001");
        var names = (await server.GetAsAsync(SignedInPerson.Of(first).Token, "/api/auth/names")).Json.GetProperty("items");
        names.EnumerateArray().Single(name => name.GetProperty("kind").GetString() == "phone").GetProperty("label").GetString().ShouldBe("+861****8001");

        // The same number with its country's prefix is the same person.
        (await AskAsync(server, "+86 138 0013 8001", "login")).Outcome.ShouldBe("429 CODE_LIMIT_REACHED");
    }

    /// <summary>A thousand guesses at once are five (D7).</summary>
    [Theory]
    [MemberData(nameof(Databases))]
    [Trait("Attack", "D7")]
    public async Task TakesFiveGuesses_When_AThousandComeAtOnce(DatabaseUnderTest database)
    {
        var server = await servers.OnAsync(database);
        const string phone = "13800138002";
        var code = int.Parse(await CodeAsync(server, phone, "login"), CultureInfo.InvariantCulture);

        var answers = await Task.WhenAll(Enumerable.Range(1, 1_000).Select(i => CodeLoginAsync(server, phone, ((code + i) % 1_000_000).ToString("D6", CultureInfo.InvariantCulture))));

        answers.Where(answer => answer.Status < 500).ShouldAllBe(answer => answer.Outcome == "422 SIGN_IN_CODE_INVALID");
        answers.Count(answer => answer.Status < 500).ShouldBeGreaterThan(5);
        (await CodeLoginAsync(server, phone, code.ToString("D6", CultureInfo.InvariantCulture))).Outcome.ShouldBe("422 SIGN_IN_CODE_INVALID");
    }

    [Theory]
    [MemberData(nameof(Databases))]
    [Trait("Attack", "D7")]
    public async Task SendsOne_When_TenAreAskedForAtOnce(DatabaseUnderTest database)
    {
        var server = await servers.OnAsync(database);

        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => AskAsync(server, "13800138003", "login")));

        answers.Count(answer => answer.Status == 202).ShouldBe(1);
        answers.Where(answer => answer.Status != 202).ShouldAllBe(answer => answer.Outcome == "429 CODE_LIMIT_REACHED");
        answers.First(answer => answer.Status == 429).RetryAfter!.Value.TotalSeconds.ShouldBeInRange(1, 60);
    }

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task SetsANewPassword_When_TheOldOneIsForgotten(DatabaseUnderTest database)
    {
        await using var site = await LaurelSite.CreateAsync(database, cluster, Cancellation);
        (site.Environment["Sms__Provider"], site.Environment["LAUREL_CODE_PAUSE_SECONDS"], site.Environment["Limits"]) = ("log", "0", "off");
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        const string phone = "13800138004";
        var person = SignedInPerson.Of(await CodeLoginAsync(server, phone, await CodeAsync(server, phone, "login")));

        // Nobody learns who has a number: the answer is the same, only that nothing is sent.
        var stranger = await server.PostAsAsync(null, "/api/auth/forgot-password", new { phone = "13800138999" });
        stranger.Status.ShouldBe(202);
        var code = await CodeAsync(server, phone, "reset");
        server.Process.Output.ShouldNotContain("138****8999");
        (await CodeLoginAsync(server, phone, code)).Outcome.ShouldBe("422 SIGN_IN_CODE_INVALID");
        var body = new { phone, code, newPassword = SignInCalls.Password };
        var again = SignedInPerson.Of(await server.PostAsAsync(null, "/api/auth/reset-password", body));

        (again.Id, await server.StandingAsync(person.Token), await server.StandingAsync(again.Token)).ShouldBe((person.Id, "401 UNAUTHORIZED", "200"));
        (await server.PostAsAsync(null, "/api/auth/reset-password", body)).Outcome.ShouldBe("422 SIGN_IN_CODE_INVALID");
        (await server.LoginAsync(phone)).Status.ShouldBe(200);
    }

    /// <summary>Whoever has taken over a number has no more than the number.</summary>
    [Fact]
    public async Task AsksForTheOneTimePasswordToo_When_APasswordIsResetByACode()
    {
        await using var site = await LaurelSite.CreateAsync(DatabaseUnderTest.Sqlite, cluster, Cancellation);
        (site.Environment["Sms__Provider"], site.Environment["LAUREL_CODE_PAUSE_SECONDS"], site.Environment["Limits"]) = ("log", "0", "off");
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        const string phone = "13800138006";
        var person = SignedInPerson.Of(await CodeLoginAsync(server, phone, await CodeAsync(server, phone, "login")));
        var secret = (await server.PostAsAsync(person.Token, "/api/auth/totp", new { })).TextOf("secret")!;
        var step = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() / 30;
        (await server.AsAsync(person.Token, HttpMethod.Put, "/api/auth/totp", new { totp = PasswordsTests.PasswordAt(secret, step) })).Status.ShouldBe(204);

        var body = new { phone, code = await CodeAsync(server, phone, "reset"), newPassword = SignInCalls.Password };
        (await server.PostAsAsync(null, "/api/auth/reset-password", body)).Outcome.ShouldBe("401 TOTP_REQUIRED");
        (await server.StandingAsync(person.Token)).ShouldBe("200", "nothing was changed");
        (await server.LoginAsync(phone)).Outcome.ShouldBe("401 SIGN_IN_FAILED");
        var whole = new { body.phone, body.code, body.newPassword, totp = PasswordsTests.PasswordAt(secret, step + 1) };
        (await server.PostAsAsync(null, "/api/auth/reset-password", whole)).Status.ShouldBe(200);
        (await server.StandingAsync(person.Token)).ShouldBe("401 UNAUTHORIZED");
    }

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task IsTheirsAlone_When_TwoBindOneNumber(DatabaseUnderTest database)
    {
        var server = await servers.OnAsync(database);
        const string phone = "13800138005";
        var (first, second) = (await server.SignUpAsync("binder"), await server.SignUpAsync("latecomer"));

        var bound = await BindAsync(server, first.Token, phone, await CodeAsync(server, phone, "bind"));
        bound.Json.GetProperty("items").EnumerateArray().Select(name => name.GetProperty("kind").GetString()).ShouldBe(["phone", "username"]);
        (await server.LoginAsync(phone)).Json.GetProperty("user").GetProperty("id").GetString().ShouldBe(first.Id);
        (await BindAsync(server, second.Token, phone, "000000")).Outcome.ShouldBe("422 SIGN_IN_CODE_INVALID");

        (await server.AsAsync(first.Token, HttpMethod.Delete, "/api/auth/names/phone")).Status.ShouldBe(200);
        (await server.AsAsync(first.Token, HttpMethod.Delete, "/api/auth/names/phone")).Outcome.ShouldBe("404 SIGN_IN_NAME_NOT_FOUND");
        (await server.AsAsync(first.Token, HttpMethod.Delete, "/api/auth/names/username")).Outcome.ShouldBe("409 SIGN_IN_NAME_LAST");
        (await server.LoginAsync(phone)).Outcome.ShouldBe("401 SIGN_IN_FAILED");
    }

    [Fact]
    public async Task HoldsNoNumberAndNoCode_When_TheDatabaseIsReadAsBytes()
    {
        var server = await servers.OnAsync(DatabaseUnderTest.Sqlite);
        const string phone = "13812345678";
        var code = await CodeAsync(server, phone, "login");
        var person = SignedInPerson.Of(await CodeLoginAsync(server, phone, code));

        foreach (var file in Directory.EnumerateFiles(servers.SiteOf(DatabaseUnderTest.Sqlite).DataFolder, "laurel.db*"))
        {
            var bytes = await File.ReadAllBytesAsync(file, Cancellation);
            foreach (var secret in new[] { phone, "+86" + phone, person.RefreshToken, person.Token, SignInCalls.Password })
            {
                bytes.AsSpan().IndexOf(System.Text.Encoding.UTF8.GetBytes(secret)).ShouldBe(-1, $"{secret} in {Path.GetFileName(file)}");
            }
        }
    }

    private static Task<Answer> BindAsync(LaurelServer server, string token, string phone, string code) =>
        server.PostAsAsync(token, "/api/auth/names", new { phone, code });
}
