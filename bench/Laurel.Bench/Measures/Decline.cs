using Laurel.Bench.Servers;

namespace Laurel.Bench.Measures;

/// <summary>Ten minutes of earnings on a new server: stale plans, bloat and checkpoints show as a decline.</summary>
internal sealed class Decline(
    ThroughputSettings settings, Contenders contenders, BenchSites sites, BenchProgress progress)
{
    private const double SecondsPerMinute = 60;
    private const int SecondMinute = 1;
    private const int TenthMinute = ThroughputSettings.DeclineMinutes - 1;

    /// <summary>The tenth minute over the second, the lower of the two databases.</summary>
    public async Task<Measure> RunAsync(Dictionary<string, object> raw, CancellationToken cancellationToken)
    {
        const double seconds = ThroughputSettings.DeclineMinutes * SecondsPerMinute;
        var step = progress.Begin("Ten minutes", seconds * settings.Databases.Count);
        var found = new List<(Database Database, double Ratio, IReadOnlyList<long> Minutes)>();
        foreach (var database in settings.Databases)
        {
            var load = await contenders.EarnLoadAsync(database, BenchSites.Decline, cancellationToken);
            var run = LoadProcess.RunAsync(
                load with { WarmupSeconds = 0, MeasureSeconds = seconds, TimelineSeconds = SecondsPerMinute },
                cancellationToken);
            var result = await step.DuringAsync($"{database}", seconds, run);
            await sites.StopAsync(database, BenchSites.Decline);
            raw[$"decline-{database}"] = result;
            var ratio = result.Timeline[TenthMinute] / (double)result.Timeline[SecondMinute];
            found.Add((database, ratio, result.Timeline));
        }

        var notes = found.Select(static one => $"{one.Database} {one.Ratio:0.00} ("
            + string.Join(' ', one.Minutes.Select(static count => $"{count / SecondsPerMinute:N0}")) + " a second)");
        return Measure.Of(MeasureTargets.Decline10Min, found.Min(static one => one.Ratio), string.Join("; ", notes));
    }
}
