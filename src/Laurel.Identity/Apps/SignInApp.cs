using System.Text.Json;
using Dapper;
using Laurel.Engine.Lanes;
using Laurel.Engine.Sql;
using Laurel.Kernel;

namespace Laurel.Identity.Apps;

/// <summary>What a tenant has of its own to sign people in with: an app with a provider, an account with a carrier of short messages, or its own
/// sign-in.</summary>
/// <remarks>The row of a kind is found by the kind alone, so a tenant has at most one of each. Keeps I35.</remarks>
public sealed class SignInApp : RowAggregate
{
    /// <summary>What the vault binds secrets to.</summary>
    public const string SecretPurpose = "sign-in app";

    /// <summary>One of <see cref="SignInAppCode.All"/>.</summary>
    public required string Code { get; init; }

    public required SignInAppSettings Settings { get; set; }

    /// <summary>As the vault sealed it; null where the kind has none.</summary>
    public byte[]? Secret { get; set; }

    /// <summary>When the secret was told last; null where there is none.</summary>
    public Instant? SecretSetAt { get; set; }

    public required Instant ChangedAt { get; set; }

    internal static RowKind<SignInApp> Kind { get; } = new(32, "sign_in_apps", Read,
        Column<SignInApp>.OpenText("code", a => a.Code),
        Column<SignInApp>.OpenText("settings", a => JsonSerializer.Serialize(a.Settings, SignInAppJson.Default.SignInAppSettings)),
        Column<SignInApp>.Bytes("secret", a => a.Secret),
        Column<SignInApp>.NullableInt64("secret_set_at", a => a.SecretSetAt?.UnixMicroseconds),
        Column<SignInApp>.Instant("changed_at", a => a.ChangedAt));

    internal static RootRef RootOf(TenantId tenant, string code) => Kind.RootOf(tenant, (long)(Hash128.Of(tenant.Value, "sign-in app", code).Low >> 1));

    internal static SignInAppSettings SettingsOf(string stored)
    {
        var settings = JsonSerializer.Deserialize(stored, SignInAppJson.Default.SignInAppSettings);
        Invariant.Require(settings is not null, "Stored settings of an app are an object.");
        return settings;
    }

    private static SignInApp Read(SqlRow row) => new()
    {
        Tenant = new TenantId(row.Int32(0)),
        Id = row.Int64(1),
        Code = row.Text(2),
        Settings = SettingsOf(row.Text(3)),
        Secret = row.BytesOrNull(4),
        SecretSetAt = row.InstantOrNull(5),
        ChangedAt = row.Instant(6),
    };
}

/// <summary>The kinds of what a tenant signs people in with. They are for good.</summary>
public static class SignInAppCode
{
    /// <summary>An account with a carrier of short messages.</summary>
    public const string Sms = "sms";

    /// <summary>A sign-in of the tenant's own, whose tokens are admitted.</summary>
    public const string Host = "host";

    public static IReadOnlyList<string> All { get; } =
    [
        Providers.ProviderName.WeChatMini, Providers.ProviderName.WeChat, Providers.ProviderName.WeChatWeb, Providers.ProviderName.Alipay,
        Providers.ProviderName.Qq, Providers.ProviderName.Weibo, Sms, Host,
    ];
}

/// <summary>Reads what tenants have of their own.</summary>
internal static class SignInAppQueries
{
    private const string OfTenant = """
        SELECT id AS Id, code AS Code, settings AS Settings, secret AS Secret, secret_set_at AS SecretSetAt, changed_at AS ChangedAt
        FROM sign_in_apps WHERE tenant_id = @Tenant ORDER BY code
        """;

    private sealed class Row
    {
        public long Id { get; init; }

        public required string Code { get; init; }

        public required string Settings { get; init; }

        public byte[]? Secret { get; init; }

        public long? SecretSetAt { get; init; }

        public long ChangedAt { get; init; }
    }

    /// <summary>All that a tenant has, by code.</summary>
    public static async Task<IReadOnlyList<SignInApp>> AllAsync(Database from, TenantId tenant, CancellationToken cancellationToken)
    {
        await using var session = await from.OpenReaderAsync(Reach.Of(tenant), cancellationToken);
        using var timed = from.Times.Begin("sign_in_apps.all");
        var rows = await session.Connection.QueryAsync<Row>(new CommandDefinition(OfTenant, new { Tenant = tenant.Value }, cancellationToken: cancellationToken));
        return
        [
            .. rows.Select(row => new SignInApp
            {
                Tenant = tenant,
                Id = row.Id,
                Code = row.Code,
                Settings = SignInApp.SettingsOf(row.Settings),
                Secret = row.Secret,
                SecretSetAt = row.SecretSetAt is { } at ? new Instant(at) : null,
                ChangedAt = new Instant(row.ChangedAt),
            }),
        ];
    }
}
