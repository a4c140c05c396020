using System.Diagnostics;
using Laurel.Bench.Load;
using Npgsql;

namespace Laurel.Bench.Servers;

/// <summary>A PostgreSQL of our own with durable commits; it and its files are gone when it is disposed.</summary>
internal sealed class PostgresProcess : IAsyncDisposable
{
    private const string Superuser = "postgres";
    private const string BinariesRoot = "/usr/lib/postgresql";
    private static readonly TimeSpan s_stepTimeMax = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan s_statementTimeMax = TimeSpan.FromMinutes(5);

    private readonly ChildProcess _process;
    private readonly string _folder;

    private PostgresProcess(ChildProcess process, string folder, int port)
    {
        (_process, _folder, Port) = (process, folder, port);
    }

    public int Port { get; }

    /// <summary>The newest installed version's folder of programs.</summary>
    /// <exception cref="BenchException">PostgreSQL is not installed where Debian puts it.</exception>
    public static string Binaries =>
        (Directory.Exists(BinariesRoot) ? Directory.GetDirectories(BinariesRoot) : [])
            .Select(static folder => (Folder: folder, Version: Path.GetFileName(folder)))
            .Where(static entry => int.TryParse(entry.Version, out _))
            .OrderByDescending(static entry => int.Parse(entry.Version))
            .Select(static entry => Path.Combine(entry.Folder, "bin"))
            .FirstOrDefault(static bin => File.Exists(Path.Combine(bin, "postgres")))
        ?? throw new BenchException($"There is no PostgreSQL in {BinariesRoot}; install the package postgresql.");

    /// <summary>Makes a cluster in a new folder under <paramref name="workFolder"/> and starts it.</summary>
    public static async Task<PostgresProcess> StartAsync(string workFolder, CancellationToken cancellationToken)
    {
        var folder = Path.Combine(workFolder, $"laurel-postgres-{Path.GetRandomFileName()}");
        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        ChildProcess? process = null;
        try
        {
            if (Environment.IsPrivilegedProcess)
            {
                await RunAsync(new ChildProgram { File = "chown", Arguments = [Superuser, folder] }, cancellationToken);
            }

            var data = Path.Combine(folder, "data");
            await RunAsync(
                Program(folder, "initdb", "-D", data, "-A", "trust", "-U", Superuser, "-E", "UTF8", "--locale=C.UTF-8"),
                cancellationToken);
            var port = ChildProcess.FreePort();
            process = ChildProcess.Start(Program(folder, "postgres", Arguments(folder, data, port)));
            var postgres = new PostgresProcess(process, folder, port);
            await postgres.WaitAsync(cancellationToken);
            return postgres;
        }
        catch (Exception)
        {
            await RemoveAsync(process, folder);
            throw;
        }
    }

    public string Url(string database) => $"postgresql://{Superuser}@127.0.0.1:{Port}/{database}";

    /// <summary>The arguments that connect PostgreSQL's own programs.</summary>
    public IReadOnlyList<string> ClientArguments => ["-h", "127.0.0.1", "-p", $"{Port}", "-U", Superuser];

    public Task CreateDatabaseAsync(string name, CancellationToken cancellationToken) =>
        ExecuteAsync(Superuser, $"CREATE DATABASE {name}", cancellationToken);

    /// <summary>Copies a database that nobody is connected to.</summary>
    public Task CopyDatabaseAsync(string source, string name, CancellationToken cancellationToken) =>
        ExecuteAsync(Superuser, $"CREATE DATABASE {name} TEMPLATE {source}", cancellationToken);

    /// <summary>Runs statements of ours, never with anything from outside in them.</summary>
    public Task ExecuteAsync(string database, string sql, CancellationToken cancellationToken) =>
        ExecuteAsync(database, sql, s_statementTimeMax, cancellationToken);

    public async Task ExecuteAsync(string database, string sql, TimeSpan timeMax, CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(database, cancellationToken);
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = (int)timeMax.TotalSeconds };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>The texts of a query of ours with one column.</summary>
    public async Task<IReadOnlyList<string>> ListAsync(string database, string sql, CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(database, cancellationToken);
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = (int)s_statementTimeMax.TotalSeconds };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var found = new List<string>();
        while (await reader.ReadAsync(cancellationToken))
        {
            found.Add(reader.GetString(0));
        }

        return found;
    }

    public async Task<string> VersionAsync(CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(Superuser, cancellationToken);
        return connection.ServerVersion;
    }

    public ValueTask DisposeAsync() => RemoveAsync(_process, _folder);

    private static string[] Arguments(string folder, string data, int port)
    {
        string[] settings =
        [
            $"port={port}",
            "listen_addresses=127.0.0.1",
            $"unix_socket_directories={folder}",
            "fsync=on",
            "synchronous_commit=on",
            "full_page_writes=on",
            // A quarter of the memory, as the manual advises ("Resource Consumption", shared_buffers).
            $"shared_buffers={GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (4 << 20)}MB",
            "max_wal_size=8GB",
            "checkpoint_timeout=15min",
            "wal_compression=lz4",
            "max_connections=100",
        ];
        return ["-D", data, .. settings.SelectMany(static setting => new[] { "-c", setting })];
    }

    /// <summary>PostgreSQL refuses to run as root; setpriv becomes the program, so that its id is ours to
    /// end.</summary>
    private static ChildProgram Program(string folder, string name, params IReadOnlyList<string> arguments)
    {
        var file = Path.Combine(Binaries, name);
        var asRoot = Environment.IsPrivilegedProcess;
        string[] become = [$"--reuid={Superuser}", $"--regid={Superuser}", "--init-groups", file];
        return new ChildProgram
        {
            File = asRoot ? "setpriv" : file,
            Arguments = asRoot ? [.. become, .. arguments] : arguments,
            Folder = folder,

            // An immediate shutdown: nobody will read these files again.
            EndSignal = Native.SignalQuit,
        };
    }

    private static async Task RunAsync(ChildProgram program, CancellationToken cancellationToken) =>
        (await ChildProcess.RunAsync(program, s_stepTimeMax, cancellationToken))
            .Require($"{program.File} {string.Join(' ', program.Arguments)}");

    private static async ValueTask RemoveAsync(ChildProcess? process, string folder)
    {
        if (process is not null)
        {
            await process.DisposeAsync();
        }

        Directory.Delete(folder, recursive: true);
    }

    private async Task WaitAsync(CancellationToken cancellationToken)
    {
        var startedAt = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                await ExecuteAsync(Superuser, "SELECT 1", cancellationToken);
                return;
            }
            catch (NpgsqlException) when (!_process.HasExited && Stopwatch.GetElapsedTime(startedAt) < s_stepTimeMax)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, cancellationToken);
            }
            catch (NpgsqlException)
            {
                throw new BenchException($"PostgreSQL did not start.\n{_process.Tail}");
            }
        }
    }

    private async Task<NpgsqlConnection> OpenAsync(string database, CancellationToken cancellationToken)
    {
        var settings = new NpgsqlConnectionStringBuilder
        {
            Host = "127.0.0.1",
            Port = Port,
            Username = Superuser,
            Database = database,
            Pooling = false,
            SslMode = SslMode.Disable,
        };
        var connection = new NpgsqlConnection(settings.ConnectionString);
        try
        {
            await connection.OpenAsync(cancellationToken);
            return connection;
        }
        catch (Exception)
        {
            await connection.DisposeAsync();
            throw;
        }
    }
}
