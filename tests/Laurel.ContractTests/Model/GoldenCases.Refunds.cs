using static Laurel.ContractTests.Model.GoldenWords;

namespace Laurel.ContractTests.Model;

/// <content>How much a refund takes back.</content>
/// <remarks>States are written: available, held, debt, lifetime, growth, level, orders, amount.</remarks>
public static partial class GoldenCases
{
    private static GoldenCase[] Refunds =>
    [
        new("whole-refund-takes-everything-back", "An order refunded whole leaves nothing; the bonus goes with it.",
        [
            Register("m", "2025-01-01 09:00").Gives("m", 100, 0),
            Order("m", "o1", "2025-01-02 09:00", 10_000).Gives("m", 300, 100),
            Refund("o1", "r1", "2025-01-03 09:00", 10_000).Gives("m", -300, -100),
            State("m", "2025-01-03 09:00", new(100, 0, 0, 100, 0, "bronze", 0, 0)),
        ]),
        new("bonus-is-not-earned-again", "The bonus is not earned again after it went back.",
        [
            Register("m", "2025-01-01 09:00").Gives("m", 100, 0),
            Order("m", "o1", "2025-01-02 09:00", 10_000).Gives("m", 300, 100),
            Refund("o1", "r1", "2025-01-03 09:00", 10_000).Gives("m", -300, -100),
            Order("m", "o2", "2025-01-04 09:00", 10_000).Gives("m", 100, 100),
            State("m", "2025-01-04 09:00", new(200, 0, 0, 200, 100, "bronze", 1, 10_000)),
        ]),
        new("bonus-goes-back-only-with-the-last-cent", "The bonus goes back only when the order is refunded whole.",
        [
            Register("m", "2025-01-01 09:00").Gives("m", 100, 0),
            Order("m", "o1", "2025-01-02 09:00", 10_000).Gives("m", 300, 100),
            // (2·100·9,999 + 10,000) / 20,000 = 100.49: all points are due one cent before the end.
            Refund("o1", "r1", "2025-01-03 09:00", 9_999).Gives("m", -100, -100),
            State("m", "2025-01-03 09:00", new(300, 0, 0, 300, 0, "bronze", 1, 1)),
            Refund("o1", "r2", "2025-01-03 10:00", 1).Gives("m", -200, 0),
            State("m", "2025-01-03 10:00", new(100, 0, 0, 100, 0, "bronze", 0, 0)),
        ]),
        new("targets-round-half-up", "target = floor((2·E·R + N) / (2·N)); what exceeds the taken is taken now.",
        [
            Register("m", "2025-01-01 09:00").Gives("m", 100, 0),
            Order("m", "o1", "2025-01-02 09:00", 1_000).Gives("m", 210, 10),
            Refund("o1", "r1", "2025-01-03 09:00", 49).Gives("m", 0, 0),
            Refund("o1", "r2", "2025-01-03 10:00", 1).Gives("m", -1, -1),
            Refund("o1", "r3", "2025-01-03 11:00", 99).Gives("m", 0, 0),
            Refund("o1", "r4", "2025-01-03 12:00", 1).Gives("m", -1, -1),
            Refund("o1", "r5", "2025-01-03 13:00", 850).Gives("m", -208, -8),
            State("m", "2025-01-03 13:00", new(100, 0, 0, 100, 0, "bronze", 0, 0)),
        ]),
        new("growth-has-its-own-target", "Growth follows the same formula, from its own sum.",
        [
            Register("m", "2025-01-01 09:00").Gives("m", 100, 0),
            Earn("m", "2025-01-01 10:00", 900).Gives("m", 900, 0, "bronze", "silver"),
            Order("m", "o1", "2025-01-02 09:00", 1_500).Gives("m", 216, 15),
            // Points (2·16·500 + 1,500) / 3,000 = 5.83, growth (2·15·500 + 1,500) / 3,000 = 5.5.
            Refund("o1", "r1", "2025-01-03 09:00", 500).Gives("m", -5, -5),
            // Points 8.5, growth 8.0.
            Refund("o1", "r2", "2025-01-03 10:00", 250).Gives("m", -3, -3),
            Refund("o1", "r3", "2025-01-03 11:00", 750).Gives("m", -208, -7),
            State("m", "2025-01-03 11:00", new(1_000, 0, 0, 1_000, 0, "silver", 0, 0)),
        ]),
        new("capped-points-come-back-in-proportion", "The points of the snapshot are those after the caps.",
        [
            Register("m", "2025-01-01 09:00").Gives("m", 100, 0),
            Order("m", "o1", "2025-01-02 09:00", 600_000).Gives("m", 5_000, 6_000, "bronze", "gold"),
            Refund("o1", "r1", "2025-01-03 09:00", 300_000).Gives("m", -2_500, -3_000, "gold", "silver"),
            State("m", "2025-01-03 09:00", new(2_600, 0, 0, 2_600, 3_000, "silver", 1, 300_000)),
        ]),
        new("targets-need-128-bits", "The target is reckoned in 128 bits.",
        [
            Register("m", "2025-01-01 09:00").Gives("m", 100, 0),
            Order("m", "o1", "2025-01-02 09:00", 100_000_000_000).Gives("m", 5_000, 1_000_000_000, "bronze", "gold"),
            Refund("o1", "r1", "2025-01-03 09:00", 50_000_000_000)
                .Gives("m", -2_500, -500_000_000, "gold", "silver"),
        ]),
        new("refund-before-its-order-may-come-again", "A refund before its order is ORDER_NOT_FOUND.",
        [
            Register("m", "2025-01-01 09:00").Gives("m", 100, 0),
            Refund("o1", "r1", "2025-01-03 09:00", 4_000).IsRefused("ORDER_NOT_FOUND"),
            Order("m", "o1", "2025-01-02 09:00", 10_000).ArrivingAt("2025-01-03 09:30").Gives("m", 300, 100),
            Refund("o1", "r1", "2025-01-03 09:00", 4_000).ArrivingAt("2025-01-03 10:00").Gives("m", -40, -40),
            State("m", "2025-01-03 10:00", new(360, 0, 0, 360, 60, "bronze", 1, 6_000)),
        ]),
        new("repeated-refund-takes-once", "A refund that comes again is a duplicate.",
        [
            Register("m", "2025-01-01 09:00").Gives("m", 100, 0),
            Order("m", "o1", "2025-01-02 09:00", 10_000).Gives("m", 300, 100),
            Refund("o1", "r1", "2025-01-03 09:00", 4_000).Gives("m", -40, -40),
            Refund("o1", "r1", "2025-01-03 09:00", 4_000).IsDuplicate(),
            State("m", "2025-01-03 09:00", new(360, 0, 0, 360, 60, "bronze", 1, 6_000)),
        ]),
        new("refund-beyond-the-order-is-refused", "Beyond the order: REFUND_EXCEEDS_ORDER.",
        [
            Register("m", "2025-01-01 09:00").Gives("m", 100, 0),
            Order("m", "o1", "2025-01-02 09:00", 10_000, Line("a", 6_000), Line("b", 4_000)).Gives("m", 300, 100),
            Refund("o1", "r1", "2025-01-03 09:00", 10_001).IsRefused("REFUND_EXCEEDS_ORDER"),
            Refund("o1", "r2", "2025-01-03 09:00", Part("a", 6_001)).IsRefused("REFUND_EXCEEDS_ORDER"),
            Refund("o1", "r3", "2025-01-03 09:00", Part("a", 5_000)).Gives("m", -50, -50),
            Refund("o1", "r4", "2025-01-03 10:00", Part("a", 1_001)).IsRefused("REFUND_EXCEEDS_ORDER"),
            Refund("o1", "r5", "2025-01-03 10:00", 5_001).IsRefused("REFUND_EXCEEDS_ORDER"),
            State("m", "2025-01-03 10:00", new(350, 0, 0, 350, 50, "bronze", 1, 5_000)),
            Refund("o1", "r5", "2025-01-03 11:00", 5_000).Gives("m", -250, -50),
        ]),
        new("order-of-zero-has-nothing-to-refund", "Beyond the order is also beyond nothing.",
        [
            Register("m", "2025-01-01 09:00").Gives("m", 100, 0),
            Order("m", "o1", "2025-01-02 09:00", 0).Gives("m", 0, 0),
            Refund("o1", "r1", "2025-01-03 09:00", 1).IsRefused("REFUND_EXCEEDS_ORDER"),
            State("m", "2025-01-03 09:00", new(100, 0, 0, 100, 0, "bronze", 1, 0)),
        ]),
    ];

