using Dapper;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Members;

namespace Laurel.Membership.Checkouts;

/// <summary>Reads checkouts.</summary>
public sealed class CheckoutQueries(Database database)
{
    private const string FindMember = "SELECT root_id FROM natural_keys WHERE key_hash = @Key";

    private const string ReadOne = """
        SELECT c.order_id AS OrderId, c.state AS State, c.price AS PriceText, c.payable AS Payable, c.points AS Points, c.hold_id AS HoldId,
            c.spend_id AS SpendId, c.spent AS Spent, c.refunded AS Refunded, c.paid_back AS PaidBack, c.points_back AS PointsBack,
            c.reserved_at AS ReservedAt, c.expires_at AS ExpiresAt, c.ended_at AS EndedAt
        FROM checkouts c WHERE c.tenant_id = @Tenant AND c.member_id = @Member AND c.checkout_id = @Id
        """;

    private sealed class Row
    {
        public string OrderId { get; init; } = "";

        public string State { get; init; } = "";

        public string PriceText { get; init; } = "";

        public long Payable { get; init; }

        public long Points { get; init; }

        public long? HoldId { get; init; }

        public long? SpendId { get; init; }

        public string Spent { get; init; } = "";

        public string Refunded { get; init; } = "";

        public long PaidBack { get; init; }

        public long PointsBack { get; init; }

        public long ReservedAt { get; init; }

        public long ExpiresAt { get; init; }

        public long? EndedAt { get; init; }

        public Checkout ToCheckout(string id) => new()
        {
            CheckoutId = id,
            OrderId = OrderId,
            State = CheckoutNames.StateOf(State),
            PriceText = PriceText,
            Payable = Payable,
            Points = Points,
            HoldId = HoldId,
            SpendId = SpendId,
            Spent = CheckoutNames.ReadSpent(Spent),
            Refunded = CheckoutNames.ReadRefunded(Refunded),
            PaidBack = PaidBack,
            PointsBack = PointsBack,
            ReservedAt = new Instant(ReservedAt),
            ExpiresAt = new Instant(ExpiresAt),
            EndedAt = EndedAt is { } endedAt ? new Instant(endedAt) : null,
        };
    }

    /// <summary>A checkout and whose it is, as it is stored; null when there is none of that id.</summary>
    internal async Task<(MemberId Member, Checkout Checkout)?> FindAsync(TenantId tenant, string id, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenReaderAsync(Reach.Of(tenant), cancellationToken);
        using var timed = database.Times.Begin("checkouts.find");
        var key = new { Key = Checkout.HandleOf(tenant, id).ToBytes() };
        if (await session.Connection.ExecuteScalarAsync<long?>(new CommandDefinition(FindMember, key, cancellationToken: cancellationToken)) is not { } member)
        {
            return null;
        }

        var arguments = new { Tenant = tenant.Value, Member = member, Id = id };
        var row = await session.Connection.QuerySingleAsync<Row>(new CommandDefinition(ReadOne, arguments, cancellationToken: cancellationToken));
        return (new MemberId(member), row.ToCheckout(id));
    }
}
