using Laurel.Bench.Servers;

namespace Laurel.Bench.Measures;

/// <summary>Measures how much Laurel writes and reads, beside what others do on the same machine at the same time.</summary>
internal sealed class ThroughputBench
{
    private static readonly TimeSpan s_verifyTimeMax = TimeSpan.FromMinutes(15);

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
        _raw["settings"] = Described(await VersionsAsync(cancellationToken));
        _raw["verify"] = await VerifyAsync(cancellationToken);
        return new BenchReport(InOrder(), _raw);
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

    private void AddRatios()
    {
        AddRatio(MeasureTargets.EarnPostgresPgbench, Contenders.EarnPostgres, Contenders.PgbenchEarn);
        AddRatio(MeasureTargets.EarnPostgresPerRequest, Contenders.EarnPostgres, Contenders.EarnPostgresPerRequest);
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
            $"{database} is the lower: {hot} ÷ {uniform} a second"));
    }

    private void AddRatio(string measure, string above, string below)
    {
        if (_settings.Wants(measure))
        {
            var (over, under) = (Spread(above), Spread(below));
            var cost = _rounds[above].Average(static round => round.GeneratorMicrosecondsPerRequest);
            _measures.Add(Measure.Of(
                measure,
                over.Median / under.Median,
                $"{over} ÷ {under} a second; the generator took {cost:0.0} µs of CPU a request"));
        }
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
            versions["postgres"] = await (await _sites.PostgresAsync(cancellationToken)).VersionAsync(cancellationToken);
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

    /// <summary>A fast server that loses points has not been measured: the invariants are checked after the load.</summary>
    private async Task<Dictionary<string, object>> VerifyAsync(CancellationToken cancellationToken)
    {
        var outcomes = new Dictionary<string, object>();
        foreach (var database in _settings.Databases.Where(_sites.IsRunning))
        {
            var step = _progress.Begin($"laurel verify on {database}", 1);
            var outcome = await _sites.VerifyAsync(database, s_verifyTimeMax, cancellationToken);
            outcomes[$"{database}"] = new { outcome.ExitCode, Seconds = outcome.Took.TotalSeconds, outcome.Output };
            outcome.Require($"laurel verify on {database} after the load");
            step.Done();
        }

        return outcomes;
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
