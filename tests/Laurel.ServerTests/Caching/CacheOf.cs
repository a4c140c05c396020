using System.Diagnostics;
using Laurel.ServerTests.Hosting;
using Laurel.ServerTests.Operations;
using Shouldly;

namespace Laurel.ServerTests.Caching;

/// <summary>What a test asks of a server's cache, from the outside.</summary>
internal static class CacheOf
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(20);

    /// <summary>How many answers came from there so far.</summary>
    public static async Task<double> AnswersAsync(LaurelServer server, string source) =>
        (await MetricsAsync(server))[$"member_cache_answers_total{{cache=\"members\",source=\"{source}\"}}"];

    public static async Task<bool> UsesMemoryAsync(LaurelServer server) => (await MetricsAsync(server))["member_cache_memory_used"] == 1;

    public static async Task<bool> UsesRedisAsync(LaurelServer server) => (await MetricsAsync(server))["member_cache_redis_up"] == 1;

    public static async Task<long> AvailableAsync(LaurelServer server, string member) => (await server.PointsAsync(member)).Available;

    /// <summary>Waits until it is so.</summary>
    /// <returns>How long that took.</returns>
    public static async Task<TimeSpan> UntilAsync(Func<Task<bool>> isSo, TimeSpan timeMax)
    {
        var startedAt = Stopwatch.GetTimestamp();
        while (!await isSo())
        {
            Stopwatch.GetElapsedTime(startedAt).ShouldBeLessThan(timeMax);
            await Task.Delay(s_pause, TimeProvider.System);
        }

        return Stopwatch.GetElapsedTime(startedAt);
    }

    private static async Task<Exposition> MetricsAsync(LaurelServer server) => new((await server.GetAsync("/metrics")).Text);
}
