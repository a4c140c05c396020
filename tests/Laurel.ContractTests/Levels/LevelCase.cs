using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Membership.Levels;
using Laurel.Membership.Members;
using Laurel.Membership.Programmes;
using Shouldly;

namespace Laurel.ContractTests.Levels;

/// <summary>A golden case: the rules, and what a member does, each with the level after it. Registration pays 100 points.</summary>
/// <param name="Steps">A line each: a day, perhaps a time, what happens, and <c>=</c> the level.</param>
internal sealed record LevelCase(string Name, Func<Programme, Programme> Programme, string Steps)
{
    private static readonly LevelMeasure s_tenDays = new() { Window = LevelWindow.RollingDays, Days = 10 };

    private static readonly LevelMeasure s_year = new() { Window = LevelWindow.Year };

    private static readonly LevelPeriod s_calendarYear = new() { Months = 12, Anchor = LevelAnchor.Fixed, From = new DateOnly(2000, 1, 1) };

    /// <summary>Silver from 1,000, gold from 5,000, as by default; figures worked out on paper from the rules' own words.</summary>
    public static IReadOnlyList<LevelCase> All { get; } =
    [
        new("lifetime points, lost by refunds alone", By(new LevelRules()), """
            2026-01-05 register = bronze
            2026-01-06 earn 899 = bronze
            2026-01-07 earn 1 = silver
            2026-02-01 order o-1 600000 = gold
            2026-02-02 refund o-1 600000 = silver
            2030-01-01 sweep = silver
            """),
        new("yearly retention", By(new LevelRules { Preset = LevelPreset.YearlyRetention }), """
            2026-03-01 register = bronze
            2026-06-01 earn 4900 = gold
            2026-12-31 23:59 sweep = gold
            2027-01-01 sweep = gold
            2027-05-05 earn 1000 = gold
            2027-12-31 23:59 sweep = gold
            2028-01-01 sweep = silver
            2028-12-31 23:59 sweep = silver
            2029-01-01 sweep = bronze
            """),
        new("years without a sweep are judged one by one", By(new LevelRules { Preset = LevelPreset.YearlyRetention }), """
            2026-03-01 register = bronze
            2026-06-01 earn 4900 = gold
            2031-06-01 earn 1000 = silver
            """),
        new("a refund leaves the year of its order", By(new LevelRules { Preset = LevelPreset.YearlyRetention }), """
            2026-03-01 register = bronze
            2026-12-20 order o-1 600000 = gold
            2026-12-28 refund o-1 600000 = gold
            2027-01-01 sweep = bronze
            """),
        new("silver on 20 July, 30 days: until 20 August", By(new LevelRules
        {
            Measure = new LevelMeasure { Window = LevelWindow.RollingDays, Days = 30 },
            Period = new LevelPeriod { Days = 30 },
            Downgrade = LevelDowngrade.Reevaluate,
        }), """
            2026-01-05 register = bronze
            2026-07-20 10:00 earn 1000 = silver
            2026-08-19 23:59 sweep = silver
            2026-08-20 sweep = bronze
            """),
        new("lost on 25 July, a month of grace to its end: kept until 31 August", By(Graced), """
            2026-06-01 register = bronze
            2026-06-26 earn 1000 = silver
            2026-07-25 sweep = silver
            2026-08-31 23:59 sweep = silver
            2026-09-01 sweep = bronze
            """),
        new("requalified while the grace runs", By(Graced), """
            2026-06-01 register = bronze
            2026-06-26 earn 1000 = silver
            2026-07-25 sweep = silver
            2026-08-20 earn 1000 = silver
            2026-09-01 sweep = silver
            2026-09-25 sweep = silver
            2026-10-31 23:59 sweep = silver
            2026-11-01 sweep = bronze
            """),
        new("one step at a time", By(new LevelRules { Measure = s_year, Period = s_calendarYear, Downgrade = LevelDowngrade.OneStep }), """
            2026-03-01 register = bronze
            2026-06-01 earn 4900 = gold
            2027-01-01 sweep = gold
            2028-01-01 sweep = silver
            2029-01-01 sweep = bronze
            """),
        new("a level that is never lost", By(
            new LevelRules { Measure = s_year, Period = s_calendarYear, Downgrade = LevelDowngrade.OneStep },
            level => level.Code == "gold" ? level with { Downgrade = LevelDowngrade.None } : level), """
            2026-03-01 register = bronze
            2026-06-01 earn 4900 = gold
            2029-01-01 sweep = gold
            """),
        new("rises when the period ends", By(new LevelRules
        {
            Upgrade = LevelUpgrade.NextPeriod,
            Downgrade = LevelDowngrade.None,
            Period = new LevelPeriod { Months = 1, Anchor = LevelAnchor.Fixed, From = new DateOnly(2026, 1, 1) },
        }), """
            2026-07-01 register = bronze
            2026-07-10 earn 2000 = bronze
            2026-07-31 23:59 sweep = bronze
            2026-08-01 sweep = silver
            """),
        new("from the day of joining", By(new LevelRules
        {
            Measure = s_tenDays,
            Downgrade = LevelDowngrade.Reevaluate,
            Period = new LevelPeriod { Months = 3, Anchor = LevelAnchor.JoinDate },
        }), """
            2026-01-31 register = bronze
            2026-03-01 earn 1000 = silver
            2026-04-29 23:59 sweep = silver
            2026-04-30 sweep = bronze
            """),
        new("a day's cooldown from the last change", By(new LevelRules(), cooldownHours: 24), """
            2026-07-01 register = bronze
            2026-07-10 10:00 earn 900 = silver
            2026-07-10 11:00 earn 4000 = silver
            2026-07-11 09:59 sweep = silver
            2026-07-11 10:00 sweep = gold
            2026-07-20 order o-1 2000000 = gold
            """),
        new("a fall in the cooldown is made when it ends", By(new LevelRules(), cooldownHours: 24), """
            2026-07-01 register = bronze
            2026-07-10 10:00 order o-1 120000 = silver
            2026-07-10 12:00 refund o-1 120000 = silver
            2026-07-11 10:00 sweep = bronze
            """),
        new("two orders in a quarter are as good as the threshold", By(
            new LevelRules { Downgrade = LevelDowngrade.None },
            level => level.Code == "silver" ? level with { AnyOf = [Orders(2)] } : level), """
            2026-07-01 register = bronze
            2026-07-10 order o-1 1000 = bronze
            2026-10-01 order o-2 1000 = bronze
            2026-12-31 order o-3 1000 = silver
            """),
        new("points and two orders", By(
            new LevelRules { Downgrade = LevelDowngrade.None },
            level => level.Code == "silver" ? level with { AllOf = [Orders(2)] } : level), """
            2026-07-01 register = bronze
            2026-07-10 earn 2000 = bronze
            2026-07-11 order o-1 1000 = bronze
            2026-07-12 order o-2 1000 = silver
            """),
        new("on the balance, judged before the points of that moment lapse", By(new LevelRules
        {
            Measure = new LevelMeasure { Metric = LevelMetric.Balance },
            Downgrade = LevelDowngrade.Reevaluate,
            Period = new LevelPeriod { Months = 12, Anchor = LevelAnchor.Fixed, From = new DateOnly(2026, 7, 11) },
        }), """
            2026-07-01 register = bronze
            2026-07-10 earn 1000 = silver
            2027-07-11 sweep = silver
            2028-07-11 sweep = bronze
            """),
        new("since the last change", By(new LevelRules
        {
            Measure = new LevelMeasure { Window = LevelWindow.SinceLastChange },
            Downgrade = LevelDowngrade.OneStep,
            Period = new LevelPeriod { Months = 1 },
        }), """
            2026-01-05 register = bronze
            2026-01-10 earn 900 = silver
            2026-01-20 earn 999 = silver
            2026-02-10 23:59 sweep = silver
            2026-02-11 sweep = bronze
            """),
        new("set by hand until an instant", By(new LevelRules()), """
            2026-01-05 register = bronze
            2026-01-06 pin gold 2026-09-01 = gold
            2026-01-07 earn 1000 = gold
            2026-08-31 23:59 sweep = gold
            2026-09-01 sweep = silver
            """),
        new("set by hand for ever, and released", By(new LevelRules()), """
            2026-01-05 register = bronze
            2026-01-06 pin bronze = bronze
            2026-01-07 earn 6000 = bronze
            2030-01-01 sweep = bronze
            2030-01-02 release = gold
            """),
    ];

