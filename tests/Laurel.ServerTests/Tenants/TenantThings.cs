using System.Text;
using System.Text.Json.Nodes;
using Laurel.ServerTests.Benefits;
using Laurel.ServerTests.Checkouts;
using Laurel.ServerTests.Coupons;
using Laurel.ServerTests.Hosting;
using Laurel.ServerTests.Money;
using Laurel.ServerTests.Watch;
using Laurel.ServerTests.Webhooks;
using Shouldly;

namespace Laurel.ServerTests.Tenants;

/// <summary>Gives a tenant one of each thing that the API can name, all with names of its own.</summary>
/// <param name="server">As an administrator of the tenant sees it.</param>
/// <param name="mark">Begins every name and stands in every text: where it turns up, something of this tenant does.</param>
internal sealed class TenantThings(LaurelServer server, string mark)
{
    private static readonly object[] s_lines = [new { lineId = "a", sku = "s", quantity = 1, amount = 20_000 }];

    private readonly Dictionary<string, string> _things = new(StringComparer.Ordinal);

    /// <summary>Makes them.</summary>
    /// <returns>Their ids and names, by what <see cref="ApiCalls"/> calls them.</returns>
    public async Task<Dictionary<string, string>> MakeAsync(string tenant)
    {
        _things["tenant"] = tenant;
        _things["eventType"] = mark + ".nothing";
        _things["file"] = "00112233445566778899aabbccddeeff.png";
        await MakeProgrammeAsync();
        await MakeMembersAsync();
        await MakePointsAsync();
        await MakeCouponsAsync();
        await MakeMoneyAsync();
        await MakeRestAsync();
        _things.Where(thing => string.IsNullOrEmpty(thing.Value)).Select(thing => thing.Key).ShouldBeEmpty();
        return _things;
    }

    private async Task MakeProgrammeAsync()
    {
        foreach (var name in (string[])["rule", "template", "benefit", "card", "watch", "level", "track", "unit", "package", "lowest", "trackLevel"])
        {
            _things[name] = $"{mark}_{name.ToLowerInvariant()}";
        }

        var programme = JsonNode.Parse((await server.GetAsync("/api/programme")).Text)!.AsObject();
        programme["adjustPointsAloneMax"] = 1_000;
        programme["units"] = JsonNode.Parse($$"""[{"code":"{{_things["unit"]}}","nameEnglish":"Stars","nameChinese":"星星"}]""");
        programme["tracks"] = new JsonArray(new JsonObject
        {
            ["code"] = _things["track"],
            ["nameEnglish"] = mark,
            ["nameChinese"] = mark,
            ["levelRules"] = JsonNode.Parse("""{"cooldownHours":0}"""),
            ["levels"] = new JsonArray(TrackLevel(_things["lowest"], 0), TrackLevel(_things["trackLevel"], 900)),
        });
        (await server.SendAsync(HttpMethod.Put, "/api/programme", Encoding.UTF8.GetBytes(programme.ToJsonString()), LaurelServer.Json)).Outcome.ShouldBe("200");
        foreach (var call in ApiCalls.All.Where(call => call.Method == "POST" && PartOf(call.Path) is not null))
        {
            await DoAsync(call with { Body = call.Body!.Replace("<new>", $"<{PartOf(call.Path)}>", StringComparison.Ordinal) });
        }

        await DoAsync(new ApiCall("PUT", "/api/benefits/packages/<package>", """{"code":"<package>","nameEnglish":"N","nameChinese":"名","benefits":["<benefit>"]}"""));
        _things["programme"] = (await server.GetAsync("/api/programme")).Text;
    }

    private static string? PartOf(string path) => path switch
    {
        "/api/points/rules" => "rule",
        "/api/coupons/templates" => "template",
        "/api/benefits" => "benefit",
        "/api/cards" => "card",
        "/api/watch/rules" => "watch",
        "/api/levels" => "level",
        _ => null,
    };

