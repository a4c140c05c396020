namespace Laurel.ContractTests.Model;

/// <content>What moves the life of points.</content>
internal sealed partial class EventScriptWriter
{
    private readonly List<(string Member, string Lot)> waiting = [];
    private readonly List<(string OrderId, string ReturnId)> returns = [];

    /// <summary>Whether the script moves the life of points. Without it, scripts are those they always were.</summary>
    public bool MovesLives { get; init; }

    private Operation NextOfLives() => random.Next(100) switch
    {
        < 30 => NewWaiting(),
        < 45 => EndOfWaiting(),
        < 58 => NewExtension(),
        < 70 => new Operation.Reinstate { Time = now, Member = Member(), WindowDays = random.Next(31) },
        < 88 => NewReturn(),
        < 93 => returns.Count == 0 ? NewReturn() : NewRejection(),
        _ => returns.Count == 0 ? NewReturn() : RefundOfAReturn(),
    };

    private Operation NewWaiting()
    {
        var waitsForTime = random.Next(2) == 0;
        var at = random.Next(10) == 0 ? now : now.AddHours(random.Next(1, 24 * 90));
        return new Operation.EarnLater
        {
            Time = now,
            Member = Member(),
            Lot = Name("l"),
            Points = random.Next(1, 1_500),
            ActiveAt = waitsForTime ? at : null,
            CancelAt = waitsForTime ? null : at.AddSeconds(1),
        };
    }

    private Operation EndOfWaiting()
    {
        if (waiting.Count == 0)
        {
            return NewWaiting();
        }

        var (member, lot) = Recent(waiting, 60);
        return new Operation.EndWaiting { Time = now, Member = member, Lot = lot, Activates = random.Next(3) > 0 };
    }

    private Operation NewExtension()
    {
        var end = random.Next(2) == 0 ? now.AddDays(random.Next(1, 500)) : (DateTimeOffset?)null;
        return new Operation.Extend
        {
            Time = now,
            Member = Member(),
            ExpiringBefore = now.AddDays(random.Next(1, 120)),
            ExpiresAt = end,
            Days = end is null ? random.Next(1, 90) : null,
        };
    }

    private Operation NewReturn()
    {
        if (orders.Count == 0)
        {
            return NewOrder();
        }

        var order = Recent(orders, 60);
        var part = ScriptedRefund.Make(random, model.FindOrder(order.OrderId)!, now) with { OrderId = order.OrderId, RefundId = Name("rt"), RecordedAt = now };
        return new Operation.RequestReturn { Time = now, Part = part };
    }

    private Operation NewRejection()
    {
        var (order, id) = Recent(returns, 30);
        return new Operation.RejectReturn { Time = now, OrderId = order, ReturnId = id };
    }

    private Operation RefundOfAReturn()
    {
        var (order, id) = Recent(returns, 30);
        return ScriptedRefund.Make(random, model.FindOrder(order)!, now) with { OrderId = order, RefundId = Name("r"), ReturnId = id, RecordedAt = now };
    }
}
