using Laurel.ServerTests.Hosting;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.Rules;

/// <summary>Rules are data: added, changed and switched while the server runs, each time as a new version of the programme.</summary>
public sealed class ChangingRulesTests(Servers servers, DatabaseServers cluster) : IClassFixture<Servers>
{
    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task PaysFromTheNextEvent_When_ARuleIsAddedChangedAndSwitched(DatabaseUnderTest database)
    {
        var server = await servers.OnAsync(database);
        var member = await server.NewMemberAsync("changing", 100);
        (await VisitAsync("v0")).Results[0].GetProperty("code").GetString().ShouldBe("EVENT_TYPE_UNKNOWN");

        var added = await server.AddRuleAsync(Visit(7));
        added.Status.ShouldBe(201);
        (await VisitAsync("v1")).Paid().ShouldBe(["visit points 7"]);
        (await server.ReplaceRuleAsync("visit", Visit(9))).NumberOf("version").ShouldBe(added.NumberOf("version") + 1);
        (await VisitAsync("v2")).Paid().ShouldBe(["visit points 9"]);
        (await server.SwitchRuleAsync("visit", "disable")).Status.ShouldBe(200);
        (await VisitAsync("v3")).Paid().ShouldBeEmpty();
        (await server.SwitchRuleAsync("visit", "enable")).Status.ShouldBe(200);
        (await VisitAsync("v4")).Paid().ShouldBe(["visit points 9"]);

        var history = (await server.GetAsync("/api/points/rules/visit/history")).Json.GetProperty("items").EnumerateArray().ToList();
        history.Select(item => $"{item.GetProperty("rule").GetProperty("amount").GetProperty("fixed")} {item.GetProperty("rule").GetProperty("active")}")
            .ShouldBe(["9 True", "9 False", "9 True", "7 True"]);
        history.ShouldAllBe(item => item.GetProperty("changedBy").GetString() != null);
        history[0].GetProperty("reason").GetString().ShouldBe("a test");
        await servers.SiteOf(database).VerifyAsync(TestContext.Current.CancellationToken);

        Task<Answer> VisitAsync(string id) => server.SendAsync(ShopEvents.Event("shop.visit", id, new { memberId = member }));
    }

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task MakesEveryChangeOnce_When_ManyAreMadeAtTheSameTime(DatabaseUnderTest database)
    {
        var server = await servers.OnAsync(database);
        var before = (await server.GetAsync("/api/points/rules")).NumberOf("version");

        var answers = await AtOnce.RunAsync(12, i => server.AddRuleAsync(new { code = $"many_{i}", nameEnglish = "Many", nameChinese = "多", trigger = "shop.many", amount = new { @fixed = i } }));

        answers.ShouldAllBe(answer => answer.Status == 201);
        answers.Select(answer => answer.NumberOf("version")).Order().ShouldBe(Enumerable.Range((int)before + 1, 12).Select(v => (long)v));
        var after = await server.GetAsync("/api/points/rules?trigger=shop.many");
        after.Json.GetProperty("items").GetArrayLength().ShouldBe(12);
    }

    [Fact]
    public async Task ChangesNothing_When_TheVersionIsAnother()
    {
        var server = await servers.OnAsync(DatabaseUnderTest.Sqlite);
        await server.AddRuleAsync(Visit(1, "matched"));
        var read = await server.GetAsync("/api/points/rules/matched");
        var etag = $"\"{read.NumberOf("version")}\"";
        (await server.ReplaceRuleAsync("matched", Visit(2, "matched"), etag)).Status.ShouldBe(200);

        (await server.ReplaceRuleAsync("matched", Visit(3, "matched"), etag)).Outcome.ShouldBe("412 PROGRAMME_CHANGED");
        (await server.ReplaceRuleAsync("matched", Visit(3, "renamed"))).Faults.ShouldBe(["INVALID_FORMAT /code"]);

        (await server.GetAsync("/api/points/rules/matched")).Json.GetProperty("rule").GetProperty("amount").GetProperty("fixed").GetInt64().ShouldBe(2);
    }

    [Fact]
    public async Task IsRefusedWithItsPlace_When_ARuleIsWrong()
    {
        var server = await servers.OnAsync(DatabaseUnderTest.Sqlite);
        var version = (await server.GetAsync("/api/points/rules")).NumberOf("version");

        var answer = await server.AddRuleAsync(new
        {
            code = "Wrong Code",
            nameEnglish = "Wrong",
            nameChinese = "错",
            trigger = "shop visited",
            unit = "stars",
            condition = "member.pionts > 10",
            amount = new { @fixed = 1, expression = "'ten'" },
            caps = new object[] { new { period = "day" }, new { period = "transaction", scope = "programme", pointsMax = 1 } },
            window = new { from = "2026-02-01T00:00:00Z", until = "2026-01-01T00:00:00Z", hours = new object[] { new { from = "09:00", until = "12:00" }, new { from = "11:00", until = "13:00" } } },
            validity = new { days = 1, never = true },
        });

        answer.Outcome.ShouldBe("400 VALIDATION_FAILED");
        answer.Faults.ShouldBe(
        [
            "INVALID_FORMAT /code", "INVALID_FORMAT /trigger", "INVALID_FORMAT /unit", "EXPRESSION_INVALID /condition", "EXACTLY_ONE /amount",
            "EXPRESSION_INVALID /amount/expression", "NOTHING_BETWEEN /window/until", "OVERLAPS /window/hours/1", "EXACTLY_ONE /validity",
            "UNKNOWN_FIELD /validity", "REQUIRED /caps/0/pointsMax", "INVALID_FORMAT /caps/1/scope",
        ], ignoreOrder: true);
        answer.Json.GetProperty("errors").EnumerateArray().Select(e => e.GetProperty("detail").GetString())
            .ShouldContain(detail => detail!.Contains("Line 1, column 8") && detail.Contains("points"));
        (await server.GetAsync("/api/points/rules")).NumberOf("version").ShouldBe(version);
    }

