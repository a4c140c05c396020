using System.Globalization;
using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Shouldly;

namespace Laurel.ContractTests.Balance;

/// <summary>Random calls on a few members, beside books kept by hand: a balance, what is held, and the state of each order. It says of each
/// call beforehand what becomes of it, and shares no code with the product.</summary>
internal sealed class RandomMoney(MoneyDesk money, int seed)
{
    private readonly Random _random = new(seed);
    private readonly List<(MemberId Id, Purse Purse)> _members = [];
    private readonly Dictionary<string, Order> _spends = [];
    private readonly Dictionary<string, Order> _recharges = [];
    private readonly Dictionary<string, Order> _withdrawals = [];
    private int _names;

    private sealed class Purse
    {
        public long Balance { get; set; }

        public long Held { get; set; }

        public long Free => Balance - Held;
    }

    private sealed class Order(Purse purse, long amount, string state)
    {
        public Purse Purse => purse;

        public long Amount => amount;

        public string State { get; set; } = state;

        public long Back { get; set; }
    }

    public async Task RunAsync(int calls)
    {
        for (var i = 0; i < 4; i++)
        {
            _members.Add((await money.NewMemberAsync($"random-{seed}-{i}", 0), new Purse()));
        }

        for (var i = 0; i < calls; i++)
        {
            var (command, expected, effect) = Next();
            var outcome = await money.SubmitAsync(command);
            var told = outcome switch
            {
                Outcome.Applied => "applied",
                Outcome.Refused refused => refused.Refusal.Code,
                _ => outcome.ToString(),
            };
            told.ShouldBe(expected, $"seed {seed}, call {i}: {command.GetType().Name}");
            if (expected == "applied")
            {
                effect();
            }

            if (i % 25 == 0)
            {
                await CompareAsync(i);
            }
        }

        await CompareAsync(calls);
    }

    private async Task CompareAsync(int call)
    {
        foreach (var (id, purse) in _members)
        {
            (await money.StandingAsync(id)).ShouldBe(new Standing(purse.Balance, purse.Held), $"seed {seed}, after call {call}");
        }
    }

    private (Command Command, string Expected, Action Effect) Next() => _random.Next(12) switch
    {
        0 => Adjust(),
        1 => Spend(),
        2 => RefundSpend(),
        3 or 4 => Recharge(),
        5 => Pay(),
        6 => RefundRecharge(),
        7 or 8 => Apply(),
        9 => Approve(),
        10 => _random.Next(4) == 0 ? Reject() : Begin(),
        _ => End(),
    };

    private (Command, string, Action) Adjust()
    {
        var ((id, purse), amount) = (Member(), _random.Next(-3_000, 3_000));
        amount = amount == 0 ? 1 : amount;
        return (money.Adjust(id, amount, Name()), purse.Free + amount >= 0 || amount > 0 ? "applied" : "BALANCE_INSUFFICIENT", () => purse.Balance += amount);
    }

    private (Command, string, Action) Spend()
    {
        var ((id, purse), amount, name) = (Member(), _random.Next(1, 2_000), Name());
        return (money.Spend(id, amount, name), amount <= purse.Free ? "applied" : "BALANCE_INSUFFICIENT", () =>
        {
            purse.Balance -= amount;
            _spends[name] = new Order(purse, amount, "spent");
        }
        );
    }

    private (Command, string, Action) RefundSpend()
    {
        var (name, order) = Pick(_spends);
        var amount = _random.Next(1, 1_500);
        var expected = order is null ? "BALANCE_SPEND_NOT_FOUND" : amount > order.Amount - order.Back ? "REFUND_EXCEEDS_SPEND" : "applied";
        return (money.Refund(name, amount, Name()), expected, () =>
        {
            order!.Back += amount;
            order.Purse.Balance += amount;
        }
        );
    }

    private (Command, string, Action) Recharge()
    {
        var ((id, purse), amount, name) = (Member(), _random.Next(100, 5_000), Name());
        return (money.Recharge(id, amount, name), "applied", () => _recharges[name] = new Order(purse, amount, "created"));
    }

