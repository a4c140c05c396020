using System.Diagnostics;
using MySql.Data.MySqlClient;
using Xunit;

namespace Laurel.Testing;

/// <summary>A MariaDB or MySQL to test on; it starts when the first database is asked for.</summary>
/// <remarks>The environment variable <c>LAUREL_TEST_MYSQL</c> (<c>mysql://root@host:port/mysql</c>) names a running one. Otherwise,
/// where Debian's package has put <c>mariadbd</c>, a throw-away server is started; it and its files are gone when this is disposed.</remarks>
public sealed class MySqlServer : IAsyncDisposable
{
    /// <summary>Why tests are skipped where there is none.</summary>
    public const string Missing = "MariaDB is not here";

    private const string Program = "/usr/sbin/mariadbd";
    private const string Installer = "/usr/bin/mariadb-install-db";
    private static readonly TimeSpan s_startTimeMax = TimeSpan.FromMinutes(2);

    private static int s_databases;

    private readonly SemaphoreSlim _starting = new(1);
    private ChildProcess? _process;
    private string? _folder;
    private Uri? _url;

    /// <summary>Whether tests on MySQL can run: skips the test that asks when not, or fails it when
    /// <c>LAUREL_REQUIRE_SERVERS=1</c>.</summary>
    public static void Require()
    {
        if (Environment.GetEnvironmentVariable("LAUREL_TEST_MYSQL") is { Length: > 0 } || File.Exists(Program))
        {
            return;
        }

        Assert.False(
            Environment.GetEnvironmentVariable("LAUREL_REQUIRE_SERVERS") == "1",
            Missing + ", and LAUREL_REQUIRE_SERVERS asks for it.");
        Assert.Skip(Missing);
    }

    /// <summary>Makes an empty database. Skips or fails the test where there is no server, as <see cref="Require"/>.</summary>
    /// <returns>Its address, in the form of <c>DATABASE_URL</c>.</returns>
    public async Task<string> CreateDatabaseAsync(CancellationToken cancellationToken)
    {
        Require();
        var server = await StartedAsync(cancellationToken);
        var name = $"laurel_test_{Environment.ProcessId}_{Interlocked.Increment(ref s_databases)}";
        Execute(server, $"DROP DATABASE IF EXISTS {name}");
        Execute(server, $"CREATE DATABASE {name}");
        return new UriBuilder(server) { Path = name }.Uri.AbsoluteUri;
    }

    /// <summary>Removes a database that <see cref="CreateDatabaseAsync"/> made.</summary>
    public async Task DropDatabaseAsync(string url, CancellationToken cancellationToken) =>
        Execute(await StartedAsync(cancellationToken), $"DROP DATABASE IF EXISTS {new Uri(url).AbsolutePath.TrimStart('/')}");

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }

        if (_folder is not null)
        {
            Directory.Delete(_folder, recursive: true);
        }

        _starting.Dispose();
    }

    /// <summary>A connection without a pool to a database by its address.</summary>
    public static MySqlConnection Connect(Uri url)
    {
        var user = url.UserInfo.Split(':', 2);
        var settings = new MySqlConnectionStringBuilder
        {
            Server = url.Host,
            Port = (uint)url.Port,
            UserID = Uri.UnescapeDataString(user[0]),
            Password = user.Length == 2 ? Uri.UnescapeDataString(user[1]) : "",
            Database = url.AbsolutePath.TrimStart('/'),
            CharacterSet = "utf8mb4",
            Pooling = false,
            SslMode = MySqlSslMode.Preferred,
        };
        var connection = new MySqlConnection(settings.ConnectionString);
        try
        {
            connection.Open();
            // The driver knows no utf8mb3 results, in which the server tells its warnings.
            using var command = new MySqlCommand("SET character_set_results = utf8mb4", connection);
            command.ExecuteNonQuery();
            return connection;
        }
        catch (Exception)
        {
            connection.Dispose();
            throw;
        }
    }

    private async Task<Uri> StartedAsync(CancellationToken cancellationToken)
    {
        await _starting.WaitAsync(cancellationToken);
        try
        {
            return _url ??= Environment.GetEnvironmentVariable("LAUREL_TEST_MYSQL") is { Length: > 0 } running
                ? new Uri(running)
                : await StartAsync(cancellationToken);
        }
        finally
        {
            _starting.Release();
        }
    }

    private async Task<Uri> StartAsync(CancellationToken cancellationToken)
    {
        _folder = Directory.CreateTempSubdirectory("laurel-mariadb-").FullName;
        var data = Path.Combine(_folder, "data");
        string[] common = ["--no-defaults", $"--datadir={data}", $"--tmpdir={_folder}", .. Environment.IsPrivilegedProcess ? ["--user=root"] : Array.Empty<string>()];
        var made = await ChildProcess.RunAsync(
            new ChildProgram { File = Installer, Arguments = [.. common, "--auth-root-authentication-method=normal", "--skip-test-db"], Folder = _folder },
            cancellationToken);
        Assert.True(made.ExitCode == 0, $"mariadb-install-db ended with {made.ExitCode}: {made.Output} {made.Errors}");
        var port = ChildProcess.FreePort();
        _process = ChildProcess.Start(new ChildProgram { File = Program, Arguments = [.. common, .. Arguments(_folder, port)], Folder = _folder });
        var url = new Uri($"mysql://root@127.0.0.1:{port}/mysql");
        await WaitAsync(url, _process, cancellationToken);
        return url;
    }

    /// <summary>Durability is off: no test pulls the plug of the database, only of Laurel.</summary>
    private static string[] Arguments(string folder, int port) =>
    [
        $"--port={port}",
        "--bind-address=127.0.0.1",
        $"--socket={folder}/socket",
        $"--pid-file={folder}/pid",
        "--skip-name-resolve",
        "--max-connections=400",
        "--innodb-flush-log-at-trx-commit=0",
        "--innodb-flush-method=nosync",
    ];

    private static async Task WaitAsync(Uri url, ChildProcess process, CancellationToken cancellationToken)
    {
        var startedAt = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                Execute(url, "SELECT 1");
                return;
            }
            catch (MySqlException exception)
            {
                var waited = Stopwatch.GetElapsedTime(startedAt);
                Assert.False(
                    process.HasExited || waited > s_startTimeMax,
                    $"MariaDB did not start: {exception.Message} {process.Errors}");
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, cancellationToken);
            }
        }
    }

    private static void Execute(Uri url, string sql)
    {
        using var connection = Connect(url);
        using var command = new MySqlCommand(sql, connection);
        command.ExecuteNonQuery();
    }
}
