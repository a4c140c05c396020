using System.Globalization;
using System.Text.Json.Serialization;
using Laurel.Kernel;
using Laurel.Platform.Access;
using Laurel.Platform.Errors;
using Laurel.Platform.Http;

namespace Laurel.Identity.ApiKeys;

/// <summary>What <c>POST /api/keys</c> and <c>PUT /api/keys/{id}</c> ask for; what is absent is not limited.</summary>
internal sealed record ApiKeyBody
{
    private static readonly Wording s_scope = new("a permission, read:all, update:all, delete:all or *", "权限名称，或 read:all、update:all、delete:all、*");

    private static readonly Wording s_future = new("a time in the future", "将来的时间");

    public required string Name { get; init; }

    /// <summary>Permissions, or <c>read:all</c>, <c>update:all</c>, <c>delete:all</c>, <c>*</c>.</summary>
    public required IReadOnlyList<string> Scopes { get; init; }

    /// <summary>From when on it may not call; null is never.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Calls a minute, 1 to 1,000,000; null is as many as it likes.</summary>
    public int? Quota { get; init; }

    /// <summary>Whether calls are signed instead of presenting the key; only where it is made.</summary>
    public bool Signed { get; init; }

    [JsonIgnore]
    public Instant? Expiry => ExpiresAt is { } at ? Instant.From(at) : null;

    public static Func<JsonFields, ApiKeyBody> ReadNew(TimeProvider clock) => fields => Read(fields, clock, isNew: true);

    public static Func<JsonFields, ApiKeyBody> ReadChange(TimeProvider clock) => fields => Read(fields, clock, isNew: false);

    private static ApiKeyBody Read(JsonFields fields, TimeProvider clock, bool isNew)
    {
        var scopes = fields.TextsOrNull("scopes", ApiKey.ScopesMax, 64);
        if (scopes is null && !fields.Has("scopes"))
        {
            fields.Fail("scopes", FieldErrorCode.Required);
        }
        else if (scopes?.All(Grants.IsKnown) == false)
        {
            fields.Fail("scopes", FieldErrorCode.InvalidFormat, ("expected", s_scope));
        }

        var expiresAt = fields.TimeOrNull("expiresAt");
        if (expiresAt is { } at && at <= Instant.Now(clock))
        {
            fields.Fail("expiresAt", FieldErrorCode.InvalidFormat, ("expected", s_future));
        }

        var body = new ApiKeyBody
        {
            Name = fields.Text("name", ApiKey.NameLengthMax),
            Scopes = [.. (scopes ?? []).Distinct(StringComparer.Ordinal)],
            ExpiresAt = expiresAt?.ToDateTimeOffset(),
            Quota = (int?)fields.IntegerOrNull("quota", 1, ApiKey.QuotaMax),
            Signed = isNew && fields.Flag("signed", byDefault: false),
        };
        fields.RefuseUnknown();
        return body;
    }
}

/// <summary>What <c>POST /api/keys/{id}/rotate</c> asks for.</summary>
internal sealed record RotateApiKeyBody
{
    public const int GraceHoursMax = 720;

    public const int GraceHoursDefault = 24;

    /// <summary>How long the old secret counts, 0 to 720 hours; 24 when absent.</summary>
    public long? GraceHours { get; init; }

    public static RotateApiKeyBody Read(JsonFields fields)
    {
        var body = new RotateApiKeyBody { GraceHours = fields.IntegerOrNull("graceHours", 0, GraceHoursMax) };
        fields.RefuseUnknown();
        return body;
    }
}

/// <summary>A key as it is answered.</summary>
internal sealed record ApiKeyReply
{
    public required string Id { get; init; }

    public required string Name { get; init; }

    public required IReadOnlyList<string> Scopes { get; init; }

    /// <summary>Whether calls are signed instead of presenting the key.</summary>
    public required bool Signed { get; init; }

    /// <summary>Calls a minute; null is as many as it likes.</summary>
    public required int? Quota { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>From when on it may not call; null is never.</summary>
    public required DateTimeOffset? ExpiresAt { get; init; }

    public required DateTimeOffset? RevokedAt { get; init; }

    /// <summary>Until when the secret before the last rotation counts; null where it does not.</summary>
    public required DateTimeOffset? PreviousUntil { get; init; }

    /// <summary>Written down every few seconds; absent when it never called, and in answers to writes.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? LastUsedAt { get; init; }

    /// <summary>How often it called, as of <see cref="LastUsedAt"/>; absent in answers to writes.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Uses { get; init; }

    /// <summary>The secret; only in the answer that made it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Key { get; init; }

    /// <summary>The same sealed, as an answer is stored under an idempotency key; never sent.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public byte[]? SealedSecret { get; init; }

    public static ApiKeyReply Of(ApiKey key) => new()
    {
        Id = key.Id.ToString(CultureInfo.InvariantCulture),
        Name = key.Name,
        Scopes = key.Words,
        Signed = key.IsSigned,
        Quota = key.Quota,
        CreatedAt = key.CreatedAt.ToDateTimeOffset(),
        ExpiresAt = key.ExpiresAt?.ToDateTimeOffset(),
        RevokedAt = key.RevokedAt?.ToDateTimeOffset(),
        PreviousUntil = key.PreviousUntil?.ToDateTimeOffset(),
    };
}

internal sealed record ApiKeyPage(IReadOnlyList<ApiKeyReply> Items, string? NextCursor);

/// <summary>How answers are written: compiled, camelCase.</summary>
[JsonSourceGenerationOptions(System.Text.Json.JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(ApiKeyReply))]
[JsonSerializable(typeof(ApiKeyPage))]
internal sealed partial class ApiKeyJson : JsonSerializerContext;
