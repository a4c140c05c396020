using System.Globalization;
using System.Text.Json;
using Laurel.ServerTests.Benefits;
using Laurel.ServerTests.Checkouts;
using Laurel.ServerTests.Hosting;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.Cards;

/// <summary>Cards are data of the programme; members buy them over HTTP and by events, and have what they give while they last.</summary>
public sealed class SellingCardsTests(Servers servers, DatabaseServers cluster) : IClassFixture<Servers>
{
    private static readonly object[] s_lines = [new { lineId = "a", sku = "shirt", quantity = 1, amount = 10_000 }];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task GivesItsLevelAndItsBenefits_When_ACardIsBoughtAndRefunded(DatabaseUnderTest database)
    {
        var server = await servers.OnAsync(database);
        (await server.PostAsync("/api/cards", Card("plus"))).Status.ShouldBe(201);
        var member = await server.NewMemberAsync("plus", 100);
        (await server.MayEnterAsync(member, "priority_service")).ShouldBeFalse();
        (await server.QuoteAsync(member, s_lines, null, 0)).NumberOf("payable").ShouldBe(10_000);

        var bought = await BuyAsync(server, member, "plus", "p-1");
        (bought.Status, bought.NumberOf("amount"), bought.TextOf("reference")).ShouldBe((201, 1_500, "p-1"));
        bought.Json.GetProperty("level").GetProperty("to").GetString().ShouldBe("gold");
        var again = await BuyAsync(server, member, "plus", "p-1");
        (again.Status, again.Replayed, again.TextOf("endTime")).ShouldBe((201, true, bought.TextOf("endTime")));
        (await BuyAsync(server, member, "plus", "p-1", periods: 2)).Outcome.ShouldBe("409 CONFLICT");
        (await server.MayEnterAsync(member, "priority_service")).ShouldBeTrue();
        (await server.HeldAsync(member)).ShouldContain("priority_service level");
        (await server.QuoteAsync(member, s_lines, null, 0)).NumberOf("payable").ShouldBe(9_000);
        var level = (await server.GetAsync($"/api/members/{member}/level")).Json;
        (level.GetProperty("current").GetProperty("code").GetString(), level.GetProperty("ownLevel").GetString()).ShouldBe(("gold", "bronze"));
        level.GetProperty("forecast").GetProperty("projectedLevel").GetString().ShouldBe("bronze");
        level.GetProperty("forecast").GetProperty("evaluatedOn").GetDateTimeOffset().ShouldBe(bought.Json.GetProperty("endTime").GetDateTimeOffset());
        level.GetProperty("history")[0].GetProperty("reason").GetString().ShouldBe("card plus bought");

        var renewed = await BuyAsync(server, member, "plus", "p-2");
        renewed.Json.GetProperty("endTime").GetDateTimeOffset().ShouldBeGreaterThan(bought.Json.GetProperty("endTime").GetDateTimeOffset());
        var list = (await server.GetAsync($"/api/members/{member}/memberships")).Json;
        list.GetProperty("memberships")[0].GetProperty("status").GetString().ShouldBe("active");
        list.GetProperty("purchases").EnumerateArray().Select(item => item.GetProperty("reference").GetString()).ShouldBe(["p-2", "p-1"]);
        (await server.PostAsync($"/api/members/{member}/memberships/cancel", new { card = "plus", reason = "too dear" })).TextOf("status").ShouldBe("cancelled");
        var statistic = await StatisticAsync(server, "plus");
        (statistic.GetProperty("active").GetInt64(), statistic.GetProperty("cancelled").GetInt64(), statistic.GetProperty("purchases").GetInt64(), statistic.GetProperty("amount").GetInt64())
            .ShouldBe((1, 1, 2, 3_000));

        (await RefundAsync(server, member, "p-1")).Json.GetProperty("endTime").GetDateTimeOffset().ShouldBe(bought.Json.GetProperty("endTime").GetDateTimeOffset());
        var ended = await RefundAsync(server, member, "p-2");
        ended.Json.GetProperty("level").GetProperty("to").GetString().ShouldBe("bronze");
        (await RefundAsync(server, member, "p-2")).Replayed.ShouldBeTrue();
        (await server.MayEnterAsync(member, "priority_service")).ShouldBeFalse();
        (await server.QuoteAsync(member, s_lines, null, 0)).NumberOf("payable").ShouldBe(10_000);
        statistic = await StatisticAsync(server, "plus");
        (statistic.GetProperty("active").GetInt64(), statistic.GetProperty("refunds").GetInt64(), statistic.GetProperty("amountRefunded").GetInt64()).ShouldBe((0, 2, 3_000));
        await servers.SiteOf(database).VerifyAsync(Cancellation);
    }

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task EndWithTheCard_When_OnlyTheCardGivesThem(DatabaseUnderTest database)
    {
        var server = await servers.OnAsync(database);
        (await server.PostAsync("/api/cards", Card("shipping", level: null))).Status.ShouldBe(201);
        var member = await server.NewMemberAsync("shipping", 100);
        (await BuyAsync(server, member, "shipping", "s-1")).Status.ShouldBe(201);

        (await server.HeldAsync(member)).ShouldContain("priority_service card");
        var used = await server.ConsumeAsync(member, "priority_service", "s-use");
        (used.Status, used.TextOf("source")).ShouldBe((200, "card"));
        (await server.HeldAsync(member, "2999-01-01T00:00:00Z")).ShouldNotContain("priority_service card");
        (await server.PostAsync("/api/cards/shipping/disable", new { reason = "sold out" })).Status.ShouldBe(200);
        (await BuyAsync(server, member, "shipping", "s-2")).Outcome.ShouldBe("422 CARD_DISABLED");
        (await server.HeldAsync(member)).ShouldContain("priority_service card");
        (await server.PostAsync("/api/cards/shipping/enable", new { })).Status.ShouldBe(200);
        (await RefundAsync(server, member, "s-1")).Status.ShouldBe(200);
        (await server.ConsumeAsync(member, "priority_service", "s-late")).Outcome.ShouldBe("422 BENEFIT_NOT_HELD");
        await servers.SiteOf(database).VerifyAsync(Cancellation);
    }

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task IsHeldOnce_When_TheShopTellsItByEvents(DatabaseUnderTest database)
    {
        var server = await servers.OnAsync(database);
        (await server.PostAsync("/api/cards", Card("told"))).Status.ShouldBe(201);
        var member = await server.NewMemberAsync("told", 100);
        var data = new { externalId = "told", reference = "t-1", card = "told", amount = 990, orderId = "o-77" };
        var purchased = ShopEvents.Event("membership.purchased", "e-1", data);

        (await TellAsync(server, ShopEvents.Event("membership.refunded", "e-0", new { reference = "t-1" }))).ShouldBe("MEMBERSHIP_PURCHASE_NOT_FOUND");
        (await TellAsync(server, purchased)).ShouldBe("applied gold");
        (await TellAsync(server, purchased)).ShouldBe("duplicate");
        (await TellAsync(server, ShopEvents.Event("membership.purchased", "e-2", data))).ShouldBe("duplicate");
        (await TellAsync(server, ShopEvents.Event("membership.purchased", "e-3", new { externalId = "told", reference = "t-1", card = "told" }))).ShouldBe("CONFLICT");
        (await TellAsync(server, ShopEvents.Event("membership.purchased", "e-4", new { externalId = "told", card = "told" }))).ShouldBe("VALIDATION_FAILED");
        (await TellAsync(server, ShopEvents.Event("membership.refunded", "e-0", new { reference = "t-1" }))).ShouldBe("applied bronze");
        (await TellAsync(server, ShopEvents.Event("membership.refunded", "e-5", new { reference = "t-1" }))).ShouldBe("duplicate");

        var purchase = (await server.GetAsync($"/api/members/{member}/memberships")).Json.GetProperty("purchases")[0];
        (purchase.GetProperty("amount").GetInt64(), purchase.GetProperty("orderId").GetString()).ShouldBe((990, "o-77"));
        purchase.GetProperty("refundedAt").ValueKind.ShouldBe(JsonValueKind.String);
        await servers.SiteOf(database).VerifyAsync(Cancellation);
    }

