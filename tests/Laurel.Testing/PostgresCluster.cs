using System.Diagnostics;
using Npgsql;
using Xunit;

namespace Laurel.Testing;

/// <summary>A PostgreSQL to test on, as an assembly or class fixture; it starts when the first database is asked
/// for.</summary>
/// <remarks>The environment variable <c>LAUREL_TEST_POSTGRES</c> (<c>postgresql://superuser@host:port/database</c>)
/// names a running one. Otherwise, where Debian's packages have put the programs, a throw-away cluster is started; it
/// and its files are gone when the fixture is disposed.</remarks>
public sealed class PostgresCluster : IAsyncDisposable
{
    /// <summary>Why tests are skipped where there is no PostgreSQL.</summary>
    public const string Missing = "PostgreSQL is not here";

    /// <summary>The role that tests have sessions take, so that everything is proved behind the wall between tenants.</summary>
    public const string Role = "laurel_test_tenants";

    // Roles are the whole server's, and test programs run side by side.
    private const string MakeRole = $"""
        DO $$ BEGIN
            CREATE ROLE {Role} NOLOGIN;
        EXCEPTION WHEN duplicate_object OR unique_violation THEN
            NULL;
        END $$
        """;

    internal const string Superuser = "postgres";
    private const string BinariesRoot = "/usr/lib/postgresql";
    private static readonly TimeSpan s_startTimeMax = TimeSpan.FromMinutes(2);

    // Of the process and not of the fixture: test classes run side by side, and two of them may share one server.
    private static int s_databases;

    private readonly SemaphoreSlim _starting = new(1);
    private ChildProcess? _process;
    private string? _folder;
    private Uri? _url;

    /// <summary>Whether tests on PostgreSQL can run: skips the test that asks when not, or fails it when
    /// <c>LAUREL_REQUIRE_SERVERS=1</c>.</summary>
    public static void Require()
    {
        if (Environment.GetEnvironmentVariable("LAUREL_TEST_POSTGRES") is { Length: > 0 } || Binaries is not null)
        {
            return;
        }

        Assert.False(
            Environment.GetEnvironmentVariable("LAUREL_REQUIRE_SERVERS") == "1",
            Missing + ", and LAUREL_REQUIRE_SERVERS asks for it.");
        Assert.Skip(Missing);
    }

    /// <summary>The role for a database of this address; null where it is none of PostgreSQL.</summary>
    public static string? RoleOf(string? url) => url?.StartsWith("postgresql:", StringComparison.Ordinal) is true ? Role : null;

    /// <summary>Makes an empty database, whose server knows <see cref="Role"/>. Skips or fails the test where there is no PostgreSQL, as
    /// <see cref="Require"/>.</summary>
    /// <returns>Its address, in the form of <c>DATABASE_URL</c>.</returns>
    public async Task<string> CreateDatabaseAsync(CancellationToken cancellationToken)
    {
        Require();
        var cluster = await StartedAsync(cancellationToken);
        var number = Interlocked.Increment(ref s_databases);
        var name = $"laurel_test_{Environment.ProcessId}_{number}";
        await ExecuteAsync(cluster, $"DROP DATABASE IF EXISTS {name} WITH (FORCE)", cancellationToken);
        await ExecuteAsync(cluster, $"CREATE DATABASE {name}", cancellationToken);
        await MakeRoleAsync(cluster, cancellationToken);
        return new UriBuilder(cluster) { Path = name }.Uri.AbsoluteUri;
    }

    /// <summary>Makes sure that a server knows <see cref="Role"/>.</summary>
    public static Task MakeRoleAsync(Uri url, CancellationToken cancellationToken) => ExecuteAsync(url, MakeRole, cancellationToken);

