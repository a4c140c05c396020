using static Laurel.ContractTests.Model.GoldenWords;

namespace Laurel.ContractTests.Model;

/// <content>Points that wait, live longer, come back, and returns.</content>
/// <remarks>States are written: available, held, debt, lifetime, growth, level, orders, amount.</remarks>
public static partial class GoldenCases
{
    private static GoldenCase[] Waiting =>
    [
        new("pending-until-a-time", "Not available and not counted for the level before; both from then on.",
        [
            Register("m", "2025-01-01 09:00").Gives("m", 100, 0),
            Later("m", "l", "2025-01-02 09:00", 950, activeAt: "2025-02-01 00:00").Gives("m", 950, 0),
            State("m", "2025-01-31 23:59:59", new(100, 0, 0, 100, 0, "bronze", 0, 0)),
            Spend("m", "2025-01-31 23:59:59", 101).IsShort(101, 100),
            // The sweep writes what has come to pass; 1,050 points are silver.
            Sweep("2025-02-01 00:00").MovesNothing(),
            State("m", "2025-02-01 00:00", new(1_050, 0, 0, 1_050, 0, "silver", 0, 0)),
            StateAsOf("m", "2025-01-31 23:59:59", new(100, 0, 0, 100, 0, "bronze", 0, 0)),
            // Validity counts from the activation: usable to the end of 2026-02-01.
            State("m", "2026-02-01 23:59:59", new(950, 0, 0, 1_050, 0, "silver", 0, 0)),
            State("m", "2026-02-02 00:00", new(0, 0, 0, 1_050, 0, "silver", 0, 0)),
        ]),
        new("pending-until-an-event", "Activated by a call; the clock of its validity starts then; once.",
        [
            Register("m", "2025-01-01 09:00").Gives("m", 100, 0),
            Later("m", "l", "2025-01-02 09:00", 950, cancelAt: "2025-06-01 00:00").Gives("m", 950, 0),
            State("m", "2025-03-01 09:00", new(100, 0, 0, 100, 0, "bronze", 0, 0)),
            Activate("m", "l", "2025-03-01 10:00").Gives("m", 0, 0, "bronze", "silver"),
            Activate("m", "l", "2025-03-01 11:00").IsDuplicate(),
            CancelLot("m", "l", "2025-03-01 12:00").IsRefused(LifeCodes.LotNotPending),
            State("m", "2026-03-01 23:59:59", new(950, 0, 0, 1_050, 0, "silver", 0, 0)),
            State("m", "2026-03-02 00:00", new(0, 0, 0, 1_050, 0, "silver", 0, 0)),
            StateAsOf("m", "2025-03-01 09:59:59", new(100, 0, 0, 100, 0, "bronze", 0, 0)),
            StateAsOf("m", "2025-03-01 10:00", new(1_050, 0, 0, 1_050, 0, "silver", 0, 0)),
        ]),
        new("cancelled-by-itself", "When the event has not come the points are gone; they never counted.",
        [
            Register("m", "2025-01-01 09:00").Gives("m", 100, 0),
            Later("m", "l", "2025-01-02 09:00", 950, cancelAt: "2025-06-01 00:00").Gives("m", 950, 0),
            Activate("m", "l", "2025-06-01 00:00").IsRefused(LifeCodes.LotNotPending),
            State("m", "2025-06-01 00:00", new(100, 0, 0, 100, 0, "bronze", 0, 0)),
            Reinstate("m", "2025-06-02 09:00", 30).IsRefused(LifeCodes.NothingToReinstate),
        ]),
        new("cancelled-by-hand", "A pending lot can be taken away.",
        [
            Register("m", "2025-01-01 09:00").Gives("m", 100, 0),
            Later("m", "l", "2025-01-02 09:00", 500, activeAt: "2025-06-01 00:00").Gives("m", 500, 0),
            CancelLot("m", "l", "2025-01-03 09:00").Gives("m", -500, 0),
            CancelLot("m", "l", "2025-01-03 10:00").IsDuplicate(),
            Sweep("2025-07-01 00:00").MovesNothing(),
            State("m", "2025-07-01 00:00", new(100, 0, 0, 100, 0, "bronze", 0, 0)),
        ]),
        new("pending-repays-debt-when-active", "Debt is repaid by the activation, not by the grant.",
        [
            Register("m", "2025-01-01 09:00").Gives("m", 100, 0),
            Order("m", "o1", "2025-01-02 09:00", 10_000).Gives("m", 300, 100),
            Spend("m", "2025-01-03 09:00", 350).Gives("m", -350, 0),
            Refund("o1", "r1", "2025-01-04 09:00", 10_000).Gives("m", -300, -100),
            Later("m", "l", "2025-01-05 09:00", 300, cancelAt: "2025-06-01 00:00").Gives("m", 300, 0),
            State("m", "2025-01-05 09:00", new(-250, 0, 250, 100, 0, "bronze", 0, 0)),
            Activate("m", "l", "2025-01-06 09:00").Gives("m", 0, 0),
            State("m", "2025-01-06 09:00", new(50, 0, 0, 400, 0, "bronze", 0, 0)),
        ]),
    ];

