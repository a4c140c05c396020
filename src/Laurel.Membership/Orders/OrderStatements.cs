using System.Collections.Immutable;
using Laurel.Engine.Lanes;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Members;

namespace Laurel.Membership.Orders;

/// <summary>The SQL of orders and their lines.</summary>
internal static class OrderStatements
{
    internal readonly record struct OrderKey(int Tenant, long Member, string OrderId);

    internal sealed record OrderRow(int Tenant, long Member, OrderBook Order);

    /// <param name="Whole">Whether nothing of the order was left after it.</param>
    internal sealed record RefundRow(int Tenant, long Member, string OrderId, string RefundId, long Amount, bool Whole, Instant OccurredAt, Instant RecordedAt);

    internal sealed record LineRow(int Tenant, long Member, string OrderId, OrderLine Line);

    public static readonly SetStatement<OrderKey> ReadOrders = Statements.Find(Columns, "orders o", "",
        Column<OrderKey>.Int32("tenant_id", k => k.Tenant),
        Column<OrderKey>.Int64("member_id", k => k.Member),
        Column<OrderKey>.Text("order_id", k => k.OrderId));

    public static readonly SetStatement<OrderKey> ReadLines = Statements.Find(LineColumns, "order_lines n", "",
        Column<OrderKey>.Int32("tenant_id", k => k.Tenant),
        Column<OrderKey>.Int64("member_id", k => k.Member),
        Column<OrderKey>.Text("order_id", k => k.OrderId));

    private const string Columns = "o.tenant_id, o.member_id, o.order_id, o.amount, o.refunded, o.earnings, o.lapsed_counted, o.occurred_at, o.recorded_at";

    private const string LineColumns = "n.order_id, n.line_no, n.line_id, n.sku, n.quantity, n.amount, n.eligible, n.refunded, n.member_id";

    private static readonly SetStatement<OrderRow> s_insert = Statements.Insert("orders",
        Column<OrderRow>.Int32("tenant_id", r => r.Tenant),
        Column<OrderRow>.Int64("member_id", r => r.Member),
        Column<OrderRow>.Text("order_id", r => r.Order.OrderId),
        Column<OrderRow>.Int64("amount", r => r.Order.Amount),
        Column<OrderRow>.Int64("refunded", r => r.Order.Refunded),
        Column<OrderRow>.Int32("has_lines", r => r.Order.Lines.IsEmpty ? 0 : 1),
        Column<OrderRow>.Text("earnings", r => OrderEarnings.Write(r.Order.Earnings)),
        Column<OrderRow>.Int64("lapsed_counted", r => r.Order.LapsedCounted),
        Column<OrderRow>.Instant("occurred_at", r => r.Order.OccurredAt),
        Column<OrderRow>.Instant("recorded_at", r => r.Order.RecordedAt));

    private static readonly SetStatement<OrderRow> s_update = Statements.Update("orders", keys: 3,
        Column<OrderRow>.Int32("tenant_id", r => r.Tenant),
        Column<OrderRow>.Int64("member_id", r => r.Member),
        Column<OrderRow>.Text("order_id", r => r.Order.OrderId),
        Column<OrderRow>.Int64("refunded", r => r.Order.Refunded),
        Column<OrderRow>.Text("earnings", r => OrderEarnings.Write(r.Order.Earnings)),
        Column<OrderRow>.Int64("lapsed_counted", r => r.Order.LapsedCounted));

    private static readonly SetStatement<LineRow> s_insertLine = Statements.Insert("order_lines",
        Column<LineRow>.Int32("tenant_id", r => r.Tenant),
        Column<LineRow>.Int64("member_id", r => r.Member),
        Column<LineRow>.Text("order_id", r => r.OrderId),
        Column<LineRow>.Int32("line_no", r => r.Line.LineNumber),
        Column<LineRow>.Text("line_id", r => r.Line.LineId),
        Column<LineRow>.Text("sku", r => r.Line.Sku),
        Column<LineRow>.Int64("quantity", r => r.Line.Quantity),
        Column<LineRow>.Int64("amount", r => r.Line.Amount),
        Column<LineRow>.Int64("eligible", r => r.Line.Eligible),
        Column<LineRow>.Int64("refunded", r => r.Line.Refunded));

    private static readonly SetStatement<LineRow> s_updateLine = Statements.Update("order_lines", keys: 4,
        Column<LineRow>.Int32("tenant_id", r => r.Tenant),
        Column<LineRow>.Int64("member_id", r => r.Member),
        Column<LineRow>.Text("order_id", r => r.OrderId),
        Column<LineRow>.Int32("line_no", r => r.Line.LineNumber),
        Column<LineRow>.Int64("refunded", r => r.Line.Refunded));

