using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;
using Laurel.Bench.Servers;

namespace Laurel.Bench.Measures;

/// <summary>How long callers wait for the next success after a server was killed and started again.</summary>
internal sealed class Recovery(ThroughputSettings settings, BenchSites sites, string membersFile)
{
    private const int Kills = 5;
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(5);

    /// <summary>Milliseconds from <c>kill -9</c> under load to the first acknowledged earning of the next process.</summary>
    public async Task<double[]> AfterKillsAsync(Database database, CancellationToken cancellationToken)
    {
        var member = File.ReadLines(membersFile).First();
        var times = new double[settings.Quick ? 2 : Kills];
        for (var i = 0; i < times.Length; i++)
        {
            await using var victim = await sites.ServeBesideAsync(database, BenchSites.Main, null, cancellationToken);
            await EarnUntilAcknowledgedAsync(victim.Port, member, $"before-{database}-{i}", cancellationToken);
            var killedAt = Stopwatch.GetTimestamp();
            victim.Kill();
            await using var next = await sites.ServeBesideAsync(database, BenchSites.Main, null, cancellationToken);
            await EarnUntilAcknowledgedAsync(next.Port, member, $"after-{database}-{i}", cancellationToken);
            times[i] = Stopwatch.GetElapsedTime(killedAt).TotalMilliseconds;
        }

        return times;
    }

    private static async Task EarnUntilAcknowledgedAsync(int port, string member, string reference, CancellationToken cancellationToken)
    {
        using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", LaurelSettings.ApiKey);
        var body = $$"""{"memberId":"{{member}}","points":1,"reason":"recovery","referenceType":"bench","referenceId":"{{reference}}"}""";
        while (true)
        {
            try
            {
                using var content = new StringContent(body, Encoding.UTF8, "application/json");
                using var answer = await client.PostAsync(new Uri("/api/points/earn", UriKind.Relative), content, cancellationToken);
                if (answer.IsSuccessStatusCode)
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
                // Nobody listens yet.
            }

            await Task.Delay(s_pause, TimeProvider.System, cancellationToken);
        }
    }
}
