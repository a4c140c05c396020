using Laurel.Engine.Events;
using Laurel.Engine.Sql;
using Laurel.Kernel;

namespace Laurel.Platform.Webhooks;

/// <summary>What a delivery has come to; the numbers are stored.</summary>
internal enum DeliveryState
{
    Waiting = 0,
    Delivered = 1,

    /// <summary>Given up: the schedule is used up, or the endpoint is gone.</summary>
    Failed = 2,
}

/// <summary>An event that an endpoint is to be told of.</summary>
internal sealed record DeliveryRow(TenantId Tenant, long EndpointId, EventPlace Event, string EventType, Instant NextAttemptAt);

/// <summary>What an attempt made of a delivery.</summary>
/// <param name="AttemptsBefore">As the sender knew it: a row that another sender has moved on is left alone.</param>
/// <param name="NextAttemptAt">Null when there is none.</param>
internal sealed record DeliveryMove(long EndpointId, EventPlace Event, int AttemptsBefore, DeliveryState State, Instant? NextAttemptAt);

/// <summary>An attempt as it is remembered.</summary>
internal sealed record AttemptRow(TenantId Tenant, long EndpointId, long Id, EventPlace Event, int Attempt, Instant AttemptedAt, AttemptResult Result);

/// <summary>Asks for the deliveries of one endpoint that are due.</summary>
internal readonly record struct DueOf(long EndpointId, Instant Now, int Limit);

/// <summary>Asks for what is older than an instant and done with.</summary>
/// <param name="IdBefore">Ids before it are of batches and attempts before the instant.</param>
internal readonly record struct OldOf(long EndpointId, long IdBefore, Instant Before);

/// <summary>The SQL of the queue and of its memory.</summary>
internal static class DeliveryStatements
{
    /// <summary>Rows that one clearing statement takes of one endpoint.</summary>
    private const int ClearedRows = 2_000;

    private static readonly Column<DeliveryRow>[] s_delivery =
    [
        Column<DeliveryRow>.Int64("endpoint_id", d => d.EndpointId),
        Column<DeliveryRow>.Int64("batch_id", d => d.Event.BatchId),
        Column<DeliveryRow>.Int32("event_index", d => d.Event.Index),
        Column<DeliveryRow>.Int32("tenant_id", d => d.Tenant.Value),
        Column<DeliveryRow>.Text("event_type", d => d.EventType),
        Column<DeliveryRow>.Int32("state", _ => (int)DeliveryState.Waiting),
        Column<DeliveryRow>.Int32("attempts", _ => 0),
        Column<DeliveryRow>.Instant("next_attempt_at", d => d.NextAttemptAt),
    ];

    /// <summary>Joins the outbox where any endpoint listens at all.</summary>
    public static readonly SetStatement<OutboxRow> JoinOutbox = new(
        sqlite: "INSERT INTO outbox (transport, batch_id) SELECT $1, $2 WHERE EXISTS (SELECT 1 FROM webhook_endpoints WHERE enabled = 1)",
        postgres: """
            INSERT INTO outbox (transport, batch_id)
            SELECT k.transport, k.batch_id FROM unnest($1, $2) k (transport, batch_id)
            WHERE EXISTS (SELECT 1 FROM webhook_endpoints e WHERE e.enabled = 1)
            """,
        mySql: """
            INSERT INTO outbox (transport, batch_id) SELECT k.transport, k.batch_id FROM {rows} k
            WHERE EXISTS (SELECT 1 FROM webhook_endpoints e WHERE e.enabled = 1)
            """,
        Column<OutboxRow>.Text("transport", r => r.Transport),
        Column<OutboxRow>.Int64("batch_id", r => r.BatchId));

    /// <summary>Queues deliveries; those that are there stay as they are, so a batch that is published twice is queued once.</summary>
    public static readonly SetStatement<DeliveryRow> Queue = Statements.InsertMissing("webhook_deliveries", s_delivery);

