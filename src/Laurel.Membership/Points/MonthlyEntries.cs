using Laurel.Engine.Partitions;

namespace Laurel.Membership.Points;

/// <summary>The tables of the ledger that only grow. Their rows stay: nothing of a member's past is dropped with its month.</summary>
public static class MonthlyEntries
{
    public static readonly IReadOnlyList<MonthlyTable> Tables =
    [
        new("entries", "id", HoldsIds: true, Kept: null),
        new("lot_takes", "entry_id", HoldsIds: true, Kept: null),
    ];
}
