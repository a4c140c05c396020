using Laurel.Kernel;
using Npgsql;
using NpgsqlTypes;
using SQLitePCL;

namespace Laurel.Engine.Sql;

/// <summary>One parameter of a <see cref="SetStatement{TRow}"/>: a value of each row on SQLite, an array on PostgreSQL.</summary>
public abstract class Column<TRow>
{
    public static Column<TRow> Int64(Func<TRow, long> value) => new Int64Column(value);

    public static Column<TRow> Int32(Func<TRow, int> value) => new Int32Column(value);

    public static Column<TRow> Instant(Func<TRow, Instant> value) => new Int64Column(row => value(row).UnixMicroseconds);

    public static Column<TRow> NullableInt64(Func<TRow, long?> value) => new NullableInt64Column(value);

    public static Column<TRow> NullableInt32(Func<TRow, int?> value) => new NullableInt32Column(value);

    public static Column<TRow> Text(Func<TRow, string?> value) => new TextColumn(value);

    public static Column<TRow> Bytes(Func<TRow, byte[]?> value) => new BytesColumn(value);

    public static Column<TRow> Hash(Func<TRow, Hash128> value) => new BytesColumn(row => value(row).ToBytes());

    /// <summary>The type of the parameter on PostgreSQL: an array.</summary>
    internal abstract string PostgresType { get; }

    internal abstract void Bind(sqlite3_stmt statement, int index, TRow row);

    internal abstract NpgsqlParameter ToArray(IReadOnlyList<TRow> rows);

    private static T[] Gather<T>(IReadOnlyList<TRow> rows, Func<TRow, T> value)
    {
        var values = new T[rows.Count];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = value(rows[i]);
        }

        return values;
    }

    private static NpgsqlParameter Array<T>(IReadOnlyList<TRow> rows, Func<TRow, T> value, NpgsqlDbType type) =>
        new NpgsqlParameter<T[]> { TypedValue = Gather(rows, value), NpgsqlDbType = NpgsqlDbType.Array | type };

    private sealed class Int64Column(Func<TRow, long> value) : Column<TRow>
    {
        internal override string PostgresType => "bigint[]";

        internal override void Bind(sqlite3_stmt statement, int index, TRow row) => raw.sqlite3_bind_int64(statement, index, value(row));

        internal override NpgsqlParameter ToArray(IReadOnlyList<TRow> rows) => Array(rows, value, NpgsqlDbType.Bigint);
    }

    private sealed class Int32Column(Func<TRow, int> value) : Column<TRow>
    {
        internal override string PostgresType => "integer[]";

        internal override void Bind(sqlite3_stmt statement, int index, TRow row) => raw.sqlite3_bind_int(statement, index, value(row));

        internal override NpgsqlParameter ToArray(IReadOnlyList<TRow> rows) => Array(rows, value, NpgsqlDbType.Integer);
    }

    private sealed class NullableInt64Column(Func<TRow, long?> value) : Column<TRow>
    {
        internal override string PostgresType => "bigint[]";

        internal override void Bind(sqlite3_stmt statement, int index, TRow row)
        {
            if (value(row) is { } number)
            {
                raw.sqlite3_bind_int64(statement, index, number);
            }
            else
            {
                raw.sqlite3_bind_null(statement, index);
            }
        }

        internal override NpgsqlParameter ToArray(IReadOnlyList<TRow> rows) => Array(rows, value, NpgsqlDbType.Bigint);
    }

    private sealed class NullableInt32Column(Func<TRow, int?> value) : Column<TRow>
    {
        internal override string PostgresType => "integer[]";

        internal override void Bind(sqlite3_stmt statement, int index, TRow row)
        {
            if (value(row) is { } number)
            {
                raw.sqlite3_bind_int(statement, index, number);
            }
            else
            {
                raw.sqlite3_bind_null(statement, index);
            }
        }

        internal override NpgsqlParameter ToArray(IReadOnlyList<TRow> rows) => Array(rows, value, NpgsqlDbType.Integer);
    }

    private sealed class TextColumn(Func<TRow, string?> value) : Column<TRow>
    {
        internal override string PostgresType => "text[]";

        internal override void Bind(sqlite3_stmt statement, int index, TRow row)
        {
            if (value(row) is { } text)
            {
                raw.sqlite3_bind_text(statement, index, text);
            }
            else
            {
                raw.sqlite3_bind_null(statement, index);
            }
        }

        internal override NpgsqlParameter ToArray(IReadOnlyList<TRow> rows) => Array(rows, value, NpgsqlDbType.Text);
    }

    private sealed class BytesColumn(Func<TRow, byte[]?> value) : Column<TRow>
    {
        internal override string PostgresType => "bytea[]";

        internal override void Bind(sqlite3_stmt statement, int index, TRow row)
        {
            if (value(row) is { } bytes)
            {
                raw.sqlite3_bind_blob(statement, index, bytes);
            }
            else
            {
                raw.sqlite3_bind_null(statement, index);
            }
        }

        internal override NpgsqlParameter ToArray(IReadOnlyList<TRow> rows) => Array(rows, value, NpgsqlDbType.Bytea);
    }
}
