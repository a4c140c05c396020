using Laurel.Bench.Load;
using Laurel.Bench.Servers;

namespace Laurel.Bench.Measures;

/// <summary>What a larger installation is asked for: cached reads, many connections, two nodes on one database, and how soon it
/// serves again after a loss, what a cache gives and what brokers cost. On PostgreSQL.</summary>
internal sealed class ClusterBench(ThroughputSettings settings, BenchProgress progress, BenchSites sites)
{
    private const double CachedReadsPerSecond = 5_000;

    /// <summary>Fewer than a node keeps in its memory.</summary>
    private const int CachedMembers = 8_000;

    private const double ManyConnectionsRatePerSecond = 3_000;
    private const int SharedMembers = 200;

    private readonly List<Measure> _measures = [];
    private readonly Dictionary<string, object> _raw = [];

    private int ManyConnections => settings.Quick ? 1_000 : 10_000;

    public static async Task<BenchReport> RunAsync(
        ThroughputSettings settings, BenchProgress progress, CancellationToken cancellationToken)
    {
        await using var sites = new BenchSites(settings, progress);
        return await new ClusterBench(settings, progress, sites).RunAsync(cancellationToken);
    }

    private async Task<BenchReport> RunAsync(CancellationToken cancellationToken)
    {
        _raw["machine"] = MachineFacts.Of(sites.Folder);
        await CachedReadsAsync(cancellationToken);
        await ManyConnectionsAsync(cancellationToken);
        await TwoNodesAsync(cancellationToken);
        await RecoveryAsync(cancellationToken);
        _measures.AddRange(await new CompanionsBench(settings, progress, sites).RunAsync(_raw, cancellationToken));
        return new BenchReport(_measures, _raw);
    }

    private async Task CachedReadsAsync(CancellationToken cancellationToken)
    {
        if (!settings.Wants(MeasureTargets.ReadCachedP99))
        {
            return;
        }

        var server = await sites.LaurelAsync(Database.Postgres, BenchSites.Main, cancellationToken);
        var load = Load(WorkloadKind.Read, server, FirstMembers(CachedMembers), "read") with { RatePerSecond = CachedReadsPerSecond };
        var rounds = await RoundsAsync("Cached reads", load, cancellationToken);
        var spread = Spread.Of([.. rounds.Select(static round => round.Latency.P99)]);
        _raw["cachedReads"] = rounds;
        Add(MeasureTargets.ReadCachedP99, spread.Median, $"{spread} at {CachedReadsPerSecond:N0}/s; {Failures(rounds)}");
    }

    private async Task ManyConnectionsAsync(CancellationToken cancellationToken)
    {
        if (!settings.Wants(MeasureTargets.ManyConnectionsMemory))
        {
            return;
        }

        await using var server = await sites.ServeBesideAsync(Database.Postgres, BenchSites.Main, null, cancellationToken);
        var load = Load(WorkloadKind.Mix, server, sites.MembersFile(Database.Postgres), "many") with
        {
            Connections = ManyConnections,
            RatePerSecond = ManyConnectionsRatePerSecond,
        };
        var rounds = await RoundsAsync("Many connections", load, cancellationToken);
        _raw["manyConnections"] = rounds;
        var note = $"{ManyConnections:N0} connections, {ManyConnectionsRatePerSecond:N0} requests/s; {Failures(rounds)}";
        Add(MeasureTargets.ManyConnectionsMemory, server.PeakResidentMebibytes, note);
        Add(MeasureTargets.ManyConnectionsErrors, rounds.Sum(Failed), note);
    }

