using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Membership.Coupons;
using Laurel.Membership.Members;
using Laurel.Membership.Orders;
using Laurel.Membership.Points;
using Laurel.Membership.Programmes;

namespace Laurel.Membership.Merges;

/// <summary>Reaches from a merged member to where its points are now: a fact about something that the merged member did is recorded in its own
/// book, with what it takes brought back first, and with what it leaves sent on at the end.</summary>
/// <param name="chain">The merged member, whoever it went into, and so on to the one who stands on its own.</param>
/// <param name="at">When points move between them: not before the moment of the decision.</param>
internal sealed class MergeReach(MemberBooks books, IReadOnlyList<MemberBook> chain, ActiveProgramme programme, Instant at)
{
    private readonly Dictionary<LimitKey, long> _limits = chain[0].Limits.Values.ToDictionary(use => use.Key, use => use.Used);
    private readonly Dictionary<LimitKey, long> _caps = MergePlan.CapsOf(chain[0]).ToDictionary(use => use.Key, use => use.Used);
    private bool _isPulled;

    // What the fact counted at the merged member, which the survivor's counters gain.
    private IReadOnlyList<LimitUse> _gained = [];
    private IReadOnlyList<LimitUse> _gainedCaps = [];
    private (bool MayFall, string Reason, Instant? CountedAt)? _judgement;

    // Points brought back that had been pending, and had not counted for the level.
    private long _uncounted;

    /// <summary>The lots in which points were brought back: the refund takes from these as from the order's own.</summary>
    public IReadOnlyList<long> Pulled { get; private set; } = [];

    private MemberBook Survivor => chain[^1];

    private Draft? Draft { get; set; }

    /// <summary>A posting of the one who stands on its own, for the last merge of the chain.</summary>
    public Posting SurvivorPosting => PostingOf(chain.Count - 1, chain.Count - 2);

    /// <summary>Asks for what is due of every member of the chain, and for the lineage between them.</summary>
    public bool IsLoaded(LoadPlan plan)
    {
        var all = true;
        foreach (var book in chain)
        {
            all &= books.HasDue(book, at, plan, programme) & books.HasMerges(book, plan);
        }

        return all;
    }

    /// <summary>Makes what is due at the others of the chain.</summary>
    public void Begin(Draft draft)
    {
        Draft = draft;
        for (var i = 1; i < chain.Count; i++)
        {
            PostingOf(i, i - 1).Settle();
        }
    }

    /// <summary>Asks for the lots at the survivor that an order of the merged member earned, and for others that a refund may take.</summary>
    public bool HasLotsOf(OrderBook order, LoadPlan plan)
    {
        var own = MergeLineage.At(Survivor, chain, order.OwnLots());
        var all = books.HasLots(Survivor, own, plan) && books.HasPendingOf(Survivor, own, at, plan);
        foreach (var book in order.EarnedUnits ? chain : [])
        {
            all &= books.HasUnits(book, plan);
        }

        if (!Survivor.Points.CanTakeBack(order.PointsLeft(), own, at))
        {
            books.NeedLots(Survivor, plan);
            return false;
        }

        return all;
    }

    /// <summary>Points of the order's lots that lapsed at the survivor.</summary>
    public long LapsedOf(OrderBook order)
    {
        var survivor = Edit(chain.Count - 1);
        return MergeLineage.At(survivor, chain, order.OwnLots()).Sum(id => LapsedOf(survivor, id));
    }

    public static long LapsedOf(MemberBook book, long lot) =>
        book.Points.FindLot(lot) is { LapseUse: not Ledger.LapseUse.Reinstated } found ? found.Expired : 0;

    /// <summary>Brings back what a refund is about to take, before it has written anything: of the order's own lots first, of these the pending
    /// ones, then of others in order. What is not there any more is left to the policy for shortfalls.</summary>
    /// <param name="after">The order once the refund is counted.</param>
    public void Pull(OrderBook after)
    {
        if (_isPulled)
        {
            return;
        }

        _isPulled = true;
        var (points, money) = (0L, 0L);
        foreach (var earning in after.Earnings)
        {
            var taken = earning.TakenTarget(after) - earning.Taken;
            points += earning.Unit == EntryNames.Points ? taken : 0;
            money += earning.Unit == EntryNames.Balance ? taken : 0;
        }

        var merged = Edit(0);
        var own = MergeLineage.OwnLots(merged, after);
        var free = own.Sum(id => merged.Points.FindLot(id)?.Free ?? 0) + ReturnFreeze.HeldFor(merged, merged.Returns.Find(after.OrderId)!);
        var lapsed = Math.Max(0, own.Sum(id => LapsedOf(merged, id)) + LapsedOf(after) - after.LapsedCounted);
        CloseLapses(after, Math.Min(points, lapsed));
        PullPoints(after, points - Math.Min(points, free + lapsed));
        PullMoney(money);
        foreach (var earned in after.Earnings.Where(earning => !EntryNames.IsOfHouse(earning.Unit)).GroupBy(earning => earning.Unit))
        {
            PullUnit(earned.Key, earned.Sum(earning => earning.TakenTarget(after) - earning.Taken));
        }
    }

