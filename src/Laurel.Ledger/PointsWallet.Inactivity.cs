using Laurel.Kernel;

namespace Laurel.Ledger;

/// <summary>When the lots of an account lapse that lapse by inactivity.</summary>
/// <param name="RunsOutAt">When they lapse, all together; <see cref="Instant.Never"/> for an account that never had one. It may lie in the past:
/// then they have lapsed.</param>
/// <param name="RemindedDays">The smallest number of days before then at which the member was told; 0 before that.</param>
public readonly record struct InactivityClock(Instant RunsOutAt, int RemindedDays)
{
    /// <summary>Of an account that never had a lot that lapses by inactivity.</summary>
    public static readonly InactivityClock None = new(Instant.Never, 0);
}

/// <summary>Lots that lapse by inactivity have no date: one clock of the account says when all of them lapse, and what the member does turns it on.</summary>
public sealed partial class PointsWallet
{
    public InactivityClock Inactivity { get; private set; } = InactivityClock.None;

    /// <summary>When a lot lapses, as things stand.</summary>
    public Instant EndOf(Lot lot) => lot.LapsesByInactivity ? Inactivity.RunsOutAt : lot.ExpiresAt;

    /// <summary>A lot came that lapses by inactivity: the clock starts, unless it runs.</summary>
    /// <param name="time">Business time of the lot.</param>
    /// <param name="end">When it runs out if nothing happens after that.</param>
    public void StartClock(Instant time, Instant end)
    {
        if (Inactivity.RunsOutAt.IsNever || Inactivity.RunsOutAt <= time)
        {
            Inactivity = new InactivityClock(end, 0);
        }

        NextChangeAt = Instant.Min(NextChangeAt, Inactivity.RunsOutAt);
    }

    /// <summary>The member did something: the clock, where there is one, runs out later, and never sooner.</summary>
    public void TurnClock(Instant end)
    {
        if (!Inactivity.RunsOutAt.IsNever && end > Inactivity.RunsOutAt)
        {
            Inactivity = new InactivityClock(end, 0);
            NextChangeAt = Instant.Min(NextChangeAt, end);
        }
    }

    /// <summary>Notes that the member was told, so many days before, that the clock will run out.</summary>
    public void MarkClockReminded(int days)
    {
        Invariant.Require(Inactivity.RemindedDays == 0 || Inactivity.RemindedDays > days, "A member is told of a date once for each number of days.");
        Inactivity = Inactivity with { RemindedDays = days };
    }

    // Once it has run out, what lapsed with it is written and nothing is left for it: then the next change is later than that.
    private bool IsClockDue(Instant time) => NextChangeAt <= Inactivity.RunsOutAt && Inactivity.RunsOutAt <= time;

    private bool HasInactive => Lots.Values.Any(lot => lot.LapsesByInactivity && lot.Remaining > 0);

    /// <summary>The clock has run out: its lots, pinned ones too, become lots that ended then.</summary>
    /// <returns>What was moved, in spending order.</returns>
    private List<Extension> StopClock()
    {
        var ended = Lots.Values.Where(lot => lot.LapsesByInactivity && lot.Remaining > 0).ToList();
        return [.. ended.Select(lot => new Extension(Move(lot, lot.Position with { ExpiresAt = Inactivity.RunsOutAt }), lot.Position))];
    }
}
