using Laurel.Bench.Load;
using Laurel.Bench.Servers;
using Spectre.Console;

namespace Laurel.Bench.Measures;

/// <summary>Measures how much Laurel writes and reads, beside what others do on the same machine at the same
/// time.</summary>
internal sealed class ThroughputBench
{
    private const double DisturbedCores = 0.15;
    private static readonly TimeSpan s_verifyTimeMax = TimeSpan.FromMinutes(40);

    private readonly ThroughputSettings _settings;
    private readonly BenchProgress _progress;
    private readonly BenchSites _sites;
    private readonly Contenders _contenders;
    private readonly Dictionary<string, List<ContenderRound>> _rounds = [];
    private readonly List<Measure> _measures = [];
    private readonly Dictionary<string, object> _raw = [];

    private ThroughputBench(ThroughputSettings settings, BenchProgress progress, BenchSites sites)
    {
        (_settings, _progress, _sites) = (settings, progress, sites);
        _contenders = new Contenders(settings, sites);
    }

    public static async Task<BenchReport> RunAsync(
        ThroughputSettings settings, BenchProgress progress, CancellationToken cancellationToken)
    {
        await using var sites = new BenchSites(settings, progress);
        var bench = new ThroughputBench(settings, progress, sites);
        return await bench.RunAsync(cancellationToken);
    }

    private async Task<BenchReport> RunAsync(CancellationToken cancellationToken)
    {
        var machine = MachineFacts.Of(_sites.Folder);
        await DriveContendersAsync(cancellationToken);
        AddRatios();
        await DriveOpenLoopsAsync(cancellationToken);
        if (_settings.Wants(MeasureTargets.Decline10Min))
        {
            var decline = new Decline(_settings, _contenders, _sites, _progress);
            _measures.Add(await decline.RunAsync(_raw, cancellationToken));
        }

        AddMemory();
        _raw["machine"] = machine;
        PrintContenders(machine);
        _raw["settings"] = Described(await VersionsAsync(cancellationToken));
        var failure = await VerifyAsync(cancellationToken);
        return new BenchReport(InOrder(), _raw) { Failure = failure };
    }

    private async Task DriveContendersAsync(CancellationToken cancellationToken)
    {
        var needed = Contenders.NeededFor(_settings);
        foreach (var contender in needed)
        {
            _rounds[contender] = [];
            await _contenders.PrepareAsync(contender, cancellationToken);
        }

        var step = _progress.Begin("Closed loop", _settings.Rounds * needed.Count * _settings.RunSeconds);
        for (var round = 0; round < _settings.Rounds; round++)
        {
            // Each round begins one further, so that nobody always follows the same neighbour's leftovers.
            for (var index = 0; index < needed.Count; index++)
            {
                var contender = needed[(round + index) % needed.Count];
                var run = _contenders.RunAsync(contender, cancellationToken);
                var what = $"round {round + 1} of {_settings.Rounds}, {contender}";
                _rounds[contender].Add(await step.DuringAsync(what, _settings.RunSeconds, run));
            }
        }

        step.Done();
        _raw["contenders"] = _rounds.ToDictionary(
            static pair => pair.Key,
            static pair => (object)new { PerSecond = SpreadOf(pair.Value), Rounds = pair.Value });
    }

    /// <summary>What was not answered with 2xx made its contender look slower, or its refusals cheaper, than it
    /// is.</summary>
    private string Failures(string contender)
    {
        var loads = _rounds[contender].Select(static round => round.Load).OfType<LoadResult>().ToArray();
        var failed = loads.Sum(static load => load.Answered - load.Ok + load.ConnectionErrors + load.Timeouts);
        var share = failed / (double)Math.Max(1, loads.Sum(static load => load.Answered));
        return failed == 0 ? "" : $"; {contender}: {share:P1} of the requests failed";
    }

    private void PrintContenders(MachineFacts machine)
    {
        AnsiConsole.WriteLine(machine.ToString());
        if (_rounds.Count == 0)
        {
            return;
        }

        var table = new Table().RoundedBorder();
        table.AddColumns("contender", "a second", "least", "most", "varies", "ms");
        table.AddColumns("server µs", "generator µs", "other cores");
        foreach (var (contender, rounds) in _rounds)
        {
            var spread = SpreadOf(rounds);
            table.AddRow(
                contender,
                BenchReport.Figure(spread.Median),
                BenchReport.Figure(spread.Min),
                BenchReport.Figure(spread.Max),
                $"{spread.CoefficientOfVariation:P0}",
                BenchReport.Figure(rounds.Average(static round => round.LatencyMilliseconds)),
                $"{rounds.Average(static round => round.ServerMicrosecondsPerRequest):0.0}",
                $"{rounds.Average(static round => round.GeneratorMicrosecondsPerRequest):0.0}",
                $"{rounds.Average(static round => round.OtherCores):0.00}");
        }

        AnsiConsole.Write(table);
    }

