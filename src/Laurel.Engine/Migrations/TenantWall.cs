using System.Data.Common;
using Dapper;
using Laurel.Engine.Sql;

namespace Laurel.Engine.Migrations;

/// <summary>The role of <c>DATABASE_ROLE</c> is none that row-level security would hold.</summary>
public sealed class TenantWallException(string message) : Exception(message);

/// <summary>How far the wall stands.</summary>
/// <param name="Tables">Tables that have a tenant.</param>
/// <param name="Open">Those that the wall does not keep, or that the role may not use.</param>
public sealed record TenantWallState(IReadOnlyList<string> Tables, IReadOnlyList<string> Open);

/// <summary>Row-level security of PostgreSQL: whoever is not the owner of the tables sees and writes the rows of those tenants alone that its session
/// was told (<see cref="Reach"/>), and none when it was told none. See docs/adr/0106.</summary>
/// <remarks>It is built from what the catalogue tells, by the start that finds it missing, so no migration can forget a table. The role has no rights on a
/// partition itself: rows are reached through the table it is a part of, whose policy holds. A month that was detached is a table nobody has rights on but
/// its owner.</remarks>
public static class TenantWall
{
    /// <summary>The policy of every table that has a tenant.</summary>
    public const string Policy = "laurel_tenants";

    // Both settings are read once for a statement and not for each row.
    private const string Condition = """
        (SELECT current_setting('laurel.tenants', true) = '*')
        OR tenant_id = ANY ((SELECT string_to_array(NULLIF(current_setting('laurel.tenants', true), '*'), ',')::integer[])::integer[])
        """;

    private const string FindRole = """
        SELECT quote_ident(r.rolname) AS Name, quote_ident(current_user) AS Owner, r.rolsuper OR r.rolbypassrls AS Passes,
            pg_has_role(current_user, r.oid, 'MEMBER') AS Granted,
            EXISTS (
                SELECT 1 FROM pg_class c
                WHERE c.relnamespace = (SELECT n.oid FROM pg_namespace n WHERE n.nspname = current_schema()) AND c.relkind IN ('r', 'p')
                    AND pg_has_role(r.oid, c.relowner, 'MEMBER')) AS Owns
        FROM pg_roles r WHERE r.rolname = @Role
        """;

    // A detached month, detached_entries_2026_01, is not to be reached: nobody reads it but its owner.
    private const string FindTables = """
        SELECT quote_ident(c.relname) AS Name, c.relkind = 'S' AS Sequence,
            EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped) AS OfTenants,
            c.relrowsecurity AND EXISTS (SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname = @Policy) AS Kept,
            CASE c.relkind WHEN 'S' THEN has_sequence_privilege(@Role, c.oid, 'USAGE')
            ELSE has_table_privilege(@Role, c.oid, 'SELECT') AND has_table_privilege(@Role, c.oid, 'INSERT')
                AND has_table_privilege(@Role, c.oid, 'UPDATE') AND has_table_privilege(@Role, c.oid, 'DELETE') END AS Granted
        FROM pg_class c
        WHERE c.relnamespace = (SELECT n.oid FROM pg_namespace n WHERE n.nspname = current_schema()) AND c.relkind IN ('r', 'p', 'S') AND NOT c.relispartition
            AND c.relname !~ '^detached_.*_[0-9]{4}_[0-9]{2}$'
        ORDER BY c.relname
        """;

    private const string MayUseSchema = "SELECT has_schema_privilege(@Role, current_schema(), 'USAGE')";

    private sealed class RoleRow
    {
        public required string Name { get; init; }

        public required string Owner { get; init; }

        public bool Passes { get; init; }

        public bool Granted { get; init; }

        public bool Owns { get; init; }
    }

    private sealed class TableRow
    {
        public required string Name { get; init; }

        public bool Sequence { get; init; }

        public bool OfTenants { get; init; }

        public bool Kept { get; init; }

        public bool Granted { get; init; }

        public bool IsOpen => !Granted || (OfTenants && !Kept);
    }

