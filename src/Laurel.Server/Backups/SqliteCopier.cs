using Dapper;
using Laurel.Engine.Sql;
using Laurel.Server.Hosting;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Laurel.Server.Backups;

/// <summary>Copies an SQLite file page by page through SQLite's own backup interface (https://www.sqlite.org/backup.html).</summary>
/// <remarks>The source is opened read-only inside one read transaction: it neither writes nor checkpoints, so the rule of one
/// writer holds (docs/adr/0003), and the copy is one state however long it takes. Until it is done the server's
/// write-ahead log cannot be emptied past that state and grows.</remarks>
internal sealed class SqliteCopier : DatabaseCopier
{
    private const int StepPages = 2_048;
    private static readonly string[] s_sidecars = ["", "-wal", "-shm"];

    private readonly LaurelSettings _settings;

    static SqliteCopier() => Batteries_V2.Init();

    public SqliteCopier(LaurelSettings settings) => _settings = settings;

    public override string Dialect => "sqlite";

    public override string PartName => Path.GetFileName(_settings.SqliteFile);

    public override async Task<CopiedRows> CopyAsync(string file, IProgress<BackupProgress> progress, CancellationToken cancellationToken)
    {
        if (!File.Exists(_settings.SqliteFile))
        {
            throw new BackupException($"There is no Laurel database at {_settings.SqliteFile}. Start the server once, or name its folder with --data.");
        }

        try
        {
            await using var source = await OpenAsync(_settings.SqliteFile, SqliteOpenMode.ReadOnly, cancellationToken);
            await ExecuteAsync(source, "PRAGMA busy_timeout = 5000; PRAGMA wal_autocheckpoint = 0; BEGIN", cancellationToken);
            var counted = await CountAsync(source, cancellationToken);
            await using var copy = await OpenAsync(file, SqliteOpenMode.ReadWriteCreate, cancellationToken);
            CopyPages(source.Handle!, copy.Handle!, progress, cancellationToken);

            // The copy says of itself that it is in WAL mode. As one file without a log beside it, it can be moved about.
            await ExecuteAsync(copy, "PRAGMA journal_mode = DELETE", cancellationToken);
            progress.Report(new BackupProgress("Checking the copy", 0, 0));
            await RequireSoundAsync(copy, cancellationToken);
            return counted;
        }
        catch (SqliteException exception)
        {
            throw new BackupException($"{_settings.SqliteFile} cannot be copied: {exception.Message}");
        }
    }

    public override Task<string?> OccupantAsync(CancellationToken cancellationToken) =>
        Task.FromResult(File.Exists(_settings.SqliteFile) ? $"There is a database at {_settings.SqliteFile}." : null);

    public override Task<IDisposable?> KeepServersOutAsync(CancellationToken cancellationToken)
    {
        var (taken, holder) = DataLock.TryTake(_settings.DataFolder, "restore");
        return taken is null ? throw new DataInUseException(_settings.DataFolder, holder!) : Task.FromResult<IDisposable?>(taken);
    }

    public override async Task<RestoredDatabase> RestoreAsync(string file, CancellationToken cancellationToken)
    {
        await using (var copy = await OpenAsync(file, SqliteOpenMode.ReadWrite, cancellationToken))
        {
            await RequireSoundAsync(copy, cancellationToken);
        }

        return new Unpacked(_settings, Path.GetDirectoryName(file)!);
    }

    public override Task<RestoredDatabase> RestoreAsideAsync(string file, CancellationToken cancellationToken) =>
        Task.FromResult<RestoredDatabase>(new Unpacked(_settings, Path.GetDirectoryName(file)!));

    public override async Task<CopiedRows> CountAsync(LaurelSettings restored, CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(restored.SqliteFile, SqliteOpenMode.ReadOnly, cancellationToken);
        return await CountAsync(connection, cancellationToken);
    }

    private static void CopyPages(sqlite3 source, sqlite3 copy, IProgress<BackupProgress> progress, CancellationToken cancellationToken)
    {
        using var backup = raw.sqlite3_backup_init(copy, "main", source, "main");
        if (backup.IsInvalid)
        {
            throw new BackupException("The copy cannot be begun: " + raw.sqlite3_errmsg(copy).utf8_to_string());
        }

        int result;
        do
        {
            cancellationToken.ThrowIfCancellationRequested();
            result = raw.sqlite3_backup_step(backup, StepPages);
            var total = raw.sqlite3_backup_pagecount(backup);
            progress.Report(new BackupProgress("Copying the database", total - raw.sqlite3_backup_remaining(backup), total));
        }
        while (result == raw.SQLITE_OK);
        if (result != raw.SQLITE_DONE)
        {
            throw new BackupException("The copy broke off: " + raw.sqlite3_errstr(result).utf8_to_string());
        }
    }

    private static async Task RequireSoundAsync(SqliteConnection connection, CancellationToken cancellationToken)
    {
        var check = new CommandDefinition("PRAGMA integrity_check(1)", commandTimeout: 0, cancellationToken: cancellationToken);
        var verdict = await connection.QueryFirstAsync<string>(check);
        if (verdict != "ok")
        {
            throw new BackupException($"SQLite finds the copy broken: {verdict}. The database itself is damaged; restore the last sound backup.");
        }
    }

    private static async Task<CopiedRows> CountAsync(SqliteConnection connection, CancellationToken cancellationToken)
    {
        var rows = await connection.QueryAsync<(string, long)>(new CommandDefinition(CountRows, commandTimeout: 0, cancellationToken: cancellationToken));
        return Gather(rows, exact: true);
    }

    private static async Task<SqliteConnection> OpenAsync(string file, SqliteOpenMode mode, CancellationToken cancellationToken)
    {
        var text = new SqliteConnectionStringBuilder { DataSource = file, Mode = mode, Pooling = false }.ToString();
        var connection = new SqliteConnection(text);
        await connection.OpenAsync(cancellationToken);
        return connection;
    }

    private static Task ExecuteAsync(SqliteConnection connection, string sql, CancellationToken cancellationToken) =>
        connection.ExecuteAsync(new CommandDefinition(sql, commandTimeout: 0, cancellationToken: cancellationToken));

    /// <summary>A database in a folder of its own; keeping it moves it into the data folder.</summary>
    private sealed class Unpacked(LaurelSettings target, string folder) : RestoredDatabase(target with { DataFolder = folder })
    {
        public override Task KeepAsync(CancellationToken cancellationToken)
        {
            // What was there steps aside first and goes last, so that at every moment one of the two is whole on the disk.
            var aside = target.SqliteFile + ".before-restore";
            foreach (var sidecar in s_sidecars.Where(sidecar => File.Exists(target.SqliteFile + sidecar)))
            {
                File.Move(target.SqliteFile + sidecar, aside + sidecar, overwrite: true);
            }

            foreach (var sidecar in s_sidecars.Where(sidecar => File.Exists(Settings.SqliteFile + sidecar)))
            {
                File.Move(Settings.SqliteFile + sidecar, target.SqliteFile + sidecar);
            }

            foreach (var sidecar in s_sidecars)
            {
                File.Delete(aside + sidecar);
            }

            return Task.CompletedTask;
        }

        // The folder belongs to whoever unpacked the archive.
        public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
