using System.Text;
using System.Text.Json.Nodes;
using Laurel.ServerTests.Hosting;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.Points;

/// <summary>Units that the programme defines, over HTTP: earned, spent, adjusted, read, listed and explained.</summary>
public sealed class MerchantUnitsTests(DatabaseServers cluster)
{
    private const string Stars = """[{"code":"stars","nameEnglish":"Stars","nameChinese":"星星"}]""";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task MoveAndAreRead_When_TheProgrammeDefinesThem(DatabaseUnderTest database)
    {
        await using var site = await LaurelSite.CreateAsync(database, cluster, Cancellation);
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        var member = await server.NewMemberAsync("stars", 100);
        (await server.PostAsync("/api/units/earn", Move(member, "stars", 3, "q-0"))).Faults.ShouldBe(["UNIT_NOT_FOUND /unit"]);
        (await server.GetAsync($"/api/members/{member}/units")).Json.GetProperty("items").GetArrayLength().ShouldBe(0);

        (await ChangeAsync(server, programme =>
        {
            programme["units"] = JsonNode.Parse(Stars);
            programme["rules"]!.AsArray().Add(JsonNode.Parse("""
                {"code":"order_stars","nameEnglish":"Stars","nameChinese":"星星","trigger":"order.completed","unit":"stars",
                 "amount":{"per":{"points":1,"minorUnits":100}}}
                """));
        })).Status.ShouldBe(200);
        var earned = await server.PostAsync("/api/units/earn", Move(member, "stars", 3, "q-1"));
        var again = await server.PostAsync("/api/units/earn", Move(member, "stars", 3, "q-1"));
        (await server.CompleteOrderAsync(member, "o-1", 5_000)).Status.ShouldBe(200);
        var tooMany = await server.PostAsync("/api/units/spend", Move(member, "stars", 54, "s-1"));
        var spent = await server.PostAsync("/api/units/spend", Move(member, "stars", 43, "s-1"));
        (await server.RefundAsync("o-1", "r-1", 5_000)).Status.ShouldBe(200);
        var unsigned = await server.PostAsync("/api/units/adjust", Move(member, "stars", 1, "a-1"));
        var adjustment = new { memberId = member, unit = "stars", amount = 4, reason = "Goodwill", referenceType = "ticket", referenceId = "a-1", @operator = "olga" };
        var adjusted = await server.PostAsync("/api/units/adjust", adjustment);

        earned.Status.ShouldBe(200, earned.Text);
        (again.Replayed, again.Text).ShouldBe((true, earned.Text));
        (tooMany.Outcome, tooMany.NumberOf("available"), tooMany.Faults[0]).ShouldBe(("422 UNIT_INSUFFICIENT", 53, "UNIT_INSUFFICIENT /amount"));
        spent.Status.ShouldBe(200, spent.Text);
        unsigned.Faults.ShouldBe(["REQUIRED /operator"]);
        adjusted.Status.ShouldBe(200, adjusted.Text);
        var items = (await server.GetAsync($"/api/members/{member}/units")).Json.GetProperty("items").EnumerateArray().ToList();
        items.Select(item => (item.GetProperty("unit").GetString(), item.GetProperty("name").GetString(), item.GetProperty("amount").GetInt64()))
            .ShouldBe([("stars", "Stars", 4)]);
        (await server.GetAsync($"/api/members/{member}/units?asOf=2020-01-01T00:00:00Z")).Json.GetProperty("items")[0].GetProperty("amount").GetInt64().ShouldBe(0);
        (await server.GetAsync("/api/members/1/units")).Outcome.ShouldBe("404 MEMBER_NOT_FOUND");

        var records = (await server.GetAsync($"/api/members/{member}/points?unit=stars")).Json.GetProperty("records").GetProperty("items").EnumerateArray().ToList();
        records.Select(record => $"{record.GetProperty("kind").GetString()} {record.GetProperty("points").GetInt64()}")
            .ShouldBe(["adjust 4", "reverse -10", "spend -43", "earn 50", "earn 3"]);
        (await server.GetAsync("/api/points/records?unit=moons")).Outcome.ShouldBe("400 VALIDATION_FAILED");
        var explained = (await server.GetAsync($"/api/points/records/{records[1].GetProperty("id").GetString()}/explain")).Text;
        explained.ShouldContain("10 Stars were taken back");
        explained.ShouldContain("40 were spent already: the shop bears them");
        await site.VerifyAsync(Cancellation);
    }

    [Fact]
    public async Task ChangesNothing_When_AUnitIsRemoved()
    {
        await using var site = await LaurelSite.CreateAsync(DatabaseUnderTest.Sqlite, cluster, Cancellation);
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        (await ChangeAsync(server, programme => programme["units"] = JsonNode.Parse(Stars))).Status.ShouldBe(200);

        var removed = await ChangeAsync(server, programme => programme.Remove("units"));
        var closed = await ChangeAsync(server, programme => programme["units"]![0]!["active"] = false);

        (removed.Outcome, removed.Faults[0]).ShouldBe(("422 UNIT_REMOVED", "UNIT_REMOVED /units"));
        closed.Status.ShouldBe(200, closed.Text);
        (await server.PostAsync("/api/units/earn", Move(await server.NewMemberAsync("late", 1), "stars", 1, "x"))).Outcome.ShouldBe("422 UNIT_CLOSED");
    }

    private static object Move(string member, string unit, long amount, string reference) =>
        new { memberId = member, unit, amount, reason = "test", referenceType = "test", referenceId = reference };

    private static async Task<Answer> ChangeAsync(LaurelServer server, Action<JsonObject> change)
    {
        var programme = (JsonObject)JsonNode.Parse((await server.GetAsync("/api/programme")).Text)!;
        change(programme);
        return await server.SendAsync(HttpMethod.Put, "/api/programme", Encoding.UTF8.GetBytes(programme.ToJsonString()), "application/json");
    }
}