    /// <summary>Builds what is missing of it, and lets the role use the tables. Where nothing is missing it asks three questions.</summary>
    /// <param name="owner">A connection of the owner of the tables, whose schema is up to date; nobody else builds at the same time.</param>
    /// <exception cref="TenantWallException">When the role does not exist, was not granted, or would not be held.</exception>
    internal static async Task BuildAsync(DbConnection owner, string role, CancellationToken cancellationToken)
    {
        var name = await RequireRoleAsync(owner, role, cancellationToken);
        if (!await owner.ExecuteScalarAsync<bool>(Command(MayUseSchema, new { Role = role }, cancellationToken)))
        {
            var schema = await owner.ExecuteScalarAsync<string>(Command("SELECT quote_ident(current_schema())", null, cancellationToken));
            await owner.ExecuteAsync(Command($"GRANT USAGE ON SCHEMA {schema} TO {name}", null, cancellationToken));
        }

        foreach (var table in (await TablesAsync(owner, role, cancellationToken)).Where(table => table.IsOpen))
        {
            // One transaction for each table: whoever works meanwhile waits for one at a time.
            await owner.ExecuteAsync(Command(StatementsOf(table, name), null, cancellationToken));
        }
    }

    /// <summary>How far the wall stands for a role.</summary>
    /// <exception cref="TenantWallException">When the role does not exist, was not granted, or would not be held.</exception>
    public static async Task<TenantWallState> LookAsync(DbConnection owner, string role, CancellationToken cancellationToken)
    {
        await RequireRoleAsync(owner, role, cancellationToken);
        var tables = await TablesAsync(owner, role, cancellationToken);
        return new TenantWallState(
            [.. tables.Where(table => table.OfTenants).Select(table => table.Name)],
            [.. tables.Where(table => table.IsOpen).Select(table => table.Name)]);
    }

    private static async Task<string> RequireRoleAsync(DbConnection owner, string role, CancellationToken cancellationToken)
    {
        var found = await owner.QuerySingleOrDefaultAsync<RoleRow>(Command(FindRole, new { Role = role }, cancellationToken));
        return found switch
        {
            null => throw new TenantWallException(
                $"DATABASE_ROLE names the role {role}, which the database does not know. As its superuser: "
                + $"CREATE ROLE {role} NOLOGIN; GRANT {role} TO the user of DATABASE_URL;"),
            { Passes: true } => throw new TenantWallException(
                $"DATABASE_ROLE names the role {role}, which no row-level security holds. As the database's superuser: ALTER ROLE {found.Name} NOSUPERUSER NOBYPASSRLS;"),
            { Granted: false } => throw new TenantWallException(
                $"DATABASE_ROLE names the role {role}, which the user of DATABASE_URL may not take. As the database's superuser: GRANT {found.Name} TO {found.Owner};"),
            { Owns: true } => throw new TenantWallException(
                $"DATABASE_ROLE names the role {role}, which owns Laurel's tables, or belongs to who does, and so would not be held. "
                + "Name a role that owns nothing: CREATE ROLE laurel_tenants NOLOGIN; " + $"GRANT laurel_tenants TO {found.Owner};"),
            _ => found.Name,
        };
    }

    private static async Task<List<TableRow>> TablesAsync(DbConnection owner, string role, CancellationToken cancellationToken) =>
        (await owner.QueryAsync<TableRow>(Command(FindTables, new { Role = role, Policy }, cancellationToken))).AsList();

    private static string StatementsOf(TableRow table, string role)
    {
        if (table.Sequence)
        {
            return $"GRANT USAGE ON SEQUENCE {table.Name} TO {role}";
        }

        var grant = $"GRANT SELECT, INSERT, UPDATE, DELETE ON {table.Name} TO {role}";
        return table.OfTenants && !table.Kept
            ? $"DROP POLICY IF EXISTS {Policy} ON {table.Name}; CREATE POLICY {Policy} ON {table.Name} USING ({Condition}); "
                + $"ALTER TABLE {table.Name} ENABLE ROW LEVEL SECURITY; {grant}"
            : grant;
    }

    private static CommandDefinition Command(string sql, object? arguments, CancellationToken cancellationToken) =>
        new(sql, arguments, commandTimeout: 0, cancellationToken: cancellationToken);
}
