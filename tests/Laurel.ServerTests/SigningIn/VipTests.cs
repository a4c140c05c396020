using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Dapper;
using Laurel.ServerTests.Backups;
using Laurel.ServerTests.Hosting;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.SigningIn;

/// <summary>The role VIP comes and goes with the level from which on the programme gives it.</summary>
public sealed class VipTests(DatabaseServers cluster)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task HoldsFromTheNextCallOn_When_TheLevelRisesAndFalls(DatabaseUnderTest database)
    {
        await using var site = await LaurelSite.CreateAsync(database, cluster, Cancellation);
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        var person = await server.SignUpAsync("climber");
        (await HandAsync(server, person, "gold")).Status.ShouldBeOneOf(200, 201);
        (await StandingAsync(server, person)).ShouldBe(("MEMBER", "gold", false));
        (await HandAsync(server, person, "bronze")).Status.ShouldBeOneOf(200, 201);

        (await SetVipFromAsync(server, "nonsense")).Status.ShouldBeGreaterThanOrEqualTo(400);
        (await SetVipFromAsync(server, "gold")).Status.ShouldBe(200);
        (await StandingAsync(server, person)).ShouldBe(("MEMBER", "bronze", false));

        foreach (var (level, role, isVip) in new[] { ("gold", "VIP", true), ("silver", "MEMBER", false), ("diamond", "VIP", true) })
        {
            (await HandAsync(server, person, level)).Status.ShouldBeOneOf(200, 201);
            (await StandingAsync(server, person)).ShouldBe((role, level, isVip));
        }

        // Tokens say so too, and staff is nobody's level.
        var again = await server.LoginAsync("climber");
        (again.Json.GetProperty("user").GetProperty("role").GetString(), ClaimOf(again.TextOf("token")!, "role")).ShouldBe(("VIP", "vip"));
        var change = new { currentPassword = SignInCalls.Password, newPassword = "another long password" };
        (await server.PostAsAsync(person.Token, "/api/auth/change-password", change)).Status.ShouldBe(200);
        await site.VerifyAsync(Cancellation);
    }

    /// <summary>A level that rests on a card has ended with it, also while nobody has settled that.</summary>
    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task HasEnded_When_TheCardHasOnWhichTheLevelRests(DatabaseUnderTest database)
    {
        await using var site = await LaurelSite.CreateAsync(database, cluster, Cancellation);
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        var (ended, lasting) = (await server.SignUpAsync("ended"), await server.SignUpAsync("lasting"));
        (await SetVipFromAsync(server, "gold")).Status.ShouldBe(200);
        var card = new { code = "plus", nameEnglish = "Plus", nameChinese = "会员卡", price = 100, period = "P1M", level = "gold" };
        (await server.PostAsync("/api/cards", card)).Status.ShouldBe(201);
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() * 1_000;
        await using (var connection = await SqlOf.ConnectAsync(site, Cancellation))
        {
            foreach (var (person, until) in new[] { (ended, now - 1_000_000), (lasting, now + 3_600_000_000) })
            {
                var state = $$$"""{"cards":[{"code":"plus","from":1,"until":{{{until}}}}],"own":{"code":"bronze","since":1}}""";
                const string Update = "UPDATE members SET level_code = 'gold', level_state = @State WHERE tenant_id = 1 AND id = @Id";
                await connection.ExecuteAsync(Update, new { State = state, Id = long.Parse(person.Id, CultureInfo.InvariantCulture) });
            }
        }

        (await StandingAsync(server, SignedInPerson.Of(await server.LoginAsync("lasting")))).ShouldBe(("VIP", "gold", true));
        (await StandingAsync(server, SignedInPerson.Of(await server.LoginAsync("ended")))).ShouldBe(("MEMBER", "bronze", false));
    }

    private static Task<Answer> HandAsync(LaurelServer server, SignedInPerson person, string level) =>
        server.PostAsync($"/api/members/{person.Id}/level", new { level, reason = "test", @operator = "olga" });

    private static async Task<(string? Role, string? Level, bool IsVip)> StandingAsync(LaurelServer server, SignedInPerson person)
    {
        var answer = await server.GetAsAsync(person.Token, "/api/auth/validate");
        answer.Status.ShouldBe(200);
        var user = answer.Json.GetProperty("user");
        var permissions = answer.Json.GetProperty("permissions").EnumerateArray().Select(permission => permission.GetString());
        return (user.GetProperty("role").GetString(), user.GetProperty("level").GetString(), permissions.Contains("access:vip"));
    }

    private static async Task<Answer> SetVipFromAsync(LaurelServer server, string level)
    {
        var programme = (JsonObject)JsonNode.Parse((await server.GetAsync("/api/programme")).Text)!;
        programme["vipFrom"] = level;
        return await server.SendAsync(HttpMethod.Put, "/api/programme?reason=test", Encoding.UTF8.GetBytes(programme.ToJsonString()), LaurelServer.Json);
    }

    private static string? ClaimOf(string token, string name) =>
        JsonNode.Parse(System.Buffers.Text.Base64Url.DecodeFromChars(token.Split('.')[1]))![name]!.GetValue<string>();
}
