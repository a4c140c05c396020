using Dapper;
using Laurel.Engine.Sql;
using Laurel.Kernel;

namespace Laurel.Membership.Coupons;

/// <summary>Batches of a template, newest first.</summary>
public sealed record CouponBatchList
{
    public required IReadOnlyList<CouponBatchReply> Items { get; init; }
}

/// <summary>Reads batches of codes, from the primary: their state decides what is done next.</summary>
public sealed class CouponBatchQueries(Database database)
{
    /// <summary>Batches that a list tells, the newest.</summary>
    public const int BatchesMax = 200;

    private const string Columns = """
        SELECT tenant_id AS Tenant, id AS Id, template AS Template, origin AS Origin, total AS Total, made AS Made, seed AS Seed, created_at AS CreatedAt,
            created_by AS CreatedBy
        FROM coupon_batches
        """;

    private const string FindBatch = Columns + " WHERE tenant_id = @Tenant AND id = @Id";

    private const string ListBatches = Columns + " WHERE tenant_id = @Tenant AND template = @Template ORDER BY id DESC LIMIT @Limit";

    private const string FindUnfinished = Columns + " WHERE made < total ORDER BY tenant_id, id LIMIT 1";

    private sealed class Row
    {
        public int Tenant { get; init; }

        public long Id { get; init; }

        public string Template { get; init; } = "";

        public string Origin { get; init; } = "";

        public long Total { get; init; }

        public long Made { get; init; }

        public byte[]? Seed { get; init; }

        public long CreatedAt { get; init; }

        public string CreatedBy { get; init; } = "";

        public CouponBatch ToBatch() => new()
        {
            Tenant = new TenantId(Tenant),
            Id = Id,
            Template = Template,
            Origin = Origin,
            Total = Total,
            Made = Made,
            Seed = Seed,
            CreatedAt = new Instant(CreatedAt),
            CreatedBy = CreatedBy,
        };
    }

    internal async Task<CouponBatch?> FindAsync(TenantId tenant, long id, CancellationToken cancellationToken) =>
        (await ReadAsync(Reach.Of(tenant), FindBatch, new { Tenant = tenant.Value, Id = id }, cancellationToken)).FirstOrDefault();

    internal async Task<CouponBatchList> ListAsync(TenantId tenant, string template, CancellationToken cancellationToken)
    {
        var batches = await ReadAsync(Reach.Of(tenant), ListBatches, new { Tenant = tenant.Value, Template = template, Limit = BatchesMax }, cancellationToken);
        return new CouponBatchList { Items = [.. batches.Select(CouponBatchReply.Of)] };
    }

    /// <summary>The oldest batch of any tenant whose codes are not all made; null when there is none.</summary>
    internal async Task<CouponBatch?> FindUnfinishedAsync(CancellationToken cancellationToken) =>
        (await ReadAsync(Reach.Everything, FindUnfinished, null, cancellationToken)).FirstOrDefault();

    private async Task<IReadOnlyList<CouponBatch>> ReadAsync(Reach reach, string query, object? arguments, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenReaderAsync(reach, cancellationToken);
        using var timed = database.Times.Begin("coupons.batches");
        var rows = await session.Connection.QueryAsync<Row>(new CommandDefinition(query, arguments, cancellationToken: cancellationToken));
        return [.. rows.Select(row => row.ToBatch())];
    }
}
