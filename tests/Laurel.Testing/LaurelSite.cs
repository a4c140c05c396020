using Xunit;

namespace Laurel.Testing;

/// <summary>One installation: a data folder of its own and, on a server, a database of its own. Servers and verbs run
/// on it, one after the other or together.</summary>
public sealed class LaurelSite : IAsyncDisposable
{
    public const string AdministratorKey = "lk_test_0123456789abcdef0123456789abcdef";

    private readonly DatabaseServers? _cluster;
    private readonly string? _databaseUrl;

    private LaurelSite(DatabaseUnderTest database, DatabaseServers? cluster, string? databaseUrl)
    {
        (Database, _cluster, _databaseUrl) = (database, cluster, databaseUrl);
        DataFolder = Directory.CreateTempSubdirectory("laurel-data-").FullName;
    }

    /// <summary>What <c>dotnet</c> is given to start Laurel: the published one that <c>LAUREL_TEST_SERVER</c> names, which is compiled
    /// ahead and starts sooner, or the one that lies beside the tests, which reference it.</summary>
    public static string ServerAssembly { get; } = System.Environment.GetEnvironmentVariable("LAUREL_TEST_SERVER") is { Length: > 0 } published
        ? published
        : Path.Combine(AppContext.BaseDirectory, "laurel.dll");

    public DatabaseUnderTest Database { get; }

    public string DataFolder { get; }

    public Uri? DatabaseUrl => _databaseUrl is null ? null : new Uri(_databaseUrl);

    /// <summary>What the processes see in their environment beside the data folder; null leaves a variable
    /// out.</summary>
    public Dictionary<string, string?> Environment { get; } = new()
    {
        ["LAUREL_ADMIN_KEY"] = AdministratorKey,
        // Nobody stands in front of the servers of most tests.
        ["LAUREL_DRAIN_SECONDS"] = "0",
    };

    /// <summary>Makes an empty installation. Skips or fails the test where its database is not here.</summary>
    public static async Task<LaurelSite> CreateAsync(
        DatabaseUnderTest database,
        DatabaseServers cluster,
        CancellationToken cancellationToken) =>
        new(database, cluster, await cluster.CreateDatabaseAsync(database, cancellationToken))
        {
            // Every server of PostgreSQL is tested behind the wall between tenants.
            Environment = { ["DATABASE_ROLE"] = database == DatabaseUnderTest.Postgres ? PostgresCluster.Role : null },
        };

    /// <summary>An installation on a database that somebody else made and will remove.</summary>
    public static LaurelSite On(Uri databaseUrl) =>
        new(databaseUrl.Scheme == "postgresql" ? DatabaseUnderTest.Postgres : DatabaseUnderTest.MySql, null, databaseUrl.AbsoluteUri);

    /// <summary>Starts a server and waits until it is ready.</summary>
    /// <param name="port">Where it listens; null takes a free one.</param>
    public Task<LaurelProcess> ServeAsync(CancellationToken cancellationToken, int? port = null) =>
        LaurelProcess.StartAsync(Program, cancellationToken, port);

    /// <summary>Runs a verb to its end.</summary>
    public Task<ChildOutcome> RunVerbAsync(
        CancellationToken cancellationToken,
        params IReadOnlyList<string> arguments) =>
        ChildProcess.RunAsync(Program(arguments), cancellationToken);

    /// <summary>Lets Laurel prove its own books: <c>verify</c> finds every invariant kept.</summary>
    public async Task VerifyAsync(CancellationToken cancellationToken)
    {
        var outcome = await RunVerbAsync(cancellationToken, "verify");
        Assert.True(
            outcome.ExitCode == 0,
            $"verify ended with {outcome.ExitCode}:\n{outcome.Output}\n{outcome.Errors}");
    }

    /// <summary>How Laurel is started on this installation.</summary>
    public ChildProgram Program(IReadOnlyList<string> arguments)
    {
        var environment = new Dictionary<string, string?>(Environment);
        if (_databaseUrl is not null)
        {
            environment["DATABASE_URL"] = _databaseUrl;
        }

        return new ChildProgram
        {
            File = "dotnet",
            Arguments = [ServerAssembly, .. arguments, "--data", DataFolder],
            Environment = environment,
            Folder = DataFolder,
        };
    }

    public async ValueTask DisposeAsync()
    {
        if (_cluster is not null)
        {
            await _cluster.DropDatabaseAsync(Database, _databaseUrl, CancellationToken.None);
        }

        Directory.Delete(DataFolder, recursive: true);
    }
}
