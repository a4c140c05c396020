namespace Laurel.ContractTests.Model;

/// <summary>Points granted together.</summary>
internal sealed class NaiveLot
{
    /// <summary>Stands for the end of points that lapse by inactivity: they are spent after those with a date.</summary>
    public static readonly DateTimeOffset Undated = DateTimeOffset.MaxValue.AddDays(-10);

    public required NaiveMember Owner { get; init; }

    public bool IsUndated => ExpiresAt == Undated;

    /// <summary>When it lapses, as things stand.</summary>
    public DateTimeOffset End => IsUndated ? Owner.UndatedEnd!.Value : ExpiresAt;

    /// <summary>Order of creation, the last resort of the spending order.</summary>
    public required int Number { get; init; }

    public required DateTimeOffset ActiveAt { get; set; }

    public required DateTimeOffset ExpiresAt { get; set; }

    /// <summary>Whether it waits for its activation.</summary>
    public bool IsWaiting { get; set; }

    /// <summary>Whether a time activates it; otherwise it is cancelled when nobody has activated it.</summary>
    public bool WaitsForTime { get; init; }

    /// <summary>When it is activated or cancelled by itself.</summary>
    public DateTimeOffset DueAt { get; init; }

    /// <summary>Whether a call ended its waiting: true for one that activated it, false for one that cancelled it.</summary>
    public bool? EndedBy { get; set; }

    /// <summary>Whether what lapsed of it stays away, or came back already.</summary>
    public bool IsLapseFinal { get; set; }

    public bool IsReinstated { get; set; }

    /// <summary>How its life was moved: when, and what it was before.</summary>
    public List<(DateTimeOffset At, DateTimeOffset ActiveBefore, DateTimeOffset ExpiresBefore)> Moves { get; } = [];

    public long Granted { get; set; }

    public long Remaining { get; set; }

    public long Pinned { get; set; }

    public long Expired { get; set; }

    public long Free => Remaining - Pinned;

    public bool IsLiveAt(DateTimeOffset instant) => ActiveAt <= instant && instant < End;

    /// <summary>Whether it waits once what is due at an instant has happened.</summary>
    public bool IsWaitingAt(DateTimeOffset instant) => IsWaiting && DueAt > instant;

    /// <summary>As it stood at an instant, when only what is dated at or before it counts.</summary>
    public bool WasLiveAt(DateTimeOffset instant)
    {
        var later = Moves.FindIndex(move => move.At > instant);
        return later < 0 ? IsLiveAt(instant) : Moves[later].ActiveBefore <= instant && instant < Moves[later].ExpiresBefore;
    }

    public void Move(DateTimeOffset at, DateTimeOffset activeAt, DateTimeOffset expiresAt)
    {
        Moves.Add((at, ActiveAt, ExpiresAt));
        (ActiveAt, ExpiresAt) = (activeAt, expiresAt);
    }
}

/// <summary>Points set aside; it has ended when it pins nothing any more.</summary>
internal sealed class NaiveHold
{
    public required NaiveMember Owner { get; init; }

    public required DateTimeOffset ExpiresAt { get; set; }

    /// <summary>What the hold pins of which lot, in spending order.</summary>
    public List<(NaiveLot Lot, long Points)> Pins { get; } = [];

    public long Points => Pins.Sum(pin => pin.Points);

    public bool IsOpenAt(DateTimeOffset instant) => Points > 0 && instant < ExpiresAt;
}

/// <summary>One dated change of a member; every figure is a sum of these.</summary>
internal sealed record NaiveChange(DateTimeOffset Time)
{
    public NaiveLot? Lot { get; init; }

    public NaiveHold? Hold { get; init; }

    public long Remaining { get; init; }

    public long Pinned { get; init; }

    public long Debt { get; init; }

    public long Lifetime { get; init; }

    public long Growth { get; init; }

    public long Orders { get; init; }

    public long Amount { get; init; }
}
