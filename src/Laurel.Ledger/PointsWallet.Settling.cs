using Laurel.Kernel;

namespace Laurel.Ledger;

/// <summary>Something that came due: points of lots lapsed, or a hold ended, at one instant.</summary>
/// <param name="Lapsed">The points that lapsed and the lots they were in; empty when only a hold ended.</param>
/// <param name="EndedHold">The hold that ended by its own expiry, or null.</param>
/// <param name="Freed">Points the hold gave back, and the lots they had been pinned in.</param>
/// <param name="BalanceAfter">The balance once they had lapsed.</param>
public sealed record DueChange(Instant At, IReadOnlyList<LotTake> Lapsed, Hold? EndedHold, IReadOnlyList<LotTake> Freed, long BalanceAfter)
{
    /// <summary>The pending lot that came to life, or null.</summary>
    public Activation? Activated { get; init; }

    /// <summary>The pending lot that was cancelled, or null.</summary>
    public Cancellation? Cancelled { get; init; }

    /// <summary>Lots that lapsed by inactivity, and now have the date on which they did; those among them that holds pin have not lapsed yet.</summary>
    public IReadOnlyList<Extension> Ended { get; init; } = [];
}

/// <summary>Lapsing: what is due is written before anything is decided, so that no lapsed point is ever counted.</summary>
public sealed partial class PointsWallet
{
    /// <summary>Whether everything that is due at <paramref name="time"/> is loaded.</summary>
    public bool CanSettle(Instant time) => NextChangeAt > time || (!MissesLots(time) && AllHoldsLoaded && AllPendingLoaded);

    /// <summary>Whether lots have to be loaded before what is due at <paramref name="time"/> can be settled.</summary>
    public bool MissesLots(Instant time) =>
        LoadedThrough is { } through && (through.ExpiresAt <= time || (IsClockDue(time) && through.ExpiresAt <= Instant.WhenInactive));

    /// <summary>Lets lapse what is due at <paramref name="time"/>, in the order of its instants; at one instant holds end first, then
    /// pending lots come to life or are cancelled.</summary>
    public List<DueChange> Settle(Instant time)
    {
        var changes = new List<DueChange>();
        if (NextChangeAt > time)
        {
            return changes;
        }

        Invariant.Require(CanSettle(time), "What is due is loaded before it is settled.");
        while (NextDue(time) is { } due)
        {
            if (due.Hold is { } hold)
            {
                changes.Add(EndHold(hold, hold.Open, hold.ExpiresAt, HoldStatus.Expired));
            }
            else if (due.Pending is { } pending)
            {
                changes.Add(EndPending(pending));
            }
            else
            {
                var ended = due.At == Inactivity.RunsOutAt ? StopClock() : [];
                changes.Add(new DueChange(due.At, LapseAt(due.At), null, [], Balance) { Ended = ended });
            }
        }

        NextChangeAt = EarliestChangeAfter(time);
        return changes;
    }

    private (Instant At, Hold? Hold, PendingLot? Pending)? NextDue(Instant time)
    {
        (Instant At, Hold? Hold, PendingLot? Pending)? next = null;
        foreach (var hold in Holds.Values)
        {
            if (hold.Status == HoldStatus.Open && hold.ExpiresAt <= time
                && (next is not { Hold: { } first } || (hold.ExpiresAt, hold.Id).CompareTo((first.ExpiresAt, first.Id)) < 0))
            {
                next = (hold.ExpiresAt, hold, null);
            }
        }

        foreach (var pending in Pending.Values)
        {
            if (IsDue(pending, time)
                && (next is not { } first || pending.DueAt < first.At || (first.Pending is { } other && pending.DueAt == first.At && pending.LotId < other.LotId)))
            {
                next = (pending.DueAt, null, pending);
            }
        }

        var lapse = NextLapse(time);
        return lapse <= time && (next is not { } before || lapse < before.At) ? (lapse, null, null) : next;
    }

    /// <summary>When free points lapse next, or the clock of inactivity runs out; later than <paramref name="time"/> when neither does by then.</summary>
    private Instant NextLapse(Instant time)
    {
        var clock = IsClockDue(time) && HasInactive ? Inactivity.RunsOutAt : Instant.Never;
        foreach (var lot in Lots.Values)
        {
            if (lot.Free > 0 || lot.ExpiresAt > time)
            {
                return Instant.Min(lot.ExpiresAt, clock);
            }
        }

        return clock;
    }

    private List<LotTake> LapseAt(Instant expiry)
    {
        var takes = new List<LotTake>();
        foreach (var lot in Lots.Values)
        {
            if (lot.ExpiresAt > expiry)
            {
                break;
            }

            if (lot.Free > 0)
            {
                Lapse(lot, lot.Free, takes);
            }
        }

        return takes;
    }

    private void Lapse(Lot lot, long points, List<LotTake> takes)
    {
        Replace(lot with { Remaining = lot.Remaining - points, Expired = lot.Expired + points });
        Balance -= points;
        takes.Add(new LotTake(lot.Id, points));
    }

    /// <summary>The next instant at which something lapses, or the last position loaded when that is sooner: a lower bound.</summary>
    private Instant EarliestChangeAfter(Instant time)
    {
        var next = LoadedThrough?.ExpiresAt ?? Instant.Never;
        foreach (var lot in Lots.Values)
        {
            // A lot that is pinned whole has nothing to lapse by itself: the end of its hold is the change.
            if (lot.Free > 0 && lot.ExpiresAt > time)
            {
                next = Instant.Min(next, lot.ExpiresAt);
                break;
            }
        }

        if (Inactivity.RunsOutAt > time && (LoadedThrough is not null || HasInactive))
        {
            next = Instant.Min(next, Inactivity.RunsOutAt);
        }

        foreach (var hold in Holds.Values)
        {
            if (hold.Status == HoldStatus.Open)
            {
                next = Instant.Min(next, hold.ExpiresAt);
            }
        }

        foreach (var pending in Pending.Values)
        {
            // One that is due and still here is pinned: the end of its hold is the change.
            if (!pending.Ended && pending.DueAt > time)
            {
                next = Instant.Min(next, pending.DueAt);
            }
        }

        return next;
    }
}
