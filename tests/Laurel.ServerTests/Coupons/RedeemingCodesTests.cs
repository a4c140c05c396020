using Laurel.ServerTests.Hosting;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.Coupons;

/// <summary>Codes lead to coupons: made in any number, told once, redeemed once.</summary>
public sealed class RedeemingCodesTests(Servers servers) : IClassFixture<Servers>
{
    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task MakesExactlyTheCodesAskedFor_When_ABatchIsBegun(DatabaseUnderTest database)
    {
        var server = await servers.OnAsync(database);
        await server.AddTemplateAsync(CouponCalls.Template("coded", stock: 1_300, claimable: false));

        var begun = await AtOnce.RunAsync(4, i => BeginAsync(server, "coded", 1_234, "the-same"));
        begun.ShouldAllBe(a => a.Status == 200);
        var id = begun.Select(a => a.TextOf("id")).Distinct().ShouldHaveSingleItem()!;
        (await BeginAsync(server, "coded", 67, "too-many")).Outcome.ShouldBe("422 COUPON_SOLD_OUT");
        (await BeginAsync(server, "coded", 1, "the-same")).Outcome.ShouldBe("409 CONFLICT");
        (await server.IssuedAsync("coded")).ShouldBe(1_234);
        var codes = await FetchAsync(server, id);

        codes.Count.ShouldBe(1_234);
        codes.Distinct().Count().ShouldBe(1_234);
        codes.ShouldAllBe(code => code.Length == 21 && code.Split('-').Length == 5);
        await Eventually.HoldsAsync(async () => (await server.GetAsync($"/api/coupons/batches/{id}")).TextOf("state") == "closed", "the batch is not closed");
        (await server.PostAsync($"/api/coupons/batches/{id}/codes", "")).Outcome.ShouldBe("409 COUPON_BATCH_NOT_READY");

        // B11: one code, many members at once.
        var members = await AtOnce.RunAsync(10, i => server.NewMemberAsync($"coded-{i}", 100));
        var answers = await AtOnce.RunAsync(30, i => RedeemAsync(server, members[i % 10], codes[7]));
        answers.Where(a => a.Status == 200).Select(a => a.Coupon().GetProperty("id").GetString()).Distinct().ShouldHaveSingleItem();
        answers.Where(a => a.Status != 200).ShouldAllBe(a => a.Outcome == "409 COUPON_CODE_USED");
        (await RedeemAsync(server, members[0], codes[8].Replace("-", "", StringComparison.Ordinal).ToLowerInvariant())).Coupon().GetProperty("origin").GetString().ShouldBe("code");
        (await RedeemAsync(server, members[0], "0000-0000-0000-0000-0")).Outcome.ShouldBe("404 COUPON_CODE_NOT_FOUND");
        (await server.IssuedAsync("coded")).ShouldBe(1_234);
        await servers.SiteOf(database).VerifyAsync(TestContext.Current.CancellationToken);
    }

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task TakesCodesFromElsewhere_When_TheyAreImported(DatabaseUnderTest database)
    {
        var server = await servers.OnAsync(database);
        await server.AddTemplateAsync(CouponCalls.Template("printed", perMember: 1));
        var member = await server.NewMemberAsync("printed", 100);

        (await ImportAsync("first", "SUMMER-2026-A", "SUMMER-2026-B")).NumberOf("made").ShouldBe(2);
        (await ImportAsync("first", "SUMMER-2026-A", "SUMMER-2026-B")).Replayed.ShouldBeTrue();
        (await ImportAsync("second", "SUMMER-2026-C", "summer2026b")).Outcome.ShouldBe("409 COUPON_CODE_EXISTS");
        (await ImportAsync("third", "short")).Faults.ShouldBe(["INVALID_FORMAT /codes"]);
        (await RedeemAsync(server, member, "Summer 2026 A")).States().ShouldBe(["claimed"]);
        (await RedeemAsync(server, member, "Summer 2026 B")).Outcome.ShouldBe("422 COUPON_LIMIT_REACHED");
        (await RedeemAsync(server, member, "Summer 2026 C")).Outcome.ShouldBe("404 COUPON_CODE_NOT_FOUND");
        (await server.IssuedAsync("printed")).ShouldBe(2);
        await servers.SiteOf(database).VerifyAsync(TestContext.Current.CancellationToken);

        Task<Answer> ImportAsync(string reference, params string[] codes) => server.PostAsync("/api/coupons/templates/printed/codes", new { codes, reference });
    }

    private static Task<Answer> BeginAsync(LaurelServer server, string template, int count, string reference) =>
        server.PostAsync($"/api/coupons/templates/{template}/batches", new { count, reference });

    private static Task<Answer> RedeemAsync(LaurelServer server, string memberId, string code) => server.PostAsync("/api/coupons/redeem", new { memberId, code });

    private static async Task<List<string>> FetchAsync(LaurelServer server, string batch)
    {
        await Eventually.HoldsAsync(async () => (await server.GetAsync($"/api/coupons/batches/{batch}")).TextOf("state") == "ready", "the codes are not made");
        var answer = await server.PostAsync($"/api/coupons/batches/{batch}/codes", "");
        answer.Status.ShouldBe(200, answer.Text);
        var lines = answer.Text.Split("\r\n");
        (lines[0], lines[^1]).ShouldBe(("code", ""));
        return [.. lines[1..^1]];
    }
}
