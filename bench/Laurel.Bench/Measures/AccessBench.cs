using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Laurel.Bench.Load;
using Laurel.Bench.Servers;

namespace Laurel.Bench.Measures;

/// <summary>What it costs to know who calls: access tokens beside an API key, and passwords beside earnings. On PostgreSQL.</summary>
internal sealed class AccessBench(ThroughputSettings settings, BenchProgress progress, BenchSites sites)
{
    private const string Password = "correct horse battery";
    private const int People = 200;
    private const double LoginsPerSecond = 10;

    // Sixty-four answer 4,500 a second only while each takes less than 14 ms: beyond that the generator would be measured.
    private const int PunctualConnections = 256;

    private readonly List<Measure> _measures = [];
    private readonly Dictionary<string, object> _raw = [];

    public static async Task<BenchReport> RunAsync(ThroughputSettings settings, BenchProgress progress, CancellationToken cancellationToken)
    {
        await using var sites = new BenchSites(settings, progress);
        return await new AccessBench(settings, progress, sites).RunAsync(cancellationToken);
    }

    private async Task<BenchReport> RunAsync(CancellationToken cancellationToken)
    {
        _raw["machine"] = MachineFacts.Of(sites.Folder);

        // Whoever signs in here is one person at one address.
        var more = new Dictionary<string, string> { ["Limits"] = "off" };
        var server = await sites.LaurelAsync(Database.Postgres, BenchSites.Main, cancellationToken, more);
        await TokensAsync(server, cancellationToken);
        await PasswordsAsync(server, cancellationToken);
        return new BenchReport(_measures, _raw);
    }

    private async Task TokensAsync(LaurelProcess server, CancellationToken cancellationToken)
    {
        if (!settings.Wants(MeasureTargets.MixToken))
        {
            return;
        }

        using var client = ClientOf(server);
        await PostAsync(client, "/api/users", $$"""{"username":"bench","password":"{{Password}}","role":"SUPER_ADMIN"}""", cancellationToken);
        using var signedIn = JsonDocument.Parse(await PostAsync(client, "/api/auth/login", $$"""{"username":"bench","password":"{{Password}}"}""", cancellationToken));
        var token = signedIn.RootElement.GetProperty("token").GetString()!;
        var results = new Dictionary<string, List<LoadResult>> { [LaurelSettings.ApiKey] = [], [token] = [] };
        var step = progress.Begin("The mix by key and by token", settings.Rounds * 2 * settings.RunSeconds);
        for (var round = 0; round < settings.Rounds; round++)
        {
            // The one that begins changes from round to round: the first of two finds the machine as whatever went before has left it.
            foreach (var (credential, found) in round % 2 == 0 ? results.AsEnumerable() : results.Reverse())
            {
                await sites.SettleAsync(cancellationToken);
                var load = Load(WorkloadKind.Mix, server, $"mix{round}-{found.Count}-{credential.Length}") with { ApiKey = credential };
                found.Add(await step.DuringAsync($"round {round + 1}", settings.RunSeconds, LoadProcess.RunAsync(load, cancellationToken)));
            }
        }

        step.Done();
        _raw["mix by key"] = results[LaurelSettings.ApiKey];
        _raw["mix by token"] = results[token];
        var (byKey, byToken) = (PerSecond(results[LaurelSettings.ApiKey]), PerSecond(results[token]));
        _measures.Add(Measure.Of(MeasureTargets.MixToken, byToken.Median / byKey.Median, $"{byToken} ÷ {byKey} a second"));
    }