    private static JsonObject TrackLevel(string code, long threshold) => new()
    {
        ["code"] = code,
        ["nameEnglish"] = code,
        ["nameChinese"] = code,
        ["threshold"] = threshold,
        ["multiplierBasisPoints"] = 10_000,
        ["discountBasisPoints"] = 10_000,
        ["freeShippingFrom"] = 0,
        ["package"] = null,
    };

    private async Task MakeMembersAsync()
    {
        _things["externalId"] = $"{mark}-external";
        _things["email"] = $"{mark}@example.com";
        _things["phone"] = "+8613800138000";
        var member = await DoAsync(new ApiCall(
            "POST", "/api/members", $$"""{"externalId":"<externalId>","nickname":"{{mark}} nickname","phone":"<phone>","email":"<email>","realNameVerified":true}"""));
        _things["member"] = member.TextOf("id")!;
        foreach (var name in (string[])["mine", "third", "fourth", "merged", "leaver"])
        {
            _things[name] = await server.NewMemberAsync($"{mark}-{name}", 500);
        }

        _things["address"] = (await DoAsync(new ApiCall("POST", "/api/addresses?memberId=<member>", ApiCalls.Address))).TextOf("id")!;
        _things["tag"] = "t" + new string([.. mark.ToLowerInvariant().Where(char.IsAsciiLetterOrDigit)]);
        await DoAsync(new ApiCall("PUT", "/api/tags/<tag>", ApiCalls.Tag));
        await DoAsync(new ApiCall("PUT", "/api/members/<member>/tags/<tag>"));
        _things["note"] = (await DoAsync(new ApiCall("POST", "/api/members/<member>/notes", """{"text":"haggles"}"""))).TextOf("id")!;
        _things["filter"] = (await DoAsync(new ApiCall("POST", "/api/members/filters", ApiCalls.Filter))).TextOf("id")!;
        _things["merge"] = (await DoAsync(new ApiCall(
            "POST", "/api/members/<merged>/merge", $$"""{"into":{"memberId":"<fourth>"},"reason":"{{mark}} reason","reference":"{{mark}}-merge"}"""))).TextOf("mergeId")!;
    }

    private async Task MakePointsAsync()
    {
        var member = _things["member"];
        _things["entry"] = (await server.EarnAsync(member, 5_000, $"{mark}-earn")).EntryIds[0];
        _things["hold"] = (await server.HoldAsync(member, 100, $"{mark}-hold")).TextOf("holdId")!;
        _things["request"] = (await server.AdjustAsync(member, 2_000, $"{mark}-adjust")).TextOf("requestId")!;
        _things["order"] = $"{mark}-order";
        (await server.CompleteOrderAsync(member, _things["order"], 10_000)).Statuses.ShouldBe(["applied"]);
        _things["lot"] = (await DoAsync(new ApiCall("POST", "/api/points/earn", $$"""
            {"memberId":"<member>","points":50,"reason":"{{mark}} reason","referenceType":"test","referenceId":"{{mark}}-wait","pendingEvent":"{{mark}}_shipped",
            "cancelAt":"2049-01-01T00:00:00Z"}
            """))).EntryIds[0];
        await DoAsync(new ApiCall(
            "POST", "/api/units/earn", """{"memberId":"<member>","unit":"<unit>","amount":50,"reason":"r","referenceType":"test","referenceId":"units"}"""));
    }

    private async Task MakeCouponsAsync()
    {
        foreach (var name in (string[])["coupon", "gift", "shared", "spare"])
        {
            _things[name] = await server.NewCouponAsync(_things["member"], _things["template"]);
        }

        string[] linked = [await server.NewCouponAsync(_things["member"], _things["template"])];
        var share = await server.PostAsync("/api/coupons/share", new { memberId = _things["member"], couponIds = linked, reference = $"{mark}-share" });
        _things["share"] = share.TextOf("token")!;
        var batch = await server.PostAsync($"/api/coupons/templates/{_things["template"]}/batches", new { count = 2, reference = $"{mark}-batch" });
        _things["batch"] = batch.TextOf("id")!;
        await Eventually.HoldsAsync(
            async () => (await server.GetAsync($"/api/coupons/batches/{_things["batch"]}")).TextOf("state") == "ready", "the codes are not made");
        _things["code"] = (await server.PostAsync($"/api/coupons/batches/{_things["batch"]}/codes", "")).Text.Split('\n')[1].Trim().Trim('"');
    }

