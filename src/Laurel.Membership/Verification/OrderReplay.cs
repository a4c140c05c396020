using System.Globalization;
using Laurel.Membership.Openings;
using Laurel.Membership.Points;

namespace Laurel.Membership.Verification;

/// <summary>The orders of one member during the replay: what they earned and what was taken back, a part of I10.</summary>
/// <remarks>Of an order whose entries opening balances stand for, what it earned is proved in the sum over all orders of the member,
/// and what was taken back order by order.</remarks>
internal sealed class OrderReplay(Findings findings, MemberRow member, long cut)
{
    private readonly Dictionary<string, Sums> _orders = [];
    private readonly HashSet<string> _seen = [];
    private readonly Sums _all = new();
    private readonly Sums _stored = new();
    private bool _isOpened;
    private Int128 _open;
    private Int128 _paid;
    private bool _firstOrder;

    private sealed class Sums
    {
        public Int128 Points { get; set; }

        public Int128 Growth { get; set; }

        public Int128 PointsTaken { get; set; }

        public Int128 GrowthTaken { get; set; }

        /// <summary>What was earned and taken back of stored money and of units that programmes define.</summary>
        public Dictionary<string, (Int128 Earned, Int128 Taken)> Others { get; } = [];

        /// <summary>Whether all that the order earned was seen, and nothing of it lies below the cut.</summary>
        public bool IsWhole { get; set; }
    }

    public void Begin(MemberOpening opening)
    {
        _isOpened = true;
        // Openings that are older than rules told the bonus of the first order apart.
        (_all.Points, _all.Growth) = ((Int128)opening.Figures.OrderPoints + opening.Figures.OrderBonus, opening.Figures.OrderGrowth);
        foreach (var order in opening.Orders)
        {
            _orders[order.OrderId] = new Sums { PointsTaken = order.PointsTaken, GrowthTaken = order.GrowthTaken };
        }
    }

    public void Apply(EntryRow entry)
    {
        var earned = EntryNames.IsOrderEarning(entry.Kind, entry.Rule, entry.OrderId);
        if (entry.OrderId is null || !(earned || entry.Rule == EntryNames.RuleRefund))
        {
            return;
        }

        if (!_orders.TryGetValue(entry.OrderId, out var sums))
        {
            _orders.Add(entry.OrderId, sums = new Sums());
        }

        sums.IsWhole |= earned && entry.PostingId >= cut;
        if (entry.Unit is not (EntryNames.Points or EntryNames.Growth))
        {
            var (money, taken) = sums.Others.GetValueOrDefault(entry.Unit);
            sums.Others[entry.Unit] = earned ? (money + entry.Amount, taken) : (money, taken + (entry.Base ?? 0));
            return;
        }

        var isGrowth = entry.Unit == EntryNames.Growth;
        foreach (var sum in (ReadOnlySpan<Sums>)[sums, _all])
        {
            sum.Points += earned && !isGrowth ? entry.Amount : 0;
            sum.Growth += earned && isGrowth ? entry.Amount : 0;
        }

        sums.PointsTaken += !earned && !isGrowth ? entry.Base ?? -entry.LifetimeDelta : 0;
        sums.GrowthTaken -= !earned && isGrowth ? entry.Amount : 0;
    }

    public void Apply(OrderRow order)
    {
        _seen.Add(order.OrderId);
        var sums = _orders.GetValueOrDefault(order.OrderId) ?? new Sums();
        findings.Look(InvariantCode.I10);
        var (points, growth) = (EarningsOf(order, EntryNames.Points), EarningsOf(order, EntryNames.Growth));
        if (!_isOpened || sums.IsWhole)
        {
            Equal("orders", order.OrderId, "points earned = entries of the order", sums.Points, points.Granted);
            Equal("orders", order.OrderId, "growth earned = entries of the order", sums.Growth, growth.Granted);

            CompareOthers(order, sums);
        }

        Equal("orders", order.OrderId, "points taken = entries of its refunds", sums.PointsTaken, points.Taken);
        Equal("orders", order.OrderId, "growth taken = entries of its refunds", sums.GrowthTaken, growth.Taken);
        _stored.Points += points.Granted;
        _stored.Growth += growth.Granted;
        _open += order.Amount > 0 && order.Refunded == order.Amount ? 0 : 1;
        _paid += order.Amount - order.Refunded;
        _firstOrder |= order.Amount > 0;
    }

