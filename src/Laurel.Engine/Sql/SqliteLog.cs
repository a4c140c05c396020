using Laurel.Kernel;
using Microsoft.Data.Sqlite;
using Microsoft.Win32.SafeHandles;
using SQLitePCL;

namespace Laurel.Engine.Sql;

/// <summary>Copies the write-ahead log into the file in small steps, and has the disk write the file beside the callers, so that
/// none of them waits for a whole checkpoint (docs/adr/0042).</summary>
/// <remarks>
/// <para>A checkpoint copies no further than the oldest reader looks, and SQLite has the disk write the file only when a checkpoint
/// reaches the end of the log (wal.c, <c>walCheckpoint</c>). A reader of our own, the marker, is kept a little behind the end, so
/// that steps only copy. When the log is long enough the file is flushed by another thread; the marker is let go, and one last
/// checkpoint finds little left to flush. Then, as ever, the next write begins the log anew.</para>
/// <para>Until that last checkpoint the log is whole and on the disk: whatever of the file a power cut loses is replayed from it.</para>
/// <para>Used by the writer alone, between its transactions.</para>
/// </remarks>
internal sealed class SqliteLog : IAsyncDisposable
{
    /// <summary>Flushes that may chase a writer who is as fast as the disk, before the last checkpoint is made whatever is left.</summary>
    private const int FlushesMax = 4;

    private readonly sqlite3 _writer;
    private readonly SqliteConnection _marker;
    private readonly SafeFileHandle _file;
    private long _length;
    private long _sinceStep;
    private long _sinceFlush;
    private int _flushes;
    private bool _marked;
    private Task? _flush;

    /// <param name="marker">Reads only; closed with this object.</param>
    /// <param name="file">The database file, open for writing for as long as any connection to it is.</param>
    public SqliteLog(SqliteConnection writer, SqliteConnection marker, SafeFileHandle file)
    {
        (_writer, _marker, _file) = (writer.Handle!, marker, file);
    }

    /// <summary>Pages written between two steps: some 4 ms of copying.</summary>
    public int StepPages { get; init; } = 1_000;

    /// <summary>Pages of a log that is long enough to begin anew: 64 MiB. Longer ones spare the disk pages that change again and
    /// again, and take longer to replay after a crash.</summary>
    public int LogPages { get; init; } = 32_768;

    /// <summary>Pages that the last checkpoint may flush while callers wait.</summary>
    public int LastPages { get; init; } = 600;

    /// <summary>Does what is due. To be called between two transactions of the writer.</summary>
    /// <exception cref="SqliteException">When the disk failed, with <c>SQLITE_IOERR</c>.</exception>
    public void Advance()
    {
        var pages = TakePagesWritten();
        _length += pages;
        _sinceStep += pages;
        _sinceFlush += pages;
        if (_flush is { IsCompleted: true })
        {
            EndFlush();
        }

        if (_sinceStep >= StepPages)
        {
            Step();
            if (_length >= LogPages && _flush is null)
            {
                BeginFlush();
            }
        }
    }

    /// <summary>To be called before the writer is closed, which must not be when it throws: closing the last connection flushes the
    /// file once more and removes the log, and after a failed flush a second one succeeds although pages are lost.</summary>
    /// <exception cref="SqliteException">When the disk failed.</exception>
    public async ValueTask DisposeAsync()
    {
        if (_flush is { } flush)
        {
            await Task.WhenAny(flush);
            RequireFlushed(flush);
        }

        // With it goes its transaction.
        await _marker.DisposeAsync();
    }

    private void Step()
    {
        if (_marked)
        {
            Checkpoint();
            Mark("COMMIT");
        }

        Mark("BEGIN; SELECT 1 FROM sqlite_master LIMIT 1");
        (_marked, _sinceStep) = (true, 0);
    }

    private void BeginFlush()
    {
        _sinceFlush = 0;
        // It blocks, and a thread of the pool that blocks is one that answers nobody.
        _flush = Task.Factory.StartNew(() => RandomAccess.FlushToDisk(_file), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    private void EndFlush()
    {
        // One that failed stays, so that the log is never closed as if nothing had happened.
        RequireFlushed(_flush!);
        _flush = null;
        if (_sinceFlush > LastPages && ++_flushes < FlushesMax)
        {
            Step();
            BeginFlush();
            return;
        }

        Mark("COMMIT");
        (_marked, _sinceStep) = (false, 0);
        var copiedAll = Checkpoint();
        _flushes = 0;

        // Where another reader is in the way, the log grows on and this is tried again a quarter of a log later.
        _length = copiedAll ? 0 : LogPages - (LogPages / 4);
    }

    private static void RequireFlushed(Task flush)
    {
        if (flush.Exception?.GetBaseException() is { } failure)
        {
            throw new SqliteException($"The database file could not be flushed: {failure.Message}", raw.SQLITE_IOERR, raw.SQLITE_IOERR_FSYNC);
        }
    }

    /// <returns>Whether nothing of the log is left to copy.</returns>
    private bool Checkpoint()
    {
        var result = raw.sqlite3_wal_checkpoint_v2(_writer, "main", raw.SQLITE_CHECKPOINT_PASSIVE, out var frames, out var copied);
        if (result is not (raw.SQLITE_OK or raw.SQLITE_BUSY))
        {
            throw Failure(_writer, result);
        }

        return result == raw.SQLITE_OK && frames == copied;
    }

    private int TakePagesWritten()
    {
        var result = raw.sqlite3_db_status(_writer, raw.SQLITE_DBSTATUS_CACHE_WRITE, out var pages, out _, resetFlg: 1);
        Invariant.Require(result == raw.SQLITE_OK, "SQLite counts the pages it writes.");
        return pages;
    }

    private void Mark(string sql)
    {
        if (raw.sqlite3_exec(_marker.Handle!, sql) is not raw.SQLITE_OK and var result)
        {
            throw Failure(_marker.Handle!, result);
        }
    }

    private static SqliteException Failure(sqlite3 connection, int result) =>
        new(raw.sqlite3_errmsg(connection).utf8_to_string(), result & 0xFF, raw.sqlite3_extended_errcode(connection));
}
