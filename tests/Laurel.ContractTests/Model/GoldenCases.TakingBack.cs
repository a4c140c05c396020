using static Laurel.ContractTests.Model.GoldenWords;

namespace Laurel.ContractTests.Model;

/// <content>Where a refund takes from, and what becomes of a shortfall.</content>
/// <remarks>States are written: available, held, debt, lifetime, growth, level, orders, amount.</remarks>
public static partial class GoldenCases
{
    private static GoldenCase[] TakingBack =>
    [
        new("own-lots-are-taken-first", "Taken from the order's own lots before lots that expire earlier.",
        [
            Register("m", "2025-01-01 09:00").Gives("m", 100, 0),
            Order("m", "o1", "2025-02-01 09:00", 10_000).Gives("m", 300, 100),
            Refund("o1", "r1", "2025-03-01 09:00", 10_000).Gives("m", -300, -100),
            State("m", "2026-01-01 23:59:59", new(100, 0, 0, 100, 0, "bronze", 0, 0)),
            State("m", "2026-01-02 00:00:00", new(0, 0, 0, 100, 0, "bronze", 0, 0)),
        ]),
        new("other-lots-follow-in-spending-order", "Then other lots in spending order, then the shortfall.",
        [
            Register("m", "2025-01-01 09:00").Gives("m", 100, 0),
            Order("m", "o1", "2025-02-01 09:00", 1_000).Gives("m", 210, 10),
            Spend("m", "2025-02-02 09:00", 305).Gives("m", -305, 0),
            Earn("m", "2025-03-01 09:00", 60).Gives("m", 60, 0),
            Earn("m", "2025-04-01 09:00", 40).Gives("m", 40, 0),
            // Five of its bonus are left, so five come from March's earning, which expires before April's.
            Refund("o1", "r1", "2025-04-02 09:00", 999).Gives("m", -10, -10),
            State("m", "2025-04-02 09:00", new(95, 0, 0, 400, 0, "bronze", 1, 1)),
            State("m", "2026-03-02 00:00", new(40, 0, 0, 400, 0, "bronze", 1, 1)),
            Refund("o1", "r2", "2025-04-02 10:00", 1).Gives("m", -200, 0),
            State("m", "2025-04-02 10:00", new(-105, 0, 105, 200, 0, "bronze", 0, 0)),
        ]),
        new("own-expired-points-count-as-taken", "Own points that expired unspent count as taken back.",
        [
            Register("m", "2024-01-01 09:00").Gives("m", 100, 0),
            Order("m", "o1", "2024-01-10 09:00", 10_000).Gives("m", 300, 100),
            Earn("m", "2024-06-01 09:00", 500).Gives("m", 500, 0),
            Refund("o1", "r1", "2025-02-01 09:00", 10_000).Gives("m", 0, -100),
            State("m", "2025-02-01 09:00", new(500, 0, 0, 600, 0, "bronze", 0, 0)),
        ]),
        new("own-spent-points-do-not", "What was spent before the rest expired is taken elsewhere.",
        [
            Register("m", "2024-01-01 09:00").Gives("m", 100, 0),
            Order("m", "o1", "2024-01-10 09:00", 10_000).Gives("m", 300, 100),
            Spend("m", "2024-02-01 09:00", 250).Gives("m", -250, 0),
            Earn("m", "2024-06-01 09:00", 500).Gives("m", 500, 0),
            Refund("o1", "r1", "2025-02-01 09:00", 10_000).Gives("m", -150, -100),
            State("m", "2025-02-01 09:00", new(350, 0, 0, 600, 0, "bronze", 0, 0)),
        ]),
        new("own-expired-points-count-once", "Over partial refunds, expired points count once, for points and bonus.",
        [
            Register("m", "2024-01-01 09:00").Gives("m", 100, 0),
            Order("m", "o1", "2024-01-10 09:00", 10_000).Gives("m", 300, 100),
            Spend("m", "2024-02-01 09:00", 320).Gives("m", -320, 0),
            Earn("m", "2024-06-01 09:00", 500).Gives("m", 500, 0),
            // Eighty of the order's and the bonus's points expired.
            Refund("o1", "r1", "2025-02-01 09:00", 5_000).Gives("m", 0, -50),
            Refund("o1", "r2", "2025-02-01 10:00", 5_000).Gives("m", -220, -50),
            State("m", "2025-02-01 10:00", new(280, 0, 0, 600, 0, "bronze", 0, 0)),
        ]),
        new("written-expiry-is-final", "Expiry is final: a late refund finds the points expired.",
        [
            Register("m", "2024-01-01 09:00").Gives("m", 100, 0),
            Order("m", "o1", "2024-01-10 09:00", 10_000).Gives("m", 300, 100),
            Earn("m", "2024-06-01 09:00", 500).Gives("m", 500, 0),
            Sweep("2025-02-01 09:00").MovesNothing(),
            Refund("o1", "r1", "2025-01-05 09:00", 10_000).ArrivingAt("2025-02-02 09:00").Gives("m", 0, -100),
            StateAsOf("m", "2025-01-07 09:00", new(800, 0, 0, 600, 0, "bronze", 0, 0)),
            StateAsOf("m", "2025-01-10 00:00", new(500, 0, 0, 600, 0, "bronze", 0, 0)),
        ]),
        new("other-lots-must-be-live-at-the-refund", "Other lots: activeAt ≤ time of the refund < expiresAt.",
        [
            Register("m", "2025-01-01 09:00").Gives("m", 100, 0),
            Order("m", "o1", "2025-02-01 09:00", 10_000).Gives("m", 300, 100),
            Spend("m", "2025-02-02 09:00", 400).Gives("m", -400, 0),
            Earn("m", "2025-03-01 09:00", 500).Gives("m", 500, 0),
            Refund("o1", "r1", "2025-02-15 09:00", 10_000).ArrivingAt("2025-03-05 09:00").Gives("m", -300, -100),
            State("m", "2025-03-05 09:00", new(200, 0, 300, 600, 0, "bronze", 0, 0)),
        ]),
        new("pinned-points-are-left-alone", "Own lots and other lots only as far as they are not pinned.",
        [
            Register("m", "2025-01-01 09:00").Gives("m", 100, 0),
            Order("m", "o1", "2025-01-02 09:00", 10_000).Gives("m", 300, 100),
            Hold("m", "h", "2025-01-03 09:00", 350).MovesNothing(),
            Refund("o1", "r1", "2025-01-04 09:00", 10_000).Gives("m", -300, -100),
            State("m", "2025-01-04 09:00", new(-250, 350, 250, 100, 0, "bronze", 0, 0)),
            Release("h", "2025-01-05 09:00", null).MovesNothing(),
            State("m", "2025-01-05 09:00", new(100, 0, 250, 100, 0, "bronze", 0, 0)),
        ]),
    ];

