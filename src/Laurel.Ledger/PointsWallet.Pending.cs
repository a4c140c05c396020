using Laurel.Kernel;

namespace Laurel.Ledger;

/// <summary>Lots that wait: granted now, active at a time or with an event, cancelled where the event does not come.</summary>
public sealed partial class PointsWallet
{
    /// <summary>Adds pending lots; what is already here wins.</summary>
    /// <param name="all">Whether every pending lot of the member is among them.</param>
    public void LoadPending(IEnumerable<PendingLot> pending, bool all)
    {
        foreach (var lot in pending)
        {
            Pending.Load(lot.LotId, lot);
        }

        AllPendingLoaded |= all;
    }

    /// <summary>Credits points that are not active yet. They repay nothing before they are.</summary>
    /// <param name="position">Its activation lies ahead; <see cref="Instant.Never"/> where an event brings it, and the expiry with it.</param>
    public void GrantPending(LotPosition position, long points, PendingLot pending)
    {
        Invariant.Require(points > 0 && pending.LotId == position.Id && pending.DueAt <= position.ActiveAt, "I3: a pending lot ends its waiting by its activation.");
        Balance += points;
        Lots = Lots.Add(position, new Lot
        {
            Position = position,
            Granted = points,
            Opening = points,
            Remaining = points,
            Held = 0,
            Expired = 0,
        });
        Pending.Set(pending.LotId, pending);
        ActivationAtMax = Instant.Max(ActivationAtMax, position.ActiveAt);
        NextChangeAt = Instant.Min(NextChangeAt, Instant.Min(pending.DueAt, position.ExpiresAt));
    }

    /// <summary>The pending lot of that id that still waits, or null.</summary>
    public PendingLot? FindPending(long lotId) => Pending.Find(lotId) is { Ended: false } pending ? pending : null;

    /// <summary>Lets a pending lot come to life. As with any credit, a receivable is repaid out of it, then debt.</summary>
    public Activation Activate(long lotId, Instant time, Instant expiresAt)
    {
        var pending = FindPending(lotId);
        var lot = FindLot(lotId);
        Invariant.Require(pending is not null && lot is not null && time < expiresAt, "I3: a lot is activated once, before it lapses.");
        var (from, points) = (lot.Position, lot.Remaining);
        var withheld = Math.Min(Math.Min(Receivable, (long)((Int128)points * pending.RepaysPercent / 100)), lot.Free);
        var repaid = Math.Min(Debt, lot.Free - withheld);
        lot = Move(lot, new LotPosition(expiresAt, time, lotId));
        Receivable -= withheld;
        Balance -= withheld;
        Debt -= repaid;
        Replace(lot with { Opening = lot.Opening - withheld, Remaining = lot.Remaining - withheld - repaid });
        End(pending);
        return new Activation(pending, points, pending.Lifetime, withheld, repaid, from, lot.Position);
    }

    /// <summary>Takes a pending lot away: it never counts as lapsed. Nothing of it may be pinned.</summary>
    public Cancellation Cancel(long lotId)
    {
        var pending = FindPending(lotId);
        var lot = FindLot(lotId);
        Invariant.Require(pending is not null && lot is { Held: 0, Remaining: > 0 }, "I3: a lot is cancelled once, while nothing of it is pinned.");
        Balance -= lot.Remaining;
        Replace(lot with { Remaining = 0 });
        End(pending);
        return new Cancellation(pending, lot.Remaining);
    }

    /// <summary>Forgets the activation of lots that wait no longer, as far as nothing else can lie ahead.</summary>
    /// <param name="latest">No lot that does not wait becomes active later.</param>
    public void LowerActivation(Instant latest)
    {
        if (AllPendingLoaded)
        {
            var waiting = Pending.Values.Where(pending => !pending.Ended).Select(pending => pending.ActivatesAt).DefaultIfEmpty(Instant.Earliest).Max();
            ActivationAtMax = Instant.Min(ActivationAtMax, Instant.Max(waiting, latest));
        }
    }

    private bool IsDue(PendingLot pending, Instant time) =>
        !pending.Ended && pending.DueAt <= time && (pending.ActivatesAt <= time || FindLot(pending.LotId) is not { Held: > 0 });

    private DueChange EndPending(PendingLot pending)
    {
        if (pending.ActivatesAt <= pending.CancelsAt)
        {
            var position = FindLot(pending.LotId)?.Position ?? throw new InvariantBrokenException("A pending lot is loaded with what it waits for.");
            var activated = Activate(pending.LotId, position.ActiveAt, position.ExpiresAt);
            return new DueChange(pending.ActivatesAt, [], null, [], Balance) { Activated = activated };
        }

        var cancelled = Cancel(pending.LotId);
        return new DueChange(pending.CancelsAt, [], null, [], Balance) { Cancelled = cancelled };
    }

    private void End(PendingLot pending) => Pending.Set(pending.LotId, pending with { Ended = true });

    /// <summary>Counts what was taken out of a lot that was pending, and how much of it would have counted for the level.</summary>
    private long TakeFromPending(long lotId, long points)
    {
        if (FindPending(lotId) is not { } pending)
        {
            return 0;
        }

        var uncounted = Math.Min(points, pending.Lifetime);
        Pending.Set(lotId, pending with { Lifetime = pending.Lifetime - uncounted, Ended = FindLot(lotId) is not { Remaining: > 0 } });
        return uncounted;
    }

    /// <summary>A hold let go of a lot that should have been cancelled meanwhile: it is cancelled now.</summary>
    private void FreePending(long lotId, Instant at)
    {
        if (FindPending(lotId) is { } pending && pending.CancelsAt <= at)
        {
            Pending.Set(lotId, pending with { CancelsAt = at });
            NextChangeAt = Instant.Min(NextChangeAt, at);
        }
        else if (!AllPendingLoaded && FindLot(lotId) is { } lot && lot.ActiveAt > at)
        {
            // Whether it is to be cancelled is not known here: the next settling looks.
            NextChangeAt = Instant.Min(NextChangeAt, at);
        }
    }
}
