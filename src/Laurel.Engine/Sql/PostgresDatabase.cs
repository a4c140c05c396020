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

    private const int WritersMax = 40;
    private const int OwnersMax = 4;

    private readonly PostgresReaches? _reaches;
    private readonly NpgsqlDataSource _writers;
    private readonly NpgsqlDataSource _readers;
    private readonly NpgsqlDataSource _owners;

    /// <param name="address">A connection string, or a URL <c>postgresql://user:password@host:port/database</c>.</param>
    /// <param name="readersMax">Connections for reads at the most.</param>
    /// <param name="role">The role that sessions take, and that row-level security holds to their reach; null has them stay who they are, and nothing
    /// is told.</param>
    public PostgresDatabase(string address, int readersMax = ReadersMaxDefault, string? role = null)
    {
        Role = role;
        _reaches = role is null ? null : new PostgresReaches();
        var common = ServerAddress.Postgres(address);
        common.MaxAutoPrepare = 200;
        common.AutoPrepareMinUsages = 2;
        common.NoResetOnClose = true;
        common.IncludeErrorDetail = false;
        common.Timeout = ConnectSecondsMax;
        _writers = Source(common, "laurel-writer", WriterSettings + AsRole(role), WritersMax);
        _readers = Source(common, "laurel-reader", ReaderSettings + AsRole(role), readersMax);
        _owners = role is null ? _writers : Source(common, "laurel-writer", WriterSettings, OwnersMax);
    }

    /// <summary>The role that sessions take; null where they stay who they are.</summary>
    public string? Role { get; }

    public override string DialectName => "postgres";

    public override ValueTask<SqlSession> OpenWriterAsync(Reach reach, CancellationToken cancellationToken) => OpenAsync(_writers, reach, cancellationToken);

    public override ValueTask<SqlSession> OpenReaderAsync(Reach reach, CancellationToken cancellationToken) => OpenAsync(_readers, reach, cancellationToken);

    public override async ValueTask<SqlSession> OpenOwnerAsync(CancellationToken cancellationToken) =>
        new PostgresSession(ConnectionFigures.Count(await _owners.OpenConnectionAsync(cancellationToken)), null);

    public override SqlFailure Classify(Exception exception) => exception switch
    {
        PostgresException { SqlState: PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.LockNotAvailable } => SqlFailure.Transient,
        PostgresException { SqlState: PostgresErrorCodes.UniqueViolation } => SqlFailure.KeyRace,
        PostgresException { SqlState: PostgresErrorCodes.ReadOnlySqlTransaction or PostgresErrorCodes.DiskFull } => SqlFailure.ReadOnly,
        PostgresException { SqlState: PostgresErrorCodes.IoError } => SqlFailure.Unavailable,
        // Row-level security takes a row of another tenant for a matter of rights.
        PostgresException { SqlState: ['2', '2' or '3', ..] or PostgresErrorCodes.InsufficientPrivilege } => SqlFailure.Data,
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
        _owners.Clear();
    }

    public override async ValueTask DisposeAsync()
    {
        await _writers.DisposeAsync();
        await _readers.DisposeAsync();
        await _owners.DisposeAsync();
    }

    // In options a backslash keeps a blank, and another backslash, from ending the value.
    private static string AsRole(string? role) =>
        role is null ? "" : " -c role=" + role.Replace("\\", "\\\\", StringComparison.Ordinal).Replace(" ", "\\ ", StringComparison.Ordinal);

    private async ValueTask<SqlSession> OpenAsync(NpgsqlDataSource source, Reach reach, CancellationToken cancellationToken)
    {
        var session = new PostgresSession(ConnectionFigures.Count(await source.OpenConnectionAsync(cancellationToken)), _reaches);
        try
        {
            await session.TellNowAsync(reach, cancellationToken);
            return session;
        }
        catch
        {
            await session.DisposeAsync();
            throw;
        }
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
