using System.Diagnostics;
using System.Net.Http.Headers;
using Laurel.Bench.Load;
using Laurel.Bench.Servers;

namespace Laurel.Bench.Measures;

/// <summary>Reads of one kind, a few callers at a time, each asking again when it is answered.</summary>
internal static class Reads
{
    /// <returns>Milliseconds that 95 of 100 reads do not exceed.</returns>
    /// <exception cref="BenchException">When one is not answered with 200.</exception>
    public static async Task<double> P95Async(int port, Func<int, string> path, int count, int callers, CancellationToken cancellationToken)
    {
        using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", LaurelSettings.ApiKey);
        var times = new Histogram();
        var options = new ParallelOptions { MaxDegreeOfParallelism = callers, CancellationToken = cancellationToken };
        await Parallel.ForAsync(0, count, options, async (index, token) =>
        {
            var startedAt = Stopwatch.GetTimestamp();
            using var answer = await client.GetAsync(new Uri(path(index), UriKind.Relative), token);
            var body = await answer.Content.ReadAsStringAsync(token);
            if (!answer.IsSuccessStatusCode)
            {
                throw new BenchException($"{path(index)} was answered with {(int)answer.StatusCode}: {body}");
            }

            lock (times)
            {
                times.Record((long)Stopwatch.GetElapsedTime(startedAt).TotalNanoseconds);
            }
        });
        return times.PercentileMilliseconds(95);
    }
}
