using System.Globalization;
using Dapper;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Platform.Http;

namespace Laurel.Membership.Adjustments;

/// <summary>Which requests a list shows. What is null lets everything pass.</summary>
internal sealed record AdjustmentFilter(MemberId? Member, string? Status, long Before, int Limit);

/// <summary>Reads requests of adjustments.</summary>
internal static class AdjustmentQueries
{
    private const string Columns = """
        SELECT a.member_id AS MemberId, a.id AS Id, a.points AS Points, a.reason AS Reason, a.reference_type AS ReferenceType, a.reference_id AS ReferenceId,
            a.status AS Status, a.asked_at AS AskedAt, a.asked_by AS AskedBy, a.decided_at AS DecidedAt, a.decided_by AS DecidedBy,
            a.decision_reason AS DecisionReason, a.entry_id AS EntryId
        FROM adjustment_requests a WHERE a.tenant_id = @Tenant
        """;

    // A filter that is null lets everything pass; the column beside it tells PostgreSQL its type.
    private const string Filters = " AND a.id < @Before AND a.status = COALESCE(@Status, a.status) ORDER BY a.id DESC LIMIT @Limit";

    private const string One = Columns + " AND a.member_id = (SELECT root_id FROM natural_keys WHERE key_hash = @Key) AND a.id = @Id";

    private const string OfReference = Columns + " AND a.member_id = @Member AND a.reference_type = @Type AND a.reference_id = @Id";

    private const string Requests = Columns + Filters;

    private const string RequestsOfMember = Columns + " AND a.member_id = @Member" + Filters;

    private sealed class Row
    {
        public long MemberId { get; init; }

        public long Id { get; init; }

        public long Points { get; init; }

        public required string Reason { get; init; }

        public required string ReferenceType { get; init; }

        public required string ReferenceId { get; init; }

        public required string Status { get; init; }

        public long AskedAt { get; init; }

        public required string AskedBy { get; init; }

        public long? DecidedAt { get; init; }

        public string? DecidedBy { get; init; }

        public string? DecisionReason { get; init; }

        public long EntryId { get; init; }

        public AdjustmentReply ToReply() => new()
        {
            RequestId = Id.ToString(CultureInfo.InvariantCulture),
            MemberId = MemberId.ToString(CultureInfo.InvariantCulture),
            Points = Points,
            Reason = Reason,
            ReferenceType = ReferenceType,
            ReferenceId = ReferenceId,
            Status = Status,
            AskedAt = new Instant(AskedAt).ToDateTimeOffset(),
            AskedBy = AskedBy,
            DecidedAt = DecidedAt is { } decidedAt ? new Instant(decidedAt).ToDateTimeOffset() : null,
            DecidedBy = DecidedBy,
            DecisionReason = DecisionReason,
            EntryId = EntryId == 0 ? null : EntryId.ToString(CultureInfo.InvariantCulture),
        };
    }

    /// <summary>One request; null when there is none of this id.</summary>
    public static Task<AdjustmentReply?> FindAsync(Database from, TenantId tenant, long id, CancellationToken cancellationToken) =>
        OneAsync(from, tenant, One, new { Tenant = tenant.Value, Key = AdjustmentRequest.HandleOf(tenant, id).ToBytes(), Id = id }, cancellationToken);

    /// <summary>The request of a member that was asked for under a reference; null when there is none.</summary>
    public static Task<AdjustmentReply?> FindAsync(
        Database from, TenantId tenant, long member, string referenceType, string referenceId, CancellationToken cancellationToken) =>
        OneAsync(from, tenant, OfReference, new { Tenant = tenant.Value, Member = member, Type = referenceType, Id = referenceId }, cancellationToken);

    public static async Task<AdjustmentPage> ListAsync(Database from, TenantId tenant, AdjustmentFilter filter, CancellationToken cancellationToken)
    {
        await using var session = await from.OpenReaderAsync(Reach.Of(tenant), cancellationToken);
        using var timed = from.Times.Begin("points.adjustments");
        var arguments = new { Tenant = tenant.Value, Member = filter.Member?.Value, filter.Status, filter.Before, Limit = filter.Limit + 1 };
        var sql = filter.Member is null ? Requests : RequestsOfMember;
        var rows = (await session.Connection.QueryAsync<Row>(new CommandDefinition(sql, arguments, cancellationToken: cancellationToken))).AsList();
        return new AdjustmentPage
        {
            Items = [.. rows.Take(filter.Limit).Select(row => row.ToReply())],
            NextCursor = rows.Count > filter.Limit ? Cursor.Write(rows[filter.Limit - 1].Id) : null,
        };
    }

    private static async Task<AdjustmentReply?> OneAsync(Database from, TenantId tenant, string sql, object arguments, CancellationToken cancellationToken)
    {
        await using var session = await from.OpenReaderAsync(Reach.Of(tenant), cancellationToken);
        using var timed = from.Times.Begin("points.adjustment");
        return (await session.Connection.QuerySingleOrDefaultAsync<Row>(new CommandDefinition(sql, arguments, cancellationToken: cancellationToken)))?.ToReply();
    }
}
