using Dapper;
using Laurel.Engine.Sql;
using Laurel.Kernel;

namespace Laurel.Platform.Webhooks;

/// <summary>Reads endpoints, deliveries and attempts. Nothing is decided on what it says: decisions read under a lock, and moves of
/// deliveries ask in their own statement.</summary>
internal sealed class WebhookQueries(Database database)
{
    private static readonly SetStatement<(int Tenant, long Id)> s_find = Statements.Find(WebhookEndpointKind.Columns, "webhook_endpoints e", "",
        Column<(int Tenant, long Id)>.Int32("tenant_id", e => e.Tenant),
        Column<(int Tenant, long Id)>.Int64("id", e => e.Id));

    private static readonly SetStatement<bool> s_byEnabled = Statements.Find(WebhookEndpointKind.Columns, "webhook_endpoints e", "",
        Column<bool>.Flag("enabled", enabled => enabled));

    private static readonly SetStatement<bool> s_open = Statements.Find(
        WebhookEndpointKind.Columns, "webhook_endpoints e", "JOIN tenants t ON t.id = e.tenant_id AND t.suspended_at IS NULL",
        Column<bool>.Flag("enabled", enabled => enabled));

    private static readonly SetStatement<(int Tenant, long After, int Limit)> s_page = new(
        sqlite: $"""
            SELECT {WebhookEndpointKind.Columns} FROM webhook_endpoints e
            WHERE e.tenant_id = $1 AND e.id > $2 AND e.deleted_at IS NULL ORDER BY e.id LIMIT $3
            """,
        postgres: $"""
            SELECT {WebhookEndpointKind.Columns} FROM unnest($1, $2, $3) k (tenant_id, after, most)
            CROSS JOIN LATERAL (SELECT * FROM webhook_endpoints w
                WHERE w.tenant_id = k.tenant_id AND w.id > k.after AND w.deleted_at IS NULL ORDER BY w.id LIMIT k.most) e
            """,
        mySql: $"""
            SELECT {WebhookEndpointKind.Columns} FROM webhook_endpoints e
            WHERE e.tenant_id = $1 AND e.id > $2 AND e.deleted_at IS NULL ORDER BY e.id LIMIT $3
            """,
        Column<(int Tenant, long After, int Limit)>.Int32("tenant_id", p => p.Tenant),
        Column<(int Tenant, long After, int Limit)>.Int64("after", p => p.After),
        Column<(int Tenant, long After, int Limit)>.Int32("most", p => p.Limit));

    private const string CountEndpoints = "SELECT COUNT(*) FROM webhook_endpoints WHERE tenant_id = @Tenant AND deleted_at IS NULL";

    private const string SelectDeliveries = """
        SELECT batch_id AS BatchId, event_index AS EventIndex, event_type AS EventType, state AS State, attempts AS Attempts,
               next_attempt_at AS NextAttemptAt
        FROM webhook_deliveries
        WHERE endpoint_id = @Endpoint AND tenant_id = @Tenant AND batch_id <= @Batch AND (batch_id < @Batch OR event_index < @Index)
        """;

    private const string NewestDeliveries = " ORDER BY batch_id DESC, event_index DESC LIMIT @Limit";

    private const string AllDeliveries = SelectDeliveries + NewestDeliveries;

    private const string WaitingDeliveries = SelectDeliveries + " AND state = 0" + NewestDeliveries;

    private const string DeliveredDeliveries = SelectDeliveries + " AND state = 1" + NewestDeliveries;

    private const string FailedDeliveries = SelectDeliveries + " AND state = 2" + NewestDeliveries;

    private const string FailedRange = """
        SELECT batch_id AS BatchId, event_index AS EventIndex, event_type AS EventType, state AS State, attempts AS Attempts,
               next_attempt_at AS NextAttemptAt
        FROM webhook_deliveries
        WHERE endpoint_id = @Endpoint AND tenant_id = @Tenant AND state = 2 AND batch_id >= @From AND batch_id < @Until
        ORDER BY batch_id, event_index LIMIT @Limit
        """;

