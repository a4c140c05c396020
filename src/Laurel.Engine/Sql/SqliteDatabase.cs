using Dapper;
using Laurel.Engine.Telemetry;
using Laurel.Kernel;
using Microsoft.Data.Sqlite;
using Microsoft.Win32.SafeHandles;
using SQLitePCL;

namespace Laurel.Engine.Sql;

/// <summary>An embedded SQLite file in WAL mode: one writing connection, which alone checkpoints; readers are read-only.</summary>
/// <remarks>SQLite before 3.51.3 may corrupt a file when two connections write or checkpoint at once (docs/adr/0003).
/// The <see cref="DataLock"/> keeps a second process out, and this class keeps a second writer out.</remarks>
public sealed class SqliteDatabase : Database
{
    /// <summary>Pages in the log, 128 MiB, after which a load checkpoints: all at once, since nobody waits for it.</summary>
    private const int CheckpointPagesLoading = 65_536;

    private readonly string _file;
    private readonly bool _readOnly;
    private SafeFileHandle? _handle;
    private int _writers;

    static SqliteDatabase() => Batteries_V2.Init();

    /// <param name="file">The database file; its folder exists.</param>
    /// <param name="readOnly">Refuses a writer: for verbs that only look.</param>
    public SqliteDatabase(string file, bool readOnly)
    {
        (_file, _readOnly) = (file, readOnly);
        WasLeftOpen = new FileInfo(file + "-wal") is { Exists: true, Length: > 0 };
    }

    /// <summary>Whether this is a load that no caller waits for: it is checkpointed seldom and at once.</summary>
    public bool Loading { get; init; }

    public override string DialectName => "sqlite";

    public override async ValueTask<SqlSession> OpenWriterAsync(Reach reach, CancellationToken cancellationToken)
    {
        Invariant.Require(!_readOnly, "A read-only database opens no writer.");
        Invariant.Require(Interlocked.Increment(ref _writers) == 1, "SQLite has one writing connection.");
        SqliteConnection? connection = null;
        try
        {
            connection = await OpenAsync(SqliteOpenMode.ReadWriteCreate, WriterPragmas + CopyLog, cancellationToken);
            var log = Loading ? null : await OpenLogAsync(connection, cancellationToken);
            return new CountedSession(new SqliteSession(connection, log), this);
        }
        catch
        {
            await (connection?.DisposeAsync() ?? ValueTask.CompletedTask);
            Interlocked.Decrement(ref _writers);
            throw;
        }
    }

    public override async ValueTask<SqlSession> OpenReaderAsync(Reach reach, CancellationToken cancellationToken) =>
        new SqliteSession(await OpenAsync(SqliteOpenMode.ReadOnly, ReaderPragmas, cancellationToken));

    public override ValueTask<SqlSession> OpenOwnerAsync(CancellationToken cancellationToken) => OpenWriterAsync(Reach.Everything, cancellationToken);

    public override ValueTask<SqlSession> OpenQuestionerAsync(Reach reach, CancellationToken cancellationToken) => OpenReaderAsync(reach, cancellationToken);

    public override SqlFailure Classify(Exception exception) => exception switch
    {
        SqliteException { SqliteErrorCode: raw.SQLITE_CONSTRAINT or raw.SQLITE_TOOBIG or raw.SQLITE_MISMATCH } => SqlFailure.Data,
        SqliteException { SqliteErrorCode: raw.SQLITE_BUSY or raw.SQLITE_LOCKED } => SqlFailure.Transient,
        SqliteException { SqliteErrorCode: raw.SQLITE_IOERR } => SqlFailure.DiskFailed,
        SqliteException { SqliteErrorCode: raw.SQLITE_FULL or raw.SQLITE_READONLY } => SqlFailure.ReadOnly,
        // What a damaged page holds is found by FindDamageAsync; until somebody restores a backup nothing can be written to it.
        SqliteException { SqliteErrorCode: raw.SQLITE_CANTOPEN or raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB } => SqlFailure.Unavailable,
        _ => SqlFailure.Fault,
    };

    /// <summary>Whether the last process that wrote here ended without closing the file, so that a log was left behind when this
    /// object was made.</summary>
    public bool WasLeftOpen { get; }

