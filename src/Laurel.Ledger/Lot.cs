using Laurel.Kernel;

namespace Laurel.Ledger;

/// <summary>Where a lot stands in the order of spending: soonest expiry first, then earliest activation, then id.</summary>
/// <remarks><see cref="Instant.Never"/> sorts last, so lots without an expiry are spent last; before them stand those that lapse by inactivity
/// (<see cref="Instant.WhenInactive"/>): while the member spends they have longer to live than any date that is near.</remarks>
public readonly record struct LotPosition(Instant ExpiresAt, Instant ActiveAt, long Id) : IComparable<LotPosition>
{
    /// <summary>Before every lot: nothing is loaded yet.</summary>
    public static readonly LotPosition First = new(Instant.Earliest, Instant.Earliest, 0);

    public int CompareTo(LotPosition other)
    {
        var byExpiry = ExpiresAt.CompareTo(other.ExpiresAt);
        if (byExpiry != 0)
        {
            return byExpiry;
        }

        var byActivation = ActiveAt.CompareTo(other.ActiveAt);
        return byActivation != 0 ? byActivation : Id.CompareTo(other.Id);
    }

    public static bool operator <(LotPosition left, LotPosition right) => left.CompareTo(right) < 0;

    public static bool operator >(LotPosition left, LotPosition right) => left.CompareTo(right) > 0;

    public static bool operator <=(LotPosition left, LotPosition right) => left.CompareTo(right) <= 0;

    public static bool operator >=(LotPosition left, LotPosition right) => left.CompareTo(right) >= 0;
}

/// <summary>What became of the points of a lot that lapsed unspent: each of these happens to a lot once at the most.</summary>
public enum LapseUse
{
    /// <summary>Nothing: they are gone, and may come back.</summary>
    None = 0,

    /// <summary>They came back as a lot of their own.</summary>
    Reinstated = 1,

    /// <summary>A refund counted them as taken back.</summary>
    TakenBack = 2,
}

/// <summary>Points granted together. They are spendable while <c>ActiveAt ≤ time &lt; ExpiresAt</c>.</summary>
public sealed record Lot
{
    public required LotPosition Position { get; init; }

    /// <summary>Points granted, before any of them repaid a debt.</summary>
    public required long Granted { get; init; }

    /// <summary>Points the lot opened with: granted less what repaid debt or a receivable.</summary>
    public required long Opening { get; init; }

    /// <summary>Points not yet taken, held ones included. Never negative, never above <see cref="Opening"/> (I3).</summary>
    public required long Remaining { get; init; }

    /// <summary>Points of <see cref="Remaining"/> pinned by open holds (I3).</summary>
    public required long Held { get; init; }

    /// <summary>Points that lapsed unspent.</summary>
    public required long Expired { get; init; }

    /// <summary>What became of <see cref="Expired"/>.</summary>
    public LapseUse LapseUse { get; init; }

    /// <summary>The smallest number of days before its expiry at which the member was told of it; 0 before that.</summary>
    public int RemindedDays { get; init; }

    public long Id => Position.Id;

    public Instant ActiveAt => Position.ActiveAt;

    public Instant ExpiresAt => Position.ExpiresAt;

    /// <summary>Points that may be taken: neither taken yet nor pinned.</summary>
    public long Free => Remaining - Held;

    /// <summary>Whether it lapses with all others of its kind when the member has been inactive for long enough. It then gets a date.</summary>
    public bool LapsesByInactivity => Position.ExpiresAt.IsWhenInactive;

    public bool IsLiveAt(Instant time) => ActiveAt <= time && time < ExpiresAt;
}

/// <summary>How many points a movement took from one lot. Positive.</summary>
public readonly record struct LotTake(long LotId, long Points);
