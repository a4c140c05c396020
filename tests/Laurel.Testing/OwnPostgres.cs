using Npgsql;

namespace Laurel.Testing;

/// <summary>A PostgreSQL of one test alone, to be stopped, started again, set to read-only and followed by a streaming
/// replica.</summary>
public sealed class OwnPostgres : IAsyncDisposable
{
    private readonly string _folder;
    private readonly int _port;
    private ChildProcess? _process;
    private OwnPostgres? _replica;

    private OwnPostgres(string folder, int port) => (_folder, _port) = (folder, port);

    /// <summary>Where Laurel's database is, for as long as this lives.</summary>
    public Uri Url => new($"postgresql://{PostgresCluster.Superuser}@127.0.0.1:{_port}/{PostgresCluster.Superuser}");

    private string Data => Path.Combine(_folder, "data");

    /// <summary>Starts one. Skips or fails the test where there are no programs to start it with.</summary>
    public static async Task<OwnPostgres> StartAsync(CancellationToken cancellationToken)
    {
        PostgresCluster.RequirePrograms();
        var server = await FolderAsync(cancellationToken);
        try
        {
            var options = new[] { "-D", server.Data, "-A", "trust", "-U", PostgresCluster.Superuser, "-E", "UTF8", "--locale=C.UTF-8", "-N" };
            await PostgresCluster.RunAsync(PostgresCluster.Program(server._folder, "initdb", options), cancellationToken);
            await server.StartAgainAsync(cancellationToken);
            return server;
        }
        catch (Exception)
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts a replica that follows this server; it ends with it.</summary>
    public async Task<OwnPostgres> FollowAsync(CancellationToken cancellationToken)
    {
        _replica = await FolderAsync(cancellationToken);
        string[] options =
        [
            "--pgdata=" + _replica.Data, "--checkpoint=fast", "--wal-method=stream", "--write-recovery-conf", "--no-password",
            "--host=127.0.0.1", $"--port={_port}", "--username=" + PostgresCluster.Superuser,
        ];
        await PostgresCluster.RunAsync(PostgresCluster.Program(_replica._folder, "pg_basebackup", options), cancellationToken);
        await _replica.StartAgainAsync(cancellationToken);
        return _replica;
    }

    /// <summary>Stops at once, without a word to those who are connected (<c>pg_ctl -m immediate stop</c>).</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        _process!.AskToEnd();
        await _process.WaitAsync(cancellationToken);
        await _process.DisposeAsync();
        _process = null;
    }

    /// <summary>Starts it on the same port and data; returns when it accepts connections.</summary>
    public async Task StartAgainAsync(CancellationToken cancellationToken)
    {
        string[] settings =
        [
            $"port={_port}",
            "listen_addresses=127.0.0.1",
            $"unix_socket_directories={_folder}",
            "fsync=off",
            "max_connections=200",
            // A paused replica lets readers go on, whatever the primary has cleaned up since.
            "hot_standby_feedback=on",
        ];
        string[] arguments = ["-D", Data, .. settings.SelectMany(setting => new[] { "-c", setting })];
        _process = ChildProcess.Start(PostgresCluster.Program(_folder, "postgres", arguments));
        await PostgresCluster.WaitAsync(Url, _process, cancellationToken);
    }

    /// <summary>Asks as superuser.</summary>
    public Task ExecuteAsync(string sql, CancellationToken cancellationToken) => PostgresCluster.ExecuteAsync(Url, sql, cancellationToken);

    public async Task<T> ScalarAsync<T>(string sql, CancellationToken cancellationToken)
    {
        await using var connection = await PostgresCluster.ConnectAsync(Url, cancellationToken);
        await using var command = new NpgsqlCommand(sql, connection);
        return (T)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>Every transaction that begins from now on may read only, as on a primary that was demoted.</summary>
    public async Task SetReadOnlyAsync(bool readOnly, CancellationToken cancellationToken)
    {
        await ExecuteAsync($"ALTER SYSTEM SET default_transaction_read_only = {(readOnly ? "on" : "off")}", cancellationToken);
        await ExecuteAsync("SELECT pg_reload_conf()", cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (_replica is not null)
        {
            await _replica.DisposeAsync();
        }

        if (_process is not null)
        {
            await _process.DisposeAsync();
        }

        Directory.Delete(_folder, recursive: true);
    }

    private static async Task<OwnPostgres> FolderAsync(CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("laurel-own-").FullName;
        if (Environment.IsPrivilegedProcess)
        {
            await PostgresCluster.RunAsync(new ChildProgram { File = "chown", Arguments = [PostgresCluster.Superuser, folder] }, cancellationToken);
        }

        return new OwnPostgres(folder, ChildProcess.FreePort());
    }
}
