using static Laurel.ContractTests.Model.GoldenWords;

namespace Laurel.ContractTests.Model;

/// <content>What leaves a balance: spends, adjustments, holds, transfers.</content>
/// <remarks>States are written: available, held, debt, lifetime, growth, level, orders, amount.</remarks>
public static partial class GoldenCases
{
    private static GoldenCase[] Spendings =>
    [
        new("spend-beyond-the-balance-is-refused", "A refused spend names required and available.",
        [
            Register("m", "2025-01-01 09:00").Gives("m", 100, 0),
            Spend("m", "2025-01-02 09:00", 101).IsShort(101, 100),
            Spend("m", "2025-01-02 09:00", 100).Gives("m", -100, 0),
            Spend("m", "2025-01-02 10:00", 1).IsShort(1, 0),
            State("m", "2025-01-02 10:00", new(0, 0, 0, 100, 0, "bronze", 0, 0)),
        ]),
        new("adjustment-down-is-a-spend-of-its-kind", "Down in spending order, refused when short; lifetime stays.",
        [
            Register("m", "2025-01-01 09:00").Gives("m", 100, 0),
            Earn("m", "2025-02-01 09:00", 50).Gives("m", 50, 0),
            Adjust("m", "2025-02-02 09:00", -151).IsShort(151, 150),
            Adjust("m", "2025-02-02 09:00", -110).Gives("m", -110, 0),
            State("m", "2026-01-02 00:00", new(40, 0, 0, 150, 0, "bronze", 0, 0)),
        ]),
        new("earlier-activation-is-spent-first", "Spending order: on equal expiresAt by activeAt.",
        [
            // The order arrives after the earning but is active before it, so its points go first.
            Register("m", "2025-01-01 09:00").Gives("m", 100, 0),
            Earn("m", "2025-02-01 12:00", 100).Gives("m", 100, 0),
            Order("m", "o1", "2025-02-01 11:00", 10_000).ArrivingAt("2025-02-01 12:30").Gives("m", 300, 100),
            Spend("m", "2025-03-01 09:00", 250).Gives("m", -250, 0),
            Earn("m", "2025-06-01 09:00", 400).Gives("m", 400, 0),
            // 150 own points expired unspent, so 150 of 300 come from June's.
            Refund("o1", "r1", "2026-03-01 09:00", 10_000).Gives("m", -150, -100),
        ]),
        new("earlier-lot-is-spent-first-on-a-tie", "Spending order: at last by order of creation.",
        [
            Register("m", "2025-01-01 09:00").Gives("m", 100, 0),
            Earn("m", "2025-02-01 11:00", 100).Gives("m", 100, 0),
            Order("m", "o1", "2025-02-01 11:00", 10_000).Gives("m", 300, 100),
            Spend("m", "2025-03-01 09:00", 250).Gives("m", -250, 0),
            Earn("m", "2025-06-01 09:00", 400).Gives("m", 400, 0),
            Refund("o1", "r1", "2026-03-01 09:00", 10_000).Gives("m", -50, -100),
        ]),
    ];

