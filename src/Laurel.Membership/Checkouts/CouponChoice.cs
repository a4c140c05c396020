using Laurel.Membership.Coupons;

namespace Laurel.Membership.Checkouts;

/// <summary>Which of the coupons that a basket names take something off: those that may stand together, or the one that stands alone,
/// whichever takes off more.</summary>
internal sealed class CouponChoice
{
    private readonly CouponLine[] _lines;
    private readonly bool _ofInitial;
    private readonly List<(OfferedCoupon Coupon, CouponDiscount Discount)> _chosen = [];
    private readonly List<MissedReduction> _missed = [];

    /// <param name="ofInitial">Whether percent coupons reckon what the lines cost before other coupons.</param>
    public CouponChoice(IReadOnlyList<OfferedCoupon> offered, CouponLine[] lines, bool ofInitial)
    {
        (_lines, _ofInitial) = (lines, ofInitial);
        var usable = new List<OfferedCoupon>();
        // One order of its own, whichever the caller's is: what is for single articles first, then shares, then amounts, then delivery.
        foreach (var coupon in offered.OrderBy(RankOf).ThenBy(coupon => coupon.Template, StringComparer.Ordinal).ThenBy(coupon => coupon.Id))
        {
            if (coupon.Why is { } why)
            {
                _missed.Add(Miss(coupon, PriceMiss.Unusable) with { Code = why.Code });
            }
            else if (Discount(coupon, lines, lines) is { Miss: { } miss })
            {
                _missed.Add(MissOf(coupon, miss));
            }
            else
            {
                usable.Add(coupon);
            }
        }

        Choose(usable);
    }

    /// <summary>In the order in which they are applied.</summary>
    public IReadOnlyList<(OfferedCoupon Coupon, CouponDiscount Discount)> Chosen => _chosen;

    public IReadOnlyList<MissedReduction> Missed => _missed;

    public static MissedReduction Miss(OfferedCoupon coupon, string reason) => new()
    {
        By = Pricing.OfCoupon,
        Reason = reason,
        CouponId = coupon.IdText,
        Template = coupon.Terms is null ? null : coupon.Template,
    };

    private static int RankOf(OfferedCoupon coupon) => coupon.Terms?.Kind switch
    {
        CouponKind.Exchange => 0,
        CouponKind.PercentOff => 1,
        CouponKind.AmountOff => 2,
        CouponKind.FreeShipping => 3,
        _ => 4,
    };

    private void Choose(List<OfferedCoupon> usable)
    {
        var together = BestOfGroups(usable.FindAll(coupon => coupon.Terms!.Stackable));
        var (best, amount) = (together, Run(together).Sum(one => one.Discount.Amount));
        foreach (var alone in usable.Where(coupon => !coupon.Terms!.Stackable))
        {
            var off = Discount(alone, _lines, _lines).Amount;
            if (off > amount)
            {
                (best, amount) = ([alone], off);
            }
        }

        foreach (var (coupon, discount) in Run(best))
        {
            if (discount.Miss is { } miss)
            {
                _missed.Add(MissOf(coupon, miss));
            }
            else
            {
                _chosen.Add((coupon, discount));
            }
        }

        foreach (var shutOut in usable.Where(coupon => !best.Contains(coupon)))
        {
            var other = best.Find(coupon => coupon.Terms!.Group is { } group && group == shutOut.Terms!.Group) ?? best[0];
            _missed.Add(Miss(shutOut, PriceMiss.NotStackable) with { OtherId = other.IdText });
        }
    }

    /// <summary>Of each group the coupon that takes off most by itself, and all that are of no group.</summary>
    private List<OfferedCoupon> BestOfGroups(List<OfferedCoupon> stackable) =>
        stackable.FindAll(coupon => coupon.Terms!.Group is not { } group
            || ReferenceEquals(coupon, stackable.Where(other => other.Terms!.Group == group).MaxBy(other => Discount(other, _lines, _lines).Amount)));

    /// <summary>What these coupons take off one after the other.</summary>
    private List<(OfferedCoupon Coupon, CouponDiscount Discount)> Run(List<OfferedCoupon> coupons)
    {
        var left = _lines;
        var found = new List<(OfferedCoupon, CouponDiscount)>(coupons.Count);
        foreach (var coupon in coupons)
        {
            var discount = Discount(coupon, left, _lines);
            left = [.. left.Zip(discount.Shares, (line, share) => line with { Amount = line.Amount - share })];
            found.Add((coupon, discount));
        }

        return found;
    }

    private CouponDiscount Discount(OfferedCoupon coupon, CouponLine[] left, CouponLine[] initial)
    {
        var terms = coupon.Terms!;
        if (!_ofInitial || terms.Kind != CouponKind.PercentOff)
        {
            return CouponDiscount.Of(terms, left, left.Sum(line => line.Amount));
        }

        // So much as it would take off alone, from what is left of the lines it is for.
        var alone = CouponDiscount.Of(terms, initial, initial.Sum(line => line.Amount));
        return alone.Miss is not null
            ? alone
            : CouponDiscount.Of(terms with { Kind = CouponKind.AmountOff, Amount = alone.Amount, Threshold = 0 }, left, left.Sum(line => line.Amount));
    }

    private static MissedReduction MissOf(OfferedCoupon coupon, CouponMiss miss) => miss switch
    {
        CouponMiss.Scope => Miss(coupon, PriceMiss.Scope),
        CouponMiss.Threshold => Miss(coupon, PriceMiss.Threshold) with { Threshold = coupon.Terms!.Threshold },
        CouponMiss.NothingLeft => Miss(coupon, PriceMiss.NothingLeft),
    };
}
