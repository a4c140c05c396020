using System.Text.RegularExpressions;
using Laurel.Engine.Sql;
using Laurel.Kernel;

namespace Laurel.Platform.Tenants;

/// <summary>A merchant of this installation, as stored.</summary>
public sealed record Tenant
{
    public const int NameLengthMax = 200;

    public const int HostsMax = 20;

    public const int ReasonLengthMax = 500;

    /// <summary>Whoever runs the installation: it has the first tenant, and alone makes and suspends others.</summary>
    public static readonly TenantId Platform = new(1);

    public required TenantId Id { get; init; }

    /// <summary>How calls name it; never changes. See <see cref="TenantNames.IsCode"/>.</summary>
    public required string Code { get; init; }

    public required string Name { get; init; }

    /// <summary>In small letters; each belongs to one tenant of the installation at the most.</summary>
    public IReadOnlyList<string> Hosts { get; init; } = [];

    public required Instant CreatedAt { get; init; }

    /// <summary>Since when nobody may call for it; null while everybody may.</summary>
    public Instant? SuspendedAt { get; init; }

    /// <summary>Why, in the platform's words; null while it is not suspended.</summary>
    public string? SuspendedFor { get; init; }

    public bool IsSuspended => SuspendedAt is not null;

    public bool IsPlatform => Id == Platform;
}

/// <summary>How tenants and their hosts may be called.</summary>
public static partial class TenantNames
{
    public const int CodeLengthMax = 40;

    public const int HostLengthMax = 253;

    /// <summary>Whether it is a small letter, and then small letters, digits and hyphens, 40 in all: no code can be taken for an id.</summary>
    public static bool IsCode(string text) => CodePattern().IsMatch(text);

    /// <summary>Whether it is a host name in small ASCII letters, without a port.</summary>
    public static bool IsHost(string text) => text.Length <= HostLengthMax && HostPattern().IsMatch(text);

    [GeneratedRegex("^[a-z][a-z0-9-]{0,39}\\z", RegexOptions.None, 1_000)]
    private static partial Regex CodePattern();

    [GeneratedRegex("^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*\\z", RegexOptions.ExplicitCapture, 1_000)]
    private static partial Regex HostPattern();
}

/// <summary>How tenants stand in the table <c>tenants</c>.</summary>
internal static class TenantRows
{
    public const string Columns = "t.id, t.code, t.name, t.hosts, t.created_at, t.suspended_at, t.suspended_for";

    private static readonly Column<Tenant>[] s_columns =
    [
        Column<Tenant>.Int32("id", t => t.Id.Value),
        Column<Tenant>.Text("code", t => t.Code),
        Column<Tenant>.Text("name", t => t.Name),
        Column<Tenant>.Text("hosts", t => string.Join(' ', t.Hosts)),
        Column<Tenant>.Instant("created_at", t => t.CreatedAt),
        Column<Tenant>.NullableInt64("suspended_at", t => t.SuspendedAt?.UnixMicroseconds),
        Column<Tenant>.Text("suspended_for", t => t.SuspendedFor),
    ];

    public static readonly SetStatement<Tenant> Insert = Statements.Insert("tenants", s_columns);

    public static readonly SetStatement<Tenant> Update = Statements.Update("tenants", keys: 1, s_columns);

    public static readonly SetStatement<int> Lock = Statements.Lock("t.id", "tenants t", Column<int>.Int32("id", id => id));

    /// <summary>Tenants after an id, in order of their ids.</summary>
    public static readonly SetStatement<(int After, int Limit)> Page = new(
        sqlite: $"SELECT {Columns} FROM tenants t WHERE t.id > $1 ORDER BY t.id LIMIT $2",
        postgres: $"""
            SELECT {Columns} FROM unnest($1, $2) k (after, most)
            CROSS JOIN LATERAL (SELECT * FROM tenants w WHERE w.id > k.after ORDER BY w.id LIMIT k.most) t
            """,
        Column<(int After, int Limit)>.Int32("after", p => p.After),
        Column<(int After, int Limit)>.Int32("most", p => p.Limit));

    public static Tenant Read(SqlRow row) => new()
    {
        Id = new TenantId(row.Int32(0)),
        Code = row.Text(1),
        Name = row.Text(2),
        Hosts = row.Text(3).Split(' ', StringSplitOptions.RemoveEmptyEntries),
        CreatedAt = row.Instant(4),
        SuspendedAt = row.Int64OrNull(5) is { } at ? new Instant(at) : null,
        SuspendedFor = row.TextOrNull(6),
    };
}

/// <summary>Reads tenants. Nothing is decided on what it says: commands read under a lock.</summary>
public static class TenantQueries
{
    /// <summary>Every tenant, in order of their ids.</summary>
    public static Task<IReadOnlyList<Tenant>> AllAsync(Database from, CancellationToken cancellationToken) =>
        PageAsync(from, 0, int.MaxValue, cancellationToken);

    /// <summary>Tenants after an id, in order of their ids.</summary>
    public static async Task<IReadOnlyList<Tenant>> PageAsync(Database from, int after, int limit, CancellationToken cancellationToken)
    {
        var found = new List<Tenant>();
        var script = new SqlScript();
        script.Add(TenantRows.Page, [(after, limit)], row => found.Add(TenantRows.Read(row)));
        await using var session = await from.OpenReaderAsync(Reach.Nothing, cancellationToken);
        using var timed = from.Times.Begin("tenants.all");
        await session.RunAsync(script, cancellationToken);
        return found;
    }
}
