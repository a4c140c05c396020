using System.Data;
using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using MySql.Data.MySqlClient;

namespace Laurel.Engine.Sql;

/// <summary>A MySQL connection whose asynchronous calls are made plainly: the driver would register the caller's token and, when it is
/// cancelled, end the query from a second connection in the middle of a result.</summary>
internal sealed class SynchronousConnection(MySqlConnection inner) : DbConnection
{
    private bool _doubtful;

    public MySqlConnection Inner { get; } = inner;

    /// <summary>Notes an error; after one that leaves the connection in doubt it is not used again.</summary>
    public void Note(Exception exception) => _doubtful |= !MySqlDatabase.IsInOrderAfter(exception);

    [AllowNull]
    public override string ConnectionString
    {
        get => Inner.ConnectionString;
        set => Inner.ConnectionString = value;
    }

    public override string Database => Inner.Database;

    public override string DataSource => Inner.DataSource;

    public override string ServerVersion => Inner.ServerVersion;

    public override ConnectionState State => Inner.State;

    public override void ChangeDatabase(string databaseName) => Inner.ChangeDatabase(databaseName);

    public override void Open() => Inner.Open();

    public override void Close() => Inner.Close();

    protected override DbTransaction BeginDbTransaction(IsolationLevel isolationLevel) => Inner.BeginTransaction(IsolationLevel.ReadCommitted);

    protected override DbCommand CreateDbCommand() => new SynchronousCommand(Inner.CreateCommand(), this);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            if (_doubtful)
            {
                // Those of the pool that are in use are closed when they come back, this one among them.
                MySqlConnection.ClearPool(Inner);
            }

            Inner.Dispose();
        }

        base.Dispose(disposing);
    }

    private sealed class SynchronousCommand(MySqlCommand inner, SynchronousConnection connection) : DbCommand
    {
        [AllowNull]
        public override string CommandText
        {
            get => inner.CommandText;
            set => inner.CommandText = value;
        }

        public override int CommandTimeout
        {
            get => inner.CommandTimeout;
            set => inner.CommandTimeout = value;
        }

        public override CommandType CommandType
        {
            get => inner.CommandType;
            set => inner.CommandType = value;
        }

        public override bool DesignTimeVisible { get; set; }

        public override UpdateRowSource UpdatedRowSource
        {
            get => inner.UpdatedRowSource;
            set => inner.UpdatedRowSource = value;
        }

        protected override DbConnection? DbConnection
        {
            get => connection;
            set => _ = value;
        }

        protected override DbParameterCollection DbParameterCollection => inner.Parameters;

        protected override DbTransaction? DbTransaction
        {
            get => inner.Transaction;
            set => inner.Transaction = (MySqlTransaction?)value;
        }

        // A query is never ended from outside: the servers' own limits end the long ones.
        public override void Cancel()
        {
        }

        public override int ExecuteNonQuery() => inner.ExecuteNonQuery();

        public override Task<int> ExecuteNonQueryAsync(CancellationToken cancellationToken) => Now(ExecuteNonQuery, cancellationToken);

        public override object? ExecuteScalar() => inner.ExecuteScalar();

        public override Task<object?> ExecuteScalarAsync(CancellationToken cancellationToken) => Now(ExecuteScalar, cancellationToken);

        public override void Prepare() => inner.Prepare();

        protected override DbParameter CreateDbParameter() => inner.CreateParameter();

        protected override DbDataReader ExecuteDbDataReader(CommandBehavior behavior) => inner.ExecuteReader(behavior);

        protected override Task<DbDataReader> ExecuteDbDataReaderAsync(CommandBehavior behavior, CancellationToken cancellationToken) =>
            Now(() => ExecuteDbDataReader(behavior), cancellationToken);

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                inner.Dispose();
            }

            base.Dispose(disposing);
        }

        private Task<T> Now<T>(Func<T> call, CancellationToken cancellationToken)
        {
            if (cancellationToken.IsCancellationRequested)
            {
                return Task.FromCanceled<T>(cancellationToken);
            }

            try
            {
                return Task.FromResult(call());
            }
            catch (Exception exception)
            {
                connection.Note(exception);
                return Task.FromException<T>(exception);
            }
        }
    }
}
