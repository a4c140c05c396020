using System.Collections.Immutable;
using Laurel.ContractTests.Product;
using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Membership.Levels;
using Laurel.Membership.Members;
using Laurel.Membership.Programmes;
using Laurel.Membership.Rules;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ContractTests.Levels;

/// <summary>Ladders of levels beside the main one, on one database. Each scenario ends with every invariant kept. Registration pays 100 points.</summary>
public abstract class TracksContract(DatabaseUnderTest kind, NamedDatabases databases) : IClassFixture<NamedDatabases>
{
    private static readonly TenantId s_tenant = Laurel.Server.Hosting.LaurelNode.DefaultTenant;

    public static TheoryData<string> Cases => new(LevelCase.All.Select(one => one.Name));

    /// <summary>The paper of the main ladder holds for a track with the same levels and the same rules, beside a main ladder of other ones.</summary>
    [Theory]
    [MemberData(nameof(Cases))]
    public async Task IsThatOfThePaper_When_TheLadderIsATrack(string name)
    {
        var index = LevelCase.All.Select(one => one.Name).ToList().IndexOf(name);
        var golden = LevelCase.All[index];
        await using var levels = await LevelDatabase.OpenAsync(kind, databases, $"track_case_{index}", programme => AsTrack(programme, golden.Programme(programme)));
        MemberId member = default;
        foreach (var line in golden.Steps.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var (step, expected) = (line.Split('=')[0].Trim(), line.Split('=')[1].Trim());
            var words = step.Split(' ');
            var hasTime = words[1].Contains(':', StringComparison.Ordinal);
            levels.Set(hasTime ? $"{words[0]} {words[1]}" : words[0]);
            member = await LevelCase.PlayAsync(levels, member, words[(hasTime ? 2 : 1)..], "vip");
            var held = await levels.InTrackAsync(member, "vip");
            (held == "none" ? "bronze" : held).ShouldBe(expected, line);
            (await levels.LevelAsync(member)).ShouldBe("plain", line);
        }

        (await levels.HistoryAsync(member)).ShouldBeEmpty();
        await levels.VerifyAsync();
    }

    [Fact]
    public async Task AreJudgedEachForItself_When_TheyMeasureOtherThings()
    {
        await using var levels = await LevelDatabase.OpenAsync(kind, databases, "track_two", WithOrders);
        levels.Set("2026-01-05");
        var member = await levels.RegisterAsync("two");
        (await levels.InTrackAsync(member, "buyer")).ShouldBe("none");
        await levels.EarnAsync(member, 900);
        (await levels.LevelAsync(member)).ShouldBe("silver");
        (await levels.InTrackAsync(member, "buyer")).ShouldBe("none");
        levels.Set("2026-01-10");
        await levels.OrderAsync(member, "o-1", 1_000);
        await levels.OrderAsync(member, "o-2", 1_000);
        (await levels.InTrackAsync(member, "buyer")).ShouldBe("regular");
        ((await levels.FoundAsync("buyer:regular")).Count, (await levels.FoundAsync("buyer:guest")).Count).ShouldBe((1, 0));
        levels.Set("2027-01-09 23:59");
        await levels.SweepAsync();
        (await levels.InTrackAsync(member, "buyer")).ShouldBe("regular");
        levels.Set("2027-01-11");
        await levels.SweepAsync();

        (await levels.InTrackAsync(member, "buyer")).ShouldBe("guest");
        await levels.RegisterAsync("never judged");
        ((await levels.FoundAsync("buyer:regular")).Count, (await levels.FoundAsync("buyer:guest")).Count, (await levels.FoundAsync("none:guest")).Count)
            .ShouldBe((0, 2, 0));
        (await levels.LevelAsync(member)).ShouldBe("silver");
        (await levels.HistoryAsync(member, "buyer")).ShouldBe(["guest regular: order completed", "regular guest: period ended"]);
        (await levels.HistoryAsync(member)).ShouldBe(["bronze silver: points earned"]);
        (await levels.LevelEventsAsync(member)).ShouldBe(["upgraded none silver", "upgraded buyer regular", "downgraded buyer guest"]);
        await levels.VerifyAsync();
    }

