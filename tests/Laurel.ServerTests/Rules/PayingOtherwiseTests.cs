using Laurel.ServerTests.Hosting;
using Laurel.ServerTests.Money;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.Rules;

/// <summary>Rules that pay points which wait, or stored money, added while the server runs, and the shop's event that ends the waiting.</summary>
public sealed class PayingOtherwiseTests(Servers servers) : IClassFixture<Servers>
{
    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task PaysMoneyAndPointsThatWait_When_RulesSaySo(DatabaseUnderTest database)
    {
        var server = await servers.OnAsync(database);
        var member = await server.NewMemberAsync("otherwise", 100);
        (await server.AddRuleAsync(Rule("thanks", new { @fixed = 250 }, new { unit = "balance" }))).Status.ShouldBe(201);
        (await server.AddRuleAsync(Rule("later", new { @fixed = 40 }, new { pending = new { days = 7 } }))).Status.ShouldBe(201);
        (await server.AddRuleAsync(Rule("awaited", new { @fixed = 30 }, new { pending = new { @event = "survey.checked", cancelDays = 5 } }))).Status.ShouldBe(201);
        var mistaken = await server.AddRuleAsync(Rule("wrong", new { @fixed = 1 }, new { pending = new { days = 7, @event = "a.b" } }));

        (await TellAsync(server, "survey.answered", "s-1", new { memberId = member })).ShouldBe("applied");
        (await FiguresAsync(server, member)).ShouldBe((100, 70));
        (await TellAsync(server, "survey.checked", "c-0", new { memberId = member, reference = "s-0" })).ShouldBe("applied");
        (await FiguresAsync(server, member)).ShouldBe((100, 70));
        (await TellAsync(server, "survey.checked", "c-1", new { memberId = member, reference = "s-1" })).ShouldBe("applied");
        (await TellAsync(server, "survey.checked", "c-1", new { memberId = member, reference = "s-1" })).ShouldBe("duplicate");
        (await TellAsync(server, "survey.lost", "l-1", new { memberId = member, reference = "s-1" })).ShouldBe("refused");

        (mistaken.Outcome, string.Join(' ', mistaken.Faults)).ShouldBe(("400 VALIDATION_FAILED", "EXACTLY_ONE /pending REQUIRED /pending/cancelDays"));
        (await FiguresAsync(server, member)).ShouldBe((130, 40));
        (await server.BalanceAsync(member)).ShouldBe((250, 0));
        await servers.SiteOf(database).VerifyAsync(TestContext.Current.CancellationToken);
    }

    private static Dictionary<string, object?> Rule(string code, object amount, object more)
    {
        var rule = new Dictionary<string, object?>
        {
            ["code"] = code,
            ["nameEnglish"] = code,
            ["nameChinese"] = code,
            ["trigger"] = "survey.answered",
            ["amount"] = amount,
        };
        foreach (var property in more.GetType().GetProperties())
        {
            rule[property.Name] = property.GetValue(more);
        }

        return rule;
    }

    private static async Task<string?> TellAsync(LaurelServer server, string type, string id, object data) =>
        (await server.PostAsync("/api/events", ShopEvents.Event(type, id, data))).Statuses.Single();

    private static async Task<(long Available, long Pending)> FiguresAsync(LaurelServer server, string member)
    {
        var points = (await server.MemberAsync(member)).Json.GetProperty("points");
        return (points.GetProperty("available").GetInt64(), points.GetProperty("pending").GetInt64());
    }
}
