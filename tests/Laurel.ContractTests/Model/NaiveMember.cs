namespace Laurel.ContractTests.Model;

/// <summary>A member's book in plain lists.</summary>
/// <remarks>Goal: to be read beside the specification. Not a goal: speed.</remarks>
/// <param name="cooldown">How long after a change the level stays; enrolment is no change, nor is what the level becomes at the same instant.</param>
/// <param name="inactivity">How points lapse by inactivity; null where none do.</param>
internal sealed partial class NaiveMember(string name, DateTimeOffset joinedAt, TimeSpan cooldown, NaiveInactivity? inactivity)
{
    private readonly List<NaiveLot> lots = [];
    private readonly List<NaiveHold> holds = [];
    private readonly List<NaiveChange> changes = [];
    private readonly Dictionary<DateOnly, long> pointsByDay = [];
    private long lifetime;
    private readonly List<(DateTimeOffset Time, string Level)> levels = [];
    private DateTimeOffset? levelChangedAt;
    private DateTimeOffset? levelWaitsUntil;

    public string Name { get; } = name;

    /// <summary>True once an order above zero was completed, whatever became of it or of the bonus.</summary>
    public bool HasUsedFirstOrderBonus { get; set; }

    public IReadOnlyList<NaiveLot> Lots => lots;

    public long Debt { get; private set; }

    public long Receivable { get; private set; }

    /// <summary>The level held; not always the one that the lifetime sum stands for, as a change may have to wait.</summary>
    public string Level { get; private set; } = NaiveArithmetic.LevelOf(0);

    /// <summary>How often a change had to wait, and how often one was made that had waited.</summary>
    public (int Waited, int Made) Cooldowns { get; private set; }

    /// <summary>Everything recorded, seen at an instant.</summary>
    public MemberState StateAt(DateTimeOffset instant) => Sum(changes, instant, lot => lot.IsLiveAt(instant)) with { Level = Level };

    /// <summary>What is dated at or before an instant, seen at it.</summary>
    public MemberState StateAsOf(DateTimeOffset instant) =>
        Sum(changes.Where(change => change.Time <= instant), instant, lot => lot.WasLiveAt(instant)) with
        {
            Level = levels.Where(change => change.Time <= instant).Select(change => change.Level).LastOrDefault(NaiveArithmetic.LevelOf(0)),
        };

    public long AvailableAt(DateTimeOffset instant) => StateAt(instant).Available;

    public void Record(NaiveChange change)
    {
        changes.Add(change);
        Debt += change.Debt;
        lifetime += change.Lifetime;
        if (change.Lot is { } lot)
        {
            lot.Remaining += change.Remaining;
            lot.Pinned += change.Pinned;
        }
    }

    /// <summary>Lets the level follow the lifetime sum; within the cooldown of its last change it waits for the end of that.</summary>
    public void Judge(DateTimeOffset time)
    {
        var deserved = NaiveArithmetic.LevelOf(lifetime);
        if (deserved == Level)
        {
            return;
        }

        if (levelChangedAt + cooldown is { } end && time < end)
        {
            levelWaitsUntil = end;
            Cooldowns = (Cooldowns.Waited + 1, Cooldowns.Made);
            return;
        }

        Level = deserved;
        levels.Add((time, deserved));
        levelChangedAt = time == joinedAt ? null : time;
        levelWaitsUntil = null;
    }

