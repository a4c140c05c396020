using Laurel.ContractTests.Product;
using Laurel.Membership.Levels;
using Laurel.Membership.Rules;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ContractTests.Levels;

/// <summary>What rules pay for a rise of the level, on one database. Registration pays 100 points; silver is from 1,000, gold from 5,000.</summary>
public abstract class LevelRewardsContract(DatabaseUnderTest kind, NamedDatabases databases) : IClassFixture<NamedDatabases>
{
    [Theory]
    [InlineData(false, "silver 50, gold 500")]
    [InlineData(true, "silver 50, gold 500, gold 500")]
    public async Task PaysEachLevelOnce_When_ItIsReachedAgain(bool repeat, string paid)
    {
        await using var levels = await OpenAsync($"reward_once_{repeat}", 0, Reward("event.data.level == 'silver' ? 50 : 500") with { Repeat = repeat });
        levels.Set("2026-01-05");
        var member = await levels.RegisterAsync("again");
        await levels.EarnAsync(member, 900);
        levels.Set("2026-02-01");
        await levels.OrderAsync(member, "o-1", 600_000);
        (await levels.LevelAsync(member)).ShouldBe("gold");
        levels.Set("2026-02-02");
        await levels.RefundAsync("o-1", 600_000);
        (await levels.LevelAsync(member)).ShouldBe("silver");
        levels.Set("2026-02-03");
        await levels.OrderAsync(member, "o-2", 600_000);
        (await levels.LevelAsync(member)).ShouldBe("gold");

        (await levels.RewardsAsync(member)).ShouldBe(paid);
        await levels.VerifyAsync();
    }

    [Fact]
    public async Task PaysForEachLevelPassed_When_OneEventPassesSeveral()
    {
        await using var levels = await OpenAsync("reward_passed", 0, Reward("event.data.level == 'silver' ? 50 : 500"));
        var member = await levels.RegisterAsync("jumper");
        await levels.EarnAsync(member, 4_900);

        (await levels.RewardsAsync(member)).ShouldBe("silver 50, gold 500");
        (await levels.HistoryAsync(member)).ShouldBe(["bronze gold: points earned"]);
        await levels.VerifyAsync();
    }

    [Fact]
    public async Task RisesFurther_When_TheRewardCountsForTheLevel()
    {
        await using var levels = await OpenAsync("reward_counts", 0, Reward("event.data.level == 'silver' ? 4000 : 10") with { CountsForLevel = true });
        var member = await levels.RegisterAsync("further");
        await levels.EarnAsync(member, 900);

        (await levels.RewardsAsync(member)).ShouldBe("silver 4000, gold 10");
        (await levels.HistoryAsync(member)).ShouldBe(["bronze silver: points earned", "silver gold: level rewarded"]);
        await levels.VerifyAsync();
    }

    [Fact]
    public async Task PaysWhenTheLevelIsReached_When_TheRiseHadToWait()
    {
        await using var levels = await OpenAsync("reward_waits", 24, Reward("event.data.level == 'silver' ? 4000 : 10") with { CountsForLevel = true });
        levels.Set("2026-07-01");
        var member = await levels.RegisterAsync("waiting");
        levels.Set("2026-07-10 10:00");
        await levels.EarnAsync(member, 900);
        (await levels.RewardsAsync(member)).ShouldBe("silver 4000");
        levels.Set("2026-07-12 15:00");
        await levels.SweepAsync();

        (await levels.RewardsAsync(member)).ShouldBe("silver 4000, gold 10");
        (await levels.LatestEntryAsync(member)).ShouldBe("2026-07-11 10:00");
        await levels.VerifyAsync();
    }

    [Fact]
    public async Task StopsAtItsCap_When_TheCapCountsForAllTime()
    {
        var capped = Reward("10") with { Caps = [new RuleCap { Period = CapPeriod.Total, UsesMax = 1 }] };
        await using var levels = await OpenAsync("reward_capped", 0, capped);
        var member = await levels.RegisterAsync("capped");
        await levels.EarnAsync(member, 900);
        await levels.EarnAsync(member, 4_000);

        (await levels.LevelAsync(member)).ShouldBe("gold");
        (await levels.RewardsAsync(member)).ShouldBe("silver 10");
        await levels.VerifyAsync();
    }

    [Fact]
    public async Task PaysNothing_When_ALevelIsSetByHand()
    {
        await using var levels = await OpenAsync("reward_by_hand", 0, Reward("10"));
        var member = await levels.RegisterAsync("by hand");
        await levels.SetLevelAsync(member, "gold");
        (await levels.RewardsAsync(member)).ShouldBe("");

        await levels.EarnAsync(member, 900);
        await levels.SetLevelAsync(member, "bronze");
        await levels.SetLevelAsync(member, null);
        (await levels.RewardsAsync(member)).ShouldBe("silver 10");
        await levels.VerifyAsync();
    }

    private static Rule Reward(string amount) => new()
    {
        Code = "reward",
        NameEnglish = "Level reward",
        NameChinese = "升级奖励",
        Trigger = EventTypes.LevelUpgraded,
        Amount = new RuleAmount { Expression = amount },
        CountsForLevel = false,
    };

    private Task<LevelDatabase> OpenAsync(string name, int cooldownHours, Rule reward) => LevelDatabase.OpenAsync(kind, databases, name, programme => programme with
    {
        LevelRules = new LevelRules { CooldownHours = cooldownHours },
        Rules = [.. programme.Rules, reward],
    });
}

public sealed class LevelRewardsOnSqliteTests(NamedDatabases databases) : LevelRewardsContract(DatabaseUnderTest.Sqlite, databases);

public sealed class LevelRewardsOnPostgresTests(NamedDatabases databases) : LevelRewardsContract(DatabaseUnderTest.Postgres, databases);

public sealed class LevelRewardsOnMySqlTests(NamedDatabases databases) : LevelRewardsContract(DatabaseUnderTest.MySql, databases);
