using System.Data.Common;
using System.Globalization;
using System.Runtime.CompilerServices;
using Dapper;
using Laurel.Engine.Sql;
using Laurel.Kernel;

namespace Laurel.Engine.Partitions;

/// <summary>The statements about partitions in one dialect. Statements that change the schema take no parameters, so names and bounds
/// are written into them: names are constants of ours with a month behind, bounds are numbers.</summary>
internal abstract class PartitionStore
{
    /// <summary>Longest wait for a lock that the lanes hold: whoever comes meanwhile waits behind us.</summary>
    protected const int LockMilliseconds = 500;

    /// <summary>Rows of the partition for what fits no month are counted so far.</summary>
    protected const int StrayRowsMax = 1_000_000;

    /// <summary>What is moved or dropped at once may be a month.</summary>
    private const int SecondsMax = 600;

    /// <summary>The store of a database; null on SQLite, which has no partitions.</summary>
    public static PartitionStore? For(Database database) => database switch
    {
        PostgresDatabase => new PostgresPartitions(),
        MySqlDatabase => new MySqlPartitions(),
        _ => null,
    };

    /// <summary>The database's clock: that of a node may be wrong by years, and months are dropped by it.</summary>
    protected abstract string Clock { get; }

    /// <summary>Asks for the names of all tables of the database.</summary>
    protected abstract string TableNames { get; }

    /// <summary>What a detached month is called.</summary>
    public static string DetachedName(MonthlyTable table, Month month) => $"detached_{table.Name}_{month.Suffix}";

    /// <summary>All partitions, the months' in order, and then the one for the rest. None: the table is not divided.</summary>
    public abstract Task<IReadOnlyList<Partition>> ListAsync(DbConnection connection, MonthlyTable table, CancellationToken cancellationToken);

    /// <summary>Adds months, each later than every one there is, and moves what waited in the rest into them. Tells each when it is
    /// made.</summary>
    public abstract IAsyncEnumerable<Month> CreateAsync(
        DbConnection connection, MonthlyTable table, IReadOnlyList<Month> months, CancellationToken cancellationToken);

    /// <summary>Removes a month with all of its rows.</summary>
    public abstract Task DropAsync(DbConnection connection, MonthlyTable table, Month month, CancellationToken cancellationToken);

    /// <summary>Makes a month of a table a table of its own, with all of its rows, of which there are as many as expected. A run that was
    /// cut off may be repeated.</summary>
    /// <exception cref="IOException">When there are others: then nothing was moved, or the exception says where the rows are.</exception>
    public abstract Task DetachAsync(DbConnection connection, MonthlyTable table, Month month, long expectedRows, CancellationToken cancellationToken);

    /// <summary>The tables that months were detached to, in order.</summary>
    public async Task<IReadOnlyList<(Month Month, string Name)>> ListDetachedAsync(DbConnection connection, MonthlyTable table, CancellationToken cancellationToken)
    {
        var prefix = $"detached_{table.Name}_";
        var names = await connection.QueryAsync<string>(new CommandDefinition(TableNames, cancellationToken: cancellationToken));
        return
        [
            .. names.Where(name => name.StartsWith(prefix, StringComparison.Ordinal) && name.Length == prefix.Length + 7 && Month.OfPartition(name) is not null)
                .Select(name => (Month: Month.OfPartition(name)!.Value, Name: name)).OrderBy(one => one.Month),
        ];
    }

    /// <summary>Rows that fit no month, counted to a million.</summary>
    public abstract Task<long> CountStrayAsync(DbConnection connection, MonthlyTable table, CancellationToken cancellationToken);

    public async Task<Instant> NowAsync(DbConnection connection, CancellationToken cancellationToken) =>
        new(await connection.ExecuteScalarAsync<long>(new CommandDefinition(Clock, cancellationToken: cancellationToken)));

    /// <summary>Whether rows of a month, or of an earlier one, are still waited for.</summary>
    public static async Task<bool> IsWaitedForAsync(DbConnection connection, MonthlyTable table, Month month, CancellationToken cancellationToken) =>
        table.WaitedFor is { } query
        && await connection.ExecuteScalarAsync<long>(new CommandDefinition(query, new { Before = table.FirstOf(month.Next) }, cancellationToken: cancellationToken)) > 0;

    protected static Task<int> ExecuteAsync(DbConnection connection, string sql, CancellationToken cancellationToken) =>
        connection.ExecuteAsync(new CommandDefinition(sql, commandTimeout: SecondsMax, cancellationToken: cancellationToken));

    protected static async Task<IReadOnlyList<Partition>> QueryAsync(DbConnection connection, string sql, MonthlyTable table, CancellationToken cancellationToken)
    {
        var rows = await connection.QueryAsync<Listed>(new CommandDefinition(sql, new { Table = table.Name }, cancellationToken: cancellationToken));
        return
        [
            .. rows.Select(row => new Partition(row.Name, Month.OfPartition(row.Name), row.RowsAbout, row.Bytes))
                .OrderBy(partition => partition.Month?.Number ?? int.MaxValue),
        ];
    }

