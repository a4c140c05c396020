using System.Collections.Concurrent;
using Dapper;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Platform.Access;

namespace Laurel.Identity.Roles;

/// <summary>A role as it is shown.</summary>
internal sealed record RoleRow(string Code, string Name, string Grants, long ChangedAt);

/// <summary>What roles there are, and what they may do.</summary>
internal sealed class RoleBook(Database database)
{
    private const string OfTenant = """
        SELECT code AS Code, name AS Name, grants AS Grants, changed_at AS ChangedAt FROM roles WHERE tenant_id = @Tenant AND removed = 0 ORDER BY code
        """;

    private static readonly IReadOnlySet<string> s_nothing = new HashSet<string>();

    // The words of one role are expanded once: a tenant has few roles, and all its people have one of them.
    private static readonly ConcurrentDictionary<string, IReadOnlySet<string>> s_expanded = new(StringComparer.Ordinal);

    private const int ExpandedMax = 10_000;

    /// <summary>What somebody in a role may do.</summary>
    /// <param name="code">Of a built-in role, or one of the tenant's.</param>
    /// <param name="stored">The grants of the tenant's own role as they are stored; null where it has none of that code.</param>
    public static IReadOnlySet<string> PermissionsOf(string code, string? stored) => BuiltInRole.GrantsOf(code) is { } builtIn
        ? Expand(string.Join(' ', builtIn))
        : stored is null ? s_nothing : Expand($"{Permission.ReadSelf} {Permission.UpdateSelf} {stored}");

    /// <summary>What a role may do; null where there is no such role.</summary>
    public async Task<IReadOnlySet<string>?> FindAsync(TenantId tenant, string code, CancellationToken cancellationToken)
    {
        if (BuiltInRole.GrantsOf(code) is not null)
        {
            return PermissionsOf(code, null);
        }

        var own = await ListAsync(tenant, cancellationToken);
        return own.FirstOrDefault(role => role.Code == code) is { } found ? PermissionsOf(code, found.Grants) : null;
    }

    /// <summary>The roles that a tenant has made.</summary>
    public async Task<IReadOnlyList<RoleRow>> ListAsync(TenantId tenant, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenReaderAsync(Reach.Of(tenant), cancellationToken);
        using var timed = database.Times.Begin("roles.list");
        return [.. await session.Connection.QueryAsync<RoleRow>(new CommandDefinition(OfTenant, new { Tenant = tenant.Value }, cancellationToken: cancellationToken))];
    }

    private static IReadOnlySet<string> Expand(string words)
    {
        if (s_expanded.TryGetValue(words, out var known))
        {
            return known;
        }

        var expanded = Grants.Expand(words.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        return s_expanded.Count < ExpandedMax ? s_expanded.GetOrAdd(words, expanded) : expanded;
    }
}
