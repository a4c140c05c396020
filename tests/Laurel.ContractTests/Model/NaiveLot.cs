namespace Laurel.ContractTests.Model;

/// <summary>Points granted together.</summary>
internal sealed class NaiveLot
{
    /// <summary>Order of creation, the last resort of the spending order.</summary>
    public required int Number { get; init; }

    public required DateTimeOffset ActiveAt { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    public long Granted { get; set; }

    public long Remaining { get; set; }

    public long Pinned { get; set; }

    public long Expired { get; set; }

    public long Free => Remaining - Pinned;

    public bool IsLiveAt(DateTimeOffset instant) => ActiveAt <= instant && instant < ExpiresAt;
}

/// <summary>Points set aside; it has ended when it pins nothing any more.</summary>
internal sealed class NaiveHold
{
    public required NaiveMember Owner { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

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
