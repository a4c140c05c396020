using Laurel.Kernel;

namespace Laurel.Ledger;

/// <summary>Something that came due: points of lots lapsed, or a hold ended, at one instant.</summary>
/// <param name="Lapsed">The points that lapsed and the lots they were in; empty when only a hold ended.</param>
/// <param name="EndedHold">The hold that ended by its own expiry, or null.</param>
/// <param name="Freed">Points the hold gave back, and the lots they had been pinned in.</param>
/// <param name="BalanceAfter">The balance once they had lapsed.</param>
public sealed record DueChange(Instant At, IReadOnlyList<LotTake> Lapsed, Hold? EndedHold, IReadOnlyList<LotTake> Freed, long BalanceAfter);

/// <summary>Lapsing: what is due is written before anything is decided, so that no lapsed point is ever counted.</summary>
public sealed partial class PointsWallet
{
    /// <summary>Whether everything that is due at <paramref name="time"/> is loaded.</summary>
    public bool CanSettle(Instant time) =>
        NextChangeAt > time
        || ((LoadedThrough is not { } through || through.ExpiresAt > time) && AllHoldsLoaded);

    /// <summary>Lets lapse what is due at <paramref name="time"/>, in the order of its instants; at one instant holds end first.</summary>
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
            else
            {
                changes.Add(new DueChange(due.At, LapseAt(due.At), null, [], Balance));
            }
        }

        NextChangeAt = EarliestChangeAfter(time);
        return changes;
    }

    private (Instant At, Hold? Hold)? NextDue(Instant time)
    {
        Hold? hold = null;
        foreach (var candidate in Holds.Values)
        {
            if (candidate.Status == HoldStatus.Open && candidate.ExpiresAt <= time
                && (hold is null || (candidate.ExpiresAt, candidate.Id).CompareTo((hold.ExpiresAt, hold.Id)) < 0))
            {
                hold = candidate;
            }
        }

        foreach (var lot in Lots.Values)
        {
            if (lot.ExpiresAt > time)
            {
                break;
            }

            if (lot.Free > 0 && (hold is null || lot.ExpiresAt < hold.ExpiresAt))
            {
                return (lot.ExpiresAt, null);
            }
        }

        return hold is null ? null : (hold.ExpiresAt, hold);
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

        foreach (var hold in Holds.Values)
        {
            if (hold.Status == HoldStatus.Open)
            {
                next = Instant.Min(next, hold.ExpiresAt);
            }
        }

        return next;
    }
}
