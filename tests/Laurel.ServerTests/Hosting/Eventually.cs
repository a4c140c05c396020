using System.Diagnostics;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.Hosting;

/// <summary>Waits for what another process does by itself.</summary>
internal static class Eventually
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(20);

    /// <summary>Returns when it holds, and tells how long that took.</summary>
    /// <param name="otherwise">What is wrong when it never does.</param>
    public static async Task<TimeSpan> HoldsAsync(Func<Task<bool>> holds, string otherwise)
    {
        var startedAt = Stopwatch.GetTimestamp();
        while (!await holds())
        {
            Stopwatch.GetElapsedTime(startedAt).ShouldBeLessThan(s_patience, otherwise);
            await Task.Delay(s_pause, TimeProvider.System, TestContext.Current.CancellationToken);
        }

        return Stopwatch.GetElapsedTime(startedAt);
    }
}
