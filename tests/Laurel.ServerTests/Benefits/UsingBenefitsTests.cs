using Laurel.ServerTests.Hosting;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.Benefits;

/// <summary>Benefits are used by those who hold them, as often as their limits allow and not once more.</summary>
public sealed class UsingBenefitsTests(Servers servers) : IClassFixture<Servers>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task SucceedAsOftenAsTheLimitAllows_When_ManyUseAtOnce(DatabaseUnderTest database)
    {
        var server = await servers.OnAsync(database);
        var member = await server.NewMemberAsync("race", 100);
        (await server.AddBenefitAsync("raced", "priority_service", null, new { period = "day", usesMax = 7 })).Status.ShouldBe(201);
        (await server.GrantAsync(member, "raced", "race-grant")).Status.ShouldBe(201);

        var answers = await AtOnce.RunAsync(40, i => server.ConsumeAsync(member, "raced", $"race-{i}"));

        answers.Count(answer => answer.Status == 200).ShouldBe(7);
        answers.Count(answer => answer.Outcome == "422 BENEFIT_LIMIT_REACHED").ShouldBe(33);
        var used = answers.Where(answer => answer.Status == 200).Select(answer => answer.TextOf("bizNo")!).Take(3).ToList();
        var returned = await AtOnce.RunAsync(12, i => server.ReturnAsync("raced", used[i % 3]));
        returned.ShouldAllBe(answer => answer.Status == 200 && answer.TextOf("returnTime") != null);
        returned.Count(answer => !answer.Replayed).ShouldBe(3);
        var again = await AtOnce.RunAsync(20, i => server.ConsumeAsync(member, "raced", $"again-{i}"));
        again.Count(answer => answer.Status == 200).ShouldBe(3);

        var usage = await server.GetAsync("/api/benefits/raced/usage");
        var day = usage.Json.GetProperty("days").EnumerateArray().ShouldHaveSingleItem();
        (day.GetProperty("uses").GetInt64(), day.GetProperty("quantity").GetInt64(), day.GetProperty("returned").GetInt64(), day.GetProperty("members").GetInt64())
            .ShouldBe((10, 10, 3, 1));
        var page = await server.GetAsync($"/api/members/{member}/benefits/uses?code=raced&limit=4");
        page.Json.GetProperty("items").GetArrayLength().ShouldBe(4);
        page.TextOf("nextCursor").ShouldNotBeNull();
        await servers.SiteOf(database).VerifyAsync(Cancellation);
    }

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task CountsOnce_When_OneUseIsSentAgain(DatabaseUnderTest database)
    {
        var server = await servers.OnAsync(database);
        var member = await server.NewMemberAsync("repeat", 100);

        var answers = await AtOnce.RunAsync(20, _ => server.ConsumeAsync(member, "birthday_gift", "gift-1", time: "2026-03-05T10:00:00+08:00", birthday: "1990-03-05"));

        answers.ShouldAllBe(answer => answer.Status == 200 && answer.TextOf("code") == "birthday_gift");
        answers.Count(answer => !answer.Replayed).ShouldBe(1);
        (await server.ConsumeAsync(member, "birthday_gift", "gift-1", time: "2026-03-05T10:00:00+08:00", birthday: "1990-03-06")).Outcome.ShouldBe("409 CONFLICT");
        (await server.ConsumeAsync(member, "birthday_gift", "gift-2", time: "2026-03-05T11:00:00+08:00", birthday: "1990-03-05")).Outcome.ShouldBe("422 BENEFIT_LIMIT_REACHED");
        (await server.ConsumeAsync(member, "birthday_gift", "gift-3", time: "2025-03-05T11:00:00+08:00", birthday: "1990-03-05")).Status.ShouldBe(200);
    }

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task CountsOnlyInItsTime_When_ABenefitIsGranted(DatabaseUnderTest database)
    {
        var server = await servers.OnAsync(database);
        var member = await server.NewMemberAsync("granted", 100);
        (await server.MayEnterAsync(member, "priority_service")).ShouldBeFalse();
        (await server.GrantAsync(member, "priority_service", "g-1", "2026-02-01T00:00:00+08:00", "2026-03-01T00:00:00+08:00")).Status.ShouldBe(201);
        (await server.GrantAsync(member, "priority_service", "g-1", "2026-02-01T00:00:00+08:00", "2026-03-01T00:00:00+08:00")).Replayed.ShouldBeTrue();
        (await server.GrantAsync(member, "priority_service", "g-1")).Outcome.ShouldBe("409 CONFLICT");
        (await server.GrantAsync(member, "priority_service", "g-0", "2026-02-01T00:00:00+08:00", "2026-02-01T00:00:00+08:00")).Outcome.ShouldBe("422 BENEFIT_GRANT_ENDS_BEFORE_IT_BEGINS");

        (await server.ConsumeAsync(member, "priority_service", "early", time: "2026-01-31T23:59:59+08:00")).Outcome.ShouldBe("422 BENEFIT_NOT_HELD");
        var used = await server.ConsumeAsync(member, "priority_service", "in-time", time: "2026-02-28T23:59:59+08:00");
        (used.Status, used.TextOf("source")).ShouldBe((200, "hand"));
        (await server.ConsumeAsync(member, "priority_service", "late", time: "2026-03-01T00:00:00+08:00")).Outcome.ShouldBe("422 BENEFIT_NOT_HELD");
        (await server.HeldAsync(member, "2026-02-10T00:00:00+08:00")).ShouldContain("priority_service hand");
        (await server.HeldAsync(member, "2026-03-10T00:00:00+08:00")).ShouldNotContain("priority_service hand");

        (await server.GrantAsync(member, "priority_service", "g-2")).Status.ShouldBe(201);
        (await server.MayEnterAsync(member, "priority_service")).ShouldBeTrue();
        (await server.PostAsync("/api/benefits/grants/revoke", new { code = "priority_service", reference = "g-2" })).TextOf("status").ShouldBe("revoked");
        (await server.PostAsync("/api/benefits/grants/revoke", new { code = "priority_service", reference = "g-2" })).Replayed.ShouldBeTrue();
        (await server.PostAsync("/api/benefits/grants/revoke", new { code = "priority_service", reference = "g-9" })).Outcome.ShouldBe("404 BENEFIT_GRANT_NOT_FOUND");
        (await server.MayEnterAsync(member, "priority_service")).ShouldBeFalse();
        await servers.SiteOf(database).VerifyAsync(Cancellation);
    }

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task SaysWhatStandsAgainstIt_When_ABenefitCannotBeUsed(DatabaseUnderTest database)
    {
        var server = await servers.OnAsync(database);
        var member = await server.NewMemberAsync("refused", 100);
        (await server.AddBenefitAsync("paused", "priority_service")).Status.ShouldBe(201);
        (await server.PostAsync("/api/benefits/paused/disable", new { })).Status.ShouldBe(200);

        (await server.ConsumeAsync(member, "nothing", "r-1")).Outcome.ShouldBe("404 BENEFIT_NOT_FOUND");
        (await server.ConsumeAsync("1", "birthday_gift", "r-2")).Outcome.ShouldBe("404 MEMBER_NOT_FOUND");
        (await server.ConsumeAsync(member, "paused", "r-3")).Outcome.ShouldBe("422 BENEFIT_NOT_IN_FORCE");
        (await server.ConsumeAsync(member, "priority_shipping", "r-4")).Outcome.ShouldBe("422 BENEFIT_NOT_HELD");
        var unknown = await server.ConsumeAsync(member, "birthday_gift", "r-5");
        (unknown.Outcome, unknown.TextOf("reason")).ShouldBe(("422 BENEFIT_NOT_APPLICABLE", "birthday_unknown"));
        var small = await server.ConsumeAsync(member, "level_free_shipping", "r-6", amount: 9_899);
        (small.TextOf("reason"), small.NumberOf("expected"), small.NumberOf("actual")).ShouldBe(("amount_below_threshold", 9_900, 9_899));
        (await server.ReturnAsync("birthday_gift", "r-5")).Outcome.ShouldBe("404 BENEFIT_USE_NOT_FOUND");
        (await server.EligibilityAsync(member, "priority_shipping")).ShouldBe("BENEFIT_NOT_HELD");
        (await server.EligibilityAsync(member, "level_free_shipping", "?amount=9899")).ShouldBe("BENEFIT_NOT_APPLICABLE");
        (await server.EligibilityAsync(member, "level_free_shipping", "?amount=9900")).ShouldBe("eligible");
        (await server.EligibilityAsync(member, "birthday_gift", "?birthday=2000-02-29&time=2026-02-28T12:00:00%2B08:00&quantity=2")).ShouldBe("BENEFIT_LIMIT_REACHED");
        (await server.EligibilityAsync("1", "birthday_gift")).ShouldBe("404 MEMBER_NOT_FOUND");
    }
}
