using System.Collections.Immutable;
using Laurel.Kernel;

namespace Laurel.Ledger;

/// <summary>One member's account of points: its figures and as much of its lots and holds as a batch needs.</summary>
/// <remarks>Pure and synchronous: no clock, no store. Copying is cheap because lots and holds are persistent
/// collections, so a command works on a copy and a refusal simply forgets it. Keeps I2 and I3
/// (docs/internals/invariants.md): <c>Balance = Σ remaining − Debt</c> over all lots, and nothing negative but the balance.</remarks>
public sealed partial class PointsWallet
{
    // Lots as they are stored; shared by all copies, because loading changes what is known and not what was decided.
    private readonly Dictionary<long, Lot> _stored = [];

    // Lots that were looked for and are not there; shared as well.
    private readonly HashSet<long> _missing = [];

    /// <summary>The ledger balance: the sum of all entries. Held and pending points are in it; debt is deducted.</summary>
    public long Balance { get; private set; }

    /// <summary>Points pinned by open holds.</summary>
    public long Held { get; private set; }

    /// <summary>Points taken back beyond what there was; the next credits repay it first.</summary>
    public long Debt { get; private set; }

    /// <summary>Points owed outside the balance; later earnings repay a part of each.</summary>
    public long Receivable { get; private set; }

    /// <summary>No lot expires and no hold ends before this instant; <see cref="Instant.Never"/> when none ever does.</summary>
    public Instant NextChangeAt { get; private set; } = Instant.Never;

    /// <summary>The latest activation of any lot: from then on nothing is pending.</summary>
    public Instant ActivationAtMax { get; private set; } = Instant.Earliest;

    /// <summary>Loaded lots in the order of spending, exhausted ones included until the batch is written.</summary>
    public ImmutableSortedDictionary<LotPosition, Lot> Lots { get; private set; } = ImmutableSortedDictionary<LotPosition, Lot>.Empty;

    public Tracked<long, Hold> Holds { get; private set; } = new();

    /// <summary>Lots that wait for their activation, by the id of the lot, those that ended in this batch included.</summary>
    public Tracked<long, PendingLot> Pending { get; private set; } = new();

    /// <summary>Every open lot up to here is among <see cref="Lots"/>; null when all open lots are.</summary>
    public LotPosition? LoadedThrough { get; private set; }

    /// <summary>Whether every open hold is among <see cref="Holds"/>.</summary>
    public bool AllHoldsLoaded { get; private set; } = true;

    /// <summary>Whether every pending lot is among <see cref="Pending"/>, and itself loaded.</summary>
    public bool AllPendingLoaded { get; private set; } = true;

    /// <summary>An account that never saw a point.</summary>
    public static PointsWallet Empty() => new();

    /// <summary>An account as stored, with none of its lots and holds loaded yet.</summary>
    /// <param name="inactivity">When lots lapse by inactivity, and what the member was told of it.</param>
    public static PointsWallet Stored(long balance, long held, long debt, long receivable, Instant nextChangeAt, Instant activeAtMax, InactivityClock inactivity) => new()
    {
        Inactivity = inactivity,
        Balance = balance,
        Held = held,
        Debt = debt,
        Receivable = receivable,
        NextChangeAt = nextChangeAt,
        ActivationAtMax = activeAtMax,
        LoadedThrough = LotPosition.First,
        AllHoldsLoaded = held == 0,
        AllPendingLoaded = false,
    };

    public PointsWallet Copy()
    {
        var copy = (PointsWallet)MemberwiseClone();
        copy.Holds = Holds.Copy();
        copy.Pending = Pending.Copy();
        return copy;
    }

    /// <summary>Lots that are not stored yet.</summary>
    public IEnumerable<Lot> NewLots() => Lots.Values.Where(lot => !_stored.ContainsKey(lot.Id));

    /// <summary>Stored lots that were changed.</summary>
    public IEnumerable<Lot> ChangedLots() =>
        Lots.Values.Where(lot => _stored.TryGetValue(lot.Id, out var stored) && !ReferenceEquals(stored, lot));

    /// <summary>The lot as it is stored, or null when it is new.</summary>
    public Lot? StoredLot(long id) => _stored.GetValueOrDefault(id);

    /// <summary>Adds lots read in spending order after <see cref="LoadedThrough"/>; what is already here wins.</summary>
    /// <param name="through">The last position read, or null when no open lot follows.</param>
    public void LoadLots(IEnumerable<Lot> lots, LotPosition? through)
    {
        LoadNamedLots(lots);
        LoadedThrough = through;
    }

    /// <summary>Adds lots read by id, wherever they stand; what is already here wins.</summary>
    public void LoadNamedLots(IEnumerable<Lot> lots)
    {
        foreach (var lot in lots)
        {
            if (_stored.TryAdd(lot.Id, lot))
            {
                Lots = Lots.Add(lot.Position, lot);
            }
        }
    }

