using Laurel.Kernel;
using Laurel.Ledger;

namespace Laurel.UnitTests.Ledger;

/// <summary>
/// The account of points as one would keep it on paper: plain lists, walked from the start for every question.
/// </summary>
internal sealed class NaiveWallet
{
    private readonly List<Lot> _lots = [];
    private readonly List<Hold> _holds = [];

    internal sealed class Lot
    {
        public required LotPosition Position { get; init; }

        public required long Granted { get; init; }

        public required long Opening { get; init; }

        public long Taken { get; set; }

        public long Held { get; set; }

        public long Expired { get; set; }

        public long Remaining => Opening - Taken;

        public long Free => Remaining - Held;

        public bool IsLive(Instant time) => Position.ActiveAt <= time && time < Position.ExpiresAt;
    }

    internal sealed class Hold
    {
        public required long Id { get; init; }

        public required long Points { get; init; }

        public required Instant ExpiresAt { get; init; }

        /// <summary>One element for each point, in the order in which they were pinned.</summary>
        public required List<Lot> Pinned { get; init; }

        public long Captured { get; set; }

        public long Released { get; set; }

        public HoldStatus Status { get; set; }
    }

    public long Debt { get; private set; }

    public long Receivable { get; private set; }

    /// <summary>Everything that was ever granted and not withheld, less everything that ever left.</summary>
    public long Balance { get; private set; }

    public IReadOnlyList<Lot> Lots => _lots;

    public IReadOnlyList<Hold> Holds => _holds;

    public long Held => _holds.Where(hold => hold.Status == HoldStatus.Open).Sum(hold => (long)hold.Pinned.Count);

    private IEnumerable<Lot> InOrder => _lots.OrderBy(lot => lot.Position);

    public long AvailableAt(Instant time) => _lots.Where(lot => lot.IsLive(time)).Sum(lot => lot.Free) - Debt;

    public Instant NextDue =>
        _holds.Where(hold => hold.Status == HoldStatus.Open).Select(hold => hold.ExpiresAt)
            .Concat(_lots.Where(lot => lot.Free > 0).Select(lot => lot.Position.ExpiresAt))
            .DefaultIfEmpty(Instant.Never)
            .Min();

    public void Grant(LotPosition position, long points, long withheld)
    {
        var repaid = Math.Min(Debt, points - withheld);
        Debt -= repaid;
        Receivable -= withheld;
        Balance += points - withheld;
        _lots.Add(new Lot { Position = position, Granted = points, Opening = points - withheld - repaid });
    }

    public List<LotTake> Take(long points, Instant time) => TakePoints(points, InOrder.Where(lot => lot.IsLive(time)));

    public void Open(long id, long points, Instant time, Instant expiresAt)
    {
        var pinned = new List<Lot>();
        foreach (var lot in InOrder.Where(lot => lot.IsLive(time)))
        {
            while (lot.Free > 0 && pinned.Count < points)
            {
                lot.Held++;
                pinned.Add(lot);
            }
        }

        _holds.Add(new Hold { Id = id, Points = points, ExpiresAt = expiresAt, Pinned = pinned });
    }

    public (List<LotTake> Takes, List<LotTake> Lapsed) Capture(Hold hold, int points, Instant time)
    {
        var captured = hold.Pinned[..points];
        hold.Pinned.RemoveRange(0, points);
        hold.Captured = points;
        Balance -= points;
        foreach (var lot in captured)
        {
            lot.Held--;
            lot.Taken++;
        }

        var lapsed = Free(hold, hold.Pinned.Count, time);
        hold.Status = HoldStatus.Captured;
        return (Grouped(captured), lapsed);
    }

    public List<LotTake> Release(Hold hold, int points, Instant time)
    {
        var lapsed = Free(hold, points, time);
        hold.Status = hold.Pinned.Count == 0 ? HoldStatus.Released : HoldStatus.Open;
        return lapsed;
    }

    /// <summary>What comes due until a time, one instant after the other; at one instant holds end first.</summary>
    public List<(Instant At, List<LotTake> Lapsed, long? Hold)> Settle(Instant time)
    {
        var changes = new List<(Instant, List<LotTake>, long?)>();
        while (NextDue is var at && at <= time && at != Instant.Never)
        {
            var ended = _holds.Where(hold => hold.Status == HoldStatus.Open && hold.ExpiresAt == at).MinBy(hold => hold.Id);
            if (ended is not null)
            {
                var lapsed = Free(ended, ended.Pinned.Count, at);
                ended.Status = HoldStatus.Expired;
                changes.Add((at, lapsed, ended.Id));
                continue;
            }

            var due = InOrder.Where(lot => lot.Free > 0 && lot.Position.ExpiresAt <= at).ToList();
            changes.Add((at, [.. due.Select(lot => new LotTake(lot.Position.Id, Lapse(lot, lot.Free)))], null));
        }

        return changes;
    }

    public (long Lapsed, List<LotTake> Takes, long Shortfall) TakeBack(long points, List<Lot> own, long lapsedUncounted, Instant time, ShortfallPolicy policy)
    {
        var lapsed = Math.Min(points, lapsedUncounted);
        var takes = TakePoints(points - lapsed, own.OrderBy(lot => lot.Position.ActiveAt > time ? 0 : 1).ThenBy(lot => lot.Position));
        takes.AddRange(TakePoints(points - lapsed - takes.Sum(take => take.Points), InOrder.Where(lot => lot.IsLive(time))));
        var shortfall = points - lapsed - takes.Sum(take => take.Points);
        Debt += policy == ShortfallPolicy.Negative ? shortfall : 0;
        Balance -= policy == ShortfallPolicy.Negative ? shortfall : 0;
        Receivable += policy == ShortfallPolicy.Receivable ? shortfall : 0;
        return (lapsed, takes, shortfall);
    }

    private List<LotTake> TakePoints(long points, IEnumerable<Lot> from)
    {
        var takes = new List<LotTake>();
        foreach (var lot in from)
        {
            var taken = Math.Min(points, lot.Free);
            if (taken > 0)
            {
                lot.Taken += taken;
                Balance -= taken;
                points -= taken;
                takes.Add(new LotTake(lot.Position.Id, taken));
            }
        }

        return takes;
    }

    private List<LotTake> Free(Hold hold, int points, Instant at)
    {
        var freed = hold.Pinned[^points..];
        hold.Pinned.RemoveRange(hold.Pinned.Count - points, points);
        hold.Released += points;
        foreach (var lot in freed)
        {
            lot.Held--;
        }

        return Grouped([.. freed.Where(lot => lot.Position.ExpiresAt <= at).Reverse().Select(lot =>
        {
            Lapse(lot, 1);
            return lot;
        })]);
    }

    private long Lapse(Lot lot, long points)
    {
        lot.Taken += points;
        lot.Expired += points;
        Balance -= points;
        return points;
    }

    private static List<LotTake> Grouped(List<Lot> points) =>
        [.. points.GroupBy(lot => lot.Position.Id).Select(group => new LotTake(group.Key, group.Count()))];
}
