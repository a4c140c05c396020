using Laurel.Kernel;
using Laurel.Ledger;
using Laurel.Membership.Benefits;
using Laurel.Membership.Cards;
using Laurel.Membership.Coupons;
using Laurel.Membership.Members;
using Laurel.Membership.Points;
using Laurel.Membership.Units;
using Laurel.Membership.Watch;

namespace Laurel.Membership.Merges;

/// <summary>What goes from one member to another. Pure: it only says what would.</summary>
internal sealed record MergePlan
{
    /// <summary>Lots of which everything that is free goes.</summary>
    public IReadOnlyList<Lot> Lots { get; init; } = [];

    public long Growth { get; init; }

    /// <summary>Stored money in minor units.</summary>
    public long Balance { get; init; }

    public long Debt { get; init; }

    public long Receivable { get; init; }

    public long Lifetime { get; init; }

    public long Orders { get; init; }

    public long Amount { get; init; }

    /// <summary>Whether the one it comes from has had the bonus of a first order, and the other has not.</summary>
    public bool FirstOrder { get; init; }

    /// <summary>What the survivor's counters gain, or lose when a merge is undone. The merged member's own stay as they are.</summary>
    public IReadOnlyList<LimitUse> Limits { get; init; } = [];

    /// <summary>The same of the counters of rules' caps.</summary>
    public IReadOnlyList<LimitUse> Caps { get; init; } = [];

    public IReadOnlyList<Coupon> Coupons { get; init; } = [];

    /// <summary>Of units that the programme defines, what goes of each: 1 or more.</summary>
    public IReadOnlyList<UnitWallet> Units { get; init; } = [];

    /// <summary>References of grants.</summary>
    public IReadOnlyList<string> Grants { get; init; } = [];

    /// <summary>Cards in force.</summary>
    public IReadOnlyList<HeldCard> Cards { get; init; } = [];

    /// <summary>Everything that a member has and that nothing has set aside.</summary>
    /// <param name="limits">What the other's counters gain.</param>
    /// <param name="caps">What the other's counters of caps gain.</param>
    public static MergePlan Of(MemberBook from, MemberBook to, Instant at, IReadOnlyList<LimitUse> limits, IReadOnlyList<LimitUse> caps) => new()
    {
        Lots = [.. from.Points.Lots.Values.Where(lot => lot.ExpiresAt > at && from.Points.MayLeave(lot) && !WaitsForCase(from, lot))],
        Growth = from.Growth,
        Balance = from.Balance - from.BalanceHeld,
        Debt = from.Points.Debt,
        Receivable = from.Points.Receivable,
        Lifetime = from.Lifetime,
        Orders = from.TotalOrders,
        Amount = from.TotalAmount,
        FirstOrder = from.FirstOrderUsed && !to.FirstOrderUsed,
        Units = !from.HasUnits ? [] : [.. from.Units.Wallets.Values.Where(wallet => wallet.Amount > 0).OrderBy(wallet => wallet.Unit, StringComparer.Ordinal)],
        Limits = limits,
        Caps = caps,
        Coupons = !from.HasCoupons ? [] : [.. from.Coupons.All.Values.Where(coupon => coupon.State == CouponState.Claimed && coupon.ExpiresAt > at).OrderBy(coupon => coupon.Id)],
        Grants = !from.HasBenefits
            ? []
            : [.. from.Benefits.Grants.Values.Where(grant => grant.RevokedAt is null && grant.EndTime > at).OrderBy(grant => grant.Id).Select(grant => grant.Reference)],
        Cards = [.. (from.LevelState.Cards ?? []).Where(card => card.Until > at.UnixMicroseconds)],
    };

    /// <summary>Whether a counter follows. What the watch counts is what each member did, and what a checkout holds stays where it is held.</summary>
    public static bool Follows(LimitKey key) => !key.Code.StartsWith(PreparedWatchRule.Prefix, StringComparison.Ordinal) && key != BenefitCounters.Held;

    /// <summary>The counters of a member, with the coupons that it got among them.</summary>
    public static IReadOnlyList<LimitUse> LimitsOf(MemberBook book) =>
    [
        .. book.Limits.Values.Where(use => use.Used > 0 && Follows(use.Key))
            .Concat(book.Coupons.All.Values.Where(coupon => coupon.Origin != CouponOrigin.Gift).GroupBy(coupon => coupon.Template)
                .Select(got => new LimitUse(new LimitKey(MoveKinds.CouponsGot + got.Key, 0), got.Count())))
            .GroupBy(use => use.Key)
            .Select(uses => new LimitUse(uses.Key, uses.Sum(use => use.Used)))
            .OrderBy(use => use.Key.Code, StringComparer.Ordinal).ThenBy(use => use.Key.Period),
    ];

