using static Laurel.ContractTests.Model.GoldenWords;

namespace Laurel.ContractTests.Model;

/// <content>Refusals that leave no trace, and figures as of an instant.</content>
/// <remarks>States are written: available, held, debt, lifetime, growth, level, orders, amount.</remarks>
public static partial class GoldenCases
{
    private static GoldenCase[] Refusals =>
    [
        new("unknown-members-are-refused", "MEMBER_NOT_FOUND.",
        [
            Register("m", "2025-01-01 09:00").Gives("m", 100, 0),
            Order("x", "o1", "2025-01-02 09:00", 10_000).IsRefused("MEMBER_NOT_FOUND"),
            Earn("x", "2025-01-02 09:00", 1).IsRefused("MEMBER_NOT_FOUND"),
            Adjust("x", "2025-01-02 09:00", 1).IsRefused("MEMBER_NOT_FOUND"),
            Adjust("x", "2025-01-02 09:00", -1).IsRefused("MEMBER_NOT_FOUND"),
            Spend("x", "2025-01-02 09:00", 1).IsRefused("MEMBER_NOT_FOUND"),
            Hold("x", "h", "2025-01-02 09:00", 1).IsRefused("MEMBER_NOT_FOUND"),
            Transfer("x", "m", "2025-01-02 09:00", 1).IsRefused("MEMBER_NOT_FOUND"),
            Transfer("m", "x", "2025-01-02 09:00", 1).IsRefused("MEMBER_NOT_FOUND"),
            Refund("o1", "r1", "2025-01-02 09:00", 1).IsRefused("ORDER_NOT_FOUND"),
            State("m", "2025-01-02 09:00", new(100, 0, 0, 100, 0, "bronze", 0, 0)),
        ]),
        new("order-of-an-unknown-member-may-come-again", "A refusal uses nothing up.",
        [
            Order("m", "o1", "2025-01-02 09:00", 10_000).IsRefused("MEMBER_NOT_FOUND"),
            Register("m", "2025-01-01 09:00").ArrivingAt("2025-01-02 10:00").Gives("m", 100, 0),
            Order("m", "o1", "2025-01-02 09:00", 10_000).ArrivingAt("2025-01-02 10:00").Gives("m", 300, 100),
        ]),
        new("refused-operation-writes-no-expiry", "A refusal leaves no trace, not even an expiry that was due.",
        [
            Register("m", "2024-01-01 09:00").Gives("m", 100, 0),
            Order("m", "o1", "2024-01-10 09:00", 10_000).Gives("m", 300, 100),
            Spend("m", "2025-02-01 09:00", 1).IsShort(1, 0),
            // The expiry was not written yet, so this late refund still finds the points in the order's lots.
            Refund("o1", "r1", "2025-01-05 09:00", 10_000).ArrivingAt("2025-02-02 09:00").Gives("m", -300, -100),
            State("m", "2025-02-02 09:00", new(0, 0, 0, 100, 0, "bronze", 0, 0)),
        ]),
    ];