    [Fact]
    public async Task IsJudgedSooner_When_ATrackGetsPeriodsBeforeThoseOfTheLevels()
    {
        await using var levels = await LevelDatabase.OpenAsync(kind, databases, "track_sooner", programme => WithOrders(programme) with
        {
            LevelRules = new LevelRules { Preset = LevelPreset.YearlyRetention, CooldownHours = 0 },
        });
        levels.Set("2026-03-01");
        var member = await levels.RegisterAsync("sooner");
        await levels.EarnAsync(member, 900);
        await levels.OrderAsync(member, "o-1", 1_000);
        await levels.OrderAsync(member, "o-2", 1_000);
        await levels.ChangeAsync(programme => programme with
        {
            Tracks =
            [
                .. programme.Tracks.Select(track => track with
                {
                    LevelRules = track.LevelRules with
                    {
                        Measure = new LevelMeasure { Metric = LevelMetric.Orders, Window = LevelWindow.Month },
                        Period = new LevelPeriod { Days = 30 },
                    },
                }),
            ],
        });

        (await levels.RunJobAsync()).ShouldBe(1);
        (await levels.RunJobAsync()).ShouldBe(0);
        levels.Set("2026-06-01");
        await levels.SweepAsync();
        (await levels.InTrackAsync(member, "buyer")).ShouldBe("guest");
        (await levels.LevelAsync(member)).ShouldBe("silver");
        await levels.VerifyAsync();
    }

    [Fact]
    public async Task IsPaidForOnce_When_ATrackIsRisenIn()
    {
        await using var levels = await LevelDatabase.OpenAsync(kind, databases, "track_reward", programme => WithOrders(programme) with
        {
            Rules =
            [
                .. programme.Rules,
                Reward(EventTypes.LevelUpgraded, "main", "1"),
                Reward(EventTypes.TrackUpgraded, "reward", "event.data.track == 'buyer' && event.data.level == 'regular' ? 900 : 7"),
            ],
        });
        var member = await levels.RegisterAsync("rewarded");
        levels.Set("2026-01-10");
        await levels.OrderAsync(member, "o-1", 1_000);
        await levels.OrderAsync(member, "o-2", 1_000);

        // What the track paid counts for the main ladder, and is judged at once.
        (await levels.RewardsAsync(member)).ShouldBe("buyer/regular 900");
        (await levels.LevelAsync(member)).ShouldBe("silver");
        await levels.SetLevelAsync(member, "guest", track: "buyer");
        await levels.SetLevelAsync(member, null, track: "buyer");
        (await levels.InTrackAsync(member, "buyer")).ShouldBe("regular");
        (await levels.RewardsAsync(member)).ShouldBe("buyer/regular 900");
        await levels.VerifyAsync();
    }

    [Fact]
    public async Task IsSeenByRules_When_TheyAskForATrack()
    {
        await using var levels = await LevelDatabase.OpenAsync(kind, databases, "track_condition", programme => WithOrders(programme) with
        {
            Rules = [.. programme.Rules, Reward(EventTypes.OrderCompleted, "reward", "11") with { Condition = "tracks.buyer == 'regular'" }],
        });
        var member = await levels.RegisterAsync("asked");
        await levels.OrderAsync(member, "o-1", 1_000);
        await levels.OrderAsync(member, "o-2", 1_000);
        (await levels.RewardsAsync(member)).ShouldBe("");
        await levels.OrderAsync(member, "o-3", 1_000);

        (await levels.RewardsAsync(member)).ShouldBe("o-3 11");
        await levels.VerifyAsync();
    }

