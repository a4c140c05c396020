using System.Collections.Immutable;
using Laurel.Kernel;
using Laurel.Ledger;
using Laurel.Membership.Members;
using Laurel.Membership.Points;
using Laurel.Membership.Rules;

namespace Laurel.Membership.Orders;

/// <summary>Pays what an order earns and keeps what each rule paid. Needs the counters of the rules.</summary>
internal sealed class OrderPayment(MemberBooks books, OrderRequest request, EventOrigin origin)
{
    public void Pay(Posting posting)
    {
        var paid = books.Rules.Pay(posting, new RuleFacts { Member = posting.Book, Event = FactsOf(origin), Time = posting.Time, Order = request });
        var book = posting.Book;
        book.FirstOrderUsed |= request.Amount > 0;
        book.TotalOrders++;
        book.TotalAmount += request.Amount;
        book.Orders.Set(request.OrderId, Snapshot(posting, paid));
        posting.JudgeLevel(mayFall: false, "order completed");
    }

    private static EventFacts FactsOf(EventOrigin origin) => new(origin.Type, origin.Source, origin.Id, EventFacts.NoData);

    private OrderBook Snapshot(Posting posting, IReadOnlyList<PaidAward> paid) => new()
    {
        OrderId = request.OrderId,
        Amount = request.Amount,
        Refunded = 0,
        Lines =
        [
            .. request.Lines.Select((line, index) => new OrderLine
            {
                LineNumber = index + 1,
                LineId = line.LineId,
                Sku = line.Sku,
                Quantity = line.Quantity,
                Amount = line.Amount,
                Eligible = line.Eligible,
                Refunded = 0,
            }),
        ],
        Earnings = [.. paid.Where(award => award.Award is { Granted: > 0, Rule.Unit: not RuleUnits.Benefit }).Select(EarningOf)],
        LapsedCounted = 0,
        OccurredAt = posting.Time,
        RecordedAt = posting.Draft.Now,
    };

    private OrderEarning EarningOf(PaidAward paid) => new()
    {
        Rule = paid.Award.Rule.Code,
        Unit = paid.Award.Rule.Unit,
        Refund = paid.Award.Rule.Refund,
        CountsForLevel = paid.Award.Rule.CountsForLevel,
        EntryId = paid.EntryId,
        Granted = paid.Award.Granted,
        Taken = 0,
        Shares = paid.Award.Rule.Refund == RefundShare.Proportional ? SharesOf(paid.Award) : [],
    };

    /// <summary>By what each line counted for the rule; where none did, by what each line cost.</summary>
    private ImmutableArray<long> SharesOf(Award award)
    {
        if (request.Lines.IsEmpty)
        {
            return [];
        }

        var weights = award.Eligible > 0 ? award.Weights! : [.. request.Lines.Select(line => line.Amount)];
        return weights.Sum() == 0 ? [] : [.. Apportionment.LargestRemainder(award.Granted, weights)];
    }
}
