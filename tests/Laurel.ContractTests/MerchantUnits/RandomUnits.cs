using System.Globalization;
using Laurel.ContractTests.Balance;
using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Membership.Units;
using Shouldly;

namespace Laurel.ContractTests.MerchantUnits;

/// <summary>Random calls on a few members, beside books kept by hand: what each has of each unit, and what each order earned. It says of each
/// call beforehand what becomes of it, and shares no code with the product.</summary>
internal sealed class RandomUnits(MoneyDesk desk, int seed)
{
    private readonly Random _random = new(seed);
    private readonly List<(MemberId Id, Purse Purse)> _members = [];
    private readonly List<Order> _orders = [];
    private int _names;

    private sealed class Purse
    {
        public long Stars { get; set; }

        public long Energy { get; set; }
    }

    private sealed class Order(string id, Purse purse, long amount)
    {
        public string Id => id;

        public Purse Purse => purse;

        public long Amount => amount;

        public long Refunded { get; set; }

        /// <summary>A star for each whole yuan.</summary>
        public long Earned => amount / 100;

        /// <summary>What refunds have asked back so far.</summary>
        public long Asked { get; set; }
    }

    public async Task RunAsync(int calls)
    {
        for (var i = 0; i < 3; i++)
        {
            _members.Add((await desk.NewMemberAsync($"random-{seed}-{i}", 0), new Purse()));
        }

        for (var i = 0; i < calls; i++)
        {
            var (command, expected, effect) = Next();
            var outcome = await desk.SubmitAsync(command);
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

            if (i % 40 == 0)
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
            (await desk.AmountAsync(id, "stars"), await desk.AmountAsync(id, "green_energy")).ShouldBe((purse.Stars, purse.Energy), $"seed {seed}, after call {call}");
        }
    }

    private (Command Command, string Expected, Action Effect) Next()
    {
        var (id, purse) = _members[_random.Next(_members.Count)];
        var amount = _random.Next(1, 80);
        return _random.Next(8) switch
        {
            0 => (desk.Move(id, UnitMove.Earn, "stars", amount), "applied", () => purse.Stars += amount),
            1 or 2 => (desk.Move(id, UnitMove.Spend, "stars", amount), amount > purse.Stars ? "UNIT_INSUFFICIENT" : "applied", () => purse.Stars -= amount),
            3 => (desk.Move(id, UnitMove.Adjust, "green_energy", -amount), amount > purse.Energy ? "UNIT_INSUFFICIENT" : "applied", () => purse.Energy -= amount),
            4 => (desk.Move(id, UnitMove.Earn, "green_energy", amount), "applied", () => purse.Energy += amount),
            5 => Buy(id, purse),
            _ => GiveBack(),
        };
    }

    private (Command Command, string Expected, Action Effect) Buy(MemberId id, Purse purse)
    {
        var order = new Order($"o-{seed}-{_names++.ToString(CultureInfo.InvariantCulture)}", purse, _random.Next(1, 9_000));
        return (desk.Buy(id, order.Id, order.Amount), "applied", Effect);

        void Effect()
        {
            _orders.Add(order);
            purse.Stars += order.Earned;
        }
    }

    private (Command Command, string Expected, Action Effect) GiveBack()
    {
        var open = _orders.FindAll(order => order.Refunded < order.Amount);
        if (open.Count == 0)
        {
            return Buy(_members[0].Id, _members[0].Purse);
        }

        var order = open[_random.Next(open.Count)];
        var amount = _random.Next(4) == 0 ? order.Amount - order.Refunded : _random.NextInt64(1, order.Amount - order.Refunded + 1);
        return (desk.GiveBack(order.Id, amount, $"r-{seed}-{_names++.ToString(CultureInfo.InvariantCulture)}"), "applied", Effect);

        void Effect()
        {
            // The share of the whole that is refunded by now, rounded half up, less what was asked before.
            order.Refunded += amount;
            var target = order.Refunded == order.Amount ? order.Earned : Share(order.Earned, order.Refunded, order.Amount);
            order.Purse.Stars -= Math.Min(order.Purse.Stars, target - order.Asked);
            order.Asked = target;
        }
    }

    private static long Share(long earned, long part, long whole) => (long)(((2 * (Int128)earned * part) + whole) / (2 * (Int128)whole));
}
