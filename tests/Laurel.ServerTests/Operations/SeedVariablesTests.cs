using Laurel.Server.Hosting;
using Laurel.ServerTests.Hosting;
using Laurel.Testing;
using Microsoft.Extensions.Configuration;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.Operations;

/// <summary>The variables of the seed documents do what they say.</summary>
public sealed class SeedVariablesTests(DatabaseServers cluster)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task RuleTheProgramme_When_TheyAreSet()
    {
        await using var site = await LaurelSite.CreateAsync(DatabaseUnderTest.Sqlite, cluster, Cancellation);
        site.Environment["MEMBER_POINTS_EXPIRY_DAYS"] = "10";
        site.Environment["MEMBER_MAX_POINTS_PER_TRANSACTION"] = "300";
        site.Environment["MEMBER_DAILY_POINTS_LIMIT"] = "400";
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        var id = await server.NewMemberAsync("m-1", 100);

        var order = (await server.CompleteOrderAsync(id, "o-1", 100_000)).Json.GetProperty("results")[0];
        var entries = order.GetProperty("entries");

        // 1,000 points earned: 300 by the limit of one order, and of the bonus of 200 the day leaves 100.
        entries[0].GetProperty("amount").GetInt64().ShouldBe(300);
        entries[1].GetProperty("amount").GetInt64().ShouldBe(100);
        var lapses = entries[0].GetProperty("expiresAt").GetDateTimeOffset() - TimeProvider.System.GetUtcNow();
        lapses.ShouldBeInRange(TimeSpan.FromDays(9.9), TimeSpan.FromDays(11.1));
        (await server.EarnAsync(id, 301, "e-1")).Status.ShouldNotBe(200);
        (await server.EarnAsync(id, 300, "e-2")).Status.ShouldBe(200);
    }

    [Fact]
    public async Task GiveWayToOurOwn_When_BothAreSet()
    {
        await using var site = await LaurelSite.CreateAsync(DatabaseUnderTest.Sqlite, cluster, Cancellation);
        await File.WriteAllTextAsync(Path.Combine(site.DataFolder, "laurel.json"), """{"Programme": {"DayPointsMax": 1, "OrderPointsMax": 250}}""", Cancellation);
        site.Environment["MEMBER_DAILY_POINTS_LIMIT"] = "400";
        site.Environment["MEMBER_MAX_POINTS_PER_TRANSACTION"] = "300";
        site.Environment["Programme__OrderPointsMax"] = "350";
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        var id = await server.NewMemberAsync("m-1", 100);

        var entries = (await server.CompleteOrderAsync(id, "o-1", 100_000)).Json.GetProperty("results")[0].GetProperty("entries");

        entries[0].GetProperty("amount").GetInt64().ShouldBe(350);
        entries[1].GetProperty("amount").GetInt64().ShouldBe(50);
    }

    [Fact]
    public void RuleTheCache_When_TheyAreSet()
    {
        var variables = new Dictionary<string, string?>
        {
            ["MEMBER_CACHE_TTL"] = "1800",
            ["MEMBER_POINTS_CACHE_TTL"] = "600",
            ["MEMBER_LEVEL_CACHE_TTL"] = "7200",
            ["MEMBER_REDIS_OPERATION_TIMEOUT"] = "5",
        };
        var environment = new ConfigurationBuilder().AddInMemoryCollection(variables).Build();

        var settings = CacheSettings.Read(new SettingsReader(new ConfigurationBuilder().AddInMemoryCollection(SeedVariables.Translate(environment)).Build()));

        settings.Lifetimes.Member.ShouldBe(TimeSpan.FromMinutes(30));
        settings.Lifetimes.Points.ShouldBe(TimeSpan.FromMinutes(10));
        settings.Lifetimes.Level.ShouldBe(TimeSpan.FromHours(2));
        settings.Options.RedisPatience.ShouldBe(TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task AreNamedAmongTheMistakes_When_TheyAreOutOfRange()
    {
        await using var site = await LaurelSite.CreateAsync(DatabaseUnderTest.Sqlite, cluster, Cancellation);
        site.Environment["MEMBER_POINTS_EXPIRY_DAYS"] = "soon";
        site.Environment["MEMBER_BATCH_SIZE"] = "0";

        var outcome = await site.RunVerbAsync(Cancellation, "serve");

        outcome.ExitCode.ShouldBe(2);
        outcome.Errors.ShouldContain("ValidityDays");
        outcome.Errors.ShouldContain("LAUREL_BATCH_MAX is a whole number from 1 to 4096, not '0'.");
    }
}
