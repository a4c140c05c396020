using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Laurel.ServerTests.Benefits;
using Laurel.ServerTests.Hosting;
using Laurel.ServerTests.Webhooks;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.Levels;

/// <summary>Tracks over HTTP: put into the programme, read, changed, set by hand, and what their levels give.</summary>
public sealed class TracksTests(DatabaseServers cluster) : IClassFixture<DatabaseServers>
{
    private const string Track = """
        {"code":"vip","nameEnglish":"VIP","nameChinese":"贵宾","levelRules":{"cooldownHours":0},"levels":[
          {"code":"guest","nameEnglish":"Guest","nameChinese":"来宾","threshold":0,
           "multiplierBasisPoints":10000,"discountBasisPoints":10000,"freeShippingFrom":0,"package":null},
          {"code":"star","nameEnglish":"Star","nameChinese":"星级","threshold":900,
           "multiplierBasisPoints":10000,"discountBasisPoints":10000,"freeShippingFrom":0,"package":"premium"}]}
        """;

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task StandBesideTheLevels_When_AProgrammeHasOne(DatabaseUnderTest database)
    {
        await using var site = await LaurelSite.CreateAsync(database, cluster, TestContext.Current.CancellationToken);
        site.Environment["Jobs__levels"] = "1";
        await using var server = await LaurelServer.StartAsync(site, TestContext.Current.CancellationToken);
        var member = await server.NewMemberAsync("tracked", 100);
        (await server.GetAsync("/api/tracks")).Json.GetProperty("items").GetArrayLength().ShouldBe(0);
        (await server.GetAsync($"/api/members/{member}/tracks/vip")).Outcome.ShouldBe("404 TRACK_NOT_FOUND");
        (await PutTrackAsync(server)).Status.ShouldBe(200);

        // Everybody is in it, on its lowest level, with nothing written of it.
        var before = (await server.GetAsync($"/api/members/{member}/tracks")).Json.GetProperty("items")[0];
        (before.GetProperty("track").GetString(), CodeOf(before)).ShouldBe(("vip", "guest"));
        before.GetProperty("forecast").GetProperty("pointsToNext").GetInt64().ShouldBe(800);
        (await server.HeldAsync(member)).ShouldNotContain("priority_service track");
        (await server.EarnAsync(member, 800, "rise")).Status.ShouldBe(200);

        var found = (await server.GetAsync($"/api/members/{member}/tracks/vip")).Json;
        (CodeOf(found), found.GetProperty("history").GetArrayLength()).ShouldBe(("star", 1));
        (await server.GetAsync($"/api/members/{member}/level")).Json.GetProperty("history").GetArrayLength().ShouldBe(1);
        (await server.HeldAsync(member)).ShouldContain("priority_service track");
        (await server.MayEnterAsync(member, "priority_service")).ShouldBeTrue();

        var set = await server.PostAsync($"/api/members/{member}/tracks/vip", new { level = "guest", reason = "abuse", @operator = "olga" });
        (set.Status, set.TextOf("from"), set.TextOf("to")).ShouldBe((200, "star", "guest"));
        (await server.PostAsync($"/api/members/{member}/tracks/vip", new { level = "gold", reason = "abuse", @operator = "olga" })).Outcome
            .ShouldBe("404 LEVEL_NOT_FOUND");
        (await server.PostAsync($"/api/members/{member}/tracks/pro", new { level = "star", reason = "abuse", @operator = "olga" })).Outcome
            .ShouldBe("404 TRACK_NOT_FOUND");
        (await server.MayEnterAsync(member, "priority_service")).ShouldBeFalse();
        (await server.PostAsync($"/api/members/{member}/tracks/vip/release", new { reason = "cleared", @operator = "ann" })).TextOf("to").ShouldBe("star");
        await RemoveAsync(server, member);
        await site.VerifyAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task AreRefusedWithTheirPlace_When_ATrackIsWrong()
    {
        await using var site = await LaurelSite.CreateAsync(DatabaseUnderTest.Sqlite, cluster, TestContext.Current.CancellationToken);
        await using var server = await LaurelServer.StartAsync(site, TestContext.Current.CancellationToken);

        (await PutTrackAsync(server, track => track["levels"]![1]!["discountBasisPoints"] = 9_000)).Faults
            .ShouldBe(["INVALID_FORMAT /tracks/0/levels/1/discountBasisPoints"]);
        (await PutTrackAsync(server, track => track["levels"]![1]!["package"] = "lounge")).Faults.ShouldBe(["INVALID_FORMAT /tracks/0/levels/1/package"]);
        (await PutTrackAsync(server, track => track["levels"]![1] = null)).Status.ShouldBe(400);
        (await PutTrackAsync(server)).Status.ShouldBe(200);
        var super = new { code = "super", nameEnglish = "Super", nameChinese = "超级", threshold = 5_000, multiplierBasisPoints = 11_000 };
        (await server.PostAsync("/api/tracks/vip/levels", super)).Faults.ShouldBe(["INVALID_FORMAT /multiplierBasisPoints"]);
        (await server.PostAsync("/api/tracks/pro/levels", super)).Outcome.ShouldBe("404 TRACK_NOT_FOUND");
        (await server.PostAsync("/api/tracks/vip/levels/guest/disable", new { })).Faults.ShouldBe(["INVALID_FORMAT /active"]);
    }

    private static async Task RemoveAsync(LaurelServer server, string member)
    {
        var added = await server.PostAsync(
            "/api/tracks/vip/levels", new { code = "super", nameEnglish = "Super", nameChinese = "超级", threshold = 5_000, package = "premium" });
        (added.Status, added.Json.GetProperty("level").GetProperty("package").GetString()).ShouldBe((201, "premium"));
        (await DeleteAsync(server, "/api/tracks/vip/levels/super")).Json.GetProperty("removed").GetBoolean().ShouldBeTrue();
        (await DeleteAsync(server, "/api/tracks/vip/levels/star")).Outcome.ShouldBe("409 LEVEL_IN_USE");
        var preview = await DeleteAsync(server, "/api/tracks/vip/levels/star?moveTo=guest&preview=true");
        (preview.Status, preview.NumberOf("members")).ShouldBe((200, 1));
        (await DeleteAsync(server, "/api/tracks/vip/levels/star?moveTo=guest")).Status.ShouldBe(202);
        await Waiting.UntilAsync(
            async () => (await server.GetAsync("/api/tracks")).Json.GetProperty("items")[0].GetProperty("levels").GetArrayLength() == 1,
            "the level is gone",
            TestContext.Current.CancellationToken);
        var found = (await server.GetAsync($"/api/members/{member}/tracks/vip")).Json;
        (CodeOf(found), found.GetProperty("history")[0].GetProperty("reason").GetString()).ShouldBe(("guest", "level star removed"));
    }

    private static string CodeOf(JsonElement place) => place.GetProperty("current").GetProperty("code").GetString()!;

    private static Task<Answer> DeleteAsync(LaurelServer server, string path) => server.SendAsync(new HttpRequestMessage(HttpMethod.Delete, path));

    private static async Task<Answer> PutTrackAsync(LaurelServer server, Action<JsonNode>? spoil = null)
    {
        var programme = (JsonObject)JsonNode.Parse((await server.GetAsync("/api/programme")).Text)!;
        var track = JsonNode.Parse(Track)!;
        spoil?.Invoke(track);
        programme["tracks"] = new JsonArray(track);
        return await server.SendAsync(HttpMethod.Put, "/api/programme?reason=test", Encoding.UTF8.GetBytes(programme.ToJsonString()), LaurelServer.Json);
    }
}
