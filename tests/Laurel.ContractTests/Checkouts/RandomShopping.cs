using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Dapper;
using Laurel.ContractTests.Balance;
using Laurel.Engine.Lanes;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Benefits;
using Laurel.Membership.Checkouts;
using Laurel.Membership.Coupons;
using Laurel.Membership.Members;
using Laurel.Membership.Points;
using Laurel.Membership.Programmes;
using Laurel.Membership.Rules;
using Shouldly;

namespace Laurel.ContractTests.Checkouts;

/// <summary>Random calls of a shop: coupons claimed, baskets reserved, paid, given up, forgotten, completed and refunded in parts, a benefit used
/// and given back; beside books kept by hand. It says of each call beforehand what becomes of it, and shares no code with the product.</summary>
internal sealed partial class RandomShopping(MoneyDesk desk, int seed)
{
    private const int FirstPoints = 1_000_000;
    private const int Stock = 25;
    private const int PerMember = 7;
    private const int DayCap = 60;
    private const int UsesOfDay = 2;
    private const int UsesInAll = 12;
    private const int TenthsOfDay = 10;
    private const int TenthsInAll = 22;

    private static readonly TimeSpan s_reserved = TimeSpan.FromMinutes(30);
    private static readonly TimeSpan s_zone = TimeSpan.FromHours(8);

    private static readonly string[] s_mustBeSeen =
    [
        "ClaimCoupon applied", "ClaimCoupon COUPON_LIMIT_REACHED", "ReserveCheckout applied", "ReserveCheckout CHECKOUT_CHANGED",
        "ConfirmCheckout applied", "ConfirmCheckout CHECKOUT_STATE", "CancelCheckout applied", "CancelCheckout CHECKOUT_STATE",
        "CompleteCheckout applied", "CompleteCheckout CHECKOUT_STATE", "CompleteCheckout CHECKOUT_NOT_FOUND",
        "RefundCheckout applied", "RefundCheckout CHECKOUT_REFUND_EXCEEDS", "RefundCheckout CHECKOUT_STATE",
        "ConsumeBenefit applied", "ConsumeBenefit BENEFIT_LIMIT_REACHED", "ReturnBenefit applied", "ReturnBenefit BENEFIT_USE_NOT_FOUND",
    ];

    private readonly Random _random = new(seed);
    private readonly List<Shopper> _shoppers = [];
    private readonly Dictionary<string, Bought> _bought = [];
    private readonly Dictionary<string, (Shopper Who, string Benefit, DateOnly Day, bool Returned)> _uses = [];
    private readonly HashSet<string> _seen = [];
    private readonly List<bool> _tenths = [];
    private int _issued;
    private int _names;

    /// <summary>The programme that the books are kept by: one rule with a cap of a day, one kind of coupon, one benefit with limits.</summary>
    public static Programme Programme { get; } = new()
    {
        Levels = [new Level { Code = "bronze", NameEnglish = "Bronze", NameChinese = "青铜", Threshold = 0, MultiplierBasisPoints = 10_000, DiscountBasisPoints = 10_000, FreeShippingFrom = 0, Package = "all" }],
        Rules =
        [
            new Rule
            {
                Code = "shop",
                NameEnglish = "Shop",
                NameChinese = "购物",
                Trigger = "order.completed",
                Amount = RuleAmount.Of(1, 100),
                Refund = RefundShare.Proportional,
                Caps = [new RuleCap { Period = CapPeriod.Day, PointsMax = DayCap }],
            },
        ],
        Benefits =
        [
            new BenefitDefinition
            {
                Code = "lounge",
                NameEnglish = "Lounge",
                NameChinese = "休息室",
                Kind = "priority_service",
                Limits = [new BenefitLimit { Period = CapPeriod.Day, UsesMax = UsesOfDay }, new BenefitLimit { Period = CapPeriod.Total, UsesMax = UsesInAll }],
            },
            new BenefitDefinition
            {
                Code = "tenth",
                NameEnglish = "A tenth off",
                NameChinese = "九折",
                Kind = "discount",
                Settings = JsonSerializer.SerializeToElement(new { rateBasisPoints = 9_000 }),
                UsedBy = BenefitUser.Checkout,
                Limits = [new BenefitLimit { Period = CapPeriod.Day, UsesMax = TenthsOfDay }, new BenefitLimit { Period = CapPeriod.Total, UsesMax = TenthsInAll }],
            },
        ],
        Packages = [new BenefitPackage { Code = "all", NameEnglish = "All", NameChinese = "全部", Benefits = ["lounge", "tenth"] }],
        Coupons =
        [
            new CouponTemplate
            {
                Code = "five",
                NameEnglish = "Five off",
                NameChinese = "减五元",
                Stock = Stock,
                PerMember = PerMember,
                Terms = new CouponTerms { Kind = CouponKind.AmountOff, Amount = 500, Threshold = 2_000 },
                Validity = new CouponValidity { Days = 3_000 },
            },
        ],
    };

