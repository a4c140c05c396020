using Laurel.Membership.Cards;
using Laurel.Membership.Levels;
using Laurel.Membership.Programmes;

namespace Laurel.ContractTests.Cards;

/// <summary>A golden case: what a member does, each with the level after it and, in brackets, the end of the membership by <c>plus</c>.</summary>
/// <param name="Steps">A line each: a day, perhaps a time, what happens, and <c>=</c> the level.</param>
internal sealed record CardCase(string Name, Func<Programme, Programme> Programme, string Steps)
{
    /// <summary>Registration pays 100 points; silver from 1,000, gold from 5,000. The ends are worked out on paper.</summary>
    public static IReadOnlyList<CardCase> All { get; } =
    [
        new("a month, to the end of its last day", With(), """
            2026-01-25 10:00 register = bronze
            2026-01-25 10:00 buy p-1 = gold [2026-02-26 00:00]
            2026-02-25 23:59 sweep = gold [2026-02-26 00:00]
            2026-02-26 sweep = bronze [2026-02-26 00:00]
            """),
        new("the 31st of a month that has none, and renewals that do not drift", With(), """
            2026-01-31 register = bronze
            2026-01-31 buy p-1 = gold [2026-03-01 00:00]
            2026-02-10 buy p-2 = gold [2026-04-01 00:00]
            2026-02-11 buy p-3 2 = gold [2026-06-01 00:00]
            2026-05-31 23:59 sweep = gold [2026-06-01 00:00]
            2026-06-01 sweep = bronze [2026-06-01 00:00]
            """),
        new("renewed after it lapsed: from now", With(), """
            2026-01-05 register = bronze
            2026-01-05 buy p-1 = gold [2026-02-06 00:00]
            2026-02-06 buy p-2 = gold [2026-03-07 00:00]
            2026-03-20 buy p-3 = gold [2026-04-21 00:00]
            2026-04-21 sweep = bronze [2026-04-21 00:00]
            """),
        new("told late, begins where the one before ended", With(), """
            2026-01-05 register = bronze
            2026-01-05 buy p-1 = gold [2026-02-06 00:00]
            2026-02-08 sweep = bronze [2026-02-06 00:00]
            2026-02-09 late p-2 2026-02-05 = gold [2026-03-07 00:00]
            """),
        new("refunds of three periods, the first first", With(), """
            2026-01-05 register = bronze
            2026-01-05 buy p-1 = gold [2026-02-06 00:00]
            2026-01-06 buy p-2 = gold [2026-03-06 00:00]
            2026-01-07 buy p-3 = gold [2026-04-06 00:00]
            2026-01-20 09:00 refund p-1 = gold [2026-03-06 00:00]
            2026-01-20 09:00 refund p-3 = gold [2026-02-06 00:00]
            2026-01-20 09:00 refund p-2 = bronze [2026-01-20 09:00]
            2026-01-21 buy p-4 = gold [2026-02-22 00:00]
            """),
        new("refunds of three periods, the last first", With(), """
            2026-01-05 register = bronze
            2026-01-05 buy p-1 = gold [2026-02-06 00:00]
            2026-01-06 buy p-2 = gold [2026-03-06 00:00]
            2026-01-07 buy p-3 = gold [2026-04-06 00:00]
            2026-01-20 09:00 refund p-3 = gold [2026-03-06 00:00]
            2026-01-20 09:00 refund p-2 = gold [2026-02-06 00:00]
            2026-01-20 09:00 refund p-1 = bronze [2026-01-20 09:00]
            """),
        new("a refund in the second period of two: what is left is over", With(), """
            2026-01-05 register = bronze
            2026-01-05 buy p-1 = gold [2026-02-06 00:00]
            2026-01-06 buy p-2 = gold [2026-03-06 00:00]
            2026-02-20 12:30 refund p-1 = bronze [2026-02-20 12:30]
            2026-02-21 refund p-2 = bronze [2026-02-20 12:30]
            """),
        new("a refund after the end takes nothing back", With(), """
            2026-01-05 register = bronze
            2026-01-05 buy p-1 = gold [2026-02-06 00:00]
            2026-03-01 buy p-2 = gold [2026-04-02 00:00]
            2026-03-02 refund p-1 = gold [2026-04-02 00:00]
            """),
        new("cancelled, lasts to its end; bought again, lasts longer", With(), """
            2026-01-05 register = bronze
            2026-01-05 buy p-1 = gold [2026-02-06 00:00]
            2026-01-06 cancel = gold [2026-02-06 00:00]
            2026-01-07 cancel = gold [2026-02-06 00:00]
            2026-01-08 buy p-2 = gold [2026-03-06 00:00]
            2026-03-06 sweep = bronze [2026-03-06 00:00]
            """),
        new("the own level rises under the card, and stays", With(), """
            2026-01-05 register = bronze
            2026-01-05 buy p-1 = gold [2026-02-06 00:00]
            2026-01-10 earn 1000 = gold [2026-02-06 00:00]
            2026-02-06 sweep = silver [2026-02-06 00:00]
            """),
        new("the own level rises above the card's, and falls again", With(level: "silver"), """
            2026-01-05 register = bronze
            2026-01-05 buy p-1 = silver [2026-02-06 00:00]
            2026-01-10 order o-1 600000 = gold [2026-02-06 00:00]
            2026-01-12 refund-order o-1 600000 = silver [2026-02-06 00:00]
            2026-02-06 earn 1 = bronze [2026-02-06 00:00]
            """),
        new("the own level goes on with its period", With(new LevelRules { Preset = LevelPreset.YearlyRetention }), """
            2026-03-01 register = bronze
            2026-06-01 earn 1000 = silver [none]
            2026-12-05 buy p-1 = gold [2027-01-06 00:00]
            2027-01-01 sweep = gold [2027-01-06 00:00]
            2027-01-06 sweep = silver [2027-01-06 00:00]
            2028-01-01 sweep = bronze [2027-01-06 00:00]
            """),
        new("its period counts from when the own level was reached", With(new LevelRules
        {
            Measure = new LevelMeasure { Window = LevelWindow.RollingDays, Days = 10 },
            Period = new LevelPeriod { Months = 2 },
            Downgrade = LevelDowngrade.Reevaluate,
        }), """
            2026-01-01 register = bronze
            2026-01-10 earn 1000 = silver [none]
            2026-02-01 buy p-1 = gold [2026-03-02 00:00]
            2026-03-02 sweep = silver [2026-03-02 00:00]
            2026-03-10 23:59 sweep = silver [2026-03-02 00:00]
            2026-03-11 sweep = bronze [2026-03-02 00:00]
            """),
        new("a card and a period that end at one instant", With(new LevelRules
        {
            Measure = new LevelMeasure { Window = LevelWindow.RollingDays, Days = 10 },
            Period = new LevelPeriod { Months = 1, Anchor = LevelAnchor.Fixed, From = new DateOnly(2026, 1, 6) },
            Downgrade = LevelDowngrade.Reevaluate,
        }), """
            2026-01-05 register = bronze
            2026-01-05 earn 1000 = silver [none]
            2026-01-05 buy p-1 = gold [2026-02-06 00:00]
            2026-02-06 sweep = bronze [2026-02-06 00:00]
            """),
        new("a hand is stronger than a card", With(), """
            2026-01-05 register = bronze
            2026-01-05 pin bronze 2026-01-20 = bronze [none]
            2026-01-06 buy p-1 = bronze [2026-02-07 00:00]
            2026-01-20 sweep = gold [2026-02-07 00:00]
            2026-01-21 pin silver = silver [2026-02-07 00:00]
            2026-01-22 release = gold [2026-02-07 00:00]
            2026-02-07 sweep = bronze [2026-02-07 00:00]
            """),
        new("lifted without waiting for a cooldown", With(new LevelRules { CooldownHours = 24 }), """
            2026-01-01 register = bronze
            2026-01-05 earn 1000 = silver [none]
            2026-01-05 01:00 buy p-1 = gold [2026-02-06 00:00]
            2026-01-05 02:00 refund p-1 = silver [2026-01-05 02:00]
            """),
        new("a card without a level leaves it alone", With(level: null), """
            2026-01-05 register = bronze
            2026-01-05 buy p-1 = bronze [2026-02-06 00:00]
            2026-02-06 sweep = bronze [2026-02-06 00:00]
            """),
    ];

    /// <summary>A programme that sells <c>plus</c> by the month, with a level and what gold has.</summary>
    public static Func<Programme, Programme> With(LevelRules? rules = null, string? level = "gold") => programme => programme with
    {
        LevelRules = rules ?? new LevelRules { CooldownHours = 0 },
        Cards =
        [
            new MembershipCard
            {
                Code = "plus",
                NameEnglish = "Plus",
                NameChinese = "月卡",
                Price = 1_500,
                Period = "P1M",
                Package = "premium",
                Level = level,
            },
            new MembershipCard { Code = "year", NameEnglish = "Year", NameChinese = "年卡", Price = 9_900, Period = "P1Y", Level = "platinum" },
        ],
    };
}
