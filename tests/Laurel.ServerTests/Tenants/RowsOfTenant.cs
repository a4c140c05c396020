using System.Data.Common;
using System.Globalization;
using System.Text;
using Dapper;
using Laurel.ServerTests.Backups;
using Laurel.Testing;
using Shouldly;

namespace Laurel.ServerTests.Tenants;

/// <summary>Everything that is stored for one tenant, to be compared before and after what must not change it.</summary>
internal static class RowsOfTenant
{
    private const string SqliteTables = """
        SELECT m.name FROM sqlite_schema m JOIN pragma_table_info(m.name) c ON c.name = 'tenant_id' WHERE m.type = 'table' ORDER BY m.name
        """;

    // Months of a divided table are read with it.
    private const string PostgresTables = """
        SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped
        WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relnamespace = 'public'::regnamespace ORDER BY c.relname
        """;

    private const string MySqlTables = """
        SELECT c.table_name FROM information_schema.columns c JOIN information_schema.tables t ON t.table_schema = c.table_schema AND t.table_name = c.table_name
        WHERE c.table_schema = DATABASE() AND c.column_name = 'tenant_id' AND t.table_type = 'BASE TABLE' ORDER BY c.table_name
        """;

    /// <summary>The rows once nothing is under way any more that was asked for before.</summary>
    public static async Task<SortedDictionary<string, string>> ReadQuietAsync(LaurelSite site, int tenant, CancellationToken cancellationToken)
    {
        var rows = await ReadAsync(site, tenant, cancellationToken);
        while (true)
        {
            await Task.Delay(TimeSpan.FromSeconds(2), TimeProvider.System, cancellationToken);
            var again = await ReadAsync(site, tenant, cancellationToken);
            if (again.SequenceEqual(rows))
            {
                return rows;
            }

            rows = again;
        }
    }

    /// <summary>The rows by table, each a line.</summary>
    public static async Task<SortedDictionary<string, string>> ReadAsync(LaurelSite site, int tenant, CancellationToken cancellationToken)
    {
        await using var connection = await SqlOf.ConnectAsync(site, cancellationToken);
        var find = site.Database switch
        {
            DatabaseUnderTest.Sqlite => SqliteTables,
            DatabaseUnderTest.Postgres => PostgresTables,
            DatabaseUnderTest.MySql => MySqlTables,
        };
        var tables = (await connection.QueryAsync<string>(find)).ToList();
        tables.ShouldContain("members");
        tables.ShouldContain("entries");
        var rows = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var table in tables)
        {
            rows.Add(table, await ReadAsync(connection, table, tenant));
        }

        return rows;
    }

    private static async Task<string> ReadAsync(DbConnection connection, string table, int tenant)
    {
        var lines = new List<string>();
        foreach (IDictionary<string, object?> row in await connection.QueryAsync($"SELECT * FROM {table} WHERE tenant_id = {tenant}"))
        {
            var line = new StringBuilder();
            foreach (var (column, value) in row)
            {
                var text = value is byte[] bytes ? Convert.ToHexStringLower(bytes) : Convert.ToString(value, CultureInfo.InvariantCulture);
                line.Append(column).Append('=').Append(text).Append(' ');
            }

            lines.Add(line.ToString());
        }

        lines.Sort(StringComparer.Ordinal);
        return string.Join('\n', lines);
    }
}
