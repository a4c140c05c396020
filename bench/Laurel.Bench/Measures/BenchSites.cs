using Laurel.Bench.Load;
using Laurel.Bench.Servers;

namespace Laurel.Bench.Measures;

/// <summary>The servers and databases of a run, started when first asked for and all ended and removed at its
/// end.</summary>
/// <remarks>Each database is migrated and filled once by Laurel itself; every contender then works on a copy of its
/// own, so that none pays for the rows of another.</remarks>
internal sealed class BenchSites(ThroughputSettings settings, BenchProgress progress) : IAsyncDisposable
{
    /// <summary>The copies, named for what they are for.</summary>
    public const string Main = "main";

    public const string PerRequest = "per_request";
    public const string Decline = "decline";
    private const string Filled = "laurel_filled";

    private readonly string _folder = NewFolder(settings.WorkFolder);
    private readonly Dictionary<string, LaurelProcess> _servers = [];
    private readonly Dictionary<Database, string> _filledData = [];
    private readonly Dictionary<string, LaurelSettings> _copies = [];
    private readonly Dictionary<string, double> _peakMebibytes = [];
    private PostgresProcess? _postgres;
    private MariaDbProcess? _mariaDb;
    private EchoProcess? _echo;

    public string Folder => _folder;

    /// <summary>The most memory each Laurel server of this run held, in MiB, also of those that have ended.</summary>
    public IReadOnlyDictionary<string, double> PeakMebibytes
    {
        get
        {
            foreach (var (name, server) in _servers)
            {
                _peakMebibytes[name] = server.PeakResidentMebibytes;
            }

            return _peakMebibytes;
        }
    }

    public string MembersFile(Database database) => Path.Combine(_folder, $"members-{database}.txt");

    /// <summary>Ids for the echo server, which knows no members.</summary>
    public string EchoMembersFile()
    {
        const long firstId = 900_000_000_000_000_000;
        var path = Path.Combine(_folder, "members-echo.txt");
        if (!File.Exists(path))
        {
            var ids = Enumerable.Range(0, settings.Members).Select(static index => $"{firstId + index}");
            File.WriteAllLines(path, ids);
        }

        return path;
    }

    public async Task<EchoProcess> EchoAsync(CancellationToken cancellationToken) =>
        _echo ??= await EchoProcess.StartAsync(cancellationToken);

    public async Task<PostgresProcess> PostgresAsync(CancellationToken cancellationToken) =>
        _postgres ??= await PostgresProcess.StartAsync(settings.WorkFolder, cancellationToken);

    /// <summary>The server of one copy.</summary>
    /// <param name="more">What else it sees in its environment when it is started; null adds nothing.</param>
    public async Task<LaurelProcess> LaurelAsync(
        Database database, string copy, CancellationToken cancellationToken, IReadOnlyDictionary<string, string>? more = null)
    {
        var name = NameOf(database, copy);
        if (_servers.TryGetValue(name, out var running))
        {
            return running;
        }

        var laurel = await CopyAsync(database, copy, cancellationToken);
        if (copy == PerRequest)
        {
            laurel = laurel with { Lanes = ThroughputSettings.PerRequestLanes, BatchMax = 1 };
        }

        return _servers[name] = await LaurelProcess.StartAsync(more is null ? laurel : laurel with { More = more }, cancellationToken);
    }

    /// <summary>One more server on a copy, after the copy's own has ended; the caller ends it.</summary>
    /// <param name="more">What else it sees in its environment; null adds nothing.</param>
    public async Task<LaurelProcess> ServeBesideAsync(
        Database database, string copy, IReadOnlyDictionary<string, string>? more, CancellationToken cancellationToken)
    {
        var name = NameOf(database, copy);
        if (!_copies.TryGetValue(name, out var laurel))
        {
            laurel = _copies[name] = (await LaurelAsync(database, copy, cancellationToken)).Settings;
        }

        await StopAsync(database, copy);
        return await LaurelProcess.StartAsync(more is null ? laurel : laurel with { More = more }, cancellationToken);
    }

    /// <summary>The file of member ids of a database, which is filled first where it has not been.</summary>
    public async Task<string> MembersAsync(Database database, CancellationToken cancellationToken)
    {
        await FillAsync(database, cancellationToken);
        return MembersFile(database);
    }

    /// <summary>Ends the server of one copy; its files stay.</summary>
    public async Task StopAsync(Database database, string copy)
    {
        var name = NameOf(database, copy);
        if (_servers.Remove(name, out var server))
        {
            _peakMebibytes[name] = server.PeakResidentMebibytes;
            await server.DisposeAsync();
        }
    }

    /// <summary>A copy of the filled PostgreSQL database that no server works on.</summary>
    public async Task<string> CopyPostgresAsync(string copy, CancellationToken cancellationToken)
    {
        await FillAsync(Database.Postgres, cancellationToken);
        var postgres = await PostgresAsync(cancellationToken);
        var name = $"laurel_{copy}";
        await postgres.CopyDatabaseAsync(Filled, name, cancellationToken);
        return name;
    }