    private static GoldenCase[] LongerLives =>
    [
        new("extended", "A live lot lapses later, and never sooner.",
        [
            Register("m", "2025-01-01 09:00").Gives("m", 100, 0),
            Earn("m", "2025-03-01 09:00", 50).Gives("m", 50, 0),
            // The registration's hundred end with 2026-01-01; March's fifty do not lapse before February.
            Extend("m", "2025-12-01 09:00", before: "2026-02-01 00:00", expiresAt: "2026-05-01 00:00").MovesNothing(),
            Extend("m", "2025-12-01 10:00", before: "2026-06-01 00:00", expiresAt: "2026-04-01 00:00").MovesNothing(),
            State("m", "2026-03-31 23:59:59", new(150, 0, 0, 150, 0, "bronze", 0, 0)),
            State("m", "2026-04-01 00:00", new(100, 0, 0, 150, 0, "bronze", 0, 0)),
            State("m", "2026-05-01 00:00", new(0, 0, 0, 150, 0, "bronze", 0, 0)),
            StateAsOf("m", "2025-12-01 08:59", new(150, 0, 0, 150, 0, "bronze", 0, 0)),
        ]),
        new("extended-by-days", "Days are added to the end of each lot; what has lapsed is not extended.",
        [
            Register("m", "2025-01-01 09:00").Gives("m", 100, 0),
            Extend("m", "2026-01-01 23:59:59", before: "2026-02-01 00:00", days: 10).MovesNothing(),
            State("m", "2026-01-11 23:59:59", new(100, 0, 0, 100, 0, "bronze", 0, 0)),
            State("m", "2026-01-12 00:00", new(0, 0, 0, 100, 0, "bronze", 0, 0)),
            Extend("m", "2026-01-12 00:00", before: "2026-02-01 00:00", days: 10).MovesNothing(),
            State("m", "2026-01-12 00:00", new(0, 0, 0, 100, 0, "bronze", 0, 0)),
        ]),
        new("reinstated", "What lapsed on or after the day so many days ago comes back, once, as if earned now.",
        [
            Register("m", "2025-01-01 09:00").Gives("m", 100, 0),
            // It lapsed at 00:00 on 2026-01-02: of the 13th ten days reach back to the 3rd, eleven to the 2nd.
            Reinstate("m", "2026-01-13 09:00", 10).IsRefused(LifeCodes.NothingToReinstate),
            Reinstate("m", "2026-01-13 09:15", 11).Gives("m", 100, 0),
            Reinstate("m", "2026-01-13 09:30", 11).IsRefused(LifeCodes.NothingToReinstate),
            State("m", "2027-01-13 23:59:59", new(100, 0, 0, 100, 0, "bronze", 0, 0)),
            State("m", "2027-01-14 00:00", new(0, 0, 0, 100, 0, "bronze", 0, 0)),
            StateAsOf("m", "2026-01-13 09:14", new(0, 0, 0, 100, 0, "bronze", 0, 0)),
        ]),
        new("taken-back-stays-away", "What a refund counted as taken back does not come back.",
        [
            Register("m", "2024-01-01 09:00").Gives("m", 100, 0),
            Order("m", "o1", "2024-02-10 09:00", 10_000).Gives("m", 300, 100),
            Refund("o1", "r1", "2025-02-12 09:00", 10_000).Gives("m", 0, -100),
            Reinstate("m", "2025-02-12 10:00", 20).IsRefused(LifeCodes.NothingToReinstate),
        ]),
        new("reinstated-then-refunded", "What came back of an order is taken back again.",
        [
            Register("m", "2024-01-01 09:00").Gives("m", 100, 0),
            Order("m", "o1", "2024-02-10 09:00", 10_000).Gives("m", 300, 100),
            Reinstate("m", "2025-02-12 09:00", 20).Gives("m", 300, 0),
            Refund("o1", "r1", "2025-02-12 10:00", 10_000).Gives("m", -300, -100),
            State("m", "2025-02-12 10:00", new(0, 0, 0, 100, 0, "bronze", 0, 0)),
        ]),
    ];

