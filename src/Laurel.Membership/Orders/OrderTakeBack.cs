using System.Globalization;
using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Ledger;
using Laurel.Membership.Members;
using Laurel.Membership.Merges;
using Laurel.Membership.Points;
using Laurel.Membership.Programmes;

namespace Laurel.Membership.Orders;

/// <summary>Counts a refund against its order and takes back what the refunded part earned.</summary>
internal sealed class OrderTakeBack(MemberBooks books, RefundRequest request)
{
    /// <summary>Asks for the order and what else its refund depends on; of an order that is not there, for nothing more.</summary>
    public bool HasAll(MemberBook book, Instant time, LoadPlan plan)
    {
        var isFrozenKnown = ReturnFreeze.IsLoaded(books, book, request.OrderId, plan);
        if (!HasOrder(book, plan))
        {
            return false;
        }

        if (book.Orders.Find(request.OrderId) is not { } order)
        {
            return true;
        }

        if (!books.HasMerges(book, plan))
        {
            return false;
        }

        var own = MergeLineage.OwnLots(book, order);
        return books.HasLots(book, own, plan)
            && isFrozenKnown
            && (books.HasPendingOf(book, own, time, plan) & HasCover(book, order, order.PointsLeft(), time, plan) & (!order.EarnedUnits || books.HasUnits(book, plan)));
    }

    /// <summary>The same, and what is with another member where the member has gone.</summary>
    public bool HasAll(Posting posting, LoadPlan plan) => HasAll(posting.Book, posting.Time, plan)
        && (posting.Reach is not { } reach || posting.Book.Orders.Find(request.OrderId) is not { } order || reach.HasLotsOf(order, plan));

    /// <summary>The order once this refund is counted, or why it cannot be.</summary>
    public Refusal? Counted(OrderBook order, out OrderBook after) => Counted(request, order, out after);

    /// <summary>The order once this refund is counted, or why it cannot be.</summary>
    public static Refusal? Counted(RefundRequest request, OrderBook order, out OrderBook after)
    {
        after = order;
        long amount;
        long[] shares;
        if (request.Amount is { } byAmount)
        {
            amount = byAmount;
            if (amount > order.Amount - order.Refunded)
            {
                return Exceeds(order, amount);
            }

            shares = Spread(order, amount);
        }
        else
        {
            shares = new long[order.Lines.Length];
            var lines = order.Lines.Select((line, index) => (line.LineId, index)).ToDictionary(l => l.LineId, l => l.index);
            foreach (var line in request.Lines)
            {
                if (!lines.TryGetValue(line.LineId, out var index))
                {
                    return new Refusal("ORDER_LINE_NOT_FOUND", ("lineId", line.LineId));
                }

                shares[index] = line.Amount;
                if (line.Amount > order.Lines[index].Amount - order.Lines[index].Refunded)
                {
                    return Exceeds(order, line.Amount);
                }
            }

            amount = shares.Sum();
        }

        after = order with
        {
            Refunded = order.Refunded + amount,
            Lines = [.. order.Lines.Select((line, index) => shares[index] == 0 ? line : line with { Refunded = line.Refunded + shares[index] })],
        };
        return null;
    }

    private static Refusal Exceeds(OrderBook order, long requested) =>
        new("REFUND_EXCEEDS_ORDER", ("amount", order.Amount), ("refunded", order.Refunded), ("requested", requested));

    /// <summary>Spreads an amount over what the lines have left, the rest of the order last.</summary>
    private static long[] Spread(OrderBook order, long amount)
    {
        var left = new long[order.Lines.Length + 1];
        for (var i = 0; i < order.Lines.Length; i++)
        {
            left[i] = order.Lines[i].Amount - order.Lines[i].Refunded;
        }

        left[^1] = order.Amount - order.Refunded - left.Sum();
        return Apportionment.LargestRemainder(amount, left)[..^1];
    }

    /// <summary>Takes back what the part earned that is refunded now.</summary>
    /// <param name="after">The order once the refund is counted.</param>
    public void Apply(Posting posting, OrderBook order, OrderBook after)
    {
        var book = posting.Book;
        var whole = after.Refunded == after.Amount;
        posting.Reach?.Pull(after);
        ReturnFreeze.FreeFor(posting, order.OrderId, request, after.PointsToTake(), whole);
        var earnings = after.Earnings.ToBuilder();
        for (var i = 0; i < earnings.Count; i++)
        {
            var earning = earnings[i];
            var target = earning.TakenTarget(after);
            after = TakeBack(posting, after, earning, target - earning.Taken);
            earnings[i] = earning with { Taken = target };
        }

        book.TotalAmount -= after.Refunded - order.Refunded;
        book.TotalOrders -= whole ? 1 : 0;
        posting.Draft.Insert(OrderStatements.InsertRefunds, new OrderStatements.RefundRow(
            book.Identity.Tenant.Value, book.Identity.Id.Value, order.OrderId, request.RefundId, after.Refunded - order.Refunded, whole, posting.Time, posting.Draft.Now));
        book.Orders.Set(order.OrderId, after with { Earnings = earnings.ToImmutable() });
    }

