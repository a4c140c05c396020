using System.Data.Common;
using Dapper;
using Laurel.Engine.Sql;
using Microsoft.Data.Sqlite;

namespace Laurel.Engine.Partitions;

/// <summary>On SQLite, which has no partitions: rows below an id in a file of their own, a SQLite database with the same tables.</summary>
public static class DetachedFile
{
    private const int RowsBetweenReports = 10_000;

    private const string ReadSchema = "SELECT sql FROM sqlite_master WHERE type = 'table' AND name = @Name";

    /// <summary>Copies the rows of tables that lie below an id, of one state of the database. The file is put in place when it is whole and
    /// on the disk; nothing is removed from the tables.</summary>
    /// <param name="expectedRows">How many rows there are to be, by the names of the tables.</param>
    /// <param name="progress">Told the number of rows copied so far; null tells nobody.</param>
    /// <exception cref="IOException">When there are others; then no file is put in place.</exception>
    public static async Task WriteAsync(
        Database database,
        IReadOnlyList<MonthlyTable> tables,
        long before,
        string file,
        IReadOnlyDictionary<string, long> expectedRows,
        IProgress<long>? progress,
        CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        var part = file + ".part";
        File.Delete(part);
        await using (var target = Open(part, SqliteOpenMode.ReadWriteCreate))
        {
            await target.OpenAsync(cancellationToken);
            await using var transaction = await target.BeginTransactionAsync(cancellationToken);
            await using var snapshot = await ReadSnapshot.OpenAsync(database, Reach.Everything, cancellationToken);
            var copied = 0L;
            foreach (var table in tables)
            {
                copied = await CopyAsync(snapshot, target, table, before, copied, progress, cancellationToken);
            }

            await transaction.CommitAsync(cancellationToken);
        }

        await using (var whole = new FileStream(part, FileMode.Open, FileAccess.ReadWrite))
        {
            whole.Flush(flushToDisk: true);
        }

        await RequireRowsAsync(part, tables, expectedRows, cancellationToken);
        File.Move(part, file, overwrite: true);
    }

    /// <summary>Makes sure that a file has as many rows of each table as it should.</summary>
    /// <exception cref="IOException">When it has others.</exception>
    public static async Task RequireRowsAsync(
        string file, IReadOnlyList<MonthlyTable> tables, IReadOnlyDictionary<string, long> expectedRows, CancellationToken cancellationToken)
    {
        foreach (var table in tables)
        {
            var (expected, found) = (expectedRows.GetValueOrDefault(table.Name), await CountAsync(file, table, cancellationToken));
            if (found != expected)
            {
                throw new IOException(
                    $"{file} has {found:N0} rows of {table.Name}, and the opening balances were taken of {expected:N0}. "
                    + "Nothing was removed: find out who wrote rows of that time, and run laurel verify.");
            }
        }
    }

    /// <summary>How many rows of a table a file has.</summary>
    public static async Task<long> CountAsync(string file, MonthlyTable table, CancellationToken cancellationToken)
    {
        await using var connection = Open(file, SqliteOpenMode.ReadOnly);
        await connection.OpenAsync(cancellationToken);
        return await connection.ExecuteScalarAsync<long>(new CommandDefinition($"SELECT COUNT(*) FROM {table.Name}", cancellationToken: cancellationToken));
    }

    private static async Task<long> CopyAsync(
        ReadSnapshot snapshot, SqliteConnection target, MonthlyTable table, long before, long copied, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        var schema = await snapshot.Connection.ExecuteScalarAsync<string>(new CommandDefinition(ReadSchema, new { table.Name }, cancellationToken: cancellationToken));
        await target.ExecuteAsync(new CommandDefinition(schema!, cancellationToken: cancellationToken));
        await using var rows = await snapshot.ReadAsync($"SELECT * FROM {table.Name} WHERE {table.Column} < @Before", new { Before = before }, cancellationToken);
        await using var insert = InsertInto(target, table, rows);
        while (await rows.ReadAsync(cancellationToken))
        {
            for (var i = 0; i < rows.FieldCount; i++)
            {
                insert.Parameters[i].Value = rows.GetValue(i);
            }

            await insert.ExecuteNonQueryAsync(cancellationToken);
            if (++copied % RowsBetweenReports == 0)
            {
                progress?.Report(copied);
            }
        }

        return copied;
    }

    private static SqliteCommand InsertInto(SqliteConnection target, MonthlyTable table, DbDataReader rows)
    {
        var command = target.CreateCommand();
        var columns = Enumerable.Range(0, rows.FieldCount).ToArray();
        command.CommandText = $"INSERT INTO {table.Name} ({string.Join(", ", columns.Select(rows.GetName))}) VALUES ({string.Join(", ", columns.Select(i => $"$p{i}"))})";
        foreach (var i in columns)
        {
            command.Parameters.Add(new SqliteParameter { ParameterName = $"$p{i}" });
        }

        return command;
    }

    private static SqliteConnection Open(string file, SqliteOpenMode mode) =>
        new(new SqliteConnectionStringBuilder { DataSource = file, Mode = mode, Pooling = false }.ToString());
}