    protected static Task<long> CountAsync(DbConnection connection, string from, CancellationToken cancellationToken) =>
        connection.ExecuteScalarAsync<long>(new CommandDefinition($"SELECT COUNT(*) FROM {from}", commandTimeout: SecondsMax, cancellationToken: cancellationToken));

    protected static void RequireRows(MonthlyTable table, Month month, string where, long expected, long found)
    {
        if (found != expected)
        {
            throw new IOException(
                $"{where} has {found:N0} rows of {table.Name} until {month}, and the opening balances were taken of {expected:N0}. "
                + "Nothing is lost: find out who wrote rows of that time, and run laurel verify.");
        }
    }

    protected static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private sealed class Listed
    {
        public required string Name { get; init; }

        public long RowsAbout { get; init; }

        public long Bytes { get; init; }
    }
}

/// <summary>PostgreSQL: each partition is a table of its own, made beside the lanes and then attached.</summary>
/// <remarks>Attaching takes a lock on the parent that lets rows be written, unlike <c>CREATE TABLE … PARTITION OF</c>. Detaching
/// concurrently is not to be had where there is a default partition, so dropping waits for the lanes, shortly, and they for it.</remarks>
internal sealed class PostgresPartitions : PartitionStore
{
    private const string List = """
        SELECT c.relname AS Name, CAST(GREATEST(c.reltuples, 0) AS bigint) AS RowsAbout, pg_total_relation_size(c.oid) AS Bytes
        FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = to_regclass(@Table)
        """;

    protected override string Clock => "SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS bigint)";

    protected override string TableNames => "SELECT relname FROM pg_class WHERE relkind = 'r' AND pg_table_is_visible(oid)";

    public override Task<IReadOnlyList<Partition>> ListAsync(DbConnection connection, MonthlyTable table, CancellationToken cancellationToken) =>
        QueryAsync(connection, List, table, cancellationToken);

    public override async IAsyncEnumerable<Month> CreateAsync(
        DbConnection connection, MonthlyTable table, IReadOnlyList<Month> months, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var month in months)
        {
            var (name, rest) = ($"{table.Name}_{month.Suffix}", $"{table.Name}_default");
            var (first, end) = (table.FirstOf(month), table.FirstOf(month.Next));
            await InTransactionAsync(connection, Text($"""
                LOCK TABLE ONLY {table.Name} IN SHARE UPDATE EXCLUSIVE MODE;
                CREATE TABLE {name} (LIKE {table.Name} INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING INDEXES INCLUDING STORAGE);
                LOCK TABLE {rest} IN ACCESS EXCLUSIVE MODE;
                WITH moved AS (DELETE FROM {rest} WHERE {table.Column} >= {first} AND {table.Column} < {end} RETURNING *)
                INSERT INTO {name} SELECT * FROM moved;
                ALTER TABLE {table.Name} ATTACH PARTITION {name} FOR VALUES FROM ({first}) TO ({end})
                """), cancellationToken);
            yield return month;
        }

