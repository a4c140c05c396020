using System.Text;
using Laurel.ServerTests.Hosting;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.Refusals;

/// <summary>Events at fault: each has its own result, the others of the batch are carried out.</summary>
public sealed class BadEventsTests(Servers servers) : IClassFixture<Servers>
{
    [Fact]
    public async Task IsRefusedWhole_When_TheBatchHasMoreThanAThousandEvents()
    {
        var server = await servers.OnAsync(DatabaseUnderTest.Sqlite);
        var member = await server.NewMemberAsync("thousand-and-one", 100);
        var book = await server.BookAsync(member);

        var answer = await server.SendAsync(
            [.. Enumerable.Range(0, 1_001).Select(i => ShopEvents.Completed(member, $"m-{i}", 100))]);

        answer.Outcome.ShouldBe("400 VALIDATION_FAILED");
        answer.Faults.ShouldBe(["TOO_MANY"]);
        (await server.BookAsync(member)).ShouldBe(book);
    }

    [Theory]
    [InlineData("\"amount\":-1", "OUT_OF_RANGE /data/amount")]
    [InlineData("\"amount\":0.5", "NOT_AN_INTEGER /data/amount")]
    [InlineData("\"amount\":\"100\"", "WRONG_TYPE /data/amount")]
    [InlineData("\"amount\":9007199254740992", "OUT_OF_RANGE /data/amount")]
    [InlineData("\"amount\":100,\"tip\":1", "UNKNOWN_FIELD /data/tip")]
    [InlineData("\"amount\":100,\"lines\":{}", "WRONG_TYPE /data/lines")]
    [InlineData("\"amount\":100,\"lines\":[7]", "WRONG_TYPE /data/lines/0")]
    [InlineData(
        "\"amount\":100,\"lines\":[{\"lineId\":\"1\",\"amount\":5,\"eligible\":6}]",
        "OUT_OF_RANGE /data/lines/0/eligible")]
    [InlineData(
        "\"amount\":100,\"lines\":[{\"lineId\":\"1\",\"amount\":5},{\"lineId\":\"1\",\"amount\":5}]",
        "DUPLICATE_FIELD /data/lines")]
    [InlineData(
        "\"amount\":100,\"lines\":[{\"lineId\":\"1\",\"amount\":5,\"color\":\"red\"}]",
        "UNKNOWN_FIELD /data/lines/0/color")]
    public async Task NamesTheField_When_AnOrderIsAtFault(string data, string fault)
    {
        var server = await servers.OnAsync(DatabaseUnderTest.Sqlite);
        var member = await server.NewMemberAsync("order-at-fault-" + fault + data.Length, 100);
        var body = "[{\"specversion\":\"1.0\",\"id\":\"e\",\"source\":\"shop\",\"type\":\"order.completed\",\"data\":"
            + $"{{\"orderId\":\"o\",\"memberId\":\"{member}\",\"currency\":\"CNY\",{data}}}}}]";

        var bytes = Encoding.UTF8.GetBytes(body);
        var answer = await server.SendAsync(HttpMethod.Post, "/api/events", bytes, LaurelServer.Batch);

        answer.Status.ShouldBe(200);
        answer.Statuses.ShouldBe(["refused"]);
        var error = answer.Results[0].GetProperty("errors").EnumerateArray().ShouldHaveSingleItem();
        $"{error.GetProperty("code")} {error.GetProperty("pointer")}".ShouldBe(fault.Replace(" ", " /0"));
        (await server.PointsAsync(member)).Available.ShouldBe(100);
    }

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task SaysWhy_When_AnOrderCannotBe(DatabaseUnderTest database)
    {
        var server = await servers.OnAsync(database);
        var member = await server.NewMemberAsync("cannot-be", 100);
        await server.CompleteOrderAsync(member, "whole", 10_000);
        var book = await server.BookAsync(member);
        object[] lines = [new { lineId = "1", amount = 60 }, new { lineId = "2", amount = 41 }];
        object[] unknownLine = [new { lineId = "9", amount = 1 }];
        object Order(string id, string currency, object? orderLines) => ShopEvents.Event(
            "order.completed",
            id,
            new { orderId = id, memberId = member, currency, amount = 100, lines = orderLines });

        var answer = await server.SendAsync(
            Order("above", "CNY", lines),
            Order("dollars", "USD", null),
            ShopEvents.Completed("1", "nobody", 100),
            ShopEvents.Refunded("unknown", "r1", 100),
            ShopEvents.Refunded("whole", "r2", 10_001),
            ShopEvents.Event("order.refunded", "r3", new { orderId = "whole", refundId = "r3", lines = unknownLine }),
            ShopEvents.Event("order.painted", "p", new { orderId = "whole" }));

        answer.Statuses.ShouldAllBe(status => status == "refused");
        answer.Results.Select(r => r.GetProperty("code").GetString()).ShouldBe(
        [
            "ORDER_LINES_EXCEED_AMOUNT", "CURRENCY_MISMATCH", "MEMBER_NOT_FOUND", "ORDER_NOT_FOUND",
            "REFUND_EXCEEDS_ORDER", "ORDER_LINE_NOT_FOUND", "EVENT_TYPE_UNKNOWN",
        ]);
        (await server.BookAsync(member)).ShouldBe(book);
    }

    /// <summary>B7.</summary>
    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task FailsAlone_When_ABatchHoldsPoison(DatabaseUnderTest database)
    {
        var server = await servers.OnAsync(database);
        var member = await server.NewMemberAsync("poison", 100);
        var poison = new Dictionary<int, object>
        {
            [0] = 7,
            [40] = ShopEvents.Completed(member, new string('o', 129), 100),
            [80] = ShopEvents.Completed(member, "nul\0", 100),
            [99] = ShopEvents.Completed("999", "nobody", 100),
            [120] = ShopEvents.Completed(member, "huge", long.MaxValue),
            [160] = new { id = "no-source" },
            [199] = ShopEvents.Refunded("unknown", "poison", 100),
        };

        var events = Enumerable.Range(0, 200)
            .Select(i => poison.GetValueOrDefault(i) ?? ShopEvents.Completed(member, $"good-{i}", 100));

        var answer = await server.SendAsync([.. events]);

        answer.Status.ShouldBe(200);
        answer.Statuses.ShouldBe(Enumerable.Range(0, 200).Select(i => poison.ContainsKey(i) ? "refused" : "applied"));
        (await server.PointsAsync(member)).Available.ShouldBe(100 + 193 + 200);
    }
}
