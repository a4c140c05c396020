using System.Collections.Immutable;
using Laurel.Kernel;
using Laurel.Membership.Points;

namespace Laurel.Membership.Orders;

/// <summary>A completed order as the ledger needs it: the snapshot of what it earned, and what went back since.</summary>
public sealed record OrderBook
{
    public required string OrderId { get; init; }

    public required long Amount { get; init; }

    public required long Refunded { get; init; }

    /// <summary>Empty when the order came without lines: it is then one line of the whole.</summary>
    public required ImmutableArray<OrderLine> Lines { get; init; }

    /// <summary>What each rule paid for it, in the order in which they paid.</summary>
    public required ImmutableArray<OrderEarning> Earnings { get; init; }

    /// <summary>Own points that expired unspent and have counted as taken back already.</summary>
    public required long LapsedCounted { get; init; }

    public required Instant OccurredAt { get; init; }

    public required Instant RecordedAt { get; init; }

    /// <summary>The lots the order made.</summary>
    public IReadOnlyList<long> OwnLots()
    {
        var lots = new List<long>(Earnings.Length);
        foreach (var earning in Earnings)
        {
            if (earning.Unit == EntryNames.Points)
            {
                lots.Add(earning.EntryId);
            }
        }

        return lots;
    }

    /// <summary>Whether it earned units that the programme defines.</summary>
    public bool EarnedUnits => Earnings.Any(earning => !EntryNames.IsOfHouse(earning.Unit));

    /// <summary>Points that are to be taken back and were not yet, as much of the order as is refunded.</summary>
    public long PointsToTake() => Earnings.Where(earning => earning.Unit == EntryNames.Points).Sum(earning => earning.TakenTarget(this) - earning.Taken);

    /// <summary>Points that refunds may yet take back.</summary>
    public long PointsLeft() => Earnings.Where(earning => earning.Unit == EntryNames.Points).Sum(earning => earning.Granted - earning.Taken);
}

/// <summary>One line of an order.</summary>
public sealed record OrderLine
{
    public required int LineNumber { get; init; }

    public required string LineId { get; init; }

    public required string? Sku { get; init; }

    public required long Quantity { get; init; }

    /// <summary>Minor units.</summary>
    public required long Amount { get; init; }

    /// <summary>The earning part of <see cref="Amount"/>.</summary>
    public required long Eligible { get; init; }

    public required long Refunded { get; init; }
}
