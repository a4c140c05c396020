using System.Globalization;
using Laurel.ServerTests.Hosting;
using Laurel.ServerTests.Rules;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.Benefits;

/// <summary>Rules grant benefits by their trigger, condition and caps, in the transaction of the event.</summary>
public sealed class RulesGrantingBenefitsTests(Servers servers) : IClassFixture<Servers>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task GiveTheBirthdayGift_When_TheShopTellsOfTheBirthday(DatabaseUnderTest database)
    {
        var server = await servers.OnAsync(database);
        var member = await server.NewMemberAsync("born", 100);
        (await server.ConsumeAsync(member, "birthday_gift", "born-0")).TextOf("reason").ShouldBe("birthday_unknown");

        var told = await AtOnce.RunAsync(12, i => server.SendAsync(Happened("member.birthday", $"born-{i % 6}", member)));

        told.SelectMany(answer => answer.Statuses).Count(status => status == "applied").ShouldBe(6);
        (await server.PointsAsync(member)).Available.ShouldBe(200);
        var grant = (await GrantsAsync(server, member)).ShouldHaveSingleItem();
        grant.ShouldStartWith("birthday_gift rule granted rule:birthday_gift:");
        (await server.EligibilityAsync(member, "birthday_gift")).ShouldBe("eligible");
        var given = await AtOnce.RunAsync(10, i => server.ConsumeAsync(member, "birthday_gift", $"born-gift-{i}"));
        given.Count(answer => answer.Status == 200).ShouldBe(1);
        given.Count(answer => answer.Outcome == "422 BENEFIT_LIMIT_REACHED").ShouldBe(9);
        await servers.SiteOf(database).VerifyAsync(Cancellation);
    }

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task GrantForATime_When_AnOrderIsLargeEnough(DatabaseUnderTest database)
    {
        var server = await servers.OnAsync(database);
        var member = await server.NewMemberAsync("shopper", 100);
        (await server.AddRuleAsync(Lounge("large_order", "order.amount >= 50000"))).Status.ShouldBe(201);
        (await server.PreviewAsync(ShopEvents.Completed(member, "tried", 50_000))).ShouldContain("large_order paid 1");

        await server.CompleteOrderAsync(member, "small", 49_999);
        (await server.MayEnterAsync(member, "priority_service")).ShouldBeFalse();
        await server.CompleteOrderAsync(member, "large", 50_000);
        await server.CompleteOrderAsync(member, "large", 50_000);
        (await server.MayEnterAsync(member, "priority_service")).ShouldBeTrue();
        (await server.HeldAsync(member)).ShouldContain("priority_service rule");
        (await server.HeldAsync(member, In(days: 10))).ShouldNotContain("priority_service rule");
        (await server.ConsumeAsync(member, "priority_service", "asked")).TextOf("source").ShouldBe("rule");
        (await server.RefundAsync("large", "large-back", 50_000)).Statuses.ShouldBe(["applied"]);
        (await server.MayEnterAsync(member, "priority_service")).ShouldBeTrue("the grant is kept");

        var reference = (await GrantsAsync(server, member)).ShouldHaveSingleItem().Split(' ')[3];
        (await RevokeAsync(new { code = "priority_service", reference })).Outcome.ShouldBe("404 BENEFIT_GRANT_NOT_FOUND");
        (await RevokeAsync(new { memberId = member, code = "priority_shipping", reference })).Outcome.ShouldBe("404 BENEFIT_GRANT_NOT_FOUND");
        (await RevokeAsync(new { memberId = member, code = "priority_service", reference })).TextOf("status").ShouldBe("revoked");
        (await server.MayEnterAsync(member, "priority_service")).ShouldBeFalse();
        await servers.SiteOf(database).VerifyAsync(Cancellation);

        Task<Answer> RevokeAsync(object body) => server.PostAsync("/api/benefits/grants/revoke", body);
    }

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task GrantWithTheRegistration_When_ARuleListensToIt(DatabaseUnderTest database)
    {
        var server = await servers.OnAsync(database);
        (await server.AddRuleAsync(new
        {
            code = "welcome",
            nameEnglish = "Welcome",
            nameChinese = "欢迎",
            trigger = "member.registered",
            unit = "benefit",
            benefit = "priority_shipping",
            amount = new { @fixed = 1 },
            validity = new { never = true },
        })).Status.ShouldBe(201);

        var member = await server.NewMemberAsync("welcomed", 100);
        (await server.SwitchRuleAsync("welcome", "disable")).Status.ShouldBe(200);

        (await server.HeldAsync(member)).ShouldContain("priority_shipping rule");
        (await server.ConsumeAsync(member, "priority_shipping", "welcome-use")).Status.ShouldBe(200);
        (await server.HeldAsync(await server.NewMemberAsync("late", 100))).ShouldNotContain("priority_shipping rule");
        await servers.SiteOf(database).VerifyAsync(Cancellation);
    }

    [Fact]
    public async Task AreRefused_When_TheyNameNoBenefitOrACallerTakesTheirReferences()
    {
        var server = await servers.OnAsync(DatabaseUnderTest.Sqlite);
        var member = await server.NewMemberAsync("careful", 100);
        var codeOfNone = new
        {
            code = "none",
            nameEnglish = "None",
            nameChinese = "无",
            trigger = "shop.visited",
            unit = "benefit",
            benefit = "none",
            amount = new { @fixed = 1 },
        };

        (await server.AddRuleAsync(codeOfNone)).Faults.ShouldBe(["INVALID_FORMAT /benefit"]);
        (await server.GrantAsync(member, "priority_service", "rule:birthday_gift:1")).Faults.ShouldBe(["INVALID_FORMAT /reference"]);
        (await server.PutAsync("/api/benefits/level_discount", new { code = "other", nameEnglish = "O", nameChinese = "其他", kind = "discount" })).Faults
            .ShouldBe(["INVALID_FORMAT /code"]);
    }

    [Fact]
    public async Task TellHowTheyCameToBe_When_BenefitsChange()
    {
        var server = await servers.OnAsync(DatabaseUnderTest.Sqlite);
        (await server.AddBenefitAsync("told", "priority_service")).Status.ShouldBe(201);
        var member = await server.NewMemberAsync("teller", 100);
        (await server.GrantAsync(member, "told", "told-1")).Status.ShouldBe(201);
        (await server.MayEnterAsync(member, "told")).ShouldBeTrue();
        (await server.PostAsync("/api/benefits/told/disable", new { reason = "too dear" })).Status.ShouldBe(200);
        (await server.MayEnterAsync(member, "told")).ShouldBeFalse("a change holds for the next question");

        var history = (await server.GetAsync("/api/benefits/told/history")).Json.GetProperty("items").EnumerateArray().ToList();

        history.Count.ShouldBe(2);
        history[0].GetProperty("reason").GetString().ShouldBe("too dear");
        history.ConvertAll(item => item.GetProperty("benefit").GetProperty("status").GetString()).ShouldBe(["disabled", "active"]);
        (await server.GetAsync("/api/benefits/never/history")).Outcome.ShouldBe("404 BENEFIT_NOT_FOUND");
    }

    private static object Lounge(string code, string condition) => new
    {
        code,
        nameEnglish = "Large order",
        nameChinese = "大额订单",
        trigger = "order.completed",
        unit = "benefit",
        benefit = "priority_service",
        condition,
        amount = new { @fixed = 1 },
        validity = new { days = 7 },
        refund = "kept",
    };

    private static string In(int days) => TimeProvider.System.GetUtcNow().AddDays(days).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static object Happened(string type, string id, string member) => ShopEvents.Event(type, id, new { memberId = member });

    /// <summary>What a member was granted: <c>code source status reference</c>.</summary>
    private static async Task<IReadOnlyList<string>> GrantsAsync(LaurelServer server, string member) =>
    [
        .. (await server.GetAsync($"/api/members/{member}/benefits/grants")).Json.GetProperty("items").EnumerateArray()
            .Select(item => $"{item.GetProperty("code")} {item.GetProperty("source")} {item.GetProperty("status")} {item.GetProperty("reference")}"),
    ];
}