    private sealed record Call(Command Command, string Expected, Action<object> Effect);

    public async Task RunAsync(int calls)
    {
        for (var i = 0; i < 4; i++)
        {
            var id = await desk.NewMemberAsync(string.Create(CultureInfo.InvariantCulture, $"shopper-{seed}-{i}"), 0);
            var points = new PointsRequest { Points = FirstPoints, Reason = "a test", ReferenceType = "test", ReferenceId = Name() };
            await desk.AppliedAsync(new AdjustPoints(MoneyDesk.Tenant, MemberReference.ById(id), points, desk.Books));
            _shoppers.Add(new Shopper(id));
        }

        for (var i = 0; i < calls; i++)
        {
            desk.Advance(TimeSpan.FromSeconds(_random.Next(200)));
            Forget();
            var call = Next();
            var outcome = await desk.SubmitAsync(call.Command);
            var told = outcome switch
            {
                Outcome.Applied => "applied",
                Outcome.Refused refused => refused.Refusal.Code,
                _ => outcome.ToString(),
            };
            _seen.Add($"{call.Command.GetType().Name} {told}");
            told.ShouldBe(call.Expected, $"seed {seed}, call {i}: {call.Command.GetType().Name} {desk.Faults}");
            if (outcome is Outcome.Applied applied)
            {
                call.Effect(applied.Reply);
            }

            if (i % 20 == 0)
            {
                await CompareAsync(i);
            }
        }

        await CompareAsync(calls);
        s_mustBeSeen.Except(_seen).ShouldBeEmpty($"seed {seed} does not lead everywhere");
        _bought.Values.Count(bought => bought.State == "expired").ShouldBeGreaterThan(10);
        _tenths.Count(isTenthOff => isTenthOff).ShouldBeGreaterThan(50);
        _tenths.Count(isTenthOff => !isTenthOff).ShouldBeGreaterThan(20);
        _shoppers.Sum(shopper => shopper.Earned.Values.Count(earned => earned == DayCap)).ShouldBeGreaterThan(3);
    }

    private async Task CompareAsync(int call)
    {
        foreach (var shopper in _shoppers)
        {
            await using var session = await desk.Database.OpenReaderAsync(Reach.Everything, CancellationToken.None);
            var keys = new { Tenant = MoneyDesk.Tenant.Value, Member = shopper.Id.Value };
            var points = await session.Connection.ExecuteScalarAsync<long>("SELECT points FROM members WHERE tenant_id = @Tenant AND id = @Member", keys);
            var used = await session.Connection.ExecuteScalarAsync<long>(
                "SELECT COUNT(*) FROM coupons WHERE tenant_id = @Tenant AND member_id = @Member AND state = 'used'", keys);
            (points, used).ShouldBe((shopper.Points, shopper.Tickets.Count(ticket => ticket.State == "used")), $"seed {seed}, after call {call}");
            var tenths = await session.Connection.ExecuteScalarAsync<long>(
                "SELECT COUNT(*) FROM benefit_uses WHERE tenant_id = @Tenant AND member_id = @Member AND checkout_id IS NOT NULL AND held_until IS NULL AND returned_at IS NULL",
                keys);
            tenths.ShouldBe(_bought.Values.Count(bought => bought.Who == shopper && bought is { State: "confirmed", Tenth: not null }), $"seed {seed}, after call {call}");
        }
    }

    /// <summary>What was not paid in time is free again.</summary>
    private void Forget()
    {
        foreach (var bought in _bought.Values.Where(bought => bought.State == "reserved" && bought.Until <= desk.Clock.GetUtcNow()))
        {
            bought.State = "expired";
            Free(bought);
        }
    }

