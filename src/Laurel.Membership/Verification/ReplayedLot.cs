using Laurel.Membership.Openings;
using Laurel.Membership.Points;

namespace Laurel.Membership.Verification;

/// <summary>One lot during the replay: its place as it is stored, its figures as the rows add up to them.</summary>
internal sealed class ReplayedLot
{
    public ReplayedLot(EntryRow entry, StoredLot stored)
    {
        // Lots begin active; what makes them pending, or moves them otherwise, is a change of its own.
        (Id, Stored, Granted, ExpiresAt, ActiveAt) = (entry.Id, stored, entry.Amount, entry.ExpiresAt, entry.OccurredAt);
        Opening = Remaining = (Int128)entry.Amount + entry.DebtDelta;
        OrderId = EntryNames.IsOrderEarning(entry.Kind, entry.Rule, entry.OrderId) || entry.Kind == EntryNames.Merge ? entry.OrderId : null;
    }

    public ReplayedLot(LotOpening lot, StoredLot stored)
    {
        (Id, Stored, Granted, ExpiresAt, ActiveAt, OrderId) = (lot.LotId, stored, lot.Granted, lot.ExpiresAt, lot.ActiveAt, lot.OrderId);
        (Opening, Remaining, Held, Expired) = (lot.Opening, lot.Remaining, lot.Held, lot.Expired);
    }

    public long Id { get; }

    public StoredLot Stored { get; }

    public Int128 Granted { get; }

    /// <summary>As the entry that granted it says, and the changes since; null when that says none.</summary>
    public long? ExpiresAt { get; private set; }

    /// <summary>As the entry that granted it says, or its opening, and the changes since.</summary>
    public long ActiveAt { get; private set; }

    /// <summary>When it lapses.</summary>
    public long End => ExpiresAt ?? Stored.ExpiresAt;

    public (long ExpiresAt, long ActiveAt, long Id) Place => (End, ActiveAt, Id);

    /// <summary>Whether what had lapsed of it came back.</summary>
    public bool IsReinstated { get; set; }

    public Int128 Opening { get; set; }

    public Int128 Remaining { get; set; }

    public Int128 Held { get; set; }

    public Int128 Expired { get; set; }

    public Int128 Free => Remaining - Held;

    public void Move(LotChangeRow change) => (ActiveAt, ExpiresAt) = (change.ActiveAfter, change.ExpiresAfter);

    /// <summary>The order whose points these are; null when no order made the lot.</summary>
    public string? OrderId { get; }
}
