using System.Text.Json;
using Laurel.ServerTests.Hosting;
using Laurel.ServerTests.Webhooks;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.Levels;

/// <summary>Levels are data: added, changed, closed and removed while the server runs, and set by hand for one member.</summary>
public sealed class ChangingLevelsTests(Servers servers, DatabaseServers cluster) : IClassFixture<Servers>
{
    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task StandsInItsPlace_When_ALevelIsAddedChangedClosedAndRemoved(DatabaseUnderTest database)
    {
        var server = await servers.OnAsync(database);

        var added = await server.PostAsync("/api/levels", Ruby(3_000));
        added.Status.ShouldBe(201);
        (await server.PostAsync("/api/levels", Ruby(3_000))).Outcome.ShouldBe("409 LEVEL_EXISTS");
        (await CodesAsync(server)).ShouldBe(["bronze", "silver", "ruby", "gold", "platinum", "diamond"]);
        var ruby = (await server.GetAsync("/api/levels")).Json.GetProperty("items")[2];
        (ruby.GetProperty("sortOrder").GetInt32(), ruby.GetProperty("icon").GetString(), ruby.GetProperty("color").GetString()).ShouldBe((2, "ruby.svg", "#9b111e"));
        ruby.GetProperty("description").GetString().ShouldBe("Between silver and gold.");

        (await PutAsync(server, "ruby", Ruby(6_000))).NumberOf("version").ShouldBe(added.NumberOf("version") + 1);
        (await CodesAsync(server)).ShouldBe(["bronze", "silver", "gold", "ruby", "platinum", "diamond"]);
        (await server.PostAsync("/api/levels/ruby/disable", new { reason = "a test" })).Status.ShouldBe(200);
        var member = await server.NewMemberAsync("closed", 100);
        (await server.EarnAsync(member, 7_000, "closed")).Status.ShouldBe(200);
        (await LevelAsync(server, member)).GetProperty("current").GetProperty("code").GetString().ShouldBe("gold");
        (await server.PostAsync("/api/levels/ruby/enable", new { })).Status.ShouldBe(200);

        var preview = await DeleteAsync(server, "/api/levels/ruby?preview=true");
        (preview.Status, preview.NumberOf("members"), preview.Json.GetProperty("removed").GetBoolean()).ShouldBe((200, 0, false));
        var removed = await DeleteAsync(server, "/api/levels/ruby");
        (removed.Status, removed.Json.GetProperty("removed").GetBoolean()).ShouldBe((200, true));
        (await DeleteAsync(server, "/api/levels/ruby")).Outcome.ShouldBe("404 LEVEL_NOT_FOUND");
        (await CodesAsync(server)).ShouldBe(["bronze", "silver", "gold", "platinum", "diamond"]);
        await servers.SiteOf(database).VerifyAsync(TestContext.Current.CancellationToken);
    }

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task MovesItsMembersFirst_When_ALevelIsRemovedThatHasSome(DatabaseUnderTest database)
    {
        await using var site = await LaurelSite.CreateAsync(database, cluster, TestContext.Current.CancellationToken);
        site.Environment["Jobs__levels"] = "1";
        await using var server = await LaurelServer.StartAsync(site, TestContext.Current.CancellationToken);
        var member = await server.NewMemberAsync("holder", 100);
        (await server.EarnAsync(member, 7_000, "holder")).Status.ShouldBe(200);

        var refused = await DeleteAsync(server, "/api/levels/gold");
        refused.Outcome.ShouldBe("409 LEVEL_IN_USE");
        refused.NumberOf("members").ShouldBe(1);
        var preview = await DeleteAsync(server, "/api/levels/gold?moveTo=silver&preview=true");
        (preview.Status, preview.NumberOf("members")).ShouldBe((200, 1));
        (await DeleteAsync(server, "/api/levels/gold?moveTo=copper")).Outcome.ShouldBe("404 LEVEL_NOT_FOUND");
        (await CodesAsync(server)).ShouldContain("gold");

        (await DeleteAsync(server, "/api/levels/gold?moveTo=silver&reason=merged")).Status.ShouldBe(202);
        await Waiting.UntilAsync(
            async () => !(await CodesAsync(server)).Contains("gold"), "the level is gone", TestContext.Current.CancellationToken);
        var level = await LevelAsync(server, member);
        level.GetProperty("current").GetProperty("code").GetString().ShouldBe("silver");
        level.GetProperty("history")[0].GetProperty("reason").GetString().ShouldBe("level gold removed");
        await site.VerifyAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task IsRefusedWithItsPlace_When_ALevelIsWrong()
    {
        var server = await servers.OnAsync(DatabaseUnderTest.Sqlite);

        var windowed = await server.PostAsync("/api/levels", new
        {
            code = "wrong",
            nameEnglish = "Wrong",
            nameChinese = "错",
            threshold = 10,
            freeShippingFrom = 0,
            anyOf = new object[] { new { measure = new { metric = "spend", window = "rollingDays" }, atLeast = 1 } },
        });
        windowed.Status.ShouldBe(400);
        windowed.Faults.ShouldContain(fault => fault.Contains("/anyOf/0/measure/days", StringComparison.Ordinal));
        var coded = await server.PostAsync("/api/levels", new { code = "Wrong Code", nameEnglish = "Wrong", nameChinese = "错", threshold = 10, freeShippingFrom = 0 });
        coded.Faults.ShouldContain(fault => fault.Contains("/code", StringComparison.Ordinal));
        (await server.PostAsync("/api/levels/bronze/disable", new { })).Status.ShouldBe(400);
        (await server.PostAsync("/api/levels/copper/disable", new { })).Outcome.ShouldBe("404 LEVEL_NOT_FOUND");
    }

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task StaysAsItWasSet_When_ALevelIsSetByHand(DatabaseUnderTest database)
    {
        await using var site = await LaurelSite.CreateAsync(database, cluster, TestContext.Current.CancellationToken);
        await using var server = await LaurelServer.StartAsync(site, TestContext.Current.CancellationToken);
        var member = await server.NewMemberAsync("pinned", 100);
        (await server.EarnAsync(member, 1_500, "pinned")).Status.ShouldBe(200);
        var forecast = (await LevelAsync(server, member)).GetProperty("forecast");
        forecast.GetProperty("projectedLevel").GetString().ShouldBe("silver");
        (forecast.GetProperty("pointsToStay").GetInt64(), forecast.GetProperty("evaluatedOn").ValueKind).ShouldBe((0, JsonValueKind.Null));

        var set = await server.PostAsync($"/api/members/{member}/level", new { level = "bronze", reason = "abuse", @operator = "olga" });
        (set.Status, set.TextOf("from"), set.TextOf("to")).ShouldBe((200, "silver", "bronze"));
        var held = await LevelAsync(server, member);
        held.GetProperty("current").GetProperty("code").GetString().ShouldBe("bronze");
        held.GetProperty("pinned").GetBoolean().ShouldBeTrue();
        var change = held.GetProperty("history")[0];
        (change.GetProperty("reason").GetString(), change.GetProperty("operator").GetString()).ShouldBe(("abuse", "olga"));

        var released = await server.PostAsync($"/api/members/{member}/level/release", new { reason = "cleared", @operator = "ann" });
        (released.TextOf("to"), released.Json.GetProperty("pinned").GetBoolean()).ShouldBe(("silver", false));
        (await server.PostAsync($"/api/members/{member}/level", new { level = "gold", reason = "x" })).Status.ShouldBe(400);
        (await server.PostAsync("/api/members/1/level", new { level = "gold", reason = "x", @operator = "y" })).Outcome.ShouldBe("404 MEMBER_NOT_FOUND");
        await site.VerifyAsync(TestContext.Current.CancellationToken);
    }

    [Theory]
    [InlineData(null, "silver")]
    [InlineData("0", "gold")]
    public async Task WaitsForADayAfterAChange_When_TheSettingsSayNothingElse(string? cooldownHours, string level)
    {
        await using var site = await LaurelSite.CreateAsync(DatabaseUnderTest.Sqlite, cluster, TestContext.Current.CancellationToken);
        if (cooldownHours is not null)
        {
            site.Environment["Programme__LevelRules__CooldownHours"] = cooldownHours;
        }

        await using var server = await LaurelServer.StartAsync(site, TestContext.Current.CancellationToken);
        var member = await server.NewMemberAsync("twice", 100);
        (await server.EarnAsync(member, 1_500, "first")).Status.ShouldBe(200);
        (await server.EarnAsync(member, 4_000, "second")).Status.ShouldBe(200);

        var found = await LevelAsync(server, member);
        found.GetProperty("current").GetProperty("code").GetString().ShouldBe(level);
        var forecast = found.GetProperty("forecast");
        forecast.GetProperty("projectedLevel").GetString().ShouldBe("gold");
        var evaluatedOn = forecast.GetProperty("evaluatedOn");
        (evaluatedOn.ValueKind == JsonValueKind.Null ? (DateTimeOffset?)null : evaluatedOn.GetDateTimeOffset())
            .ShouldBe(level == "silver" ? found.GetProperty("since").GetDateTimeOffset().AddDays(1) : null);
        await site.VerifyAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task HoldsTheLastOfThem_When_ChangesOfAnotherSystemAreImported()
    {
        var server = await servers.OnAsync(DatabaseUnderTest.Sqlite);
        var member = await server.NewMemberAsync("imported", 100);
        var path = $"/api/members/{member}/level/history";
        var since = (await LevelAsync(server, member)).GetProperty("since").GetDateTimeOffset();
        var later = since.AddMilliseconds(1);
        (await server.PostAsync(path, new { @operator = "olga", changes = Array.Empty<object>() })).Status.ShouldBe(400);
        (await server.PostAsync(path, new { @operator = "olga", changes = new[] { new { level = "gold" } } })).Faults
            .ShouldContain(fault => fault.Contains("/changes/0/time", StringComparison.Ordinal));
        (await server.PostAsync(path, new { @operator = "olga", changes = new[] { new { level = "gold", time = since } } })).Outcome
            .ShouldBe("422 LEVEL_HISTORY_DISORDERED");
        (await server.PostAsync("/api/members/1/level/history", new { @operator = "olga", changes = new[] { new { level = "gold", time = later } } })).Outcome
            .ShouldBe("404 MEMBER_NOT_FOUND");

        var history = new { @operator = "olga", changes = new[] { new { level = "gold", time = later, reason = "moved" } } };
        var imported = await server.PostAsync(path, history);
        (imported.Status, imported.TextOf("level"), imported.NumberOf("changes")).ShouldBe((200, "gold", 1));
        (await server.PostAsync(path, history)).Outcome.ShouldBe("422 LEVEL_HISTORY_DISORDERED");
        var change = (await LevelAsync(server, member)).GetProperty("history")[0];
        (change.GetProperty("to").GetString(), change.GetProperty("reason").GetString(), change.GetProperty("time").GetDateTimeOffset()).ShouldBe(("gold", "moved", later));
    }

    [Fact]
    public async Task IsRefused_When_TheShopTellsOfARiseItself()
    {
        var server = await servers.OnAsync(DatabaseUnderTest.Sqlite);
        var member = await server.NewMemberAsync("teller", 100);
        var told = await server.PostAsync("/api/events", new
        {
            specversion = "1.0",
            id = "rise-1",
            source = "shop",
            type = "member.level_upgraded",
            data = new { memberId = member, level = "gold" },
        });
        told.Json.GetRawText().ShouldContain("EVENT_TYPE_UNKNOWN");
    }

    private static object Ruby(long threshold) => new
    {
        code = "ruby",
        nameEnglish = "Ruby",
        nameChinese = "红宝石会员",
        description = "Between silver and gold.",
        icon = "ruby.svg",
        color = "#9b111e",
        threshold,
        multiplierBasisPoints = 11_500,
        discountBasisPoints = 9_200,
        freeShippingFrom = 7_900,
    };

    private static Task<Answer> DeleteAsync(LaurelServer server, string path) => server.SendAsync(new HttpRequestMessage(HttpMethod.Delete, path));

    private static Task<Answer> PutAsync(LaurelServer server, string code, object level) =>
        server.SendAsync(LaurelServer.Request(HttpMethod.Put, $"/api/levels/{code}", JsonSerializer.SerializeToUtf8Bytes(level), LaurelServer.Json));

    private static async Task<IReadOnlyList<string?>> CodesAsync(LaurelServer server) =>
        [.. (await server.GetAsync("/api/levels")).Json.GetProperty("items").EnumerateArray().Select(level => level.GetProperty("code").GetString())];

    private static async Task<JsonElement> LevelAsync(LaurelServer server, string member) => (await server.GetAsync($"/api/members/{member}/level")).Json;
}