    [Theory]
    [InlineData("expiry", "400 VALIDATION_FAILED")]
    [InlineData("order", "409 RULE_EXISTS")]
    public async Task IsRefused_When_TheNameIsTaken(string code, string outcome)
    {
        var server = await servers.OnAsync(DatabaseUnderTest.Sqlite);

        (await server.AddRuleAsync(Visit(1, code))).Outcome.ShouldBe(outcome);
        (await server.SwitchRuleAsync("nobody", "disable")).Outcome.ShouldBe("404 RULE_NOT_FOUND");
        (await server.GetAsync("/api/points/rules/nobody")).Outcome.ShouldBe("404 RULE_NOT_FOUND");
        (await server.GetAsync("/api/points/rules/nobody/history")).Outcome.ShouldBe("404 RULE_NOT_FOUND");
    }

    [Fact]
    public async Task IsRefused_When_TheSettingsNameTheFigure()
    {
        await using var site = await LaurelSite.CreateAsync(DatabaseUnderTest.Sqlite, cluster, TestContext.Current.CancellationToken);
        site.Environment["Programme__RegistrationPoints"] = "150";
        await using var server = await LaurelServer.StartAsync(site, TestContext.Current.CancellationToken);
        var rule = (await server.GetAsync("/api/points/rules/registration")).Json.GetProperty("rule");
        rule.GetProperty("amount").GetProperty("fixed").GetInt64().ShouldBe(150);

        var pinned = await server.ReplaceRuleAsync("registration", new { code = "registration", nameEnglish = "Registration", nameChinese = "注册", trigger = "member.registered", amount = new { @fixed = 160 } });
        var free = await server.ReplaceRuleAsync("registration", new { code = "registration", nameEnglish = "Welcome", nameChinese = "欢迎", trigger = "member.registered", amount = new { @fixed = 150 } });

        pinned.Outcome.ShouldBe("409 PROGRAMME_SET_BY_SETTINGS");
        free.Status.ShouldBe(200);
        (await server.PointsAsync(await server.NewMemberAsync("pinned", 150))).Available.ShouldBe(150);
    }

    [Fact]
    public async Task TellsWhyEachRuleDoesOrDoesNotPay_When_AnEventIsPreviewed()
    {
        var server = await servers.OnAsync(DatabaseUnderTest.Sqlite);
        var member = await server.NewMemberAsync("previewed", 100);
        var book = await server.BookAsync(member);
        await server.AddRuleAsync(new { code = "seen_a", nameEnglish = "A", nameChinese = "甲", trigger = "shop.seen", group = "seen", amount = new { @fixed = 5 }, priority = 2, caps = new[] { new { period = "day", pointsMax = 3 } } });
        await server.AddRuleAsync(new { code = "seen_b", nameEnglish = "B", nameChinese = "乙", trigger = "shop.seen", group = "seen", amount = new { @fixed = 6 }, priority = 1 });
        await server.AddRuleAsync(new { code = "seen_c", nameEnglish = "C", nameChinese = "丙", trigger = "shop.seen", condition = "member.level == 'gold'", amount = new { @fixed = 6 } });
        await server.AddRuleAsync(new { code = "seen_d", nameEnglish = "D", nameChinese = "丁", trigger = "shop.seen", condition = "event.data.minutes > 5", amount = new { @fixed = 6 } });
        var seen = ShopEvents.Event("shop.seen", "s", new { memberId = member });

        var told = await server.PreviewAsync(seen);
        var tried = await server.PreviewAsync(seen, new { code = "seen_b", nameEnglish = "B", nameChinese = "乙", trigger = "shop.seen", amount = new { @fixed = 8 }, priority = 1 });

        told.ShouldBe(["seen_a paid 3", "seen_b anotherOfItsGroup", "seen_c conditionFalse", "seen_d failed"]);
        tried.ShouldBe(["seen_a paid 3", "seen_b paid 8", "seen_c conditionFalse", "seen_d failed"]);
        (await server.PreviewAsync(seen, new { code = "seen_e", nameEnglish = "E", nameChinese = "戊", trigger = "shop.seen", amount = new { expression = "1 +" } }))
            .ShouldBe(["400 VALIDATION_FAILED", "EXPRESSION_INVALID /rule/amount/expression"]);
        (await server.BookAsync(member)).ShouldBe(book);
    }

    private static object Visit(long points, string code = "visit") =>
        new { code, nameEnglish = "Shop visited", nameChinese = "到店", trigger = $"shop.{code}", amount = new { @fixed = points } };
}