    /// <summary>Removes a database that <see cref="CreateDatabaseAsync"/> made.</summary>
    public async Task DropDatabaseAsync(string url, CancellationToken cancellationToken)
    {
        var name = new Uri(url).AbsolutePath.TrimStart('/');
        await ExecuteAsync(
            await StartedAsync(cancellationToken),
            $"DROP DATABASE IF EXISTS {name} WITH (FORCE)",
            cancellationToken);
    }

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
    public static async Task<NpgsqlConnection> ConnectAsync(Uri url, CancellationToken cancellationToken)
    {
        var user = url.UserInfo.Split(':', 2);
        var settings = new NpgsqlConnectionStringBuilder
        {
            Host = url.Host,
            Port = url.Port > 0 ? url.Port : 5432,
            Username = Uri.UnescapeDataString(user[0]),
            Password = user.Length == 2 ? Uri.UnescapeDataString(user[1]) : null,
            Database = url.AbsolutePath.TrimStart('/'),
            Pooling = false,
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

    /// <summary>The newest installed version's programs; null where there are none.</summary>
    internal static string? Binaries { get; } =
        (Directory.Exists(BinariesRoot) ? Directory.GetDirectories(BinariesRoot) : [])
            .Where(folder => int.TryParse(Path.GetFileName(folder), out _))
            .OrderByDescending(folder => int.Parse(Path.GetFileName(folder)))
            .Select(folder => Path.Combine(folder, "bin"))
            .FirstOrDefault(bin => File.Exists(Path.Combine(bin, "initdb")));

    private async Task<Uri> StartedAsync(CancellationToken cancellationToken)
    {
        await _starting.WaitAsync(cancellationToken);
        try
        {
            return _url ??= Environment.GetEnvironmentVariable("LAUREL_TEST_POSTGRES") is { Length: > 0 } running
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
        _folder = Directory.CreateTempSubdirectory("laurel-postgres-").FullName;
        if (Environment.IsPrivilegedProcess)
        {
            await RunAsync(new ChildProgram { File = "chown", Arguments = [Superuser, _folder] }, cancellationToken);
        }

        var data = Path.Combine(_folder, "data");
        var options = new[] { "-D", data, "-A", "trust", "-U", Superuser, "-E", "UTF8", "--locale=C.UTF-8", "-N" };
        await RunAsync(Program(_folder, "initdb", options), cancellationToken);
        var port = ChildProcess.FreePort();
        _process = ChildProcess.Start(Program(_folder, "postgres", Arguments(_folder, data, port)));
        var url = new Uri($"postgresql://{Superuser}@127.0.0.1:{port}/{Superuser}");
        await WaitAsync(url, _process, cancellationToken);
        return url;
    }

    /// <summary>Durability is off: no test pulls the plug of the database, only of Laurel.</summary>
    private static string[] Arguments(string folder, string data, int port)
    {
        string[] settings =
        [
            $"port={port}",
            "listen_addresses=127.0.0.1",
            $"unix_socket_directories={folder}",
            "fsync=off",
            "full_page_writes=off",
            "max_connections=200",
        ];
        return ["-D", data, .. settings.SelectMany(setting => new[] { "-c", setting })];
    }

    /// <summary>PostgreSQL refuses to run as root. setpriv becomes the program, so that its id is ours to
    /// end.</summary>
    internal static ChildProgram Program(string folder, string name, params IReadOnlyList<string> arguments)
    {
        var file = Path.Combine(Binaries!, name);
        string[] become = [$"--reuid={Superuser}", $"--regid={Superuser}", "--init-groups", file];
        return new ChildProgram
        {
            File = Environment.IsPrivilegedProcess ? "setpriv" : file,
            Arguments = Environment.IsPrivilegedProcess ? [.. become, .. arguments] : arguments,
            Folder = folder,
            EndSignal = Signals.Quit,
        };
    }

    /// <summary>Whether servers of a test's own can be started: skips the test that asks when not, or fails it when
    /// <c>LAUREL_REQUIRE_SERVERS=1</c>.</summary>
    internal static void RequirePrograms()
    {
        if (Binaries is null)
        {
            Assert.False(
                Environment.GetEnvironmentVariable("LAUREL_REQUIRE_SERVERS") == "1",
                Missing + ", and LAUREL_REQUIRE_SERVERS asks for it.");
            Assert.Skip(Missing);
        }
    }

    internal static async Task RunAsync(ChildProgram program, CancellationToken cancellationToken)
    {
        var outcome = await ChildProcess.RunAsync(program, cancellationToken);
        Assert.True(outcome.ExitCode == 0, $"{program.File} ended with {outcome.ExitCode}: {outcome.Errors}");
    }

    internal static async Task WaitAsync(Uri url, ChildProcess process, CancellationToken cancellationToken)
    {
        var startedAt = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                await ExecuteAsync(url, "SELECT 1", cancellationToken);
                return;
            }
            catch (NpgsqlException exception)
            {
                var waited = Stopwatch.GetElapsedTime(startedAt);
                Assert.False(
                    process.HasExited || waited > s_startTimeMax,
                    $"PostgreSQL did not start: {exception.Message} {process.Errors}");
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, cancellationToken);
            }
        }
    }

    internal static async Task ExecuteAsync(Uri url, string sql, CancellationToken cancellationToken)
    {
        await using var connection = await ConnectAsync(url, cancellationToken);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
