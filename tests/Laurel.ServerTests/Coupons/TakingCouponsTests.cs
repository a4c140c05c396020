using Laurel.ServerTests.Hosting;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.Coupons;

/// <summary>Who gets a coupon, and how many there are.</summary>
public sealed class TakingCouponsTests(Servers servers) : IClassFixture<Servers>
{
    /// <summary>B11 and pain 9: the last coupons of a template, and the only one of each member.</summary>
    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task GivesExactlyTheStock_When_ManyClaimAtOnce(DatabaseUnderTest database)
    {
        var server = await servers.OnAsync(database);
        (await server.AddTemplateAsync(CouponCalls.Template("last", stock: 7, perMember: 1))).Status.ShouldBe(201);
        var members = await AtOnce.RunAsync(20, i => server.NewMemberAsync($"last-{i}", 100));

        var answers = await AtOnce.RunAsync(60, i => server.ClaimAsync(members[i % 20], "last", $"last-{i}"));

        answers.Count(a => a.Status == 200).ShouldBe(7);
        answers.ShouldAllBe(a => a.Status == 200 || a.Outcome == "422 COUPON_SOLD_OUT" || a.Outcome == "422 COUPON_LIMIT_REACHED");
        var held = new List<int>();
        foreach (var member in members)
        {
            held.Add((await server.CouponsAsync(member)).Count);
        }

        held.Max().ShouldBe(1);
        held.Sum().ShouldBe(7);
        (await server.IssuedAsync("last")).ShouldBe(7);
        await servers.SiteOf(database).VerifyAsync(TestContext.Current.CancellationToken);
    }

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task GivesOneCoupon_When_TheSameClaimIsRepeated(DatabaseUnderTest database)
    {
        var server = await servers.OnAsync(database);
        await server.AddTemplateAsync(CouponCalls.Template("again"));
        var member = await server.NewMemberAsync("again", 100);

        var answers = await AtOnce.RunAsync(10, _ => server.ClaimAsync(member, "again", "the-same"));
        var other = await server.ClaimAsync(await server.NewMemberAsync("again-other", 100), "again", "the-same");

        answers.ShouldAllBe(a => a.Status == 200);
        answers.Select(a => a.Coupon().GetProperty("id").GetString()).Distinct().ShouldHaveSingleItem();
        answers.Count(a => !a.Replayed).ShouldBe(1);
        other.Outcome.ShouldBe("409 CONFLICT");
        (await server.IssuedAsync("again")).ShouldBe(1);

        var keyed = await AtOnce.RunAsync(3, _ => server.PostUnderAsync("again-key", "/api/coupons/claim", new { memberId = member, template = "again", reference = "keyed" }));
        keyed.Select(a => a.Coupon().GetProperty("id").GetString()).Distinct().ShouldHaveSingleItem();
        await servers.SiteOf(database).VerifyAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task IsRefusedWithTheReason_When_TheTemplateIsNotForTheMember()
    {
        var server = await servers.OnAsync(DatabaseUnderTest.Sqlite);
        var member = await server.NewMemberAsync("refused", 100);
        var (past, future) = (TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(1));
        await server.AddTemplateAsync(CouponCalls.Template("later", claim: new { from = future }));
        await server.AddTemplateAsync(CouponCalls.Template("over", claim: new { until = past }));
        await server.AddTemplateAsync(CouponCalls.Template("gold_only", members: new { levels = new[] { "gold" } }));
        await server.AddTemplateAsync(CouponCalls.Template("issued_only", claimable: false));
        await server.AddTemplateAsync(CouponCalls.Template("new_only", members: new { newWithinDays = 0 }));
        await server.AddTemplateAsync(CouponCalls.Template("ended", validity: new { until = past }));
        await server.AddTemplateAsync(CouponCalls.Template("off"));
        (await server.PostAsync("/api/coupons/templates/off/disable", new { })).Status.ShouldBe(200);

        (await WhyAsync("later")).ShouldBe("422 COUPON_NOT_CLAIMABLE notYet");
        (await WhyAsync("over")).ShouldBe("422 COUPON_NOT_CLAIMABLE over");
        (await WhyAsync("gold_only")).ShouldBe("422 COUPON_NOT_CLAIMABLE level");
        (await WhyAsync("issued_only")).ShouldBe("422 COUPON_NOT_CLAIMABLE issuedOnly");
        (await WhyAsync("off")).ShouldBe("422 COUPON_NOT_CLAIMABLE inactive");
        (await server.ClaimAsync(member, "ended", "w")).Outcome.ShouldBe("422 COUPON_EXPIRED");
        (await server.ClaimAsync(member, "nothing", "w")).Outcome.ShouldBe("404 COUPON_TEMPLATE_NOT_FOUND");
        (await server.ClaimAsync("123", "later", "w")).Outcome.ShouldBe("404 MEMBER_NOT_FOUND");
        (await server.ClaimAsync(member, "new_only", "w")).Status.ShouldBe(200);
        (await server.IssueAsync(member, "gold_only", "w")).Code.ShouldBe("COUPON_NOT_CLAIMABLE");
        (await server.IssueAsync(member, "gold_only", "w", force: true)).Coupon().GetProperty("origin").GetString().ShouldBe("issue");
        (await server.IssueAsync(member, "issued_only", "w")).Status.ShouldBe(200);
        (await server.IssueAsync(member, "off", "w", force: true)).Code.ShouldBe("COUPON_NOT_CLAIMABLE");

        async Task<string> WhyAsync(string template)
        {
            var answer = await server.ClaimAsync(member, template, "w");
            return $"{answer.Outcome} {answer.TextOf("reason")}";
        }
    }

    [Fact]
    public async Task KeepsItsTerms_When_TheTemplateChanges()
    {
        var server = await servers.OnAsync(DatabaseUnderTest.Sqlite);
        await server.AddTemplateAsync(CouponCalls.Template("kept"));
        var member = await server.NewMemberAsync("kept", 100);
        var coupon = await server.NewCouponAsync(member, "kept");
        var changed = CouponCalls.Template("kept", terms: new { kind = "amountOff", amount = 5 });
        (await server.SendAsync(HttpMethod.Put, "/api/coupons/templates/kept", System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(changed), LaurelServer.Json)).Status.ShouldBe(200);

        (await server.UseAsync(member, coupon, "kept-1", "kept-1", 1_001)).Outcome.ShouldBe("422 COUPON_DISCOUNT_TOO_GREAT");
        (await server.UseAsync(member, coupon, "kept-1", "kept-1", 1_000)).Status.ShouldBe(200);

        var history = (await server.GetAsync("/api/coupons/templates/kept/history")).Json.GetProperty("items").EnumerateArray().ToList();
        history.Select(item => item.GetProperty("template").GetProperty("terms").GetProperty("amount").GetInt64()).ShouldBe([5L, 1_000L]);
    }

    [Fact]
    public async Task IsRefusedWithItsPlace_When_ATemplateIsWrong()
    {
        var server = await servers.OnAsync(DatabaseUnderTest.Sqlite);

        var answer = await server.AddTemplateAsync(CouponCalls.Template(
            "Wrong Code",
            terms: new { kind = "percentOff", amount = 5, group = "A B" },
            members: new { levels = new[] { "nobody" } },
            claim: new { from = "2026-02-01T00:00:00Z", until = "2026-01-01T00:00:00Z" },
            validity: new { days = 3, until = "2026-01-01T00:00:00Z" }));

        answer.Outcome.ShouldBe("400 VALIDATION_FAILED");
        answer.Faults.ShouldBe(
        [
            "INVALID_FORMAT /code", "INVALID_FORMAT /members/levels/0", "NOTHING_BETWEEN /claim/until", "EXACTLY_ONE /validity", "UNKNOWN_FIELD /terms/amount",
            "REQUIRED /terms/percentBasisPoints", "INVALID_FORMAT /terms/group",
        ], ignoreOrder: true);
        (await server.AddTemplateAsync(CouponCalls.Template("taken"))).Status.ShouldBe(201);
        (await server.AddTemplateAsync(CouponCalls.Template("taken"))).Outcome.ShouldBe("409 COUPON_TEMPLATE_EXISTS");
        (await server.GetAsync("/api/coupons/templates/nobody")).Outcome.ShouldBe("404 COUPON_TEMPLATE_NOT_FOUND");
    }
}
