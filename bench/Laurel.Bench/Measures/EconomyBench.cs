using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Laurel.Bench.Load;
using Laurel.Bench.Servers;

namespace Laurel.Bench.Measures;

/// <summary>What rules, prices, lapsing points and a simulation cost. On PostgreSQL, but for the simulation, which needs no database.</summary>
internal sealed class EconomyBench(ThroughputSettings settings, string ordersFile, BenchProgress progress, BenchSites sites)
{
    private const string Rules = "rules";
    private const string AllPaying = "all_paying";
    private const double QuotesPerSecond = 1_000;
    private const int QuotingMembers = 500;
    private const int CouponsEach = 5;
    private const int RulesMore = 18;

    private readonly List<Measure> _measures = [];
    private readonly Dictionary<string, object> _raw = [];

    public static async Task<BenchReport> RunAsync(
        ThroughputSettings settings, string ordersFile, BenchProgress progress, CancellationToken cancellationToken)
    {
        await using var sites = new BenchSites(settings, progress);
        return await new EconomyBench(settings, ordersFile, progress, sites).RunAsync(cancellationToken);
    }

    private async Task<BenchReport> RunAsync(CancellationToken cancellationToken)
    {
        _raw["machine"] = MachineFacts.Of(sites.Folder);
        await RulesAsync(cancellationToken);
        await QuotesAsync(cancellationToken);
        _measures.AddRange(await new ExpiryBench(settings, progress, sites).RunAsync(_raw, cancellationToken));
        await SimulationAsync(cancellationToken);
        return new BenchReport(_measures, _raw);
    }

    /// <summary>The default programme has twelve rules; the others have thirty, all but nine of them for orders, with conditions and two caps
    /// each. Of the eighteen more, two pay for every order of the bench, or ten, each with an entry of its own. The mix has no orders.</summary>
    private async Task RulesAsync(CancellationToken cancellationToken)
    {
        var plain = new Lazy<Task<LaurelProcess>>(() => sites.LaurelAsync(Database.Postgres, BenchSites.Main, cancellationToken));
        if (settings.Wants(MeasureTargets.Orders30Rules) || settings.Wants(MeasureTargets.Mix30Rules))
        {
            var ruled = await RuledAsync(Rules, paying: 2, cancellationToken);
            await CompareAsync(MeasureTargets.Orders30Rules, WorkloadKind.Order, await plain.Value, ruled, cancellationToken);
            await CompareAsync(MeasureTargets.Mix30Rules, WorkloadKind.Mix, await plain.Value, ruled, cancellationToken);
        }

        if (settings.Wants(MeasureTargets.Orders30Paying))
        {
            var ruled = await RuledAsync(AllPaying, RulesMore, cancellationToken);
            await CompareAsync(MeasureTargets.Orders30Paying, WorkloadKind.Order, await plain.Value, ruled, cancellationToken);
        }
    }

    private async Task<LaurelProcess> RuledAsync(string site, int paying, CancellationToken cancellationToken)
    {
        var server = await sites.LaurelAsync(Database.Postgres, site, cancellationToken);
        using var client = ClientOf(server);
        for (var number = 0; number < RulesMore; number++)
        {
            await PostAsync(client, "/api/points/rules", RuleBody(number, number < paying), cancellationToken);
        }

        return server;
    }

    private async Task CompareAsync(string measure, WorkloadKind kind, LaurelProcess plain, LaurelProcess ruled, CancellationToken cancellationToken)
    {
        if (!settings.Wants(measure))
        {
            return;
        }

        var (byDefault, byThirty) = (new List<LoadResult>(), new List<LoadResult>());
        var step = progress.Begin($"{kind} under rules", settings.Rounds * 2 * settings.RunSeconds);
        for (var round = 0; round < settings.Rounds; round++)
        {
            foreach (var (server, results) in new[] { (plain, byDefault), (ruled, byThirty) })
            {
                await sites.SettleAsync(cancellationToken);
                var load = Load(kind, server, sites.MembersFile(Database.Postgres), $"{measure[..^"/default".Length]}{round}");
                results.Add(await step.DuringAsync($"round {round + 1}", settings.RunSeconds, LoadProcess.RunAsync(load, cancellationToken)));
            }
        }

        step.Done();
        _raw[$"{measure} default"] = byDefault;
        _raw[$"{measure} ruled"] = byThirty;
        var (one, other) = (PerSecond(byDefault), PerSecond(byThirty));
        Add(measure, other.Median / one.Median, $"{other} ÷ {one} a second; {Failures([.. byDefault, .. byThirty])}");
    }

