using static Laurel.ContractTests.Model.GoldenWords;

namespace Laurel.ContractTests.Model;

/// <content>What registrations, orders and earnings pay.</content>
/// <remarks>States are written: available, held, debt, lifetime, growth, level, orders, amount.</remarks>
public static partial class GoldenCases
{
    private static GoldenCase[] Earning =>
    [
        new("registration-adds-100", "Registration adds 100, once.",
        [
            Register("m", "2025-01-01 09:00").Gives("m", 100, 0),
            State("m", "2025-01-01 09:00", new(100, 0, 0, 100, 0, "bronze", 0, 0)),
            Earn("m", "2025-01-02 09:00", 5).Gives("m", 5, 0),
            State("m", "2025-01-02 09:00", new(105, 0, 0, 105, 0, "bronze", 0, 0)),
        ]),
        new("base-floors-the-amount", "Without lines base = floor(amount / 100); growth = base.",
        [
            Register("m", "2025-01-01 09:00").Gives("m", 100, 0),
            Order("m", "o1", "2025-01-02 09:00", 12_399).Gives("m", 323, 123),
            Order("m", "o2", "2025-01-03 09:00", 199).Gives("m", 1, 1),
            Order("m", "o3", "2025-01-04 09:00", 99).Gives("m", 0, 0),
            State("m", "2025-01-04 09:00", new(424, 0, 0, 424, 124, "bronze", 3, 12_697)),
        ]),
        new("base-floors-the-sum-of-lines", "base = floor(Σ eligible / 100) over the lines, not line by line.",
        [
            Register("m", "2025-01-01 09:00").Gives("m", 100, 0),
            Order("m", "o1", "2025-01-02 09:00", 300, Line("a", 150), Line("b", 150)).Gives("m", 203, 3),
            State("m", "2025-01-02 09:00", new(303, 0, 0, 303, 3, "bronze", 1, 300)),
        ]),
        new("only-the-eligible-part-earns", "eligible is the earning part of a line, by default its amount.",
        [
            Register("m", "2025-01-01 09:00").Gives("m", 100, 0),
            Order("m", "o1", "2025-01-02 09:00", 10_000, Line("a", 6_000, 2_550), Line("b", 4_000, 0))
                .Gives("m", 225, 25),
            Order("m", "o2", "2025-01-03 09:00", 10_000, Line("a", 6_000), Line("b", 4_000, 1_000))
                .Gives("m", 70, 70),
            State("m", "2025-01-03 09:00", new(395, 0, 0, 395, 95, "bronze", 2, 20_000)),
        ]),
        new("what-lines-leave-of-the-amount-earns-nothing", "If the amount exceeds the lines, the rest earned nothing.",
        [
            Register("m", "2025-01-01 09:00").Gives("m", 100, 0),
            Order("m", "o1", "2025-01-02 09:00", 10_000, Line("a", 3_000)).Gives("m", 230, 30),
            State("m", "2025-01-02 09:00", new(330, 0, 0, 330, 30, "bronze", 1, 10_000)),
        ]),
        new("lines-above-the-amount-are-refused", "Lines that sum above the amount are refused.",
        [
            Register("m", "2025-01-01 09:00").Gives("m", 100, 0),
            Order("m", "o1", "2025-01-02 09:00", 10_000, Line("a", 6_000), Line("b", 4_001))
                .IsRefused("ORDER_LINES_EXCEED_AMOUNT"),
            State("m", "2025-01-02 09:00", new(100, 0, 0, 100, 0, "bronze", 0, 0)),
            Order("m", "o1", "2025-01-02 09:01", 10_000, Line("a", 6_000), Line("b", 4_000)).Gives("m", 300, 100),
        ]),
        new("order-of-zero-earns-nothing", "An order of 0 is valid, earns nothing and leaves the first-order bonus.",
        [
            Register("m", "2025-01-01 09:00").Gives("m", 100, 0),
            Order("m", "o1", "2025-01-02 09:00", 0).Gives("m", 0, 0),
            State("m", "2025-01-02 09:00", new(100, 0, 0, 100, 0, "bronze", 1, 0)),
            Order("m", "o2", "2025-01-03 09:00", 10_000).Gives("m", 300, 100),
            State("m", "2025-01-03 09:00", new(400, 0, 0, 400, 100, "bronze", 2, 10_000)),
        ]),
        new("first-order-adds-200-once", "A member's first completed order above zero adds 200.",
        [
            Register("m", "2025-01-01 09:00").Gives("m", 100, 0),
            Order("m", "o1", "2025-01-02 09:00", 5_000).Gives("m", 250, 50),
            Order("m", "o2", "2025-01-03 09:00", 5_000).Gives("m", 50, 50),
        ]),
        new("first-order-may-be-too-small-to-earn", "Above zero is enough for the bonus, and uses it up.",
        [
            Register("m", "2025-01-01 09:00").Gives("m", 100, 0),
            Order("m", "o1", "2025-01-02 09:00", 50).Gives("m", 200, 0),
            Order("m", "o2", "2025-01-03 09:00", 10_000).Gives("m", 100, 100),
        ]),
        new("first-order-is-the-first-to-arrive", "Decisions are taken in arrival order, not by business time.",
        [
            Register("m", "2025-01-01 09:00").Gives("m", 100, 0),
            Order("m", "o1", "2025-02-10 09:00", 10_000).Gives("m", 300, 100),
            Order("m", "o2", "2025-02-01 09:00", 10_000).ArrivingAt("2025-02-11 09:00").Gives("m", 100, 100),
        ]),
        new("bonus-is-not-multiplied", "The bonus is not multiplied; the order points are.",
        [
            Register("m", "2025-01-01 09:00").Gives("m", 100, 0),
            Earn("m", "2025-01-01 10:00", 900).Gives("m", 900, 0, "bronze", "silver"),
            Order("m", "o1", "2025-01-02 09:00", 10_000).Gives("m", 310, 100),
            State("m", "2025-01-02 09:00", new(1_310, 0, 0, 1_310, 100, "silver", 1, 10_000)),
        ]),
        new("order-points-are-floored", "Order points = floor(base × multiplier); growth is not multiplied.",
        [
            Register("m", "2025-01-01 09:00").Gives("m", 100, 0),
            Earn("m", "2025-01-01 10:00", 900).Gives("m", 900, 0, "bronze", "silver"),
            Order("m", "o1", "2025-01-02 09:00", 1_900).Gives("m", 220, 19),
            Order("m", "o2", "2025-01-03 09:00", 1_900).Gives("m", 20, 19),
        ]),
        new("earnings-are-raw", "earn takes raw points, no multiplier unless asked for.",
        [
            Register("m", "2025-01-01 09:00").Gives("m", 100, 0),
            Earn("m", "2025-01-01 10:00", 900).Gives("m", 900, 0, "bronze", "silver"),
            Earn("m", "2025-01-02 09:00", 105).Gives("m", 105, 0),
            EarnMultiplied("m", "2025-01-02 10:00", 105).Gives("m", 115, 0),
            State("m", "2025-01-02 10:00", new(1_220, 0, 0, 1_220, 0, "silver", 0, 0)),
        ]),
        new("repeated-order-pays-once", "An order that comes again is a duplicate.",
        [
            Register("m", "2025-01-01 09:00").Gives("m", 100, 0),
            Order("m", "o1", "2025-01-02 09:00", 10_000).Gives("m", 300, 100),
            Order("m", "o1", "2025-01-02 09:00", 10_000).IsDuplicate(),
            State("m", "2025-01-02 09:00", new(400, 0, 0, 400, 100, "bronze", 1, 10_000)),
        ]),
    ];
}