    /// <summary>Writes out what PostgreSQL still holds back, so that each contender pays for its own pages
    /// only.</summary>
    public async Task SettleAsync(CancellationToken cancellationToken)
    {
        if (_postgres is not null)
        {
            await _postgres.ExecuteAsync("postgres", "CHECKPOINT", cancellationToken);
        }
    }

    /// <summary>Ends the main server of a database and runs <c>laurel verify</c> over what it left.</summary>
    public async Task<ChildOutcome> VerifyAsync(
        Database database, TimeSpan timeMax, CancellationToken cancellationToken)
    {
        var laurel = _servers[NameOf(database, Main)].Settings;
        await StopAsync(database, Main);
        return await ChildProcess.RunAsync(laurel.Program("verify"), timeMax, cancellationToken);
    }

    public bool IsRunning(Database database) => _servers.ContainsKey(NameOf(database, Main));

    public string? SqliteVersion =>
        _filledData.TryGetValue(Database.Sqlite, out var data) ? LaurelProcess.SqliteVersion(data) : null;

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers.Values)
        {
            await server.DisposeAsync();
        }

        if (_echo is not null)
        {
            await _echo.DisposeAsync();
        }

        if (_postgres is not null)
        {
            await _postgres.DisposeAsync();
        }

        if (_mariaDb is not null)
        {
            await _mariaDb.DisposeAsync();
        }

        Directory.Delete(_folder, recursive: true);
    }

    private static string NewFolder(string workFolder) =>
        Directory.CreateDirectory(Path.Combine(workFolder, $"laurel-bench-{Path.GetRandomFileName()}")).FullName;

    private static string NameOf(Database database, string copy) => $"{database}-{copy}".ToLowerInvariant();

    private async Task<LaurelSettings> CopyAsync(Database database, string copy, CancellationToken cancellationToken)
    {
        await FillAsync(database, cancellationToken);
        var data = Path.Combine(_folder, NameOf(database, copy));
        CopyFolder(_filledData[database], data);
        return new LaurelSettings
        {
            Dll = settings.ServerDll,
            Data = data,
            Database = database,
            DatabaseUrl = database switch
            {
                Database.Sqlite => null,
                Database.Postgres => _postgres!.Url(await CopyPostgresAsync(copy, cancellationToken)),
                Database.MariaDb => await CopyMariaDbAsync(copy, cancellationToken),
            },
        };
    }

    private async Task<string> CopyMariaDbAsync(string copy, CancellationToken cancellationToken)
    {
        await _mariaDb!.CopyDatabaseAsync(Filled, $"laurel_{copy}", cancellationToken);
        return _mariaDb.Url($"laurel_{copy}");
    }

    private async Task FillAsync(Database database, CancellationToken cancellationToken)
    {
        if (_filledData.ContainsKey(database))
        {
            return;
        }

        await LaurelProcess.EnsureBuiltAsync(settings.ServerDll, cancellationToken);
        var data = Directory.CreateDirectory(Path.Combine(_folder, NameOf(database, "filled"))).FullName;
        string? url = null;
        if (database == Database.Postgres)
        {
            var postgres = await PostgresAsync(cancellationToken);
            await postgres.CreateDatabaseAsync(Filled, cancellationToken);
            url = postgres.Url(Filled);
        }
        else if (database == Database.MariaDb)
        {
            _mariaDb = await MariaDbProcess.StartAsync(settings.WorkFolder, cancellationToken);
            await _mariaDb.CreateDatabaseAsync(Filled, cancellationToken);
            url = _mariaDb.Url(Filled);
        }

        var laurel = new LaurelSettings
        {
            Dll = settings.ServerDll,
            Data = data,
            Database = database,
            DatabaseUrl = url,
        };
        var step = progress.Begin($"{settings.Members:N0} members on {database}", 1);
        await using (var server = await LaurelProcess.StartAsync(laurel, cancellationToken))
        {
            await MemberRegistration.RunAsync(
                server, settings.Members, MembersFile(database), step.ReachedPart, cancellationToken);
        }

        if (database == Database.Postgres)
        {
            await _postgres!.ExecuteAsync(Filled, "VACUUM ANALYZE", cancellationToken);
        }

        step.Done();
        _filledData[database] = data;
    }

    private static void CopyFolder(string source, string target)
    {
        Directory.CreateDirectory(target);
        foreach (var folder in Directory.EnumerateDirectories(source))
        {
            CopyFolder(folder, Path.Combine(target, Path.GetFileName(folder)));
        }

        foreach (var file in Directory.EnumerateFiles(source))
        {
            File.Copy(file, Path.Combine(target, Path.GetFileName(file)));
        }
    }
}
