using System.Text;
using System.Text.Json;
using Laurel.ServerTests.Hosting;
using Laurel.ServerTests.SigningIn;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.Persons;

/// <summary>Profiles, consents, statuses, addresses and leaving, over HTTP.</summary>
public sealed class PersonsOverHttpTests(DatabaseServers cluster)
{
    private const string Attributes = """
        {"attributes":[{"code":"shoe","nameEnglish":"Shoe size","nameChinese":"鞋码","type":"number","min":20,"max":60,"required":true},
         {"code":"style","nameEnglish":"Style","nameChinese":"风格","type":"choice","choices":["plain","loud"]},
         {"code":"since","nameEnglish":"Since","nameChinese":"起始","type":"date"}],"completeFields":["nickname","phone"]}
        """;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task TellOfThemselvesAndLeave_When_TheyAreAskedToOverHttp(DatabaseUnderTest database)
    {
        await using var site = await LaurelSite.CreateAsync(database, cluster, Cancellation);
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        var member = await server.NewMemberAsync("person", 0);
        var path = $"/api/members/{member}";
        var programme = JsonSerializer.Deserialize<Dictionary<string, JsonElement>>((await server.GetAsync("/api/programme")).Text)!;
        programme["profile"] = JsonDocument.Parse(Attributes).RootElement;
        (await PutAsync(server, "/api/programme", programme)).Outcome.ShouldBe("200");

        // Every fault at its place.
        (await PutAsync(server, path, new
        {
            phone = "x",
            gender = "other",
            birthday = "2999-01-01",
            avatar = "javascript:alert(1)",
            attributes = new { shoe = 99, style = "odd", since = "today", more = 1 },
            clear = new[] { "points" },
        })).Faults.Order().ShouldBe(
        [
            "INVALID_FORMAT /attributes/since", "INVALID_FORMAT /attributes/style", "INVALID_FORMAT /avatar", "INVALID_FORMAT /clear", "INVALID_FORMAT /gender",
            "INVALID_FORMAT /phone", "OUT_OF_RANGE /attributes/shoe", "OUT_OF_RANGE /birthday", "UNKNOWN_FIELD /attributes/more",
        ]);
        var told = await PutAsync(server, path, new
        {
            nickname = "小明",
            phone = "138 0013 8000",
            realName = "王小明",
            birthday = "1990-05-12",
            attributes = new { shoe = 42, style = "plain", since = "2020-02-29" },
            privacy = new { searchable = false },
        });
        told.Text.ShouldBe($$"""{"memberId":"{{member}}","version":1,"complete":true}""");
        (await PutAsync(server, path, new { nickname = "小明" })).NumberOf("version").ShouldBe(2);

        // Complete, and paid for once.
        (await server.PointsAsync(member)).Available.ShouldBe(50);
        var shown = (await server.GetAsync(path)).Json;
        var profile = shown.GetProperty("profile");
        (shown.GetProperty("phone").GetString(), profile.GetProperty("realName").GetString()).ShouldBe(("138****8000", "王**"));
        profile.GetProperty("birthday").GetString().ShouldBe("****-05-12");
        profile.GetProperty("attributes").GetProperty("shoe").GetInt64().ShouldBe(42);
        profile.GetProperty("privacy").GetProperty("searchable").GetBoolean().ShouldBeFalse();
        (await server.GetAsync("/api/members?phone=13800138000")).Json.GetProperty("items").GetArrayLength().ShouldBe(1);
        (await PutAsync(server, path, new { birthday = "1990-05-13" })).Outcome.ShouldBe("422 BIRTHDAY_LOCKED");
        (await PutAsync(server, path, new { nickname = "late" }, match: "\"1\"")).Outcome.ShouldBe("412 PROFILE_CHANGED");
        (await PutAsync(server, path, new { nickname = "Ming" }, match: "\"2\"")).NumberOf("version").ShouldBe(3);

        (await server.PostAsync(path + "/consents", new { purpose = "marketing_sms", textVersion = "7", given = true, origin = "till 3" })).Status.ShouldBe(201);
        (await server.PostAsync(path + "/consents", new { purpose = "Sms", textVersion = "7" })).Faults.ShouldBe(["INVALID_FORMAT /purpose", "REQUIRED /given"], ignoreOrder: true);
        (await server.GetAsync(path + "/consents")).Json.GetProperty("current")[0].GetProperty("given").GetBoolean().ShouldBeTrue();

        // Addresses name their member in the query.
        var home = new { name = "王小明", phone = "13800138000", province = "上海市", city = "上海市", district = "徐汇区", address = "漕溪北路 1 号", tag = "家" };
        (await server.PostAsync("/api/addresses", home)).Faults.ShouldBe(["REQUIRED memberId"]);
        var first = await server.PostAsync($"/api/addresses?memberId={member}", home);
        (first.Status, first.Json.GetProperty("isDefault").GetBoolean()).ShouldBe((201, true));
        var second = await server.PostAsync($"/api/addresses?memberId={member}", home);
        (await PutAsync(server, $"/api/addresses/{second.TextOf("id")}/default?memberId={member}", null)).Json.GetProperty("isDefault").GetBoolean().ShouldBeTrue();
        (await DeleteAsync(server, $"/api/addresses/{first.TextOf("id")}?memberId={member}")).Status.ShouldBe(204);
        (await DeleteAsync(server, $"/api/addresses/{first.TextOf("id")}?memberId={member}")).Outcome.ShouldBe("404 ADDRESS_NOT_FOUND");
        (await server.GetAsync($"/api/addresses?memberId={member}&view=full&reason=parcel")).Json.GetProperty("items").EnumerateArray()
            .Select(one => one.GetProperty("name").GetString()).ShouldBe(["王小明"]);

        // Everything that is kept, in the open.
        var export = (await server.GetAsync(path + "/export?reason=asked")).Json;
        (export.GetProperty("phone").GetString(), export.GetProperty("realName").GetString()).ShouldBe(("13800138000", "王小明"));
        export.GetProperty("birthday").GetString().ShouldBe("1990-05-12");
        export.GetProperty("consents")[0].GetProperty("origin").GetString().ShouldBe("till 3");
        export.GetProperty("addresses").GetArrayLength().ShouldBe(1);

        // Statuses, and leaving.
        (await server.PostAsync(path + "/status", new { status = "cancelled", reason = "x" })).Faults.ShouldBe(["INVALID_FORMAT /status"]);
        (await server.PostAsync(path + "/status", new { status = "frozen", reason = "looked odd" })).TextOf("status").ShouldBe("frozen");
        (await server.SpendAsync(member, 1, "s-1")).Outcome.ShouldBe("422 MEMBER_INACTIVE");
        (await server.CompleteOrderAsync(member, "o-1", 100)).Status.ShouldBe(200);
        (await DeleteAsync(server, path)).Json.GetProperty("cancelDueAt").ValueKind.ShouldBe(JsonValueKind.String);
        (await DeleteAsync(server, path + "/cancellation")).Json.GetProperty("cancelDueAt").ValueKind.ShouldBe(JsonValueKind.Null);
        (await DeleteAsync(server, path + "/cancellation")).Outcome.ShouldBe("404 CANCELLATION_NOT_FOUND");
        (await DeleteAsync(server, "/api/members/1")).Outcome.ShouldBe("404 MEMBER_NOT_FOUND");
        (await server.GetAsync(path + "/status")).Json.GetProperty("items").EnumerateArray().Select(step => step.GetProperty("kind").GetString())
            .ShouldBe(["cancellation_withdrawn", "cancellation_requested", "status"]);
        (await server.GetAsync("/api/members/1/status")).Outcome.ShouldBe("404 MEMBER_NOT_FOUND");
        (await server.GetAsync("/api/members/1/export?reason=asked")).Outcome.ShouldBe("404 MEMBER_NOT_FOUND");
    }

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task DoItForThemselvesAndAreForgotten_When_TheyHaveSignedIn(DatabaseUnderTest database)
    {
        await using var site = await LaurelSite.CreateAsync(database, cluster, Cancellation);
        site.Environment["Jobs__cancellations"] = "1";
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        var programme = JsonSerializer.Deserialize<Dictionary<string, JsonElement>>((await server.GetAsync("/api/programme")).Text)!;
        programme["cancellation"] = JsonDocument.Parse("""{"coolingOffDays":0}""").RootElement;
        (await PutAsync(server, "/api/programme", programme)).Outcome.ShouldBe("200");
        var (one, other) = (await server.SignUpAsync("leaver"), await server.SignUpAsync("stayer"));

        (await server.AsAsync(one.Token, HttpMethod.Put, "/api/members/me", new { nickname = "Lee", birthday = "1990-05-12" })).Outcome.ShouldBe("200");
        (await server.GetAsAsync(one.Token, "/api/members/me")).Json.GetProperty("profile").GetProperty("birthday").GetString().ShouldBe("1990-05-12");
        (await server.AsAsync(one.Token, HttpMethod.Put, $"/api/members/{other.Id}", new { nickname = "Eve" })).Status.ShouldBe(403);
        (await server.GetAsAsync(one.Token, $"/api/addresses?memberId={other.Id}")).Status.ShouldBe(403);
        (await server.PostAsAsync(one.Token, $"/api/members/{one.Id}/status", new { status = "active", reason = "me" })).Status.ShouldBe(403);
        var home = new { name = "Lee", phone = "13800138000", province = "上海市", city = "上海市", district = "徐汇区", address = "1" };
        (await server.PostAsAsync(one.Token, "/api/addresses", home)).Status.ShouldBe(201);
        (await server.GetAsAsync(one.Token, "/api/addresses")).Json.GetProperty("items")[0].GetProperty("phone").GetString().ShouldBe("13800138000");
        (await server.GetAsAsync(other.Token, "/api/addresses")).Json.GetProperty("items").GetArrayLength().ShouldBe(0);
        (await server.GetAsAsync(one.Token, "/api/members/me/export")).Json.GetProperty("birthday").GetString().ShouldBe("1990-05-12");

        (await server.PostAsync($"/api/members/{other.Id}/status", new { status = "banned", reason = "test" })).Status.ShouldBe(200);
        (await server.LoginAsync("stayer")).Status.ShouldNotBe(200);
        (await server.AsAsync(one.Token, HttpMethod.Delete, "/api/members/me")).Status.ShouldBe(200);
        await Eventually.HoldsAsync(async () => !(await server.GetAsync("/api/users?limit=200")).Text.Contains(one.Id, StringComparison.Ordinal), "The user is still there.");

        (await server.LoginAsync("leaver")).Outcome.ShouldBe("401 SIGN_IN_FAILED");
        (await server.SignUpAsync("leaver")).Id.ShouldNotBe(one.Id);
        (await server.MemberAsync(one.Id)).TextOf("status").ShouldBe("cancelled");
        (await server.MemberAsync(one.Id)).TextOf("externalId").ShouldBe("erased:" + one.Id);
    }

    private static Task<Answer> PutAsync(LaurelServer server, string path, object? body, string? match = null)
    {
        var request = body is null
            ? new HttpRequestMessage(HttpMethod.Put, path)
            : LaurelServer.Request(HttpMethod.Put, path, Encoding.UTF8.GetBytes(JsonSerializer.Serialize(body)), LaurelServer.Json);
        if (match is not null)
        {
            request.Headers.TryAddWithoutValidation("If-Match", match);
        }

        return server.SendAsync(request);
    }

    private static Task<Answer> DeleteAsync(LaurelServer server, string path) => server.SendAsync(new HttpRequestMessage(HttpMethod.Delete, path));
}
