using Laurel.Engine.Audit;
using Laurel.Engine.Lanes;
using Laurel.Engine.Sql;
using Laurel.Kernel;

namespace Laurel.Platform.Webhooks;

/// <summary>Why an endpoint is switched off.</summary>
internal static class DisabledReason
{
    /// <summary>Its tenant asked for it.</summary>
    public const string Asked = "asked";

    /// <summary>It answered 410 Gone.</summary>
    public const string Gone = "gone";

    /// <summary>Nothing succeeded for <see cref="WebhookOptions.FailingDays"/> days.</summary>
    public const string Failing = "failing";
}

/// <summary>Where one tenant wants its events sent.</summary>
/// <remarks>Secrets are sealed by the <see cref="Vault.SecretVault"/>; the fields are as stored.</remarks>
internal sealed class WebhookEndpoint : Aggregate
{
    /// <summary>What the vault binds the secrets to.</summary>
    public const string SecretPurpose = "webhook secret";

    public required TenantId Tenant { get; init; }

    public required long Id { get; init; }

    public required string Url { get; set; }

    public string? Description { get; set; }

    public required EventFilter Events { get; set; }

    public required byte[] Secret { get; set; }

    /// <summary>Signs along until <see cref="PreviousSecretUntil"/>; null when there is none.</summary>
    public byte[]? PreviousSecret { get; set; }

    public Instant? PreviousSecretUntil { get; set; }

    public bool Enabled { get; set; } = true;

    /// <summary>Of <see cref="Webhooks.DisabledReason"/>; null while it is enabled.</summary>
    public string? DisabledReason { get; private set; }

    public Instant? DisabledAt { get; private set; }

    /// <summary>When the first of a row of failures without a success between them came; null when the last attempt succeeded.</summary>
    public Instant? FailingSince { get; set; }

    public required Instant CreatedAt { get; init; }

    /// <summary>When it was deleted; what is stored of it goes with the next clearing.</summary>
    public Instant? DeletedAt { get; set; }

    public override Aggregate Copy() => (WebhookEndpoint)MemberwiseClone();

    /// <summary>Switches it off; what waits for it keeps waiting.</summary>
    public void Disable(string reason, Instant now)
    {
        if (Enabled)
        {
            (Enabled, DisabledReason, DisabledAt) = (false, reason, now);
        }
    }

    /// <summary>Switches it on: its failures are forgotten.</summary>
    public void Enable() => (Enabled, DisabledReason, DisabledAt, FailingSince) = (true, null, null, null);

    /// <summary>Reads a row of <see cref="WebhookEndpointKind.Columns"/>.</summary>
    public static WebhookEndpoint Read(SqlRow row) => new()
    {
        Tenant = new TenantId(row.Int32(0)),
        Id = row.Int64(1),
        Url = row.Text(2),
        Description = row.TextOrNull(3),
        Events = EventFilter.Read(row.Text(4)),
        Secret = row.Bytes(5),
        PreviousSecret = row.BytesOrNull(6),
        PreviousSecretUntil = InstantOf(row, 7),
        Enabled = row.Flag(8),
        DisabledReason = row.TextOrNull(9),
        DisabledAt = InstantOf(row, 10),
        FailingSince = InstantOf(row, 11),
        CreatedAt = row.Instant(12),
        DeletedAt = InstantOf(row, 13),
    };

    private static Instant? InstantOf(SqlRow row, int column) => row.Int64OrNull(column) is { } at ? new Instant(at) : null;
}

/// <summary>How endpoints are locked, read and written. Members are locked before them.</summary>
internal sealed class WebhookEndpointKind : AggregateKind
{
    public override string AuditName => "webhook";

    // An address of an endpoint may carry a secret of its own in its path.
    public override void Describe(Aggregate aggregate, AuditState state)
    {
        var endpoint = (WebhookEndpoint)aggregate;
        state.Add("host", Uri.TryCreate(endpoint.Url, UriKind.Absolute, out var url) ? url.Authority : null);
        state.Add("events", endpoint.Events.ToString());
        state.Add("enabled", endpoint.Enabled);
        state.Add("disabledReason", endpoint.DisabledReason);
        state.Add("previousSecretUntil", endpoint.PreviousSecretUntil?.UnixMicroseconds);
        state.Add("deletedAt", endpoint.DeletedAt?.UnixMicroseconds);
    }

    public const string Columns = """
        e.tenant_id, e.id, e.url, e.description, e.event_types, e.secret, e.previous_secret, e.previous_secret_until, e.enabled,
        e.disabled_reason, e.disabled_at, e.failing_since, e.created_at, e.deleted_at
        """;

    private static readonly SetStatement<Key> s_lock = Statements.Lock(Columns, "webhook_endpoints e",
        Column<Key>.Int32("tenant_id", k => k.Tenant),
        Column<Key>.Int64("id", k => k.Id));

    private static readonly Column<WebhookEndpoint>[] s_columns =
    [
        Column<WebhookEndpoint>.Int32("tenant_id", e => e.Tenant.Value),
        Column<WebhookEndpoint>.Int64("id", e => e.Id),
        Column<WebhookEndpoint>.Text("url", e => e.Url),
        Column<WebhookEndpoint>.Text("description", e => e.Description),
        Column<WebhookEndpoint>.Text("event_types", e => e.Events.ToString()),
        Column<WebhookEndpoint>.Bytes("secret", e => e.Secret),
        Column<WebhookEndpoint>.Bytes("previous_secret", e => e.PreviousSecret),
        Column<WebhookEndpoint>.NullableInt64("previous_secret_until", e => e.PreviousSecretUntil?.UnixMicroseconds),
        Column<WebhookEndpoint>.Flag("enabled", e => e.Enabled),
        Column<WebhookEndpoint>.Text("disabled_reason", e => e.DisabledReason),
        Column<WebhookEndpoint>.NullableInt64("disabled_at", e => e.DisabledAt?.UnixMicroseconds),
        Column<WebhookEndpoint>.NullableInt64("failing_since", e => e.FailingSince?.UnixMicroseconds),
        Column<WebhookEndpoint>.Instant("created_at", e => e.CreatedAt),
        Column<WebhookEndpoint>.NullableInt64("deleted_at", e => e.DeletedAt?.UnixMicroseconds),
    ];

    private static readonly SetStatement<WebhookEndpoint> s_insert = Statements.Insert("webhook_endpoints", s_columns);

    private static readonly SetStatement<WebhookEndpoint> s_update = Statements.Update("webhook_endpoints", keys: 2, s_columns);

    private readonly record struct Key(int Tenant, long Id);

    public override int Rank => 30;

    public RootRef RootOf(TenantId tenant, long id) => new(this, tenant, id);

    public override void Lock(SqlScriptBuilder builder, IReadOnlyList<RootRef> roots, WorkingSet set) =>
        builder.Add(s_lock, [.. roots.Select(root => new Key(root.Tenant.Value, root.Id))], row =>
        {
            var endpoint = WebhookEndpoint.Read(row);
            if (endpoint.DeletedAt is null)
            {
                set.Load(RootOf(endpoint.Tenant, endpoint.Id), endpoint);
            }
        });

    public override void Write(SqlScriptBuilder builder, IReadOnlyList<ChangedRoot> changed)
    {
        builder.Add(s_insert, [.. changed.Where(root => root.Before is null).Select(root => (WebhookEndpoint)root.After)]);
        builder.Add(s_update, [.. changed.Where(root => root.Before is not null).Select(root => (WebhookEndpoint)root.After)]);
    }
}
