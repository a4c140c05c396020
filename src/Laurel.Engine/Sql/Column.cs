using System.Text.Json;
using Laurel.Engine.Audit;
using Laurel.Kernel;
using Npgsql;
using NpgsqlTypes;
using SQLitePCL;

namespace Laurel.Engine.Sql;

/// <summary>One named parameter of a <see cref="SetStatement{TRow}"/>: a value of each row on SQLite, an array on PostgreSQL, a
/// field of each element of one JSON array on MySQL.</summary>
public abstract class Column<TRow>(string name)
{
    public string Name { get; } = name;

    public static Column<TRow> Int64(string name, Func<TRow, long> value) => new Int64Column(name, value);

    public static Column<TRow> Int32(string name, Func<TRow, int> value) => new Int32Column(name, value);

    public static Column<TRow> Flag(string name, Func<TRow, bool> value) => new Int32Column(name, row => value(row) ? 1 : 0);

    public static Column<TRow> Instant(string name, Func<TRow, Instant> value) => new Int64Column(name, row => value(row).UnixMicroseconds);

    public static Column<TRow> NullableInt64(string name, Func<TRow, long?> value) => new NullableInt64Column(name, value);

    public static Column<TRow> NullableInt32(string name, Func<TRow, int?> value) => new NullableInt32Column(name, value);

    public static Column<TRow> Text(string name, Func<TRow, string?> value) => new TextColumn(name, value, isOpen: false);

    /// <summary>Words that name nobody and open nothing, so that the audit may say them.</summary>
    public static Column<TRow> OpenText(string name, Func<TRow, string?> value) => new TextColumn(name, value, isOpen: true);

    public static Column<TRow> Bytes(string name, Func<TRow, byte[]?> value) => new BytesColumn(name, value, "LONGTEXT");

    public static Column<TRow> Hash(string name, Func<TRow, Hash128> value) => new BytesColumn(name, row => value(row).ToBytes(), "CHAR(32)");

    /// <summary>The type of the parameter on PostgreSQL: an array.</summary>
    internal abstract string PostgresType { get; }

    /// <summary>The type of the field on MySQL, in the <c>COLUMNS</c> of a <c>JSON_TABLE</c>.</summary>
    internal abstract string MySqlType { get; }

    /// <summary>The field as a value on MySQL, where bytes travel as hexadecimal digits.</summary>
    internal virtual string MySqlValue => "k." + Name;

    internal abstract void Bind(sqlite3_stmt statement, int index, TRow row);

    internal abstract NpgsqlParameter ToArray(IReadOnlyList<TRow> rows);

    /// <summary>Writes the value as the next element of a JSON array.</summary>
    internal abstract void Write(Utf8JsonWriter json, TRow row);

    /// <summary>The value of one row as a parameter of its own; null is NULL.</summary>
    internal abstract object? Box(TRow row);

    /// <summary>Adds what the audit may say of the value: nothing of texts and bytes, which may be personal or secret.</summary>
    internal virtual void Describe(TRow row, AuditState state)
    {
    }

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

    private sealed class Int64Column(string name, Func<TRow, long> value) : Column<TRow>(name)
    {
        internal override string PostgresType => "bigint[]";

        internal override string MySqlType => "BIGINT";

        internal override void Bind(sqlite3_stmt statement, int index, TRow row) => raw.sqlite3_bind_int64(statement, index, value(row));

        internal override NpgsqlParameter ToArray(IReadOnlyList<TRow> rows) => Array(rows, value, NpgsqlDbType.Bigint);

        internal override void Write(Utf8JsonWriter json, TRow row) => json.WriteNumberValue(value(row));

        internal override object? Box(TRow row) => value(row);

        internal override void Describe(TRow row, AuditState state) => state.Add(Name, (long?)value(row));
    }

    private sealed class Int32Column(string name, Func<TRow, int> value) : Column<TRow>(name)
    {
        internal override string PostgresType => "integer[]";

        internal override string MySqlType => "INT";

        internal override void Bind(sqlite3_stmt statement, int index, TRow row) => raw.sqlite3_bind_int(statement, index, value(row));

        internal override NpgsqlParameter ToArray(IReadOnlyList<TRow> rows) => Array(rows, value, NpgsqlDbType.Integer);

        internal override void Write(Utf8JsonWriter json, TRow row) => json.WriteNumberValue(value(row));

        internal override object? Box(TRow row) => value(row);

        internal override void Describe(TRow row, AuditState state) => state.Add(Name, (long?)value(row));
    }

    private sealed class NullableInt64Column(string name, Func<TRow, long?> value) : Column<TRow>(name)
    {
        internal override string PostgresType => "bigint[]";

        internal override string MySqlType => "BIGINT";

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

        internal override void Write(Utf8JsonWriter json, TRow row) => WriteNumber(json, value(row));

        internal override object? Box(TRow row) => value(row);

        internal override void Describe(TRow row, AuditState state) => state.Add(Name, (long?)value(row));
    }

    private sealed class NullableInt32Column(string name, Func<TRow, int?> value) : Column<TRow>(name)
    {
        internal override string PostgresType => "integer[]";

        internal override string MySqlType => "INT";

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

        internal override void Write(Utf8JsonWriter json, TRow row) => WriteNumber(json, value(row));

        internal override object? Box(TRow row) => value(row);

        internal override void Describe(TRow row, AuditState state) => state.Add(Name, (long?)value(row));
    }

    private sealed class TextColumn(string name, Func<TRow, string?> value, bool isOpen) : Column<TRow>(name)
    {
        internal override string PostgresType => "text[]";

        internal override string MySqlType => "LONGTEXT";

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

        internal override void Write(Utf8JsonWriter json, TRow row) => json.WriteStringValue(value(row));

        internal override object? Box(TRow row) => value(row);

        internal override void Describe(TRow row, AuditState state)
        {
            if (isOpen)
            {
                state.Add(Name, value(row));
            }
        }
    }

    private sealed class BytesColumn(string name, Func<TRow, byte[]?> value, string mySqlType) : Column<TRow>(name)
    {
        internal override string PostgresType => "bytea[]";

        internal override string MySqlType => mySqlType;

        internal override string MySqlValue => $"UNHEX(k.{Name})";

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

        internal override void Write(Utf8JsonWriter json, TRow row) =>
            json.WriteStringValue(value(row) is { } bytes ? Convert.ToHexString(bytes) : null);

        internal override object? Box(TRow row) => value(row);
    }

    private static void WriteNumber(Utf8JsonWriter json, long? number)
    {
        if (number is { } known)
        {
            json.WriteNumberValue(known);
        }
        else
        {
            json.WriteNullValue();
        }
    }
}
