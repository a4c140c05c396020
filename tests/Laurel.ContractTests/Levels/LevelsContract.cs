using Laurel.ContractTests.Product;
using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Membership.Levels;
using Laurel.Membership.Members;
using Laurel.Membership.Programmes;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ContractTests.Levels;

/// <summary>How levels are reached, kept, lost, set by hand and removed, on one database. Each scenario ends with every invariant kept.</summary>
public abstract class LevelsContract(DatabaseUnderTest kind, NamedDatabases databases) : IClassFixture<NamedDatabases>
{
    public static TheoryData<string> Cases => new(LevelCase.All.Select(one => one.Name));

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task IsThatOfThePaper_When_AGoldenCaseIsPlayed(string name)
    {
        var index = LevelCase.All.Select(one => one.Name).ToList().IndexOf(name);
        var golden = LevelCase.All[index];
        await using var levels = await LevelDatabase.OpenAsync(kind, databases, $"level_case_{index}", golden.Programme);
        MemberId member = default;
        foreach (var line in golden.Steps.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var (step, expected) = (line.Split('=')[0].Trim(), line.Split('=')[1].Trim());
            var words = step.Split(' ');
            var hasTime = words[1].Contains(':', StringComparison.Ordinal);
            levels.Set(hasTime ? $"{words[0]} {words[1]}" : words[0]);
            member = await LevelCase.PlayAsync(levels, member, words[(hasTime ? 2 : 1)..]);
            (await levels.LevelAsync(member)).ShouldBe(expected, line);
        }

        await levels.VerifyAsync();
    }

    [Fact]
    public async Task MovesEveryMember_When_ALevelIsRemoved()
    {
        await using var levels = await LevelDatabase.OpenAsync(kind, databases, "level_removed", programme => programme);
        var (earned, high, pinned) = (await levels.RegisterAsync("earned"), await levels.RegisterAsync("high"), await levels.RegisterAsync("pinned"));
        await levels.EarnAsync(earned, 900);
        await levels.EarnAsync(high, 4_900);
        (await levels.SetLevelAsync(pinned, "silver")).ShouldBeOfType<Outcome.Applied>();
        (await levels.HoldersAsync("silver")).ShouldBe(2);

        await levels.ChangeAsync(programme => Closed(programme, "silver", "bronze"));
        (await levels.SetLevelAsync(high, "silver")).ShouldBeOfType<Outcome.Refused>().Refusal.Code.ShouldBe("LEVEL_DISABLED");
        (await levels.RunJobAsync()).ShouldBe(2);
        (await levels.HoldersAsync("silver")).ShouldBe(0);
        (await levels.RunJobAsync()).ShouldBe(0);
        await levels.ChangeAsync(programme => programme with { LevelRules = new LevelRules { CooldownHours = programme.Levels.Length } });

        (await levels.LevelAsync(earned)).ShouldBe("bronze");
        (await levels.LevelAsync(pinned)).ShouldBe("bronze");
        (await levels.LevelAsync(high)).ShouldBe("gold");
        (await levels.HistoryAsync(earned)).ShouldBe(["bronze silver: points earned", "silver bronze: level silver removed"]);
        levels.Node.Books.Programmes.Latest(s_tenant)!.Programme.Levels.Select(level => level.Code).ShouldBe(["bronze", "gold", "platinum", "diamond"]);
        await levels.VerifyAsync();
    }

    [Fact]
    public async Task IsScheduledForAll_When_AProgrammeGetsPeriods()
    {
        await using var levels = await LevelDatabase.OpenAsync(kind, databases, "level_scheduled", programme => programme);
        levels.Set("2026-03-01");
        var member = await levels.RegisterAsync("before");
        await levels.EarnAsync(member, 900);
        await levels.ChangeAsync(programme => programme with { LevelRules = new LevelRules { Preset = LevelPreset.YearlyRetention } });

        (await levels.RunJobAsync()).ShouldBe(1);
        levels.Set("2027-01-01");
        (await levels.SweepAsync()).ShouldBeGreaterThan(0);

        // What was gained before there were windows counts in none.
        (await levels.LevelAsync(member)).ShouldBe("bronze");
        (await levels.HistoryAsync(member)).ShouldBe(["bronze silver: points earned", "silver bronze: period ended"]);
        await levels.VerifyAsync();
    }

    [Fact]
    public async Task EndsAPeriodOfTheNewRules_When_AnEarlierVersionHadNotedAnother()
    {
        await using var levels = await LevelDatabase.OpenAsync(kind, databases, "level_noted", programme => programme with { LevelRules = OfMonths(1) });
        levels.Set("2026-03-01");
        var member = await levels.RegisterAsync("noted");
        await levels.EarnAsync(member, 900);
        await levels.ChangeAsync(programme => programme with { LevelRules = OfMonths(12) });

        // What is noted is the end of a month. By the rules of now nothing ends then.
        levels.Set("2026-06-01");
        await levels.SweepAsync();
        (await levels.LevelAsync(member)).ShouldBe("silver");
        levels.Set("2027-01-01");
        await levels.SweepAsync();
        (await levels.HistoryAsync(member)).ShouldBe(["bronze silver: points earned", "silver bronze: period ended"]);
        await levels.VerifyAsync();
    }