    private static GoldenCase[] RefundSpreads =>
    [
        new("points-split-by-largest-remainder", "Order points are split over the lines by largest remainder.",
        [
            Register("m", "2025-01-01 09:00").Gives("m", 100, 0),
            Order("m", "o1", "2025-01-02 09:00", 400, Line("a", 110), Line("b", 130), Line("c", 160))
                .Gives("m", 204, 4),
            // 1.10, 1.30 and 1.60 points: one, one and two.
            Refund("o1", "r1", "2025-01-03 09:00", Part("c", 160)).Gives("m", -2, -2),
            Refund("o1", "r2", "2025-01-03 10:00", Part("b", 130)).Gives("m", -1, -1),
            Refund("o1", "r3", "2025-01-03 11:00", Part("a", 110)).Gives("m", -201, -1),
        ]),
        new("points-split-ties-go-to-the-first-line", "Ties by line order.",
        [
            Register("m", "2025-01-01 09:00").Gives("m", 100, 0),
            Order("m", "o1", "2025-01-02 09:00", 500, Line("z", 250), Line("a", 250)).Gives("m", 205, 5),
            Refund("o1", "r1", "2025-01-03 09:00", Part("a", 250)).Gives("m", -2, -2),
            Refund("o1", "r2", "2025-01-03 10:00", Part("z", 250)).Gives("m", -203, -3),
        ]),
        new("eligible-decides-the-split-and-amount-the-target", "E by eligible, N by amount.",
        [
            Register("m", "2025-01-01 09:00").Gives("m", 100, 0),
            Order("m", "o1", "2025-01-02 09:00", 3_000, Line("a", 1_000, 0), Line("b", 2_000, 1_000))
                .Gives("m", 210, 10),
            Refund("o1", "r1", "2025-01-03 09:00", Part("a", 1_000)).Gives("m", 0, 0),
            // (2·10·500 + 2,000) / 4,000 = 3.0.
            Refund("o1", "r2", "2025-01-03 10:00", Part("b", 500)).Gives("m", -3, -3),
            Refund("o1", "r3", "2025-01-03 11:00", Part("b", 1_500)).Gives("m", -207, -7),
        ]),
        new("rest-is-one-more-line", "If the amount exceeds the lines, one more line for the rest that earned nothing.",
        [
            Register("m", "2025-01-01 09:00").Gives("m", 100, 0),
            Order("m", "o1", "2025-01-02 09:00", 2_000, Line("a", 1_000)).Gives("m", 210, 10),
            Refund("o1", "r1", "2025-01-03 09:00", Part("a", 1_000)).Gives("m", -10, -10),
            Refund("o1", "r2", "2025-01-03 10:00", 400).Gives("m", 0, 0),
            State("m", "2025-01-03 10:00", new(300, 0, 0, 300, 0, "bronze", 1, 600)),
            Refund("o1", "r3", "2025-01-03 11:00", 600).Gives("m", -200, 0),
            State("m", "2025-01-03 11:00", new(100, 0, 0, 100, 0, "bronze", 0, 0)),
        ]),
        new("all-lines-may-be-refunded-at-once", "A refund may name several lines.",
        [
            Register("m", "2025-01-01 09:00").Gives("m", 100, 0),
            Order("m", "o1", "2025-01-02 09:00", 3_000, Line("a", 1_000), Line("b", 2_000)).Gives("m", 230, 30),
            Refund("o1", "r1", "2025-01-03 09:00", Part("b", 500), Part("a", 500)).Gives("m", -10, -10),
            Refund("o1", "r2", "2025-01-03 10:00", Part("a", 500), Part("b", 1_500)).Gives("m", -220, -20),
        ]),
        new("amount-spreads-with-ties-to-the-first-line", "By amount: largest remainder, ties by line order.",
        [
            Register("m", "2025-01-01 09:00").Gives("m", 100, 0),
            Order("m", "o1", "2025-01-02 09:00", 200, Line("a", 100), Line("b", 100)).Gives("m", 202, 2),
            // 49.5 each: 50 for a, whose point is due at 50, and 49 for b.
            Refund("o1", "r1", "2025-01-03 09:00", 99).Gives("m", -1, -1),
            Refund("o1", "r2", "2025-01-03 10:00", Part("b", 1)).Gives("m", -1, -1),
        ]),
        new("amount-spreads-with-the-rest-last", "The rest comes last.",
        [
            Register("m", "2025-01-01 09:00").Gives("m", 100, 0),
            Order("m", "o1", "2025-01-02 09:00", 200, Line("a", 100)).Gives("m", 201, 1),
            Refund("o1", "r1", "2025-01-03 09:00", 99).Gives("m", -1, -1),
        ]),
        new("amount-spreads-over-what-is-unrefunded", "Spread over the lines' unrefunded amounts.",
        [
            Register("m", "2025-01-01 09:00").Gives("m", 100, 0),
            Order("m", "o1", "2025-01-02 09:00", 4_000, Line("a", 1_000), Line("b", 3_000)).Gives("m", 240, 40),
            Refund("o1", "r1", "2025-01-03 09:00", Part("a", 1_000)).Gives("m", -10, -10),
            // (2·30·1,500 + 3,000) / 6,000 = 15.5.
            Refund("o1", "r2", "2025-01-03 10:00", 1_500).Gives("m", -15, -15),
            Refund("o1", "r3", "2025-01-03 11:00", 1_500).Gives("m", -215, -15),
        ]),
        new("unknown-lines-are-refused", "A refund names lines of its order.",
        [
            Register("m", "2025-01-01 09:00").Gives("m", 100, 0),
            Order("m", "o1", "2025-01-02 09:00", 3_000, Line("a", 1_000)).Gives("m", 210, 10),
            Order("m", "o2", "2025-01-02 10:00", 3_000).Gives("m", 30, 30),
            Refund("o1", "r1", "2025-01-03 09:00", Part("b", 1)).IsRefused("ORDER_LINE_NOT_FOUND"),
            Refund("o1", "r2", "2025-01-03 09:00", Part("a", 1), Part("b", 1)).IsRefused("ORDER_LINE_NOT_FOUND"),
            Refund("o2", "r3", "2025-01-03 09:00", Part("a", 1)).IsRefused("ORDER_LINE_NOT_FOUND"),
            State("m", "2025-01-03 09:00", new(340, 0, 0, 340, 40, "bronze", 2, 6_000)),
        ]),
    ];
}
