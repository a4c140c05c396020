using Npgsql;
using SQLitePCL;

namespace Laurel.Engine.Sql;

/// <summary>A statement over a set of parameter rows: the only kind of SQL on the road of a write.</summary>
/// <remarks>On SQLite it runs once for each row, prepared; on PostgreSQL once for all of them, with one array for each
/// column (<c>unnest</c>), so that a batch costs a constant number of statements. Parameters are <c>$1 … $n</c> in the
/// order of the columns in both dialects.</remarks>
public abstract class SetStatement(string sqlite, string postgres)
{
    /// <summary>Empty where SQLite has nothing to do.</summary>
    public string Sqlite { get; } = sqlite;

    /// <summary>Empty where PostgreSQL has nothing to do.</summary>
    public string Postgres { get; } = postgres;

    /// <summary>The types of the parameters on PostgreSQL, in order.</summary>
    public abstract IReadOnlyList<string> PostgresTypes { get; }

    /// <summary>Whether each row must change exactly one stored row. SQLite's session checks it; on PostgreSQL the statement
    /// itself raises, because it is committed in the same trip.</summary>
    public bool HitsEveryRow { get; init; }
}

/// <inheritdoc />
public sealed class SetStatement<TRow>(string sqlite, string postgres, params Column<TRow>[] columns)
    : SetStatement(sqlite, postgres)
{
    /// <summary>Told of the rows of a batch once they are committed, from its lane: for counting. Null tells nobody.</summary>
    public Action<IReadOnlyList<TRow>>? Committed { get; init; }

    public override IReadOnlyList<string> PostgresTypes => [.. columns.Select(column => column.PostgresType)];

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
            // The PostgreSQL form of a guarded update is a query that raises; its row has to be read past.
            _steps.Add(new SqlStep<TRow>(statement, rows, read ?? (statement.HitsEveryRow ? static _ => { } : null)));
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
}

internal sealed class SqlStep<TRow>(SetStatement<TRow> statement, IReadOnlyList<TRow> rows, Action<SqlRow>? read)
    : SqlStep(statement, read)
{
    internal override int RowCount => rows.Count;

    internal override void Bind(sqlite3_stmt prepared, int row) => statement.Bind(prepared, rows[row]);

    internal override NpgsqlBatchCommand ToCommand() => statement.ToCommand(rows);
}
