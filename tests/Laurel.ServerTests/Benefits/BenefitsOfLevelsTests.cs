using Laurel.ServerTests.Backups;
using Laurel.ServerTests.Hosting;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.Benefits;

/// <summary>Levels give packages; what they come to is as the level says, or more where a benefit says so.</summary>
public sealed class BenefitsOfLevelsTests(Servers servers, DatabaseServers cluster) : IClassFixture<Servers>
{
    private static readonly string[] s_standard = ["level_discount level", "level_free_shipping level", "level_points level", "birthday_gift level"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task AreThoseOfThePackage_When_TheLevelRises(DatabaseUnderTest database)
    {
        var server = await servers.OnAsync(database);
        var member = await server.NewMemberAsync("rising", 100);

        (await server.HeldAsync(member)).ShouldBe(s_standard);
        (await PriceAsync(10_001)).ShouldBe((10_001, 9_900));
        await RiseAsync(1_000, daysAgo: 8);
        (await PriceAsync(10_001)).ShouldBe((9_501, 8_900));
        (await server.MayEnterAsync(member, "priority_service")).ShouldBeFalse();
        await RiseAsync(4_000, daysAgo: 6);
        (await server.HeldAsync(member)).ShouldBe([.. s_standard, "priority_service level", "priority_shipping level"]);
        (await PriceAsync(10_001)).ShouldBe((9_001, 6_900));
        (await server.MayEnterAsync(member, "priority_service")).ShouldBeTrue();
        await RiseAsync(10_000, daysAgo: 4);
        await RiseAsync(10_000, daysAgo: 2);
        (await PriceAsync(10_001)).ShouldBe((8_501, 4_900));

        // A level stays for a day once it has changed.
        async Task RiseAsync(long points, int daysAgo)
        {
            var time = TimeProvider.System.GetUtcNow().AddDays(-daysAgo);
            var earning = new { memberId = member, points, reason = "a test", referenceType = "test", referenceId = $"rise-{daysAgo}", time };
            (await server.PostAsync("/api/points/earn", earning)).Status.ShouldBe(200);
        }

        async Task<(long Payable, long FreeShippingFrom)> PriceAsync(long amount)
        {
            var price = await server.PostAsync("/api/benefits/discount", new { externalId = "rising", amount });
            price.NumberOf("discountAmount").ShouldBe(amount - price.NumberOf("payable"));
            return (price.NumberOf("payable"), price.NumberOf("freeShippingFrom"));
        }
    }

    [Fact]
    public async Task MakeEachLineAsCheapAsOneOfThemCan_When_PricesOfMembersMeetDiscounts()
    {
        var server = await servers.OnAsync(DatabaseUnderTest.Sqlite);
        var member = await server.NewMemberAsync("lines", 100);
        (await server.AddBenefitAsync("tea_price", "member_price", new { prices = new[] { new { sku = "tea", price = 900 }, new { sku = "cup", price = 5_000 } } })).Status.ShouldBe(201);
        (await server.AddBenefitAsync("tenth_off", "discount", new { rateBasisPoints = 9_000 })).Status.ShouldBe(201);
        foreach (var code in (string[])["tea_price", "tenth_off"])
        {
            (await server.GrantAsync(member, code, "lines-" + code)).Status.ShouldBe(201);
        }

        var price = await server.PostAsync("/api/benefits/discount", new
        {
            memberId = member,
            lines = new object[] { new { sku = "tea", unitPrice = 1_200, quantity = 3 }, new { sku = "cup", unitPrice = 4_005 }, new { unitPrice = 10 } },
        });

        price.Json.GetProperty("lines").EnumerateArray().Select(line => $"{line.GetProperty("amount")} {line.GetProperty("payable")} {line.GetProperty("benefit")}")
            .ShouldBe(["3600 2700 tea_price", "4005 3605 tenth_off", "10 9 tenth_off"]);
        (price.NumberOf("amount"), price.NumberOf("payable"), price.NumberOf("discountAmount")).ShouldBe((7_615, 6_314, 1_301));
        (await server.ConsumeAsync(member, "tenth_off", "lines-use", amount: 4_005)).NumberOf("discountAmount").ShouldBe(400);
    }

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task MultiplyPoints_When_ThePackageOfTheLevelSaysMore(DatabaseUnderTest database)
    {
        await using var site = await LaurelSite.CreateAsync(database, cluster, Cancellation);
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        var member = await server.NewMemberAsync("multiplied", 100);
        (await server.AddBenefitAsync("triple", "points_multiplier", new { multiplierBasisPoints = 30_000 })).Status.ShouldBe(201);
        (await server.PutAsync("/api/benefits/packages/standard", Package(["level_points", "triple"]))).Status.ShouldBe(200);
        await server.CompleteOrderAsync(member, "o-1", 10_000);
        (await server.PointsAsync(member)).Available.ShouldBe(100 + 300 + 200);

        (await server.PostAsync("/api/benefits/triple/disable", new { })).Status.ShouldBe(200);
        await server.CompleteOrderAsync(member, "o-2", 10_000);
        (await server.PointsAsync(member)).Available.ShouldBe(600 + 100);
        (await server.HeldAsync(member)).ShouldBe(["level_points level"]);
        await site.VerifyAsync(Cancellation);
    }

    [Fact]
    public async Task AreRefusedWithTheirPlace_When_TheyAreWrong()
    {
        var server = await servers.OnAsync(DatabaseUnderTest.Sqlite);

        var wrong = await server.AddBenefitAsync(
            "Wrong Code", "discount", new { rateBasisPoints = 10_001, rate = 1 }, new { period = "week", usesMax = 1 }, new { period = "day", usesMax = -1 });
        var kind = await server.AddBenefitAsync("no_kind", "lounge_access");
        var settings = await server.AddBenefitAsync("no_prices", "member_price", new { prices = new object[] { new { sku = "a", price = 1 }, new { sku = "a", price = -1 } } });
        var package = await server.PutAsync("/api/benefits/packages/odd", new { code = "odd", nameEnglish = "Odd", nameChinese = "怪", benefits = (string[])["nothing", "nothing"] });

        string[] faults =
        [
            "INVALID_FORMAT /code", "OUT_OF_RANGE /settings/rateBasisPoints", "UNKNOWN_FIELD /settings/rate", "INVALID_FORMAT /limits/0/period",
            "OUT_OF_RANGE /limits/1/usesMax",
        ];
        wrong.Faults.ShouldBe(faults, ignoreOrder: true);
        kind.Faults.ShouldBe(["INVALID_FORMAT /kind"]);
        settings.Faults.ShouldBe(["OUT_OF_RANGE /settings/prices/1/price", "NOT_UNIQUE /settings/prices"], ignoreOrder: true);
        package.Faults.ShouldBe(["INVALID_FORMAT /benefits/0", "INVALID_FORMAT /benefits/1", "NOT_UNIQUE /benefits/1"], ignoreOrder: true);
        (await server.AddBenefitAsync("birthday_gift", "birthday_gift")).Outcome.ShouldBe("409 BENEFIT_EXISTS");
        (await server.PutAsync("/api/benefits/nothing", new { code = "nothing", nameEnglish = "N", nameChinese = "无", kind = "discount" })).Outcome.ShouldBe("404 BENEFIT_NOT_FOUND");
        (await server.PutAsync("/api/benefits/packages/odd", Package([]))).Faults.ShouldBe(["INVALID_FORMAT /code"]);
    }

    /// <summary>The sample of a kind of one's own, as an assembly beside the server.</summary>
    [Fact]
    public async Task HaveKindsOfOnesOwn_When_APluginIsNamed()
    {
        await using var site = await LaurelSite.CreateAsync(DatabaseUnderTest.Sqlite, cluster, Cancellation);
        site.Environment["LAUREL_PLUGINS"] = Path.Combine(AppContext.BaseDirectory, "Laurel.Samples.Benefits.dll");
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        var member = await server.NewMemberAsync("guest", 100);

        (await server.AddBenefitAsync("bad_lounge", "lounge_access", new { openHour = 9, closeHour = 9 })).Faults
            .ShouldBe(["REQUIRED /settings/lounge", "NOTHING_BETWEEN /settings/closeHour"], ignoreOrder: true);
        (await server.AddBenefitAsync("lounge", "lounge_access", new { lounge = "pudong", openHour = 9, closeHour = 17 })).Status.ShouldBe(201);
        (await server.GetAsync("/api/benefits?kind=lounge_access")).Json.GetProperty("items").GetArrayLength().ShouldBe(1);
        (await server.GrantAsync(member, "lounge", "guest-1", "2026-01-01T00:00:00Z")).Status.ShouldBe(201);
        (await server.MayEnterAsync(member, "pudong")).ShouldBeTrue();
        (await server.ConsumeAsync(member, "lounge", "seat-1", time: "2026-02-01T12:00:00Z")).TextOf("gift").ShouldBe("A seat in pudong");
        (await server.ConsumeAsync(member, "lounge", "seat-2", time: "2026-02-01T17:00:00Z")).TextOf("reason").ShouldBe("lounge_closed");
        await site.VerifyAsync(Cancellation);
        var file = Path.Combine(site.DataFolder, "programme.yaml");
        (await site.RunVerbAsync(Cancellation, "programme", "export", file)).ExitCode.ShouldBe(0);
        (await site.RunVerbAsync(Cancellation, "programme", "diff", file)).ExitCode.ShouldBe(0);
        site.Environment.Remove("LAUREL_PLUGINS");
        (await site.RunVerbAsync(Cancellation, "programme", "diff", file)).Errors.ShouldContain("benefits/6/kind");
    }

    [Fact]
    public async Task AreNone_When_TheMemberIsNotActive()
    {
        await using var site = await LaurelSite.CreateAsync(DatabaseUnderTest.Sqlite, cluster, Cancellation);
        string member;
        await using (var before = await LaurelServer.StartAsync(site, Cancellation))
        {
            member = await before.NewMemberAsync("banned", 100);
            (await before.GrantAsync(member, "priority_service", "banned-1")).Status.ShouldBe(201);
            (await before.MayEnterAsync(member, "priority_service")).ShouldBeTrue();
        }

        await using (var connection = await SqlOf.ConnectAsync(site, Cancellation))
        {
            await using var command = connection.CreateCommand();
            command.CommandText = "UPDATE members SET status = 'banned'";
            (await command.ExecuteNonQueryAsync(Cancellation)).ShouldBe(1);
        }

        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        (await server.HeldAsync(member)).ShouldBeEmpty();
        (await server.MayEnterAsync(member, "priority_service")).ShouldBeFalse();
        (await server.EligibilityAsync(member, "priority_service")).ShouldBe("MEMBER_INACTIVE");
        (await server.PostAsync("/api/benefits/discount", new { memberId = member, amount = 1_000 })).Outcome.ShouldBe("422 MEMBER_INACTIVE");
        (await server.ConsumeAsync(member, "priority_service", "banned-use")).Outcome.ShouldBe("422 MEMBER_INACTIVE");
    }

    private static object Package(string[] benefits) => new { code = "standard", nameEnglish = "Standard", nameChinese = "基础", benefits };
}