    private static LevelRules Graced => new()
    {
        Measure = s_tenDays,
        Downgrade = LevelDowngrade.Reevaluate,
        Period = new LevelPeriod { Months = 1, Anchor = LevelAnchor.Fixed, From = new DateOnly(2026, 6, 25) },
        Grace = new LevelGrace { Months = 1, ToMonthEnd = true },
    };

    private static LevelCondition Orders(long count) => new()
    {
        Measure = new LevelMeasure { Metric = LevelMetric.Orders, Window = LevelWindow.Quarter },
        AtLeast = count,
    };

    private static Func<Programme, Programme> By(LevelRules rules, Func<Level, Level>? change = null, int cooldownHours = 0) => programme => programme with
    {
        LevelRules = rules with { CooldownHours = cooldownHours },
        Levels = [.. programme.Levels.Select(level => change is null ? level : change(level))],
    };

    /// <summary>Plays a step.</summary>
    /// <param name="track">The track that is set and released; null for the main ladder.</param>
    public static async Task<MemberId> PlayAsync(LevelDatabase levels, MemberId member, string[] words, string? track = null)
    {
        switch (words)
        {
            case ["register"]:
                return await levels.RegisterAsync("golden");
            case ["earn", var points]:
                await levels.EarnAsync(member, Number(points));
                break;
            case ["order", var id, var amount]:
                await levels.OrderAsync(member, id, Number(amount));
                break;
            case ["refund", var id, var amount]:
                await levels.RefundAsync(id, Number(amount));
                break;
            case ["pin", var level]:
                (await levels.SetLevelAsync(member, level, track: track)).ShouldBeOfType<Outcome.Applied>();
                break;
            case ["pin", var level, var until]:
                (await levels.SetLevelAsync(member, level, until, track)).ShouldBeOfType<Outcome.Applied>();
                break;
            case ["release"]:
                (await levels.SetLevelAsync(member, null, track: track)).ShouldBeOfType<Outcome.Applied>();
                break;
            case ["sweep"]:
                await levels.SweepAsync();
                break;
            default:
                throw new InvalidOperationException($"No step is called '{string.Join(' ', words)}'.");
        }

        return member;
    }

    private static long Number(string text) => long.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
}
