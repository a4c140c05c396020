using System.Text.Json;
using Laurel.Bench.Load;

namespace Laurel.Bench.Servers;

/// <summary>Runs the load generator in a process of its own, so that its cost is counted apart.</summary>
internal static class LoadProcess
{
    private static readonly TimeSpan s_startAndDrainMax = TimeSpan.FromSeconds(40);

    /// <exception cref="BenchException">It failed or did not end in time; or nothing at all was answered with 2xx
    /// although the server was not overloaded on purpose.</exception>
    public static async Task<LoadResult> RunAsync(LoadSettings settings, CancellationToken cancellationToken)
    {
        var input = JsonSerializer.Serialize(settings, LoadJson.Default.LoadSettings);
        var timeMax = TimeSpan.FromSeconds(settings.WarmupSeconds + settings.MeasureSeconds) + s_startAndDrainMax;
        var program = OwnProgram.With("load") with { Input = input };
        var outcome = await ChildProcess.RunAsync(program, timeMax, cancellationToken);
        var result = JsonSerializer.Deserialize(outcome.Require("The load generator"), LoadJson.Default.LoadResult)
            ?? throw new BenchException("The load generator said nothing.");
        return result.Ok > 0 || settings.RatePerSecond is not null
            ? result
            : throw new BenchException($"{settings.Workload}: nothing was answered with 2xx. {result.FirstFailure}");
    }
}
