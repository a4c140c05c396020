using System.Data.Common;
using Npgsql;

namespace Laurel.Engine.Sql;

/// <summary>Runs scripts as one pipelined batch: a round trip for each script, begin and commit included.</summary>
internal sealed class PostgresSession(NpgsqlConnection connection) : SqlSession
{
    // BEGIN travels with the first statements instead of making a trip of its own.
    private string? _beginPending;

    public override DbConnection Connection => connection;

    public override ValueTask BeginAsync(CancellationToken cancellationToken)
    {
        _beginPending = "BEGIN";
        return ValueTask.CompletedTask;
    }

    public override ValueTask BeginReadAsync(CancellationToken cancellationToken)
    {
        _beginPending = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
        return ValueTask.CompletedTask;
    }

    public override ValueTask RunAsync(SqlScript script, CancellationToken cancellationToken) =>
        SendAsync(script, commit: false, cancellationToken);

    public override ValueTask CommitAsync(SqlScript script, CancellationToken cancellationToken) =>
        SendAsync(script, commit: true, cancellationToken);

    public override async ValueTask RollbackAsync()
    {
        if (_beginPending is not null)
        {
            _beginPending = null;
            return;
        }

        await using var command = new NpgsqlCommand("ROLLBACK", connection);
        await command.ExecuteNonQueryAsync(CancellationToken.None);
    }

    public override ValueTask DisposeAsync() => connection.DisposeAsync();

    private async ValueTask SendAsync(SqlScript script, bool commit, CancellationToken cancellationToken)
    {
        if (script.IsEmpty && !commit)
        {
            return;
        }

        await using var batch = new NpgsqlBatch(connection);
        if (_beginPending is not null)
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand(_beginPending));
            _beginPending = null;
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
        var more = true;
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
    }

    private sealed class ReaderRow(NpgsqlDataReader reader) : SqlRow
    {
        public override bool IsNull(int column) => reader.IsDBNull(column);

        public override long Int64(int column) => reader.GetFieldType(column) == typeof(int) ? reader.GetInt32(column) : reader.GetInt64(column);

        public override string Text(int column) => reader.GetString(column);

        public override byte[] Bytes(int column) => reader.GetFieldValue<byte[]>(column);
    }
}