    /// <summary>Two nodes are told of the same purchases at once, in every order.</summary>
    [Fact]
    public async Task AddUp_When_TwoNodesAreToldAtOnce()
    {
        await using var site = await LaurelSite.CreateAsync(DatabaseUnderTest.Postgres, cluster, Cancellation);
        await using var first = await LaurelServer.StartAsync(site, Cancellation);
        await using var second = await LaurelServer.StartAsync(site, Cancellation);
        (await first.PostAsync("/api/cards", Card("plus"))).Status.ShouldBe(201);
        var member = await first.NewMemberAsync("both", 100);
        var now = DateTimeOffset.Parse("2026-01-05T00:00:00+08:00", CultureInfo.InvariantCulture);

        var bought = await AtOnce.RunAsync(48, i => BuyAsync(i % 2 == 0 ? first : second, member, "plus", $"b-{i / 4}", time: now));
        bought.ShouldAllBe(answer => answer.Status == 201);
        bought.Count(answer => !answer.Replayed).ShouldBe(12);
        var refunded = await AtOnce.RunAsync(24, i => RefundAsync(i % 2 == 0 ? second : first, member, $"b-{i / 4}", now));
        refunded.ShouldAllBe(answer => answer.Status == 200);
        refunded.Count(answer => !answer.Replayed).ShouldBe(6);

        var membership = (await second.GetAsync($"/api/members/{member}/memberships")).Json.GetProperty("memberships")[0];
        membership.GetProperty("endTime").GetDateTimeOffset().ShouldBe(DateTimeOffset.Parse("2026-07-06T00:00:00+08:00", CultureInfo.InvariantCulture));
        await site.VerifyAsync(Cancellation);
    }

