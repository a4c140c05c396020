using Laurel.Kernel;

namespace Laurel.Ledger;

/// <summary>What a lot that is not active yet waits for. Its points are in the balance and are spent by nothing.</summary>
public sealed record PendingLot
{
    /// <summary>Stands for a number of days of points that lapse by inactivity.</summary>
    public const int UntilInactive = -1;

    /// <summary>The lot; its activation is in its position, <see cref="Instant.Never"/> while it waits for an event.</summary>
    public required long LotId { get; init; }

    /// <summary>When it activates by itself; <see cref="Instant.Never"/> for one that waits for an event.</summary>
    public required Instant ActivatesAt { get; init; }

    /// <summary>When it is cancelled by itself; <see cref="Instant.Never"/> for one that waits for a time.</summary>
    public required Instant CancelsAt { get; init; }

    /// <summary>The name of the event it waits for; null where it waits for a time.</summary>
    public required string? Event { get; init; }

    /// <summary>Which event of that name.</summary>
    public required string? Reference { get; init; }

    /// <summary>Days of validity from the activation on, or <see cref="UntilInactive"/>; null is as the programme says then.</summary>
    public required int? ValidityDays { get; init; }

    /// <summary>Points that count for the level once it is active. What is taken back before then leaves it.</summary>
    public required long Lifetime { get; init; }

    /// <summary>The share of it that repays a receivable when it becomes active, 0 to 100: that of an earning when it was granted.</summary>
    public required int RepaysPercent { get; init; }

    /// <summary>Whether it waits no longer: it was activated, cancelled, or taken back whole.</summary>
    public bool Ended { get; init; }

    /// <summary>When something becomes of it by itself.</summary>
    public Instant DueAt => Instant.Min(ActivatesAt, CancelsAt);
}

/// <summary>A pending lot came to life.</summary>
/// <param name="Points">What the lot had left.</param>
/// <param name="Lifetime">Points that count for the level from now on.</param>
/// <param name="Withheld">Points of the lot that repaid a receivable and never opened.</param>
/// <param name="Repaid">Points that repaid debt, taken out of the lot.</param>
/// <param name="From">Where the lot stood before.</param>
/// <param name="To">Where it stands now.</param>
public sealed record Activation(PendingLot Pending, long Points, long Lifetime, long Withheld, long Repaid, LotPosition From, LotPosition To);

/// <summary>A pending lot was cancelled.</summary>
/// <param name="Points">What the lot had left, and lost; 1 or more.</param>
public sealed record Cancellation(PendingLot Pending, long Points);
