using System.Collections.Immutable;
using Laurel.Kernel;

namespace Laurel.Ledger;

/// <summary>The points of one lot that a hold has pinned.</summary>
public readonly record struct HoldPin(LotPosition Lot, long Points);

/// <summary>How a hold stands. Open until nothing of it is left; every other state is final (I11).</summary>
public enum HoldStatus
{
    Open = 0,
    Captured = 1,
    Released = 2,
    Expired = 3,
}

/// <summary>Points set aside for later. A hold pins its lots, so they outlive their own expiry until it ends.</summary>
public sealed record Hold
{
    public required long Id { get; init; }

    /// <summary>Points set aside at first; equals captured + released + expired once the hold is final (I11).</summary>
    public required long Points { get; init; }

    public required long Captured { get; init; }

    public required long Released { get; init; }

    public required HoldStatus Status { get; init; }

    public required Instant OpenedAt { get; init; }

    public required Instant ExpiresAt { get; init; }

    /// <summary>In spending order; the sum is <see cref="Open"/>.</summary>
    public required ImmutableArray<HoldPin> Pins { get; init; }

    /// <summary>Points still pinned; zero once the hold is final.</summary>
    public long Open => Status == HoldStatus.Open ? Points - Captured - Released : 0;
}
