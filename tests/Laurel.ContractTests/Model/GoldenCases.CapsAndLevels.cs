using static Laurel.ContractTests.Model.GoldenWords;

namespace Laurel.ContractTests.Model;

/// <content>What the caps cut and what moves a level.</content>
/// <remarks>States are written: available, held, debt, lifetime, growth, level, orders, amount.</remarks>
public static partial class GoldenCases
{
    private static GoldenCase[] Caps =>
    [
        new("day-cap-cuts-an-order", "5,000 in a business day from orders; the rest is cut; growth is uncapped.",
        [
            Register("m", "2025-01-01 09:00").Gives("m", 100, 0),
            Order("m", "o1", "2025-01-02 09:00", 600_000).Gives("m", 5_000, 6_000, "bronze", "gold"),
            State("m", "2025-01-02 09:00", new(5_100, 0, 0, 5_100, 6_000, "gold", 1, 600_000)),
        ]),
        new("bonus-is-used-up-by-a-cap", "The bonus is used up even when a cap cuts it.",
        [
            Register("m", "2025-01-01 09:00").Gives("m", 100, 0),
            Order("m", "o1", "2025-01-02 09:00", 500_000).Gives("m", 5_000, 5_000, "bronze", "gold"),
            Order("m", "o2", "2025-01-03 09:00", 10_000).Gives("m", 120, 100),
        ]),
        new("day-cap-takes-order-points-first", "Orders and the bonus together, order points first.",
        [
            Register("m", "2025-01-01 09:00").Gives("m", 100, 0),
            Order("m", "o1", "2025-01-02 09:00", 490_000).Gives("m", 5_000, 4_900, "bronze", "gold"),
            // Half of the order's 4,900 points; the 100 the cap left of the bonus go back with the last of it.
            Refund("o1", "r1", "2025-01-03 09:00", 245_000).Gives("m", -2_450, -2_450, "gold", "silver"),
            Refund("o1", "r2", "2025-01-03 10:00", 245_000).Gives("m", -2_550, -2_450, "silver", "bronze"),
            State("m", "2025-01-03 10:00", new(100, 0, 0, 100, 0, "bronze", 0, 0)),
        ]),
        new("order-beyond-both-caps", "10,000 for one order, and of these 5,000 in the day; growth is uncapped.",
        [
            Register("m", "2025-01-01 09:00").Gives("m", 100, 0),
            Order("m", "o1", "2025-01-02 09:00", 2_000_000).Gives("m", 5_000, 20_000, "bronze", "gold"),
        ]),
        new("day-cap-counts-all-orders-of-the-day", "The cap is for the day, over its orders.",
        [
            Register("m", "2025-01-01 09:00").Gives("m", 100, 0),
            Order("m", "o1", "2025-01-02 09:00", 300_000).Gives("m", 3_200, 3_000, "bronze", "silver"),
            Order("m", "o2", "2025-01-02 10:00", 200_000).Gives("m", 1_800, 2_000, "silver", "gold"),
            Order("m", "o3", "2025-01-02 11:00", 10_000).Gives("m", 0, 100),
            Order("m", "o4", "2025-01-03 09:00", 10_000).Gives("m", 120, 100),
        ]),
        new("business-day-turns-at-local-midnight", "Days are those of Asia/Shanghai.",
        [
            Register("m", "2025-01-01 09:00").Gives("m", 100, 0),
            Order("m", "o1", "2025-01-02 23:59:59", 600_000).Gives("m", 5_000, 6_000, "bronze", "gold"),
            Order("m", "o2", "2025-01-03 00:00:00", 600_000).Gives("m", 5_000, 6_000),
            Order("m", "o3", "2025-01-03 07:59:59", 10_000).Gives("m", 0, 100),
            // 08:00 local is midnight in UTC, which is no boundary.
            Order("m", "o4", "2025-01-03 08:00:00", 10_000).Gives("m", 0, 100),
        ]),
        new("earnings-are-outside-the-day-cap", "earn: at most 10,000 a call, outside the 5,000.",
        [
            Register("m", "2025-01-01 09:00").Gives("m", 100, 0),
            Earn("m", "2025-01-02 08:00", 10_000).Gives("m", 10_000, 0, "bronze", "gold"),
            Order("m", "o1", "2025-01-02 09:00", 600_000).Gives("m", 5_000, 6_000),
            Earn("m", "2025-01-02 10:00", 4_899).Gives("m", 4_899, 0),
            State("m", "2025-01-02 10:00", new(19_999, 0, 0, 19_999, 6_000, "gold", 1, 600_000)),
        ]),
        new("late-order-uses-the-room-of-its-own-day", "time is business time: daily caps are reckoned at it.",
        [
            Register("m", "2025-01-01 09:00").Gives("m", 100, 0),
            Order("m", "o1", "2025-01-02 09:00", 600_000).Gives("m", 5_000, 6_000, "bronze", "gold"),
            Order("m", "o2", "2025-01-05 09:00", 600_000).Gives("m", 5_000, 6_000),
            Order("m", "o3", "2025-01-02 18:00", 10_000).ArrivingAt("2025-01-05 10:00").Gives("m", 0, 100),
            Order("m", "o4", "2025-01-03 18:00", 10_000).ArrivingAt("2025-01-05 10:00").Gives("m", 120, 100),
        ]),
        new("cap-room-is-not-given-back", "Cap room is not given back by a refund.",
        [
            Register("m", "2025-01-01 09:00").Gives("m", 100, 0),
            Order("m", "o1", "2025-01-02 09:00", 600_000).Gives("m", 5_000, 6_000, "bronze", "gold"),
            Refund("o1", "r1", "2025-01-02 10:00", 600_000).Gives("m", -5_000, -6_000, "gold", "bronze"),
            Order("m", "o2", "2025-01-02 11:00", 10_000).Gives("m", 0, 100),
            State("m", "2025-01-02 11:00", new(100, 0, 0, 100, 100, "bronze", 1, 10_000)),
        ]),
    ];

