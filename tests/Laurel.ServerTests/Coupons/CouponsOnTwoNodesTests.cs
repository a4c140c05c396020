using Laurel.ServerTests.Hosting;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.Coupons;

/// <summary>Two servers on one database: neither knows of the other, and no coupon is had or used twice.</summary>
public sealed class CouponsOnTwoNodesTests(DatabaseServers cluster)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>B11 and pain 11: stock that is lost, or found, in a cluster.</summary>
    [Theory]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    [Trait("Pain", "11")]
    public async Task GiveAndUseEachCouponOnce_When_BothAreAskedAtOnce(DatabaseUnderTest database)
    {
        await using var site = await LaurelSite.CreateAsync(database, cluster, Cancellation);
        await using var first = await LaurelServer.StartAsync(site, Cancellation);
        await using var second = await LaurelServer.StartAsync(site, Cancellation);
        LaurelServer At(int i) => i % 2 == 0 ? first : second;
        (await first.AddTemplateAsync(CouponCalls.Template("both", stock: 25, terms: CouponCalls.Terms(transferable: true)))).Status.ShouldBe(201);
        var members = await AtOnce.RunAsync(6, i => first.NewMemberAsync($"both-{i}", 100));

        var claims = await AtOnce.RunAsync(80, i => At(i).ClaimAsync(members[i % 6], "both", $"both-{i}"));
        claims.Count(a => a.Status == 200).ShouldBe(25);
        claims.Count(a => a.Outcome == "422 COUPON_SOLD_OUT").ShouldBe(55);

        var had = claims.Where(a => a.Status == 200).Select(a => (Member: a.TextOf("memberId")!, Id: a.Coupon().GetProperty("id").GetString()!)).ToList();
        var uses = await AtOnce.RunAsync(25 * 4, i => At(i).UseAsync(had[i % 25].Member, had[i % 25].Id, $"order-{i}", $"use-{i}"));
        var gifts = await AtOnce.RunAsync(25 * 2, i => At(i).GiftAsync(had[i % 25].Member, members.First(m => m != had[i % 25].Member), had[i % 25].Id, $"gift-{i}"));

        uses.Count(a => a.Status == 200).ShouldBe(25);
        uses.ShouldAllBe(a => a.Status == 200 || a.Outcome == "409 COUPON_USED");
        gifts.ShouldAllBe(a => a.Outcome == "409 COUPON_USED");
        (await second.IssuedAsync("both")).ShouldBe(25);
        await site.VerifyAsync(Cancellation);
    }
}