    [Fact]
    public async Task MovesEveryMember_When_ALevelOfATrackIsRemoved()
    {
        await using var levels = await LevelDatabase.OpenAsync(kind, databases, "track_removed", WithOrders);
        var (bought, pinned, main) = (await levels.RegisterAsync("bought"), await levels.RegisterAsync("pinned"), await levels.RegisterAsync("main"));
        await levels.OrderAsync(bought, "o-1", 1_000);
        await levels.OrderAsync(bought, "o-2", 1_000);
        (await levels.SetLevelAsync(pinned, "regular", track: "buyer")).ShouldBeOfType<Outcome.Applied>();
        (await levels.SetLevelAsync(main, "silver")).ShouldBeOfType<Outcome.Applied>();
        (await levels.HoldersAsync("regular", "buyer")).ShouldBe(2);
        (await levels.HoldersAsync("silver", "buyer")).ShouldBe(0);

        await levels.ChangeAsync(programme => WithClosed(programme, "regular", "guest"));
        (await RefusalAsync(levels.SetLevelAsync(main, "regular", track: "buyer"))).ShouldBe("LEVEL_DISABLED");
        (await levels.RunJobAsync()).ShouldBeGreaterThanOrEqualTo(2);
        (await levels.HoldersAsync("regular", "buyer")).ShouldBe(0);
        await levels.RunJobAsync();

        levels.Node.Books.Programmes.Latest(s_tenant)!.Programme.Tracks[0].Levels.Select(level => level.Code).ShouldBe(["guest", "often"]);
        (await levels.InTrackAsync(pinned, "buyer")).ShouldBe("guest");
        (await levels.HistoryAsync(bought, "buyer")).ShouldBe(["guest regular: order completed", "regular guest: level regular removed"]);
        (await levels.LevelAsync(main)).ShouldBe("silver");
        await levels.VerifyAsync();
    }

    [Fact]
    public async Task GoesOnFromTheLast_When_AHistoryOfATrackIsImported()
    {
        await using var levels = await LevelDatabase.OpenAsync(kind, databases, "track_imported", WithOrders);
        levels.Set("2026-01-05");
        var member = await levels.RegisterAsync("imported");
        levels.Set("2026-06-01");
        (await levels.ImportToAsync("buyer", member, ("regular", "2026-02-01"), ("often", "2026-03-01"))).ShouldBeOfType<Outcome.Applied>();
        (await levels.ImportAsync(member, ("silver", "2026-02-01"))).ShouldBeOfType<Outcome.Applied>();

        (await levels.InTrackAsync(member, "buyer")).ShouldBe("often");
        (await RefusalAsync(levels.ImportToAsync("buyer", member, ("regular", "2026-02-15")))).ShouldBe("LEVEL_HISTORY_DISORDERED");
        (await RefusalAsync(levels.ImportToAsync("buyer", member, ("silver", "2026-05-15")))).ShouldBe("LEVEL_NOT_FOUND");
        (await RefusalAsync(levels.ImportToAsync("seller", member, ("regular", "2026-05-15")))).ShouldBe("TRACK_NOT_FOUND");
        levels.Set("2027-03-02");
        await levels.SweepAsync();
        (await levels.InTrackAsync(member, "buyer")).ShouldBe("guest");
        (await levels.LevelAsync(member)).ShouldBe("silver");
        await levels.VerifyAsync();
    }

    [Fact]
    public async Task KeepsWhatWasReached_When_TheTrackComesAndGoes()
    {
        await using var levels = await LevelDatabase.OpenAsync(kind, databases, "track_comes", programme => programme);
        levels.Set("2026-01-05");
        var member = await levels.RegisterAsync("early");
        await levels.OrderAsync(member, "o-1", 1_000);
        await levels.ChangeAsync(WithOrders);
        await levels.OrderAsync(member, "o-2", 1_000);
        // Windows count from the version that asks for them.
        (await levels.InTrackAsync(member, "buyer")).ShouldBe("none");
        await levels.OrderAsync(member, "o-3", 1_000);
        (await levels.InTrackAsync(member, "buyer")).ShouldBe("regular");

        await levels.ChangeAsync(programme => programme with { Tracks = [] });
        levels.Set("2027-06-01");
        await levels.SweepAsync();
        (await levels.InTrackAsync(member, "buyer")).ShouldBe("regular");
        await levels.ChangeAsync(WithOrders);
        await levels.RunJobAsync();
        await levels.OrderAsync(member, "o-4", 1_000);
        levels.Set("2028-06-01");
        await levels.SweepAsync();
        (await levels.InTrackAsync(member, "buyer")).ShouldBe("guest");
        await levels.VerifyAsync();
    }