    private static GoldenCase[] Levels =>
    [
        new("levels-rise-at-their-thresholds", "Levels at 0 / 1,000 / 5,000 / 20,000 / 50,000, up at once.",
        [
            Register("m", "2025-01-01 09:00").Gives("m", 100, 0),
            Earn("m", "2025-01-02 09:00", 899).Gives("m", 899, 0),
            Earn("m", "2025-01-02 10:00", 1).Gives("m", 1, 0, "bronze", "silver"),
            Earn("m", "2025-01-02 11:00", 3_999).Gives("m", 3_999, 0),
            Earn("m", "2025-01-02 12:00", 1).Gives("m", 1, 0, "silver", "gold"),
            EarnMultiplied("m", "2025-01-02 13:00", 6).Gives("m", 7, 0),
            Earn("m", "2025-01-02 14:00", 10_000).Gives("m", 10_000, 0),
            Earn("m", "2025-01-02 15:00", 4_992).Gives("m", 4_992, 0),
            Earn("m", "2025-01-02 16:00", 1).Gives("m", 1, 0, "gold", "platinum"),
            EarnMultiplied("m", "2025-01-02 17:00", 3).Gives("m", 4, 0),
            Earn("m", "2025-01-02 18:00", 10_000).Gives("m", 10_000, 0),
            Earn("m", "2025-01-02 19:00", 10_000).Gives("m", 10_000, 0),
            Earn("m", "2025-01-02 20:00", 9_995).Gives("m", 9_995, 0),
            Earn("m", "2025-01-02 21:00", 1).Gives("m", 1, 0, "platinum", "diamond"),
            EarnMultiplied("m", "2025-01-02 22:00", 3).Gives("m", 6, 0),
            State("m", "2025-01-02 22:00", new(50_006, 0, 0, 50_006, 0, "diamond", 0, 0)),
        ]),
        new("multiplier-is-of-the-level-before", "The multiplier of the level held before the event.",
        [
            Register("m", "2025-01-01 09:00").Gives("m", 100, 0),
            Order("m", "o1", "2025-01-02 09:00", 100_000).Gives("m", 1_200, 1_000, "bronze", "silver"),
            Order("m", "o2", "2025-01-03 09:00", 100_000).Gives("m", 1_100, 1_000),
        ]),
        new("late-order-has-the-multiplier-of-now", "Decisions are taken on the state as recorded.",
        [
            Register("m", "2025-01-01 09:00").Gives("m", 100, 0),
            Order("m", "o1", "2025-02-10 09:00", 100_000).Gives("m", 1_200, 1_000, "bronze", "silver"),
            Order("m", "o2", "2025-02-01 09:00", 100_000).ArrivingAt("2025-02-11 09:00").Gives("m", 1_100, 1_000),
        ]),
        new("one-event-may-skip-levels", "Judged after each event: one event may pass several thresholds.",
        [
            Register("m", "2025-01-01 09:00").Gives("m", 100, 0),
            Earn("m", "2025-01-02 09:00", 10_000).Gives("m", 10_000, 0, "bronze", "gold"),
        ]),
        new("spending-keeps-the-level", "Lifetime is points earned: what leaves the balance does not lower it.",
        [
            Register("m", "2024-12-30 09:00").Gives("m", 100, 0),
            Earn("m", "2025-01-02 09:00", 900).Gives("m", 900, 0, "bronze", "silver"),
            Spend("m", "2025-01-03 09:00", 700).Gives("m", -700, 0),
            Adjust("m", "2025-01-04 09:00", -200).Gives("m", -200, 0),
            State("m", "2025-01-04 09:00", new(100, 0, 0, 1_000, 0, "silver", 0, 0)),
            State("m", "2027-01-01 09:00", new(0, 0, 0, 1_000, 0, "silver", 0, 0)),
        ]),
        new("adjustments-do-not-count", "Adjustments do not count towards the level.",
        [
            Register("m", "2025-01-01 09:00").Gives("m", 100, 0),
            Adjust("m", "2025-01-02 09:00", 2_000).Gives("m", 2_000, 0),
            State("m", "2025-01-02 09:00", new(2_100, 0, 0, 100, 0, "bronze", 0, 0)),
        ]),
        new("level-falls-when-a-reversal-takes-the-sum-below", "Down only when a reversal takes the sum below.",
        [
            Register("m", "2025-01-01 09:00").Gives("m", 100, 0),
            Order("m", "o1", "2025-01-02 09:00", 80_000).Gives("m", 1_000, 800, "bronze", "silver"),
            Refund("o1", "r1", "2025-01-03 09:00", 10_000).Gives("m", -100, -100),
            State("m", "2025-01-03 09:00", new(1_000, 0, 0, 1_000, 700, "silver", 1, 70_000)),
            Refund("o1", "r2", "2025-01-04 09:00", 100).Gives("m", -1, -1, "silver", "bronze"),
            State("m", "2025-01-04 09:00", new(999, 0, 0, 999, 699, "bronze", 1, 69_900)),
        ]),
    ];
}
