using Laurel.ServerTests.Hosting;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.Coupons;

/// <summary>Coupons that are shared by a link go to whoever comes first, one to each, and to nobody once the link has ended.</summary>
public sealed class SharingCouponsTests(Servers servers, DatabaseServers cluster) : IClassFixture<Servers>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task GoesToWhoeverComesFirst_When_ManyComeAtOnce(DatabaseUnderTest database)
    {
        var server = await servers.OnAsync(database);
        await server.AddTemplateAsync(CouponCalls.Template("shared", terms: CouponCalls.Terms(transferable: true)));
        var owner = await server.NewMemberAsync("share-owner", 100);
        string[] coupons = [await server.NewCouponAsync(owner, "shared"), await server.NewCouponAsync(owner, "shared"), await server.NewCouponAsync(owner, "shared")];
        var shared = await ShareAsync(server, owner, coupons, "share-1");
        shared.Status.ShouldBe(200, shared.Text);
        var token = shared.TextOf("token")!;
        token.Replace("-", "", StringComparison.Ordinal).Length.ShouldBe(17);
        var again = await ShareAsync(server, owner, coupons, "share-1");
        (again.Replayed, again.TextOf("token")).ShouldBe((true, token));
        (await ShareAsync(server, owner, [coupons[0]], "share-1")).Outcome.ShouldBe("409 CONFLICT");

        var friends = await AtOnce.RunAsync(12, i => server.NewMemberAsync($"share-friend-{i}", 100));
        var answers = await AtOnce.RunAsync(24, i => ClaimAsync(server, friends[i % 12], token));

        answers.Count(answer => answer is { Status: 200, Replayed: false }).ShouldBe(3);
        answers.Count(answer => answer is { Status: 200, Replayed: true }).ShouldBe(3);
        answers.Count(answer => answer.Outcome == "422 COUPON_SHARE_EMPTY").ShouldBe(18);
        (await server.CouponsAsync(owner)).ShouldBe(["shared given", "shared given", "shared given"]);
        var had = await Task.WhenAll(friends.Select(friend => server.CouponsAsync(friend)));
        had.Count(list => list.SequenceEqual(["shared claimed"])).ShouldBe(3);
        had.Count(list => list.Count == 0).ShouldBe(9);
        (await server.IssuedAsync("shared")).ShouldBe(3);
        await servers.SiteOf(database).VerifyAsync(Cancellation);
    }

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task StaysTheOwners_When_NobodyMayHaveIt(DatabaseUnderTest database)
    {
        var server = await servers.OnAsync(database);
        await server.AddTemplateAsync(CouponCalls.Template("kept", terms: CouponCalls.Terms(transferable: true)));
        await server.AddTemplateAsync(CouponCalls.Template("bound"));
        var (owner, friend) = (await server.NewMemberAsync("kept-owner", 100), await server.NewMemberAsync("kept-friend", 100));
        var (kept, used, bound) = (await server.NewCouponAsync(owner, "kept"), await server.NewCouponAsync(owner, "kept"), await server.NewCouponAsync(owner, "bound"));

        (await ShareAsync(server, owner, [bound], "kept-1")).Outcome.ShouldBe("422 COUPON_NOT_TRANSFERABLE");
        (await ShareAsync(server, friend, [kept], "kept-1")).Outcome.ShouldBe("404 COUPON_NOT_FOUND");
        (await ShareAsync(server, owner, [kept], "kept-1", DateTimeOffset.UnixEpoch)).Outcome.ShouldBe("422 COUPON_SHARE_END_OUT_OF_RANGE");
        (await ShareAsync(server, owner, [kept], "kept-1", TimeProvider.System.GetUtcNow().AddDays(400))).Outcome.ShouldBe("422 COUPON_SHARE_END_OUT_OF_RANGE");
        (await ShareAsync(server, owner, [], "kept-1")).Status.ShouldBe(400);
        (await ShareAsync(server, owner, [kept, kept], "kept-1")).Status.ShouldBe(400);
        (await ClaimAsync(server, friend, "0000-0000-0000-0000-0")).Outcome.ShouldBe("404 COUPON_SHARE_NOT_FOUND");

        var token = (await ShareAsync(server, owner, [used, kept], "kept-1")).TextOf("token")!;
        (await ClaimAsync(server, owner, token)).Outcome.ShouldBe("422 TRANSFER_TO_SELF");
        (await server.UseAsync(owner, used, "kept-order", "kept-use")).Status.ShouldBe(200);
        (await RevokeAsync(server, friend, token)).Outcome.ShouldBe("404 COUPON_SHARE_NOT_FOUND");
        (await ClaimAsync(server, friend, token.ToLowerInvariant())).Coupon().GetProperty("origin").GetString().ShouldBe("gift");
        var other = await server.NewMemberAsync("kept-other", 100);
        (await ClaimAsync(server, other, token)).Outcome.ShouldBe("422 COUPON_SHARE_EMPTY");

        var last = await server.NewCouponAsync(owner, "kept");
        var ended = (await ShareAsync(server, owner, [last], "kept-2", TimeProvider.System.GetUtcNow().AddDays(2))).TextOf("token")!;
        ended.ShouldNotBe(token);
        var revoked = await RevokeAsync(server, owner, ended);
        (revoked.Status, revoked.TextOf("token")).ShouldBe((200, null));
        revoked.TextOf("revokedAt").ShouldNotBeNull();
        (await RevokeAsync(server, owner, ended)).TextOf("revokedAt").ShouldBe(revoked.TextOf("revokedAt"));
        (await ClaimAsync(server, friend, ended)).Outcome.ShouldBe("422 COUPON_SHARE_ENDED");
        (await server.CouponsAsync(owner)).ShouldBe(["kept claimed", "bound claimed", "kept used", "kept given"]);
        await servers.SiteOf(database).VerifyAsync(Cancellation);
    }

    /// <summary>Neither node knows of the other; the rows of the members alone keep the link right.</summary>
    [Fact]
    public async Task GoesToWhoeverComesFirst_When_TheyComeToTwoNodes()
    {
        await using var site = await LaurelSite.CreateAsync(DatabaseUnderTest.Postgres, cluster, Cancellation);
        await using var first = await LaurelServer.StartAsync(site, Cancellation);
        await using var second = await LaurelServer.StartAsync(site, Cancellation);
        await first.AddTemplateAsync(CouponCalls.Template("shared", terms: CouponCalls.Terms(transferable: true)));
        var owner = await first.NewMemberAsync("owner", 100);
        var friends = await AtOnce.RunAsync(20, i => first.NewMemberAsync($"friend-{i}", 100));
        var coupons = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            coupons.Add(await first.NewCouponAsync(owner, "shared"));
        }

        var token = (await ShareAsync(first, owner, [.. coupons], "two")).TextOf("token")!;
        (await ShareAsync(second, owner, [.. coupons], "two")).TextOf("token").ShouldBe(token);
        var answers = await AtOnce.RunAsync(40, i => ClaimAsync(i % 2 == 0 ? first : second, friends[i / 2], token));

        answers.Count(answer => answer is { Status: 200, Replayed: false }).ShouldBe(5);
        (await second.CouponsAsync(owner)).ShouldAllBe(coupon => coupon == "shared given");
        await site.VerifyAsync(Cancellation);
    }

    private static Task<Answer> ShareAsync(LaurelServer server, string memberId, string[] couponIds, string reference, DateTimeOffset? endTime = null) =>
        server.PostAsync("/api/coupons/share", new { memberId, couponIds, reference, endTime });

    private static Task<Answer> ClaimAsync(LaurelServer server, string memberId, string token) =>
        server.PostAsync("/api/coupons/share/claim", new { memberId, token });

    private static Task<Answer> RevokeAsync(LaurelServer server, string memberId, string token) =>
        server.PostAsync("/api/coupons/share/revoke", new { memberId, token });
}
