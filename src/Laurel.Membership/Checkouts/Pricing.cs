using System.Collections.Immutable;
using System.Numerics;
using Laurel.Ledger;
using Laurel.Membership.Benefits;
using Laurel.Membership.Coupons;
using Laurel.Membership.Points;
using Laurel.Membership.Programmes;

namespace Laurel.Membership.Checkouts;

/// <summary>Reckons what a basket costs a member. Pure: the same basket, whatever the order of its coupons, comes to the same price.</summary>
/// <remarks>Of every line <c>0 ≤ what is taken off ≤ what it costs</c>; what a reduction takes off is the sum of its shares, which are split by
/// largest remainder (features §3.8).</remarks>
public sealed class Pricing
{
    internal const string Sale = "sale";
    internal const string OfMembers = "memberPrice";
    internal const string OfBenefit = "benefit";
    internal const string OfDelivery = "delivery";
    internal const string OfCoupon = "coupon";
    internal const string OfPoints = "points";

    private readonly CheckoutRules _rules;
    private readonly PaymentTerms? _terms;
    private readonly MemberPrices _prices;
    private readonly MemberPrices _pricesWithUses;
    private readonly BenefitCatalogue _benefits;
    private readonly Basket _basket;
    private readonly BasketLine[] _lines;
    private readonly long[] _left;
    private readonly bool[] _isCheaper;
    private readonly List<ReductionShare>[] _shares;
    private readonly List<AppliedReduction> _applied = [];
    private readonly List<MissedReduction> _missed = [];
    private readonly IReadOnlyList<OfferedCoupon> _coupons;
    private readonly long _available;
    private long _points;
    private long _pointsMax;

    private Pricing(ActiveProgramme programme, Buyer buyer, Basket basket)
    {
        (_rules, _terms, _basket) = (programme.Programme.Checkout, programme.Programme.PointsPayment, basket);
        (_coupons, _available) = (buyer.Coupons, buyer.Points);
        _lines = basket.Delivery is { } delivery
            ? [.. basket.Lines, new BasketLine { LineId = Basket.DeliveryLine, Kind = CouponLine.Delivery, Amount = delivery }]
            : [.. basket.Lines];
        _left = Array.ConvertAll(_lines, line => line.Amount);
        _isCheaper = new bool[_lines.Length];
        _shares = Array.ConvertAll(_lines, _ => new List<ReductionShare>());
        _benefits = programme.Benefits;
        ImmutableArray<BenefitLine> lines = [.. _lines.Select(ForBenefits)];
        _prices = BenefitPrices.Of(programme, buyer.Level, buyer.Time, lines, buyer.Grants, buyer.UsedUp);
        _pricesWithUses = buyer.UsedUp.IsEmpty ? _prices : BenefitPrices.Of(programme, buyer.Level, buyer.Time, lines, buyer.Grants);
    }

    /// <summary>The price of a basket.</summary>
    public static Price Of(ActiveProgramme programme, Buyer buyer, Basket basket)
    {
        var pricing = new Pricing(programme, buyer, basket);
        foreach (var step in programme.Programme.Checkout.Steps)
        {
            pricing.Take(step);
        }

        pricing.TellStepsLeftOut();
        return pricing.Result();
    }

