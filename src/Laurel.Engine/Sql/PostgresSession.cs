using System.Data.Common;
using Npgsql;

namespace Laurel.Engine.Sql;

/// <summary>Runs scripts as one pipelined batch: a round trip for each script, begin and commit included.</summary>
/// <param name="reaches">What the connections of the pool were told; null where nothing holds them to a reach, and nothing is told.</param>
internal sealed class PostgresSession(NpgsqlConnection connection, PostgresReaches? reaches) : SqlSession
{
    // BEGIN travels with the first statements instead of making a trip of its own, and so does the reach.
    private string? _beginPending;
    private Reach? _reachPending;

    public override DbConnection Connection
    {
        get
        {
            Kernel.Invariant.Require(_reachPending is null || _beginPending is not null, "What a session was told is for its next script.");
            return connection;
        }
    }

    public override void Tell(Reach reach) => _reachPending = reaches is null || reaches.Knows(connection, reach) ? null : reach;

    public override ValueTask BeginAsync(Reach reach, CancellationToken cancellationToken) => Begin("BEGIN", reach);

    public override ValueTask BeginReadAsync(Reach reach, CancellationToken cancellationToken) =>
        Begin("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", reach);

    public override ValueTask RunAsync(SqlScript script, CancellationToken cancellationToken) =>
        SendAsync(script, commit: false, cancellationToken);

    public override ValueTask CommitAsync(SqlScript script, CancellationToken cancellationToken) =>
        SendAsync(script, commit: true, cancellationToken);

    public override async ValueTask RollbackAsync()
    {
        if (_beginPending is not null)
        {
            (_beginPending, _reachPending) = (null, null);
            return;
        }

        await using var command = new NpgsqlCommand("ROLLBACK", connection);
        await command.ExecuteNonQueryAsync(CancellationToken.None);
    }

    public override ValueTask DisposeAsync() => connection.DisposeAsync();

    /// <summary>Tells the connection at once, for who asks on the connection itself. A trip, unless it was told the same last.</summary>
    internal async ValueTask TellNowAsync(Reach reach, CancellationToken cancellationToken)
    {
        if (reaches is null || reaches.Knows(connection, reach))
        {
            return;
        }

        await using var command = new NpgsqlCommand(PostgresReaches.TellSession, connection);
        command.Parameters.Add(ParameterOf(reach));
        await command.ExecuteNonQueryAsync(cancellationToken);
        reaches.Note(connection, reach);
    }

    private static NpgsqlParameter ParameterOf(Reach reach) => new NpgsqlParameter<string> { TypedValue = reach.ToString() };

    private ValueTask Begin(string statement, Reach reach)
    {
        (_beginPending, _reachPending) = (statement, reaches is null ? null : reach);
        return ValueTask.CompletedTask;
    }

    private async ValueTask SendAsync(SqlScript script, bool commit, CancellationToken cancellationToken)
    {
        if (script.IsEmpty && !commit)
        {
            return;
        }

        await using var batch = new NpgsqlBatch(connection);
        var (begin, reach) = (_beginPending, _reachPending);
        (_beginPending, _reachPending) = (null, null);
        if (begin is not null)
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand(begin));
        }

        if (reach is { } told)
        {
            var tell = new NpgsqlBatchCommand(begin is null ? PostgresReaches.TellSession : PostgresReaches.TellTransaction);
            tell.Parameters.Add(ParameterOf(told));
            batch.BatchCommands.Add(tell);
        }

        if (begin is null && reach is not null)
        {
            // What fails takes the setting back with it.
            reaches!.Forget(connection);
        }

        var steps = script.Steps.Where(step => step.Statement.Postgres.Length > 0).ToList();
        foreach (var step in steps)
        {
            batch.BatchCommands.Add(step.ToCommand());
        }

        if (commit)
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand("COMMIT"));
        }

        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        var row = new ReaderRow(reader);
        var more = reach is null || await reader.NextResultAsync(cancellationToken);
        foreach (var step in steps)
        {
            // Statements without a result (BEGIN, plain writes) are passed over by the reader itself. A guarded update is a query
            // that raises; its row is read past.
            if (step.Read is null && !step.Statement.HitsEveryRow)
            {
                continue;
            }

            Kernel.Invariant.Require(more, "Every query of a script has a result.");
            while (await reader.ReadAsync(cancellationToken))
            {
                step.Read?.Invoke(row);
            }

            more = await reader.NextResultAsync(cancellationToken);
        }

        while (more && await reader.NextResultAsync(cancellationToken))
        {
            // Drains to the end, so that an error of any statement is thrown here and not lost.
        }

        if (begin is null && reach is { } known)
        {
            reaches!.Note(connection, known);
        }
    }

    private sealed class ReaderRow(NpgsqlDataReader reader) : SqlRow
    {
        public override bool IsNull(int column) => reader.IsDBNull(column);

        public override long Int64(int column) => reader.GetFieldType(column) == typeof(int) ? reader.GetInt32(column) : reader.GetInt64(column);

        public override string Text(int column) => reader.GetString(column);

        public override byte[] Bytes(int column) => reader.GetFieldValue<byte[]>(column);
    }
}