    private const string SelectAttempts = """
        SELECT id AS Id, batch_id AS BatchId, event_index AS EventIndex, attempt AS Attempt, attempted_at AS AttemptedAt,
               duration_ms AS DurationMilliseconds, delivered AS Delivered, status AS Status, error AS Error, response AS Response
        FROM webhook_attempts WHERE endpoint_id = @Endpoint AND tenant_id = @Tenant AND id < @Before
        """;

    private const string NewestAttempts = " ORDER BY id DESC LIMIT @Limit";

    private const string AllAttempts = SelectAttempts + NewestAttempts;

    private const string AttemptsOfEvent = SelectAttempts + " AND batch_id = @Batch AND event_index = @Index" + NewestAttempts;

    private const string AttemptsThatFailed = SelectAttempts + " AND delivered = 0" + NewestAttempts;

    /// <summary>An endpoint of a tenant; null when it has none of this id.</summary>
    public async Task<WebhookEndpoint?> FindAsync(TenantId tenant, long id, CancellationToken cancellationToken) =>
        (await ReadAsync("webhooks.endpoints", Reach.Of(tenant), s_find, [(tenant.Value, id)], WebhookEndpoint.Read, cancellationToken)).Find(e => e.DeletedAt is null);

    /// <summary>Endpoints of a tenant after an id, in order of their ids.</summary>
    public Task<List<WebhookEndpoint>> PageAsync(TenantId tenant, long after, int limit, CancellationToken cancellationToken) =>
        ReadAsync("webhooks.endpoints", Reach.Of(tenant), s_page, [(tenant.Value, after, limit)], WebhookEndpoint.Read, cancellationToken);

    /// <summary>The enabled endpoints of the tenants that are not suspended: what waits for others keeps waiting.</summary>
    public Task<List<WebhookEndpoint>> OpenAsync(CancellationToken cancellationToken) =>
        ReadAsync("webhooks.endpoints", Reach.Everything, s_open, [true], WebhookEndpoint.Read, cancellationToken);

    /// <summary>The enabled endpoints of all tenants.</summary>
    public Task<List<WebhookEndpoint>> EnabledAsync(CancellationToken cancellationToken) =>
        ReadAsync("webhooks.endpoints", Reach.Everything, s_byEnabled, [true], WebhookEndpoint.Read, cancellationToken);

    /// <summary>The endpoints of all tenants, deleted ones that still have rows among them.</summary>
    public Task<List<WebhookEndpoint>> AllAsync(CancellationToken cancellationToken) =>
        ReadAsync("webhooks.endpoints", Reach.Everything, s_byEnabled, [true, false], WebhookEndpoint.Read, cancellationToken);

    /// <summary>Runs a statement outside any transaction and gathers what it reads.</summary>
    /// <param name="name">A name out of a fixed list, for metrics and warnings.</param>
    /// <param name="reach">Whose rows it reads.</param>
    public async Task<List<T>> ReadAsync<TRow, T>(
        string name, Reach reach, SetStatement<TRow> statement, IReadOnlyList<TRow> rows, Func<SqlRow, T> read, CancellationToken cancellationToken)
    {
        var found = new List<T>();
        var script = new SqlScript();
        script.Add(statement, rows, row => found.Add(read(row)));
        await using var session = await database.OpenReaderAsync(reach, cancellationToken);
        using var timed = database.Times.Begin(name);
        await session.RunAsync(script, cancellationToken);
        return found;
    }

    public async Task<long> CountEndpointsAsync(TenantId tenant, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenReaderAsync(Reach.Of(tenant), cancellationToken);
        using var timed = database.Times.Begin("webhooks.endpoints");
        var command = new CommandDefinition(CountEndpoints, new { Tenant = tenant.Value }, cancellationToken: cancellationToken);
        return await session.Connection.ExecuteScalarAsync<long>(command);
    }

    /// <summary>Deliveries of an endpoint before an event, newest first.</summary>
    /// <param name="state">Those in this state alone; null takes all.</param>
    public Task<List<StoredDelivery>> DeliveriesAsync(
        WebhookEndpoint endpoint, EventPlace before, DeliveryState? state, int limit, CancellationToken cancellationToken)
    {
        var sql = state is not { } wanted ? AllDeliveries : wanted switch
        {
            DeliveryState.Waiting => WaitingDeliveries,
            DeliveryState.Delivered => DeliveredDeliveries,
            DeliveryState.Failed => FailedDeliveries,
        };
        var arguments = new { Endpoint = endpoint.Id, Tenant = endpoint.Tenant.Value, Batch = before.BatchId, before.Index, Limit = limit };
        return QueryAsync<StoredDelivery>("webhooks.deliveries", endpoint.Tenant, sql, arguments, cancellationToken);
    }