    /// <summary>Both nodes earn for the same few members; each gets half of the connections that the single node gets.</summary>
    private async Task TwoNodesAsync(CancellationToken cancellationToken)
    {
        if (!settings.Wants(MeasureTargets.TwoNodesOne))
        {
            return;
        }

        var members = FirstMembers(SharedMembers, await sites.MembersAsync(Database.Postgres, cancellationToken));
        var (one, two) = (new List<double>(), new List<double>());
        var retried = 0d;
        var batches = 0d;
        var step = progress.Begin("Two nodes", settings.Rounds * 2 * settings.RunSeconds);
        for (var round = 0; round < settings.Rounds; round++)
        {
            await using (var alone = await sites.ServeBesideAsync(Database.Postgres, BenchSites.Main, null, cancellationToken))
            {
                var load = Load(WorkloadKind.EarnUniform, alone, members, $"one{round}");
                one.Add((await step.DuringAsync("one node", settings.RunSeconds, LoadProcess.RunAsync(load, cancellationToken))).OkPerSecond);
            }

            await using var first = await sites.ServeBesideAsync(Database.Postgres, BenchSites.Main, null, cancellationToken);
            await using var second = await sites.ServeBesideAsync(Database.Postgres, BenchSites.Main, null, cancellationToken);
            var runs = new[] { (first, "a"), (second, "b") }.Select(node => LoadProcess.RunAsync(
                Load(WorkloadKind.EarnUniform, node.Item1, members, $"two{round}{node.Item2}") with { Connections = ThroughputSettings.Connections / 2 },
                cancellationToken));
            var results = await step.DuringAsync("two nodes", settings.RunSeconds, Task.WhenAll(runs));
            two.Add(results.Sum(static result => result.OkPerSecond));
            foreach (var node in new[] { first, second })
            {
                var figures = await node.MetricsAsync(cancellationToken);
                retried += figures.Sum("member_batch_retries_total");
                batches += figures.Sum("member_batch_commands_count");
            }
        }

        step.Done();
        var (alones, together) = (Spread.Of([.. one]), Spread.Of([.. two]));
        Add(MeasureTargets.TwoNodesOne, together.Median / alones.Median, $"{together} ÷ {alones} a second, {SharedMembers} members");
        Add(MeasureTargets.TwoNodesRetried, retried / batches, $"{retried:N0} of {batches:N0} batches");
    }

    private async Task RecoveryAsync(CancellationToken cancellationToken)
    {
        if (!settings.Wants(MeasureTargets.RecoveryKill))
        {
            return;
        }

        var found = new Dictionary<Database, Spread>();
        foreach (var database in settings.Databases)
        {
            await sites.MembersAsync(database, cancellationToken);
            var recovery = new Recovery(settings, sites, FirstMembers(CachedMembers, sites.MembersFile(database)));
            found[database] = Spread.Of(await recovery.AfterKillsAsync(database, cancellationToken));
        }

        var (slower, spread) = found.MaxBy(static pair => pair.Value.Median);
        Add(MeasureTargets.RecoveryKill, spread.Median, $"{slower} is the slower: {string.Join(", ", found.Select(static pair => $"{pair.Key} {pair.Value}"))}");
    }

    private async Task<List<LoadResult>> RoundsAsync(string what, LoadSettings load, CancellationToken cancellationToken)
    {
        var rounds = new List<LoadResult>();
        var step = progress.Begin(what, settings.Rounds * settings.RunSeconds);
        for (var round = 0; round < settings.Rounds; round++)
        {
            var run = LoadProcess.RunAsync(load with { ReferencePrefix = $"{load.ReferencePrefix}{round}" }, cancellationToken);
            rounds.Add(await step.DuringAsync($"round {round + 1} of {settings.Rounds}", settings.RunSeconds, run));
        }

        step.Done();
        return rounds;
    }

    private string FirstMembers(int count) => FirstMembers(count, sites.MembersFile(Database.Postgres));

    private string FirstMembers(int count, string all)
    {
        var file = Path.Combine(sites.Folder, $"first-{count}-{Path.GetFileName(all)}");
        File.WriteAllLines(file, File.ReadLines(all).Take(count));
        return file;
    }

    private LoadSettings Load(WorkloadKind kind, LaurelProcess server, string membersFile, string prefix) =>
        settings.LoadOf(kind, server.Port, server.Id, membersFile, prefix, seed: 1);

    private void Add(string measure, double value, string note) => _measures.Add(Measure.Of(measure, value, note));

    private static long Failed(LoadResult round) => round.Unavailable + round.Other + round.Timeouts + round.Dropped + round.ConnectionErrors;

    private static string Failures(IReadOnlyCollection<LoadResult> rounds)
    {
        var failed = rounds.Sum(Failed);
        return failed == 0 ? "every request was answered well" : $"{failed:N0} requests failed, such as: {rounds.Select(static round => round.FirstFailure).FirstOrDefault(static failure => failure is not null)}";
    }
}