    /// <summary>Reads the whole file and compares what its pages say of each other (<c>PRAGMA quick_check</c>): seconds for each
    /// gigabyte, beside whoever writes.</summary>
    /// <returns>What is damaged, at most ten findings; none of a sound file.</returns>
    public async Task<IReadOnlyList<string>> FindDamageAsync(CancellationToken cancellationToken)
    {
        await using var session = await OpenReaderAsync(Reach.Everything, cancellationToken);
        var handle = ((SqliteConnection)session.Connection).Handle!;
        await using var interruption = cancellationToken.Register(() => raw.sqlite3_interrupt(handle));
        try
        {
            var findings = await session.Connection.QueryAsync<string>(
                new CommandDefinition("PRAGMA quick_check(10)", commandTimeout: 0, cancellationToken: cancellationToken));
            return [.. findings.Where(finding => finding != "ok")];
        }
        catch (SqliteException exception) when (exception.SqliteErrorCode is raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB)
        {
            return [exception.Message];
        }
        catch (SqliteException exception) when (exception.SqliteErrorCode == raw.SQLITE_INTERRUPT)
        {
            throw new OperationCanceledException(exception.Message, exception, cancellationToken);
        }
    }

    public override string Choose(string sqlite, string postgres, string mySql) => sqlite;

    public override ValueTask DisposeAsync()
    {
        _handle?.Dispose();
        return ValueTask.CompletedTask;
    }

    // A write touches one row on each of a few pages far apart, so smaller pages mean fewer bytes for the same rows. The size
    // holds for files made with it.
    private string WriterPragmas => $"""
        PRAGMA page_size = 2048;
        PRAGMA journal_mode = WAL;
        PRAGMA synchronous = FULL;
        PRAGMA wal_autocheckpoint = {(Loading ? CheckpointPagesLoading : 0)};
        PRAGMA cache_size = -98304;
        PRAGMA temp_store = MEMORY;
        PRAGMA secure_delete = ON;
        PRAGMA busy_timeout = 5000;
        """;

    // A process that ended on a failed fsync may have left a log that is in the memory of the system and not on the disk. Copying
    // it writes its pages anew before anything is answered from them.
    private const string CopyLog = "PRAGMA wal_checkpoint(PASSIVE);";

    private const string ReaderPragmas = """
        PRAGMA query_only = ON;
        PRAGMA wal_autocheckpoint = 0;
        PRAGMA cache_size = -16384;
        PRAGMA temp_store = MEMORY;
        PRAGMA busy_timeout = 5000;
        """;

    private async Task<SqliteLog> OpenLogAsync(SqliteConnection writer, CancellationToken cancellationToken)
    {
        // Kept until the end: on POSIX systems closing any handle of a file gives up every lock that SQLite holds on it in this
        // process (How To Corrupt An SQLite Database File, §2.2).
        _handle ??= File.OpenHandle(_file, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        return new SqliteLog(writer, await OpenAsync(SqliteOpenMode.ReadOnly, ReaderPragmas, cancellationToken), _handle);
    }

    private async Task<SqliteConnection> OpenAsync(SqliteOpenMode mode, string pragmas, CancellationToken cancellationToken)
    {
        var text = new SqliteConnectionStringBuilder { DataSource = _file, Mode = mode, Pooling = false }.ToString();
        var connection = new SqliteConnection(text);
        try
        {
            await connection.OpenAsync(cancellationToken);
            await using var command = connection.CreateCommand();
            command.CommandText = pragmas;
            await command.ExecuteNonQueryAsync(cancellationToken);
            return ConnectionFigures.Count(connection);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>Gives the writer's place back when it is closed.</summary>
    private sealed class CountedSession(SqliteSession inner, SqliteDatabase owner) : SqlSession
    {
        private int _closed;

        public override System.Data.Common.DbConnection Connection => inner.Connection;

        public override void Tell(Reach reach) => inner.Tell(reach);

        public override ValueTask BeginAsync(Reach reach, CancellationToken cancellationToken) => inner.BeginAsync(reach, cancellationToken);

        public override ValueTask BeginReadAsync(Reach reach, CancellationToken cancellationToken) => inner.BeginReadAsync(reach, cancellationToken);

        public override ValueTask RunAsync(SqlScript script, CancellationToken cancellationToken) => inner.RunAsync(script, cancellationToken);

        public override ValueTask CommitAsync(SqlScript script, CancellationToken cancellationToken) => inner.CommitAsync(script, cancellationToken);

        public override ValueTask RollbackAsync() => inner.RollbackAsync();

        public override async ValueTask DisposeAsync()
        {
            if (Interlocked.Exchange(ref _closed, 1) == 0)
            {
                await inner.DisposeAsync();
                Interlocked.Decrement(ref owner._writers);
            }
        }
    }
}
