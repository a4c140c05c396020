using System.Globalization;
using System.Net.Sockets;
using Laurel.Engine.Telemetry;
using MySql.Data.MySqlClient;

namespace Laurel.Engine.Sql;

/// <summary>MySQL 8.0 or later, or MariaDB 10.6 or later. READ COMMITTED is enough: correctness rests on locks and unique keys.</summary>
/// <remarks>The driver blocks a thread while it waits, whatever it is called with, and a cancelled call may leave its connection in
/// disorder. So calls are made plainly, without tokens, and a session that met an error of unknown kind is discarded.</remarks>
public sealed class MySqlDatabase : Database
{
    // Each statement sees what was committed when it began, as on PostgreSQL. Double quotes, || and strictness are those of the
    // standard, so that one text does for all dialects.
    private const string Settings = """
        SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED;
        SET SESSION sql_mode = 'ANSI_QUOTES,PIPES_AS_CONCAT,STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION';
        SET SESSION net_write_timeout = 600
        """;

    // The driver reads results in the character set that this variable names; left to itself it takes the one of the column.
    private const string Utf8 = "SET character_set_results = utf8mb4";

    private const string WriterSettings = "SET SESSION innodb_lock_wait_timeout = 5";

    private const string ReaderSettings = "SET SESSION TRANSACTION READ ONLY";

    // Asked of every server; only one of a Galera cluster says ON.
    private const string AskGalera = "SHOW VARIABLES LIKE 'wsrep_on'";

    // What any node has acknowledged is seen: reads, and the beginning of a transaction, wait until this node has caught up.
    private const string GaleraSettings = "SET SESSION wsrep_sync_wait = 1";

    /// <summary>Commands of one batch at the most on Galera.</summary>
    public const int GaleraBatchCommandsMax = 64;

    // Longer than any wait for a lock. The driver waits for ever for the rest of a result that an error cut off.
    private const uint TripSecondsMax = 60;

    // The lanes of a node with many, and what runs beside them.
    private const int ThreadsWaitingMax = 20;

    private readonly string _writers;
    private readonly string _readers;
    private volatile object? _isGalera;

    /// <param name="address">A URL <c>mysql://user:password@host:port/database</c> or <c>mariadb://…</c>, or a connection string.</param>
    /// <param name="readersMax">Connections for reads at the most.</param>
    public MySqlDatabase(string address, int readersMax = ReadersMaxDefault)
    {
        // Lanes keep their connections; readers come and go.
        _writers = With(ServerAddress.MySql(address), pooling: false, readersMax).ConnectionString;
        _readers = With(ServerAddress.MySql(address), pooling: true, readersMax).ConnectionString;

        // Every connection in use holds a thread while it waits; the others must go on meanwhile.
        ThreadPool.GetMinThreads(out var workers, out var ports);
        ThreadPool.SetMinThreads(Math.Max(workers, Environment.ProcessorCount + ThreadsWaitingMax + readersMax), ports);
    }

    public override string DialectName => "mysql";

    /// <summary>Whether the server is a node of a Galera cluster (docs/adr/0040); known once a session was opened.</summary>
    public bool IsGalera => _isGalera is true;

    /// <summary>The collation of every text: by code point, trailing blanks counted. The servers call it by different names.</summary>
    public static string CollationOf(string serverVersion) =>
        serverVersion.Contains("MariaDB", StringComparison.OrdinalIgnoreCase) ? "utf8mb4_nopad_bin" : "utf8mb4_0900_bin";

    public override async ValueTask<SqlSession> OpenWriterAsync(Reach reach, CancellationToken cancellationToken) =>
        await OpenAsync(_writers, WriterSettings, cancellationToken);

    public override async ValueTask<SqlSession> OpenReaderAsync(Reach reach, CancellationToken cancellationToken) =>
        await OpenAsync(_readers, ReaderSettings, cancellationToken);

    public override ValueTask<SqlSession> OpenOwnerAsync(CancellationToken cancellationToken) => OpenWriterAsync(Reach.Everything, cancellationToken);

    public override SqlFailure Classify(Exception exception) => exception switch
    {
        // An error among the rows of a result comes wrapped in one without a number.
        MySqlException { Number: 0, InnerException: MySqlException failure } => Classify(failure),
        MySqlException failure => Classify(failure),
        IOException or SocketException or TimeoutException or OperationCanceledException => SqlFailure.Unknown,
        _ => SqlFailure.Fault,
    };

