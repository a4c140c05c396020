namespace Laurel.ContractTests.Model;

/// <content>What moves the life of points.</content>
internal sealed partial class NaiveMember
{
    private static readonly TimeSpan FreezeDuration = TimeSpan.FromDays(7);

    /// <summary>Makes a lot that waits. It repays nothing before it is active.</summary>
    public NaiveLot CreditLater(Operation.EarnLater operation, Func<DateTimeOffset, DateTimeOffset> expiryOf)
    {
        var lot = new NaiveLot
        {
            Owner = this,
            Number = lots.Count,
            ActiveAt = operation.ActiveAt ?? DateTimeOffset.MaxValue,
            ExpiresAt = operation.ActiveAt is { } activeAt ? expiryOf(activeAt) : DateTimeOffset.MaxValue,
            Granted = operation.Points,
            IsWaiting = true,
            DueAt = operation.ActiveAt ?? operation.CancelAt!.Value,
            WaitsForTime = operation.ActiveAt is not null,
        };
        lots.Add(lot);
        StartWith(lot, operation.Time);
        Record(new NaiveChange(operation.Time) { Lot = lot, Remaining = operation.Points });
        return lot;
    }

    /// <summary>Lets a lot come to life; says how much of it repaid a receivable.</summary>
    public long Activate(NaiveLot lot, DateTimeOffset time, DateTimeOffset expiresAt)
    {
        lot.IsWaiting = false;
        lot.Move(time, time, expiresAt);
        StartWith(lot, time);
        Record(new NaiveChange(time) { Lifetime = lot.Granted });
        var withheld = RepayReceivable(lot, time);
        var repaid = Math.Min(Debt, lot.Free);
        Record(new NaiveChange(time) { Lot = lot, Remaining = -repaid, Debt = -repaid });
        return withheld;
    }

    /// <summary>Takes a waiting lot away; says how much it had left.</summary>
    public long Cancel(NaiveLot lot, DateTimeOffset time)
    {
        var points = lot.Remaining;
        lot.IsWaiting = false;
        Record(new NaiveChange(time) { Lot = lot, Remaining = -points });
        return points;
    }

    public void Extend(Operation.Extend operation)
    {
        foreach (var lot in lots.Where(lot => lot.Remaining > 0 && lot.IsLiveAt(operation.Time) && lot.ExpiresAt < operation.ExpiringBefore).ToList())
        {
            var end = operation.ExpiresAt ?? lot.ExpiresAt.AddDays(operation.Days!.Value);
            if (end > lot.ExpiresAt)
            {
                lot.Move(operation.Time, lot.ActiveAt, end);
            }
        }
    }

    /// <summary>Lots of which something lapsed within the window, and came back never, once everything due at the time has lapsed.</summary>
    public List<NaiveLot> LapsedSince(Operation.Reinstate operation)
    {
        var since = NaiveArithmetic.StartOf(NaiveArithmetic.BusinessDayOf(operation.Time).AddDays(-operation.WindowDays));
        return
        [
            .. InSpendingOrder(lots.Where(lot => !lot.IsLapseFinal && lot.End >= since && lot.End <= operation.Time
                && (lot.Expired > 0 || lot.Free > 0 || FreedBy(lot, operation.Time)))),
        ];
    }

    /// <summary>Brings them back, each as a lot of its own; says how many points.</summary>
    public long Reinstate(Operation.Reinstate operation, DateTimeOffset expiresAt)
    {
        var points = 0L;
        foreach (var lot in LapsedSince(operation))
        {
            lot.IsLapseFinal = true;
            lot.IsReinstated = true;
            points += lot.Expired;
            Credit(lot.Expired, operation.Time, expiresAt);
        }

        return points;
    }

    /// <summary>Holds what a return of this part would take back, on the order's own lots.</summary>
    public void Freeze(NaiveOrder order, Operation.RequestReturn operation)
    {
        var end = operation.Time + FreezeDuration;
        foreach (var open in order.Returns.Where(known => known is { Status: "requested", Hold.Points: > 0 }))
        {
            open.Hold!.ExpiresAt = open.Hold.ExpiresAt > end ? open.Hold.ExpiresAt : end;
        }

        var held = order.Returns.Where(known => known.Status == "requested").Sum(known => known.Hold?.Points ?? 0);
        var own = order.Lots.Where(lot => lot.ExpiresAt > operation.Time).ToList();
        var points = Math.Min(Math.Min(order.PointsOf(operation.Part), order.PointsLeft - held), own.Sum(lot => lot.Free));
        order.Returns.Add(new NaiveReturn(operation.Part.RefundId)
        {
            Hold = points > 0 ? Pin(own, points, operation.Time, end) : null,
        });
    }

    /// <summary>Frees what a refund is about to take back: of its own return first.</summary>
    public void FreeFor(NaiveOrder order, Operation.Refund refund, long points)
    {
        var left = points;
        foreach (var known in order.Returns.Where(known => known.Status == "requested").OrderBy(known => known.Id == refund.ReturnId ? 0 : 1).ToList())
        {
            var open = known.Hold?.Points ?? 0;
            var ends = order.IsRefundedWhole || known.Id == refund.ReturnId || (open > 0 && open <= left);
            var freed = ends ? open : Math.Min(open, left);
            left = Math.Max(0, left - freed);
            known.Free(this, freed, refund.Time);
            known.Status = ends ? "refunded" : known.Status;
        }
    }

    // What a hold that is due by then gives back to a lot that has lapsed meanwhile.
    private bool FreedBy(NaiveLot lot, DateTimeOffset time) =>
        holds.Exists(hold => hold.ExpiresAt <= time && hold.Pins.Exists(pin => ReferenceEquals(pin.Lot, lot)));

    /// <summary>What of waiting lots is due first; a lot that is pinned is not cancelled.</summary>
    private NaiveLot? NextWaiting(DateTimeOffset time) =>
        lots.Where(lot => lot.IsWaiting && lot.DueAt <= time && (lot.WaitsForTime || lot.Pinned == 0)).MinBy(lot => lot.DueAt);

    private void EndWaiting(NaiveLot lot)
    {
        if (lot.WaitsForTime)
        {
            Activate(lot, lot.DueAt, lot.ExpiresAt);
            Judge(lot.DueAt);
        }
        else
        {
            Cancel(lot, lot.DueAt);
        }
    }
}

/// <summary>A return that was asked for.</summary>
internal sealed class NaiveReturn(string id)
{
    public string Id { get; } = id;

    public string Status { get; set; } = "requested";

    public NaiveHold? Hold { get; init; }

    public void Free(NaiveMember owner, long points, DateTimeOffset time)
    {
        if (points > 0)
        {
            owner.Release(Hold!, points, time);
        }
    }
}
