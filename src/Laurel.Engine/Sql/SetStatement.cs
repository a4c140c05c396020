using System.Data.Common;
using System.Text.Json;
using Npgsql;
using SQLitePCL;

namespace Laurel.Engine.Sql;

/// <summary>A statement over a set of parameter rows: the only kind of SQL on the road of a write.</summary>
/// <remarks>
/// <para>On SQLite it runs once for each row, prepared; on PostgreSQL once for all of them, with one array for each
/// column (<c>unnest</c>); on MySQL once for all of them, as one JSON array (<c>JSON_TABLE</c>). So a batch costs a constant
/// number of statements and of trips. Parameters are <c>$1 … $n</c> in the order of the columns.</para>
/// <para>The MySQL text has <c>{rows}</c> where the rows stand, a table <c>k</c> whose columns have the names of the parameters and whose
/// bytes are hexadecimal digits. A text without it runs once for each row, all of them in one trip.</para>
/// </remarks>
public abstract class SetStatement(string sqlite, string postgres, string mySql)
{
    /// <summary>Stands for the rows in the text of MySQL.</summary>
    public const string Rows = "{rows}";

    /// <summary>Empty where SQLite has nothing to do.</summary>
    public string Sqlite { get; } = sqlite;

    /// <summary>Empty where PostgreSQL has nothing to do.</summary>
    public string Postgres { get; } = postgres;

    /// <summary>Empty where MySQL has nothing to do.</summary>
    public string MySql { get; } = mySql;

    /// <summary>Whether MySQL takes all rows at once.</summary>
    public bool MySqlTakesRows { get; } = mySql.Contains(Rows, StringComparison.Ordinal);

    /// <summary>The types of the parameters on PostgreSQL, in order.</summary>
    public abstract IReadOnlyList<string> PostgresTypes { get; }

    /// <summary>The fields of a row on MySQL, as <c>JSON_TABLE</c> names them.</summary>
    public abstract string MySqlFields { get; }

    /// <summary>Whether each row must change exactly one stored row. SQLite's session checks it; on the servers the
    /// statement itself raises, because it is committed in the same trip.</summary>
    public bool HitsEveryRow { get; init; }
}

/// <inheritdoc />
public sealed class SetStatement<TRow>(string sqlite, string postgres, string mySql, params Column<TRow>[] columns)
    : SetStatement(sqlite, postgres, mySql)
{
    /// <summary>A statement that MySQL runs once for each row, in the words of SQLite.</summary>
    public SetStatement(string sqlite, string postgres, params Column<TRow>[] columns)
        : this(sqlite, postgres, sqlite, columns)
    {
    }

    /// <summary>Told of the rows of a batch once they are committed, from its lane. Null tells nobody.</summary>
    public Action<IReadOnlyList<TRow>>? Committed { get; private set; }

    /// <summary>Has the rows of a batch told once they are committed: for counting.</summary>
    public SetStatement<TRow> Telling(Action<IReadOnlyList<TRow>> committed)
    {
        Committed = committed;
        return this;
    }

    public override IReadOnlyList<string> PostgresTypes => [.. columns.Select(column => column.PostgresType)];

    // Every mistake of a value is an error: by default JSON_TABLE makes NULL of what does not fit.
    public override string MySqlFields =>
        string.Join(", ", columns.Select((column, i) => $"{column.Name} {column.MySqlType} PATH '$[{i}]' ERROR ON ERROR"));

    internal void Bind(sqlite3_stmt statement, TRow row)
    {
        for (var i = 0; i < columns.Length; i++)
        {
            columns[i].Bind(statement, i + 1, row);
        }
    }

    internal NpgsqlBatchCommand ToCommand(IReadOnlyList<TRow> rows)
    {
        var command = new NpgsqlBatchCommand(Postgres);
        foreach (var column in columns)
        {
            command.Parameters.Add(column.ToArray(rows));
        }

        return command;
    }

    internal void Write(Utf8JsonWriter json, TRow row)
    {
        json.WriteStartArray();
        foreach (var column in columns)
        {
            column.Write(json, row);
        }

        json.WriteEndArray();
    }

    internal object?[] Box(TRow row) => Array.ConvertAll(columns, column => column.Box(row));
}

/// <summary>Statements that go to the database together: one round trip where there is a wire.</summary>
public sealed class SqlScript
{
    private readonly List<SqlStep> _steps = [];

    public IReadOnlyList<SqlStep> Steps => _steps;

    public bool IsEmpty => _steps.Count == 0;

    /// <summary>Adds a statement for the rows; none, no statement.</summary>
    public void Add<TRow>(SetStatement<TRow> statement, IReadOnlyList<TRow> rows) => Add(statement, rows, null);

    /// <summary>Adds a query; <paramref name="read"/> sees each row of its result.</summary>
    public void Add<TRow>(SetStatement<TRow> statement, IReadOnlyList<TRow> rows, Action<SqlRow>? read)
    {
        if (rows.Count > 0)
        {
            _steps.Add(new SqlStep<TRow>(statement, rows, read));
        }
    }
}

/// <summary>One statement of a script with its rows.</summary>
public abstract class SqlStep(SetStatement statement, Action<SqlRow>? read)
{
    public SetStatement Statement { get; } = statement;

    internal Action<SqlRow>? Read { get; } = read;

    internal abstract int RowCount { get; }

    internal abstract void Bind(sqlite3_stmt statement, int row);

    internal abstract NpgsqlBatchCommand ToCommand();

    /// <summary>Writes one row as an array of its values.</summary>
    internal abstract void Write(Utf8JsonWriter json, int row);

    /// <summary>The values of one row, null for NULL.</summary>
    internal abstract object?[] Box(int row);
}

internal sealed class SqlStep<TRow>(SetStatement<TRow> statement, IReadOnlyList<TRow> rows, Action<SqlRow>? read)
    : SqlStep(statement, read)
{
    internal override int RowCount => rows.Count;

    internal override void Bind(sqlite3_stmt prepared, int row) => statement.Bind(prepared, rows[row]);

    internal override NpgsqlBatchCommand ToCommand() => statement.ToCommand(rows);

    internal override void Write(Utf8JsonWriter json, int row) => statement.Write(json, rows[row]);

    internal override object?[] Box(int row) => statement.Box(rows[row]);
}