    private static OrderBook TakeBack(Posting posting, OrderBook order, OrderEarning earning, long amount)
    {
        switch (earning.Unit)
        {
            case EntryNames.Points:
                return TakeBackPoints(posting, order, earning, amount);
            case EntryNames.Growth:
                posting.MoveGrowth(-amount, EntryNames.Reverse, EntryNames.RuleRefund);
                return order;
            case EntryNames.Balance:
                TakeBackMoney(posting, earning, amount);
                return order;
            default:
                TakeBackUnits(posting, earning, amount);
                return order;
        }
    }

    /// <summary>Takes what is free of it. Stored money is never owed (I14): what is spent or held already the member keeps.</summary>
    private static void TakeBackMoney(Posting posting, OrderEarning earning, long amount)
    {
        if (amount == 0)
        {
            return;
        }

        var taken = Math.Min(amount, posting.Book.Balance - posting.Book.BalanceHeld);
        posting.MoveBalance(-taken, EntryNames.Reverse, EntryNames.RuleRefund, earning.EntryId, Forgiving(earning, amount, taken));
    }

    /// <summary>Takes what is there of it. Units of the programme are never owed (I25): what is spent already the member keeps.</summary>
    private static void TakeBackUnits(Posting posting, OrderEarning earning, long amount)
    {
        if (amount > 0)
        {
            var taken = Math.Min(amount, posting.Book.Units.AmountOf(earning.Unit));
            posting.MoveUnit(earning.Unit, -taken, EntryNames.Reverse, EntryNames.RuleRefund, earning.EntryId, Forgiving(earning, amount, taken));
        }
    }

    private static BalanceTerms Forgiving(OrderEarning earning, long amount, long taken)
    {
        var detail = string.Create(
            CultureInfo.InvariantCulture,
            $$"""{"of":"{{earning.Rule}}","takenBack":{{amount}},"shortfall":{{amount - taken}},"policy":"forgive"}""");
        return new BalanceTerms(amount, null, null, detail);
    }

    private static OrderBook TakeBackPoints(Posting posting, OrderBook order, OrderEarning earning, long points)
    {
        if (points == 0)
        {
            return order;
        }

        var book = posting.Book;
        var own = MergeLineage.OwnLots(book, order);
        var lapsed = own.Sum(id => MergeReach.LapsedOf(book, id)) - order.LapsedCounted;
        if (posting.Reach is { } reach)
        {
            lapsed = Math.Max(0, lapsed + reach.LapsedOf(order));
            own = [.. own.Union(reach.Pulled)];
        }

        var policy = posting.Programme.Programme.Shortfall;
        var taken = book.Points.TakeBack(points, own, lapsed, posting.Time, policy);
        // What was still pending had not counted yet.
        var uncounted = taken.Pending + (posting.Reach?.TakeUncounted(points - taken.Pending) ?? 0);
        var lifetime = earning.CountsForLevel ? points - uncounted : 0;
        book.Lifetime -= lifetime;
        posting.Take(taken.Amount, EntryNames.Reverse, EntryNames.RuleRefund, taken.Takes, new TakeTerms
        {
            DebtDelta = policy == ShortfallPolicy.Negative ? taken.Shortfall : 0,
            LifetimeDelta = -lifetime,
            Base = points,
            RelatedId = earning.EntryId,
            Detail = string.Create(
                CultureInfo.InvariantCulture,
                $$"""{"of":"{{earning.Rule}}","takenBack":{{points}},"lapsed":{{taken.Lapsed}},"shortfall":{{taken.Shortfall}},"policy":"{{NameOf(policy)}}"{{PendingText(taken)}}}"""),
        });
        return order with { LapsedCounted = order.LapsedCounted + taken.Lapsed };
    }

    private static string PendingText(TakenBack taken) =>
        taken.Pending == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $",\"pending\":{taken.Pending}");

    private static string NameOf(ShortfallPolicy policy) => policy switch
    {
        ShortfallPolicy.Negative => "negative",
        ShortfallPolicy.Forgive => "forgive",
        ShortfallPolicy.Receivable => "receivable",
    };

    private bool HasOrder(MemberBook book, LoadPlan plan)
    {
        if (book.Orders.IsKnown(request.OrderId))
        {
            return true;
        }

        plan.Need(books.Orders, new OrderStatements.OrderKey(book.Identity.Tenant.Value, book.Identity.Id.Value, request.OrderId));
        return false;
    }

    private bool HasCover(MemberBook book, OrderBook order, long points, Instant time, LoadPlan plan)
    {
        if (points <= 0 || book.Points.CanTakeBack(points, MergeLineage.OwnLots(book, order), time))
        {
            return true;
        }

        books.NeedLots(book, plan);
        return false;
    }
}