    [Fact]
    public async Task RisesWhenItWasDue_When_NobodyHasToWaitForPeriodsAnyMore()
    {
        await using var levels = await LevelDatabase.OpenAsync(kind, databases, "level_waited", programme => programme with
        {
            LevelRules = OfMonths(1) with { Upgrade = LevelUpgrade.NextPeriod, Measure = new LevelMeasure() },
        });
        levels.Set("2026-03-01");
        var member = await levels.RegisterAsync("waited");
        await levels.EarnAsync(member, 900);
        (await levels.LevelAsync(member)).ShouldBe("bronze");
        await levels.ChangeAsync(programme => programme with { LevelRules = new LevelRules { CooldownHours = 0 } });
        levels.Set("2026-06-01");
        await levels.SweepAsync();

        (await levels.HistoryAsync(member)).ShouldBe(["bronze silver: rules of levels changed"]);
        await levels.VerifyAsync();
    }

    private static LevelRules OfMonths(int months) => new()
    {
        Measure = new LevelMeasure { Window = LevelWindow.RollingDays, Days = 10 },
        Downgrade = LevelDowngrade.Reevaluate,
        Period = new LevelPeriod { Months = months, Anchor = LevelAnchor.Fixed, From = new DateOnly(2000, 1, 1) },
        CooldownHours = 0,
    };

    [Fact]
    public async Task IsRefused_When_ALevelIsSetThatCannotBe()
    {
        await using var levels = await LevelDatabase.OpenAsync(kind, databases, "level_refused", programme => programme);
        var member = await levels.RegisterAsync("refused");

        (await RefusalAsync(levels.SetLevelAsync(member, "copper"))).ShouldBe("LEVEL_NOT_FOUND");
        (await RefusalAsync(levels.SetLevelAsync(member, "gold", "2025-01-01"))).ShouldBe("PIN_OUT_OF_RANGE");
        (await RefusalAsync(levels.SetLevelAsync(new MemberId(1), "gold"))).ShouldBe("MEMBER_NOT_FOUND");
        (await levels.HistoryAsync(member)).ShouldBeEmpty();
    }

    [Fact]
    public async Task GoesOnFromTheLast_When_AHistoryIsImported()
    {
        await using var levels = await LevelDatabase.OpenAsync(kind, databases, "level_imported", programme => programme with
        {
            LevelRules = new LevelRules { Preset = LevelPreset.YearlyRetention },
        });
        levels.Set("2026-01-05");
        var member = await levels.RegisterAsync("imported");
        levels.Set("2026-06-01");
        (await levels.ImportAsync(member, ("silver", "2026-02-01"), ("gold", "2026-03-01 09:30"))).ShouldBeOfType<Outcome.Applied>();

        (await levels.LevelAsync(member)).ShouldBe("gold");
        (await levels.HistoryAsync(member)).ShouldBe(["bronze silver: as it was", "silver gold: as it was"]);
        (await RefusalAsync(levels.ImportAsync(member, ("silver", "2026-02-01"), ("gold", "2026-03-01 09:30")))).ShouldBe("LEVEL_HISTORY_DISORDERED");
        (await RefusalAsync(levels.ImportAsync(member, ("silver", "2026-06-02")))).ShouldBe("LEVEL_HISTORY_DISORDERED");
        (await RefusalAsync(levels.ImportAsync(member, ("copper", "2026-05-01")))).ShouldBe("LEVEL_NOT_FOUND");
        levels.Set("2027-01-01");
        await levels.SweepAsync();
        (await levels.LevelAsync(member)).ShouldBe("bronze");
        await levels.VerifyAsync();
    }

    private static readonly TenantId s_tenant = Laurel.Server.Hosting.LaurelNode.DefaultTenant;

    private static async Task<string> RefusalAsync(Task<Outcome> outcome) => (await outcome).ShouldBeOfType<Outcome.Refused>().Refusal.Code;

    private static Programme Closed(Programme programme, string code, string moveTo) => programme with
    {
        Levels = [.. programme.Levels.Select(level => level.Code == code ? level with { Active = false, MoveTo = moveTo } : level)],
    };
}

public sealed class LevelsOnSqliteTests(NamedDatabases databases) : LevelsContract(DatabaseUnderTest.Sqlite, databases);

public sealed class LevelsOnPostgresTests(NamedDatabases databases) : LevelsContract(DatabaseUnderTest.Postgres, databases);

public sealed class LevelsOnMySqlTests(NamedDatabases databases) : LevelsContract(DatabaseUnderTest.MySql, databases);