    private static void Free(Bought bought)
    {
        bought.Who.Held -= bought.Points;
        bought.Ticket?.State = "claimed";
        bought.Tenth = null;
    }

    private Call Next() => _random.Next(13) switch
    {
        0 => Claim(),
        1 or 2 or 3 => Reserve(),
        4 or 5 => Step("confirm"),
        6 => Step("cancel"),
        7 or 8 => Complete(),
        9 or 10 => Refund(),
        11 => Use(),
        _ => Return(),
    };

    private Call Claim()
    {
        var who = Who();
        var expected = who.Tickets.Count >= PerMember ? "COUPON_LIMIT_REACHED" : _issued >= Stock ? "COUPON_SOLD_OUT" : "applied";
        var request = new ClaimRequest { Template = "five", Reference = Name(), Origin = CouponOrigin.Claim };
        return new Call(new ClaimCoupon(MoneyDesk.Tenant, MemberReference.ById(who.Id), request, desk.Books), expected, reply =>
        {
            _issued++;
            who.Tickets.Add(new Ticket(long.Parse(((CouponsReply)reply).Coupons[0].Id, CultureInfo.InvariantCulture)));
        });
    }

    private Call Reserve()
    {
        var (who, name, goods, wanted) = (Who(), Name(), _random.Next(100, 9_000), _random.Next(3) == 0 ? 0 : _random.Next(6_000));
        var ticket = who.Tickets.Count == 0 || _random.Next(2) == 0 ? null : who.Tickets[_random.Next(who.Tickets.Count)];
        var isTenthOff = LeftOf(who, "tenth") > 0;
        var price = isTenthOff ? ((goods * 9) + 5) / 10 : goods;
        var helps = ticket is { State: "claimed" } && price >= 2_000;
        var left = helps ? price - 500 : price;
        var points = Math.Min(Math.Min(wanted, who.Points - who.Held), left / 2);
        var isWrong = _random.Next(15) == 0;
        var request = new CheckoutRequest
        {
            CheckoutId = name,
            OrderId = name,
            Payable = left - points + (isWrong ? 1 : 0),
            Basket = new Basket { Lines = [new BasketLine { LineId = "1", Amount = goods }], Points = wanted, Coupons = ticket is null ? [] : [ticket.Id] },
        };
        return new Call(new ReserveCheckout(MoneyDesk.Tenant, MemberReference.ById(who.Id), request, desk.Books), isWrong ? "CHECKOUT_CHANGED" : "applied", _ =>
        {
            _bought[name] = new Bought(who, left - points, points, helps ? ticket : null, desk.Clock.GetUtcNow() + s_reserved) { Tenth = isTenthOff ? Today() : null };
            _tenths.Add(isTenthOff);
            who.Held += points;
            if (helps)
            {
                ticket!.State = "locked";
            }
        });
    }

    private Call Step(string step)
    {
        var (name, bought) = Pick();
        var after = step == "confirm" ? "confirmed" : "cancelled";
        if (bought?.State == after)
        {
            // A repeat tells of the earlier one, which differs from run to run.
            return Next();
        }

        Command command = step == "confirm" ? new ConfirmCheckout(MoneyDesk.Tenant, name, desk.Books) : new CancelCheckout(MoneyDesk.Tenant, name, desk.Books);
        return new Call(command, bought is null ? "CHECKOUT_NOT_FOUND" : bought.State == "reserved" ? "applied" : "CHECKOUT_STATE", _ =>
        {
            bought!.State = after;
            if (after == "cancelled")
            {
                Free(bought);
                return;
            }

            bought.Who.Held -= bought.Points;
            bought.Who.Points -= bought.Points;
            bought.Ticket?.State = "used";
        });
    }

    private Call Complete()
    {
        var (name, bought) = Pick();
        if (bought?.Order is not null)
        {
            return Next();
        }

        var command = new CompleteCheckout(MoneyDesk.Tenant, name, name, desk.Books);
        return new Call(command, bought is null ? "CHECKOUT_NOT_FOUND" : bought.State == "confirmed" ? "applied" : "CHECKOUT_STATE", _ =>
        {
            var (who, day) = (bought!.Who, Today());
            var back = bought.MoneyBack(bought.Gone);
            var room = DayCap - who.Earned.GetValueOrDefault(day);
            var earned = Math.Min((bought.Money - back) / 100, room);
            who.Earned[day] = who.Earned.GetValueOrDefault(day) + earned;
            who.Points += earned;
            bought.Order = (bought.Money - back, back, earned);
        });
    }

