using Laurel.Kernel;
using Laurel.Ledger;

namespace Laurel.Membership.Points;

/// <summary>On what terms points are granted.</summary>
internal sealed record GrantTerms(Instant ExpiresAt, bool CountsForLevel, bool RepaysReceivable)
{
    /// <summary>What the points wait for before they are active; null where they are active at once.</summary>
    public Waiting? Waits { get; init; }

    public long? Base { get; init; }

    public int? MultiplierBasisPoints { get; init; }

    /// <summary>Points a cap cut off; null where none did.</summary>
    public long? Cut { get; init; }

    /// <summary>The lot or the entry that the points come from; null where they come from none.</summary>
    public long? RelatedId { get; init; }

    public string? Detail { get; init; }
}

/// <summary>What points wait for that are granted and not active yet.</summary>
internal abstract record Waiting
{
    private Waiting()
    {
    }

    /// <summary>Days of validity from the activation on, or <see cref="PendingLot.UntilInactive"/>; null is as the programme says then.</summary>
    public int? ValidityDays { get; init; }

    /// <summary>A time, later than the grant. The terms say when the points lapse, reckoned from it.</summary>
    public sealed record ForTime(Instant ActiveAt) : Waiting;

    /// <summary>An event, and a time at which the points are cancelled when it has not come. They lapse as their activation says.</summary>
    /// <param name="Event">Its name, as whoever activates says it.</param>
    /// <param name="Reference">Which one of that name.</param>
    public sealed record ForEvent(string Event, string Reference, Instant CancelsAt) : Waiting;
}

/// <summary>The words that go with a change of a lot.</summary>
internal sealed record LotReason(string Reason, string? Operator, string Reference);

/// <summary>The numbers that made an amount of growth.</summary>
internal sealed record GrowthTerms(long Base, int MultiplierBasisPoints, long? Cut, string? Detail);

/// <summary>The numbers that made an amount of stored money, or of a unit that the programme defines.</summary>
/// <param name="Base">Of what a rule pays: before multipliers; of a refund: what it is for, be it there or not. Else null.</param>
internal sealed record BalanceTerms(long? Base, int? MultiplierBasisPoints, long? Cut, string? Detail);

/// <summary>What goes with points that are taken.</summary>
internal sealed record TakeTerms
{
    public static readonly TakeTerms Plain = new();

    /// <summary>The balance after this movement, where others of the same command have gone on from there; null otherwise.</summary>
    public long? BalanceAfter { get; init; }

    public long DebtDelta { get; init; }

    public long LifetimeDelta { get; init; }

    /// <summary>Of a claw-back: the points it is for, be they there or not; null otherwise.</summary>
    public long? Base { get; init; }

    public long? RelatedId { get; init; }

    public string? Detail { get; init; }
}