    [Fact]
    public async Task IsChangedInItsPlace_When_TheProgrammeSellsAnother()
    {
        var server = await servers.OnAsync(DatabaseUnderTest.Sqlite);
        (await server.PostAsync("/api/cards", Card("changed"))).Status.ShouldBe(201);
        (await server.PostAsync("/api/cards", Card("changed"))).Outcome.ShouldBe("409 CARD_EXISTS");
        (await server.PutAsync("/api/cards/changed?reason=dearer", Card("changed", price: 1_800))).Status.ShouldBe(200);
        (await server.PutAsync("/api/cards/other", Card("changed"))).Faults.ShouldContain(fault => fault.Contains("/code", StringComparison.Ordinal));
        (await server.PutAsync("/api/cards/nothing", Card("nothing"))).Outcome.ShouldBe("404 CARD_NOT_FOUND");
        (await server.GetAsync("/api/cards/nothing")).Outcome.ShouldBe("404 CARD_NOT_FOUND");
        (await server.GetAsync("/api/cards/nothing/history")).Outcome.ShouldBe("404 CARD_NOT_FOUND");
        (await server.GetAsync("/api/cards/changed")).Json.GetProperty("card").GetProperty("price").GetInt64().ShouldBe(1_800);
        var history = (await server.GetAsync("/api/cards/changed/history")).Json.GetProperty("items");
        history.EnumerateArray().Select(item => item.GetProperty("card").GetProperty("price").GetInt64()).ShouldBe([1_800, 1_500]);
        history[0].GetProperty("reason").GetString().ShouldBe("dearer");

        var wrong = await server.PostAsync("/api/cards", Card("wrong", period: "P1W", level: "ruby"));
        wrong.Status.ShouldBe(400);
        wrong.Faults.ShouldContain(fault => fault.Contains("/period", StringComparison.Ordinal));
        wrong.Faults.ShouldContain(fault => fault.Contains("/level", StringComparison.Ordinal));
        (await server.PostAsync("/api/levels/gold/disable", new { })).Faults.ShouldContain(fault => fault.Contains("/cards/", StringComparison.Ordinal));
        var member = await server.NewMemberAsync("changed", 100);
        (await BuyAsync(server, member, "nothing", "c-1")).Outcome.ShouldBe("404 CARD_NOT_FOUND");
        (await BuyAsync(server, "1", "changed", "c-1")).Outcome.ShouldBe("404 MEMBER_NOT_FOUND");
        (await RefundAsync(server, member, "c-1")).Outcome.ShouldBe("404 MEMBERSHIP_PURCHASE_NOT_FOUND");
        (await server.PostAsync($"/api/members/{member}/memberships/cancel", new { card = "changed" })).Outcome.ShouldBe("422 MEMBERSHIP_NOT_HELD");
        (await server.GetAsync("/api/members/1/memberships")).Outcome.ShouldBe("404 MEMBER_NOT_FOUND");
        (await BuyAsync(server, member, "changed", "c-2")).Status.ShouldBe(201);
        var other = await server.NewMemberAsync("changed-other", 100);
        (await RefundAsync(server, other, "c-2")).Outcome.ShouldBe("404 MEMBERSHIP_PURCHASE_NOT_FOUND");
    }

    private static object Card(string code, long price = 1_500, string period = "P1M", string? level = "gold") =>
        new { code, nameEnglish = code, nameChinese = "会员卡", price, period, package = "premium", level };

    private static Task<Answer> BuyAsync(LaurelServer server, string member, string card, string reference, int? periods = null, DateTimeOffset? time = null) =>
        server.PostAsync($"/api/members/{member}/memberships", new { card, reference, periods, time });

    private static Task<Answer> RefundAsync(LaurelServer server, string member, string reference, DateTimeOffset? time = null) =>
        server.PostAsync($"/api/members/{member}/memberships/refund", new { reference, reason = "sent back", time });

    private static async Task<JsonElement> StatisticAsync(LaurelServer server, string card) =>
        (await server.GetAsync("/api/cards/statistics")).Json.GetProperty("items").EnumerateArray().Single(item => item.GetProperty("card").GetString() == card);

    /// <summary>What became of one event: its status and the level it led to, or the code it was refused with.</summary>
    private static async Task<string> TellAsync(LaurelServer server, object told)
    {
        var result = (await server.PostAsync("/api/events", told)).Json.GetProperty("results")[0];
        return result.TryGetProperty("code", out var code) ? code.GetString()!
            : result.TryGetProperty("level", out var level) ? $"{result.GetProperty("status").GetString()} {level.GetProperty("to").GetString()}"
            : result.GetProperty("status").GetString()!;
    }
}
