using Laurel.Bench.Load;
using Laurel.Bench.Servers;

namespace Laurel.Bench.Measures;

/// <summary>The same server over a small membership and over one of ten million with thirty million entries, on PostgreSQL.</summary>
/// <remarks>The large one is imported by Laurel itself: each member gets registration points, an order and the first-order bonus,
/// three entries.</remarks>
internal sealed class CapacityBench(ThroughputSettings settings, BenchProgress progress, BenchSites sites)
{
    private const string Large = "laurel_large";
    private const int MembersFull = 10_000_000;
    private const int ReadsOfEach = 400;
    private const int Readers = 4;
    private const double OrdersPerSecondExpected = 6_000;
    private static readonly TimeSpan s_importTimeMax = TimeSpan.FromHours(2);

    private readonly List<double> _small = [];
    private readonly List<double> _large = [];
    private readonly Dictionary<string, object> _raw = [];
    private int _runs;

    private int Members => settings.Quick ? 20_000 : MembersFull;

    public static async Task<BenchReport> RunAsync(ThroughputSettings settings, BenchProgress progress, CancellationToken cancellationToken)
    {
        await using var sites = new BenchSites(settings, progress);
        return await new CapacityBench(settings, progress, sites).RunAsync(cancellationToken);
    }

    private async Task<BenchReport> RunAsync(CancellationToken cancellationToken)
    {
        _raw["machine"] = MachineFacts.Of(sites.Folder);
        var small = await sites.LaurelAsync(Database.Postgres, BenchSites.Main, cancellationToken);
        await using var large = await LargeAsync(cancellationToken);
        var members = await MembersAsync(cancellationToken);
        var step = progress.Begin("Earnings", settings.Rounds * 2 * settings.RunSeconds);
        for (var round = 0; round < settings.Rounds; round++)
        {
            await EarnAsync(step, small, sites.MembersFile(Database.Postgres), _small, cancellationToken);
            await EarnAsync(step, large, members, _large, cancellationToken);
        }

        step.Done();
        var reads = await ReadsAsync(large, members, cancellationToken);
        var slowest = reads.MaxBy(static read => read.Milliseconds);
        var (few, many) = (Spread.Of(_small), Spread.Of(_large));
        _raw["reads"] = reads.ToDictionary(static read => read.Name, static read => read.Milliseconds);
        return new BenchReport(
            [
                Measure.Of(MeasureTargets.CapacityEarn, many.Median / few.Median, $"{many} ÷ {few} a second; {Members:N0} members against {settings.Members:N0}"),
                Measure.Of(MeasureTargets.CapacityReads, slowest.Milliseconds, $"the slowest is {slowest.Name}; all: {string.Join(", ", reads.Select(static read => $"{read.Name} {BenchReport.Figure(read.Milliseconds)}"))}"),
            ],
            _raw);
    }

    private async Task<LaurelProcess> LargeAsync(CancellationToken cancellationToken)
    {
        var postgres = await sites.PostgresAsync(cancellationToken);
        await postgres.CreateDatabaseAsync(Large, cancellationToken);
        var laurel = new LaurelSettings
        {
            Dll = settings.ServerDll,
            Data = Directory.CreateDirectory(Path.Combine(sites.Folder, "large")).FullName,
            Database = Database.Postgres,
            DatabaseUrl = postgres.Url(Large),
        };
        var orders = Path.Combine(sites.Folder, "orders.csv");
        MadeOrders.Write(orders, Members);
        var seconds = Members / OrdersPerSecondExpected;
        var step = progress.Begin($"{Members:N0} members", seconds);
        var program = laurel.Program("import", "orders", orders, "--map", MadeOrders.Map, "--currency", "CNY");
        var import = await step.DuringAsync("import", seconds, ChildProcess.RunAsync(program, s_importTimeMax, cancellationToken));
        import.Require("laurel import orders");
        step.Done();
        await postgres.ExecuteAsync(Large, "VACUUM ANALYZE", TimeSpan.FromHours(1), cancellationToken);
        _raw["import"] = new { members = Members, seconds = import.Took.TotalSeconds };
        _raw["rows"] = await postgres.ListAsync(Large, "SELECT 'entries ' || count(*) FROM entries UNION ALL SELECT 'bytes ' || pg_database_size(current_database())", cancellationToken);
        return await LaurelProcess.StartAsync(laurel, cancellationToken);
    }

    private async Task<string> MembersAsync(CancellationToken cancellationToken)
    {
        var file = Path.Combine(sites.Folder, "members-large.txt");
        var postgres = await sites.PostgresAsync(cancellationToken);
        await File.WriteAllLinesAsync(file, await postgres.ListAsync(Large, "SELECT id::text FROM members ORDER BY random()", cancellationToken), cancellationToken);
        return file;
    }

    private async Task EarnAsync(BenchProgress.Step step, LaurelProcess server, string members, List<double> found, CancellationToken cancellationToken)
    {
        await sites.SettleAsync(cancellationToken);
        var load = settings.LoadOf(WorkloadKind.EarnUniform, server.Port, server.Id, members, $"k{++_runs}-", _runs);
        found.Add((await step.DuringAsync($"run {_runs}", settings.RunSeconds, LoadProcess.RunAsync(load, cancellationToken))).OkPerSecond);
    }

    /// <summary>Every read of the API, a few at a time, each of members drawn at random.</summary>
    private async Task<IReadOnlyList<(string Name, double Milliseconds)>> ReadsAsync(LaurelProcess server, string members, CancellationToken cancellationToken)
    {
        var ids = File.ReadLines(members).Take(ReadsOfEach * Readers).ToArray();
        (string Name, Func<int, string> Path)[] reads =
        [
            ("member", i => $"/api/members/{ids[i]}"),
            ("member by externalId", i => $"/api/members?externalId=c{i * (Members / (ReadsOfEach * Readers)):D8}"),
            ("members, a page", i => $"/api/members?limit={20 + (i % 80)}"),
            ("level", i => $"/api/members/{ids[i]}/level"),
            ("points", i => $"/api/members/{ids[i]}/points"),
            ("points as of", i => $"/api/members/{ids[i]}/points?asOf=2026-01-02T00:00:00Z"),
            ("records of a member", i => $"/api/points/records?memberId={ids[i]}"),
            ("records", i => $"/api/points/records?limit={20 + (i % 80)}"),
            ("levels", static _ => "/api/levels"),
        ];
        var step = progress.Begin("Reads", reads.Length);
        var found = new List<(string, double)>();
        foreach (var (name, path) in reads)
        {
            found.Add((name, await Reads.P95Async(server.Port, path, ids.Length, Readers, cancellationToken)));
            step.ReachedPart((double)found.Count / reads.Length);
        }

        return found;
    }
}