    /// <summary>Deliveries of an endpoint that were given up, oldest first.</summary>
    public Task<List<StoredDelivery>> FailedAsync(
        WebhookEndpoint endpoint, Instant from, Instant until, int limit, CancellationToken cancellationToken)
    {
        var arguments = new
        {
            Endpoint = endpoint.Id,
            Tenant = endpoint.Tenant.Value,
            From = IdGenerator.FirstOf(from),
            Until = IdGenerator.FirstOf(until),
            Limit = limit,
        };
        return QueryAsync<StoredDelivery>("webhooks.deliveries", endpoint.Tenant, FailedRange, arguments, cancellationToken);
    }

    /// <summary>Attempts of an endpoint before an id, newest first.</summary>
    /// <param name="of">Those to tell of this event alone; null takes all.</param>
    /// <param name="failedOnly">Whether to leave out those that delivered; not together with <paramref name="of"/>.</param>
    public Task<List<StoredAttempt>> AttemptsAsync(
        WebhookEndpoint endpoint, long before, EventPlace? of, bool failedOnly, int limit, CancellationToken cancellationToken)
    {
        var sql = (of, failedOnly) switch
        {
            ({ }, _) => AttemptsOfEvent,
            (null, true) => AttemptsThatFailed,
            (null, false) => AllAttempts,
        };
        var arguments = new
        {
            Endpoint = endpoint.Id,
            Tenant = endpoint.Tenant.Value,
            Before = before,
            Batch = of?.BatchId ?? 0,
            Index = of?.Index ?? 0,
            Limit = limit,
        };
        return QueryAsync<StoredAttempt>("webhooks.attempts", endpoint.Tenant, sql, arguments, cancellationToken);
    }

    private async Task<List<T>> QueryAsync<T>(string name, TenantId tenant, string sql, object arguments, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenReaderAsync(Reach.Of(tenant), cancellationToken);
        using var timed = database.Times.Begin(name);
        return (await session.Connection.QueryAsync<T>(new CommandDefinition(sql, arguments, cancellationToken: cancellationToken))).AsList();
    }
}

/// <summary>A row of <c>webhook_deliveries</c>.</summary>
internal sealed class StoredDelivery
{
    public long BatchId { get; init; }

    public int EventIndex { get; init; }

    public required string EventType { get; init; }

    public int State { get; init; }

    public int Attempts { get; init; }

    public long? NextAttemptAt { get; init; }

    public EventPlace Event => new(BatchId, EventIndex);

    public DeliveryReply ToReply() => new()
    {
        EventId = Event.ToString(),
        EventType = EventType,
        State = ((DeliveryState)State) switch
        {
            DeliveryState.Waiting => "waiting",
            DeliveryState.Delivered => "delivered",
            DeliveryState.Failed => "failed",
        },
        Attempts = Attempts,
        NextAttemptAt = NextAttemptAt is { } at ? new Instant(at).ToDateTimeOffset() : null,
    };
}

/// <summary>A row of <c>webhook_attempts</c>.</summary>
internal sealed class StoredAttempt
{
    public long Id { get; init; }

    public long BatchId { get; init; }

    public int EventIndex { get; init; }

    public int Attempt { get; init; }

    public long AttemptedAt { get; init; }

    public int DurationMilliseconds { get; init; }

    public int Delivered { get; init; }

    public int? Status { get; init; }

    public string? Error { get; init; }

    public string? Response { get; init; }

    public AttemptReply ToReply() => new()
    {
        EventId = new EventPlace(BatchId, EventIndex).ToString(),
        Attempt = Attempt,
        AttemptedAt = new Instant(AttemptedAt).ToDateTimeOffset(),
        DurationMilliseconds = DurationMilliseconds,
        Delivered = Delivered != 0,
        Status = Status,
        Error = Error,
        Response = Response,
    };
}
