using Laurel.Engine.Sql;
using Microsoft.Data.Sqlite;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Engine;

/// <summary>The log of SQLite under a writer who never rests: copied in steps, flushed beside it, begun anew.</summary>
public sealed class SqliteLogTests : IDisposable
{
    private const int PageBytes = 2_048;
    private const int LogPages = 400;
    private const int RowsOfTransaction = 10;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("laurel-log-");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string File => Path.Combine(_folder.FullName, "log.db");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task BeginsAnew_When_ItIsLong()
    {
        await using var writer = new Writer(File);

        for (var i = 0; i < 1_000; i++)
        {
            await writer.WriteAsync(Cancellation);
        }

        // Each transaction writes some thirteen pages; without a new beginning there would be over ten thousand in the log.
        writer.PagesInLogMax.ShouldBeLessThan(LogPages * 8);
        writer.Rows.ShouldBe(1_000 * RowsOfTransaction);
        writer.Findings().ShouldBe("ok");
    }

    [Fact]
    public async Task LosesNothing_When_TheProcessEndsBetweenAnyTwoSteps()
    {
        await using var writer = new Writer(File);
        for (var i = 1; i <= 300; i++)
        {
            await writer.WriteAsync(Cancellation);
            if (i % 7 == 0)
            {
                var copy = Path.Combine(_folder.FullName, $"copy-{i}.db");
                System.IO.File.Copy(File, copy);
                System.IO.File.Copy(File + "-wal", copy + "-wal");
                await using var found = new SqliteConnection($"Data Source={copy};Pooling=False");
                await found.OpenAsync(Cancellation);
                Scalar(found, "SELECT count(*) FROM rows").ShouldBe(i * RowsOfTransaction);
                Scalar(found, "PRAGMA quick_check").ShouldBe("ok");
            }
        }
    }

    [Fact]
    public async Task GrowsOnAndBeginsAnewLater_When_AReaderStandsStill()
    {
        await using var writer = new Writer(File);
        await writer.WriteAsync(Cancellation);
        await using var reader = new SqliteConnection($"Data Source={File};Mode=ReadOnly;Pooling=False");
        await reader.OpenAsync(Cancellation);
        Scalar(reader, "BEGIN; SELECT count(*) FROM rows").ShouldBe(RowsOfTransaction);
        for (var i = 0; i < 200; i++)
        {
            await writer.WriteAsync(Cancellation);
        }

        Scalar(reader, "SELECT count(*) FROM rows").ShouldBe(RowsOfTransaction);
        var grown = writer.PagesInLogMax;
        grown.ShouldBeGreaterThan(LogPages * 2);
        Scalar(reader, "COMMIT; SELECT count(*) FROM rows").ShouldBe(201 * RowsOfTransaction);
        for (var i = 0; i < 1_000; i++)
        {
            await writer.WriteAsync(Cancellation);
        }

        writer.PagesInLogMax.ShouldBeLessThan(grown + (LogPages * 8));
        writer.Findings().ShouldBe("ok");
    }

    [Fact]
    public async Task StopsTheWriterForGood_When_TheFileCannotBeFlushed()
    {
        var writer = new Writer(File);
        writer.BreakFlush();

        var failure = await Should.ThrowAsync<SqliteException>(async () =>
        {
            for (var i = 0; i < 1_000; i++)
            {
                await writer.WriteAsync(Cancellation);
            }
        });

        await using var database = new SqliteDatabase(File, readOnly: true);
        database.Classify(failure).ShouldBe(SqlFailure.DiskFailed);
        writer.Findings().ShouldBe("ok");
        writer.Abandon();
    }

    private static object Scalar(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar() is long number ? (int)number : command.ExecuteScalar()!;
    }

    /// <summary>Writes rows to places that lie far apart, as members do.</summary>
    private sealed class Writer : IAsyncDisposable
    {
        private readonly SqliteConnection _connection;
        private readonly SqliteConnection _marker;
        private readonly Microsoft.Win32.SafeHandles.SafeFileHandle _handle;
        private readonly SqliteLog _log;
        private readonly string _file;
        private readonly Random _random = new(42);

        public Writer(string file)
        {
            _file = file;
            _connection = Open($"Data Source={file};Pooling=False");
            Scalar(_connection, $"PRAGMA page_size = {PageBytes}; PRAGMA journal_mode = WAL");
            Scalar(_connection, "PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0; SELECT 1");
            Scalar(_connection, "CREATE TABLE rows (id INTEGER PRIMARY KEY, body BLOB NOT NULL); SELECT 1");
            _marker = Open($"Data Source={file};Mode=ReadOnly;Pooling=False");
            _handle = System.IO.File.OpenHandle(file, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
            _log = new SqliteLog(_connection, _marker, _handle) { StepPages = 40, LogPages = LogPages, LastPages = 30 };
        }

        public int PagesInLogMax => (int)(new FileInfo(_file + "-wal").Length / PageBytes);

        public int Rows => (int)Scalar(_connection, "SELECT count(*) FROM rows");

        public async Task WriteAsync(CancellationToken cancellationToken)
        {
            _log.Advance();
            await using var transaction = await _connection.BeginTransactionAsync(cancellationToken);
            for (var row = 0; row < RowsOfTransaction; row++)
            {
                await using var command = _connection.CreateCommand();
                command.CommandText = "INSERT INTO rows (id, body) VALUES ($id, zeroblob(700))";
                command.Parameters.AddWithValue("$id", _random.NextInt64());
                await command.ExecuteNonQueryAsync(cancellationToken);
            }

            await transaction.CommitAsync(cancellationToken);
        }

        public void BreakFlush() => _handle.Dispose();

        /// <summary>Closes the connections without the log, as the end of a process does.</summary>
        public void Abandon()
        {
            _marker.Dispose();
            _connection.Dispose();
        }

        public object Findings() => Scalar(_connection, "PRAGMA integrity_check");

        public async ValueTask DisposeAsync()
        {
            await _log.DisposeAsync();
            await _connection.DisposeAsync();
            _handle.Dispose();
        }

        private static SqliteConnection Open(string text)
        {
            var connection = new SqliteConnection(text);
            connection.Open();
            return connection;
        }
    }
}