    /// <summary>The counters of caps that a member has used anything of.</summary>
    public static IReadOnlyList<LimitUse> CapsOf(MemberBook book) =>
    [
        .. from use in book.Caps.Values
           from counter in use.All
           where counter.Value > 0
           orderby use.Period, counter.Key
           select new LimitUse(new LimitKey(counter.Key, use.Period), counter.Value),
    ];

    /// <summary>What a merge moved and is still there. What was spent, lapsed or is set aside stays away.</summary>
    public static MergePlan BackOf(MemberMerge merge, MemberBook source, MemberBook survivor, Instant at)
    {
        var moves = source.Merges.Moves.Values.Where(move => move.Merge == merge.Id).ToList();
        long Net(string kind) => MergeFigures.NetOf(moves.Where(move => move.Kind == kind), merge.Survivor);
        var lots = moves.Where(move => move.Kind == MoveKinds.Lot && move.To == merge.Survivor).Select(move => survivor.Points.FindLot(move.ToRef));
        var coupons = moves.Where(move => move.Kind == MoveKinds.Coupon && move.To == merge.Survivor).Select(move => move.ToRef).Distinct();
        var grants = moves.Where(move => move.Kind == MoveKinds.Benefit && move.To == merge.Survivor).Select(move => move.Code).Distinct();
        var cards = moves.Where(move => move.Kind == MoveKinds.Card && move.To == merge.Survivor).Select(move => (move.Code, move.ToRef)).ToHashSet();
        return new MergePlan
        {
            Lots = [.. lots.OfType<Lot>().Where(lot => lot.ExpiresAt > at && survivor.Points.MayLeave(lot)).OrderBy(lot => lot.Position)],
            Growth = Math.Clamp(Net(MoveKinds.Growth), 0, survivor.Growth),
            Balance = Math.Clamp(Net(MoveKinds.Balance), 0, survivor.Balance - survivor.BalanceHeld),
            Debt = Math.Clamp(Net(MoveKinds.Debt), 0, survivor.Points.Debt),
            Receivable = Math.Clamp(Net(MoveKinds.Receivable), 0, survivor.Points.Receivable),
            Lifetime = Net(MoveKinds.Lifetime),
            Orders = Net(MoveKinds.Orders),
            Amount = Net(MoveKinds.Amount),
            Units =
            [
                .. moves.Where(move => move.Kind == MoveKinds.Unit).GroupBy(move => move.Code).OrderBy(of => of.Key, StringComparer.Ordinal)
                    .Select(of => new UnitWallet(of.Key, Math.Clamp(MergeFigures.NetOf(of, merge.Survivor), 0, survivor.Units.AmountOf(of.Key))))
                    .Where(wallet => wallet.Amount > 0),
            ],
            Limits = CountersOf(moves, MoveKinds.Limit),
            Caps = CountersOf(moves, MoveKinds.Cap),
            Coupons = [.. coupons.Select(survivor.Coupons.All.Find).OfType<Coupon>().Where(coupon => coupon.State == CouponState.Claimed && coupon.ExpiresAt > at)],
            Grants = [.. grants.Where(reference => survivor.Benefits.Grants.Find(reference) is { RevokedAt: null })],
            Cards = [.. (survivor.LevelState.Cards ?? []).Where(card => card.Until > at.UnixMicroseconds && cards.Contains((card.Code, card.Of)))],
        };
    }

    // The case belongs to the member, and what waits for it goes when it is decided.
    private static bool WaitsForCase(MemberBook book, Lot lot) =>
        book.Points.Pending.Values.Any(pending => pending.LotId == lot.Id && !pending.Ended && pending.Event == WatchCase.Event);

    private static IReadOnlyList<LimitUse> CountersOf(IReadOnlyList<MergeMove> moves, string kind) =>
    [
        .. moves.Where(move => move.Kind == kind).GroupBy(move => new LimitKey(move.Code, move.Period))
            .Select(of => new LimitUse(of.Key, of.Sum(move => move.Quantity))).Where(use => use.Used != 0),
    ];
}
