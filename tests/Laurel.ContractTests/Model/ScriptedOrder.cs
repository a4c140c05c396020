namespace Laurel.ContractTests.Model;

/// <summary>Makes up the amounts and lines of a script's orders.</summary>
internal static class ScriptedOrder
{
    /// <summary>An order at a time; the caller names the member and the order.</summary>
    public static Operation.Order Make(Random random, DateTimeOffset time)
    {
        var amount = AmountOf(random);
        return new Operation.Order
        {
            Time = time,
            Member = "",
            OrderId = "",
            Amount = amount,
            Lines = random.Next(100) < 45 ? null : LinesOf(random, amount),
        };
    }

    /// <summary>Mostly some hundred yuan; also nothing, less than one yuan, and enough to meet the caps.</summary>
    private static long AmountOf(Random random) => random.Next(100) switch
    {
        < 2 => 0,
        < 6 => random.Next(1, 100),
        < 76 => random.Next(1_000, 60_000),
        < 95 => random.Next(60_000, 300_000),
        _ => random.Next(300_000, 1_500_000),
    };

    private static OrderLine[] LinesOf(Random random, long amount)
    {
        var count = random.Next(1, 6);
        var spread = random.Next(100) switch
        {
            // Lines above the amount, by a little.
            < 3 => amount + random.Next(1, 100),
            // A rest that earns nothing.
            < 40 => random.NextInt64(amount + 1),
            _ => amount,
        };
        var amounts = random.Next(100) < 25 ? Even(spread, count) : Uneven(random, spread, count);
        return [.. amounts.Select((part, index) => new OrderLine($"l{index + 1}", part, EligibleOf(random, part)))];
    }

    private static long? EligibleOf(Random random, long amount) => random.Next(100) switch
    {
        < 65 => null,
        < 75 => 0,
        < 80 => amount,
        _ => random.NextInt64(amount + 1),
    };

    /// <summary>Equal parts make ties of remainders.</summary>
    private static long[] Even(long total, int count)
    {
        var parts = Enumerable.Repeat(total / count, count).ToArray();
        parts[^1] += total % count;
        return parts;
    }

    private static long[] Uneven(Random random, long total, int count)
    {
        var parts = new long[count];
        var left = total;
        for (var index = 0; index < count - 1; index++)
        {
            parts[index] = random.NextInt64((left / 2) + 1);
            left -= parts[index];
        }

        parts[^1] = left;
        return parts;
    }
}

/// <summary>Makes up a refund of an order: some of it, all of it, or too much.</summary>
internal static class ScriptedRefund
{
    /// <summary>A refund at a time; the caller names the order and the refund.</summary>
    public static Operation.Refund Make(Random random, NaiveOrder order, DateTimeOffset time)
    {
        var left = order.Unrefunded;
        var open = order.UnrefundedLines.Where(line => line.Amount > 0).ToList();
        var refund = new Operation.Refund { Time = time, OrderId = "", RefundId = "" };
        return random.Next(100) switch
        {
            < 20 => refund with { Amount = Math.Max(1, left) },
            < 45 => refund with { Amount = left > 1 ? random.NextInt64(1, left) : 1 },
            < 80 when open.Count > 0 => refund with { Lines = [.. SomeOf(random, open)] },
            < 85 when open.Count > 0 => refund with { Lines = [open[0] with { Amount = open[0].Amount + 1 }] },
            < 85 => refund with { Amount = left > 4 ? random.NextInt64(1, left / 2) : 1 },
            < 90 => refund with { Amount = left + random.Next(1, 1_000) },
            < 92 => refund with { Lines = [new RefundLine("no-such-line", 1)] },
            _ => refund with { Amount = left > 10 ? random.NextInt64(1, left / 10) : 1 },
        };
    }

    private static IEnumerable<RefundLine> SomeOf(Random random, List<RefundLine> open)
    {
        var first = random.Next(open.Count);
        foreach (var line in open.Skip(first).Take(random.Next(1, open.Count + 1)))
        {
            yield return random.Next(2) == 0 ? line : line with { Amount = random.NextInt64(1, line.Amount + 1) };
        }
    }
}
