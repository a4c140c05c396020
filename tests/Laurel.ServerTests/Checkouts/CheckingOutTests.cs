using System.Text.Json;
using Laurel.ServerTests.Coupons;
using Laurel.ServerTests.Hosting;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.Checkouts;

/// <summary>A price is asked for, kept, paid, completed and given back, and nothing is held, used or earned twice on the way.</summary>
public sealed class CheckingOutTests(Servers servers) : IClassFixture<Servers>
{
    private const long Goods = 20_000;

    private static readonly object[] s_lines =
    [
        new { lineId = "a", sku = "shirt", quantity = 2, amount = 15_000 },
        new { lineId = "b", sku = "mug", quantity = 1, amount = 5_000 },
    ];

    /// <summary>Pain 12 and features §3.8: a member of the first level with 4,000 points and a coupon of 10 off 100.</summary>
    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    [Trait("Pain", "2")]
    public async Task GoesItsWay_When_ABasketIsPaidCompletedAndRefunded(DatabaseUnderTest database)
    {
        var server = await servers.OnAsync(database);
        await server.AddTemplateAsync(CouponCalls.Template("checkout"));
        var member = await server.NewMemberAsync("checkout", 4_000);
        var coupon = await server.NewCouponAsync(member, "checkout");

        var quote = await server.QuoteAsync(member, s_lines, coupon, points: 3_000);
        // 200.00 less 10.00 by the coupon less 30.00 by points; delivery of 8.00 is free from 99.00 on.
        quote.Status.ShouldBe(200, quote.Text);
        quote.Json.GetProperty("payable").GetInt64().ShouldBe(16_000);
        quote.Json.GetProperty("pointsMax").GetInt64().ShouldBe(4_000);
        quote.Json.GetProperty("earnings").EnumerateArray().Select(e => (e.GetProperty("rule").GetString(), e.GetProperty("amount").GetInt64()))
            .ShouldContain(("order", 160L));
        (await server.ReserveAsync(member, "w", s_lines, coupon, points: 3_000, payable: 15_999)).Outcome.ShouldBe("409 CHECKOUT_CHANGED");
        (await server.AvailableAsync(member)).ShouldBe(4_000);

        (await server.ReserveAsync(member, "w", s_lines, coupon, points: 3_000, payable: 16_000)).State().ShouldBe("reserved");
        (await server.ReserveAsync(member, "w", s_lines, coupon, points: 3_000, payable: 16_000)).State().ShouldBe("reserved");
        (await server.ReserveAsync(member, "w", s_lines, coupon, points: 2_000, payable: 17_000)).Outcome.ShouldBe("409 CONFLICT");
        (await server.AvailableAsync(member)).ShouldBe(1_000);
        (await server.CouponsAsync(member)).ShouldBe(["checkout locked"]);
        (await server.StepAsync("w", "complete")).Outcome.ShouldBe("409 CHECKOUT_STATE");

        (await server.StepAsync("w", "confirm")).State().ShouldBe("confirmed");
        (await server.StepAsync("w", "confirm")).State().ShouldBe("confirmed");
        (await server.StepAsync("w", "cancel")).Outcome.ShouldBe("409 CHECKOUT_STATE");
        (await server.CouponsAsync(member)).ShouldBe(["checkout used"]);
        (await server.StepAsync("w", "complete")).State().ShouldBe("confirmed");
        (await server.StepAsync("w", "complete")).State().ShouldBe("confirmed");
        var earned = await server.AvailableAsync(member) - 1_000;
        earned.ShouldBeGreaterThanOrEqualTo(160);

        var preview = await server.PostAsync("/api/checkouts/w/refund/preview", new { refundId = "p", lines = new[] { new { lineId = "a", quantity = 1 } } });
        preview.Status.ShouldBe(200, preview.Text);
        var one = await server.RefundAsync("w", "r1", new { lineId = "a", quantity = 1 });
        one.Json.GetProperty("paidBack").GetInt64().ShouldBe(preview.Json.GetProperty("money").GetInt64());
        one.Json.GetProperty("pointsBack").GetInt64().ShouldBe(preview.Json.GetProperty("points").GetInt64());
        (await server.RefundAsync("w", "r1", new { lineId = "a", quantity = 1 })).Json.GetProperty("paidBack").GetInt64().ShouldBe(preview.Json.GetProperty("money").GetInt64());
        (await server.RefundAsync("w", "r2", new { lineId = "a", quantity = 2 })).Outcome.ShouldBe("422 CHECKOUT_REFUND_EXCEEDS");
        (await server.RefundAsync("w", "r2", new { lineId = "z", quantity = 1 })).Outcome.ShouldBe("422 ORDER_LINE_NOT_FOUND");
        (await server.CouponsAsync(member)).ShouldBe(["checkout used"]);

        var whole = await server.RefundAsync("w", "r3");
        whole.Json.GetProperty("paidBack").GetInt64().ShouldBe(16_000);
        whole.Json.GetProperty("pointsBack").GetInt64().ShouldBe(3_000);
        (await server.CouponsAsync(member)).ShouldBe(["checkout claimed"]);
        // Nothing is left of what it earned, the bonus of a first order with it.
        (await server.AvailableAsync(member)).ShouldBe(4_000);
        await servers.SiteOf(database).VerifyAsync(TestContext.Current.CancellationToken);
    }

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task EarnsByWhatIsLeft_When_APartGoesBackBeforeItIsCompleted(DatabaseUnderTest database)
    {
        var server = await servers.OnAsync(database);
        var member = await server.NewMemberAsync("early", 100);
        (await server.ReserveAsync(member, "early", s_lines, null, points: 0, payable: Goods)).State().ShouldBe("reserved");
        (await server.StepAsync("early", "confirm")).State().ShouldBe("confirmed");
        (await server.RefundAsync("early", "r1", new { lineId = "b", quantity = 1 })).Json.GetProperty("paidBack").GetInt64().ShouldBe(5_000);

        var completed = await server.StepAsync("early", "complete");

        completed.Json.GetProperty("entries").EnumerateArray().Where(e => e.GetProperty("rule").GetString() == "order").Sum(e => e.GetProperty("amount").GetInt64()).ShouldBe(150);
        (await server.RefundAsync("early", "r2")).Json.GetProperty("paidBack").GetInt64().ShouldBe(Goods);
        await servers.SiteOf(database).VerifyAsync(TestContext.Current.CancellationToken);
    }

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task IsFreeAgain_When_ItIsGivenUpOrOver(DatabaseUnderTest database)
    {
        var server = await servers.OnAsync(database);
        await server.AddTemplateAsync(CouponCalls.Template("freed"));
        var now = TimeProvider.System.GetUtcNow();
        var member = await server.NewMemberAsync("freed", 100);
        (await server.PostAsync("/api/points/earn", new { memberId = member, points = 800, reason = "a test", referenceType = "test", referenceId = "freed", time = now.AddHours(-3) })).Status.ShouldBe(200);
        var coupon = await server.NewCouponAsync(member, "freed", now.AddHours(-2));
        (await server.ReserveAsync(member, "given-up", s_lines, coupon, points: 900, payable: 18_100)).State().ShouldBe("reserved");
        (await server.StepAsync("given-up", "cancel")).State().ShouldBe("cancelled");
        (await server.StepAsync("given-up", "confirm")).Outcome.ShouldBe("409 CHECKOUT_STATE");
        (await server.AvailableAsync(member)).ShouldBe(900);
        (await server.CouponsAsync(member)).ShouldBe(["freed claimed"]);

        // An hour ago, for half an hour: it is over.
        (await server.ReserveAsync(member, "over", s_lines, coupon, points: 800, payable: 18_200, time: now.AddHours(-1))).Status.ShouldBe(200);
        (await server.GetAsync("/api/checkouts/over")).State().ShouldBe("expired");
        (await server.StepAsync("over", "confirm")).Outcome.ShouldBe("409 CHECKOUT_STATE");
        (await server.ReserveAsync(member, "again", s_lines, coupon, points: 900, payable: 18_100)).State().ShouldBe("reserved");
        (await server.StepAsync("over", "confirm", now.AddMinutes(-50))).Outcome.ShouldBe("409 CHECKOUT_STATE");
        await servers.SiteOf(database).VerifyAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>B8: many baskets for the same points and the same coupon at once.</summary>
    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task PromisesEachPointAndCouponOnce_When_ManyReserveAtOnce(DatabaseUnderTest database)
    {
        var server = await servers.OnAsync(database);
        await server.AddTemplateAsync(CouponCalls.Template("once_only"));
        var member = await server.NewMemberAsync("crowd", 10_000);
        var coupon = await server.NewCouponAsync(member, "once_only");

        var withCoupon = await AtOnce.RunAsync(20, i => server.ReserveAsync(member, $"coupon-{i}", s_lines, coupon, points: 0, payable: 19_000));
        withCoupon.Count(a => a.Status == 200).ShouldBe(1);
        withCoupon.Count(a => a.Outcome == "409 CHECKOUT_CHANGED").ShouldBe(19);

        var withPoints = await AtOnce.RunAsync(20, i => server.ReserveAsync(member, $"points-{i}", s_lines, null, points: 3_000, payable: 17_000));
        withPoints.Count(a => a.Status == 200).ShouldBe(3);
        (await server.AvailableAsync(member)).ShouldBe(1_000);

        var reserved = Enumerable.Range(0, 20).Where(i => withPoints[i].Status == 200).Select(i => $"points-{i}").ToList();
        var ends = await AtOnce.RunAsync(30, i => server.StepAsync(reserved[i % 3], i / 3 % 2 == 0 ? "confirm" : "cancel"));
        ends.ShouldAllBe(a => a.Status == 200 || a.Outcome == "409 CHECKOUT_STATE");
        var confirmed = await Task.WhenAll(reserved.Select(async id => (Id: id, State: (await server.GetAsync($"/api/checkouts/{id}")).State())));
        (await server.AvailableAsync(member)).ShouldBe(10_000 - (3_000 * confirmed.Count(one => one.State == "confirmed")));

        foreach (var (id, _) in confirmed.Where(one => one.State == "confirmed"))
        {
            var refunds = await AtOnce.RunAsync(10, i => server.RefundAsync(id, $"{id}-{i}", new { lineId = "b", quantity = 1 }));
            refunds.Count(a => a.Status == 200).ShouldBe(1);
            refunds.Count(a => a.Outcome == "422 CHECKOUT_REFUND_EXCEEDS").ShouldBe(9);
        }

        await servers.SiteOf(database).VerifyAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task SaysWhatIsWrong_When_TheBasketIsNoBasket()
    {
        var server = await servers.OnAsync(DatabaseUnderTest.Sqlite);
        var memberId = await server.NewMemberAsync("wrong", 100);
        (object Body, string Pointer)[] cases =
        [
            (new { memberId, lines = Array.Empty<object>() }, "/lines"),
            (new { memberId, lines = new object[] { new { lineId = "a", amount = -1 } } }, "/lines/0/amount"),
            (new { memberId, lines = new object[] { new { lineId = "delivery", amount = 1 } } }, "/lines/0/lineId"),
            (new { memberId, lines = new object[] { new { lineId = "a", amount = 1 }, new { lineId = "a", amount = 2 } } }, "/lines"),
            (new { memberId, lines = new object[] { new { lineId = "a", amount = 10, saleAmount = 11 } } }, "/lines/0/saleAmount"),
            (new { memberId, lines = new object[] { new { lineId = "a", amount = 10 } }, coupons = new[] { "1", "1" } }, "/coupons"),
            (new { memberId, lines = new object[] { new { lineId = "a", amount = 10 } }, coupons = new[] { "x" } }, "/coupons"),
            (new { memberId, lines = new object[] { new { lineId = "a", amount = 9_007_199_254_740_991 } }, delivery = 1 }, "/lines"),
            (new { memberId, lines = new object[] { new { lineId = "a", amount = 10 } }, points = -1 }, "/points"),
        ];
        foreach (var (body, pointer) in cases)
        {
            var answer = await server.PostAsync("/api/quote", body);
            answer.Status.ShouldBe(400, answer.Text);
            answer.Text.ShouldContain($"\"{pointer}\"");
        }

        var unknown = await server.QuoteAsync(memberId, s_lines, "999", points: 0);
        unknown.Json.GetProperty("price").GetProperty("missed").EnumerateArray().Single().GetProperty("code").GetString().ShouldBe("COUPON_NOT_FOUND");
        (await server.StepAsync("none", "confirm")).Outcome.ShouldBe("404 CHECKOUT_NOT_FOUND");
        (await server.StepAsync("none", "complete")).Outcome.ShouldBe("404 CHECKOUT_NOT_FOUND");
        (await server.RefundAsync("none", "r")).Outcome.ShouldBe("404 CHECKOUT_NOT_FOUND");
        (await server.GetAsync("/api/checkouts/none")).Outcome.ShouldBe("404 CHECKOUT_NOT_FOUND");
        (await server.PostAsync("/api/checkouts/none/refund/preview", new { refundId = "r" })).Outcome.ShouldBe("404 CHECKOUT_NOT_FOUND");
    }
}

/// <summary>The calls of the checkouts' doors.</summary>
internal static class CheckoutCalls
{
    public static Task<Answer> QuoteAsync(this LaurelServer server, string memberId, object[] lines, string? coupon, long points) =>
        server.PostAsync("/api/quote", new { memberId, lines, coupons = coupon is null ? [] : new[] { coupon }, points, delivery = 800 });

    public static Task<Answer> ReserveAsync(
        this LaurelServer server, string memberId, string checkoutId, object[] lines, string? coupon, long points, long payable, DateTimeOffset? time = null) =>
        server.PostAsync("/api/checkouts", new { memberId, checkoutId, lines, coupons = coupon is null ? [] : new[] { coupon }, points, delivery = 800, payable, time });

    public static Task<Answer> StepAsync(this LaurelServer server, string checkoutId, string step, DateTimeOffset? time = null) =>
        server.PostAsync($"/api/checkouts/{checkoutId}/{step}", new { time });

    public static Task<Answer> RefundAsync(this LaurelServer server, string checkoutId, string refundId, object? line = null) =>
        server.PostAsync($"/api/checkouts/{checkoutId}/refund", new { refundId, lines = line is null ? null : new[] { line } });

    public static string State(this Answer answer) => answer.Status == 200 ? answer.Json.GetProperty("state").GetString()! : answer.Text;

    public static async Task<long> AvailableAsync(this LaurelServer server, string memberId) =>
        (await server.GetAsync($"/api/members/{memberId}")).Json.GetProperty("points").GetProperty("available").GetInt64();
}
