using Laurel.Testing;
using Xunit;

namespace Laurel.ServerTests.Backups;

/// <summary>A MariaDB of its own from Debian's package, asked through its own client.</summary>
internal sealed class ThrowAwayMariaDb : IAsyncDisposable
{
    private const string Server = "/usr/sbin/mariadbd";
    private const string Missing = "MariaDB is not here";
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);

    private static readonly string[] s_become = Environment.IsPrivilegedProcess ? ["--user=mysql"] : [];

    private readonly string _folder;
    private readonly int _port;
    private ChildProcess? _process;
    private ThrowAwayMariaDb? _replica;

    private ThrowAwayMariaDb(string folder, int port) => (_folder, _port) = (folder, port);

    /// <summary>Starts one with a user <c>laurel</c> who may do everything. Skips or fails the test where it is not installed.</summary>
    public static async Task<ThrowAwayMariaDb> StartAsync(string password, CancellationToken cancellationToken)
    {
        Require();
        var folder = Directory.CreateTempSubdirectory("laurel-mariadb-").FullName;
        var mariaDb = new ThrowAwayMariaDb(folder, ChildProcess.FreePort());
        try
        {
            if (Environment.IsPrivilegedProcess)
            {
                await RunAsync("chown", ["mysql", folder], cancellationToken);
            }

            await RunAsync(
                "mariadb-install-db",
                ["--no-defaults", "--datadir=" + mariaDb.Data, "--auth-root-authentication-method=normal", "--skip-test-db", .. s_become],
                cancellationToken);
            await mariaDb.StartAgainAsync(cancellationToken);
            var quoted = password.Replace("\\", "\\\\").Replace("'", "\\'");
            await mariaDb.AskAsync($"CREATE USER laurel IDENTIFIED BY '{quoted}'; GRANT ALL ON *.* TO laurel", cancellationToken);
            return mariaDb;
        }
        catch (Exception)
        {
            await mariaDb.DisposeAsync();
            throw;
        }
    }

    /// <summary>The address of a database for <c>laurel</c>.</summary>
    public string UrlOf(string database, string password) =>
        $"mysql://laurel:{Uri.EscapeDataString(password)}@127.0.0.1:{_port}/{database}";

    /// <summary>Asks as root.</summary>
    public async Task<string> AskAsync(string sql, CancellationToken cancellationToken) =>
        (await RunAsync("mariadb", [.. Client, "--default-character-set=utf8mb4", "--batch", "--skip-column-names", "--execute=" + sql], cancellationToken)).Output;

    /// <summary>Starts a replica that follows this server from now on, and serves readers alone; it ends with it.</summary>
    public async Task<ThrowAwayMariaDb> FollowAsync(string password, CancellationToken cancellationToken)
    {
        _replica = await StartAsync(password, cancellationToken);
        await AskAsync("RESET MASTER", cancellationToken);
        var source = $"MASTER_HOST = '127.0.0.1', MASTER_PORT = {_port}, MASTER_USER = 'laurel', MASTER_PASSWORD = '{password}'";
        await _replica.AskAsync($"RESET MASTER; CHANGE MASTER TO {source}, MASTER_USE_GTID = no; START SLAVE; SET GLOBAL read_only = 1", cancellationToken);
        return _replica;
    }

    /// <summary>SIGKILL: it has no time to write anything down.</summary>
    public async Task KillAsync(CancellationToken cancellationToken)
    {
        _process!.Kill();
        await _process.WaitAsync(cancellationToken);
        await _process.DisposeAsync();
        _process = null;
    }

    /// <summary>Starts it on the same port and data; returns when it accepts connections. What is committed outlives the process: it
    /// is with the system, if not on the disk.</summary>
    public async Task StartAgainAsync(CancellationToken cancellationToken)
    {
        _process = ChildProcess.Start(new ChildProgram
        {
            File = Server,
            Arguments =
            [
                "--no-defaults", "--datadir=" + Data, $"--port={_port}", "--bind-address=127.0.0.1",
                "--socket=" + Path.Combine(_folder, "socket"), "--innodb-flush-log-at-trx-commit=2",
                $"--server-id={_port}", "--log-bin=" + Path.Combine(_folder, "log"), "--binlog-format=ROW", "--sync-binlog=0", .. s_become,
            ],
        });
        await WaitAsync(cancellationToken);
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

    private string Data => Path.Combine(_folder, "data");

    private string[] Client => ["--no-defaults", "--protocol=socket", "--socket=" + Path.Combine(_folder, "socket"), "--user=root"];

    private static void Require()
    {
        if (!File.Exists(Server))
        {
            Assert.False(
                Environment.GetEnvironmentVariable("LAUREL_REQUIRE_SERVERS") == "1",
                Missing + ", and LAUREL_REQUIRE_SERVERS asks for it.");
            Assert.Skip(Missing);
        }
    }

    private async Task WaitAsync(CancellationToken cancellationToken)
    {
        var startedAt = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var outcome = await ChildProcess.RunAsync(new ChildProgram { File = "mariadb", Arguments = [.. Client, "--execute=SELECT 1"] }, cancellationToken);
            if (outcome.ExitCode == 0)
            {
                return;
            }

            Assert.False(
                _process!.HasExited || TimeProvider.System.GetElapsedTime(startedAt) > s_patience,
                $"MariaDB did not start: {outcome.Errors} {_process.Errors}");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, cancellationToken);
        }
    }

    private static async Task<ChildOutcome> RunAsync(string file, IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        var outcome = await ChildProcess.RunAsync(new ChildProgram { File = file, Arguments = arguments }, cancellationToken);
        Assert.True(outcome.ExitCode == 0, $"{file} ended with {outcome.ExitCode}: {outcome.Errors}");
        return outcome;
    }
}