    /// <summary>Queues deliveries anew, whatever became of them before.</summary>
    public static readonly SetStatement<DeliveryRow> QueueAgain = Statements.Write("webhook_deliveries", keys: 3, s_delivery);

    /// <summary>The deliveries of endpoints that are due, the longest due first: batch_id, event_index, attempts,
    /// endpoint_id.</summary>
    public static readonly SetStatement<DueOf> FindDue = new(
        sqlite: """
            SELECT batch_id, event_index, attempts, endpoint_id FROM webhook_deliveries
            WHERE endpoint_id = $1 AND next_attempt_at <= $2 ORDER BY next_attempt_at, batch_id, event_index LIMIT $3
            """,
        postgres: """
            SELECT d.batch_id, d.event_index, d.attempts, d.endpoint_id
            FROM unnest($1, $2, $3) k (endpoint_id, now, most)
            CROSS JOIN LATERAL (
                SELECT w.batch_id, w.event_index, w.attempts, w.endpoint_id FROM webhook_deliveries w
                WHERE w.endpoint_id = k.endpoint_id AND w.next_attempt_at <= k.now
                ORDER BY w.next_attempt_at, w.batch_id, w.event_index LIMIT k.most) d
            """,
        mySql: """
            SELECT batch_id, event_index, attempts, endpoint_id FROM webhook_deliveries
            WHERE endpoint_id = $1 AND next_attempt_at <= $2 ORDER BY next_attempt_at, batch_id, event_index LIMIT $3
            """,
        Column<DueOf>.Int64("endpoint_id", d => d.EndpointId),
        Column<DueOf>.Instant("now", d => d.Now),
        Column<DueOf>.Int32("most", d => d.Limit));

    /// <summary>How many deliveries of endpoints wait until an instant; counting ends at a limit for each. The sum of the rows is the
    /// answer.</summary>
    public static readonly SetStatement<DueOf> CountWaiting = new(
        sqlite: "SELECT COUNT(*) FROM (SELECT 1 FROM webhook_deliveries WHERE endpoint_id = $1 AND next_attempt_at <= $2 LIMIT $3)",
        postgres: """
            SELECT COUNT(*) FROM unnest($1, $2, $3) k (endpoint_id, now, most)
            CROSS JOIN LATERAL (SELECT 1 FROM webhook_deliveries w WHERE w.endpoint_id = k.endpoint_id AND w.next_attempt_at <= k.now LIMIT k.most) d
            """,
        mySql: "SELECT COUNT(*) FROM (SELECT 1 FROM webhook_deliveries WHERE endpoint_id = $1 AND next_attempt_at <= $2 LIMIT $3) w",
        Column<DueOf>.Int64("endpoint_id", d => d.EndpointId),
        Column<DueOf>.Instant("now", d => d.Now),
        Column<DueOf>.Int32("most", d => d.Limit));

    /// <summary>Moves waiting deliveries on that nobody else has moved meanwhile.</summary>
    public static readonly SetStatement<DeliveryMove> Move = new(
        sqlite: """
            UPDATE webhook_deliveries SET state = $5, attempts = attempts + 1, next_attempt_at = $6
            WHERE endpoint_id = $1 AND batch_id = $2 AND event_index = $3 AND attempts = $4 AND state = 0
            """,
        postgres: """
            UPDATE webhook_deliveries d SET state = k.state, attempts = d.attempts + 1, next_attempt_at = k.next_attempt_at
            FROM unnest($1, $2, $3, $4, $5, $6) k (endpoint_id, batch_id, event_index, attempts, state, next_attempt_at)
            WHERE d.endpoint_id = k.endpoint_id AND d.batch_id = k.batch_id AND d.event_index = k.event_index
                AND d.attempts = k.attempts AND d.state = 0
            """,
        mySql: """
            UPDATE {rows} k STRAIGHT_JOIN webhook_deliveries d
                ON d.endpoint_id = k.endpoint_id AND d.batch_id = k.batch_id AND d.event_index = k.event_index
            SET d.attempts = d.attempts + 1, d.next_attempt_at = k.next_attempt_at, d.state = k.state
            WHERE d.attempts = k.attempts AND d.state = 0
            """,
        Column<DeliveryMove>.Int64("endpoint_id", m => m.EndpointId),
        Column<DeliveryMove>.Int64("batch_id", m => m.Event.BatchId),
        Column<DeliveryMove>.Int32("event_index", m => m.Event.Index),
        Column<DeliveryMove>.Int32("attempts", m => m.AttemptsBefore),
        Column<DeliveryMove>.Int32("state", m => (int)m.State),
        Column<DeliveryMove>.NullableInt64("next_attempt_at", m => m.NextAttemptAt?.UnixMicroseconds));

