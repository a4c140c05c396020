using System.Collections.Immutable;
using Laurel.Kernel;

namespace Laurel.Membership.Orders;

/// <summary>A completed order as the ledger needs it: the snapshot of what it earned, and what went back since.</summary>
public sealed record OrderBook
{
    public required string OrderId { get; init; }

    public required long Amount { get; init; }

    public required long Refunded { get; init; }

    /// <summary>Empty when the order came without lines: it is then one line of the whole.</summary>
    public required ImmutableArray<OrderLine> Lines { get; init; }

    /// <summary>Order points granted, after the caps.</summary>
    public required long Points { get; init; }

    public required long Growth { get; init; }

    public required long Bonus { get; init; }

    public required long PointsTaken { get; init; }

    public required long GrowthTaken { get; init; }

    public required bool BonusTaken { get; init; }

    /// <summary>Own points that expired unspent and have counted as taken back already.</summary>
    public required long LapsedCounted { get; init; }

    /// <summary>The entry, and so the lot, of the order points; 0 when they made none.</summary>
    public required long PointsEntryId { get; init; }

    public required long BonusEntryId { get; init; }

    public required Instant OccurredAt { get; init; }

    public required Instant RecordedAt { get; init; }

    /// <summary>The lots the order made.</summary>
    public IReadOnlyList<long> OwnLots()
    {
        var lots = new List<long>(2);
        if (PointsEntryId != 0 && Points > 0)
        {
            lots.Add(PointsEntryId);
        }

        if (BonusEntryId != 0 && Bonus > 0)
        {
            lots.Add(BonusEntryId);
        }

        return lots;
    }

    /// <summary>Points that refunds may yet take back.</summary>
    public long PointsLeft() => Points - PointsTaken + (BonusTaken ? 0 : Bonus);
}

/// <summary>One line of an order, with its share of what the order earned.</summary>
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

    public required long Points { get; init; }

    public required long Growth { get; init; }

    public required long Refunded { get; init; }
}
