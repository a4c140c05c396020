using System.Data;
using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using Laurel.Engine.Sql;

namespace Laurel.ContractTests.Searching;

/// <summary>A database whose readers let somebody look at each command before it is carried out.</summary>
internal sealed class WatchedDatabase(Database inner, Func<DbCommand, Task> before) : Database
{
    public override string DialectName => inner.DialectName;

    public override ValueTask<SqlSession> OpenWriterAsync(Reach reach, CancellationToken cancellationToken) => inner.OpenWriterAsync(reach, cancellationToken);

    public override ValueTask<SqlSession> OpenOwnerAsync(CancellationToken cancellationToken) => inner.OpenOwnerAsync(cancellationToken);

    public override async ValueTask<SqlSession> OpenReaderAsync(Reach reach, CancellationToken cancellationToken) =>
        new WatchedSession(await inner.OpenReaderAsync(reach, cancellationToken), before);

    public override SqlFailure Classify(Exception exception) => inner.Classify(exception);

    public override string Choose(string sqlite, string postgres, string mySql) => inner.Choose(sqlite, postgres, mySql);

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private sealed class WatchedSession(SqlSession session, Func<DbCommand, Task> before) : SqlSession
    {
        public override DbConnection Connection { get; } = new WatchedConnection(session.Connection, before);

        public override void Tell(Reach reach) => session.Tell(reach);

        public override ValueTask BeginAsync(Reach reach, CancellationToken cancellationToken) => session.BeginAsync(reach, cancellationToken);

        public override ValueTask BeginReadAsync(Reach reach, CancellationToken cancellationToken) => session.BeginReadAsync(reach, cancellationToken);

        public override ValueTask RunAsync(SqlScript script, CancellationToken cancellationToken) => session.RunAsync(script, cancellationToken);

        public override ValueTask CommitAsync(SqlScript script, CancellationToken cancellationToken) => session.CommitAsync(script, cancellationToken);

        public override ValueTask RollbackAsync() => session.RollbackAsync();

        public override ValueTask DisposeAsync() => session.DisposeAsync();
    }

    private sealed class WatchedConnection(DbConnection connection, Func<DbCommand, Task> before) : DbConnection
    {
        [AllowNull]
        public override string ConnectionString
        {
            get => connection.ConnectionString;
            set => connection.ConnectionString = value;
        }

        public override string Database => connection.Database;

        public override string DataSource => connection.DataSource;

        public override string ServerVersion => connection.ServerVersion;

        public override ConnectionState State => connection.State;

        public override void ChangeDatabase(string databaseName) => connection.ChangeDatabase(databaseName);

        public override void Open() => connection.Open();

        public override void Close() => connection.Close();

        protected override DbTransaction BeginDbTransaction(IsolationLevel isolationLevel) => connection.BeginTransaction(isolationLevel);

        protected override DbCommand CreateDbCommand() => new WatchedCommand(connection.CreateCommand(), this, before);
    }

    private sealed class WatchedCommand(DbCommand command, DbConnection connection, Func<DbCommand, Task> before) : DbCommand
    {
        [AllowNull]
        public override string CommandText
        {
            get => command.CommandText;
            set => command.CommandText = value;
        }

        public override int CommandTimeout
        {
            get => command.CommandTimeout;
            set => command.CommandTimeout = value;
        }

        public override CommandType CommandType
        {
            get => command.CommandType;
            set => command.CommandType = value;
        }

        public override bool DesignTimeVisible { get; set; }

        public override UpdateRowSource UpdatedRowSource
        {
            get => command.UpdatedRowSource;
            set => command.UpdatedRowSource = value;
        }

        protected override DbConnection? DbConnection
        {
            get => connection;
            set => _ = value;
        }

        protected override DbParameterCollection DbParameterCollection => command.Parameters;

        protected override DbTransaction? DbTransaction
        {
            get => command.Transaction;
            set => command.Transaction = value;
        }

        public override void Cancel() => command.Cancel();

        public override int ExecuteNonQuery() => throw new InvalidOperationException("Readers are asked asynchronously.");

        public override object? ExecuteScalar() => throw new InvalidOperationException("Readers are asked asynchronously.");

        public override void Prepare() => command.Prepare();

        public override async Task<int> ExecuteNonQueryAsync(CancellationToken cancellationToken)
        {
            await before(command);
            return await command.ExecuteNonQueryAsync(cancellationToken);
        }

        public override async Task<object?> ExecuteScalarAsync(CancellationToken cancellationToken)
        {
            await before(command);
            return await command.ExecuteScalarAsync(cancellationToken);
        }

        protected override DbParameter CreateDbParameter() => command.CreateParameter();

        protected override DbDataReader ExecuteDbDataReader(CommandBehavior behavior) =>
            throw new InvalidOperationException("Readers are asked asynchronously.");

        protected override async Task<DbDataReader> ExecuteDbDataReaderAsync(CommandBehavior behavior, CancellationToken cancellationToken)
        {
            await before(command);
            return await command.ExecuteReaderAsync(behavior, cancellationToken);
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                command.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}
