using Laurel.Bench.Load;
using Laurel.Bench.Servers;

namespace Laurel.Bench.Measures;

/// <summary>Requests sent on schedule, at a share of what the server can do.</summary>
/// <param name="Measure">The measure it gives.</param>
/// <param name="Connections">Keep-alive connections.</param>
/// <param name="RateOf">Requests a second, from the peak of the closed loop.</param>
/// <param name="ValueOf">The value of one round, from its result and the peak.</param>
internal sealed record OpenLoop(
    string Measure, int Connections, Func<double, double> RateOf, Func<LoadResult, double, double> ValueOf)
{
    public static IReadOnlyList<OpenLoop> All { get; } =
    [
        new(
            MeasureTargets.P50Idle,
            1,
            static _ => ThroughputSettings.IdleRatePerSecond,
            static (load, _) => load.Latency.P50),
        new(
            MeasureTargets.P99HalfPeak,
            ThroughputSettings.Connections,
            static peak => peak * ThroughputSettings.HalfPeakFactor,
            static (load, _) => load.Latency.P99),
        new(
            MeasureTargets.Goodput3X,
            ThroughputSettings.OverloadConnections,
            static peak => peak * ThroughputSettings.OverloadFactor,
            static (load, peak) => load.WellPerSecond / peak),
    ];
}

/// <summary>Drives the open loops on both databases in interleaved rounds and keeps the worse database.</summary>
internal sealed class OpenLoopRounds(ThroughputSettings settings, Contenders contenders, BenchProgress progress)
{
    private static readonly TimeSpan s_calm = TimeSpan.FromSeconds(2);

    /// <param name="loops">What to drive.</param>
    /// <param name="peaks">Earnings a second by contender; a loop that needs no peak may miss it.</param>
    /// <param name="raw">Takes every round.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<IReadOnlyList<Measure>> RunAsync(
        IReadOnlyCollection<OpenLoop> loops,
        Dictionary<string, double> peaks,
        Dictionary<string, object> raw,
        CancellationToken cancellationToken)
    {
        var runs = from loop in loops from database in settings.Databases select (Loop: loop, Database: database);
        var results = runs.ToDictionary(static run => run, static _ => new List<LoadResult>());
        var total = settings.Rounds * results.Count * settings.RunSeconds;
        var step = progress.Begin("Open loop", total);
        for (var round = 0; round < settings.Rounds; round++)
        {
            foreach (var (run, found) in results)
            {
                var peak = peaks.GetValueOrDefault(Contenders.EarnOn(run.Database));
                var work = RunAsync(run.Loop, run.Database, peak, cancellationToken);
                var what = $"round {round + 1} of {settings.Rounds}, {run.Loop.Measure} on {run.Database}";
                found.Add(await step.DuringAsync(what, settings.RunSeconds, work));
            }
        }

        step.Done();
        raw["openLoops"] = results.ToDictionary(
            static pair => $"{pair.Key.Loop.Measure} on {pair.Key.Database}",
            pair => (object)new
            {
                RatePerSecond = pair.Key.Loop.RateOf(peaks.GetValueOrDefault(Contenders.EarnOn(pair.Key.Database))),
                pair.Key.Loop.Connections,
                Rounds = pair.Value,
            });
        return
        [
            .. loops.Select(loop => Worse(
                loop,
                settings.Databases.Select(database => Value(
                    loop,
                    database,
                    results[(loop, database)],
                    peaks.GetValueOrDefault(Contenders.EarnOn(database)))))),
        ];
    }

    private async Task<LoadResult> RunAsync(
        OpenLoop loop, Database database, double peak, CancellationToken cancellationToken)
    {
        var load = await contenders.EarnLoadAsync(database, BenchSites.Main, cancellationToken);

        // What the run before left over (checkpoints, collections) is not this one's.
        await Task.Delay(s_calm, TimeProvider.System, cancellationToken);
        return await LoadProcess.RunAsync(
            load with { Connections = loop.Connections, RatePerSecond = loop.RateOf(peak) }, cancellationToken);
    }

    private static (double Value, string Note) Value(
        OpenLoop loop, Database database, List<LoadResult> rounds, double peak)
    {
        var spread = Spread.Of([.. rounds.Select(round => loop.ValueOf(round, peak))]);
        var rate = BenchReport.Figure(loop.RateOf(peak));
        return (spread.Median, $"{database} {spread} ({Outcomes(rounds)} at {rate}/s)");
    }

    private static string Outcomes(List<LoadResult> rounds)
    {
        var all = Math.Max(1, rounds.Sum(static round => round.Answered + Unanswered(round)));
        var parts = new (string Name, long Count)[]
        {
            ("2xx within 1 s", rounds.Sum(static round => round.Well)),
            ("2xx later", rounds.Sum(static round => round.Ok - round.Well)),
            ("503", rounds.Sum(static round => round.Unavailable)),
            ("other answers", rounds.Sum(static round => round.Other)),
            ("unanswered", rounds.Sum(Unanswered)),
        };
        return string.Join(", ", parts
            .Where(static part => part.Count > 0)
            .Select(part => $"{part.Count * 100.0 / all:0.##} % {part.Name}"));
    }

    private static long Unanswered(LoadResult round) => round.Timeouts + round.Dropped + round.ConnectionErrors;

    private static Measure Worse(OpenLoop loop, IEnumerable<(double Value, string Note)> databases)
    {
        var lowerIsBetter = MeasureTargets.Of(loop.Measure).LowerIsBetter;
        var fromWorst = databases.OrderByDescending(found => lowerIsBetter ? found.Value : -found.Value).ToArray();
        return Measure.Of(
            loop.Measure, fromWorst[0].Value, string.Join("; ", fromWorst.Select(static found => found.Note)));
    }
}
