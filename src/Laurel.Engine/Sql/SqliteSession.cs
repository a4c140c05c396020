using System.Data.Common;
using Laurel.Kernel;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Laurel.Engine.Sql;

/// <summary>Runs scripts on SQLite's own prepared statements: one step for each row, no boxing, no reader object.</summary>
/// <param name="log">Of a writer that copies its log itself; null for others.</param>
internal sealed class SqliteSession(SqliteConnection connection, SqliteLog? log = null) : SqlSession
{
    private static readonly SqliteControl s_begin = new("BEGIN IMMEDIATE");
    private static readonly SqliteControl s_beginRead = new("BEGIN");
    private static readonly SqliteControl s_commit = new("COMMIT");
    private static readonly SqliteControl s_rollback = new("ROLLBACK");

    private readonly sqlite3 _db = connection.Handle ?? throw new InvalidOperationException("The connection is not open.");
    private readonly Dictionary<SetStatement, sqlite3_stmt> _prepared = [];

    public override DbConnection Connection => connection;

    public override void Tell(Reach reach)
    {
        // SQLite knows no tenants.
    }

    public override ValueTask BeginAsync(Reach reach, CancellationToken cancellationToken)
    {
        log?.Advance();
        return Control(s_begin);
    }

    public override ValueTask BeginReadAsync(Reach reach, CancellationToken cancellationToken) => Control(s_beginRead);

    public override ValueTask RunAsync(SqlScript script, CancellationToken cancellationToken)
    {
        foreach (var step in script.Steps)
        {
            Run(step);
        }

        return ValueTask.CompletedTask;
    }

    public override ValueTask CommitAsync(SqlScript script, CancellationToken cancellationToken)
    {
        foreach (var step in script.Steps)
        {
            Run(step);
        }

        return Control(s_commit);
    }

    public override ValueTask RollbackAsync() =>
        // A failed statement may have rolled the transaction back already.
        raw.sqlite3_get_autocommit(_db) == 0 ? Control(s_rollback) : ValueTask.CompletedTask;

    public override async ValueTask DisposeAsync()
    {
        foreach (var statement in _prepared.Values)
        {
            statement.Dispose();
        }

        _prepared.Clear();
        await (log?.DisposeAsync() ?? ValueTask.CompletedTask);
        await connection.DisposeAsync();
    }

    private void Run(SqlStep step)
    {
        if (step.Statement.Sqlite.Length == 0)
        {
            return;
        }

        var statement = Prepare(step.Statement);
        for (var row = 0; row < step.RowCount; row++)
        {
            step.Bind(statement, row);
            Step(statement, step.Read);
            Invariant.Require(!step.Statement.HitsEveryRow || raw.sqlite3_changes(_db) == 1, "A guarded update hits its row.");
        }
    }

    private ValueTask Control(SetStatement control)
    {
        Step(Prepare(control), null);
        return ValueTask.CompletedTask;
    }

    private void Step(sqlite3_stmt statement, Action<SqlRow>? read)
    {
        int result;
        var row = read is null ? null : new StatementRow(statement);
        while ((result = raw.sqlite3_step(statement)) == raw.SQLITE_ROW)
        {
            read?.Invoke(row!);
        }

        if (result != raw.SQLITE_DONE)
        {
            var message = raw.sqlite3_errmsg(_db).utf8_to_string();
            var extended = raw.sqlite3_extended_errcode(_db);
            raw.sqlite3_reset(statement);
            throw new SqliteException(message, result & 0xFF, extended);
        }

        raw.sqlite3_reset(statement);
    }

    private sqlite3_stmt Prepare(SetStatement statement)
    {
        if (_prepared.TryGetValue(statement, out var prepared))
        {
            return prepared;
        }

        // SQLite numbers $-parameters by their first appearance; ?-parameters by what they say.
        var result = raw.sqlite3_prepare_v2(_db, statement.Sqlite.Replace('$', '?'), out prepared);
        if (result != raw.SQLITE_OK)
        {
            throw new SqliteException(raw.sqlite3_errmsg(_db).utf8_to_string() + " in " + statement.Sqlite, result & 0xFF, result);
        }

        _prepared.Add(statement, prepared);
        return prepared;
    }

    private sealed class SqliteControl(string text) : SetStatement(text, text, text)
    {
        public override IReadOnlyList<string> PostgresTypes => [];

        public override string MySqlFields => "";
    }

    private sealed class StatementRow(sqlite3_stmt statement) : SqlRow
    {
        public override bool IsNull(int column) => raw.sqlite3_column_type(statement, column) == raw.SQLITE_NULL;

        public override long Int64(int column) => raw.sqlite3_column_int64(statement, column);

        public override string Text(int column)
        {
            Invariant.Require(!IsNull(column), "A column read as text is not null.");
            return raw.sqlite3_column_text(statement, column).utf8_to_string();
        }

        public override byte[] Bytes(int column) => raw.sqlite3_column_blob(statement, column).ToArray();
    }
}
