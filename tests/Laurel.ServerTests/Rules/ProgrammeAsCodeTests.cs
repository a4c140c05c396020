using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Laurel.ServerTests.Hosting;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.Rules;

/// <summary>The programme as one document: read, compared, put in force, and kept as a file.</summary>
public sealed class ProgrammeAsCodeTests(Servers servers, DatabaseServers cluster) : IClassFixture<Servers>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task MultipliesByTheGreatestCampaign_When_OneIsPutInForce(DatabaseUnderTest database)
    {
        var server = await servers.OnAsync(database);
        var member = await server.NewMemberAsync("campaigns", 100);
        await server.EarnAsync(member, 1_000, "to-silver");
        var draft = await ReadAsync(server);
        draft["campaigns"] = new JsonArray(Campaign("double", 20_000), Campaign("triple", 30_000, "member.level == 'silver'"), Campaign("never", 90_000, "false"));

        var diff = await server.PostAsync("/api/programme/diff", draft.ToJsonString());
        var put = await PutAsync(server, draft);
        var answer = await server.CompleteOrderAsync(member, "campaign-order", 10_100);

        diff.Json.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("path").GetString()).ShouldBe(["campaigns"]);
        put.Status.ShouldBe(200);

        // Silver: ⌊101 × 1.1 × 3⌋.
        answer.Paid().ShouldBe(["order points 333", "first_order points 200", "order_growth growth 101"]);
        var explained = await server.GetAsync($"/api/points/records/{answer.Results[0].GetProperty("entries")[0].GetProperty("id").GetString()}/explain");
        explained.Json.GetProperty("sentences").EnumerateArray().Select(s => s.GetString()).ShouldContain("Level and campaign \"triple\" multiplied it by 3.3.");
        (await server.GetAsync("/api/programme/versions")).Json.GetProperty("items")[0].GetProperty("reason").GetString().ShouldBe("test");
        await servers.SiteOf(database).VerifyAsync(Cancellation);
    }

    [Fact]
    public async Task IsRefusedWithItsPlace_When_ADocumentIsWrong()
    {
        var server = await servers.OnAsync(DatabaseUnderTest.Sqlite);
        var programme = await ReadAsync(server);
        async Task<IReadOnlyList<string>> FaultsAsync(Action<JsonObject> spoil)
        {
            var draft = (JsonObject)programme.DeepClone();
            spoil(draft);
            return (await PutAsync(server, draft)).Faults;
        }

        (await FaultsAsync(draft => draft["colour"] = "red")).ShouldBe(["UNKNOWN_FIELD /colour"]);
        (await FaultsAsync(draft => draft["rules"]![2]!["amount"]!["per"]!["points"] = "one")).ShouldBe(["WRONG_TYPE /rules/2/amount/per/points"]);
        (await FaultsAsync(draft => ((JsonObject)draft["rules"]![0]!).Remove("code"))).ShouldBe(["REQUIRED /rules/0"]);
        (await FaultsAsync(draft => draft["rules"]![1]!["code"] = "registration")).ShouldBe(["NOT_UNIQUE /rules/1/code"]);
        (await FaultsAsync(draft => draft["timeZone"] = "Mars/Olympus")).ShouldBe(["INVALID_FORMAT /timeZone"]);
        (await FaultsAsync(draft => draft["holdDays"] = 0)).ShouldBe(["OUT_OF_RANGE /holdDays"]);
        (await FaultsAsync(draft => draft["levels"]![1]!["threshold"] = 0)).ShouldBe(["INVALID_FORMAT /levels"]);
        (await FaultsAsync(draft => draft["checkout"]!["steps"] = new JsonArray("points", "points"))).ShouldBe(["INVALID_FORMAT /checkout/steps"]);
        (await FaultsAsync(draft => draft["campaigns"] = new JsonArray(Campaign("c", 20_000, "order.amount > 1")))).ShouldBe(["EXPRESSION_INVALID /campaigns/0/condition"]);
        (await server.GetAsync("/api/programme?version=99999")).Outcome.ShouldBe("404 PROGRAMME_VERSION_NOT_FOUND");
    }

    [Fact]
    public async Task KeepsWhatNeverEnds_When_ADocumentIsWrittenAndRead()
    {
        var server = await servers.OnAsync(DatabaseUnderTest.Sqlite);
        var draft = await ReadAsync(server);
        var days = draft["validityDays"]!.DeepClone();
        draft["validityDays"] = null;

        (await PutAsync(server, draft)).Status.ShouldBe(200);
        var member = await server.RegisterAsync("never-ends");
        var lots = (await server.GetAsync($"/api/members/{member.TextOf("id")}/points")).Json.GetProperty("lots");

        (await ReadAsync(server)).ContainsKey("validityDays").ShouldBeTrue();
        lots[0].GetProperty("expiresAt").ValueKind.ShouldBe(JsonValueKind.Null);
        draft["validityDays"] = days;
        (await PutAsync(server, draft)).Status.ShouldBe(200);
    }

    [Fact]
    public async Task GoesRoundAsAFile_When_ItIsExportedEditedAndApplied()
    {
        await using var site = await LaurelSite.CreateAsync(DatabaseUnderTest.Sqlite, cluster, Cancellation);
        var (file, broken) = (Path.Combine(site.DataFolder, "programme.yaml"), Path.Combine(site.DataFolder, "broken.yaml"));
        (await site.RunVerbAsync(Cancellation, "sweep")).ExitCode.ShouldBe(0);
        (await site.RunVerbAsync(Cancellation, "programme", "export", file)).ExitCode.ShouldBe(0);
        var text = await File.ReadAllTextAsync(file, Cancellation);

        (await site.RunVerbAsync(Cancellation, "programme", "apply", file)).Output.ShouldContain("Nothing to change.");
        await File.WriteAllTextAsync(file, text.Replace("fixed: 200", "fixed: 250 # more", StringComparison.Ordinal), Cancellation);
        (await site.RunVerbAsync(Cancellation, "programme", "diff", file)).Output.ShouldContain("rules/first_order/amount/fixed");
        (await site.RunVerbAsync(Cancellation, "programme", "apply", file, "--dry-run")).Output.ShouldNotContain("in force.");
        (await site.RunVerbAsync(Cancellation, "programme", "apply", file, "--reason", "spring")).Output.ShouldContain("Version 2 is in force.");
        (await site.RunVerbAsync(Cancellation, "programme", "export")).Output.ShouldContain("fixed: 250");
        (await site.RunVerbAsync(Cancellation, "programme", "export", "-", "--version", "1")).Output.ShouldBe(text);

        await File.WriteAllTextAsync(broken, text.Replace("unit: growth", "unit: stars", StringComparison.Ordinal), Cancellation);
        var refused = await site.RunVerbAsync(Cancellation, "programme", "apply", broken);
        refused.ExitCode.ShouldBe(2);
        refused.Errors.ShouldContain("rules/4/unit: The value must be one of points, growth, balance, benefit.");
        await File.WriteAllTextAsync(broken, "rules: [", Cancellation);
        (await site.RunVerbAsync(Cancellation, "programme", "diff", broken)).Errors.ShouldContain("Line 2, column 1");
    }

    [Fact]
    public async Task TellsWhoGainsAndLoses_When_ADraftIsSimulated()
    {
        await using var site = await LaurelSite.CreateAsync(DatabaseUnderTest.Sqlite, cluster, Cancellation);
        string At(string name) => Path.Combine(site.DataFolder, name);
        await File.WriteAllTextAsync(At("orders.csv"), "o,c,d,a\n1,anna,2026-01-01,1000.00\n2,bob,2026-01-02,50.00\n3,anna,2026-01-03,100.00\n", Cancellation);
        await File.WriteAllTextAsync(At("draft.json"), """{"rules":[{"code":"order","nameEnglish":"Order","nameChinese":"订单","trigger":"order.completed","amount":{"per":{"points":2,"minorUnits":100}}}],"tracks":[{"code":"buyer","nameEnglish":"Buyers","nameChinese":"常客","levelRules":{"measure":{"metric":"orders"},"cooldownHours":0},"levels":[{"code":"guest","nameEnglish":"Guest","nameChinese":"新客","threshold":0,"multiplierBasisPoints":10000,"discountBasisPoints":10000,"freeShippingFrom":0},{"code":"regular","nameEnglish":"Regular","nameChinese":"常客","threshold":2,"multiplierBasisPoints":10000,"discountBasisPoints":10000,"freeShippingFrom":0}]}]}""", Cancellation);

        var run = await site.RunVerbAsync(
            Cancellation, "simulate", At("draft.json"), "--orders", At("orders.csv"), "--map", "order=o,customer=c,date=d,amount=a", "--json", At("report.json"), "--html", At("report.html"));

        run.ExitCode.ShouldBe(0, run.Errors);
        var report = JsonDocument.Parse(await File.ReadAllTextAsync(At("report.json"), Cancellation)).RootElement;

        // In force: anna 100 + 1,000 + 200, and ⌊100 × 1.1⌋ as a silver member; bob 100 + 50 + 200. The draft: 2,200 and 100.
        report.GetProperty("present").GetProperty("issued").GetInt64().ShouldBe(1_410 + 350);
        report.GetProperty("draft").GetProperty("issued").GetInt64().ShouldBe(2_200 + 100);
        report.GetProperty("topWinners")[0].GetProperty("externalId").GetString().ShouldBe("anna");
        report.GetProperty("topWinners")[0].GetProperty("difference").GetInt64().ShouldBe(2_200 - 1_410);
        report.GetProperty("topLosers")[0].GetProperty("difference").GetInt64().ShouldBe(100 - 350);
        (await File.ReadAllTextAsync(At("report.html"), Cancellation)).ShouldContain("<svg");
        report.GetProperty("tracks").EnumerateArray().Select(move => $"{move.GetProperty("track")} {move.GetProperty("to")} {move.GetProperty("members")}")
            .ShouldBe(["buyer guest 1", "buyer regular 1"], ignoreOrder: true);

        // There was no database so far; one that nobody served yet has no programme either, and says so where one is needed.
        (await site.RunVerbAsync(Cancellation, "migrate")).ExitCode.ShouldBe(0);
        (await site.RunVerbAsync(Cancellation, "simulate", At("draft.json"), "--orders", At("orders.csv"), "--map", "order=o,customer=c,date=d,amount=a")).ExitCode.ShouldBe(0);
        var verify = await site.RunVerbAsync(Cancellation, "verify");
        verify.ExitCode.ShouldBe(2);
        verify.Errors.ShouldContain("Start the server once");
    }

    [Fact]
    public async Task CountsStoredMoneyAtWhatItIs_When_ARuleOfADraftPaysIt()
    {
        await using var site = await LaurelSite.CreateAsync(DatabaseUnderTest.Sqlite, cluster, Cancellation);
        string At(string name) => Path.Combine(site.DataFolder, name);
        await File.WriteAllTextAsync(At("orders.csv"), "o,c,d,a\n1,anna,2026-01-01,1000.00\n2,bob,2026-01-02,50.00\n3,anna,2026-01-03,100.00\n", Cancellation);
        await File.WriteAllTextAsync(
            At("draft.json"),
            """
            {"finance":{"valuePoints":100,"valueMinorUnits":50},"rules":[
            {"code":"welcome","nameEnglish":"Welcome","nameChinese":"欢迎","trigger":"member.registered","unit":"balance","amount":{"fixed":30}},
            {"code":"order","nameEnglish":"Order","nameChinese":"订单","trigger":"order.completed","amount":{"per":{"points":1,"minorUnits":100}}},
            {"code":"cash","nameEnglish":"Cash","nameChinese":"返现","trigger":"order.completed","unit":"balance","amount":{"per":{"points":2,"minorUnits":100}}}]}
            """,
            Cancellation);

        var run = await site.RunVerbAsync(
            Cancellation, "simulate", At("draft.json"), "--orders", At("orders.csv"), "--map", "order=o,customer=c,date=d,amount=a", "--json", At("report.json"), "--html", At("report.html"));

        run.ExitCode.ShouldBe(0, run.Errors);
        run.Output.ShouldContain("money paid");
        var report = JsonDocument.Parse(await File.ReadAllTextAsync(At("report.json"), Cancellation)).RootElement;
        var draft = report.GetProperty("draft");
        long Of(JsonElement element, string name) => element.GetProperty(name).GetInt64();
        Of(report.GetProperty("present"), "money").ShouldBe(0);
        // Anna has 30 + 2,000 + 200, bob 30 + 100; 1,150 points are worth 575.
        Of(draft, "money").ShouldBe(2_360);
        (Of(draft, "issued"), Of(draft, "cost"), Of(draft, "liability")).ShouldBe((1_150L, 2_360L + 575, 2_360L + 575));
        (Of(draft.GetProperty("moneyByRule"), "cash"), Of(draft.GetProperty("moneyByRule"), "registration")).ShouldBe((2_300L, 60L));
        // Anna has 310 points less, which are worth 155; bob 300 less, worth 150, and gets 130.
        (Of(report, "winners"), Of(report, "losers")).ShouldBe((1L, 1L));
        var winner = report.GetProperty("topWinners")[0];
        (winner.GetProperty("externalId").GetString(), Of(winner, "difference"), Of(winner, "moneyDifference")).ShouldBe(("anna", -310L, 2_230L));
        report.GetProperty("topLosers")[0].GetProperty("externalId").GetString().ShouldBe("bob");
        (await File.ReadAllTextAsync(At("report.html"), Cancellation)).ShouldContain("Money by rule");
    }

    [Fact]
    public async Task DescribesADocument_When_AnEditorAsksForTheSchema()
    {
        var server = await servers.OnAsync(DatabaseUnderTest.Sqlite);

        var schema = (await server.GetAsync("/schemas/programme.json")).Json;

        schema.GetProperty("$schema").GetString().ShouldBe("https://json-schema.org/draft/2020-12/schema");
        schema.GetProperty("properties").GetProperty("rules").GetProperty("items").GetProperty("required").EnumerateArray().Select(name => name.GetString())
            .ShouldBe(["code", "nameEnglish", "nameChinese", "trigger", "amount"]);
    }

    private static async Task<JsonObject> ReadAsync(LaurelServer server) => (JsonObject)JsonNode.Parse((await server.GetAsync("/api/programme")).Text)!;

    private static Task<Answer> PutAsync(LaurelServer server, JsonObject draft) =>
        server.SendAsync(HttpMethod.Put, "/api/programme?reason=test", Encoding.UTF8.GetBytes(draft.ToJsonString()), LaurelServer.Json);

    private static JsonObject Campaign(string code, int multiplier, string? condition = null) => new()
    {
        ["code"] = code,
        ["nameEnglish"] = code,
        ["nameChinese"] = code,
        ["multiplierBasisPoints"] = multiplier,
        ["condition"] = condition,
    };
}