    /// <summary>Brings back what a return is about to hold: points of the order's own lots and no others. What is still pending there stays: nobody
    /// spends it.</summary>
    public void PullOwn(OrderBook order, long points)
    {
        var (merged, survivor) = (Edit(0), Edit(chain.Count - 1));
        var lots = MergeLineage.At(survivor, chain, order.OwnLots()).Select(survivor.Points.FindLot).OfType<Ledger.Lot>().ToList();
        if (lots.TrueForAll(lot => lot.ActiveAt <= at))
        {
            var here = ReturnFreeze.HeldFor(merged, merged.Returns.Find(order.OrderId)!)
                + MergeLineage.OwnLots(merged, order).Sum(id => merged.Points.FindLot(id)?.Free ?? 0);
            PullPoints(order, Math.Min(points - here, lots.Sum(lot => lot.Free)));
        }
    }

    /// <summary>How many of the points brought back had been pending, and so had not counted for the level. Tells of each once.</summary>
    public long TakeUncounted(long pointsMax)
    {
        var points = Math.Min(_uncounted, pointsMax);
        _uncounted -= points;
        return points;
    }

    /// <summary>Notes that the fact judges the level: it is the survivor's that is judged.</summary>
    public void Judge(bool mayFall, string reason, Instant? countedAt) => _judgement = (mayFall, reason, countedAt);

    /// <summary>Sends on what the fact left at the merged member.</summary>
    /// <returns>Whether everything that it takes was loaded; where not, nothing is true of the draft.</returns>
    public bool Carry(LoadPlan plan)
    {
        for (var i = 0; i + 1 < chain.Count; i++)
        {
            if (!Carry(i, plan))
            {
                return false;
            }
        }

        return true;
    }

    private bool Carry(int link, LoadPlan plan)
    {
        var (from, to) = (Edit(link), Edit(link + 1));
        if (!books.HasAllLots(from, plan) | !books.HasDue(to, at, plan, programme))
        {
            return false;
        }

        var outgoing = PostingOf(link, link);
        outgoing.Settle();
        if (link == 0)
        {
            _gained = More(from.Limits.Values.Where(use => MergePlan.Follows(use.Key)), _limits);
            _gainedCaps = More(MergePlan.CapsOf(from), _caps);
        }

        var moved = MergePlan.Of(from, to, at, _gained, _gainedCaps);
        var isKnown = CouponDesk.Has(books, to, moved.Coupons.Select(coupon => coupon.Id), plan);
        foreach (var use in _gained)
        {
            isKnown &= books.HasLimit(to, use.Key, plan);
        }

        foreach (var use in _gainedCaps)
        {
            isKnown &= books.Rules.HasCounters(to, use.Key.Period, plan);
        }

        isKnown &= moved.Lots.Count == 0 || books.HasHoldings(from, plan);
        isKnown &= moved.Units.Count == 0 || books.HasUnits(to, plan);
        if (!isKnown || (moved.Debt > 0 && !books.CanOwe(to, moved.Debt, at, plan)))
        {
            return false;
        }

        // Grants and cards follow a merge and nothing else: none is made of a merged member.
        moved = moved with { Grants = [], Cards = [] };
        var incoming = PostingOf(link + 1, link);
        new MergeTransfer(outgoing, incoming, from, from.Merges.Standing!.Id).Move(moved);
        if (link + 2 == chain.Count)
        {
            JudgeLevel(incoming, moved);
        }

        return true;
    }

    private static List<LimitUse> More(IEnumerable<LimitUse> now, Dictionary<LimitKey, long> before) =>
        [.. now.Select(use => use with { Used = use.Used - before.GetValueOrDefault(use.Key) }).Where(use => use.Used != 0)];

    private void JudgeLevel(Posting survivor, MergePlan moved)
    {
        if (_judgement is { } judgement)
        {
            survivor.JudgeLevel(judgement.MayFall, judgement.Reason, judgement.CountedAt);
        }
        else if (moved is not { Lifetime: 0, Growth: 0, Orders: 0, Amount: 0 })
        {
            survivor.JudgeLevel(mayFall: false, "members merged");
        }
    }

