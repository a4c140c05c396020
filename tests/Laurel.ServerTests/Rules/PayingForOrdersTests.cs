using Laurel.ServerTests.Hosting;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.Rules;

/// <summary>What orders earn by rules of a merchant's own, and what refunds take back of it.</summary>
public sealed class PayingForOrdersTests(Servers servers) : IClassFixture<Servers>
{
    private static readonly object[] s_lines =
    [
        new { lineId = "1", sku = "BOOK-1", category = "book", amount = 6_000 },
        new { lineId = "2", sku = "CARD", kind = "gift_card", amount = 10_000 },
        new { lineId = "3", sku = "SHIP", kind = "delivery", amount = 1_000 },
        new { lineId = "4", sku = "PEN-1", category = "pen", amount = 3_000, discounted = 1_000 },
    ];

    /// <summary>Pains 19 and 20: what earns, and what does not.</summary>
    [Theory]
    [InlineData("line.kind == 'goods'", 90)]
    [InlineData("!(line.kind in ['gift_card', 'delivery'])", 90)]
    [InlineData("line.category == 'book' && order.channel == 'app'", 60)]
    [InlineData("line.kind == 'goods' ? line.eligible - line.discounted : 0", 80)]
    [InlineData("line.sku.matches('^PEN')", 30)]
    [InlineData("line.amount * 1000", 200)]
    [InlineData("false", null)]
    [Trait("Pain", "19")]
    [Trait("Pain", "20")]
    public async Task CountsOnlyWhatMayEarn_When_TheRuleChoosesLines(string eligible, int? points)
    {
        var server = await servers.OnAsync(DatabaseUnderTest.Sqlite);
        var name = Guid.CreateVersion7().ToString("N");
        var code = $"r{name}";
        var member = await server.NewMemberAsync(name, 100);
        eligible = eligible.Replace("'app'", $"'{name}'", StringComparison.Ordinal);
        (await server.AddRuleAsync(OrderRule(code, new { per = new { points = 1, minorUnits = 100 } }, eligible, channel: name))).Status.ShouldBe(201);

        var answer = await server.SendAsync(Order(name, member, 20_000, s_lines, name));

        answer.Paid().Where(paid => paid.StartsWith(code, StringComparison.Ordinal)).ShouldBe(points is null ? [] : [$"{code} points {points}"]);
    }

    [Theory]
    [InlineData("wholeSteps", 1_999, 100)]
    [InlineData("down", 1_999, 199)]
    [InlineData("halfUp", 1_995, 200)]
    [InlineData("halfUp", 1_994, 199)]
    [InlineData("up", 1_991, 200)]
    public async Task RoundsAsItSays_When_AStepIsAPair(string rounding, long amount, long points)
    {
        var server = await servers.OnAsync(DatabaseUnderTest.Sqlite);
        var name = Guid.CreateVersion7().ToString("N");
        var code = $"r{name}";
        var member = await server.NewMemberAsync(name, 100);
        await server.AddRuleAsync(OrderRule(code, new { per = new { points = 100, minorUnits = 1_000, rounding } }, null, channel: name));

        var answer = await server.SendAsync(Order(name, member, amount, null, name));

        answer.Paid().ShouldContain($"{code} points {points}");
    }