    private static GoldenCase[] AsOf =>
    [
        new("as-of-is-by-business-time", "asOf is by business time as known now, the instant included.",
        [
            Register("m", "2025-01-01 09:00").Gives("m", 100, 0),
            Order("m", "o1", "2025-02-10 09:00", 10_000).Gives("m", 300, 100),
            Order("m", "o2", "2025-02-01 09:00", 20_000).ArrivingAt("2025-02-11 09:00").Gives("m", 200, 200),
            StateAsOf("m", "2025-01-01 08:59:59", new(0, 0, 0, 0, 0, "bronze", 0, 0)),
            StateAsOf("m", "2025-01-01 09:00:00", new(100, 0, 0, 100, 0, "bronze", 0, 0)),
            StateAsOf("m", "2025-02-05 09:00", new(300, 0, 0, 300, 200, "bronze", 1, 20_000)),
            StateAsOf("m", "2025-02-10 09:00", new(600, 0, 0, 600, 300, "bronze", 2, 30_000)),
        ]),
        new("level-as-of-is-that-of-the-sum-as-of", "The level as of an instant is that of the lifetime sum as of it.",
        [
            Register("m", "2025-01-01 09:00").Gives("m", 100, 0),
            Order("m", "o1", "2025-02-01 09:00", 70_000).Gives("m", 900, 700, "bronze", "silver"),
            Refund("o1", "r1", "2025-03-01 09:00", 10_000).Gives("m", -100, -100, "silver", "bronze"),
            StateAsOf("m", "2025-01-15 09:00", new(100, 0, 0, 100, 0, "bronze", 0, 0)),
            StateAsOf("m", "2025-02-15 09:00", new(1_000, 0, 0, 1_000, 700, "silver", 1, 70_000)),
            StateAsOf("m", "2025-03-01 09:00", new(900, 0, 0, 900, 600, "bronze", 1, 60_000)),
        ]),
        new("late-refund-counts-from-its-business-time", "A refund dated earlier changes the figures as of then.",
        [
            Register("m", "2025-01-01 09:00").Gives("m", 100, 0),
            Order("m", "o1", "2025-02-01 09:00", 10_000).Gives("m", 300, 100),
            Refund("o1", "r1", "2025-02-10 09:00", 10_000).ArrivingAt("2025-03-01 09:00").Gives("m", -300, -100),
            StateAsOf("m", "2025-02-09 09:00", new(400, 0, 0, 400, 100, "bronze", 1, 10_000)),
            StateAsOf("m", "2025-02-10 09:00", new(100, 0, 0, 100, 0, "bronze", 0, 0)),
        ]),
        new("holds-as-of", "Held, captured and released points as they stood.",
        [
            Register("m", "2025-01-01 09:00").Gives("m", 100, 0),
            Hold("m", "h1", "2025-02-01 09:00", 50).MovesNothing(),
            Capture("h1", "2025-02-03 09:00", 30).Gives("m", -30, 0),
            Hold("m", "h2", "2025-03-01 09:00", 40).MovesNothing(),
            StateAsOf("m", "2025-01-31 09:00", new(100, 0, 0, 100, 0, "bronze", 0, 0)),
            StateAsOf("m", "2025-02-02 09:00", new(50, 50, 0, 100, 0, "bronze", 0, 0)),
            StateAsOf("m", "2025-02-03 09:00", new(70, 0, 0, 100, 0, "bronze", 0, 0)),
            StateAsOf("m", "2025-03-08 08:59:59", new(30, 40, 0, 100, 0, "bronze", 0, 0)),
            StateAsOf("m", "2025-03-08 09:00:00", new(70, 0, 0, 100, 0, "bronze", 0, 0)),
        ]),
        new("expiry-as-of-counts-written-or-not", "An expiry due by the instant counts as happened, none before.",
        [
            Register("m", "2025-01-01 09:00").Gives("m", 100, 0),
            StateAsOf("m", "2026-01-01 23:59:59", new(100, 0, 0, 100, 0, "bronze", 0, 0)),
            StateAsOf("m", "2026-01-02 00:00:00", new(0, 0, 0, 100, 0, "bronze", 0, 0)),
            Sweep("2026-02-01 09:00").MovesNothing(),
            StateAsOf("m", "2026-01-01 23:59:59", new(100, 0, 0, 100, 0, "bronze", 0, 0)),
            StateAsOf("m", "2026-01-02 00:00:00", new(0, 0, 0, 100, 0, "bronze", 0, 0)),
        ]),
        new("debt-as-of", "Debt as it stood before the next credit repaid it.",
        [
            .. OwesThreeHundred,
            Earn("m", "2025-01-06 09:00", 500).Gives("m", 500, 0),
            StateAsOf("m", "2025-01-03 10:00", new(0, 0, 0, 400, 100, "bronze", 1, 10_000)),
            StateAsOf("m", "2025-01-05 09:00", new(-300, 0, 300, 100, 0, "bronze", 0, 0)),
            StateAsOf("m", "2025-01-06 09:00", new(200, 0, 0, 600, 0, "bronze", 0, 0)),
        ]),
    ];
}
