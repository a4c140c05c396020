using System.Globalization;
using Laurel.ContractTests.Product;
using Laurel.Kernel;
using Laurel.Membership.Levels;
using Laurel.Membership.Programmes;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ContractTests.Levels;

/// <summary>Years of random orders, refunds and sweeps of some members in two tracks, beside the same tracks on paper.</summary>
public abstract class RandomTracksContract(DatabaseUnderTest kind, NamedDatabases databases) : IClassFixture<NamedDatabases>
{
    private const int MembersMax = 5;

    private const int Steps = 260;

    private static readonly DateTime s_start = new(2026, 1, 5, 9, 0, 0);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task ChangesAsOnPaper_When_AnythingIsBought(int seed)
    {
        await using var levels = await LevelDatabase.OpenAsync(kind, databases, $"random_tracks_{seed}", WithTracks);
        var random = new Random(seed);
        var members = new List<(MemberId Id, TrackOnPaper Often, TrackOnPaper Big)>();
        var orders = new List<(string Id, int Member, long Left)>();
        var now = s_start;
        for (var i = 0; i < MembersMax; i++)
        {
            levels.Set(TextOf(now));
            members.Add((await levels.RegisterAsync($"random-{i}"), Often(), Big()));
        }

        for (var step = 0; step < Steps; step++)
        {
            now = now.AddMinutes(random.Next(10) == 0 ? random.Next(30 * 24 * 60) : random.Next(4 * 24 * 60));
            levels.Set(TextOf(now));
            switch (random.Next(10))
            {
                case < 7:
                    var who = random.Next(members.Count);
                    var (order, amount) = ($"o-{step}", random.Next(1, 60_000));
                    await levels.OrderAsync(members[who].Id, order, amount);
                    members[who].Often.Order(order, now, amount);
                    members[who].Big.Order(order, now, amount);
                    orders.Add((order, who, amount));
                    break;
                case < 9 when orders.Count > 0:
                    var at = random.Next(orders.Count);
                    var back = orders[at];
                    orders.RemoveAt(at);
                    var part = random.Next(3) == 0 ? Math.Max(1, back.Left / 2) : back.Left;
                    await levels.RefundAsync(back.Id, part);
                    members[back.Member].Often.Refund(back.Id, now, part);
                    members[back.Member].Big.Refund(back.Id, now, part);
                    break;
                default:
                    await levels.SweepAsync();
                    break;
            }
        }

        await levels.SweepAsync();
        foreach (var (id, often, big) in members)
        {
            often.PassTime(now);
            big.PassTime(now);
            (await levels.DatedHistoryAsync(id, "often")).ShouldBe(often.Changes);
            (await levels.DatedHistoryAsync(id, "big")).ShouldBe(big.Changes);
            (await levels.InTrackAsync(id, "often")).ShouldBe(often.Changes.Count == 0 ? "none" : often.Level);
        }

        // A paper on which nothing rises and falls proves nothing.
        members.Sum(member => member.Often.Changes.Count).ShouldBeGreaterThan(20);
        members.Sum(member => member.Big.Changes.Count).ShouldBeGreaterThan(20);
        await levels.VerifyAsync();
    }

    private static TrackOnPaper Often() => new(
        [("none", 0), ("some", 2), ("many", 4)], 1, day => day.AddDays(-44), (amount, refunded) => refunded < amount ? 1 : 0, oneStep: false);

    private static TrackOnPaper Big() => new(
        [("small", 0), ("middle", 60_000), ("large", 150_000)], 3, day => new DateOnly(day.Year, ((day.Month - 1) / 3 * 3) + 1, 1),
        (amount, refunded) => amount - refunded, oneStep: true);

    private static Programme WithTracks(Programme programme) => programme with
    {
        LevelRules = new LevelRules { Preset = LevelPreset.YearlyRetention, CooldownHours = 24 },
        Tracks =
        [
            TrackOf(
                "often",
                new LevelMeasure { Metric = LevelMetric.Orders, Window = LevelWindow.RollingDays, Days = 45 },
                1,
                LevelDowngrade.Reevaluate,
                ("none", 0), ("some", 2), ("many", 4)),
            TrackOf(
                "big",
                new LevelMeasure { Metric = LevelMetric.Spend, Window = LevelWindow.Quarter },
                3,
                LevelDowngrade.OneStep,
                ("small", 0), ("middle", 60_000), ("large", 150_000)),
        ],
    };

    private static LevelTrack TrackOf(
        string code, LevelMeasure measure, int months, LevelDowngrade downgrade, params ReadOnlySpan<(string Code, long From)> levels) => new()
        {
            Code = code,
            NameEnglish = code,
            NameChinese = code,
            LevelRules = new LevelRules
            {
                Measure = measure,
                Downgrade = downgrade,
                Period = new LevelPeriod { Months = months, Anchor = LevelAnchor.Fixed, From = new DateOnly(2000, 1, 1) },
                CooldownHours = 0,
            },
            Levels = [.. levels.ToArray().Select(level => LevelOf(level.Code, level.From))],
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

    private static string TextOf(DateTime time) => time.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);
}

public sealed class RandomTracksOnSqliteTests(NamedDatabases databases) : RandomTracksContract(DatabaseUnderTest.Sqlite, databases);

public sealed class RandomTracksOnPostgresTests(NamedDatabases databases) : RandomTracksContract(DatabaseUnderTest.Postgres, databases);

public sealed class RandomTracksOnMySqlTests(NamedDatabases databases) : RandomTracksContract(DatabaseUnderTest.MySql, databases);