    private static GoldenCase[] ReturnsOfOrders =>
    [
        new("return-holds-and-refund-takes", "Held on the order's own lots; the refund takes what was held.",
        [
            Register("m", "2025-01-01 09:00").Gives("m", 100, 0),
            Order("m", "o1", "2025-02-01 09:00", 10_000).Gives("m", 300, 100),
            Return("o1", "rt", "2025-02-02 09:00", 10_000).MovesNothing(),
            State("m", "2025-02-02 09:00", new(100, 300, 0, 400, 100, "bronze", 1, 10_000)),
            Spend("m", "2025-02-03 09:00", 101).IsShort(101, 100),
            RefundOf("o1", "r1", "rt", "2025-02-04 09:00", 10_000).Gives("m", -300, -100),
            State("m", "2025-02-04 09:00", new(100, 0, 0, 100, 0, "bronze", 0, 0)),
            Reject("o1", "rt", "2025-02-05 09:00").IsRefused(LifeCodes.ReturnClosed),
        ]),
        new("return-times-out", "After seven days what was held is free.",
        [
            Register("m", "2025-01-01 09:00").Gives("m", 100, 0),
            Order("m", "o1", "2025-02-01 09:00", 10_000).Gives("m", 300, 100),
            Return("o1", "rt", "2025-02-02 09:00", 5_000).MovesNothing(),
            State("m", "2025-02-09 08:59:59", new(350, 50, 0, 400, 100, "bronze", 1, 10_000)),
            State("m", "2025-02-09 09:00", new(400, 0, 0, 400, 100, "bronze", 1, 10_000)),
            Spend("m", "2025-02-09 09:00", 400).Gives("m", -400, 0),
            // The refund comes all the same, and finds nothing.
            RefundOf("o1", "r1", "rt", "2025-02-10 09:00", 5_000).Gives("m", -50, -50),
            State("m", "2025-02-10 09:00", new(-50, 0, 50, 350, 50, "bronze", 1, 5_000)),
        ]),
        new("return-is-rejected", "A rejection frees what was held; the same again is a duplicate.",
        [
            Register("m", "2025-01-01 09:00").Gives("m", 100, 0),
            Order("m", "o1", "2025-02-01 09:00", 10_000).Gives("m", 300, 100),
            Reject("o1", "rt", "2025-02-02 08:00").IsRefused(LifeCodes.ReturnNotFound),
            Return("o1", "rt", "2025-02-02 09:00", 10_000).MovesNothing(),
            Return("o1", "rt", "2025-02-02 10:00", 10_000).IsDuplicate(),
            Reject("o1", "rt", "2025-02-03 09:00").MovesNothing(),
            State("m", "2025-02-03 09:00", new(400, 0, 0, 400, 100, "bronze", 1, 10_000)),
        ]),
        new("second-return-extends-and-never-doubles", "A second return of the order lets the first last; together they hold what it earned.",
        [
            Register("m", "2025-01-01 09:00").Gives("m", 100, 0),
            Order("m", "o1", "2025-02-01 09:00", 10_000).Gives("m", 300, 100),
            Return("o1", "a", "2025-02-02 09:00", 10_000).MovesNothing(),
            Return("o1", "b", "2025-02-06 09:00", 10_000).MovesNothing(),
            State("m", "2025-02-13 08:59:59", new(100, 300, 0, 400, 100, "bronze", 1, 10_000)),
            State("m", "2025-02-13 09:00", new(400, 0, 0, 400, 100, "bronze", 1, 10_000)),
        ]),
        new("spent-before-the-return", "What is spent is not held; the shortfall is met at the refund.",
        [
            Register("m", "2025-01-01 09:00").Gives("m", 100, 0),
            Order("m", "o1", "2025-02-01 09:00", 10_000).Gives("m", 300, 100),
            Spend("m", "2025-02-01 10:00", 350).Gives("m", -350, 0),
            Return("o1", "rt", "2025-02-02 09:00", 10_000).MovesNothing(),
            State("m", "2025-02-02 09:00", new(0, 50, 0, 400, 100, "bronze", 1, 10_000)),
            Refund("o1", "r1", "2025-02-04 09:00", 10_000).Gives("m", -300, -100),
            State("m", "2025-02-04 09:00", new(-250, 0, 250, 100, 0, "bronze", 0, 0)),
        ]),
        new("refund-uses-any-return-of-the-order", "A refund that names no return uses what the order holds, as far as it needs.",
        [
            Register("m", "2025-01-01 09:00").Gives("m", 100, 0),
            Order("m", "o1", "2025-02-01 09:00", 10_000).Gives("m", 300, 100),
            Spend("m", "2025-02-01 10:00", 300).Gives("m", -300, 0),
            Return("o1", "rt", "2025-02-02 09:00", 10_000).MovesNothing(),
            Refund("o1", "r1", "2025-02-03 09:00", 4_000).Gives("m", -40, -40),
            State("m", "2025-02-03 09:00", new(0, 60, 0, 360, 60, "bronze", 1, 6_000)),
        ]),
    ];
}