    private Call Refund()
    {
        var (name, bought) = Pick();
        var all = bought is null ? 0 : bought.Money + bought.Points;
        var value = _random.Next(3) == 0 ? all - (bought?.Gone ?? 0) : _random.Next(1, 3_000);
        ImmutableArray<CheckoutRefundLine> lines = value > 0 ? [new CheckoutRefundLine("1", null, value)] : [];
        var request = new CheckoutRefundRequest { RefundId = Name(), Lines = lines };
        var expected = bought is null ? "CHECKOUT_NOT_FOUND"
            : bought.State != "confirmed" ? "CHECKOUT_STATE"
            : value > all - bought.Gone ? "CHECKOUT_REFUND_EXCEEDS" : "applied";
        return new Call(new RefundCheckout(MoneyDesk.Tenant, name, name, request, desk.Books), expected, _ =>
        {
            var gone = bought!.Gone + value;
            bought.Who.Points += bought.PointsBack(gone) - bought.PointsBack(bought.Gone) - (bought.Taken(gone) - bought.Taken(bought.Gone));
            if (gone == all && bought.Gone < all)
            {
                bought.Ticket?.State = "claimed";
                bought.Tenth = null;
            }

            bought.Gone = gone;
        });
    }

    private Call Use()
    {
        var (who, name, day, benefit) = (Who(), Name(), Today(), _random.Next(4) == 0 ? "tenth" : "lounge");
        var expected = LeftOf(who, benefit) < 1 ? "BENEFIT_LIMIT_REACHED" : "applied";
        var command = new ConsumeBenefit(MoneyDesk.Tenant, MemberReference.ById(who.Id), benefit, new UseRequest { BizNo = name }, desk.Books);
        return new Call(command, expected, _ => _uses[name] = (who, benefit, day, false));
    }

    /// <summary>Uses of today that a shopper has left: calls and checkouts count alike.</summary>
    private int LeftOf(Shopper who, string benefit)
    {
        var days = _uses.Values.Where(use => use.Who == who && use.Benefit == benefit && !use.Returned).Select(use => use.Day).ToList();
        if (benefit == "tenth")
        {
            days.AddRange(_bought.Values.Where(bought => bought.Who == who).Select(bought => bought.Tenth).OfType<DateOnly>());
        }

        var (ofDay, inAll) = benefit == "tenth" ? (TenthsOfDay, TenthsInAll) : (UsesOfDay, UsesInAll);
        return Math.Min(ofDay - days.Count(day => day == Today()), inAll - days.Count);
    }

    private Call Return()
    {
        var name = _uses.Count == 0 || _random.Next(20) == 0 ? "nobody's" : _uses.Keys.ElementAt(_random.Next(_uses.Count));
        var isKnown = _uses.TryGetValue(name, out var use);
        if (isKnown && use.Returned)
        {
            return Next();
        }

        var command = new ReturnBenefit(MoneyDesk.Tenant, isKnown ? use.Benefit : "lounge", name, desk.Books);
        return new Call(command, isKnown ? "applied" : "BENEFIT_USE_NOT_FOUND", _ => _uses[name] = use with { Returned = true });
    }

    private DateOnly Today() => DateOnly.FromDateTime(desk.Clock.GetUtcNow().ToOffset(s_zone).DateTime);

    private Shopper Who() => _shoppers[_random.Next(_shoppers.Count)];

    /// <summary>One that there is, mostly of the latest; seldom one that there is not.</summary>
    private (string Name, Bought? Bought) Pick()
    {
        if (_bought.Count == 0 || _random.Next(40) == 0)
        {
            return ("nobody's", null);
        }

        var name = _bought.Keys.ElementAt(Math.Max(0, _bought.Count - 1 - _random.Next(10)));
        return (name, _bought[name]);
    }

    private string Name() => string.Create(CultureInfo.InvariantCulture, $"s{seed}-{++_names}");
}