    private static GoldenCase[] Holds =>
    [
        new("hold-sets-points-aside", "available = Σ live lots − holds − debt.",
        [
            .. HasThreeHundred,
            Hold("m", "h", "2025-03-01 09:00", 301).IsShort(301, 300),
            Hold("m", "h", "2025-03-01 09:00", 250).MovesNothing(),
            State("m", "2025-03-01 09:00", new(50, 250, 0, 300, 0, "bronze", 0, 0)),
            Spend("m", "2025-03-01 10:00", 51).IsShort(51, 50),
            Capture("h", "2025-03-02 09:00", null).Gives("m", -250, 0),
            State("m", "2025-03-02 09:00", new(50, 0, 0, 300, 0, "bronze", 0, 0)),
        ]),
        new("capture-of-a-part-releases-the-rest", "Capture takes points ≤ held and is terminal.",
        [
            .. HasThreeHundred,
            Hold("m", "h", "2025-03-01 09:00", 250).MovesNothing(),
            Capture("h", "2025-03-02 09:00", 100).Gives("m", -100, 0),
            State("m", "2025-03-02 09:00", new(200, 0, 0, 300, 0, "bronze", 0, 0)),
            Capture("h", "2025-03-02 10:00", 1).IsRefused("HOLD_CLOSED"),
            Release("h", "2025-03-02 10:00", null).IsRefused("HOLD_CLOSED"),
        ]),
        new("release-of-a-part-keeps-the-hold", "The hold ends when nothing is left.",
        [
            .. HasThreeHundred,
            Hold("m", "h", "2025-03-01 09:00", 250).MovesNothing(),
            Release("h", "2025-03-02 09:00", 50).MovesNothing(),
            State("m", "2025-03-02 09:00", new(100, 200, 0, 300, 0, "bronze", 0, 0)),
            Release("h", "2025-03-02 10:00", 201).IsRefused("HOLD_EXCEEDED"),
            Capture("h", "2025-03-02 10:00", 201).IsRefused("HOLD_EXCEEDED"),
            Release("h", "2025-03-02 11:00", 200).MovesNothing(),
            State("m", "2025-03-02 11:00", new(300, 0, 0, 300, 0, "bronze", 0, 0)),
            Release("h", "2025-03-02 12:00", 1).IsRefused("HOLD_CLOSED"),
        ]),
        new("unknown-hold-is-refused", "HOLD_NOT_FOUND.",
        [
            .. HasThreeHundred,
            Capture("h", "2025-03-02 09:00", null).IsRefused("HOLD_NOT_FOUND"),
            Release("h", "2025-03-02 09:00", null).IsRefused("HOLD_NOT_FOUND"),
        ]),
        new("hold-expires-after-seven-days", "Default hold expiry: 7 days after its time, exclusive.",
        [
            .. HasThreeHundred,
            Hold("m", "h", "2025-03-01 10:00", 250).MovesNothing(),
            State("m", "2025-03-08 09:59:59", new(50, 250, 0, 300, 0, "bronze", 0, 0)),
            State("m", "2025-03-08 10:00:00", new(300, 0, 0, 300, 0, "bronze", 0, 0)),
            Capture("h", "2025-03-08 10:00:00", 1).IsRefused("HOLD_CLOSED"),
            Spend("m", "2025-03-08 10:00:00", 300).Gives("m", -300, 0),
        ]),
        new("hold-may-name-its-expiry", "A hold's own expiresAt replaces the default.",
        [
            .. HasThreeHundred,
            Hold("m", "h1", "2025-03-01 10:00", 100, "2025-03-01 12:00").MovesNothing(),
            Hold("m", "h2", "2025-03-01 10:00", 100, "2025-04-01 12:00").MovesNothing(),
            State("m", "2025-03-01 11:59:59", new(100, 200, 0, 300, 0, "bronze", 0, 0)),
            State("m", "2025-03-01 12:00:00", new(200, 100, 0, 300, 0, "bronze", 0, 0)),
            Release("h1", "2025-03-01 12:00:00", null).IsRefused("HOLD_CLOSED"),
            Capture("h2", "2025-04-01 11:59:59", null).Gives("m", -100, 0),
        ]),
        new("capture-takes-in-spending-order", "Capture takes from the pinned lots in spending order.",
        [
            .. HasThreeHundred,
            Hold("m", "h", "2025-03-01 09:00", 250).MovesNothing(),
            Capture("h", "2025-03-02 09:00", 100).Gives("m", -100, 0),
            State("m", "2026-01-10 09:00", new(200, 0, 0, 300, 0, "bronze", 0, 0)),
        ]),
        new("release-frees-the-last-pinned-first", "Release frees pins in reverse spending order.",
        [
            .. HasThreeHundred,
            Hold("m", "h", "2025-03-01 09:00", 250, "2026-03-01 09:00").MovesNothing(),
            Release("h", "2025-03-02 09:00", 150).MovesNothing(),
            State("m", "2026-01-10 09:00", new(200, 100, 0, 300, 0, "bronze", 0, 0)),
            Capture("h", "2026-01-10 09:00", null).Gives("m", -100, 0),
            State("m", "2026-01-10 09:00", new(200, 0, 0, 300, 0, "bronze", 0, 0)),
        ]),
    ];

