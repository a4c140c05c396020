using System.Net.Sockets;
using Laurel.Engine.Telemetry;
using Npgsql;

namespace Laurel.Engine.Sql;

/// <summary>PostgreSQL 14 or later. READ COMMITTED is enough: correctness rests on locks and unique keys.</summary>
public sealed class PostgresDatabase : Database
{
    // Writers find every row by its key. A plan made while a table was empty would scan it for ever, so lanes forbid the
    // scanning plans altogether and take the generic plan at once. An acknowledged write is durable whatever the default.
    private const string WriterSettings =
        "-c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off -c plan_cache_mode=force_generic_plan -c jit=off "
        + "-c synchronous_commit=on -c lock_timeout=5000 -c idle_in_transaction_session_timeout=30000";

    private const string ReaderSettings = "-c jit=off -c statement_timeout=30000 -c default_transaction_read_only=on";

    private readonly NpgsqlDataSource _writers;
    private readonly NpgsqlDataSource _readers;

    /// <param name="address">A connection string, or a URL <c>postgresql://user:password@host:port/database</c>.</param>
    /// <param name="readersMax">Connections for reads at the most.</param>
    public PostgresDatabase(string address, int readersMax = ReadersMaxDefault)
    {
        var common = ServerAddress.Postgres(address);
        common.MaxAutoPrepare = 200;
        common.AutoPrepareMinUsages = 2;
        common.NoResetOnClose = true;
        common.IncludeErrorDetail = false;
        common.Timeout = ConnectSecondsMax;
        _writers = Source(common, "laurel-writer", WriterSettings, connectionsMax: 40);
        _readers = Source(common, "laurel-reader", ReaderSettings, connectionsMax: readersMax);
    }

    public override string DialectName => "postgres";

    public override async ValueTask<SqlSession> OpenWriterAsync(CancellationToken cancellationToken) =>
        new PostgresSession(ConnectionFigures.Count(await _writers.OpenConnectionAsync(cancellationToken)));

    public override async ValueTask<SqlSession> OpenReaderAsync(CancellationToken cancellationToken) =>
        new PostgresSession(ConnectionFigures.Count(await _readers.OpenConnectionAsync(cancellationToken)));

    public override SqlFailure Classify(Exception exception) => exception switch
    {
        PostgresException { SqlState: PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.LockNotAvailable } => SqlFailure.Transient,
        PostgresException { SqlState: PostgresErrorCodes.UniqueViolation } => SqlFailure.KeyRace,
        PostgresException { SqlState: PostgresErrorCodes.ReadOnlySqlTransaction or PostgresErrorCodes.DiskFull } => SqlFailure.ReadOnly,
        PostgresException { SqlState: PostgresErrorCodes.IoError } => SqlFailure.Unavailable,
        PostgresException { SqlState: ['2', '2' or '3', ..] } => SqlFailure.Data,
        // 57P01–57P03 and class 08 end the session, perhaps while the commit was on its way.
        PostgresException { SqlState: ['5', '7', 'P', ..] or ['0', '8', ..] } => SqlFailure.Unknown,
        PostgresException { SqlState: ['5', '3', ..] } => SqlFailure.Unavailable,
        PostgresException => SqlFailure.Fault,
        NpgsqlException or IOException or SocketException or TimeoutException or OperationCanceledException => SqlFailure.Unknown,
        _ => SqlFailure.Fault,
    };

    public override string Choose(string sqlite, string postgres, string mySql) => postgres;

    public override void ForgetConnections()
    {
        _writers.Clear();
        _readers.Clear();
    }

    public override async ValueTask DisposeAsync()
    {
        await _writers.DisposeAsync();
        await _readers.DisposeAsync();
    }

    private static NpgsqlDataSource Source(NpgsqlConnectionStringBuilder common, string name, string settings, int connectionsMax)
    {
        var builder = new NpgsqlConnectionStringBuilder(common.ConnectionString)
        {
            ApplicationName = name,
            Options = settings,
            MaxPoolSize = connectionsMax,
        };
        return NpgsqlDataSource.Create(builder);
    }
}