    public static readonly SetStatement<AttemptRow> InsertAttempts = Statements.Insert("webhook_attempts",
        Column<AttemptRow>.Int64("endpoint_id", a => a.EndpointId),
        Column<AttemptRow>.Int64("id", a => a.Id),
        Column<AttemptRow>.Int32("tenant_id", a => a.Tenant.Value),
        Column<AttemptRow>.Int64("batch_id", a => a.Event.BatchId),
        Column<AttemptRow>.Int32("event_index", a => a.Event.Index),
        Column<AttemptRow>.Int32("attempt", a => a.Attempt),
        Column<AttemptRow>.Instant("attempted_at", a => a.AttemptedAt),
        Column<AttemptRow>.Int32("duration_ms", a => (int)Math.Min(int.MaxValue, a.Result.Duration.TotalMilliseconds)),
        Column<AttemptRow>.Flag("delivered", a => a.Result.Delivered),
        Column<AttemptRow>.NullableInt32("status", a => a.Result.Status),
        Column<AttemptRow>.Text("error", a => a.Result.Error),
        Column<AttemptRow>.Text("response", a => a.Result.Response));

    /// <summary>Endpoints that have attempts older than kept.</summary>
    public static readonly SetStatement<OldOf> FindOldAttempts = new(
        sqlite: "SELECT endpoint_id FROM webhook_attempts WHERE endpoint_id = $1 AND id < $2 LIMIT 1",
        postgres: """
            SELECT k.endpoint_id FROM unnest($1, $2) k (endpoint_id, before)
            WHERE EXISTS (SELECT 1 FROM webhook_attempts a WHERE a.endpoint_id = k.endpoint_id AND a.id < k.before)
            """,
        mySql: "SELECT endpoint_id FROM webhook_attempts WHERE endpoint_id = $1 AND id < $2 LIMIT 1",
        Column<OldOf>.Int64("endpoint_id", o => o.EndpointId),
        Column<OldOf>.Int64("before", o => o.IdBefore));

    public static readonly SetStatement<OldOf> ClearAttempts = new(
        sqlite: $"""
            DELETE FROM webhook_attempts WHERE endpoint_id = $1 AND id IN
                (SELECT a.id FROM webhook_attempts a WHERE a.endpoint_id = $1 AND a.id < $2 ORDER BY a.id LIMIT {ClearedRows})
            """,
        postgres: $"""
            DELETE FROM webhook_attempts a USING unnest($1, $2) k (endpoint_id, before)
            WHERE a.endpoint_id = k.endpoint_id AND a.id = ANY (ARRAY(
                SELECT o.id FROM webhook_attempts o WHERE o.endpoint_id = k.endpoint_id AND o.id < k.before ORDER BY o.id LIMIT {ClearedRows}))
            """,
        mySql: $"DELETE FROM webhook_attempts WHERE endpoint_id = $1 AND id < $2 ORDER BY endpoint_id, id LIMIT {ClearedRows}",
        Column<OldOf>.Int64("endpoint_id", o => o.EndpointId),
        Column<OldOf>.Int64("before", o => o.IdBefore));

