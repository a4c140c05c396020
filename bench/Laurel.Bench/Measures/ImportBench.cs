using Laurel.Bench.Servers;

namespace Laurel.Bench.Measures;

/// <summary>How fast a file of orders becomes points, by <c>laurel import orders</c> on an empty SQLite
/// database.</summary>
internal sealed class ImportBench(string? serverDll, string ordersFile, string workFolder, int rounds)
{
    private const int PerRoundSecondsExpected = 15;
    private const string Map = "order=order_id,customer=customer_id,date=date,amount=amount";
    private static readonly TimeSpan s_roundTimeMax = TimeSpan.FromMinutes(10);

    /// <summary>Orders over the whole time from the start of the process to its end, the median of the
    /// rounds.</summary>
    public async Task<BenchReport> RunAsync(BenchProgress progress, CancellationToken cancellationToken)
    {
        await LaurelProcess.EnsureBuiltAsync(serverDll, cancellationToken);
        var orders = File.ReadLines(ordersFile).Count(static line => line.Length > 0) - 1;
        var step = progress.Begin($"Import of {orders:N0} orders", rounds * PerRoundSecondsExpected);
        var seconds = new List<double>();
        var machine = MachineFacts.Of(workFolder);
        for (var round = 1; round <= rounds; round++)
        {
            var run = RunRoundAsync(cancellationToken);
            seconds.Add(await step.DuringAsync($"round {round} of {rounds}", PerRoundSecondsExpected, run));
        }

        step.Done();
        var spread = Spread.Of([.. seconds.Select(one => orders / one)]);
        var taken = BenchReport.Figure(Spread.Of(seconds).Median);
        var note = $"{orders:N0} orders in {taken} s, start of the process included";
        return new BenchReport(
            [Measure.Of(MeasureTargets.ImportOrders, spread.Median, note)],
            new Dictionary<string, object>
            {
                ["machine"] = machine,
                ["orders"] = orders,
                ["seconds"] = seconds,
                ["perSecond"] = spread,
            });
    }

    private async Task<double> RunRoundAsync(CancellationToken cancellationToken)
    {
        var folder = Path.Combine(workFolder, $"laurel-import-{Path.GetRandomFileName()}");
        Directory.CreateDirectory(folder);
        try
        {
            var laurel = new LaurelSettings { Dll = serverDll, Data = folder, Database = Database.Sqlite };
            var program = laurel.Program("import", "orders", ordersFile, "--map", Map, "--currency", "CNY");
            var outcome = await ChildProcess.RunAsync(program, s_roundTimeMax, cancellationToken);
            outcome.Require("laurel import orders");
            return outcome.Took.TotalSeconds;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
