using Laurel.Bench.Servers;

namespace Laurel.Bench.Measures;

/// <summary>How long <c>laurel restore</c> takes for an archive of many members, each with an order, on the slower of the two
/// databases.</summary>
internal sealed class RestoreBench(ThroughputSettings settings, BenchProgress progress)
{
    private const int MembersFull = 1_000_000;
    private const double MembersPerSecondExpected = 5_000;
    private static readonly TimeSpan s_stepTimeMax = TimeSpan.FromMinutes(30);

    private int Members => settings.Quick ? 5_000 : MembersFull;

    public async Task<BenchReport> RunAsync(CancellationToken cancellationToken)
    {
        await LaurelProcess.EnsureBuiltAsync(settings.ServerDll, cancellationToken);
        var folder = Directory.CreateDirectory(Path.Combine(settings.WorkFolder, $"laurel-restore-{Path.GetRandomFileName()}")).FullName;
        try
        {
            var machine = MachineFacts.Of(folder);
            var orders = Path.Combine(folder, "orders.csv");
            MadeOrders.Write(orders, Members);
            await using var postgres = await PostgresProcess.StartAsync(settings.WorkFolder, cancellationToken);
            var times = new Dictionary<Database, Times>();
            foreach (var database in settings.Databases)
            {
                times[database] = await MeasureAsync(database, postgres, folder, orders, cancellationToken);
            }

            var (slower, longest) = times.MaxBy(static pair => pair.Value.Restore);
            var all = string.Join("; ", times.Select(static pair => $"{pair.Key}: backup {pair.Value.Backup:0.0} s, {pair.Value.Mebibytes:N0} MiB, restore {pair.Value.Restore:0.0} s"));
            return new BenchReport(
                [Measure.Of(MeasureTargets.RestoreMembers, longest.Restore, $"{Members:N0} members with an order each; {slower} is the slower. {all}")],
                new Dictionary<string, object> { ["machine"] = machine, ["members"] = Members, ["seconds"] = times.ToDictionary(static pair => $"{pair.Key}", static pair => pair.Value) });
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <param name="Backup">Seconds, as <paramref name="Restore"/>.</param>
    private sealed record Times(double Backup, double Restore, double Mebibytes);

    private async Task<Times> MeasureAsync(Database database, PostgresProcess postgres, string folder, string orders, CancellationToken cancellationToken)
    {
        var step = progress.Begin($"Restore on {database}", Members / MembersPerSecondExpected);
        var from = await SiteAsync(database, postgres, folder, "from", cancellationToken);
        var into = await SiteAsync(database, postgres, folder, "into", cancellationToken);
        var archives = Path.Combine(folder, $"archives-{database}");
        await step.DuringAsync("import", Members / MembersPerSecondExpected, RunAsync(from, cancellationToken, "import", "orders", orders, "--map", MadeOrders.Map, "--currency", "CNY"));
        var backup = await RunAsync(from, cancellationToken, "backup", archives);
        var archive = Directory.EnumerateFiles(archives, "*.tar.gz").Single();
        var restore = await RunAsync(into, cancellationToken, "restore", archive);
        step.Done();
        return new Times(backup.Took.TotalSeconds, restore.Took.TotalSeconds, new FileInfo(archive).Length / 1048576d);
    }

    private async Task<LaurelSettings> SiteAsync(Database database, PostgresProcess postgres, string folder, string name, CancellationToken cancellationToken)
    {
        var data = Directory.CreateDirectory(Path.Combine(folder, $"{database}-{name}")).FullName;
        if (database == Database.Postgres)
        {
            await postgres.CreateDatabaseAsync($"laurel_{name}", cancellationToken);
        }

        return new LaurelSettings
        {
            Dll = settings.ServerDll,
            Data = data,
            Database = database,
            DatabaseUrl = database == Database.Postgres ? postgres.Url($"laurel_{name}") : null,
        };
    }

    private static async Task<ChildOutcome> RunAsync(LaurelSettings laurel, CancellationToken cancellationToken, params string[] arguments)
    {
        var outcome = await ChildProcess.RunAsync(laurel.Program(arguments), s_stepTimeMax, cancellationToken);
        outcome.Require($"laurel {arguments[0]}");
        return outcome;
    }
}