    /// <summary>Endpoints that have deliveries older than kept, done or left to wait.</summary>
    public static readonly SetStatement<OldOf> FindOldDeliveries = new(
        sqlite: """
            SELECT endpoint_id FROM webhook_deliveries
            WHERE endpoint_id = $1 AND batch_id < $2 AND (next_attempt_at IS NULL OR next_attempt_at < $3) LIMIT 1
            """,
        postgres: """
            SELECT k.endpoint_id FROM unnest($1, $2, $3) k (endpoint_id, before, instant)
            WHERE EXISTS (SELECT 1 FROM webhook_deliveries d WHERE d.endpoint_id = k.endpoint_id AND d.batch_id < k.before
                AND (d.next_attempt_at IS NULL OR d.next_attempt_at < k.instant))
            """,
        mySql: """
            SELECT endpoint_id FROM webhook_deliveries
            WHERE endpoint_id = $1 AND batch_id < $2 AND (next_attempt_at IS NULL OR next_attempt_at < $3) LIMIT 1
            """,
        Column<OldOf>.Int64("endpoint_id", o => o.EndpointId),
        Column<OldOf>.Int64("before", o => o.IdBefore),
        Column<OldOf>.Instant("instant", o => o.Before));

    public static readonly SetStatement<OldOf> ClearDeliveries = new(
        sqlite: $"""
            DELETE FROM webhook_deliveries WHERE endpoint_id = $1 AND (batch_id, event_index) IN
                (SELECT d.batch_id, d.event_index FROM webhook_deliveries d WHERE d.endpoint_id = $1 AND d.batch_id < $2
                    AND (d.next_attempt_at IS NULL OR d.next_attempt_at < $3) ORDER BY d.batch_id, d.event_index LIMIT {ClearedRows})
            """,
        postgres: $"""
            DELETE FROM webhook_deliveries d USING
                (SELECT o.endpoint_id, o.batch_id, o.event_index FROM unnest($1, $2, $3) k (endpoint_id, before, instant)
                CROSS JOIN LATERAL (SELECT w.endpoint_id, w.batch_id, w.event_index FROM webhook_deliveries w
                    WHERE w.endpoint_id = k.endpoint_id AND w.batch_id < k.before AND (w.next_attempt_at IS NULL OR w.next_attempt_at < k.instant)
                    ORDER BY w.batch_id, w.event_index LIMIT {ClearedRows}) o) old
            WHERE d.endpoint_id = old.endpoint_id AND d.batch_id = old.batch_id AND d.event_index = old.event_index
            """,
        mySql: $"""
            DELETE FROM webhook_deliveries
            WHERE endpoint_id = $1 AND batch_id < $2 AND (next_attempt_at IS NULL OR next_attempt_at < $3)
            ORDER BY endpoint_id, batch_id, event_index LIMIT {ClearedRows}
            """,
        Column<OldOf>.Int64("endpoint_id", o => o.EndpointId),
        Column<OldOf>.Int64("before", o => o.IdBefore),
        Column<OldOf>.Instant("instant", o => o.Before));

    /// <summary>Takes a deleted endpoint away for good.</summary>
    public static readonly SetStatement<(int Tenant, long Id)> ForgetEndpoint = new(
        sqlite: "DELETE FROM webhook_endpoints WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NOT NULL",
        postgres: """
            DELETE FROM webhook_endpoints e USING unnest($1, $2) k (tenant_id, id)
            WHERE e.tenant_id = k.tenant_id AND e.id = k.id AND e.deleted_at IS NOT NULL
            """,
        mySql: "DELETE FROM webhook_endpoints WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NOT NULL",
        Column<(int Tenant, long Id)>.Int32("tenant_id", e => e.Tenant),
        Column<(int Tenant, long Id)>.Int64("id", e => e.Id));
}