        // Nobody else ever analyzes a table that is divided, as a whole.
        await ExecuteAsync(connection, Text($"ANALYZE {table.Name}"), cancellationToken);
    }

    public override Task DropAsync(DbConnection connection, MonthlyTable table, Month month, CancellationToken cancellationToken) =>
        InTransactionAsync(connection, Text($"DROP TABLE {table.Name}_{month.Suffix}"), cancellationToken);

    public override async Task DetachAsync(DbConnection connection, MonthlyTable table, Month month, long expectedRows, CancellationToken cancellationToken)
    {
        var name = $"{table.Name}_{month.Suffix}";
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await ExecuteAsync(connection, Text($"SET LOCAL lock_timeout = {LockMilliseconds}"), cancellationToken);

        // Nobody writes to months of long ago. Whoever did all the same is counted, or shut out from here on.
        await ExecuteAsync(connection, $"LOCK TABLE {name} IN SHARE MODE", cancellationToken);
        RequireRows(table, month, name, expectedRows, await CountAsync(connection, name, cancellationToken));
        await ExecuteAsync(connection, $"ALTER TABLE {table.Name} DETACH PARTITION {name}", cancellationToken);
        await ExecuteAsync(connection, $"ALTER TABLE {name} RENAME TO {DetachedName(table, month)}", cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    public override Task<long> CountStrayAsync(DbConnection connection, MonthlyTable table, CancellationToken cancellationToken) =>
        connection.ExecuteScalarAsync<long>(new CommandDefinition(
            Text($"SELECT COUNT(*) FROM (SELECT 1 FROM {table.Name}_default LIMIT {StrayRowsMax}) stray"), cancellationToken: cancellationToken));

    private static async Task InTransactionAsync(DbConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await ExecuteAsync(connection, Text($"SET LOCAL lock_timeout = {LockMilliseconds}"), cancellationToken);
        await ExecuteAsync(connection, sql, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }
}

/// <summary>MySQL and MariaDB: a partition is split off the last one, which takes what fits no month.</summary>
internal sealed class MySqlPartitions : PartitionStore
{
    private const string List = """
        SELECT partition_name AS Name, CAST(table_rows AS SIGNED) AS RowsAbout, CAST(data_length + index_length AS SIGNED) AS Bytes
        FROM information_schema.partitions
        WHERE table_schema = DATABASE() AND table_name = @Table AND partition_name IS NOT NULL
        """;

    // Whole seconds, which here count for the schema alone.
    private const string WaitShortly = "SET SESSION lock_wait_timeout = 1";

    private const string IsDivided = """
        SELECT COUNT(*) FROM information_schema.partitions
        WHERE table_schema = DATABASE() AND table_name = @Table AND partition_name IS NOT NULL
        """;

    protected override string Clock => "SELECT TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(6))";

    protected override string TableNames => "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE()";

    public override Task<IReadOnlyList<Partition>> ListAsync(DbConnection connection, MonthlyTable table, CancellationToken cancellationToken) =>
        QueryAsync(connection, List, table, cancellationToken);

    public override async IAsyncEnumerable<Month> CreateAsync(
        DbConnection connection, MonthlyTable table, IReadOnlyList<Month> months, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var added = months.Select(month => Text($"PARTITION p{month.Suffix} VALUES LESS THAN ({table.FirstOf(month.Next)})"));
        await ExecuteAsync(connection, WaitShortly, cancellationToken);
        await ExecuteAsync(
            connection,
            $"ALTER TABLE {table.Name} REORGANIZE PARTITION rest INTO ({string.Join(", ", added)}, PARTITION rest VALUES LESS THAN MAXVALUE)",
            cancellationToken);
        foreach (var month in months)
        {
            yield return month;
        }
    }

    public override async Task DropAsync(DbConnection connection, MonthlyTable table, Month month, CancellationToken cancellationToken)
    {
        await ExecuteAsync(connection, WaitShortly, cancellationToken);
        await ExecuteAsync(connection, $"ALTER TABLE {table.Name} DROP PARTITION p{month.Suffix}", cancellationToken);
    }

    // Each step stands by itself, and finds what an earlier run has left. The exchange swaps two tables' rows as a whole; the month that
    // is empty then is dropped only while nobody can write to it.
    public override async Task DetachAsync(DbConnection connection, MonthlyTable table, Month month, long expectedRows, CancellationToken cancellationToken)
    {
        var (partition, detached) = ($"p{month.Suffix}", DetachedName(table, month));
        await ExecuteAsync(connection, WaitShortly, cancellationToken);
        await ExecuteAsync(connection, $"CREATE TABLE IF NOT EXISTS {detached} LIKE {table.Name}", cancellationToken);
        if (await connection.ExecuteScalarAsync<long>(new CommandDefinition(IsDivided, new { Table = detached }, cancellationToken: cancellationToken)) > 0)
        {
            await ExecuteAsync(connection, $"ALTER TABLE {detached} REMOVE PARTITIONING", cancellationToken);
        }

        if (expectedRows > 0 && await CountAsync(connection, detached, cancellationToken) == 0)
        {
            RequireRows(table, month, partition, expectedRows, await CountAsync(connection, $"{table.Name} PARTITION ({partition})", cancellationToken));
            await ExecuteAsync(connection, $"ALTER TABLE {table.Name} EXCHANGE PARTITION {partition} WITH TABLE {detached}", cancellationToken);
        }

        RequireRows(table, month, detached, expectedRows, await CountAsync(connection, detached, cancellationToken));
        await ExecuteAsync(connection, $"LOCK TABLES {table.Name} WRITE", cancellationToken);
        try
        {
            RequireRows(table, month, partition, 0, await CountAsync(connection, $"{table.Name} PARTITION ({partition})", cancellationToken));
            await ExecuteAsync(connection, $"ALTER TABLE {table.Name} DROP PARTITION {partition}", cancellationToken);
        }
        finally
        {
            await ExecuteAsync(connection, "UNLOCK TABLES", CancellationToken.None);
        }
    }

    public override Task<long> CountStrayAsync(DbConnection connection, MonthlyTable table, CancellationToken cancellationToken) =>
        connection.ExecuteScalarAsync<long>(new CommandDefinition(
            Text($"SELECT COUNT(*) FROM (SELECT 1 FROM {table.Name} PARTITION (rest) LIMIT {StrayRowsMax}) stray"), cancellationToken: cancellationToken));
}