    /// <summary>Earnings at half of their peak, from when each was due, with ten sign-ins a second beside them and without.</summary>
    private async Task PasswordsAsync(LaurelProcess server, CancellationToken cancellationToken)
    {
        if (!settings.Wants(MeasureTargets.EarnBesideLogins))
        {
            return;
        }

        using var client = ClientOf(server);
        for (var person = 0; person < People; person++)
        {
            await PostAsync(client, "/api/auth/register", $$"""{"username":"person{{person}}","password":"{{Password}}"}""", cancellationToken);
        }

        var peak = await LoadProcess.RunAsync(Load(WorkloadKind.EarnUniform, server, "peak"), cancellationToken);
        var (alone, beside) = (new List<LoadResult>(), new List<LoadResult>());
        var logins = new List<int>();
        var step = progress.Begin("Earnings beside sign-ins", settings.Rounds * 2 * settings.RunSeconds);
        for (var round = 0; round < settings.Rounds; round++)
        {
            foreach (var found in round % 2 == 0 ? new[] { alone, beside } : [beside, alone])
            {
                await sites.SettleAsync(cancellationToken);
                var load = Load(WorkloadKind.EarnUniform, server, $"earn{round}-{alone.Count}-{beside.Count}") with
                {
                    RatePerSecond = peak.OkPerSecond * ThroughputSettings.HalfPeakFactor,
                    Connections = PunctualConnections,
                };
                using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                var signingIn = ReferenceEquals(found, beside) ? SignInAsync(client, stop.Token) : Task.FromResult(0);
                found.Add(await step.DuringAsync($"round {round + 1}", settings.RunSeconds, LoadProcess.RunAsync(load, cancellationToken)));
                await stop.CancelAsync();
                if (await signingIn is > 0 and var count)
                {
                    logins.Add(count);
                }
            }
        }

        step.Done();
        _raw["earnings alone"] = alone;
        _raw["earnings beside sign-ins"] = beside;
        _raw["sign-ins"] = logins;
        var (one, other) = (Latency(alone), Latency(beside));
        _measures.Add(Measure.Of(
            MeasureTargets.EarnBesideLogins,
            other.Median / one.Median,
            $"p99 {other} ÷ {one} ms at {peak.OkPerSecond * ThroughputSettings.HalfPeakFactor:N0}/s; {string.Join(", ", logins)} sign-ins in {settings.RunSeconds} s"));
    }

    private static async Task<int> SignInAsync(HttpClient client, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1 / LoginsPerSecond));
        var running = new List<Task<bool>>();
        try
        {
            for (var person = 0; await timer.WaitForNextTickAsync(cancellationToken); person = (person + 1) % People)
            {
                running.Add(TryAsync(client, $$"""{"username":"person{{person}}","password":"{{Password}}"}"""));
            }
        }
        catch (OperationCanceledException)
        {
            // The round is over.
        }

        return (await Task.WhenAll(running)).Count(static done => done);
    }

    private static async Task<bool> TryAsync(HttpClient client, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = await client.PostAsync(new Uri("/api/auth/login", UriKind.Relative), content);
        return answer.IsSuccessStatusCode;
    }

    private static HttpClient ClientOf(LaurelProcess server)
    {
        var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{server.Port}") };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", LaurelSettings.ApiKey);
        return client;
    }

    private static async Task<string> PostAsync(HttpClient client, string path, string body, CancellationToken cancellationToken)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = await client.PostAsync(new Uri(path, UriKind.Relative), content, cancellationToken);
        var text = await answer.Content.ReadAsStringAsync(cancellationToken);
        return answer.IsSuccessStatusCode ? text : throw new BenchException($"POST {path} answered {(int)answer.StatusCode}: {text}");
    }

    private LoadSettings Load(WorkloadKind kind, LaurelProcess server, string prefix) =>
        settings.LoadOf(kind, server.Port, server.Id, sites.MembersFile(Database.Postgres), prefix, seed: 1);

    private static Spread PerSecond(IEnumerable<LoadResult> rounds) => Spread.Of([.. rounds.Select(static round => round.OkPerSecond)]);

    private static Spread Latency(IEnumerable<LoadResult> rounds) => Spread.Of([.. rounds.Select(static round => round.Latency.P99)]);
}