    /// <summary>Pains 1 to 5, 20: refunds in any split end where one whole refund ends, for every rule that paid.</summary>
    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    [Trait("Pain", "3")]
    public async Task TakesBackWhatEachRulePaid_When_TheOrderIsRefundedInParts(DatabaseUnderTest database)
    {
        var server = await servers.OnAsync(database);
        await server.AddRuleAsync(OrderRule("books", new { per = new { points = 3, minorUnits = 1_000 } }, "line.category == 'book'", channel: "split"));
        await server.AddRuleAsync(OrderRule("visit_gift", new { @fixed = 33 }, null, channel: "split"));
        await server.AddRuleAsync(OrderRule("kept_gift", new { @fixed = 11 }, null, channel: "split", refund: "kept"));
        await server.AddRuleAsync(OrderRule("whole_gift", new { @fixed = 22 }, null, channel: "split", refund: "whenWhole"));
        var whole = await server.NewMemberAsync("whole", 100);
        var parts = await server.NewMemberAsync("parts", 100);
        (await server.SendAsync(Order("whole-order", whole, 20_000, s_lines, "split"), Order("parts-order", parts, 20_000, s_lines, "split"))).Statuses.ShouldBe(["applied", "applied"]);
        var earned = await server.PointsAsync(whole);
        earned.ShouldBe(await server.PointsAsync(parts));

        // The rules that paid are changed and gone: what was paid is what is taken back.
        await server.SwitchRuleAsync("books", "disable");
        await server.ReplaceRuleAsync("visit_gift", OrderRule("visit_gift", new { @fixed = 999 }, null, channel: "split"));
        await server.RefundAsync("whole-order", "all", 20_000);
        var random = new Random(7);
        for (var left = 20_000L; left > 0;)
        {
            var part = Math.Min(left, random.NextInt64(1, 4_000));
            (await server.RefundAsync("parts-order", $"part-{left}", part)).Statuses.ShouldBe(["applied"]);
            left -= part;
        }

        var after = await server.PointsAsync(whole);
        after.ShouldBe(await server.PointsAsync(parts));
        after.Available.ShouldBe(100 + 11);
        (await server.MemberAsync(whole)).Json.GetProperty("growth").GetInt64().ShouldBe(0);
        await servers.SiteOf(database).VerifyAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>B8: a budget over all members is never overdrawn, whoever comes at the same time.</summary>
    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task PaysExactlyTheBudget_When_ManyComeAtOnce(DatabaseUnderTest database)
    {
        var server = await servers.OnAsync(database);
        var members = new List<string>();
        for (var i = 0; i < 40; i++)
        {
            members.Add(await server.NewMemberAsync($"budget-{i}", 100));
        }

        await server.AddRuleAsync(new
        {
            code = "budget",
            nameEnglish = "First come",
            nameChinese = "先到先得",
            trigger = "shop.opened",
            amount = new { @fixed = 30 },
            caps = new[] { new { period = "total", scope = "programme", pointsMax = 1_000 } },
        });

        var answers = await AtOnce.RunAsync(40, i => server.SendAsync(ShopEvents.Event("shop.opened", $"open-{i}", new { memberId = members[i] })));

        answers.ShouldAllBe(answer => answer.Statuses[0] == "applied");
        var paid = answers.Sum(answer => answer.Results[0].GetProperty("entries").EnumerateArray().Sum(e => e.GetProperty("amount").GetInt64()));
        paid.ShouldBe(1_000);
        await servers.SiteOf(database).VerifyAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>B8: neither is a limit of one member.</summary>
    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task PaysExactlyTheLimit_When_OneMemberComesManyTimesAtOnce(DatabaseUnderTest database)
    {
        var server = await servers.OnAsync(database);
        var member = await server.NewMemberAsync("limited", 100);
        await server.AddRuleAsync(new
        {
            code = "limited",
            nameEnglish = "Limited",
            nameChinese = "限量",
            trigger = "shop.limited",
            amount = new { @fixed = 7 },
            caps = new object[] { new { period = "day", usesMax = 9 }, new { period = "month", pointsMax = 60 } },
        });

        await AtOnce.RunAsync(30, i => server.SendAsync(ShopEvents.Event("shop.limited", $"limited-{i}", new { memberId = member })));

        (await server.PointsAsync(member)).Available.ShouldBe(160);
    }

    private static object OrderRule(string code, object amount, string? eligible, string channel, string refund = "proportional") => new
    {
        code,
        nameEnglish = "A rule",
        nameChinese = "规则",
        trigger = "order.completed",
        condition = $"order.channel == '{channel}'",
        eligible,
        amount,
        refund,
    };

    private static object Order(string id, string member, long amount, object[]? lines, string channel) =>
        ShopEvents.Event("order.completed", id, new { orderId = id, memberId = member, currency = "CNY", amount, lines, channel });
}