    private void AddRatios()
    {
        AddRatio(MeasureTargets.EarnPostgresPgbench, Contenders.EarnPostgres, Contenders.PgbenchEarn);
        AddRatio(MeasureTargets.EarnPostgresPerRequest, Contenders.EarnPostgres, Contenders.EarnPostgresPerRequest);
        AddRatio(MeasureTargets.EarnMariaDbPerRequest, Contenders.EarnMariaDb, Contenders.EarnMariaDbPerRequest);
        AddRatio(MeasureTargets.EarnSqliteEcho, Contenders.EarnSqlite, Contenders.Echo);
        AddRatio(MeasureTargets.MixPostgresEcho, Contenders.MixPostgres, Contenders.Echo);
        if (!_settings.Wants(MeasureTargets.EarnHotUniform))
        {
            return;
        }

        var (database, hot, uniform) = _settings.Databases
            .Select(database => (database, Spread(Contenders.EarnHotOn(database)), Spread(Contenders.EarnOn(database))))
            .MinBy(static pair => pair.Item2.Median / pair.Item3.Median);
        _measures.Add(Measure.Of(
            MeasureTargets.EarnHotUniform,
            hot.Median / uniform.Median,
            $"{database} is the lower: {hot} ÷ {uniform} a second{Failures(Contenders.EarnHotOn(database))}"));
    }

    private void AddRatio(string measure, string above, string below)
    {
        if (_settings.Wants(measure))
        {
            var (over, under) = (Spread(above), Spread(below));
            var cost = _rounds[above].Average(static round => round.GeneratorMicrosecondsPerRequest);
            var doubts = Disturbance(below) + Failures(above) + Failures(below);
            _measures.Add(Measure.Of(
                measure,
                over.Median / under.Median,
                $"{over} ÷ {under} a second; the generator took {cost:0.0} µs of CPU a request{doubts}"));
        }
    }

    /// <summary>Nothing but server and generator works for an echo, so whatever else does makes it look slow.</summary>
    private string Disturbance(string contender)
    {
        var cores = _rounds[contender].Average(static round => round.OtherCores ?? 0);
        return contender == Contenders.Echo && cores > DisturbedCores
            ? $"; others took {cores:0.0} cores from the echo server, so the ratio is too high"
            : "";
    }

    private async Task DriveOpenLoopsAsync(CancellationToken cancellationToken)
    {
        var loops = OpenLoop.All.Where(loop => _settings.Wants(loop.Measure)).ToArray();
        if (loops.Length == 0)
        {
            return;
        }

        var bench = new OpenLoopRounds(_settings, _contenders, _progress);
        var peaks = _rounds.ToDictionary(static pair => pair.Key, static pair => SpreadOf(pair.Value).Median);
        _measures.AddRange(await bench.RunAsync(loops, peaks, _raw, cancellationToken));
    }

    private void AddMemory()
    {
        var peaks = _sites.PeakMebibytes;
        _raw["memoryPeakMebibytes"] = peaks;
        if (_settings.Wants(MeasureTargets.MemoryPeak))
        {
            var (server, mebibytes) = peaks.MaxBy(static pair => pair.Value);
            var all = string.Join(", ", peaks.Select(static pair => $"{pair.Key} {pair.Value:N0}"));
            _measures.Add(Measure.Of(MeasureTargets.MemoryPeak, mebibytes, $"{server} is the highest of {all}"));
        }
    }

    private async Task<Dictionary<string, string>> VersionsAsync(CancellationToken cancellationToken)
    {
        var versions = new Dictionary<string, string>();
        if (_rounds.ContainsKey(Contenders.EarnPostgres))
        {
            var postgres = await _sites.PostgresAsync(cancellationToken);
            versions["postgres"] = await postgres.VersionAsync(cancellationToken);
        }

        if (_sites.SqliteVersion is { } sqlite)
        {
            versions["sqlite"] = sqlite;
        }

        return versions;
    }

    private object Described(Dictionary<string, string> versions) => new
    {
        _settings.Quick,
        _settings.Rounds,
        _settings.Members,
        _settings.WarmupSeconds,
        _settings.MeasureSeconds,
        ThroughputSettings.Connections,
        ThroughputSettings.OverloadConnections,
        ThroughputSettings.PerRequestLanes,
        Versions = versions,
    };

    /// <summary>A fast server that loses points has not been measured: the invariants are checked after the
    /// load.</summary>
    /// <returns>What is wrong; null when every invariant holds.</returns>
    private async Task<string?> VerifyAsync(CancellationToken cancellationToken)
    {
        string? failure = null;
        var outcomes = new Dictionary<string, object>();
        foreach (var database in _settings.Databases.Where(_sites.IsRunning))
        {
            var step = _progress.Begin($"laurel verify on {database}", 1);
            try
            {
                var outcome = await _sites.VerifyAsync(database, s_verifyTimeMax, cancellationToken);
                outcomes[$"{database}"] = new { outcome.ExitCode, Seconds = outcome.Took.TotalSeconds, outcome.Output };
                failure ??= outcome.ExitCode == 0
                    ? null
                    : $"laurel verify on {database} after the load ended with {outcome.ExitCode}.\n"
                        + outcome.Output + outcome.Errors;
            }
            catch (BenchException exception)
            {
                // What was measured is reported all the same.
                failure ??= exception.Message;
            }

            step.Done();
        }

        _raw["verify"] = outcomes;
        return failure;
    }

    private Measure[] InOrder() =>
    [
        .. MeasureTargets.Throughput
            .Select(target => _measures.Find(measure => measure.Name == target.Name))
            .OfType<Measure>(),
    ];

    private Spread Spread(string contender) => SpreadOf(_rounds[contender]);

    private static Spread SpreadOf(List<ContenderRound> rounds) =>
        Measures.Spread.Of([.. rounds.Select(static round => round.PerSecond)]);
}
