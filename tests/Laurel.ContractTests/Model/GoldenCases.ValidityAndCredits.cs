using static Laurel.ContractTests.Model.GoldenWords;

namespace Laurel.ContractTests.Model;

/// <content>How long points live, and how credits repay a debt.</content>
/// <remarks>States are written: available, held, debt, lifetime, growth, level, orders, amount.</remarks>
public static partial class GoldenCases
{
    private static GoldenCase[] Validity =>
    [
        new("lot-lives-until-the-end-of-day-365", "expiresAt = 00:00 local of D + 366, exclusive.",
        [
            Register("m", "2025-03-10 15:00").Gives("m", 100, 0),
            State("m", "2026-03-10 23:59:59", new(100, 0, 0, 100, 0, "bronze", 0, 0)),
            State("m", "2026-03-11 00:00:00", new(0, 0, 0, 100, 0, "bronze", 0, 0)),
            Spend("m", "2026-03-10 23:59:59", 40).Gives("m", -40, 0),
            Spend("m", "2026-03-11 00:00:00", 1).IsShort(1, 0),
        ]),
        new("lot-of-the-first-minutes-belongs-to-its-local-day", "D is the business day in Asia/Shanghai.",
        [
            Register("m", "2025-03-10 00:30").Gives("m", 100, 0),
            Spend("m", "2026-03-10 23:59:59", 100).Gives("m", -100, 0),
            Adjust("m", "2026-03-11 23:30", 10).Gives("m", 10, 0),
            State("m", "2027-03-11 23:59:59", new(10, 0, 0, 100, 0, "bronze", 0, 0)),
            State("m", "2027-03-12 00:00:00", new(0, 0, 0, 100, 0, "bronze", 0, 0)),
        ]),
        new("leap-day-is-a-day", "366 days after a day before 29 February is the same date, or one before.",
        [
            Register("m", "2024-02-10 09:00").Gives("m", 100, 0),
            State("m", "2025-02-09 23:59:59", new(100, 0, 0, 100, 0, "bronze", 0, 0)),
            State("m", "2025-02-10 00:00:00", new(0, 0, 0, 100, 0, "bronze", 0, 0)),
        ]),
        new("lots-born-expired-are-allowed", "Lots born expired are allowed (history).",
        [
            Register("m", "2022-01-05 09:00").ArrivingAt("2025-06-01 09:00").Gives("m", 100, 0),
            Order("m", "o1", "2022-01-05 10:00", 90_000).ArrivingAt("2025-06-01 09:00")
                .Gives("m", 1_100, 900, "bronze", "silver"),
            State("m", "2025-06-01 09:00", new(0, 0, 0, 1_200, 900, "silver", 1, 90_000)),
            Spend("m", "2025-06-01 09:00", 1).IsShort(1, 0),
            StateAsOf("m", "2022-02-01 00:00", new(1_200, 0, 0, 1_200, 900, "silver", 1, 90_000)),
        ]),
        new("time-up-to-five-minutes-ahead", "time more than five minutes ahead is refused.",
        [
            Register("m", "2025-01-01 09:05:01").ArrivingAt("2025-01-01 09:00:00").IsRefused("TIME_IN_FUTURE"),
            Register("m", "2025-01-01 09:05:00").ArrivingAt("2025-01-01 09:00:00").Gives("m", 100, 0),
            Order("m", "o1", "2025-01-02 09:05:01", 10_000).ArrivingAt("2025-01-02 09:00:00")
                .IsRefused("TIME_IN_FUTURE"),
            Order("m", "o1", "2025-01-02 09:05:00", 10_000).ArrivingAt("2025-01-02 09:00:00").Gives("m", 300, 100),
            Spend("m", "2025-01-03 09:05:01", 1).ArrivingAt("2025-01-03 09:00:00").IsRefused("TIME_IN_FUTURE"),
            Earn("m", "2025-01-03 09:05:01", 1).ArrivingAt("2025-01-03 09:00:00").IsRefused("TIME_IN_FUTURE"),
            Refund("o1", "r1", "2025-01-03 09:05:01", 1).ArrivingAt("2025-01-03 09:00:00")
                .IsRefused("TIME_IN_FUTURE"),
            State("m", "2025-01-03 09:00", new(400, 0, 0, 400, 100, "bronze", 1, 10_000)),
        ]),
        new("earliest-expiry-is-spent-first", "Spending order: expiresAt first.",
        [
            Register("m", "2025-01-01 09:00").Gives("m", 100, 0),
            Earn("m", "2025-06-01 09:00", 50).Gives("m", 50, 0),
            Spend("m", "2025-12-31 09:00", 120).Gives("m", -120, 0),
            State("m", "2026-01-02 00:00", new(30, 0, 0, 150, 0, "bronze", 0, 0)),
            State("m", "2026-06-02 00:00", new(0, 0, 0, 150, 0, "bronze", 0, 0)),
        ]),
        new("written-expiry-changes-no-figure", "A sweep writes what already holds.",
        [
            Register("m", "2025-01-01 09:00").Gives("m", 100, 0),
            Earn("m", "2025-06-01 09:00", 50).Gives("m", 50, 0),
            State("m", "2026-02-01 09:00", new(50, 0, 0, 150, 0, "bronze", 0, 0)),
            Sweep("2026-02-01 09:00").MovesNothing(),
            State("m", "2026-02-01 09:00", new(50, 0, 0, 150, 0, "bronze", 0, 0)),
            Spend("m", "2026-02-01 10:00", 51).IsShort(51, 50),
        ]),
    ];

