using System.Globalization;
using System.Text.RegularExpressions;
using Laurel.Bench.Load;
using Laurel.Bench.Servers;

namespace Laurel.Bench.Measures;

/// <summary>Writes the rows of an earning with PostgreSQL's own load generator: no HTTP, one transaction
/// each.</summary>
/// <remarks>The statements are in <c>pgbench-earn.sql</c>; <c>pgbench-setup.sql</c> numbers the members, so that a
/// script can draw one uniformly.</remarks>
internal sealed partial class Pgbench
{
    private const int Clients = 16;
    private const int Threads = 2;
    private const int RegexMillisecondsMax = 1000;

    // Above every id that the product draws in this century (its first ids of 2020 are small), and apart by run.
    private const long FirstId = 4_000_000_000_000_000_000;
    private const long IdsPerRun = 1_000_000_000_000;

    private const RegexOptions Options =
        RegexOptions.Multiline | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture;

    private const string SetupFile = "pgbench-setup.sql";
    private const string ScriptFile = "pgbench-earn.sql";
    private static readonly TimeSpan s_startMax = TimeSpan.FromSeconds(30);

    private readonly PostgresProcess _postgres;
    private readonly string _database;
    private readonly int _members;

    private Pgbench(PostgresProcess postgres, string database, int members)
    {
        (_postgres, _database, _members) = (postgres, database, members);
    }

    /// <param name="postgres">Where the database is.</param>
    /// <param name="database">Migrated and filled by Laurel; nobody else works on it.</param>
    /// <param name="members">How many members it holds.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<Pgbench> PrepareAsync(
        PostgresProcess postgres, string database, int members, CancellationToken cancellationToken)
    {
        var setup = await File.ReadAllTextAsync(PathOf(SetupFile), cancellationToken);
        await postgres.ExecuteAsync(database, setup, cancellationToken);
        return new Pgbench(postgres, database, members);
    }

    /// <summary>Warms up, measures, and answers with what it measured.</summary>
    public async Task<ContenderRound> RunAsync(
        ThroughputSettings settings, int seed, CancellationToken cancellationToken)
    {
        _ = await RunAsync(settings.WarmupSeconds, (2 * seed) + 1, cancellationToken);
        var cpuBefore = Native.ChildrenCpu();
        var output = await RunAsync(settings.MeasureSeconds, (2 * seed) + 2, cancellationToken);
        var cpuSeconds = (Native.ChildrenCpu() - cpuBefore).TotalSeconds;
        var perSecond = FigureIn(output, RatePattern());
        return new ContenderRound
        {
            PerSecond = perSecond,
            GeneratorMicrosecondsPerRequest = cpuSeconds * 1e6 / (perSecond * settings.MeasureSeconds),
            LatencyMilliseconds = FigureIn(output, LatencyPattern()),
        };
    }

    private async Task<string> RunAsync(double seconds, int seed, CancellationToken cancellationToken)
    {
        var program = new ChildProgram
        {
            File = Path.Combine(PostgresProcess.Binaries, "pgbench"),
            Arguments =
            [
                .. _postgres.ClientArguments,
                "-n",
                "-M", "prepared",
                "-c", $"{Clients}",
                "-j", $"{Threads}",
                "-T", $"{Math.Ceiling(seconds)}",
                "-D", $"members={_members}",
                "-D", $"first_id={FirstId + (seed * IdsPerRun)}",
                "-D", "sequence=0",
                $"--random-seed={seed}",
                "-f", PathOf(ScriptFile),
                _database,
            ],
        };
        var timeMax = TimeSpan.FromSeconds(seconds) + s_startMax;
        var output = (await ChildProcess.RunAsync(program, timeMax, cancellationToken)).Require("pgbench");
        return FailedPattern().Match(output) is { Success: true } failed && failed.Groups["figure"].Value != "0"
            ? throw new BenchException($"pgbench had failed transactions.\n{output}")
            : output;
    }

    private static string PathOf(string file) => Path.Combine(AppContext.BaseDirectory, file);

    private static double FigureIn(string output, Regex pattern) =>
        pattern.Match(output) is { Success: true } match
            ? double.Parse(match.Groups["figure"].Value, CultureInfo.InvariantCulture)
            : throw new BenchException($"pgbench did not say {pattern}.\n{output}");

    [GeneratedRegex(@"^tps = (?<figure>[0-9.]+) \(without", Options, RegexMillisecondsMax)]
    private static partial Regex RatePattern();

    [GeneratedRegex(@"^latency average = (?<figure>[0-9.]+) ms", Options, RegexMillisecondsMax)]
    private static partial Regex LatencyPattern();

    [GeneratedRegex(@"^number of failed transactions: (?<figure>[0-9]+)", Options, RegexMillisecondsMax)]
    private static partial Regex FailedPattern();
}
