namespace Laurel.ContractTests.Model;

/// <summary>Writes an <see cref="EventScript"/>, running the naive model beside it.</summary>
/// <remarks>
/// The model only steers the choice towards what is interesting (a spend of the whole balance, a refund of what is
/// left of a line); a wrong model would write a duller script, not a wrong one.
/// </remarks>
internal sealed partial class EventScriptWriter(int seed)
{
    private const int MembersMax = 300;
    private const int StepSecondsMax = 5_600;

    private readonly Random random = new(seed);
    private readonly NaiveLoyalty model = new(ShortfallPolicy.Negative);
    private readonly List<Operation> written = [];
    private readonly List<(string Name, DateTimeOffset Since)> members = [];
    private readonly List<Operation.Order> orders = [];
    private readonly List<Operation> applied = [];
    private readonly List<string> holds = [];
    private readonly Queue<Operation> withheld = [];
    private DateTimeOffset now = EventScript.Start;
    private int numbered;

    public async Task<EventScript> WriteAsync(int count, CancellationToken cancellationToken)
    {
        while (written.Count < count)
        {
            var operation = members.Count == 0 ? NewMember() : Next();
            written.Add(operation);
            Remember(operation, await operation.ApplyToAsync(model, cancellationToken));
            Advance();
        }

        return new EventScript(seed, written);
    }

    private Operation Next() => MovesLives && random.Next(4) == 0 ? NextOfLives() : NextOfShop();

    private Operation NextOfShop() => random.Next(1_000) switch
    {
        < 25 => members.Count < MembersMax ? NewMember() : NewOrder(),
        < 350 => NewOrder(),
        < 380 => LateOrder(),
        < 580 => NewRefund(),
        < 690 => new Operation.Spend { Time = now, Member = Member(out var points), Points = points },
        < 750 => NewEarning(),
        < 800 => NewAdjustment(),
        < 840 => NewTransfer(),
        < 900 => NewHold(),
        < 930 => new Operation.Capture { Time = now, HoldReference = Hold(out var points), Points = points },
        < 955 => new Operation.Release { Time = now, HoldReference = Hold(out var points), Points = points },
        < 965 => Again(),
        < 972 => RefundAheadOfItsOrder(),
        < 988 => withheld.TryDequeue(out var operation) ? operation with { RecordedAt = now } : NewRefund(),
        < 993 => Ahead(),
        < 998 => NewStranger(),
        _ => new Operation.Sweep { Time = now },
    };

    private void Remember(Operation operation, Outcome outcome)
    {
        if (outcome is not Outcome.Applied)
        {
            return;
        }

        switch (operation)
        {
            case Operation.Register register:
                members.Add((register.Member, register.Time));
                break;
            case Operation.Order order:
                orders.Add(order);
                applied.Add(order);
                break;
            case Operation.Refund refund:
                applied.Add(refund);
                break;
            case Operation.Hold hold:
                holds.Add(hold.Reference);
                break;
            case Operation.EarnLater later:
                waiting.Add((later.Member, later.Lot));
                break;
            case Operation.RequestReturn asked:
                returns.Add((asked.Part.OrderId, asked.Part.RefundId));
                break;
        }
    }

    private void Advance()
    {
        // Time also stands still, and falls on midnight, when lots expire.
        var nextMidnight = new DateTimeOffset(now.Date.AddDays(1), now.Offset);
        now = random.Next(100) switch
        {
            < 5 => now,
            < 6 => nextMidnight,
            _ => now.AddSeconds(random.Next(1, StepSecondsMax)),
        };
    }

    private string Name(string kind) => $"{kind}{++numbered}";

    /// <summary>A member; some are chosen far more often than others.</summary>
    private string Member() => members[MemberIndex()].Name;

    private int MemberIndex() => (int)(members.Count * Math.Pow(random.NextDouble(), 2));

    /// <summary>A member and points it might spend: few, some, all or more than it has.</summary>
    private string Member(out long points)
    {
        var index = MemberIndex();
        var member = members[index].Name;
        var available = model.FindMember(member)!.AvailableAt(now);
        if (index % 3 == 0)
        {
            // Savers spend little, so that their points expire.
            points = random.Next(1, 20);
            return member;
        }

        points = random.Next(100) switch
        {
            < 40 => random.Next(1, 400),
            < 65 => available > 1 ? random.NextInt64(1, available) : 1,
            < 85 => Math.Max(1, available),
            _ => Math.Max(0, available) + random.Next(1, 1_000),
        };
        return member;
    }

    /// <summary>A hold, mostly a recent one, and how much of it: all, a part, now and then too much.</summary>
    private string Hold(out long? points)
    {
        points = random.Next(100) switch
        {
            < 45 => null,
            < 90 => random.Next(1, 150),
            _ => 1_000_000,
        };
        var open = holds.FindAll(reference => model.FindHold(reference)!.IsOpenAt(now));
        return random.Next(100) switch
        {
            < 3 => "no-such-hold",
            < 85 when open.Count > 0 => open[random.Next(open.Count)],
            _ => holds.Count == 0 ? "no-such-hold" : Recent(holds, 25),
        };
    }

    private T Recent<T>(List<T> some, int window) =>
        some[random.Next(random.Next(100) < 80 ? Math.Max(0, some.Count - window) : 0, some.Count)];

