using Laurel.ServerTests.Hosting;
using Laurel.ServerTests.Money;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.Points;

/// <summary>Points beside money, over HTTP: exchanged both ways, and paying for a share of an order.</summary>
public sealed class ExchangingTests(DatabaseServers cluster)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task MovesBothUnits_When_TheProgrammeSetsRates(DatabaseUnderTest database)
    {
        await using var site = await LaurelSite.CreateAsync(database, cluster, Cancellation);
        site.Environment["Programme__PointsToBalance__Points"] = "1000";
        site.Environment["Programme__PointsToBalance__MinorUnits"] = "990";
        site.Environment["Programme__PointsToBalance__PointsStep"] = "100";
        site.Environment["Programme__PointsFromBalance__Points"] = "1";
        site.Environment["Programme__PointsFromBalance__MinorUnits"] = "1";
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        var member = await server.NewMemberAsync("exchanges", 5_000);
        var body = LaurelServer.Movement(member, 1_100, "x-1");

        var given = await server.PostAsync("/api/points/to-balance", body);
        var again = await server.PostAsync("/api/points/to-balance", body);
        var step = await server.PostAsync("/api/points/to-balance", LaurelServer.Movement(member, 50, "x-2"));
        var back = await server.PostAsync("/api/points/from-balance", LaurelServer.Movement(member, 89, "x-1"));
        var tooMuch = await server.PostAsync("/api/points/from-balance", LaurelServer.Movement(member, 1_001, "x-3"));

        given.Status.ShouldBe(200, given.Text);
        given.Json.GetProperty("entries").EnumerateArray().Select(e => (e.GetProperty("unit").GetString(), e.GetProperty("amount").GetInt64()))
            .ShouldBe([("points", -1_100), ("balance", 1_089)]);
        (again.Replayed, again.Text).ShouldBe((true, given.Text));
        (step.Outcome, step.NumberOf("min"), step.NumberOf("step"), step.Faults[0]).ShouldBe(("422 EXCHANGE_STEP", 1, 100, "EXCHANGE_STEP /points"));
        back.Status.ShouldBe(200, back.Text);
        (tooMuch.Outcome, tooMuch.NumberOf("available")).ShouldBe(("422 BALANCE_INSUFFICIENT", 1_000));
        (await server.BalanceAsync(member)).ShouldBe((1_000, 0));
        (await server.PointsAsync(member)).Available.ShouldBe(3_989);
        (await server.GetAsync("/api/points/records?kind=exchange")).Json.GetProperty("items").EnumerateArray()
            .ShouldAllBe(record => record.GetProperty("type").GetString() == "exchanged");
        (await server.GetAsync($"/api/balance/{member}/statement")).Text.ShouldContain("\"account\":\"exchange\"");
        await site.VerifyAsync(Cancellation);
    }

    [Fact]
    [Trait("Pain", "22")]
    public async Task PaysForAShareAtTheMost_When_TheSpendTellsTheOrder()
    {
        await using var site = await LaurelSite.CreateAsync(DatabaseUnderTest.Sqlite, cluster, Cancellation);
        site.Environment["Programme__PointsPayment__Points"] = "100";
        site.Environment["Programme__PointsPayment__MinorUnits"] = "100";
        site.Environment["Programme__PointsPayment__ShareBasisPointsMax"] = "5000";
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        var member = await server.NewMemberAsync("pays", 5_000);
        object Spend(long points, long orderAmount, string reference) =>
            new { memberId = member, points, reason = "order", referenceType = "order", referenceId = reference, orderAmount };

        var refused = await server.PostAsync("/api/points/spend", Spend(501, 1_000, "o-1"));
        var paid = await server.PostAsync("/api/points/spend", Spend(500, 1_000, "o-1"));
        var unsaid = await server.SpendAsync(member, 4_000, "goods");
        var off = await server.PostAsync("/api/points/to-balance", LaurelServer.Movement(member, 100, "off"));

        (refused.Outcome, refused.NumberOf("max"), refused.NumberOf("orderAmount"), refused.Faults[0])
            .ShouldBe(("422 POINTS_SHARE_EXCEEDED", 500, 1_000, "POINTS_SHARE_EXCEEDED /points"));
        paid.Status.ShouldBe(200, paid.Text);
        unsaid.Status.ShouldBe(200, unsaid.Text);
        off.Outcome.ShouldBe("422 EXCHANGE_OFF");
        (await server.PointsAsync(member)).Available.ShouldBe(500);
    }
}