    /// <summary>Adds holds; what is already here wins.</summary>
    /// <param name="all">Whether every open hold is among them.</param>
    public void LoadHolds(IEnumerable<Hold> holds, bool all)
    {
        foreach (var hold in holds)
        {
            Holds.Load(hold.Id, hold);
        }

        AllHoldsLoaded |= all;
    }

    /// <summary>Takes note that no lot of the member has that id.</summary>
    public void LoadMissingLot(long id) => _missing.Add(id);

    /// <summary>Whether it is known which lot has that id, be it none.</summary>
    public bool IsLotKnown(long id) => _missing.Contains(id) || FindLot(id) is not null;

    /// <summary>The lot of that id, or null when it is not loaded.</summary>
    public Lot? FindLot(long id)
    {
        foreach (var lot in Lots.Values)
        {
            if (lot.Id == id)
            {
                return lot;
            }
        }

        return null;
    }

    /// <summary>Credits points as a new lot. Debt is repaid first: the lot opens with what is left.</summary>
    /// <param name="withheld">Points of the lot that repay a receivable at once and never open.</param>
    /// <returns>The points that repaid debt.</returns>
    public long Grant(LotPosition position, long points, long withheld)
    {
        Invariant.Require(points > 0 && withheld >= 0 && withheld <= points, "I3: a grant is positive and covers what it repays.");
        var repaid = Math.Min(Debt, points - withheld);
        var opening = points - withheld - repaid;
        Debt -= repaid;
        Receivable -= withheld;
        Balance += points - withheld;
        Lots = Lots.Add(position, new Lot
        {
            Position = position,
            Granted = points,
            Opening = opening,
            Remaining = opening,
            Held = 0,
            Expired = 0,
        });
        ActivationAtMax = Instant.Max(ActivationAtMax, position.ActiveAt);
        if (opening > 0)
        {
            NextChangeAt = Instant.Min(NextChangeAt, position.ExpiresAt);
        }

        return repaid;
    }

    /// <summary>Points a movement may take at <paramref name="time"/>, as far as they must be known to compare with
    /// <paramref name="wanted"/>; null when more lots have to be loaded to tell.</summary>
    /// <remarks>Exact when below <paramref name="wanted"/>; at least <paramref name="wanted"/> otherwise.</remarks>
    public long? AvailableAt(Instant time, long wanted)
    {
        var available = -Debt;
        foreach (var (position, lot) in Lots)
        {
            if (available >= wanted)
            {
                return available;
            }

            if (LoadedThrough is { } through && position > through)
            {
                return null;
            }

            if (lot.IsLiveAt(time))
            {
                available += lot.Free;
            }
        }

        return available >= wanted || LoadedThrough is null ? available : null;
    }

    /// <summary>Takes points in spending order from lots live at <paramref name="time"/> (I8).</summary>
    /// <exception cref="InvariantBrokenException">When <see cref="AvailableAt"/> does not cover them.</exception>
    public List<LotTake> Take(long points, Instant time)
    {
        var takes = new List<LotTake>();
        var left = TakeInOrder(points, time, takes);
        Invariant.Require(left == 0, "I8: a spend is covered by live lots.");
        return takes;
    }

    private long TakeInOrder(long points, Instant time, List<LotTake> takes)
    {
        var left = points;
        foreach (var lot in Lots.Values)
        {
            if (left == 0)
            {
                break;
            }

            var taken = lot.IsLiveAt(time) ? Math.Min(lot.Free, left) : 0;
            if (taken > 0)
            {
                TakeFrom(lot, taken, takes);
                left -= taken;
            }
        }

        return left;
    }

    private void TakeFrom(Lot lot, long points, List<LotTake> takes)
    {
        Replace(lot with { Remaining = lot.Remaining - points });
        Balance -= points;
        takes.Add(new LotTake(lot.Id, points));
    }

    // A lot may have moved since it was pinned: an extension gives it another place, and the same id.
    private Lot LotOf(LotPosition position) =>
        Lots.TryGetValue(position, out var lot) ? lot : FindLot(position.Id) ?? throw new InvariantBrokenException("What is pinned is loaded.");

    /// <summary>Whether the lot that stood there is loaded, wherever it stands now.</summary>
    public bool HasLot(LotPosition position) => Lots.ContainsKey(position) || FindLot(position.Id) is not null;

    private Lot Move(Lot lot, LotPosition to)
    {
        var moved = lot with { Position = to };
        Lots = Lots.Remove(lot.Position).Add(to, moved);
        NextChangeAt = Instant.Min(NextChangeAt, to.ExpiresAt);
        return moved;
    }

    private void Replace(Lot lot)
    {
        Invariant.Require(
            lot.Remaining >= 0 && lot.Held >= 0 && lot.Held <= lot.Remaining && lot.Remaining <= lot.Opening,
            "I3: 0 ≤ held ≤ remaining ≤ opening.");
        Lots = Lots.SetItem(lot.Position, lot);
    }
}