    public override string Choose(string sqlite, string postgres, string mySql) => mySql;

    public override void ForgetConnections()
    {
        using var readers = new MySqlConnection(_readers);
        MySqlConnection.ClearPool(readers);
    }

    public override ValueTask DisposeAsync()
    {
        ForgetConnections();
        return ValueTask.CompletedTask;
    }

    /// <summary>Whether an error came in the middle of a result: a transaction that Galera took back, most of the time.</summary>
    internal static bool IsAmongRows(MySqlException exception) => exception is { Number: 0, InnerException: MySqlException };

    /// <summary>Has the server end a connection that the driver cannot end by itself.</summary>
    internal static void End(MySqlConnection connection, string address)
    {
        try
        {
            var alone = new MySqlConnectionStringBuilder(address) { Pooling = false };
            using var other = new MySqlConnection(alone.ConnectionString);
            other.Open();
            using var command = new MySqlCommand(string.Create(CultureInfo.InvariantCulture, $"KILL {connection.ServerThread}"), other);
            command.ExecuteNonQuery();
        }
        catch (MySqlException)
        {
            // The server is gone, and the connection with it.
        }
    }

    /// <summary>Whether a connection is in order after an error: the server told it and the driver read all of it.</summary>
    internal static bool IsInOrderAfter(Exception exception) =>
        exception is MySqlException failure && Classify(failure) is SqlFailure.Transient or SqlFailure.KeyRace or SqlFailure.Data;

    // MySQL 8.0 error reference; MariaDB's own numbers begin at 1900 and 4000.
    private static SqlFailure Classify(MySqlException failure) => failure.Number switch
    {
        // Lock wait timeout, deadlock (at the commit too, on Galera), a row that changed under a read (MariaDB), a guarded update
        // that missed a row (out of range, see MySqlSession).
        1205 or 1213 or 1020 or 1690 => SqlFailure.Transient,
        1062 => SqlFailure.KeyRace,
        // Out of range, too long, wrong value, NULL, a check, a value of JSON_TABLE that does not fit.
        1048 or 1264 or 1265 or 1292 or 1366 or 1406 or 3141 or 3156 or 3157 or 3819 or 3903 or 3904 or 4025 or 4174 or 4176 => SqlFailure.Data,
        // Read-only, disk or table full.
        1021 or 1036 or 1114 or 1290 or 1792 or 1836 => SqlFailure.ReadOnly,
        // No connections left, a Galera node that is not ready.
        1040 or 1047 => SqlFailure.Unavailable,
        // Shut down, killed, gone, lost: perhaps while the commit was on its way. 0 is the driver's own for a broken connection.
        // 1180 is an error during the commit: on Galera the cluster may have it all the same.
        0 or 1042 or 1053 or 1152 or 1158 or 1159 or 1160 or 1161 or 1180 or 1317 or 1927 or 2002 or 2003 or 2006 or 2013 => SqlFailure.Unknown,
        _ => SqlFailure.Fault,
    };

    private async ValueTask<SqlSession> OpenAsync(string address, string settings, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var connection = new MySqlConnection(address);
        try
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = $"SET NAMES utf8mb4 COLLATE {CollationOf(connection.ServerVersion)};{Utf8};{Settings};{settings}";
            command.ExecuteNonQuery();
            if ((bool)(_isGalera ??= AsksGalera(command)))
            {
                command.CommandText = GaleraSettings;
                command.ExecuteNonQuery();
            }

            return new MySqlSession(ConnectionFigures.Count(connection), address);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private static object AsksGalera(MySqlCommand command)
    {
        command.CommandText = AskGalera;
        using var reader = command.ExecuteReader();
        return reader.Read() && reader.GetString(1) == "ON";
    }

    private static MySqlConnectionStringBuilder With(MySqlConnectionStringBuilder address, bool pooling, int readersMax)
    {
        address.CharacterSet = "utf8mb4";
        address.Pooling = pooling;
        address.MaximumPoolSize = (uint)readersMax;
        address.ConnectionTimeout = ConnectSecondsMax;
        address.ConnectionReset = false;
        // Counts of updates are of the rows found, so that a row set to what it was is not taken for a miss.
        address.UseAffectedRows = false;
        address.AllowUserVariables = true;
        address.DefaultCommandTimeout = TripSecondsMax;
        return address;
    }
}
