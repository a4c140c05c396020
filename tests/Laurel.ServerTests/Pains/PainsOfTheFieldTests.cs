using System.Globalization;
using Laurel.ServerTests.Hosting;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.Pains;

/// <summary>What users of other systems ask for or complain about most, as far as no other test shows it: each named by the number it has in
/// docs/internals/testing.md.</summary>
public sealed class PainsOfTheFieldTests(Servers servers) : IClassFixture<Servers>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Bought and refunded again and again, an order leaves no points behind.</summary>
    [Theory]
    [Trait("Pain", "1")]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task LeavesNoPointsBehind_When_ItIsBoughtAndRefundedAgainAndAgain(DatabaseUnderTest database)
    {
        var server = await servers.OnAsync(database);
        var member = await server.NewMemberAsync("pain-1", 100);
        for (var i = 0; i < 5; i++)
        {
            (await server.CompleteOrderAsync(member, $"p1-{i}", 50_000)).Statuses.ShouldBe(["applied"]);
            (await server.PointsAsync(member)).Available.ShouldBeGreaterThan(100);
            (await server.RefundAsync($"p1-{i}", $"p1-r{i}", 50_000)).Statuses.ShouldBe(["applied"]);
        }

        (await server.PointsAsync(member)).ShouldBe(new PointsStanding(100, 0, 0));
        await servers.SiteOf(database).VerifyAsync(Cancellation);
    }

    /// <summary>A refund takes what the order earned, and not once more what was spent on it.</summary>
    [Fact]
    [Trait("Pain", "2")]
    public async Task LeavesWhatWasSpentAlone_When_TheOrderThatEarnedIsRefunded()
    {
        var server = await servers.OnAsync(DatabaseUnderTest.Sqlite);
        var member = await server.NewMemberAsync("pain-2", 1_000);
        (await server.PostAsync("/api/points/spend", new { memberId = member, points = 400, reason = "paid with points", referenceType = "order", referenceId = "p2" }))
            .Status.ShouldBe(200);
        (await server.CompleteOrderAsync(member, "p2", 20_000)).Statuses.ShouldBe(["applied"]);

        (await server.RefundAsync("p2", "p2-r", 20_000)).Statuses.ShouldBe(["applied"]);

        (await server.PointsAsync(member)).Available.ShouldBe(600);
    }

    /// <summary>However cancelling and refunding follow each other, the balance is what the steps come to.</summary>
    [Fact]
    [Trait("Pain", "5")]
    public async Task ComesOutTheSame_When_AReturnIsRejectedAndTheOrderRefundedInParts()
    {
        var server = await servers.OnAsync(DatabaseUnderTest.Sqlite);
        var member = await server.NewMemberAsync("pain-5", 100);
        await server.CompleteOrderAsync(member, "p5", 30_000);
        object Asked(string id) => ShopEvents.Event("order.return_requested", $"p5-{id}", new { orderId = "p5", returnId = id, amount = 30_000 });

        (await server.SendAsync(Asked("a"))).Statuses.ShouldBe(["applied"]);
        (await server.SendAsync(ShopEvents.Event("order.return_rejected", "p5-no", new { orderId = "p5", returnId = "a" }))).Statuses.ShouldBe(["applied"]);
        (await server.SendAsync(Asked("b"))).Statuses.ShouldBe(["applied"]);
        (await server.RefundAsync("p5", "p5-1", 10_000)).Statuses.ShouldBe(["applied"]);
        (await server.RefundAsync("p5", "p5-1", 10_000)).Statuses.ShouldBe(["duplicate"]);
        (await server.RefundAsync("p5", "p5-2", 20_001)).Results[0].GetProperty("code").GetString().ShouldBe("REFUND_EXCEEDS_ORDER");
        (await server.RefundAsync("p5", "p5-2", 20_000)).Statuses.ShouldBe(["applied"]);

        (await server.PointsAsync(member)).ShouldBe(new PointsStanding(100, 0, 0));
        await servers.SiteOf(DatabaseUnderTest.Sqlite).VerifyAsync(Cancellation);
    }

    /// <summary>The member sees the date of each lot, and what lapses first is spent first.</summary>
    [Fact]
    [Trait("Pain", "6")]
    public async Task IsSpentFirst_When_ItLapsesFirst()
    {
        var server = await servers.OnAsync(DatabaseUnderTest.Sqlite);
        var member = await RegisterBeforeAsync(server, "pain-6", days: 300);
        await EarnBeforeAsync(server, member, 50, "p6-late", days: 10);
        await EarnBeforeAsync(server, member, 70, "p6-early", days: 200);

        (await server.SpendAsync(member, 130, "p6")).Status.ShouldBe(200);

        // 100 of the registration lapse in 65 days, 70 in 165, 50 in 355: 40 of the second and the third are left.
        var lots = (await server.GetAsync($"/api/members/{member}/points")).Json.GetProperty("lots").EnumerateArray().ToList();
        lots.Select(lot => lot.GetProperty("remaining").GetInt64()).ShouldBe([40, 50]);
        lots.Select(lot => lot.GetProperty("expiresAt").GetDateTimeOffset()).ShouldBeInOrder();
    }

    /// <summary>What lapsed and was spent before does not count against what is earned later.</summary>
    [Fact]
    [Trait("Pain", "7")]
    public async Task IsWorthWhatItIs_When_OlderPointsWereSpentAndLapsed()
    {
        var server = await servers.OnAsync(DatabaseUnderTest.Sqlite);
        var member = await RegisterBeforeAsync(server, "pain-7", days: 800);
        await EarnBeforeAsync(server, member, 300, "p7-old", days: 790);
        (await server.PostAsync("/api/points/spend", Movement(member, 250, "p7-spent", days: 780))).Status.ShouldBe(200);
        (await server.EarnAsync(member, 80, "p7-new")).Status.ShouldBe(200);

        (await server.PointsAsync(member)).ShouldBe(new PointsStanding(80, 0, 0));
        (await server.SpendAsync(member, 80, "p7-now")).Status.ShouldBe(200);
        await servers.SiteOf(DatabaseUnderTest.Sqlite).VerifyAsync(Cancellation);
    }

    /// <summary>A level is of what was earned: who spends all of it keeps it.</summary>
    [Fact]
    [Trait("Pain", "14")]
    public async Task KeepsTheLevel_When_EveryPointIsSpent()
    {
        var server = await servers.OnAsync(DatabaseUnderTest.Sqlite);
        var member = await RegisterBeforeAsync(server, "pain-14", days: 20);
        await EarnBeforeAsync(server, member, 1_000, "p14", days: 10);
        var level = (await server.MemberAsync(member)).Json.GetProperty("level").GetProperty("code").GetString();

        (await server.SpendAsync(member, 1_100, "p14")).Status.ShouldBe(200);

        level.ShouldBe("silver");
        (await server.MemberAsync(member)).Json.GetProperty("level").GetProperty("code").GetString().ShouldBe(level);
    }

    /// <summary>The balances of another system come with the dates on which they were earned, thousands in a call, and once.</summary>
    [Fact]
    [Trait("Pain", "18")]
    public async Task KeepTheirDatesAndComeOnce_When_OpeningBalancesAreBrought()
    {
        var server = await servers.OnAsync(DatabaseUnderTest.Sqlite);
        var members = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            members.Add(await RegisterBeforeAsync(server, $"pain-18-{i}", days: 300));
        }

        var opening = members.SelectMany((member, i) => new[] { 250, 100 }.Select(days => Movement(member, 100 + days, $"p18-{i}-{days}", days))).ToList();
        var first = await server.PostAsync("/api/points/earn/batch", opening);
        var again = await server.PostAsync("/api/points/earn/batch", opening);

        (first.NumberOf("applied"), again.NumberOf("applied"), again.NumberOf("duplicate")).ShouldBe((6, 0, 6));
        foreach (var member in members)
        {
            var lots = (await server.GetAsync($"/api/members/{member}/points")).Json.GetProperty("lots").EnumerateArray().ToList();
            lots.Select(lot => lot.GetProperty("remaining").GetInt64()).ShouldBe([100, 350, 200]);
            lots.Select(lot => (lot.GetProperty("expiresAt").GetDateTimeOffset() - TimeProvider.System.GetUtcNow()).TotalDays).ShouldAllBe(days => days > 60 && days < 270);
        }
    }

    /// <summary>A cart in a currency that is worth less earns nothing at the rate of ours.</summary>
    [Fact]
    [Trait("Pain", "21")]
    public async Task EarnsNothing_When_TheOrderIsInAnotherCurrency()
    {
        var server = await servers.OnAsync(DatabaseUnderTest.Sqlite);
        var member = await server.NewMemberAsync("pain-21", 100);

        var answer = await server.SendAsync(ShopEvents.Event("order.completed", "p21", new { orderId = "p21", memberId = member, currency = "ZAR", amount = 170_000 }));

        answer.Results[0].GetProperty("code").GetString().ShouldBe("CURRENCY_MISMATCH");
        (await server.PointsAsync(member)).Available.ShouldBe(100);
        (await server.CompleteOrderAsync(member, "p21", 10_000)).Statuses.ShouldBe(["applied"]);
    }

    /// <summary>The reward of an invitation waits until the friend's order is past its return, and is gone when that does not come.</summary>
    [Fact]
    [Trait("Pain", "25")]
    public async Task CannotBeSpent_When_TheFriendsOrderMayStillBeReturned()
    {
        var server = await servers.OnAsync(DatabaseUnderTest.Sqlite);
        var rule = new
        {
            code = "patient_referral",
            nameEnglish = "Referral",
            nameChinese = "邀请",
            trigger = "friend.ordered",
            amount = new { @fixed = 200 },
            pending = new { @event = "friend.order_kept", cancelDays = 30 },
        };
        (await server.PostAsync("/api/points/rules", rule)).Status.ShouldBe(201);
        var member = await server.NewMemberAsync("pain-25", 100);

        (await server.SendAsync(ShopEvents.Event("friend.ordered", "p25", new { memberId = member }))).Statuses.ShouldBe(["applied"]);
        (await server.SpendAsync(member, 101, "p25")).Outcome.ShouldBe("422 POINTS_INSUFFICIENT");
        (await server.SendAsync(ShopEvents.Event("friend.order_kept", "p25-kept", new { memberId = member, reference = "p25" }))).Statuses.ShouldBe(["applied"]);

        (await server.PointsAsync(member)).Available.ShouldBe(300);
    }

    private static async Task<string> RegisterBeforeAsync(LaurelServer server, string externalId, int days)
    {
        var answer = await server.PostAsync("/api/members", new { externalId, registeredAt = Before(days) });
        answer.Status.ShouldBe(201, answer.Text);
        return answer.TextOf("id")!;
    }

    private static async Task EarnBeforeAsync(LaurelServer server, string member, long points, string reference, int days)
    {
        var answer = await server.PostAsync("/api/points/earn", Movement(member, points, reference, days));
        answer.Status.ShouldBe(200, answer.Text);
    }

    private static object Movement(string memberId, long points, string referenceId, int days) =>
        new { memberId, points, reason = "history", referenceType = "history", referenceId, time = Before(days) };

    private static string Before(int days) => TimeProvider.System.GetUtcNow().AddDays(-days).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