    private static GoldenCase[] Credits =>
    [
        new("debt-refuses-spends", "negative: available may be below zero, and then spends and holds are refused.",
        [
            .. OwesThreeHundred,
            Spend("m", "2025-01-05 09:00", 1).IsShort(1, -300),
            Hold("m", "h", "2025-01-05 09:00", 1).IsShort(1, -300),
            Adjust("m", "2025-01-05 09:00", -1).IsShort(1, -300),
        ]),
        new("debt-is-repaid-by-the-next-credit", "A credit repays debt first: remaining = amount − repaid.",
        [
            .. OwesThreeHundred,
            Earn("m", "2025-01-05 09:00", 120).Gives("m", 120, 0),
            State("m", "2025-01-05 09:00", new(-180, 0, 180, 220, 0, "bronze", 0, 0)),
            Adjust("m", "2025-01-06 09:00", 200).Gives("m", 200, 0),
            State("m", "2025-01-06 09:00", new(20, 0, 0, 220, 0, "bronze", 0, 0)),
            Spend("m", "2025-01-07 09:00", 21).IsShort(21, 20),
            Spend("m", "2025-01-07 09:00", 20).Gives("m", -20, 0),
        ]),
        new("debt-is-repaid-by-an-order-and-owed-again", "What repaid a debt is not in the lot any more.",
        [
            .. OwesThreeHundred,
            Order("m", "o2", "2025-01-05 09:00", 50_000).Gives("m", 500, 500),
            State("m", "2025-01-05 09:00", new(200, 0, 0, 600, 500, "bronze", 1, 50_000)),
            Refund("o2", "r2", "2025-01-06 09:00", 50_000).Gives("m", -500, -500),
            State("m", "2025-01-06 09:00", new(-300, 0, 300, 100, 0, "bronze", 0, 0)),
        ]),
        new("debt-is-repaid-by-a-transfer", "A transfer in is a credit.",
        [
            .. OwesThreeHundred,
            Register("n", "2025-01-05 09:00").Gives("n", 100, 0),
            Transfer("n", "m", "2025-01-05 10:00", 60).Moves("n", "m", 60),
            State("m", "2025-01-05 10:00", new(-240, 0, 240, 100, 0, "bronze", 0, 0)),
            State("n", "2025-01-05 10:00", new(40, 0, 0, 100, 0, "bronze", 0, 0)),
        ]),
    ];

    /// <summary>The member spent everything, and then the order behind it came back.</summary>
    private static GoldenStep[] OwesThreeHundred =>
    [
        Register("m", "2025-01-01 09:00").Gives("m", 100, 0),
        Order("m", "o1", "2025-01-02 09:00", 10_000).Gives("m", 300, 100),
        Spend("m", "2025-01-03 09:00", 400).Gives("m", -400, 0),
        Refund("o1", "r1", "2025-01-04 09:00", 10_000).Gives("m", -300, -100),
        State("m", "2025-01-04 09:00", new(-300, 0, 300, 100, 0, "bronze", 0, 0)),
    ];
}
