using System.Diagnostics;
using System.Net;

namespace Laurel.Bench.Servers;

/// <summary>Waits for a server to say that it is ready.</summary>
internal static class Readiness
{
    private static readonly TimeSpan s_timeMax = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(5);

    /// <summary>Asks <c>GET /ready</c> every few milliseconds until it answers 200.</summary>
    /// <exception cref="BenchException">The process ended, or was not ready in time; with its last lines.</exception>
    public static async Task WaitAsync(Uri server, ChildProcess process, CancellationToken cancellationToken)
    {
        using var client = new HttpClient { BaseAddress = server, Timeout = TimeSpan.FromSeconds(5) };
        var startedAt = Stopwatch.GetTimestamp();
        while (!await IsReadyAsync(client, cancellationToken))
        {
            if (process.HasExited || Stopwatch.GetElapsedTime(startedAt) > s_timeMax)
            {
                throw new BenchException($"The server at {server} is not ready. Its last lines:\n{process.Tail}");
            }

            await Task.Delay(s_pause, TimeProvider.System, cancellationToken);
        }
    }

    private static async Task<bool> IsReadyAsync(HttpClient client, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await client.GetAsync(new Uri("/ready", UriKind.Relative), cancellationToken);
            return answer.StatusCode == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            return false;
        }
        catch (TaskCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }
}