    // Openings do not tell what was taken back of stored money and of other units: an order below a cut is proved by the wallets alone.
    private void CompareOthers(OrderRow order, Sums sums)
    {
        foreach (var unit in order.Earnings.Select(earning => earning.Unit).Where(unit => unit is not (EntryNames.Points or EntryNames.Growth)).Union(sums.Others.Keys))
        {
            var name = unit == EntryNames.Balance ? "stored money" : unit;
            var ((earned, taken), stored) = (sums.Others.GetValueOrDefault(unit), EarningsOf(order, unit));
            Equal("orders", order.OrderId, $"{name} earned = entries of the order", earned, stored.Granted);
            Equal("orders", order.OrderId, $"{name} taken = entries of its refunds", taken, stored.Taken);
        }
    }

    /// <summary>Everything of the member was told: compares the sums with the member's row.</summary>
    /// <param name="merged">What merges moved to the member, or from it.</param>
    public void Close(MergedFigures merged)
    {
        Member("total_orders", _open + merged.Orders, member.TotalOrders);
        Member("total_amount", _paid + merged.Amount, member.TotalAmount);
        Member("first_order_used", _firstOrder || merged.FirstOrder ? 1 : 0, member.FirstOrderUsed ? 1 : 0);
        if (_isOpened)
        {
            Member("Σ points of orders = opening figures and entries", _all.Points, _stored.Points);
            Member("Σ growth of orders = opening figures and entries", _all.Growth, _stored.Growth);
        }

        foreach (var order in _orders.Keys.Where(order => !_seen.Contains(order)))
        {
            Report("orders", order, "the order that entries name", "no such order of the member");
        }
    }

    /// <summary>What all orders earned so far.</summary>
    public (long Points, long Growth) Earned => checked(((long)_all.Points, (long)_all.Growth));

    /// <summary>The orders of which something was taken back so far.</summary>
    public IReadOnlyList<OrderOpening> Taken(long openingCut) =>
    [
        .. _orders.Where(pair => pair.Value.PointsTaken != 0 || pair.Value.GrowthTaken != 0).Select(pair =>
            new OrderOpening(member.Tenant, member.Member, openingCut, pair.Key, checked((long)pair.Value.PointsTaken), checked((long)pair.Value.GrowthTaken))),
    ];

    private static (Int128 Granted, Int128 Taken) EarningsOf(OrderRow order, string unit)
    {
        Int128 granted = 0;
        Int128 taken = 0;
        foreach (var earning in order.Earnings)
        {
            granted += earning.Unit == unit ? earning.Granted : 0;
            taken += earning.Unit == unit ? earning.Taken : 0;
        }

        return (granted, taken);
    }

    private void Member(string what, Int128 expected, Int128 found)
    {
        findings.Look(InvariantCode.I10);
        Equal("members", member.Member.ToString(CultureInfo.InvariantCulture), what, expected, found);
    }

    private void Equal(string table, string id, string what, Int128 expected, Int128 found)
    {
        if (expected != found)
        {
            Report(table, id, string.Create(CultureInfo.InvariantCulture, $"{what}: {expected}"), found.ToString(CultureInfo.InvariantCulture));
        }
    }

    private void Report(string table, string id, string expected, string found) => findings.Report(InvariantCode.I10, new Offence
    {
        Tenant = member.Tenant,
        Member = member.Member,
        Table = table,
        Id = id,
        Expected = expected,
        Found = found,
    });
}