    /// <summary>Writes what is due, in time order: a change of level first, and a hold before a lot of the same instant.</summary>
    public void Settle(DateTimeOffset time)
    {
        while (true)
        {
            var hold = holds.Where(h => h.Points > 0 && h.ExpiresAt <= time).MinBy(h => h.ExpiresAt);
            var lot = lots.Where(l => l.Free > 0 && l.ExpiresAt <= time).MinBy(l => l.ExpiresAt);
            var waiting = NextWaiting(time);
            var undated = UndatedEnd <= time && lots.Exists(l => l.IsUndated && l.Remaining > 0) ? UndatedEnd : null;
            var lapse = new[] { lot?.ExpiresAt, undated }.Min();
            var next = new[] { time, hold?.ExpiresAt ?? time, lapse ?? time, waiting?.DueAt ?? time }.Min();
            if (levelWaitsUntil is { } end && end <= next)
            {
                levelWaitsUntil = null;
                Cooldowns = (Cooldowns.Waited, Cooldowns.Made + (NaiveArithmetic.LevelOf(lifetime) == Level ? 0 : 1));
                Judge(end);
            }
            else if (hold is not null && (lapse is null || hold.ExpiresAt <= lapse) && (waiting is null || hold.ExpiresAt <= waiting.DueAt))
            {
                Release(hold, hold.Points, hold.ExpiresAt);
            }
            else if (waiting is not null && (lapse is null || waiting.DueAt <= lapse))
            {
                EndWaiting(waiting);
            }
            else if (undated is not null && undated == lapse)
            {
                EndUndated(undated.Value);
            }
            else if (lot is not null)
            {
                Lapse(lot, lot.Free, lot.ExpiresAt);
            }
            else
            {
                return;
            }
        }
    }

    /// <summary>What the daily cap leaves of points earned by orders on a day, counted from now on.</summary>
    public long TakeRoomOfDay(DateTimeOffset time, long points)
    {
        var day = NaiveArithmetic.BusinessDayOf(time);
        var used = pointsByDay.GetValueOrDefault(day);
        var granted = Math.Min(points, NaiveArithmetic.PointsPerDayMax - used);
        pointsByDay[day] = used + granted;
        return granted;
    }

    /// <summary>Makes a lot; the debt is repaid out of it first.</summary>
    public NaiveLot Credit(long points, DateTimeOffset time, DateTimeOffset expiresAt)
    {
        var lot = new NaiveLot { Owner = this, Number = lots.Count, ActiveAt = time, ExpiresAt = expiresAt, Granted = points };
        lots.Add(lot);
        StartWith(lot, time);
        Record(new NaiveChange(time) { Lot = lot, Remaining = points });
        var repaid = Math.Min(Debt, points);
        Record(new NaiveChange(time) { Lot = lot, Remaining = -repaid, Debt = -repaid });
        return lot;
    }

    /// <summary>Takes what a new earning repays of the receivable, at most half of it, and says how much.</summary>
    public long RepayReceivable(NaiveLot lot, DateTimeOffset time)
    {
        var share = lot.Granted * NaiveArithmetic.ReceivableRepaidPercent / 100;
        var repaid = Math.Min(Math.Min(Receivable, share), lot.Free);
        Receivable -= repaid;
        Record(new NaiveChange(time) { Lot = lot, Remaining = -repaid });
        return repaid;
    }

    /// <summary>Takes up to so many points from live lots in spending order: from which lot how many.</summary>
    public List<(NaiveLot Lot, long Points)> Take(long points, DateTimeOffset time) =>
        TakeFrom(lots.Where(lot => lot.IsLiveAt(time)), points, time);

    /// <summary>
    /// Takes back points of an order: its own expired points count as taken, then its own lots, then the others, then
    /// the shortfall goes where the policy says. Returns by how much the balance fell.
    /// </summary>
    public long TakeBack(NaiveOrder order, long points, DateTimeOffset time, ShortfallPolicy policy)
    {
        var expired = Math.Min(points, order.Lots.Where(lot => !lot.IsReinstated).Sum(lot => lot.Expired) - order.ExpiredCounted);
        order.ExpiredCounted += expired;
        foreach (var lot in order.Lots.Where(lot => expired > 0 && lot.Expired > 0))
        {
            lot.IsLapseFinal = true;
        }

        var left = points - expired;
        var own = TakeFrom(order.Lots, left, time).Sum(part => part.Points);
        var others = Take(left - own, time).Sum(part => part.Points);
        var shortfall = left - own - others;
        switch (policy)
        {
            case ShortfallPolicy.Negative:
                Record(new NaiveChange(time) { Debt = shortfall });
                return left;
            case ShortfallPolicy.Forgive:
                return own + others;
            case ShortfallPolicy.Receivable:
                Receivable += shortfall;
                return own + others;
            default:
                throw new ArgumentOutOfRangeException(nameof(policy), policy, "No such policy.");
        }
    }