    /// <summary>A rule for orders: of six shapes, of which one order of the bench meets all but the last, and two share a group.</summary>
    /// <param name="pays">False: the same shape, asking for what no order of the bench has.</param>
    private static string RuleBody(int number, bool pays)
    {
        var what = (number % 6, pays) switch
        {
            (0, true) => """ "condition":"order.amount > 20000 && member.level in ['bronze','silver']","amount":{"fixed":1} """,
            (0, false) => """ "condition":"order.amount > 20000 && member.level in ['platinum','diamond']","amount":{"fixed":1} """,
            (1, true) => """ "eligible":"line.category == 'drink'","amount":{"per":{"points":1,"minorUnits":1000}} """,
            (1, false) => """ "eligible":"line.category == 'shoes'","amount":{"per":{"points":1,"minorUnits":1000}} """,
            (2, true) => """ "condition":"order.channel == 'app'","amount":{"expression":"order.amount / 10000"},"group":"channel" """,
            (2, false) => """ "condition":"order.channel == 'shop'","amount":{"expression":"order.amount / 10000"},"group":"channel" """,
            (3, true) => """ "condition":"member.orders < 5","amount":{"fixed":2},"group":"channel" """,
            (3, false) => """ "condition":"member.orders >= 100000","amount":{"fixed":2},"group":"channel" """,
            (4, true) => """ "condition":"order.lines.exists(l, l.sku == 'mug')","amount":{"fixed":1},"unit":"growth" """,
            (4, false) => """ "condition":"order.lines.exists(l, l.sku == 'kettle')","amount":{"fixed":1},"unit":"growth" """,
            _ => """ "condition":"member.lifetime > 1000000","amount":{"fixed":5} """,
        };
        return string.Create(CultureInfo.InvariantCulture, $$"""
            {"code":"bench_{{number}}","nameEnglish":"Bench","nameChinese":"测试","trigger":"order.completed",{{what}},
             "caps":[{"period":"day","pointsMax":1000000},{"period":"month","usesMax":1000000}],"priority":{{number}}}
            """);
    }

    private async Task QuotesAsync(CancellationToken cancellationToken)
    {
        if (!settings.Wants(MeasureTargets.QuoteP99))
        {
            return;
        }

        var server = await sites.LaurelAsync(Database.Postgres, BenchSites.Main, cancellationToken);
        var file = await CouponsAsync(server, cancellationToken);
        var rounds = new List<LoadResult>();
        var step = progress.Begin("Quotes", settings.Rounds * settings.RunSeconds);
        for (var round = 0; round < settings.Rounds; round++)
        {
            var load = Load(WorkloadKind.Quote, server, file, $"q{round}") with { RatePerSecond = QuotesPerSecond };
            rounds.Add(await step.DuringAsync($"round {round + 1}", settings.RunSeconds, LoadProcess.RunAsync(load, cancellationToken)));
        }

        step.Done();
        _raw["quotes"] = rounds;
        var spread = Spread.Of([.. rounds.Select(static round => round.Latency.P99)]);
        Add(MeasureTargets.QuoteP99, spread.Median, $"{spread} at {QuotesPerSecond:N0}/s, 20 lines, {CouponsEach} coupons; {Failures(rounds)}");
    }

