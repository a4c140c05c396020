using Laurel.ServerTests.Hosting;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.Coupons;

/// <summary>A coupon is used once, by one order, and comes back when the order does.</summary>
public sealed class UsingCouponsTests(Servers servers) : IClassFixture<Servers>
{
    /// <summary>B11: a single-use coupon used many times at once.</summary>
    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    [Trait("Pain", "9")]
    public async Task IsUsedOnce_When_ManyOrdersUseItAtOnce(DatabaseUnderTest database)
    {
        var server = await servers.OnAsync(database);
        await server.AddTemplateAsync(CouponCalls.Template("once"));
        var member = await server.NewMemberAsync("once", 100);
        var coupon = await server.NewCouponAsync(member, "once");

        var answers = await AtOnce.RunAsync(30, i => server.UseAsync(member, coupon, $"once-{i}", $"once-{i}"));

        answers.Count(a => a.Status == 200).ShouldBe(1);
        answers.Count(a => a.Outcome == "409 COUPON_USED").ShouldBe(29);
        (await server.CouponsAsync(member)).ShouldBe(["once used"]);
        await servers.SiteOf(database).VerifyAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>As B9: lock, release and use of one coupon.</summary>
    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task HasOneOrderAtATime_When_LocksReleasesAndUsesRace(DatabaseUnderTest database)
    {
        var server = await servers.OnAsync(database);
        await server.AddTemplateAsync(CouponCalls.Template("raced"));
        for (var round = 0; round < 5; round++)
        {
            var member = await server.NewMemberAsync($"raced-{round}", 100);
            var coupon = await server.NewCouponAsync(member, "raced");

            var locks = Enumerable.Range(0, 8).Select(i => server.LockAsync(member, [coupon], $"o{i}", $"{round}-l{i}"));
            var releases = Enumerable.Range(0, 8).Select(i => server.ReleaseCouponsAsync(member, coupon, $"o{i}", $"{round}-r{i}"));
            var uses = Enumerable.Range(0, 8).Select(i => server.UseAsync(member, coupon, $"o{i}", $"{round}-u{i}"));
            var answers = await Task.WhenAll(locks.Zip(releases, uses).SelectMany(three => new[] { three.First, three.Second, three.Third }));

            answers.ShouldAllBe(a => a.Status == 200 || a.Status == 409);
            var used = answers.Where(a => a.Status == 200 && a.States()[0] == "used").ToList();
            used.Count.ShouldBeLessThanOrEqualTo(1);
            if (used.Count == 1)
            {
                (await server.CouponsAsync(member)).ShouldBe(["raced used"]);
            }
        }

        await servers.SiteOf(database).VerifyAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Pain 12: given back when the order is refunded, expired when that is too late.</summary>
    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    [Trait("Pain", "12")]
    public async Task GoesItsWay_When_AnOrderIsLockedPaidAndRefunded(DatabaseUnderTest database)
    {
        var server = await servers.OnAsync(database);
        await server.AddTemplateAsync(CouponCalls.Template("way", validity: new { days = 1 }));
        var member = await server.NewMemberAsync("way", 100);
        var claimed = TimeProvider.System.GetUtcNow().AddHours(-12);
        var coupon = await server.NewCouponAsync(member, "way", claimed);

        (await server.LockAsync(member, [coupon], "w1", "l1")).States().ShouldBe(["locked"]);
        (await server.LockAsync(member, [coupon], "w2", "l2")).Outcome.ShouldBe("409 COUPON_LOCKED");
        (await server.UseAsync(member, coupon, "w2", "u2")).Outcome.ShouldBe("409 COUPON_LOCKED");
        (await server.ReleaseCouponsAsync(member, coupon, "w2", "r2")).Outcome.ShouldBe("409 COUPON_NOT_OF_ORDER");
        (await server.ReleaseCouponsAsync(member, coupon, "w1", "r1")).States().ShouldBe(["claimed"]);
        (await server.LockAsync(member, [coupon], "w2", "l3")).States().ShouldBe(["locked"]);
        var used = await server.UseAsync(member, coupon, "w2", "u3", 900);
        (used.States()[0], used.Coupon().GetProperty("discount").GetInt64(), used.Coupon().GetProperty("orderId").GetString()).ShouldBe(("used", 900, "w2"));
        (await server.ReturnAsync(member, coupon, "w1", "b1")).Outcome.ShouldBe("409 COUPON_NOT_OF_ORDER");
        (await server.ReturnAsync(member, coupon, "w2", "b2")).States().ShouldBe(["claimed"]);
        (await server.ReturnAsync(member, coupon, "w2", "b2")).Replayed.ShouldBeTrue();
        (await server.UseAsync(member, coupon, "w3", "u4")).States().ShouldBe(["used"]);
        (await server.CouponsAsync(member, "?state=used")).ShouldBe(["way used"]);
        (await server.CouponsAsync(member, "?amount=10000")).ShouldBeEmpty();
        await servers.SiteOf(database).VerifyAsync(TestContext.Current.CancellationToken);
    }

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task ComesToItsEnd_When_ItsTimeIsOver(DatabaseUnderTest database)
    {
        var server = await servers.OnAsync(database);
        await server.AddTemplateAsync(CouponCalls.Template("short", validity: new { days = 1 }));
        var member = await server.NewMemberAsync("short", 100);
        var claimed = TimeProvider.System.GetUtcNow().AddDays(-2);
        var (locked, used, left) = (
            await server.NewCouponAsync(member, "short", claimed), await server.NewCouponAsync(member, "short", claimed), await server.NewCouponAsync(member, "short", claimed));

        // A lock keeps it beyond its end; a refund after its end gives nothing back.
        (await server.LockAsync(member, [locked], "s1", "s-l", until: TimeProvider.System.GetUtcNow().AddHours(1), time: claimed.AddHours(1))).States().ShouldBe(["locked"]);
        (await server.UseAsync(member, used, "s2", "s-u", time: claimed.AddHours(1))).States().ShouldBe(["used"]);
        (await server.ReturnAsync(member, used, "s2", "s-b")).States().ShouldBe(["expired"]);
        (await server.CouponsAsync(member)).ShouldBe(["short expired", "short expired", "short locked"]);
        (await server.CouponsAsync(member, "?state=claimed")).ShouldBeEmpty();
        (await server.UseAsync(member, left, "s3", "s-v")).Outcome.ShouldBe("422 COUPON_EXPIRED");
        (await server.UseAsync(member, locked, "s1", "s-w")).States().ShouldBe(["used"]);
        await servers.SiteOf(database).VerifyAsync(TestContext.Current.CancellationToken);
    }

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task BelongsToOneMember_When_ItIsGivenAway(DatabaseUnderTest database)
    {
        var server = await servers.OnAsync(database);
        await server.AddTemplateAsync(CouponCalls.Template("gift", stock: 2, terms: CouponCalls.Terms(transferable: true)));
        await server.AddTemplateAsync(CouponCalls.Template("own"));
        var (anna, bo) = (await server.NewMemberAsync("gift-anna", 100), await server.NewMemberAsync("gift-bo", 100));
        var (coupon, own) = (await server.NewCouponAsync(anna, "gift"), await server.NewCouponAsync(anna, "own"));

        var answers = await AtOnce.RunAsync(10, i => server.GiftAsync(anna, bo, coupon, $"gift-{i}"));

        answers.Count(a => a.Status == 200).ShouldBe(1);
        answers.Count(a => a.Outcome == "409 COUPON_GONE").ShouldBe(9);
        var received = answers.First(a => a.Status == 200).Json.GetProperty("coupon").GetProperty("id").GetString()!;
        (await server.CouponsAsync(anna)).ShouldBe(["own claimed", "gift given"]);
        (await server.CouponsAsync(bo)).ShouldBe(["gift claimed"]);
        (await server.IssuedAsync("gift")).ShouldBe(1);
        (await server.GiftAsync(anna, bo, own, "gift-own")).Outcome.ShouldBe("422 COUPON_NOT_TRANSFERABLE");
        (await server.GiftAsync(bo, bo, received, "gift-self")).Outcome.ShouldBe("422 TRANSFER_TO_SELF");
        (await server.GiftAsync(bo, anna, received, "gift-back")).Status.ShouldBe(200);
        (await server.GiftAsync(bo, anna, received, "gift-back")).Replayed.ShouldBeTrue();
        (await server.RevokeAsync(anna, own, "gift-revoke")).States().ShouldBe(["revoked"]);
        (await server.UseAsync(anna, own, "g", "g")).Outcome.ShouldBe("409 COUPON_GONE");
        (await server.UseAsync(bo, own, "g", "g")).Outcome.ShouldBe("404 COUPON_NOT_FOUND");
        await servers.SiteOf(database).VerifyAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task TakesOnlyWhatMayStandTogether_When_AnOrderHasSeveral()
    {
        var server = await servers.OnAsync(DatabaseUnderTest.Sqlite);
        await server.AddTemplateAsync(CouponCalls.Template("alone"));
        await server.AddTemplateAsync(CouponCalls.Template("stack_a", terms: CouponCalls.Terms(stackable: true, group: "a")));
        await server.AddTemplateAsync(CouponCalls.Template("stack_b", terms: CouponCalls.Terms(stackable: true, group: "b", returnOnRefund: false)));
        var member = await server.NewMemberAsync("stack", 100);
        var (alone, a1, a2, b) = (await server.NewCouponAsync(member, "alone"), await server.NewCouponAsync(member, "stack_a"), await server.NewCouponAsync(member, "stack_a"), await server.NewCouponAsync(member, "stack_b"));

        (await server.LockAsync(member, [a1, a2], "st", "st-1")).Outcome.ShouldBe("422 COUPON_NOT_STACKABLE");
        (await server.CouponsAsync(member, "?state=locked")).ShouldBeEmpty();
        (await server.LockAsync(member, [a1, b], "st", "st-2")).States().ShouldBe(["locked", "locked"]);
        (await server.UseAsync(member, alone, "st", "st-3")).Outcome.ShouldBe("422 COUPON_NOT_STACKABLE");
        (await server.UseAsync(member, a2, "st", "st-4")).Outcome.ShouldBe("422 COUPON_NOT_STACKABLE");
        (await server.UseAsync(member, b, "st", "st-5")).States().ShouldBe(["used"]);
        (await server.ReturnAsync(member, b, "st", "st-6")).Outcome.ShouldBe("422 COUPON_NOT_RETURNABLE");
        (await server.LockAsync(member, [alone], "st-other", "st-7", until: TimeProvider.System.GetUtcNow().AddDays(8))).Outcome.ShouldBe("422 COUPON_LOCK_TIME_INVALID");
    }
}
