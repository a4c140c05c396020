using System.Collections.Immutable;
using Laurel.Engine.Lanes;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Members;

namespace Laurel.Membership.Orders;

/// <summary>A return that was asked for.</summary>
internal sealed record OrderReturn
{
    /// <summary>Asked for, and neither refunded nor rejected. Its hold may have run out meanwhile.</summary>
    public const string Requested = "requested";

    public const string Refunded = "refunded";

    public const string Rejected = "rejected";

    public required string ReturnId { get; init; }

    public required string Status { get; init; }

    /// <summary>What is asked back, in minor units.</summary>
    public required long Amount { get; init; }

    /// <summary>Points that a refund of it would have taken back when it was asked for.</summary>
    public required long Points { get; init; }

    /// <summary>The hold on the order's own lots; null where nothing of them was left.</summary>
    public required long? HoldId { get; init; }

    public required Instant OccurredAt { get; init; }

    public required Instant RecordedAt { get; init; }
}

/// <summary>The returns of one order, in the order of their ids.</summary>
internal sealed record OrderReturns(string OrderId, ImmutableArray<OrderReturn> Items)
{
    /// <summary>Those that nobody has decided yet.</summary>
    public IEnumerable<OrderReturn> Open => Items.Where(item => item.Status == OrderReturn.Requested);

    public OrderReturn? Find(string returnId) => Items.FirstOrDefault(item => item.ReturnId == returnId);

    public OrderReturns With(OrderReturn changed) =>
        this with { Items = [.. Items.Where(item => item.ReturnId != changed.ReturnId), changed] };
}

/// <summary>The SQL of returns.</summary>
internal static class ReturnStatements
{
    private sealed record ReturnRow(int Tenant, long Member, string OrderId, OrderReturn Return);

    public static readonly SetStatement<OrderStatements.OrderKey> Read = Statements.Find(
        "r.member_id, r.order_id, r.return_id, r.status, r.amount, r.points, r.hold_id, r.occurred_at, r.recorded_at", "order_returns r", "",
        Column<OrderStatements.OrderKey>.Int32("tenant_id", k => k.Tenant),
        Column<OrderStatements.OrderKey>.Int64("member_id", k => k.Member),
        Column<OrderStatements.OrderKey>.Text("order_id", k => k.OrderId));

    private static readonly SetStatement<ReturnRow> s_write = Statements.Write("order_returns", keys: 4,
        Column<ReturnRow>.Int32("tenant_id", r => r.Tenant),
        Column<ReturnRow>.Int64("member_id", r => r.Member),
        Column<ReturnRow>.Text("order_id", r => r.OrderId),
        Column<ReturnRow>.Text("return_id", r => r.Return.ReturnId),
        Column<ReturnRow>.Text("status", r => r.Return.Status),
        Column<ReturnRow>.Int64("amount", r => r.Return.Amount),
        Column<ReturnRow>.Int64("points", r => r.Return.Points),
        Column<ReturnRow>.NullableInt64("hold_id", r => r.Return.HoldId),
        Column<ReturnRow>.Instant("occurred_at", r => r.Return.OccurredAt),
        Column<ReturnRow>.Instant("recorded_at", r => r.Return.RecordedAt));

    public static void Write(SqlScriptBuilder builder, IReadOnlyList<MemberBook> books)
    {
        var rows = new List<ReturnRow>();
        foreach (var book in books)
        {
            foreach (var returns in book.Returns.Changed())
            {
                var stored = book.Returns.Stored(returns.OrderId)!.Items;
                rows.AddRange(
                    from item in returns.Items
                    where !stored.Contains(item)
                    select new ReturnRow(book.Identity.Tenant.Value, book.Identity.Id.Value, returns.OrderId, item));
            }
        }

        builder.Add(s_write, rows);
    }

    public static OrderReturn ReadReturn(SqlRow row) => new()
    {
        ReturnId = row.Text(2),
        Status = row.Text(3),
        Amount = row.Int64(4),
        Points = row.Int64(5),
        HoldId = row.Int64OrNull(6),
        OccurredAt = row.Instant(7),
        RecordedAt = row.Instant(8),
    };
}

/// <summary>Reads the returns of orders; an order without any has an empty list.</summary>
internal sealed class ReturnLoader(MemberKind members) : ChildLoader<OrderStatements.OrderKey>
{
    protected override LoadResult Load(SqlScriptBuilder builder, IReadOnlyList<OrderStatements.OrderKey> needs)
    {
        var found = needs.ToDictionary(need => (need.Member, need.OrderId), _ => new List<OrderReturn>());
        builder.Add(ReturnStatements.Read, needs, row => found[(row.Int64(0), row.Text(1))].Add(ReturnStatements.ReadReturn(row)));
        return set =>
        {
            foreach (var need in needs)
            {
                var items = found[(need.Member, need.OrderId)].OrderBy(item => item.RecordedAt).ThenBy(item => item.ReturnId, StringComparer.Ordinal);
                set.Loaded<MemberBook>(members.RootOf(new TenantId(need.Tenant), new MemberId(need.Member)))
                    .Returns.Load(need.OrderId, new OrderReturns(need.OrderId, [.. items]));
            }
        };
    }
}