    /// <summary>
    /// An instant up to now, not before the earliest: mostly within a month, now and then a year ago.
    /// </summary>
    private DateTimeOffset LateTime(DateTimeOffset earliest)
    {
        var days = random.Next(100) < 80 ? random.Next(30) : random.Next(300, 500);
        var time = now.AddDays(-days).AddSeconds(-random.Next(86_400));
        return time > earliest ? time : earliest;
    }

    private Operation NewMember() => new Operation.Register { Time = now, Member = Name("m") };

    private Operation NewOrder()
    {
        var member = Member();
        var isFirst = !model.FindMember(member)!.HasUsedFirstOrderBonus;
        var order = ScriptedOrder.Make(random, now) with { Member = member, OrderId = Name("o") };

        // Now and then a first order leaves the bonus some of the day's room, but not enough.
        return isFirst && random.Next(100) < 15
            ? order with { Amount = random.Next(481_000, 499_000), Lines = null }
            : order;
    }

    private Operation LateOrder()
    {
        var member = Member();
        var since = members.Find(candidate => candidate.Name == member).Since;
        return ScriptedOrder.Make(random, LateTime(since)) with
        {
            Member = member,
            OrderId = Name("o"),
            RecordedAt = now,
        };
    }

    private Operation NewRefund()
    {
        if (orders.Count == 0 || random.Next(100) < 2)
        {
            return new Operation.Refund { Time = now, OrderId = "no-such-order", RefundId = Name("r"), Amount = 1 };
        }

        // A few favourites, so that orders are refunded piece by piece to the end; and some that have expired.
        var order = random.Next(100) switch
        {
            < 45 => Recent(orders, 12),
            < 85 => Recent(orders, 400),
            _ => orders.Find(old => old.Time < now.AddDays(-366) && random.Next(50) == 0) ?? Recent(orders, 400),
        };
        var known = model.FindOrder(order.OrderId)!;
        var time = random.Next(100) < 75 && order.Time <= now ? now : LateTime(order.Time);
        return ScriptedRefund.Make(random, known, time) with
        {
            OrderId = order.OrderId,
            RefundId = Name("r"),
            RecordedAt = now,
        };
    }

    private Operation NewEarning() => new Operation.Earn
    {
        Time = now,
        Member = Member(),
        ApplyMultiplier = random.Next(2) == 0,
        Points = random.Next(100) < 95 ? random.Next(1, 1_000) : random.Next(1_000, 5_001),
    };

    private Operation NewAdjustment()
    {
        var member = Member(out var points);
        var signed = random.Next(2) == 0 ? -points : random.Next(1, 1_000);
        return new Operation.Adjust { Time = now, Member = member, Points = signed };
    }

    private Operation NewTransfer()
    {
        var from = Member(out var points);
        var others = members.Where(member => member.Name != from).ToList();
        return others.Count == 0
            ? NewOrder()
            : new Operation.Transfer { Time = now, From = from, To = Recent(others, 50).Name, Points = points };
    }

    private Operation NewHold()
    {
        var member = Member(out var points);
        var expiresAt = random.Next(100) switch
        {
            < 60 => (DateTimeOffset?)null,
            < 85 => now.AddHours(random.Next(1, 72)),
            < 93 => now.AddDays(random.Next(1, 60)),
            _ => now.AddDays(random.Next(200, 400)),
        };
        return new Operation.Hold
        {
            Time = now,
            Member = member,
            Reference = Name("h"),
            Points = points,
            ExpiresAt = expiresAt,
        };
    }

    /// <summary>An order or refund that was applied comes once more.</summary>
    private Operation Again() =>
        applied.Count == 0 ? NewOrder() : Recent(applied, 100) with { RecordedAt = now };

    /// <summary>The refund comes now; its order, and the refund again, later.</summary>
    private Operation RefundAheadOfItsOrder()
    {
        var order = ScriptedOrder.Make(random, now) with { Member = Member(), OrderId = Name("o") };
        var refund = new Operation.Refund
        {
            Time = now,
            OrderId = order.OrderId,
            RefundId = Name("r"),
            Amount = Math.Max(1, order.Amount / random.Next(1, 4)),
        };
        withheld.Enqueue(order);
        withheld.Enqueue(refund);
        return refund;
    }

    /// <summary>Business time ahead of the clock: at the limit, or beyond it.</summary>
    private Operation Ahead()
    {
        var time = now.AddMinutes(5).AddSeconds(random.Next(2) == 0 ? 0 : random.Next(1, 90));
        return random.Next(3) switch
        {
            0 => NewOrder() with { Time = time, RecordedAt = now },
            1 => NewEarning() with { Time = time, RecordedAt = now },
            _ => NewAdjustment() with { Time = time, RecordedAt = now },
        };
    }

    private Operation NewStranger() => random.Next(4) switch
    {
        0 => ScriptedOrder.Make(random, now) with { Member = "nobody", OrderId = Name("o") },
        1 => new Operation.Spend { Time = now, Member = "nobody", Points = 1 },
        2 => new Operation.Transfer { Time = now, From = Member(), To = "nobody", Points = 1 },
        _ => new Operation.Earn { Time = now, Member = "nobody", Points = 1 },
    };
}
