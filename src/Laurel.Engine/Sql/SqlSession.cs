using System.Data.Common;
using Laurel.Engine.Telemetry;

namespace Laurel.Engine.Sql;

/// <summary>One connection of a lane or of a reader, with its prepared statements. Not thread-safe.</summary>
public abstract class SqlSession : IAsyncDisposable
{
    /// <summary>The connection beneath, for what needs no batch: migrations and administration.</summary>
    public abstract DbConnection Connection { get; }

    /// <summary>Says whose rows the scripts from the next one on reach, outside of transactions. Costs no trip of its own. Until such a script has run,
    /// <see cref="Connection"/> is not to be used.</summary>
    public abstract void Tell(Reach reach);

    /// <summary>Opens a transaction that may write.</summary>
    /// <param name="reach">Whose rows it reaches, whatever the session does outside of it.</param>
    public abstract ValueTask BeginAsync(Reach reach, CancellationToken cancellationToken);

    /// <summary>Opens a transaction that sees one moment of the database, locks nothing and ends with <see cref="RollbackAsync"/>.</summary>
    /// <param name="reach">Whose rows it reaches, whatever the session does outside of it.</param>
    public abstract ValueTask BeginReadAsync(Reach reach, CancellationToken cancellationToken);

    /// <summary>Runs the statements in order. Each sees what was committed when it began, and the ones before it.</summary>
    public abstract ValueTask RunAsync(SqlScript script, CancellationToken cancellationToken);

    /// <summary>Runs the last statements of a transaction and commits it. After an exception the fate of the
    /// transaction is what <see cref="Database.Classify"/> says of it.</summary>
    public abstract ValueTask CommitAsync(SqlScript script, CancellationToken cancellationToken);

    public abstract ValueTask RollbackAsync();

    public abstract ValueTask DisposeAsync();
}

/// <summary>What an exception of the database means for the batch it met.</summary>
public enum SqlFailure
{
    /// <summary>Deadlock, serialization, lock timeout: nothing was committed, the whole batch may be tried again.</summary>
    Transient,

    /// <summary>A unique key was taken by another node since it was looked up: try again, the look-up will see it.</summary>
    KeyRace,

    /// <summary>A value the database refuses: nothing was committed, one command of the batch is to blame.</summary>
    Data,

    /// <summary>The connection broke: whether the transaction was committed is not known.</summary>
    Unknown,

    /// <summary>The database cannot carry it out now (shutting down, no connections left); nothing was committed.</summary>
    Unavailable,

    /// <summary>The database takes no writes (a replica, set to read-only, full) and still answers reads; nothing was committed.</summary>
    ReadOnly,

    /// <summary>The disk under this process failed while it wrote: what was written may or may not be on it, and no later answer
    /// of the same process proves anything (a second fsync succeeds although the pages are lost). The process has to end.</summary>
    DiskFailed,

    /// <summary>Anything else: a fault of ours; nothing was committed.</summary>
    Fault,
}

/// <summary>A database of one dialect: opens sessions and tells its failures apart.</summary>
public abstract class Database : IAsyncDisposable
{
    /// <summary>Connections for reads that a node opens at the most, unless it is told otherwise.</summary>
    public const int ReadersMaxDefault = 20;

    /// <summary>Seconds that opening a connection, or waiting for one of a pool, may take. After them its caller is told.</summary>
    protected const int ConnectSecondsMax = 5;

    public abstract string DialectName { get; }

    /// <summary>Times what is asked of this database. Set once, by the host, before it is used.</summary>
    public StatementTimes Times { get; set; } = StatementTimes.Unwatched;

    /// <summary>A session that writes. SQLite has one only; the others one for each lane.</summary>
    /// <param name="reach">Whose rows it reaches outside of transactions, which say it for themselves.</param>
    public abstract ValueTask<SqlSession> OpenWriterAsync(Reach reach, CancellationToken cancellationToken);

    /// <summary>A session for <see cref="SqlSession.BeginReadAsync"/>: finds rows by their keys, with the settings of a lane.</summary>
    /// <param name="reach">Whose rows it reaches outside of transactions, which say it for themselves.</param>
    public virtual ValueTask<SqlSession> OpenQuestionerAsync(Reach reach, CancellationToken cancellationToken) => OpenWriterAsync(reach, cancellationToken);

    /// <summary>A session that only reads, outside any transaction.</summary>
    /// <param name="reach">Whose rows it reaches.</param>
    public abstract ValueTask<SqlSession> OpenReaderAsync(Reach reach, CancellationToken cancellationToken);

    /// <summary>A session of whoever owns the tables: for what changes the schema, and for what was detached from it. It reaches everything,
    /// so no call of anybody is answered with it.</summary>
    public abstract ValueTask<SqlSession> OpenOwnerAsync(CancellationToken cancellationToken);

    public abstract SqlFailure Classify(Exception exception);

    /// <summary>Whether an exception means that the database cannot be asked now, so that another one may answer instead.</summary>
    public bool IsOutage(Exception exception) => exception is ReadUnavailableException
        || (exception is not OperationCanceledException && Classify(exception) is SqlFailure.Unknown or SqlFailure.Unavailable or SqlFailure.Transient);

    /// <summary>Closes the idle connections of the pools, and those in use as they come back: after the server was away all of
    /// them are dead, and each would cost a caller its answer.</summary>
    public virtual void ForgetConnections()
    {
    }

    /// <summary>The dialect's text of three that mean the same.</summary>
    public abstract string Choose(string sqlite, string postgres, string mySql);

    public abstract ValueTask DisposeAsync();
}