    private (Command, string, Action) Pay()
    {
        var (name, order) = Pick(_recharges);
        var amount = order is null || _random.Next(8) == 0 ? 99 : order.Amount;
        var expected = order is null ? "RECHARGE_NOT_FOUND"
            : order.State != "created" ? "CONFLICT"
            : amount != order.Amount ? "RECHARGE_AMOUNT_MISMATCH" : "applied";
        return (money.Pay(name, amount, Name()), expected, () =>
        {
            order!.State = "paid";
            order.Purse.Balance += order.Amount;
        }
        );
    }

    private (Command, string, Action) RefundRecharge()
    {
        var (name, order) = Pick(_recharges);
        var amount = _random.Next(1, 4_000);
        var expected = order is null ? "RECHARGE_NOT_FOUND"
            : order.State != "paid" ? "RECHARGE_STATE"
            : amount > order.Amount - order.Back ? "REFUND_EXCEEDS_RECHARGE"
            : amount > order.Purse.Free ? "BALANCE_INSUFFICIENT" : "applied";
        return (money.RefundRecharge(name, amount, Name()), expected, () =>
        {
            order!.Back += amount;
            order.Purse.Balance -= amount;
            order.State = order.Back == order.Amount ? "refunded" : "paid";
        }
        );
    }

    private (Command, string, Action) Apply()
    {
        var ((id, purse), amount, name) = (Member(), _random.Next(100, 2_500), Name());
        return (money.Apply(id, amount, name), amount <= purse.Free ? "applied" : "BALANCE_INSUFFICIENT", () =>
        {
            purse.Held += amount;
            _withdrawals[name] = new Order(purse, amount, "applied");
        }
        );
    }

    private (Command, string, Action) Approve() => Arc((name, _) => money.Approve(name, "ann"), ["applied"], order => order.State = "approved");

    private (Command, string, Action) Reject() => Arc((name, _) => money.Reject(name), ["applied", "approved"], order =>
    {
        order.State = "rejected";
        order.Purse.Held -= order.Amount;
    });

    // One that is being sent is due again only after a while, and no time passes here.
    private (Command, string, Action) Begin() => Arc((name, _) => money.Begin(name), ["approved"], order => order.State = "sending");

    private (Command, string, Action) End()
    {
        var (name, order) = Pick(_withdrawals);
        var paid = _random.Next(3) > 0;
        var state = paid ? "paid" : "failed";
        var expected = order?.State switch
        {
            null => "WITHDRAWAL_NOT_FOUND",
            "sending" => "applied",
            "paid" or "failed" when order.State == state => Duplicate,
            "paid" or "failed" => "CONFLICT",
            _ => "WITHDRAWAL_STATE",
        };

        // A duplicate tells of the earlier one, which differs from run to run.
        return expected == Duplicate ? Next() : (money.End(name, paid), expected, () =>
        {
            order!.State = state;
            order.Purse.Held -= order.Amount;
            order.Purse.Balance -= paid ? order.Amount : 0;
        }
        );
    }

    private const string Duplicate = "duplicate";

    private (Command, string, Action) Arc(Func<string, Order?, Command> command, string[] from, Action<Order> effect)
    {
        var (name, order) = Pick(_withdrawals);
        var expected = order is null ? "WITHDRAWAL_NOT_FOUND" : from.Contains(order.State) ? "applied" : "WITHDRAWAL_STATE";
        return (command(name, order), expected, () => effect(order!));
    }

    private (MemberId Id, Purse Purse) Member() => _members[_random.Next(_members.Count)];

    /// <summary>One that there is, mostly of the latest; seldom one that there is not.</summary>
    private (string Name, Order? Order) Pick(Dictionary<string, Order> orders)
    {
        if (orders.Count == 0 || _random.Next(40) == 0)
        {
            return ("nobody's", null);
        }

        var name = orders.Keys.ElementAt(Math.Max(0, orders.Count - 1 - _random.Next(12)));
        return (name, orders[name]);
    }

    private string Name() => string.Create(CultureInfo.InvariantCulture, $"n{seed}-{++_names}");
}