    private static GoldenCase[] HeldAcrossExpiry =>
    [
        new("pinned-points-survive-their-lot", "A pinned part survives its lot's expiry until the hold ends.",
        [
            .. HoldsSixtyAtTheEnd,
            Capture("h", "2026-01-03 09:00", null).Gives("m", -60, 0),
            State("m", "2026-01-03 09:00", new(0, 0, 0, 100, 0, "bronze", 0, 0)),
        ]),
        new("points-released-after-their-lot-lapse", "The freed part lapses at once.",
        [
            .. HoldsSixtyAtTheEnd,
            Release("h", "2026-01-03 09:00", 20).MovesNothing(),
            State("m", "2026-01-03 09:00", new(0, 40, 0, 100, 0, "bronze", 0, 0)),
            Release("h", "2026-01-04 09:00", null).MovesNothing(),
            State("m", "2026-01-04 09:00", new(0, 0, 0, 100, 0, "bronze", 0, 0)),
            Spend("m", "2026-01-04 10:00", 1).IsShort(1, 0),
        ]),
        new("rest-of-a-capture-after-the-lot-lapses", "What a capture frees after the lot's expiry lapses.",
        [
            .. HoldsSixtyAtTheEnd,
            Capture("h", "2026-01-03 09:00", 20).Gives("m", -20, 0),
            State("m", "2026-01-03 09:00", new(0, 0, 0, 100, 0, "bronze", 0, 0)),
        ]),
        new("hold-that-expires-after-its-lot-leaves-nothing", "Nor do points come back when the hold expires.",
        [
            .. HoldsSixtyAtTheEnd,
            State("m", "2026-01-06 09:59:59", new(0, 60, 0, 100, 0, "bronze", 0, 0)),
            State("m", "2026-01-06 10:00:00", new(0, 0, 0, 100, 0, "bronze", 0, 0)),
            Capture("h", "2026-01-06 10:00:00", 1).IsRefused("HOLD_CLOSED"),
        ]),
        new("hold-and-lot-may-end-together", "On equal instants the hold expires before the lot.",
        [
            Register("m", "2025-01-01 09:00").Gives("m", 100, 0),
            Hold("m", "h", "2025-12-30 10:00", 60, "2026-01-02 00:00").MovesNothing(),
            Sweep("2026-01-02 00:00").MovesNothing(),
            State("m", "2026-01-02 00:00", new(0, 0, 0, 100, 0, "bronze", 0, 0)),
            StateAsOf("m", "2026-01-01 23:59:59", new(40, 60, 0, 100, 0, "bronze", 0, 0)),
        ]),
        new("points-lapsed-from-a-hold-count-as-expired", "Freed after expiry counts as expired for a refund, too.",
        [
            .. HoldsItsOrderAtTheEnd,
            Release("h", "2025-01-12 09:00", null).MovesNothing(),
            Refund("o1", "r1", "2025-01-13 09:00", 10_000).Gives("m", 0, -100),
            State("m", "2025-01-13 09:00", new(500, 0, 0, 600, 0, "bronze", 0, 0)),
        ]),
        new("points-lapsed-from-a-hold-are-gone-at-once", "The freed part lapses with the release, not later.",
        [
            .. HoldsItsOrderAtTheEnd,
            Release("h", "2025-01-12 09:00", null).MovesNothing(),
            // Dated before the lots' expiry, yet after the release was recorded: the points have lapsed already.
            Refund("o1", "r1", "2025-01-09 09:00", 10_000).ArrivingAt("2025-01-13 09:00").Gives("m", 0, -100),
        ]),
        new("points-still-held-do-not-count-as-expired", "While pinned they are neither expired nor taken.",
        [
            .. HoldsItsOrderAtTheEnd,
            Refund("o1", "r1", "2025-01-12 09:00", 10_000).Gives("m", -300, -100),
            State("m", "2025-01-12 09:00", new(200, 300, 0, 600, 0, "bronze", 0, 0)),
            Release("h", "2025-01-13 09:00", null).MovesNothing(),
            State("m", "2025-01-13 09:00", new(200, 0, 0, 600, 0, "bronze", 0, 0)),
        ]),
    ];

