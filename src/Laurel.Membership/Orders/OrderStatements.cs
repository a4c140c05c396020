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

    public static readonly SetStatement<OrderKey> ReadOrders = new(
        sqlite: "SELECT " + Columns + " FROM orders o WHERE o.tenant_id = $1 AND o.member_id = $2 AND o.order_id = $3",
        postgres: "SELECT " + Columns + """

            FROM unnest($1, $2, $3) k (tenant_id, member_id, order_id)
            JOIN orders o ON o.tenant_id = k.tenant_id AND o.member_id = k.member_id AND o.order_id = k.order_id
            """,
        Column<OrderKey>.Int32(k => k.Tenant),
        Column<OrderKey>.Int64(k => k.Member),
        Column<OrderKey>.Text(k => k.OrderId));

    public static readonly SetStatement<OrderKey> ReadLines = new(
        sqlite: "SELECT " + LineColumns + " FROM order_lines n WHERE n.tenant_id = $1 AND n.member_id = $2 AND n.order_id = $3",
        postgres: "SELECT " + LineColumns + """

            FROM unnest($1, $2, $3) k (tenant_id, member_id, order_id)
            JOIN order_lines n ON n.tenant_id = k.tenant_id AND n.member_id = k.member_id AND n.order_id = k.order_id
            """,
        Column<OrderKey>.Int32(k => k.Tenant),
        Column<OrderKey>.Int64(k => k.Member),
        Column<OrderKey>.Text(k => k.OrderId));

    private const string Columns = """
        o.tenant_id, o.member_id, o.order_id, o.amount, o.refunded, o.points, o.growth, o.bonus, o.points_taken, o.growth_taken,
        o.bonus_taken, o.lapsed_counted, o.points_entry_id, o.bonus_entry_id, o.occurred_at, o.recorded_at
        """;

    private const string LineColumns = "n.order_id, n.line_no, n.line_id, n.sku, n.quantity, n.amount, n.eligible, n.points, n.growth, n.refunded, n.member_id";

    private static readonly SetStatement<OrderRow> s_insert = new(
        sqlite: """
            INSERT INTO orders (tenant_id, member_id, order_id, amount, refunded, has_lines, points, growth, bonus, points_taken,
                growth_taken, bonus_taken, lapsed_counted, points_entry_id, bonus_entry_id, occurred_at, recorded_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
            """,
        postgres: """
            INSERT INTO orders (tenant_id, member_id, order_id, amount, refunded, has_lines, points, growth, bonus, points_taken,
                growth_taken, bonus_taken, lapsed_counted, points_entry_id, bonus_entry_id, occurred_at, recorded_at)
            SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
            """,
        Column<OrderRow>.Int32(r => r.Tenant),
        Column<OrderRow>.Int64(r => r.Member),
        Column<OrderRow>.Text(r => r.Order.OrderId),
        Column<OrderRow>.Int64(r => r.Order.Amount),
        Column<OrderRow>.Int64(r => r.Order.Refunded),
        Column<OrderRow>.Int32(r => r.Order.Lines.IsEmpty ? 0 : 1),
        Column<OrderRow>.Int64(r => r.Order.Points),
        Column<OrderRow>.Int64(r => r.Order.Growth),
        Column<OrderRow>.Int64(r => r.Order.Bonus),
        Column<OrderRow>.Int64(r => r.Order.PointsTaken),
        Column<OrderRow>.Int64(r => r.Order.GrowthTaken),
        Column<OrderRow>.Int32(r => r.Order.BonusTaken ? 1 : 0),
        Column<OrderRow>.Int64(r => r.Order.LapsedCounted),
        Column<OrderRow>.Int64(r => r.Order.PointsEntryId),
        Column<OrderRow>.Int64(r => r.Order.BonusEntryId),
        Column<OrderRow>.Instant(r => r.Order.OccurredAt),
        Column<OrderRow>.Instant(r => r.Order.RecordedAt));

    private static readonly SetStatement<OrderRow> s_update = new(
        sqlite: """
            UPDATE orders SET refunded = $4, points_taken = $5, growth_taken = $6, bonus_taken = $7, lapsed_counted = $8
            WHERE tenant_id = $1 AND member_id = $2 AND order_id = $3
            """,
        postgres: """
            WITH hit AS (
                UPDATE orders o SET refunded = c.refunded, points_taken = c.points_taken, growth_taken = c.growth_taken,
                    bonus_taken = c.bonus_taken, lapsed_counted = c.lapsed_counted
                FROM unnest($1, $2, $3, $4, $5, $6, $7, $8)
                    c (tenant_id, member_id, order_id, refunded, points_taken, growth_taken, bonus_taken, lapsed_counted)
                WHERE o.tenant_id = c.tenant_id AND o.member_id = c.member_id AND o.order_id = c.order_id
                RETURNING 1)
            SELECT laurel_require(count(*), cardinality($1)) FROM hit
            """,
        Column<OrderRow>.Int32(r => r.Tenant),
        Column<OrderRow>.Int64(r => r.Member),
        Column<OrderRow>.Text(r => r.Order.OrderId),
        Column<OrderRow>.Int64(r => r.Order.Refunded),
        Column<OrderRow>.Int64(r => r.Order.PointsTaken),
        Column<OrderRow>.Int64(r => r.Order.GrowthTaken),
        Column<OrderRow>.Int32(r => r.Order.BonusTaken ? 1 : 0),
        Column<OrderRow>.Int64(r => r.Order.LapsedCounted))
    {
        HitsEveryRow = true,
    };

    private static readonly SetStatement<LineRow> s_insertLine = new(
        sqlite: """
            INSERT INTO order_lines (tenant_id, member_id, order_id, line_no, line_id, sku, quantity, amount, eligible, points, growth, refunded)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
            """,
        postgres: """
            INSERT INTO order_lines (tenant_id, member_id, order_id, line_no, line_id, sku, quantity, amount, eligible, points, growth, refunded)
            SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
            """,
        Column<LineRow>.Int32(r => r.Tenant),
        Column<LineRow>.Int64(r => r.Member),
        Column<LineRow>.Text(r => r.OrderId),
        Column<LineRow>.Int32(r => r.Line.LineNumber),
        Column<LineRow>.Text(r => r.Line.LineId),
        Column<LineRow>.Text(r => r.Line.Sku),
        Column<LineRow>.Int64(r => r.Line.Quantity),
        Column<LineRow>.Int64(r => r.Line.Amount),
        Column<LineRow>.Int64(r => r.Line.Eligible),
        Column<LineRow>.Int64(r => r.Line.Points),
        Column<LineRow>.Int64(r => r.Line.Growth),
        Column<LineRow>.Int64(r => r.Line.Refunded));

    private static readonly SetStatement<LineRow> s_updateLine = new(
        sqlite: "UPDATE order_lines SET refunded = $5 WHERE tenant_id = $1 AND member_id = $2 AND order_id = $3 AND line_no = $4",
        postgres: """
            WITH hit AS (
                UPDATE order_lines n SET refunded = c.refunded
                FROM unnest($1, $2, $3, $4, $5) c (tenant_id, member_id, order_id, line_no, refunded)
                WHERE n.tenant_id = c.tenant_id AND n.member_id = c.member_id AND n.order_id = c.order_id AND n.line_no = c.line_no
                RETURNING 1)
            SELECT laurel_require(count(*), cardinality($1)) FROM hit
            """,
        Column<LineRow>.Int32(r => r.Tenant),
        Column<LineRow>.Int64(r => r.Member),
        Column<LineRow>.Text(r => r.OrderId),
        Column<LineRow>.Int32(r => r.Line.LineNumber),
        Column<LineRow>.Int64(r => r.Line.Refunded))
    {
        HitsEveryRow = true,
    };

    public static readonly SetStatement<RefundRow> InsertRefunds = new(
        sqlite: """
            INSERT INTO refunds (tenant_id, member_id, order_id, refund_id, amount, whole, occurred_at, recorded_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            """,
        postgres: """
            INSERT INTO refunds (tenant_id, member_id, order_id, refund_id, amount, whole, occurred_at, recorded_at)
            SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8)
            """,
        Column<RefundRow>.Int32(r => r.Tenant),
        Column<RefundRow>.Int64(r => r.Member),
        Column<RefundRow>.Text(r => r.OrderId),
        Column<RefundRow>.Text(r => r.RefundId),
        Column<RefundRow>.Int64(r => r.Amount),
        Column<RefundRow>.Int32(r => r.Whole ? 1 : 0),
        Column<RefundRow>.Instant(r => r.OccurredAt),
        Column<RefundRow>.Instant(r => r.RecordedAt));

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
        Points = row.Int64(7),
        Growth = row.Int64(8),
        Refunded = row.Int64(9),
    };

    public static OrderBook Read(SqlRow row, ImmutableArray<OrderLine> lines) => new()
    {
        OrderId = row.Text(2),
        Amount = row.Int64(3),
        Refunded = row.Int64(4),
        Lines = lines,
        Points = row.Int64(5),
        Growth = row.Int64(6),
        Bonus = row.Int64(7),
        PointsTaken = row.Int64(8),
        GrowthTaken = row.Int64(9),
        BonusTaken = row.Flag(10),
        LapsedCounted = row.Int64(11),
        PointsEntryId = row.Int64(12),
        BonusEntryId = row.Int64(13),
        OccurredAt = row.Instant(14),
        RecordedAt = row.Instant(15),
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
            var key = (row.Int64(10), row.Text(0));
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