    // A lapse that a refund has counted as taken back does not come back.
    private void CloseLapses(OrderBook order, long points)
    {
        var survivor = Edit(chain.Count - 1);
        var own = MergeLineage.At(survivor, chain, order.OwnLots());
        var lapsed = Math.Min(points, own.Sum(id => LapsedOf(survivor, id)));
        if (lapsed > 0)
        {
            survivor.Points.TakeBack(lapsed, own, lapsed, at, Ledger.ShortfallPolicy.Forgive);
        }
    }

    private void PullPoints(OrderBook order, long points)
    {
        if (points <= 0)
        {
            return;
        }

        var own = MergeLineage.At(Edit(chain.Count - 1), chain, order.OwnLots());
        for (var i = chain.Count - 2; i >= 0; i--)
        {
            var (holder, taker) = (Edit(i + 1), Edit(i));
            var taken = holder.Points.TakeBack(points, own, 0, at, Ledger.ShortfallPolicy.Forgive);
            _uncounted += taken.Pending;
            points = taken.Takes.Sum(take => take.Points);
            if (points == 0)
            {
                return;
            }

            own = new MergeTransfer(PostingOf(i + 1, i), PostingOf(i, i), taker, taker.Merges.Standing!.Id).MoveTaken(taken.Takes, order.OrderId);
        }

        Pulled = own;
    }

    /// <summary>Brings back stored money that something is about to take, as far as it is there and free.</summary>
    /// <param name="wanted">Minor units in all; what the merged member has is not brought again.</param>
    public void PullMoney(long wanted)
    {
        var amount = wanted - (Edit(0).Balance - Edit(0).BalanceHeld);
        amount = Math.Min(amount, Edit(chain.Count - 1).Balance - Edit(chain.Count - 1).BalanceHeld);
        for (var i = chain.Count - 2; i >= 0 && amount > 0; i--)
        {
            new MergeTransfer(PostingOf(i + 1, i), PostingOf(i, i), Edit(i), Edit(i).Merges.Standing!.Id).MoveMoney(amount);
        }
    }

    /// <summary>Brings back what a refund is about to take of a unit that the programme defines, as far as it is there.</summary>
    private void PullUnit(string unit, long wanted)
    {
        var amount = Math.Min(wanted - Edit(0).Units.AmountOf(unit), Edit(chain.Count - 1).Units.AmountOf(unit));
        for (var i = chain.Count - 2; i >= 0 && amount > 0; i--)
        {
            new MergeTransfer(PostingOf(i + 1, i), PostingOf(i, i), Edit(i), Edit(i).Merges.Standing!.Id).MoveUnit(unit, amount);
        }
    }

    private MemberBook Edit(int link) => Draft!.Edit<MemberBook>(books.Members.RootOf(chain[link].Identity.Tenant, chain[link].Identity.Id))!;

    /// <summary>A posting of a member of the chain for the merge that is a link of it.</summary>
    private Posting PostingOf(int member, int link) => new(Draft!, Edit(member), programme, at, CauseOf(Edit(link)));

    private static Cause CauseOf(MemberBook merged) =>
        new("Members merged", "merge", merged.Merges.Standing!.Id.ToString(System.Globalization.CultureInfo.InvariantCulture));
}

/// <summary>Follows lots through merges and their undoing.</summary>
internal static class MergeLineage
{
    /// <summary>The lots at a member that lots of the first member of a chain have become.</summary>
    public static List<long> At(MemberBook holder, IReadOnlyList<MemberBook> chain, IReadOnlyList<long> lots)
    {
        var edges = chain.Where(book => book.HasMerges).SelectMany(book => book.Merges.Moves.Values).Where(move => move.Kind == MoveKinds.Lot)
            .ToLookup(move => (move.From, move.FromRef), move => (move.To, move.ToRef));
        var origin = chain[0].Identity.Id.Value;
        var seen = new HashSet<(long Member, long Lot)>(lots.Select(lot => (origin, lot)));
        var waiting = new Queue<(long Member, long Lot)>(seen);
        while (waiting.TryDequeue(out var place))
        {
            foreach (var next in edges[place].Where(seen.Add))
            {
                waiting.Enqueue(next);
            }
        }

        return [.. seen.Where(place => place.Member == holder.Identity.Id.Value).Select(place => place.Lot).Order()];
    }

    /// <summary>The lots of an order that are at its own member, those that came back from a merge among them.</summary>
    public static IReadOnlyList<long> OwnLots(MemberBook book, OrderBook order) =>
        book.MergedInto is null ? order.OwnLots() : At(book, [book], order.OwnLots());
}
