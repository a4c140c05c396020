using System.Diagnostics;
using System.Globalization;
using Laurel.Bench.Load;
using Laurel.Bench.Servers;

namespace Laurel.Bench.Measures;

/// <summary>How long <c>laurel sweep</c> takes to let a million lots lapse, while other members earn at half of the peak.</summary>
internal sealed class ExpiryBench(ThroughputSettings settings, BenchProgress progress, BenchSites sites)
{
    private const int OrdersEach = 10;
    private const int OldestDays = 400;
    private static readonly TimeSpan s_stepTimeMax = TimeSpan.FromMinutes(15);

    private int Customers => settings.Quick ? 1_000 : 100_000;

    public async Task<IReadOnlyList<Measure>> RunAsync(Dictionary<string, object> raw, CancellationToken cancellationToken)
    {
        if (!settings.Wants(MeasureTargets.ExpiryLots))
        {
            return [];
        }

        // The server's own sweep would come first.
        var server = await sites.LaurelAsync(Database.Postgres, "expiry", cancellationToken, new Dictionary<string, string> { ["LAUREL_SWEEP_SECONDS"] = "86400" });
        var orders = Path.Combine(sites.Folder, "expiring.csv");
        WriteOrders(orders, Customers);
        var step = progress.Begin("A million lots", 1);
        var import = server.Settings.Program("import", "orders", orders, "--map", MadeOrders.Map, "--currency", "CNY");
        (await ChildProcess.RunAsync(import, s_stepTimeMax, cancellationToken)).Require("laurel import");
        await sites.SettleAsync(cancellationToken);

        var members = await sites.MembersAsync(Database.Postgres, cancellationToken);
        var peak = await LoadProcess.RunAsync(settings.LoadOf(WorkloadKind.EarnUniform, server.Port, server.Id, members, "peak", seed: 1), cancellationToken);
        var half = settings.LoadOf(WorkloadKind.EarnUniform, server.Port, server.Id, members, "half", seed: 2) with
        {
            RatePerSecond = peak.OkPerSecond / 2,
            WarmupSeconds = 1,
            MeasureSeconds = settings.Quick ? 10 : 90,
        };
        var earning = LoadProcess.RunAsync(half, cancellationToken);
        await Task.Delay(TimeSpan.FromSeconds(half.WarmupSeconds), TimeProvider.System, cancellationToken);
        var startedAt = Stopwatch.GetTimestamp();
        (await ChildProcess.RunAsync(server.Settings.Program("sweep"), s_stepTimeMax, cancellationToken)).Require("laurel sweep");
        var seconds = Stopwatch.GetElapsedTime(startedAt).TotalSeconds;
        var earned = await earning;
        step.Done();
        raw["expirySeconds"] = seconds;
        raw["expiryEarnings"] = earned;
        var note = string.Create(
            CultureInfo.InvariantCulture,
            $"{Customers * OrdersEach:N0} lots of orders and as many first bonuses as members, of {Customers:N0} members; beside {half.RatePerSecond:N0} earnings/s, p99 {earned.Latency.P99:0.0} ms");
        return [Measure.Of(MeasureTargets.ExpiryLots, seconds, note)];
    }

    /// <summary>Ten orders a customer on days of their own, all of them longer ago than points live.</summary>
    private static void WriteOrders(string file, int customers)
    {
        var oldest = DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime).AddDays(-OldestDays);
        File.WriteAllLines(file, Enumerable.Range(0, OrdersEach).SelectMany(number => Enumerable.Range(0, customers).Select(customer => string.Create(
            CultureInfo.InvariantCulture, $"x{number}-{customer},e{customer:D8},{oldest.AddDays(number):yyyy-MM-dd},{10 + (customer % 90)}.00"))).Prepend("order_id,customer_id,date,amount"));
    }
}
