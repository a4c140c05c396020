using System.Diagnostics;

namespace Laurel.Bench.Servers;

/// <summary>A MariaDB of our own with durable commits; it and its files are gone when it is disposed.</summary>
internal sealed class MariaDbProcess : IAsyncDisposable
{
    private const string Program = "/usr/sbin/mariadbd";
    private const string Client = "mariadb";
    private static readonly TimeSpan s_stepTimeMax = TimeSpan.FromMinutes(5);

    private readonly ChildProcess _process;
    private readonly string _folder;
    private readonly int _port;

    private MariaDbProcess(ChildProcess process, string folder, int port)
    {
        (_process, _folder, _port) = (process, folder, port);
    }

    private string[] ClientArguments => ["--no-defaults", "--protocol=tcp", "-h", "127.0.0.1", "-P", $"{_port}", "-u", "root"];

    /// <summary>Makes a server in a new folder under <paramref name="workFolder"/> and starts it.</summary>
    /// <exception cref="BenchException">MariaDB is not installed where Debian puts it.</exception>
    public static async Task<MariaDbProcess> StartAsync(string workFolder, CancellationToken cancellationToken)
    {
        _ = File.Exists(Program) ? Program : throw new BenchException($"There is no {Program}; install the package mariadb-server.");
        var folder = Path.Combine(workFolder, $"laurel-mariadb-{Path.GetRandomFileName()}");
        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        ChildProcess? process = null;
        try
        {
            string[] common = ["--no-defaults", $"--datadir={Path.Combine(folder, "data")}", .. Environment.IsPrivilegedProcess ? ["--user=root"] : Array.Empty<string>()];
            await RunAsync("mariadb-install-db", [.. common, "--auth-root-authentication-method=normal", "--skip-test-db"], cancellationToken);
            var port = ChildProcess.FreePort();
            process = ChildProcess.Start(new ChildProgram { File = Program, Arguments = [.. common, .. Arguments(folder, port)], Folder = folder });
            var server = new MariaDbProcess(process, folder, port);
            await server.WaitAsync(cancellationToken);
            return server;
        }
        catch (Exception)
        {
            await RemoveAsync(process, folder);
            throw;
        }
    }

    public string Url(string database) => $"mysql://root@127.0.0.1:{_port}/{database}";

    public Task CreateDatabaseAsync(string name, CancellationToken cancellationToken) =>
        RunAsync(Client, [.. ClientArguments, "-e", $"CREATE DATABASE {name}"], cancellationToken);

    /// <summary>Copies a database that nobody writes to.</summary>
    public async Task CopyDatabaseAsync(string source, string name, CancellationToken cancellationToken)
    {
        await CreateDatabaseAsync(name, cancellationToken);
        var client = string.Join(' ', ClientArguments);
        await RunAsync("bash", ["-o", "pipefail", "-c", $"mariadb-dump {client} --single-transaction {source} | {Client} {client} {name}"], cancellationToken);
    }

    public ValueTask DisposeAsync() => RemoveAsync(_process, _folder);

    private static string[] Arguments(string folder, int port) =>
    [
        $"--port={port}",
        "--bind-address=127.0.0.1",
        $"--socket={folder}/socket",
        $"--pid-file={folder}/pid",
        "--skip-name-resolve",
        "--innodb-flush-log-at-trx-commit=1",
        "--innodb-buffer-pool-size=512M",
        "--innodb-log-file-size=1G",
    ];

    private static async Task RunAsync(string program, IReadOnlyList<string> arguments, CancellationToken cancellationToken) =>
        (await ChildProcess.RunAsync(new ChildProgram { File = program, Arguments = arguments }, s_stepTimeMax, cancellationToken))
            .Require($"{program} {string.Join(' ', arguments)}");

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
            var ping = new ChildProgram { File = Client, Arguments = [.. ClientArguments, "-e", "SELECT 1"] };
            if ((await ChildProcess.RunAsync(ping, s_stepTimeMax, cancellationToken)).ExitCode == 0)
            {
                return;
            }

            if (_process.HasExited || Stopwatch.GetElapsedTime(startedAt) > s_stepTimeMax)
            {
                throw new BenchException($"MariaDB did not start.\n{_process.Tail}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, cancellationToken);
        }
    }
}