    public static readonly SetStatement<RefundRow> InsertRefunds = Statements.Insert("refunds",
        Column<RefundRow>.Int32("tenant_id", r => r.Tenant),
        Column<RefundRow>.Int64("member_id", r => r.Member),
        Column<RefundRow>.Text("order_id", r => r.OrderId),
        Column<RefundRow>.Text("refund_id", r => r.RefundId),
        Column<RefundRow>.Int64("amount", r => r.Amount),
        Column<RefundRow>.Flag("whole", r => r.Whole),
        Column<RefundRow>.Instant("occurred_at", r => r.OccurredAt),
        Column<RefundRow>.Instant("recorded_at", r => r.RecordedAt));

    public static void Write(SqlScriptBuilder builder, IReadOnlyList<MemberBook> books)
    {
        var added = new List<OrderRow>();
        var changed = new List<OrderRow>();
        var addedLines = new List<LineRow>();
        var changedLines = new List<LineRow>();
        foreach (var book in books)
        {
            var (tenant, member) = (book.Identity.Tenant.Value, book.Identity.Id.Value);
            foreach (var order in book.Orders.New())
            {
                added.Add(new OrderRow(tenant, member, order));
                addedLines.AddRange(order.Lines.Select(line => new LineRow(tenant, member, order.OrderId, line)));
            }

            foreach (var order in book.Orders.Changed())
            {
                changed.Add(new OrderRow(tenant, member, order));
                var stored = book.Orders.Stored(order.OrderId)!;
                changedLines.AddRange(
                    from pair in order.Lines.Zip(stored.Lines)
                    where pair.First.Refunded != pair.Second.Refunded
                    select new LineRow(tenant, member, order.OrderId, pair.First));
            }
        }

        builder.Add(s_insert, added);
        builder.Add(s_update, changed);
        builder.Add(s_insertLine, addedLines);
        builder.Add(s_updateLine, changedLines);
    }

    public static OrderLine ReadLine(SqlRow row) => new()
    {
        LineNumber = row.Int32(1),
        LineId = row.Text(2),
        Sku = row.TextOrNull(3),
        Quantity = row.Int64(4),
        Amount = row.Int64(5),
        Eligible = row.Int64(6),
        Refunded = row.Int64(7),
    };

    public static OrderBook Read(SqlRow row, ImmutableArray<OrderLine> lines) => new()
    {
        OrderId = row.Text(2),
        Amount = row.Int64(3),
        Refunded = row.Int64(4),
        Lines = lines,
        Earnings = OrderEarnings.Read(row.Text(5)),
        LapsedCounted = row.Int64(6),
        OccurredAt = row.Instant(7),
        RecordedAt = row.Instant(8),
    };
}

/// <summary>Reads orders with their lines.</summary>
internal sealed class OrderLoader(MemberKind members) : ChildLoader<OrderStatements.OrderKey>
{
    protected override LoadResult Load(SqlScriptBuilder builder, IReadOnlyList<OrderStatements.OrderKey> needs)
    {
        var lines = new Dictionary<(long Member, string OrderId), List<OrderLine>>();
        var orders = new List<(RootRef Root, OrderBook Order)>();
        builder.Add(OrderStatements.ReadLines, needs, row =>
        {
            var key = (row.Int64(8), row.Text(0));
            if (!lines.TryGetValue(key, out var list))
            {
                lines.Add(key, list = []);
            }

            list.Add(OrderStatements.ReadLine(row));
        });
        builder.Add(OrderStatements.ReadOrders, needs, row =>
        {
            var list = lines.GetValueOrDefault((row.Int64(1), row.Text(2))) ?? [];
            list.Sort(static (a, b) => a.LineNumber.CompareTo(b.LineNumber));
            var root = members.RootOf(new TenantId(row.Int32(0)), new MemberId(row.Int64(1)));
            orders.Add((root, OrderStatements.Read(row, [.. list])));
        });
        return set =>
        {
            foreach (var (root, order) in orders)
            {
                set.Loaded<MemberBook>(root).Orders.Load(order.OrderId, order);
            }

            foreach (var need in needs)
            {
                set.Loaded<MemberBook>(members.RootOf(new TenantId(need.Tenant), new MemberId(need.Member))).Orders.LoadMissing(need.OrderId);
            }
        };
    }
}