    public NaiveHold Pin(long points, DateTimeOffset time, DateTimeOffset expiresAt) =>
        Pin(lots.Where(lot => lot.IsLiveAt(time)), points, time, expiresAt);

    private NaiveHold Pin(IEnumerable<NaiveLot> some, long points, DateTimeOffset time, DateTimeOffset expiresAt)
    {
        var hold = new NaiveHold { Owner = this, ExpiresAt = expiresAt };
        holds.Add(hold);
        var left = points;
        foreach (var lot in InSpendingOrder(some.Where(lot => lot.Free > 0)))
        {
            var part = Math.Min(left, lot.Free);
            if (part > 0)
            {
                hold.Pins.Add((lot, part));
                Record(new NaiveChange(time) { Lot = lot, Hold = hold, Pinned = part });
                left -= part;
            }
        }

        return hold;
    }

    /// <summary>Spends held points in spending order and frees the rest.</summary>
    public void Capture(NaiveHold hold, long points, DateTimeOffset time)
    {
        for (var left = points; left > 0;)
        {
            var (lot, pinned) = hold.Pins[0];
            var part = Math.Min(left, pinned);
            hold.Pins[0] = (lot, pinned - part);
            hold.Pins.RemoveAll(pin => pin.Points == 0);
            Record(new NaiveChange(time) { Lot = lot, Hold = hold, Pinned = -part, Remaining = -part });
            left -= part;
        }

        Release(hold, hold.Points, time);
    }

    /// <summary>Frees held points, last pinned first; what belongs to a lot that has expired lapses at once.</summary>
    public void Release(NaiveHold hold, long points, DateTimeOffset time)
    {
        for (var left = points; left > 0;)
        {
            var (lot, pinned) = hold.Pins[^1];
            var part = Math.Min(left, pinned);
            hold.Pins[^1] = (lot, pinned - part);
            hold.Pins.RemoveAll(pin => pin.Points == 0);
            Record(new NaiveChange(time) { Lot = lot, Hold = hold, Pinned = -part });
            if (lot.ExpiresAt <= time)
            {
                Lapse(lot, part, time);
            }

            left -= part;
        }
    }

    private static IOrderedEnumerable<NaiveLot> InSpendingOrder(IEnumerable<NaiveLot> some) =>
        some.OrderBy(lot => lot.ExpiresAt).ThenBy(lot => lot.ActiveAt).ThenBy(lot => lot.Number);

    private static MemberState Sum(IEnumerable<NaiveChange> counted, DateTimeOffset instant, Func<NaiveLot, bool> isLive)
    {
        var available = 0L;
        var held = 0L;
        var debt = 0L;
        var earned = 0L;
        var growth = 0L;
        var orders = 0L;
        var amount = 0L;
        foreach (var change in counted)
        {
            // A hold due by the instant has ended by it, whether that has been written or not.
            var pinned = change.Hold is { } hold && hold.ExpiresAt <= instant ? 0 : change.Pinned;
            held += pinned;
            available += change.Lot is { } lot && isLive(lot) ? change.Remaining - pinned : 0;
            debt += change.Debt;
            earned += change.Lifetime;
            growth += change.Growth;
            orders += change.Orders;
            amount += change.Amount;
        }

        var level = NaiveArithmetic.LevelOf(earned);
        return new MemberState(available - debt, held, debt, earned, growth, level, orders, amount);
    }

    private List<(NaiveLot Lot, long Points)> TakeFrom(IEnumerable<NaiveLot> some, long points, DateTimeOffset time)
    {
        List<(NaiveLot Lot, long Points)> taken = [];
        var left = points;
        foreach (var lot in InSpendingOrder(some))
        {
            var part = Math.Min(left, lot.Free);
            if (part > 0)
            {
                Record(new NaiveChange(time) { Lot = lot, Remaining = -part });
                taken.Add((lot, part));
                left -= part;
            }
        }

        return taken;
    }

    private void Lapse(NaiveLot lot, long points, DateTimeOffset time)
    {
        Record(new NaiveChange(time) { Lot = lot, Remaining = -points });
        lot.Expired += points;
    }
}
