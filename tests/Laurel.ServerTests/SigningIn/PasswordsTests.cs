using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Laurel.ServerTests.Hosting;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.SigningIn;

/// <summary>People register with a user name and a password, sign in with them, and change them.</summary>
public sealed class PasswordsTests(SignInServers servers) : IClassFixture<SignInServers>
{
    public static TheoryData<DatabaseUnderTest> Databases => [DatabaseUnderTest.Sqlite, DatabaseUnderTest.Postgres, DatabaseUnderTest.MySql];

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task IsAMember_When_SomebodyRegisters(DatabaseUnderTest database)
    {
        var server = await servers.OnAsync(database);

        var answer = await server.PostAsAsync(null, "/api/auth/register", new { username = "小明Ming", password = SignInCalls.Password, nickname = "小明", device = "phone" });

        var person = SignedInPerson.Of(answer);
        answer.Json.GetProperty("created").GetBoolean().ShouldBeTrue();
        (answer.Json.GetProperty("user").GetProperty("role").GetString(), answer.Json.GetProperty("user").GetProperty("level").GetString()).ShouldBe(("MEMBER", "bronze"));
        var member = await server.MemberAsync(person.Id);
        (member.Status, member.TextOf("nickname"), member.Json.GetProperty("points").GetProperty("available").GetInt64()).ShouldBe((200, "小明", 100));
        (await server.StandingAsync(person.Token)).ShouldBe("200");
        (await server.PostAsAsync(null, "/api/auth/register", new { username = "小明MING", password = SignInCalls.Password })).Outcome.ShouldBe("409 SIGN_IN_NAME_TAKEN");
        var sessions = (await server.GetAsAsync(person.Token, "/api/auth/sessions")).Json.GetProperty("items");
        (sessions.GetArrayLength(), sessions[0].GetProperty("device").GetString(), sessions[0].GetProperty("current").GetBoolean()).ShouldBe((1, "phone", true));
        (await server.GetAsAsync(person.Token, "/api/auth/names")).Json.GetProperty("items")[0].GetProperty("label").GetString().ShouldBe("小明Ming");
    }

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task EnrolsOneOfThem_When_TenRegisterWithOneNameAtOnce(DatabaseUnderTest database)
    {
        var server = await servers.OnAsync(database);
        var before = (await server.GetAsync("/api/users?limit=200")).Json.GetProperty("items").GetArrayLength();

        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ =>
            server.PostAsAsync(null, "/api/auth/register", new { username = "racer", password = SignInCalls.Password })));

        answers.Count(answer => answer.Status == 201).ShouldBe(1);
        answers.Where(answer => answer.Status != 201).ShouldAllBe(answer => answer.Outcome == "409 SIGN_IN_NAME_TAKEN");
        (await server.GetAsync("/api/users?limit=200")).Json.GetProperty("items").GetArrayLength().ShouldBe(before + 1);
    }

    [Theory]
    [MemberData(nameof(Databases))]
    [Trait("Attack", "D11")]
    public async Task AnswersAlike_When_TheNameOrThePasswordIsWrong(DatabaseUnderTest database)
    {
        var server = await servers.OnAsync(database);
        await server.SignUpAsync("known");
        var dummies = await DummiesAsync(server);

        var wrongPassword = await server.LoginAsync("known", "wrong horse battery");
        var nobody = await server.LoginAsync("nobody", "wrong horse battery");

        (wrongPassword.Outcome, nobody.Text).ShouldBe(("401 SIGN_IN_FAILED", wrongPassword.Text));

        // The same work was done for nobody (D11).
        (await DummiesAsync(server)).ShouldBe(dummies + 1);
        (await server.LoginAsync("KNOWN")).Status.ShouldBe(200);
    }

    /// <summary>The try is taken before the password is looked at, so that a thousand at once are no more than one after the other.</summary>
    [Theory]
    [MemberData(nameof(Databases))]
    [Trait("Attack", "D10")]
    public async Task LooksAtFivePasswords_When_FortyAreTriedAtOnce(DatabaseUnderTest database)
    {
        var server = await servers.OnAsync(database);
        await server.SignUpAsync("target");

        var answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => server.LoginAsync("target", $"wrong horse {i}")));

        answers.Count(answer => answer.Outcome == "401 SIGN_IN_FAILED").ShouldBe(5);
        answers.Count(answer => answer.Outcome == "429 SIGN_IN_LOCKED").ShouldBe(35);
        var right = await server.LoginAsync("target");
        right.Outcome.ShouldBe("429 SIGN_IN_LOCKED");
        right.RetryAfter!.Value.TotalSeconds.ShouldBeInRange(600, 900);
        foreach (var i in Enumerable.Range(0, 5))
        {
            (await server.LoginAsync("untold", $"wrong horse {i}")).Outcome.ShouldBe("401 SIGN_IN_FAILED");
        }

        (await server.LoginAsync("untold")).Outcome.ShouldBe("429 SIGN_IN_LOCKED");
    }

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task EndsEveryOtherSession_When_ThePasswordIsChanged(DatabaseUnderTest database)
    {
        var server = await servers.OnAsync(database);
        var first = await server.SignUpAsync("changer");
        var second = SignedInPerson.Of(await server.LoginAsync("changer"));
        const string next = "another horse battery";

        (await server.PostAsAsync(second.Token, "/api/auth/change-password", new { currentPassword = "not this one", newPassword = next })).Outcome.ShouldBe("401 SIGN_IN_FAILED");
        var changed = SignedInPerson.Of(await server.PostAsAsync(
            second.Token, "/api/auth/change-password", new { currentPassword = SignInCalls.Password, newPassword = next }));

        (await server.StandingAsync(first.Token)).ShouldBe("401 UNAUTHORIZED");
        (await server.StandingAsync(second.Token)).ShouldBe("401 UNAUTHORIZED");
        (await server.RefreshAsync(first.RefreshToken)).Outcome.ShouldBe("401 REFRESH_TOKEN_INVALID");
        (await server.StandingAsync(changed.Token)).ShouldBe("200");
        (await server.LoginAsync("changer")).Outcome.ShouldBe("401 SIGN_IN_FAILED");
        (await server.LoginAsync("changer", next)).Status.ShouldBe(200);
    }

    [Theory]
    [InlineData("""{"username":"ab","password":"correct horse battery"}""", "INVALID_FORMAT /username")]
    [InlineData("""{"username":"13800138000","password":"correct horse battery"}""", "INVALID_FORMAT /username")]
    [InlineData("""{"username":"a@b.cn","password":"correct horse battery"}""", "INVALID_FORMAT /username")]
    [InlineData("""{"username":"pаypal","password":"correct horse battery"}""", "INVALID_FORMAT /username")]
    [InlineData("""{"username":"plain"}""", "REQUIRED /password")]
    [InlineData("""{"password":"correct horse battery"}""", "REQUIRED /username")]
    [InlineData("""{"username":"plain","password":"short"}""", "TOO_SHORT /password")]
    [InlineData("""{"username":"plain","password":"password123"}""", "PASSWORD_KNOWN /password")]
    [InlineData("""{"username":"plainname","password":"PlainName"}""", "PASSWORD_KNOWN /password")]
    [InlineData("""{"username":"plain","password":"correct horse battery","role":"ADMIN"}""", "UNKNOWN_FIELD /role")]
    [InlineData("""{"username":"plain","password":"correct horse battery","phone":"13800138000","email":"a@b.cn","code":"123456"}""", "EXACTLY_ONE /phone")]
    [InlineData("""{"phone":"13800138000"}""", "REQUIRED /code")]
    [InlineData("""{"phone":"13800138000","code":"12345x"}""", "INVALID_FORMAT /code")]
    public async Task NamesWhatIsWrong_When_ARegistrationIs(string body, string fault)
    {
        var server = await servers.OnAsync(DatabaseUnderTest.Sqlite);

        var answer = await server.AsAsync(null, HttpMethod.Post, "/api/auth/register", System.Text.Json.JsonDocument.Parse(body).RootElement);

        answer.Outcome.ShouldBe("400 VALIDATION_FAILED");
        answer.Faults.ShouldContain(fault);
    }

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task AsksForAOneTimePassword_When_TheUserHasSetThatUp(DatabaseUnderTest database)
    {
        var server = await servers.OnAsync(database);
        var person = await server.SignUpAsync("careful");
        var begun = await server.PostAsAsync(person.Token, "/api/auth/totp", new { });
        begun.Status.ShouldBe(201);
        var secret = begun.TextOf("secret")!;
        begun.TextOf("uri").ShouldBe($"otpauth://totp/laurel:careful?secret={secret}&issuer=laurel");

        (await server.LoginAsync("careful")).Status.ShouldBe(200);
        (await server.AsAsync(person.Token, HttpMethod.Put, "/api/auth/totp", new { totp = "000000" })).Outcome.ShouldBe("401 TOTP_INVALID");
        var step = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() / 30;
        (await server.AsAsync(person.Token, HttpMethod.Put, "/api/auth/totp", new { totp = PasswordAt(secret, step) })).Status.ShouldBe(204);

        (await server.LoginAsync("careful")).Outcome.ShouldBe("401 TOTP_REQUIRED");
        var body = new { username = "careful", password = SignInCalls.Password, totp = PasswordAt(secret, step) };
        (await server.PostAsAsync(null, "/api/auth/login", body)).Outcome.ShouldBe("401 TOTP_INVALID");
        (await server.PostAsAsync(null, "/api/auth/login", body with { totp = PasswordAt(secret, step + 1) })).Status.ShouldBe(200);
        (await server.PostAsAsync(null, "/api/auth/login", body with { totp = PasswordAt(secret, step + 1) })).Outcome.ShouldBe("401 TOTP_INVALID");
        (await server.PostAsAsync(person.Token, "/api/auth/totp", new { })).Outcome.ShouldBe("409 TOTP_EXISTS");
    }

    /// <summary>Who was merged into another does not act for it.</summary>
    [Theory]
    [MemberData(nameof(Databases))]
    public async Task IsTurnedAway_When_TheMemberWentIntoAnother(DatabaseUnderTest database)
    {
        var server = await servers.OnAsync(database);
        var (gone, survivor) = (await server.SignUpAsync("goneaway"), await server.SignUpAsync("survivor"));
        var merge = new { into = new { memberId = survivor.Id }, reason = "one person", reference = $"merge of {gone.Id}" };
        (await server.PostAsync($"/api/members/{gone.Id}/merge", merge)).Status.ShouldBe(200);

        (await server.LoginAsync("goneaway")).Outcome.ShouldBe("401 SIGN_IN_FAILED");
        (await server.RefreshAsync(gone.RefreshToken)).Status.ShouldBe(401);
        (await server.LoginAsync("survivor")).Status.ShouldBe(200);
    }

    private static async Task<long> DummiesAsync(LaurelServer server)
    {
        var line = (await server.GetAsync("/metrics")).Text.Split('\n').FirstOrDefault(line => line.StartsWith("member_password_hashes_total{purpose=\"dummy\"}", StringComparison.Ordinal));
        return line is null ? 0 : long.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture);
    }

    /// <summary>RFC 6238 by another hand than the product's.</summary>
    internal static string PasswordAt(string secret, long step)
    {
        var bits = string.Concat(secret.Select(c => Convert.ToString("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".IndexOf(c, StringComparison.Ordinal), 2).PadLeft(5, '0')));
        var key = Enumerable.Range(0, bits.Length / 8).Select(i => Convert.ToByte(bits.Substring(i * 8, 8), 2)).ToArray();
        var counter = BitConverter.GetBytes(step).Reverse().ToArray();
        var hash = HMACSHA1.HashData(key, counter);
        var offset = hash[19] & 15;
        var number = ((hash[offset] & 127) << 24) | (hash[offset + 1] << 16) | (hash[offset + 2] << 8) | hash[offset + 3];
        return (number % 1_000_000).ToString("D6", CultureInfo.InvariantCulture);
    }
}
