using System.Text;
using Laurel.ServerTests.Hosting;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.Rules;

/// <summary>Every movement can be told in words, from what its entry recorded, in both languages.</summary>
public sealed class ExplainingRecordsTests(Servers servers) : IClassFixture<Servers>
{
    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task TellsRuleVersionAndNumbers_When_AnOrderWasEarnedAndRefunded(DatabaseUnderTest database)
    {
        var server = await servers.OnAsync(database);
        var member = await server.NewMemberAsync("explained", 100);
        await server.EarnAsync(member, 1_900, "ex-silver");
        object[] lines = [new { lineId = "1", amount = 600_050, category = "book" }];
        var earned = await server.SendAsync(Order("ex-1", lines));
        await server.SpendAsync(member, 7_000, "ex-spend");
        var refunded = await server.RefundAsync("ex-1", "ex-r", 600_050);
        string[] ids = [.. Answer.EntryIdsOf(earned.Results[0]), .. Answer.EntryIdsOf(refunded.Results[0])];

        var order = await ExplainAsync(ids[0], "en");
        order[1..].ShouldBe(
        [
            "The points balance was 7,000 after it.",
            "The rule \"Order completed\" (order) of programme version 1 paid it.",
            "It pays 1 for each CNY 1.00: that makes 6,000.",
            "The level multiplied it by 1.1.",
            "The cap order_points_day cut off 1,600.",
            order[^1],
        ]);
        (await ExplainAsync(ids[0], "zh"))[2].ShouldBe("依据会员计划第 1 版的规则“订单完成”（order）。");
        (await ExplainAsync(refunded.Results[0].GetProperty("entries")[0].GetProperty("id").GetString()!, "en")).ShouldContain(sentence => sentence.Contains("were spent already", StringComparison.Ordinal));
        (await server.GetAsync("/api/points/records/1/explain")).Outcome.ShouldBe("404 RECORD_NOT_FOUND");
        (await server.GetAsync("/api/points/records/x/explain")).Outcome.ShouldBe("404 RECORD_NOT_FOUND");

        object Order(string id, object[] of) => ShopEvents.Event("order.completed", id, new { orderId = id, memberId = member, currency = "CNY", amount = 600_050, lines = of });

        async Task<string[]> ExplainAsync(string id, string language)
        {
            var request = new HttpRequestMessage(HttpMethod.Get, $"/api/points/records/{id}/explain");
            request.Headers.Add("Accept-Language", language);
            var answer = await server.SendAsync(request);
            answer.Status.ShouldBe(200, Encoding.UTF8.GetString(answer.Body));
            return [.. answer.Json.GetProperty("sentences").EnumerateArray().Select(sentence => sentence.GetString()!)];
        }
    }
}