    [Fact]
    public async Task StaysThatOfTheMovements_When_TheyComeInAnyBatch()
    {
        await using var levels = await LevelDatabase.OpenAsync(kind, databases, "track_batches", WithOrders);
        var members = new List<MemberId>();
        for (var i = 0; i < 12; i++)
        {
            members.Add(await levels.RegisterAsync($"batched-{i}"));
        }

        // All at once in one batch or in many: the orders of each member are its own.
        await Task.WhenAll(members.SelectMany((member, i) => Enumerable.Range(0, i).Select(order => (member, Order: $"o-{i}-{order}")))
            .Reverse().Select(one => levels.OrderAsync(one.member, one.Order, 1_000)));

        for (var i = 0; i < members.Count; i++)
        {
            (await levels.InTrackAsync(members[i], "buyer")).ShouldBe(i < 2 ? "none" : i < 5 ? "regular" : "often");
        }

        await levels.VerifyAsync();
    }

    private static async Task<string> RefusalAsync(Task<Outcome> outcome) => (await outcome).ShouldBeOfType<Outcome.Refused>().Refusal.Code;

    /// <summary>The ladder of a programme as the track <c>vip</c>, beside a main one with a single level.</summary>
    private static Programme AsTrack(Programme programme, Programme golden) => programme with
    {
        Levels = [programme.Levels[0] with { Code = "plain" }],
        LevelRules = new LevelRules { CooldownHours = 0 },
        Tracks =
        [
            new LevelTrack
            {
                Code = "vip",
                NameEnglish = "VIP",
                NameChinese = "贵宾",
                LevelRules = golden.LevelRules,
                Levels = [.. golden.Levels.Select(level => level with { MultiplierBasisPoints = 10_000, DiscountBasisPoints = 10_000, FreeShippingFrom = 0 })],
            },
        ],
    };

    /// <summary>A track on orders in a rolling year: two are regular, five often.</summary>
    internal static Programme WithOrders(Programme programme) => programme with
    {
        LevelRules = new LevelRules { CooldownHours = 0 },
        Tracks =
        [
            new LevelTrack
            {
                Code = "buyer",
                NameEnglish = "Buyers",
                NameChinese = "常客",
                LevelRules = new LevelRules
                {
                    Measure = new LevelMeasure { Metric = LevelMetric.Orders, Window = LevelWindow.RollingDays, Days = 365 },
                    Downgrade = LevelDowngrade.Reevaluate,
                    Period = new LevelPeriod { Months = 12 },
                    CooldownHours = 0,
                },
                Levels = [LevelOf("guest", 0), LevelOf("regular", 2), LevelOf("often", 5)],
            },
        ],
    };

    private static Level LevelOf(string code, long threshold) => new()
    {
        Code = code,
        NameEnglish = code,
        NameChinese = code,
        Threshold = threshold,
        MultiplierBasisPoints = 10_000,
        DiscountBasisPoints = 10_000,
        FreeShippingFrom = 0,
    };

    private static Programme WithClosed(Programme programme, string code, string moveTo) => programme with
    {
        Tracks = [.. programme.Tracks.Select(track => track with { Levels = Closed(track.Levels, code, moveTo) })],
    };

    private static ImmutableArray<Level> Closed(ImmutableArray<Level> levels, string code, string moveTo) =>
        [.. levels.Select(level => level.Code == code ? level with { Active = false, MoveTo = moveTo } : level)];

    private static Rule Reward(string trigger, string code, string amount) => new()
    {
        Code = code,
        NameEnglish = "Reward",
        NameChinese = "奖励",
        Trigger = trigger,
        Amount = new RuleAmount { Expression = amount },
        CountsForLevel = true,
    };
}

public sealed class TracksOnSqliteTests(NamedDatabases databases) : TracksContract(DatabaseUnderTest.Sqlite, databases);

public sealed class TracksOnPostgresTests(NamedDatabases databases) : TracksContract(DatabaseUnderTest.Postgres, databases);

public sealed class TracksOnMySqlTests(NamedDatabases databases) : TracksContract(DatabaseUnderTest.MySql, databases);