    /// <summary>Gives a few hundred members five coupons each that stand together.</summary>
    /// <returns>The file of what a quote says of the member and the coupons.</returns>
    private async Task<string> CouponsAsync(LaurelProcess server, CancellationToken cancellationToken)
    {
        using var client = ClientOf(server);
        for (var number = 0; number < CouponsEach; number++)
        {
            var terms = number % 2 == 0
                ? $$"""{"kind":"amountOff","amount":{{100 * (number + 1)}},"threshold":1000,"stackable":true}"""
                : $$"""{"kind":"percentOff","percentBasisPoints":{{200 * number}},"stackable":true}""";
            await PostAsync(
                client,
                "/api/coupons/templates",
                $$$"""{"code":"bench_{{{number}}}","nameEnglish":"Bench","nameChinese":"测试","terms":{{{terms}}},"validity":{"days":30}}""",
                cancellationToken);
        }

        var members = File.ReadLines(sites.MembersFile(Database.Postgres)).Take(QuotingMembers).ToArray();
        var texts = new string[members.Length];
        await Parallel.ForAsync(0, members.Length, new ParallelOptions { MaxDegreeOfParallelism = 32, CancellationToken = cancellationToken }, async (i, token) =>
        {
            var ids = new string[CouponsEach];
            for (var number = 0; number < CouponsEach; number++)
            {
                var body = $$"""{"memberId":"{{members[i]}}","template":"bench_{{number}}","reference":"bench-{{i}}-{{number}}"}""";
                using var answer = JsonDocument.Parse(await PostAsync(client, "/api/coupons/claim", body, token));
                ids[number] = answer.RootElement.GetProperty("coupons")[0].GetProperty("id").GetString()!;
            }

            texts[i] = $"{members[i]}\",\"coupons\":[\"{string.Join("\",\"", ids)}";
        });
        var file = Path.Combine(sites.Folder, "quotes.txt");
        await File.WriteAllLinesAsync(file, texts, cancellationToken);
        return file;
    }

    private async Task SimulationAsync(CancellationToken cancellationToken)
    {
        if (!settings.Wants(MeasureTargets.SimulationCdnow))
        {
            return;
        }

        await LaurelProcess.EnsureBuiltAsync(settings.ServerDll, cancellationToken);
        var data = Directory.CreateDirectory(Path.Combine(sites.Folder, "simulation")).FullName;
        var laurel = new LaurelSettings { Dll = settings.ServerDll, Data = data, Database = Database.Sqlite };
        var draft = Path.Combine(sites.Folder, "draft.yaml");
        await File.WriteAllTextAsync(draft, "currency: USD\n", cancellationToken);
        var seconds = new List<double>();
        for (var round = 0; round < settings.Rounds; round++)
        {
            var startedAt = Stopwatch.GetTimestamp();
            var program = laurel.Program(
                "simulate", draft, "--orders", ordersFile, "--map", "order=order_id,customer=customer_id,date=date,amount=amount", "--json", Path.Combine(sites.Folder, "report.json"));
            (await ChildProcess.RunAsync(program, TimeSpan.FromMinutes(5), cancellationToken)).Require("laurel simulate");
            seconds.Add(Stopwatch.GetElapsedTime(startedAt).TotalSeconds);
        }

        _raw["simulationSeconds"] = seconds;
        Add(MeasureTargets.SimulationCdnow, Spread.Of(seconds).Median, $"{Spread.Of(seconds)}, the whole process");
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

    private LoadSettings Load(WorkloadKind kind, LaurelProcess server, string membersFile, string prefix) =>
        settings.LoadOf(kind, server.Port, server.Id, membersFile, prefix, seed: 1);

    private void Add(string measure, double value, string note) => _measures.Add(Measure.Of(measure, value, note));

    private static Spread PerSecond(IEnumerable<LoadResult> rounds) => Spread.Of([.. rounds.Select(static round => round.OkPerSecond)]);

    private static string Failures(IReadOnlyCollection<LoadResult> rounds)
    {
        var failed = rounds.Sum(static round => round.Unavailable + round.Other + round.Timeouts + round.Dropped + round.ConnectionErrors);
        return failed == 0
            ? "every request was answered well"
            : $"{failed:N0} requests failed, such as: {rounds.Select(static round => round.FirstFailure).FirstOrDefault(static failure => failure is not null)}";
    }
}
