using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Laurel.Bench.Load;

namespace Laurel.Bench.Servers;

/// <summary>The databases that Laurel is measured on.</summary>
internal enum Database
{
    Sqlite,
    Postgres,
    MariaDb,
}

/// <summary>How one server is set up; everything the product is told on its command line and in its
/// environment.</summary>
internal sealed record LaurelSettings
{
    /// <summary>Every server of a run takes this key, so that copies of one database know it.</summary>
    public const string ApiKey = "lk_bench_0123456789abcdef0123456789abcdef";

    /// <summary>The server's assembly; null is this repository's, published as it would be installed.</summary>
    public string? Dll { get; init; }

    /// <summary>The folder of <c>--data</c>.</summary>
    public required string Data { get; init; }

    public required Database Database { get; init; }

    /// <summary><c>postgresql://…</c>; null for SQLite.</summary>
    public string? DatabaseUrl { get; init; }

    /// <summary>Null leaves the product's default.</summary>
    public int? Lanes { get; init; }

    /// <summary>Commands that one commit may carry; null leaves the product's default.</summary>
    public int? BatchMax { get; init; }

    /// <summary>What else it sees in its environment.</summary>
    public IReadOnlyDictionary<string, string> More { get; init; } = new Dictionary<string, string>();

    public static string DefaultDll { get; } =
        Path.Combine(Repository.Root, "artifacts", "laurel", "laurel.dll");

    public ChildProgram Program(params IReadOnlyList<string> arguments) => new()
    {
        File = "dotnet",
        Arguments = [Dll ?? DefaultDll, .. arguments, "--data", Data],
        Environment = Variables(),
    };

    private Dictionary<string, string> Variables()
    {
        var variables = new Dictionary<string, string>
        {
            ["LAUREL_ADMIN_KEY"] = ApiKey,
            ["LAUREL_DATABASE"] = Database switch { Database.Sqlite => "sqlite", Database.Postgres => "postgres", Database.MariaDb => "mysql" },
        };
        foreach (var (name, value) in More)
        {
            variables[name] = value;
        }

        if (DatabaseUrl is not null)
        {
            variables["DATABASE_URL"] = DatabaseUrl;
        }

        if (Lanes is { } lanes)
        {
            variables["LAUREL_LANES"] = lanes.ToString(CultureInfo.InvariantCulture);
        }

        if (BatchMax is { } batchMax)
        {
            variables["LAUREL_BATCH_MAX"] = batchMax.ToString(CultureInfo.InvariantCulture);
        }

        return variables;
    }
}

/// <summary>A running Laurel server.</summary>
internal sealed class LaurelProcess : IAsyncDisposable
{
    private static readonly TimeSpan s_buildTimeMax = TimeSpan.FromMinutes(6);

    private readonly ChildProcess _process;
    private double _peakResidentMebibytes;

    private LaurelProcess(LaurelSettings settings, ChildProcess process, int port)
    {
        (Settings, _process, Port) = (settings, process, port);
    }

    public LaurelSettings Settings { get; }

    public int Port { get; }

    public int Id => _process.Id;

    /// <summary>From the start of the process to the first 200 of <c>/ready</c>.</summary>
    public TimeSpan ReadyAfter { get; private init; }

    /// <summary>The most memory it ever held at once, in MiB; kept when it has ended.</summary>
    public double PeakResidentMebibytes =>
        _peakResidentMebibytes = ProcessFacts.PeakResidentMebibytes(Id) ?? _peakResidentMebibytes;

    /// <summary>Publishes the server, so that what is measured is what the source says now.</summary>
    /// <exception cref="BenchException">It does not build, or a named assembly is not there.</exception>
    public static async Task EnsureBuiltAsync(string? dll, CancellationToken cancellationToken)
    {
        if (dll is not null)
        {
            _ = File.Exists(dll) ? dll : throw new BenchException($"There is no {dll}.");
            return;
        }

        var project = Path.Combine(Repository.Root, "src", "Laurel.Server");
        var folder = Path.GetDirectoryName(LaurelSettings.DefaultDll)!;
        var publish = new ChildProgram
        {
            File = "dotnet",
            Arguments = ["publish", project, "-c", "Release", .. RuntimeArguments(), "-o", folder, "-v", "q", "-m:1", "-nodeReuse:false"],
        };
        (await ChildProcess.RunAsync(publish, s_buildTimeMax, cancellationToken)).Require("The build of Laurel.Server");
    }

    // Compiled ahead where the repository's lock files name the runtime; elsewhere as any build.
    private static IReadOnlyList<string> RuntimeArguments() =>
        RuntimeInformation.RuntimeIdentifier is "linux-x64" ? ["-r", "linux-x64", "--self-contained", "false"] : [];

    /// <summary>Starts a server and waits until it is ready.</summary>
    public static async Task<LaurelProcess> StartAsync(LaurelSettings settings, CancellationToken cancellationToken)
    {
        var port = ChildProcess.FreePort();
        var url = new Uri($"http://127.0.0.1:{port}");
        var startedAt = Stopwatch.GetTimestamp();
        var process = ChildProcess.Start(settings.Program("serve", "--urls", url.GetLeftPart(UriPartial.Authority)));
        try
        {
            await Readiness.WaitAsync(url, process, cancellationToken);
            var readyAfter = Stopwatch.GetElapsedTime(startedAt);
            return new LaurelProcess(settings, process, port) { ReadyAfter = readyAfter };
        }
        catch (Exception)
        {
            await process.DisposeAsync();
            throw;
        }
    }

    /// <summary>The version of SQLite that last wrote a database of the data folder; null when there is none.</summary>
    /// <remarks>Bytes 96–99 of the file's header (SQLite file format, §1.3).</remarks>
    public static string? SqliteVersion(string data)
    {
        Span<byte> head = stackalloc byte[100];
        foreach (var path in Directory.EnumerateFiles(data))
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            if (file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) == head.Length
                && head.StartsWith("SQLite format 3\0"u8))
            {
                var version = System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(head[96..]);
                return $"{version / 1_000_000}.{version / 1000 % 1000}.{version % 1000}";
            }
        }

        return null;
    }

    public Task<NodeFigures> MetricsAsync(CancellationToken cancellationToken) => NodeFigures.ReadAsync(Port, cancellationToken);

    /// <summary>SIGKILL: it has no say in this.</summary>
    public void Kill() => _process.Kill();

    public async ValueTask DisposeAsync()
    {
        _ = PeakResidentMebibytes;
        await _process.DisposeAsync();
    }
}
