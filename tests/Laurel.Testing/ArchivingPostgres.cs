using Npgsql;
using Xunit;

namespace Laurel.Testing;

/// <summary>A PostgreSQL of its own that archives its write-ahead log, to be lost and restored to a mark as
/// docs/operate/backup.md says.</summary>
public sealed class ArchivingPostgres : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(50);

    private readonly string _folder;
    private readonly int _port;
    private ChildProcess? _process;

    private ArchivingPostgres(string folder, int port) => (_folder, _port) = (folder, port);

    /// <summary>Where Laurel's database is, before and after.</summary>
    public Uri Url => new($"postgresql://{PostgresCluster.Superuser}@127.0.0.1:{_port}/{PostgresCluster.Superuser}");

    private string Data => Path.Combine(_folder, "data");

    private string Base => Path.Combine(_folder, "base");

    private string Archive => Path.Combine(_folder, "archive");

    /// <summary>Starts one. Skips or fails the test where there are no programs to start it with.</summary>
    public static async Task<ArchivingPostgres> StartAsync(CancellationToken cancellationToken)
    {
        PostgresCluster.RequirePrograms();
        var folder = Directory.CreateTempSubdirectory("laurel-archiving-").FullName;
        var cluster = new ArchivingPostgres(folder, ChildProcess.FreePort());
        try
        {
            Directory.CreateDirectory(cluster.Archive);
            if (Environment.IsPrivilegedProcess)
            {
                string[] owned = [PostgresCluster.Superuser, folder, cluster.Archive];
                await PostgresCluster.RunAsync(new ChildProgram { File = "chown", Arguments = owned }, cancellationToken);
            }

            var options = new[] { "-D", cluster.Data, "-A", "trust", "-U", PostgresCluster.Superuser, "-E", "UTF8", "--locale=C.UTF-8", "-N" };
            await PostgresCluster.RunAsync(PostgresCluster.Program(folder, "initdb", options), cancellationToken);
            await cluster.RunServerAsync(cancellationToken);
            return cluster;
        }
        catch (Exception)
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Takes the base backup: the files, without the log between.</summary>
    public Task TakeBaseAsync(CancellationToken cancellationToken)
    {
        string[] options =
        [
            "--pgdata=" + Base, "--checkpoint=fast", "--wal-method=none", "--no-password",
            "--host=127.0.0.1", $"--port={_port}", "--username=" + PostgresCluster.Superuser,
        ];
        return PostgresCluster.RunAsync(PostgresCluster.Program(_folder, "pg_basebackup", options), cancellationToken);
    }

    /// <summary>Names this moment.</summary>
    public Task MarkAsync(string name, CancellationToken cancellationToken) =>
        PostgresCluster.ExecuteAsync(Url, $"SELECT pg_create_restore_point('{name}')", cancellationToken);

    /// <summary>Returns when all that was written so far is in the archive.</summary>
    public async Task ArchiveAllAsync(CancellationToken cancellationToken)
    {
        await using var connection = await PostgresCluster.ConnectAsync(Url, cancellationToken);
        var last = (string)(await ScalarAsync(connection, "SELECT pg_walfile_name(pg_switch_wal())", cancellationToken))!;
        await UntilAsync(() => Task.FromResult(File.Exists(Path.Combine(Archive, last))), $"{last} is not archived", cancellationToken);
    }

    /// <summary>The machine is lost: the server goes without a word, and its files with it.</summary>
    public async Task LoseAsync(CancellationToken cancellationToken)
    {
        _process!.Kill();
        await _process.WaitAsync(cancellationToken);
        await _process.DisposeAsync();
        _process = null;
        Directory.Delete(Data, recursive: true);
    }

    /// <summary>Restores the base backup and replays the archive up to a mark.</summary>
    public async Task RestoreToAsync(string mark, CancellationToken cancellationToken)
    {
        Directory.Move(Base, Data);
        var settings = $"restore_command = 'cp {Archive}/%f %p'\nrecovery_target_name = '{mark}'\nrecovery_target_action = 'promote'\n";
        await File.AppendAllTextAsync(Path.Combine(Data, "postgresql.auto.conf"), settings, cancellationToken);
        await File.WriteAllTextAsync(Path.Combine(Data, "recovery.signal"), "", cancellationToken);
        await RunServerAsync(cancellationToken);
        await using var connection = await PostgresCluster.ConnectAsync(Url, cancellationToken);
        await UntilAsync(
            async () => !(bool)(await ScalarAsync(connection, "SELECT pg_is_in_recovery()", cancellationToken))!,
            "PostgreSQL does not leave recovery",
            cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }

        Directory.Delete(_folder, recursive: true);
    }

    private async Task RunServerAsync(CancellationToken cancellationToken)
    {
        string[] settings =
        [
            $"port={_port}",
            "listen_addresses=127.0.0.1",
            $"unix_socket_directories={_folder}",
            "wal_level=replica",
            "archive_mode=on",
            $"archive_command=test ! -f {Archive}/%f && cp %p {Archive}/.%f && mv {Archive}/.%f {Archive}/%f",
            "fsync=off",
        ];
        string[] arguments = ["-D", Data, .. settings.SelectMany(setting => new[] { "-c", setting })];
        _process = ChildProcess.Start(PostgresCluster.Program(_folder, "postgres", arguments));
        await PostgresCluster.WaitAsync(Url, _process, cancellationToken);
    }

    private static async Task<object?> ScalarAsync(NpgsqlConnection connection, string query, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(query, connection);
        return await command.ExecuteScalarAsync(cancellationToken);
    }

    private static async Task UntilAsync(Func<Task<bool>> holds, string otherwise, CancellationToken cancellationToken)
    {
        var startedAt = TimeProvider.System.GetTimestamp();
        while (!await holds())
        {
            Assert.False(TimeProvider.System.GetElapsedTime(startedAt) > s_patience, otherwise);
            await Task.Delay(s_pause, TimeProvider.System, cancellationToken);
        }
    }
}