    private static GoldenCase[] Transfers =>
    [
        new("transferred-points-keep-their-expiry", "One lot per distinct expiresAt; lifetime is untouched.",
        [
            .. HasThreeHundred,
            Register("n", "2025-03-01 09:00").Gives("n", 100, 0),
            Transfer("m", "n", "2025-03-02 09:00", 301).IsShort(301, 300),
            Transfer("m", "n", "2025-03-02 09:00", 150).Moves("m", "n", 150),
            State("m", "2025-03-02 09:00", new(150, 0, 0, 300, 0, "bronze", 0, 0)),
            State("n", "2025-03-02 09:00", new(250, 0, 0, 100, 0, "bronze", 0, 0)),
            State("n", "2026-01-02 00:00", new(150, 0, 0, 100, 0, "bronze", 0, 0)),
            State("n", "2026-02-02 00:00", new(100, 0, 0, 100, 0, "bronze", 0, 0)),
            State("m", "2026-01-02 00:00", new(150, 0, 0, 300, 0, "bronze", 0, 0)),
        ]),
        new("transferred-points-are-active-from-the-transfer", "activeAt = the time of the transfer.",
        [
            .. HasThreeHundred,
            Register("n", "2025-01-01 09:00").Gives("n", 100, 0),
            Transfer("m", "n", "2025-03-02 09:00", 150).Moves("m", "n", 150),
            StateAsOf("n", "2025-03-02 08:59:59", new(100, 0, 0, 100, 0, "bronze", 0, 0)),
            StateAsOf("n", "2025-03-02 09:00:00", new(250, 0, 0, 100, 0, "bronze", 0, 0)),
            StateAsOf("m", "2025-03-02 08:59:59", new(300, 0, 0, 300, 0, "bronze", 0, 0)),
        ]),
        new("transfer-leaves-held-points", "Held points are not available to a transfer.",
        [
            .. HasThreeHundred,
            Register("n", "2025-03-01 09:00").Gives("n", 100, 0),
            Hold("m", "h", "2025-03-01 09:00", 250).MovesNothing(),
            Transfer("m", "n", "2025-03-02 09:00", 51).IsShort(51, 50),
            Transfer("m", "n", "2025-03-02 09:00", 50).Moves("m", "n", 50),
            // January's points are all pinned, so February's went.
            State("n", "2026-01-10 09:00", new(150, 0, 0, 100, 0, "bronze", 0, 0)),
        ]),
    ];

    /// <summary>100 points until 2026-01-02 00:00 and 200 until 2026-02-02 00:00.</summary>
    private static GoldenStep[] HasThreeHundred =>
    [
        Register("m", "2025-01-01 09:00").Gives("m", 100, 0),
        Earn("m", "2025-02-01 09:00", 200).Gives("m", 200, 0),
    ];

    /// <summary>
    /// 60 of 100 points are held from before their expiry at 2026-01-02 00:00 until 2026-01-06 10:00.
    /// </summary>
    private static GoldenStep[] HoldsSixtyAtTheEnd =>
    [
        Register("m", "2025-01-01 09:00").Gives("m", 100, 0),
        Hold("m", "h", "2025-12-30 10:00", 60).MovesNothing(),
        State("m", "2026-01-01 23:59:59", new(40, 60, 0, 100, 0, "bronze", 0, 0)),
        State("m", "2026-01-02 00:00:00", new(0, 60, 0, 100, 0, "bronze", 0, 0)),
    ];

    /// <summary>
    /// All 300 points of an order are held across their expiry at 2025-01-10 00:00; 500 others live on.
    /// </summary>
    private static GoldenStep[] HoldsItsOrderAtTheEnd =>
    [
        Register("m", "2024-01-01 09:00").Gives("m", 100, 0),
        Order("m", "o1", "2024-01-10 09:00", 10_000).Gives("m", 300, 100),
        Spend("m", "2024-02-01 09:00", 100).Gives("m", -100, 0),
        Earn("m", "2024-06-01 09:00", 500).Gives("m", 500, 0),
        Hold("m", "h", "2025-01-08 10:00", 300).MovesNothing(),
    ];
}
