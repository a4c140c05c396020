using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Ledger;
using Laurel.Membership.Members;
using Laurel.Membership.Points;
using Laurel.Membership.Programmes;

namespace Laurel.Membership.Orders;

/// <summary>How much of one line went back.</summary>
public sealed record RefundLineRequest(string LineId, long Amount);

/// <summary>A refund as it was told: by amount or by lines, never both.</summary>
public sealed record RefundRequest
{
    public required string OrderId { get; init; }

    public required string RefundId { get; init; }

    /// <summary>Minor units, 1 or more; null when the refund names lines.</summary>
    public required long? Amount { get; init; }

    public required ImmutableArray<RefundLineRequest> Lines { get; init; }

    /// <summary>The return that this refund ends; null where the shop names none.</summary>
    public string? ReturnId { get; init; }

    internal Hash128 ContentFor(TenantId tenant)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{Amount}");
        foreach (var line in Lines)
        {
            text.Append(CultureInfo.InvariantCulture, $"|{line.LineId.Length}:{line.LineId}|{line.Amount}");
        }

        text.Append(ReturnId is null ? "" : $"|return:{ReturnId}");
        return Hash128.Of(tenant.Value, "refund-content", OrderId, text.ToString());
    }
}

/// <summary>Takes back what a refunded part of an order earned, by the snapshot taken when it was earned.</summary>
/// <remarks>Cumulative and per line: any number of partial refunds take exactly what one refund of the whole would.
/// Refusals, first match wins: TIME_IN_FUTURE, ORDER_NOT_FOUND, ORDER_LINE_NOT_FOUND, REFUND_EXCEEDS_ORDER.</remarks>
public sealed class RefundOrder(TenantId tenant, RefundRequest request, EventOrigin origin, MemberBooks books)
    : MemberCommand(tenant, MemberReference.ByHandle(CompleteOrder.HandleOf(tenant, request.OrderId), "ORDER_NOT_FOUND"), books)
{
    protected override bool NeedsActiveMember => false;

    public override void NameClaims(HandleResolution handles, ICollection<Claim> claims)
    {
        var content = request.ContentFor(Tenant);
        claims.Add(EventClaim.Of(Tenant, EventClaim.KeyOf(Tenant, origin), origin.Type, content));
        claims.Add(new Claim(Hash128.Of(Tenant.Value, "refund", request.OrderId, request.RefundId), content));
    }

    protected override void PlanFor(MemberBook book, Instant time, LoadPlan plan)
    {
        var isFrozenKnown = ReturnFreeze.IsLoaded(Books, book, request.OrderId, plan);
        if (HasOrder(book, plan) && book.Orders.Find(request.OrderId) is { } order && Books.HasLots(book, order.OwnLots(), plan) && isFrozenKnown)
        {
            Books.HasPendingOf(book, order.OwnLots(), time, plan);
            HasCover(book, order, order.PointsLeft(), time, plan);
        }
    }

    protected override Cause CauseOf() => new("Order refunded", "refund", request.RefundId) { OrderId = request.OrderId };

    private protected override Decision Act(Posting posting, LoadPlan plan)
    {
        var book = posting.Book;
        if (!HasOrder(book, plan))
        {
            return Decision.NeedMore.Instance;
        }

        if (book.Orders.Find(request.OrderId) is not { } order)
        {
            return Refuse("ORDER_NOT_FOUND");
        }

        if (!Books.HasLots(book, order.OwnLots(), plan)
            || !ReturnFreeze.IsLoaded(Books, book, request.OrderId, plan)
            || !Books.HasPendingOf(book, order.OwnLots(), posting.Time, plan)
            || !HasCover(book, order, order.PointsLeft(), posting.Time, plan))
        {
            return Decision.NeedMore.Instance;
        }

        if (Refunded(request, order, out var after) is { } refusal)
        {
            return new Decision.Refuse(refusal);
        }

        TakeBack(posting, order, after);
        posting.JudgeLevel(mayFall: true, "order refunded", order.OccurredAt);
        return Done(posting);
    }

    /// <summary>The order once this refund is counted, or why it cannot be.</summary>
    internal static Refusal? Refunded(RefundRequest request, OrderBook order, out OrderBook after)
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

    private void TakeBack(Posting posting, OrderBook order, OrderBook after)
    {
        var book = posting.Book;
        var whole = after.Refunded == after.Amount;
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
            default:
                throw new InvariantBrokenException($"An order earned '{earning.Unit}', which no version pays.");
        }
    }

    private static OrderBook TakeBackPoints(Posting posting, OrderBook order, OrderEarning earning, long points)
    {
        if (points == 0)
        {
            return order;
        }

        var book = posting.Book;
        var own = order.OwnLots();
        var lapsed = own.Sum(id => book.Points.FindLot(id) is { LapseUse: not LapseUse.Reinstated } lot ? lot.Expired : 0) - order.LapsedCounted;
        var policy = posting.Programme.Programme.Shortfall;
        var taken = book.Points.TakeBack(points, own, lapsed, posting.Time, policy);
        // What was still pending had not counted yet.
        var lifetime = earning.CountsForLevel ? points - taken.Pending : 0;
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

        plan.Need(Books.Orders, new OrderStatements.OrderKey(book.Identity.Tenant.Value, book.Identity.Id.Value, request.OrderId));
        return false;
    }

    private bool HasCover(MemberBook book, OrderBook order, long points, Instant time, LoadPlan plan)
    {
        if (points <= 0 || book.Points.CanTakeBack(points, order.OwnLots(), time))
        {
            return true;
        }

        Books.NeedLots(book, plan);
        return false;
    }
}
