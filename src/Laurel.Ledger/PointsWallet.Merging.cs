using Laurel.Kernel;

namespace Laurel.Ledger;

/// <summary>What leaves an account because its member goes into another, or comes back from there.</summary>
public sealed partial class PointsWallet
{
    /// <summary>Whether something of the lot may leave: a pending lot leaves whole, and not while anything of it is pinned.</summary>
    public bool MayLeave(Lot lot) => lot.Free > 0 && (lot.Held == 0 || FindPending(lot.Id) is null);

    /// <summary>Takes everything out of a lot that is neither taken nor pinned. A pending lot waits no longer here.</summary>
    /// <returns>What left, and what the lot was waiting for; null where it was not pending.</returns>
    public (LotTake Take, PendingLot? Waited) Leave(long lotId)
    {
        var lot = FindLot(lotId);
        Invariant.Require(lot is not null && MayLeave(lot), "I3: what leaves is loaded and free.");
        var pending = FindPending(lotId);
        var takes = new List<LotTake>(1);
        TakeFrom(lot, lot.Free, takes);
        if (pending is not null)
        {
            End(pending);
        }

        return (takes[0], pending);
    }

    /// <summary>What is owed outside the balance goes to another account, or comes from there.</summary>
    public void MoveReceivable(long points)
    {
        Invariant.Require(Receivable + points >= 0, "I3: a receivable is not negative.");
        Receivable += points;
    }
}