    private async Task MakeMoneyAsync()
    {
        var member = _things["member"];
        (await server.AdjustBalanceAsync(member, 50_000, $"{mark}-opening")).Outcome.ShouldBe("200");
        _things["spend"] = $"{mark}-spend";
        await DoAsync(new ApiCall(
            "POST", "/api/balance/spend", """{"memberId":"<member>","amount":100,"reason":"r","referenceType":"test","referenceId":"<spend>"}"""));
        _things["recharge"] = $"{mark}-recharge";
        (await server.RechargeAsync(member, 500, _things["recharge"])).Outcome.ShouldBe("201");
        _things["withdrawal"] = $"{mark}-withdrawal";
        await DoAsync(new ApiCall(
            "POST", "/api/balance/withdrawals", """{"memberId":"<member>","amount":100,"destination":"card","withdrawalId":"<withdrawal>"}"""));
        foreach (var name in (string[])["checkout", "cancelled"])
        {
            _things[name] = $"{mark}-{name}";
            var quote = await server.QuoteAsync(member, s_lines, null, 0);
            (await server.ReserveAsync(member, _things[name], s_lines, null, points: 0, payable: quote.NumberOf("payable"))).Outcome.ShouldBe("200");
        }
    }

    private async Task MakeRestAsync()
    {
        var member = _things["member"];
        _things["grant"] = $"{mark}-grant";
        (await server.GrantAsync(member, _things["benefit"], _things["grant"])).Status.ShouldBeLessThan(300);
        _things["use"] = $"{mark}-use";
        (await server.ConsumeAsync(member, _things["benefit"], _things["use"])).Outcome.ShouldBe("200");
        _things["purchase"] = $"{mark}-purchase";
        await DoAsync(new ApiCall("POST", "/api/members/<member>/memberships", """{"reference":"<purchase>","card":"<card>"}"""));
        _things["hook"] = (await DoAsync(new ApiCall(
            "POST", "/api/webhooks", $$"""{"url":"http://127.0.0.1:1024/{{mark}}","description":"{{mark}} hook","enabled":false}"""))).TextOf("id")!;
        _things["username"] = $"{mark}_somebody";
        _things["kind"] = "phone";
        _things["app"] = "qq";
        _things["role"] = $"{mark}_role".ToUpperInvariant();
        (await server.PutAsync("/api/roles/" + _things["role"], new { name = mark + " role", grants = new[] { "points:read" } })).Status.ShouldBeLessThan(300);
        _things["user"] = (await DoAsync(new ApiCall(
            "POST", "/api/users", """{"username":"<username>","password":"correct horse battery","role":"<role>"}"""))).TextOf("id")!;
        _things["key"] = (await DoAsync(new ApiCall("POST", "/api/keys", $$"""{"name":"{{mark}} key","scopes":["points:read"]}"""))).TextOf("id")!;
        await MakeCaseAsync();
    }

    /// <summary>A rule that stops, once, and is then switched off.</summary>
    private async Task MakeCaseAsync()
    {
        var code = mark + "_stop";
        var rule = WatchCalls.Watch(code, "spend", "count", 1, "hold", "hour", 24);
        (await server.AddWatchAsync(rule)).Outcome.ShouldBe("201");
        (await server.SpendAsync(_things["mine"], 1, $"{mark}-s1")).Outcome.ShouldBe("200");
        var stopped = await server.SpendAsync(_things["mine"], 1, $"{mark}-s2");
        stopped.Outcome.ShouldBe("409 WATCH_HELD");
        _things["case"] = stopped.TextOf("caseId")!;
        (await server.PostAsync($"/api/watch/rules/{code}/disable", new { })).Outcome.ShouldBe("200");
    }

    private async Task<Answer> DoAsync(ApiCall call)
    {
        var answer = await server.SendAsync(call.Fill(_things).Request);
        answer.Status.ShouldBeLessThan(300, $"{call}: {answer.Text}");
        return answer;
    }
}
