using System.Globalization;
using Dapper;
using Laurel.Engine.Replicas;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Points;
using Laurel.Platform.Access;
using Laurel.Platform.Errors;
using Laurel.Platform.Http;
using Laurel.Platform.Reads;
using Laurel.Platform.Writes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Laurel.Membership.Orders;

/// <summary>A return as an answer shows it.</summary>
public sealed record OrderReturnReply
{
    public required string ReturnId { get; init; }

    /// <summary><c>requested</c>, <c>refunded</c>, <c>rejected</c>, or <c>timed_out</c>: nobody decided in time, and its points are free again.</summary>
    public required string Status { get; init; }

    /// <summary>What was asked back, in minor units.</summary>
    public required long Amount { get; init; }

    /// <summary>Points that a refund of it would have taken back when it was asked for.</summary>
    public required long Points { get; init; }

    /// <summary>Points that were held of them; the rest was spent, lapsed, or held already.</summary>
    public required long Frozen { get; init; }

    /// <summary>Points that are held now.</summary>
    public required long Held { get; init; }

    /// <summary>The hold; null where nothing was held.</summary>
    public required string? HoldId { get; init; }

    /// <summary>When its points are free again by themselves; null where nothing was held.</summary>
    public required DateTimeOffset? HeldUntil { get; init; }

    /// <summary>Business time of the request.</summary>
    public required DateTimeOffset Time { get; init; }
}

/// <summary>The returns of one order, the first asked for first.</summary>
public sealed record OrderReturnList
{
    public required string OrderId { get; init; }

    public required string MemberId { get; init; }

    public required IReadOnlyList<OrderReturnReply> Returns { get; init; }
}

/// <summary>Reads the returns of orders.</summary>
public sealed class ReturnQueries(TimeProvider clock)
{
    private const string FindMember = "SELECT root_id FROM natural_keys WHERE key_hash = @Key";

    private const string ReadReturns = """
        SELECT r.return_id AS ReturnId, r.status AS Status, r.amount AS Amount, r.points AS Points, r.hold_id AS HoldId, r.occurred_at AS OccurredAt,
            h.points AS Frozen, h.points - h.captured - h.released AS Held, h.status AS HoldStatus, h.expires_at AS HeldUntil
        FROM order_returns r
        LEFT JOIN holds h ON h.tenant_id = r.tenant_id AND h.member_id = r.member_id AND h.id = r.hold_id
        WHERE r.tenant_id = @Tenant AND r.member_id = @Member AND r.order_id = @Order
        ORDER BY r.recorded_at, r.return_id
        """;

    private sealed class Row
    {
        public string ReturnId { get; init; } = "";

        public string Status { get; init; } = "";

        public long Amount { get; init; }

        public long Points { get; init; }

        public long? HoldId { get; init; }

        public long OccurredAt { get; init; }

        public long? Frozen { get; init; }

        public long? Held { get; init; }

        public string? HoldStatus { get; init; }

        public long? HeldUntil { get; init; }

        // A hold past its end holds nothing, whether its end was written or not.
        public OrderReturnReply ToReply(long now)
        {
            var isOver = HoldStatus == "expired" || (HoldStatus == "open" && HeldUntil <= now);
            return new OrderReturnReply
            {
                ReturnId = ReturnId,
                Status = isOver && Status == OrderReturn.Requested ? "timed_out" : Status,
                Amount = Amount,
                Points = Points,
                Frozen = Frozen ?? 0,
                Held = HoldStatus == "open" && !isOver ? Held ?? 0 : 0,
                HoldId = HoldId?.ToString(CultureInfo.InvariantCulture),
                HeldUntil = HeldUntil is { } until ? new Instant(until).ToNullable() : null,
                Time = new Instant(OccurredAt).ToDateTimeOffset(),
            };
        }
    }

    /// <summary>Null when there is no such order.</summary>
    public async Task<OrderReturnList?> FindAsync(Database from, TenantId tenant, string orderId, CancellationToken cancellationToken)
    {
        await using var session = await from.OpenReaderAsync(Reach.Of(tenant), cancellationToken);
        using var timed = from.Times.Begin("orders.returns");
        var key = new { Key = CompleteOrder.HandleOf(tenant, orderId).ToBytes() };
        var member = await session.Connection.ExecuteScalarAsync<long?>(new CommandDefinition(FindMember, key, cancellationToken: cancellationToken));
        if (member is not { } id)
        {
            return null;
        }

        var arguments = new { Tenant = tenant.Value, Member = id, Order = orderId };
        var rows = await session.Connection.QueryAsync<Row>(new CommandDefinition(ReadReturns, arguments, cancellationToken: cancellationToken));
        var now = Instant.Now(clock).UnixMicroseconds;
        return new OrderReturnList { OrderId = orderId, MemberId = new MemberId(id).ToString(), Returns = [.. rows.Select(row => row.ToReply(now))] };
    }
}

/// <summary>The door by which the returns of an order are read.</summary>
internal static class ReturnsModule
{
    public static void MapReturns(this IEndpointRouteBuilder routes) => routes.MapGet("/api/orders/{id}/returns", ReturnsAsync)
        .RequirePermission(Permission.PointsRead)
        .Produces<OrderReturnList>()
        .ProducesProblem(StatusCodes.Status404NotFound)
        .WithSummary("The returns of an order that were asked for, and what is held for each.");

    private static async Task ReturnsAsync(HttpContext context, string id, ReturnQueries queries, ReadRouter router)
    {
        var tenant = context.Actor().Tenant;
        if (await context.ReadAsync(router, from => queries.FindAsync(from, tenant, id, context.RequestAborted)) is not { } list)
        {
            await ProblemResponse.WriteAsync(context, new Refusal(ErrorCode.OrderNotFound), context.RequestAborted);
            return;
        }

        await WriteResponse.WriteAsync(context, StatusCodes.Status200OK, list, MembershipJson.Default.OrderReturnList);
    }
}
