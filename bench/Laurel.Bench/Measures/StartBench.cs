using Laurel.Bench.Servers;

namespace Laurel.Bench.Measures;

/// <summary>How long a server takes from its start to the first 200 of <c>/ready</c> when its database
/// exists.</summary>
internal sealed class StartBench(ThroughputSettings settings, BenchProgress progress)
{
    private const int Starts = 5;
    private const double SecondsExpected = 2;

    /// <summary>The median of five starts, on the slower of the two databases.</summary>
    public async Task<BenchReport> RunAsync(CancellationToken cancellationToken)
    {
        await using var sites = new BenchSites(settings, progress);
        var machine = MachineFacts.Of(sites.Folder);
        var found = new Dictionary<Database, double[]>();
        foreach (var database in settings.Databases)
        {
            // The first start fills, the second is on the copy; both only make the database that the others find.
            var server = await sites.LaurelAsync(database, BenchSites.Main, cancellationToken);
            await sites.StopAsync(database, BenchSites.Main);
            found[database] = await MeasureAsync(server.Settings, cancellationToken);
        }

        var (slower, times) = found.MaxBy(static pair => Spread.Of(pair.Value).Median);
        var all = string.Join(", ", found.Select(static pair => $"{pair.Key} {Spread.Of(pair.Value)}"));
        var note = $"{slower} is the slower: {all}";
        return new BenchReport(
            [Measure.Of(MeasureTargets.StartReady, Spread.Of(times).Median, note)],
            new Dictionary<string, object>
            {
                ["machine"] = machine,
                ["members"] = settings.Members,
                ["milliseconds"] = found.ToDictionary(static pair => $"{pair.Key}", static pair => pair.Value),
            });
    }

    private async Task<double[]> MeasureAsync(LaurelSettings laurel, CancellationToken cancellationToken)
    {
        var step = progress.Begin($"Starts on {laurel.Database}", Starts * SecondsExpected);
        var times = new double[Starts];
        for (var index = 0; index < Starts; index++)
        {
            var start = StartAsync(laurel, cancellationToken);
            times[index] = await step.DuringAsync($"{index + 1} of {Starts}", SecondsExpected, start);
        }

        step.Done();
        return times;
    }

    private static async Task<double> StartAsync(LaurelSettings laurel, CancellationToken cancellationToken)
    {
        await using var server = await LaurelProcess.StartAsync(laurel, cancellationToken);
        return server.ReadyAfter.TotalMilliseconds;
    }
}