    private static GoldenCase[] Shortfalls =>
    [
        new("shortfall-becomes-debt", "negative (debt, the default); lifetime falls by the whole delta.",
        [
            Register("m", "2025-01-01 09:00").Gives("m", 100, 0),
            Order("m", "o1", "2025-01-02 09:00", 10_000).Gives("m", 300, 100),
            Spend("m", "2025-01-03 09:00", 350).Gives("m", -350, 0),
            Refund("o1", "r1", "2025-01-04 09:00", 10_000).Gives("m", -300, -100),
            State("m", "2025-01-04 09:00", new(-250, 0, 250, 100, 0, "bronze", 0, 0)),
        ]),
        new("shortfall-is-forgiven", "forgive; lifetime falls by the whole delta.",
        [
            Register("m", "2025-01-01 09:00").Gives("m", 100, 0),
            Order("m", "o1", "2025-01-02 09:00", 10_000).Gives("m", 300, 100),
            Spend("m", "2025-01-03 09:00", 350).Gives("m", -350, 0),
            Refund("o1", "r1", "2025-01-04 09:00", 10_000).Gives("m", -50, -100),
            State("m", "2025-01-04 09:00", new(0, 0, 0, 100, 0, "bronze", 0, 0)),
            Earn("m", "2025-01-05 09:00", 100).Gives("m", 100, 0),
            State("m", "2025-01-05 09:00", new(100, 0, 0, 200, 0, "bronze", 0, 0)),
        ])
        {
            Policy = ShortfallPolicy.Forgive,
        },
        new("shortfall-is-repaid-by-half-of-later-earnings", "receivable; earnings repay half, adjustments do not.",
        [
            Register("m", "2025-01-01 09:00").Gives("m", 100, 0),
            Order("m", "o1", "2025-01-02 09:00", 10_000).Gives("m", 300, 100),
            Spend("m", "2025-01-03 09:00", 400).Gives("m", -400, 0),
            Refund("o1", "r1", "2025-01-04 09:00", 10_000).Gives("m", 0, -100),
            State("m", "2025-01-04 09:00", new(0, 0, 0, 100, 0, "bronze", 0, 0)),
            Earn("m", "2025-01-05 09:00", 101).Gives("m", 51, 0),
            Order("m", "o2", "2025-01-06 09:00", 10_000).Gives("m", 50, 100),
            Adjust("m", "2025-01-07 09:00", 100).Gives("m", 100, 0),
            State("m", "2025-01-07 09:00", new(201, 0, 0, 301, 100, "bronze", 1, 10_000)),
            Earn("m", "2025-01-08 09:00", 1_000).Gives("m", 800, 0, "bronze", "silver"),
            Earn("m", "2025-01-09 09:00", 10).Gives("m", 10, 0),
            State("m", "2025-01-09 09:00", new(1_011, 0, 0, 1_311, 100, "silver", 1, 10_000)),
        ])
        {
            Policy = ShortfallPolicy.Receivable,
        },
    ];
}
