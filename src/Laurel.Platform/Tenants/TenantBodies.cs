using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Laurel.Platform.Errors;
using Laurel.Platform.Http;

namespace Laurel.Platform.Tenants;

/// <summary>What <c>PUT /api/tenants/{code}</c> asks for.</summary>
internal record TenantBody
{
    private static readonly Wording s_host = new("host names without a port, such as shop.example.com", "不带端口的主机名，如 shop.example.com");

    public required string Name { get; init; }

    /// <summary>The hosts by which callers without credentials come to it; none when absent.</summary>
    public IReadOnlyList<string> Hosts { get; init; } = [];

    public static TenantBody Read(JsonFields fields)
    {
        var body = new TenantBody { Name = fields.Text("name", Tenant.NameLengthMax), Hosts = ReadHosts(fields) };
        fields.RefuseUnknown();
        return body;
    }

    protected static IReadOnlyList<string> ReadHosts(JsonFields fields)
    {
        var given = fields.TextsOrNull("hosts", Tenant.HostsMax, TenantNames.HostLengthMax) ?? [];
        string[] hosts = [.. given.Select(host => host.ToLowerInvariant()).Distinct(StringComparer.Ordinal)];
        if (!Array.TrueForAll(hosts, TenantNames.IsHost))
        {
            fields.Fail("hosts", FieldErrorCode.InvalidFormat, ("expected", s_host));
        }

        return hosts;
    }
}

/// <summary>What <c>POST /api/tenants</c> asks for.</summary>
internal sealed record CreateTenantBody : TenantBody
{
    private static readonly Wording s_code = new(
        "a small letter, then small letters, digits and hyphens, at most 40", "以小写字母开头，由小写字母、数字和连字符组成，最多 40 个字符");

    public required string Code { get; init; }

    public static new CreateTenantBody Read(JsonFields fields)
    {
        var code = fields.Text("code", TenantNames.CodeLengthMax);
        if (code.Length > 0 && !TenantNames.IsCode(code))
        {
            fields.Fail("code", FieldErrorCode.InvalidFormat, ("expected", s_code));
        }

        var body = new CreateTenantBody { Code = code, Name = fields.Text("name", Tenant.NameLengthMax), Hosts = ReadHosts(fields) };
        fields.RefuseUnknown();
        return body;
    }
}

/// <summary>What <c>POST /api/tenants/{code}/suspend</c> asks for.</summary>
/// <param name="Reason">Kept with the tenant, for the platform's own eyes.</param>
internal sealed record SuspendTenantBody(string Reason)
{
    public static SuspendTenantBody Read(JsonFields fields)
    {
        var body = new SuspendTenantBody(fields.Text("reason", Tenant.ReasonLengthMax));
        fields.RefuseUnknown();
        return body;
    }
}

/// <summary>A tenant as it is answered.</summary>
internal sealed record TenantReply
{
    /// <summary>As events and broker messages name it.</summary>
    public required string Id { get; init; }

    public required string Code { get; init; }

    public required string Name { get; init; }

    public required IReadOnlyList<string> Hosts { get; init; }

    /// <summary><c>active</c> or <c>suspended</c>.</summary>
    public required string Status { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset? SuspendedAt { get; init; }

    public required string? SuspendedFor { get; init; }

    /// <summary>The key of the first administrator, <c>lk_…</c>; only in the answer that made it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ApiKey { get; init; }

    /// <summary>The same sealed, as an answer is stored under an idempotency key; never sent.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public byte[]? SealedKey { get; init; }

    public static TenantReply Of(Tenant tenant) => new()
    {
        Id = tenant.Id.Value.ToString(CultureInfo.InvariantCulture),
        Code = tenant.Code,
        Name = tenant.Name,
        Hosts = tenant.Hosts,
        Status = tenant.IsSuspended ? "suspended" : "active",
        CreatedAt = tenant.CreatedAt.ToDateTimeOffset(),
        SuspendedAt = tenant.SuspendedAt?.ToDateTimeOffset(),
        SuspendedFor = tenant.SuspendedFor,
    };
}

internal sealed record TenantPage(IReadOnlyList<TenantReply> Items, string? NextCursor);

/// <summary>How answers are written: compiled, camelCase.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(TenantReply))]
[JsonSerializable(typeof(TenantPage))]
internal sealed partial class TenantJson : JsonSerializerContext;