    private void Take(PriceStep step)
    {
        switch (step)
        {
            case PriceStep.MemberPrice:
                TakeMemberPrices();
                break;
            case PriceStep.Delivery:
                TakeDelivery();
                break;
            case PriceStep.Coupons:
                TakeCoupons();
                break;
            case PriceStep.Points:
                TakePoints();
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(step), step, "Every step is taken.");
        }
    }

    /// <summary>A line as benefits see it: by the piece where it can be had by the piece.</summary>
    private static BenefitLine ForBenefits(BasketLine line)
    {
        var pieces = line.Amount % line.Quantity == 0 ? line.Quantity : 1;
        return new BenefitLine(line.Sku, line.Category, line.Amount / pieces, pieces, line.Exclusive ? "exclusive" : line.Kind);
    }

    /// <summary>Each line at the lowest of its prices; of equal ones, the sale's before the members' before the benefits'.</summary>
    private void TakeMemberPrices()
    {
        var found = new List<(AppliedReduction Reduction, long[] Off)>();
        for (var i = 0; i < _lines.Length; i++)
        {
            if (_lines[i].Kind == CouponLine.Goods && Cheapest(i) is { Price: var price } cheapest && price < _left[i])
            {
                var at = found.FindIndex(one => one.Reduction.By == cheapest.By && one.Reduction.Benefit == cheapest.Benefit);
                if (at < 0)
                {
                    at = found.Count;
                    found.Add((new AppliedReduction { By = cheapest.By, Amount = 0, Benefit = cheapest.Benefit }, new long[_lines.Length]));
                }

                found[at].Off[i] = _left[i] - price;
                _isCheaper[i] = true;
            }
        }

        foreach (var (reduction, off) in found.OrderBy(one => one.Reduction.By switch { Sale => 0, OfMembers => 1, _ => 2 }).ThenBy(one => one.Reduction.Benefit, StringComparer.Ordinal))
        {
            Apply(reduction with { Amount = off.Sum() }, off);
        }

        _missed.AddRange(_lines.Select(UsedUpFor).OfType<string>().Distinct().Select(benefit => new MissedReduction
        {
            By = OfBenefit,
            Reason = PriceMiss.UsesUp,
            Benefit = benefit,
        }));
    }

    /// <summary>The benefit that would make a line cheaper if it had a use left; null where none would.</summary>
    private string? UsedUpFor(BasketLine line, int index) =>
        line is { Kind: CouponLine.Goods, Exclusive: false } && _pricesWithUses.Lines[index] is var priced
        && priced.Benefit != _prices.Lines[index].Benefit && priced.Payable < _left[index]
            ? priced.Benefit
            : null;

    private (string By, long Price, string? Benefit) Cheapest(int index)
    {
        var line = _lines[index];
        var best = (By: Sale, Price: Math.Min(line.SaleAmount ?? line.Amount, line.Amount), Benefit: (string?)null);
        if (line.Exclusive)
        {
            return best;
        }

        if (line.MemberAmount < best.Price)
        {
            best = (OfMembers, line.MemberAmount.Value, null);
        }

        var priced = _prices.Lines[index];
        return priced.Payable < best.Price ? (OfBenefit, priced.Payable, priced.Benefit) : best;
    }

    private void TakeDelivery()
    {
        if (_basket.Delivery is not > 0)
        {
            return;
        }

        var last = _lines.Length - 1;
        var goods = 0L;
        for (var i = 0; i < last; i++)
        {
            goods += _lines[i].Kind == CouponLine.Goods ? _left[i] : 0;
        }

        if (goods >= _prices.FreeShippingFrom)
        {
            var off = new long[_lines.Length];
            off[last] = _left[last];
            Apply(new AppliedReduction { By = OfDelivery, Amount = off[last], Benefit = _prices.FreeShippingBy }, off);
        }
        else if (goods >= _pricesWithUses.FreeShippingFrom)
        {
            _missed.Add(new MissedReduction { By = OfDelivery, Reason = PriceMiss.UsesUp, Benefit = _pricesWithUses.FreeShippingBy });
        }
        else
        {
            var reason = _prices.FreeShippingFrom is null ? PriceMiss.NoBenefit : PriceMiss.Threshold;
            _missed.Add(new MissedReduction { By = OfDelivery, Reason = reason, Threshold = _prices.FreeShippingFrom });
        }
    }

    private void TakeCoupons()
    {
        var choice = new CouponChoice(_coupons, LinesForCoupons(), _rules.PercentOfInitial);
        foreach (var (coupon, discount) in choice.Chosen)
        {
            Apply(
                new AppliedReduction { By = OfCoupon, Amount = discount.Amount, CouponId = coupon.IdText, Template = coupon.Template },
                [.. discount.Shares]);
        }

        _missed.AddRange(choice.Missed);
    }

    /// <summary>The lines as coupons see them: what no coupon is for has a word that is none of theirs.</summary>
    private CouponLine[] LinesForCoupons()
    {
        var lines = new CouponLine[_lines.Length];
        for (var i = 0; i < lines.Length; i++)
        {
            var line = _lines[i];
            lines[i] = new CouponLine
            {
                LineId = line.LineId,
                Sku = line.Sku,
                Category = line.Category,
                Kind = line.Exclusive || (_isCheaper[i] && !_rules.CouponsOnMemberPrices) ? "exclusive" : line.Kind,
                Quantity = line.Quantity,
                Amount = _left[i],
            };
        }

        return lines;
    }

    private void TakePoints()
    {
        if (_terms is not { } terms)
        {
            return;
        }

        var weights = new long[_lines.Length];
        for (var i = 0; i < weights.Length; i++)
        {
            weights[i] = _lines[i] is { Kind: CouponLine.Goods, Exclusive: false } ? _left[i] : 0;
        }

        // Points come in steps that pay whole minor units.
        var divisor = (long)BigInteger.GreatestCommonDivisor(terms.Points, terms.MinorUnits);
        var (step, worth) = (terms.Points / divisor, terms.MinorUnits / divisor);
        var payable = (long)((Int128)weights.Sum() * terms.ShareBasisPointsMax / 10_000);
        var stepsMax = payable / worth;
        _pointsMax = Math.Min(stepsMax, _available / step) * step;
        var steps = Math.Min(Math.Min(_basket.Points, _available) / step, stepsMax);
        _points = steps * step;
        if (steps > 0)
        {
            Apply(new AppliedReduction { By = OfPoints, Amount = steps * worth, Points = _points }, Apportionment.LargestRemainder(steps * worth, weights));
        }

        if (_points < _basket.Points)
        {
            var reason = steps == stepsMax ? PriceMiss.ShareMax : _available < _basket.Points ? PriceMiss.Insufficient : PriceMiss.TooFew;
            _missed.Add(new MissedReduction { By = OfPoints, Reason = reason, Points = _basket.Points - _points });
        }
    }

    private void TellStepsLeftOut()
    {
        if (!_rules.Steps.Contains(PriceStep.Coupons))
        {
            _missed.AddRange(_coupons.Select(coupon => CouponChoice.Miss(coupon, PriceMiss.StepLeftOut)));
        }

        if ((_terms is null || !_rules.Steps.Contains(PriceStep.Points)) && _basket.Points > 0)
        {
            _missed.Add(new MissedReduction { By = OfPoints, Reason = PriceMiss.StepLeftOut, Points = _basket.Points });
        }
    }

    private void Apply(AppliedReduction reduction, long[] off)
    {
        if (reduction.Amount == 0)
        {
            return;
        }

        for (var i = 0; i < off.Length; i++)
        {
            if (off[i] > 0)
            {
                _left[i] -= off[i];
                _shares[i].Add(new ReductionShare(_applied.Count, off[i]));
            }
        }

        var takesUse = reduction.Benefit is { } code && _benefits.Find(code)!.Definition.UsedBy == BenefitUser.Checkout
            && !_applied.Exists(other => other.Benefit == code);
        _applied.Add(takesUse ? reduction with { Uses = 1 } : reduction);
    }

    private Price Result()
    {
        var lines = _lines.Select((line, i) => new PriceLine
        {
            LineId = line.LineId,
            Sku = line.Sku,
            Category = line.Category,
            Kind = line.Kind,
            Quantity = line.Quantity,
            Amount = line.Amount,
            Shares = [.. _shares[i]],
            ByPoints = _shares[i].Where(share => _applied[share.Reduction].By == OfPoints).Sum(share => share.Amount),
            Payable = _left[i],
        });
        return new Price
        {
            Lines = [.. lines],
            Applied = [.. _applied],
            Missed = [.. _missed.OrderBy(miss => miss.By, StringComparer.Ordinal).ThenBy(miss => miss.CouponId?.Length).ThenBy(miss => miss.CouponId, StringComparer.Ordinal)
                .ThenBy(miss => miss.Benefit, StringComparer.Ordinal)],
            Amount = _lines.Sum(line => line.Amount),
            Payable = _left.Sum(),
            Points = _points,
            PointsMax = _pointsMax,
        };
    }
}
