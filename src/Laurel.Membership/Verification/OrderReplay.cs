using System.Globalization;
using Laurel.Membership.Openings;

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

        public Int128 Bonus { get; set; }

        public Int128 Growth { get; set; }

        public Int128 PointsTaken { get; set; }

        public Int128 GrowthTaken { get; set; }

        /// <summary>Whether all that the order earned was seen, and nothing of it lies below the cut.</summary>
        public bool IsWhole { get; set; }
    }

    public void Begin(MemberOpening opening)
    {
        _isOpened = true;
        (_all.Points, _all.Bonus, _all.Growth) = (opening.Figures.OrderPoints, opening.Figures.OrderBonus, opening.Figures.OrderGrowth);
        foreach (var order in opening.Orders)
        {
            _orders[order.OrderId] = new Sums { PointsTaken = order.PointsTaken, GrowthTaken = order.GrowthTaken };
        }
    }

    public void Apply(EntryRow entry)
    {
        if (entry.OrderId is null || entry.Rule is not ("order" or "first_order" or "refund"))
        {
            return;
        }

        if (!_orders.TryGetValue(entry.OrderId, out var sums))
        {
            _orders.Add(entry.OrderId, sums = new Sums());
        }

        var isGrowth = entry.Unit == "growth";
        foreach (var sum in (ReadOnlySpan<Sums>)[sums, _all])
        {
            sum.Points += entry.Rule == "order" && !isGrowth ? entry.Amount : 0;
            sum.Bonus += entry.Rule == "first_order" ? entry.Amount : 0;
            sum.Growth += entry.Rule == "order" && isGrowth ? entry.Amount : 0;
        }

        sums.PointsTaken -= entry.Rule == "refund" ? entry.LifetimeDelta - PendingOf(entry) : 0;
        sums.GrowthTaken -= entry.Rule == "refund" && isGrowth ? entry.Amount : 0;
        sums.IsWhole |= entry.Rule != "refund" && entry.PostingId >= cut;
    }

    /// <summary>Points a refund took out of lots that had not counted for the level yet.</summary>
    private static long PendingOf(EntryRow entry)
    {
        if (entry.Detail is null || !entry.Detail.Contains("\"pending\"", StringComparison.Ordinal))
        {
            return 0;
        }

        using var detail = System.Text.Json.JsonDocument.Parse(entry.Detail);
        return detail.RootElement.TryGetProperty("pending", out var pending) && pending.TryGetInt64(out var points) ? points : 0;
    }

    public void Apply(OrderRow order)
    {
        _seen.Add(order.OrderId);
        var sums = _orders.GetValueOrDefault(order.OrderId) ?? new Sums();
        findings.Look(InvariantCode.I10);
        if (!_isOpened || sums.IsWhole)
        {
            Equal("orders", order.OrderId, "points = entries of the order", sums.Points, order.Points);
            Equal("orders", order.OrderId, "bonus = entries of the first order", sums.Bonus, order.Bonus);
            Equal("orders", order.OrderId, "growth = entries of the order", sums.Growth, order.Growth);
        }

        var taken = (Int128)order.PointsTaken + (order.BonusTaken ? order.Bonus : 0);
        Equal("orders", order.OrderId, "points and bonus taken = entries of its refunds", sums.PointsTaken, taken);
        Equal("orders", order.OrderId, "growth_taken = entries of its refunds", sums.GrowthTaken, order.GrowthTaken);
        _stored.Points += order.Points;
        _stored.Bonus += order.Bonus;
        _stored.Growth += order.Growth;
        _open += order.Amount > 0 && order.Refunded == order.Amount ? 0 : 1;
        _paid += order.Amount - order.Refunded;
        _firstOrder |= order.Amount > 0;
    }

    /// <summary>Everything of the member was told: compares the sums with the member's row.</summary>
    public void Close()
    {
        Member("total_orders", _open, member.TotalOrders);
        Member("total_amount", _paid, member.TotalAmount);
        Member("first_order_used", _firstOrder ? 1 : 0, member.FirstOrderUsed ? 1 : 0);
        if (_isOpened)
        {
            Member("Σ orders.points = opening figures and entries", _all.Points, _stored.Points);
            Member("Σ orders.bonus = opening figures and entries", _all.Bonus, _stored.Bonus);
            Member("Σ orders.growth = opening figures and entries", _all.Growth, _stored.Growth);
        }

        foreach (var order in _orders.Keys.Where(order => !_seen.Contains(order)))
        {
            Report("orders", order, "the order that entries name", "no such order of the member");
        }
    }

    /// <summary>What all orders earned so far.</summary>
    public (long Points, long Bonus, long Growth) Earned => checked(((long)_all.Points, (long)_all.Bonus, (long)_all.Growth));

    /// <summary>The orders of which something was taken back so far.</summary>
    public IReadOnlyList<OrderOpening> Taken(long openingCut) =>
    [
        .. _orders.Where(pair => pair.Value.PointsTaken != 0 || pair.Value.GrowthTaken != 0).Select(pair =>
            new OrderOpening(member.Tenant, member.Member, openingCut, pair.Key, checked((long)pair.Value.PointsTaken), checked((long)pair.Value.GrowthTaken))),
    ];

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
