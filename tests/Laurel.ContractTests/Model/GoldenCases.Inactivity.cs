using static Laurel.ContractTests.Model.GoldenWords;

namespace Laurel.ContractTests.Model;

/// <content>Points that lapse by inactivity.</content>
/// <remarks>States are written: available, held, debt, lifetime, growth, level, orders, amount.</remarks>
public static partial class GoldenCases
{
    private static NaiveInactivity ThirtyDays => new(30, AllPoints: true);

    private static GoldenCase[] Inactivity =>
    [
        new("inactive-lapses-all", "Thirty days after the day of the last activity all points lapse, whenever they were earned.",
        [
            Register("m", "2025-01-01 09:00").Gives("m", 100, 0),
            Earn("m", "2025-01-20 09:00", 50).Gives("m", 50, 0),
            State("m", "2025-02-19 23:59:59", new(150, 0, 0, 150, 0, "bronze", 0, 0)),
            State("m", "2025-02-20 00:00", new(0, 0, 0, 150, 0, "bronze", 0, 0)),
            Spend("m", "2025-02-20 00:00", 1).IsShort(1, 0),
            StateAsOf("m", "2025-02-19 23:59:59", new(150, 0, 0, 150, 0, "bronze", 0, 0)),
            // Written or not, it counts; and written it counts the same.
            Sweep("2025-02-21 00:00").MovesNothing(),
            State("m", "2025-02-21 00:00", new(0, 0, 0, 150, 0, "bronze", 0, 0)),
            StateAsOf("m", "2025-02-19 23:59:59", new(150, 0, 0, 150, 0, "bronze", 0, 0)),
        ])
        { Inactivity = ThirtyDays },
        new("spending-keeps-the-rest", "A spend is activity: what is left lives on, and no lot is written for it.",
        [
            Register("m", "2025-01-01 09:00").Gives("m", 100, 0),
            Spend("m", "2025-01-31 23:59", 40).Gives("m", -40, 0),
            State("m", "2025-03-02 23:59:59", new(60, 0, 0, 100, 0, "bronze", 0, 0)),
            State("m", "2025-03-03 00:00", new(0, 0, 0, 100, 0, "bronze", 0, 0)),
        ])
        { Inactivity = ThirtyDays },
        new("adjusting-keeps-nothing", "What is adjusted by hand does not count as activity, and lapses with the rest.",
        [
            Register("m", "2025-01-01 09:00").Gives("m", 100, 0),
            Adjust("m", "2025-01-31 09:00", 40).Gives("m", 40, 0),
            Adjust("m", "2025-01-31 10:00", -10).Gives("m", -10, 0),
            State("m", "2025-01-31 23:59:59", new(130, 0, 0, 100, 0, "bronze", 0, 0)),
            State("m", "2025-02-01 00:00", new(0, 0, 0, 100, 0, "bronze", 0, 0)),
            // After that the clock starts anew.
            Adjust("m", "2025-02-01 09:00", 40).Gives("m", 40, 0),
            State("m", "2025-03-03 23:59:59", new(40, 0, 0, 100, 0, "bronze", 0, 0)),
            State("m", "2025-03-04 00:00", new(0, 0, 0, 100, 0, "bronze", 0, 0)),
        ])
        { Inactivity = ThirtyDays },
        new("late-activity-never-shortens", "An order that comes late counts from its own time, and takes no time away.",
        [
            Register("m", "2025-01-01 09:00").Gives("m", 100, 0),
            Earn("m", "2025-01-20 09:00", 50).Gives("m", 50, 0),
            Order("m", "o1", "2025-01-10 09:00", 10_000).ArrivingAt("2025-01-25 09:00").Gives("m", 300, 100),
            State("m", "2025-02-19 23:59:59", new(450, 0, 0, 450, 100, "bronze", 1, 10_000)),
            State("m", "2025-02-20 00:00", new(0, 0, 0, 450, 100, "bronze", 1, 10_000)),
        ])
        { Inactivity = ThirtyDays },
        new("held-when-the-time-is-over", "What is set aside outlives the end, can be captured, and lapses when it is freed.",
        [
            Register("m", "2025-01-01 09:00").Gives("m", 100, 0),
            Hold("m", "h", "2025-01-31 09:00", 60, "2025-02-10 09:00").MovesNothing(),
            State("m", "2025-02-01 00:00", new(0, 60, 0, 100, 0, "bronze", 0, 0)),
            Capture("h", "2025-02-05 09:00", 20).Gives("m", -20, 0),
            State("m", "2025-02-05 09:00", new(0, 0, 0, 100, 0, "bronze", 0, 0)),
        ])
        { Inactivity = ThirtyDays },
        new("waiting-points-have-their-time", "Points that become active later have thirty days from then on, and all others with them.",
        [
            Register("m", "2025-01-01 09:00").Gives("m", 100, 0),
            Later("m", "l", "2025-01-02 09:00", 50, activeAt: "2025-02-01 00:00").Gives("m", 50, 0),
            Sweep("2025-02-01 00:00").MovesNothing(),
            State("m", "2025-03-03 23:59:59", new(150, 0, 0, 150, 0, "bronze", 0, 0)),
            State("m", "2025-03-04 00:00", new(0, 0, 0, 150, 0, "bronze", 0, 0)),
        ])
        { Inactivity = ThirtyDays },
        new("given-points-start-a-clock", "Who is given such points has a clock from then on; giving them is not activity by default.",
        [
            Register("m", "2025-01-01 09:00").Gives("m", 100, 0),
            Register("n", "2024-12-01 09:00").Gives("n", 100, 0),
            State("n", "2025-01-01 00:00", new(0, 0, 0, 100, 0, "bronze", 0, 0)),
            Transfer("m", "n", "2025-01-15 09:00", 30).Moves("m", "n", 30),
            State("m", "2025-01-31 23:59:59", new(70, 0, 0, 100, 0, "bronze", 0, 0)),
            State("m", "2025-02-01 00:00", new(0, 0, 0, 100, 0, "bronze", 0, 0)),
            State("n", "2025-02-14 23:59:59", new(30, 0, 0, 100, 0, "bronze", 0, 0)),
            State("n", "2025-02-15 00:00", new(0, 0, 0, 100, 0, "bronze", 0, 0)),
        ])
        { Inactivity = ThirtyDays },
        new("come-back-after-inactivity", "What lapsed by inactivity can be reinstated by its date, and starts a clock.",
        [
            Register("m", "2025-01-01 09:00").Gives("m", 100, 0),
            Reinstate("m", "2025-02-10 09:00", 8).IsRefused(LifeCodes.NothingToReinstate),
            Reinstate("m", "2025-02-10 09:15", 9).Gives("m", 100, 0),
            State("m", "2025-03-12 23:59:59", new(100, 0, 0, 100, 0, "bronze", 0, 0)),
            State("m", "2025-03-13 00:00", new(0, 0, 0, 100, 0, "bronze", 0, 0)),
        ])
        { Inactivity = ThirtyDays },
        new("dated-points-are-spent-first", "Points of orders lapse by inactivity, all others have a date and are spent before them.",
        [
            Register("m", "2025-01-01 09:00").Gives("m", 100, 0),
            Order("m", "o1", "2025-01-10 09:00", 10_000).Gives("m", 300, 100),
            // The order's hundred have no date; the hundred of the registration and the bonus of two hundred have.
            Spend("m", "2025-01-11 09:00", 250).Gives("m", -250, 0),
            State("m", "2025-02-10 23:59:59", new(150, 0, 0, 400, 100, "bronze", 1, 10_000)),
            State("m", "2025-02-11 00:00", new(50, 0, 0, 400, 100, "bronze", 1, 10_000)),
        ])
        { Inactivity = ThirtyDays with { AllPoints = false } },
    ];
}
