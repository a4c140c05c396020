using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Laurel.Kernel;
using Laurel.Membership.Benefits;
using Laurel.Membership.Programmes;
using Laurel.Membership.Simulation;
using Laurel.Server.Hosting;
using Laurel.Server.Imports;
using Laurel.Server.Programmes;
using Spectre.Console;

namespace Laurel.Server.Verbs;

/// <summary><c>simulate</c>: what a draft of the programme would have made of a history of orders.</summary>
internal static class SimulateVerb
{
    private const int ExitUnusable = 2;

    private const int ExitInterrupted = 130;

    private const string Description = """
        Runs a history of orders through a draft and through the programme in force, in memory, and tells both apart:
        cost, liability, levels, and who gains and loses. Nothing is stored.
        """;

    private static readonly Argument<string> s_draft = new("DRAFT.yaml") { Description = "The programme as it might be, as YAML or JSON." };

    private static readonly Option<string> s_orders = new("--orders") { Description = "The history: a CSV file, as `import orders` takes it.", Required = true };

    private static readonly Option<string> s_map = new("--map") { Description = "Which column is what, as for `import orders`.", DefaultValueFactory = _ => ColumnMap.Default };

    private static readonly Option<string?> s_errors = new("--errors") { Description = "The report of rejected rows (default ORDERS.csv.errors.csv, beside the file)." };

    private static readonly Option<string?> s_json = new("--json") { Description = "Also writes the report as JSON to this file." };

    private static readonly Option<string?> s_html = new("--html") { Description = "Also writes the report as a page with charts to this file." };

    public static Command Create()
    {
        var command = new Command("simulate", Description) { s_draft, s_orders, s_map, s_errors, s_json, s_html, VerbOptions.Tenant };
        command.SetAction((parsed, cancellationToken) => VerbOptions.RunAsync(parsed, settings => RunAsync(parsed, settings, cancellationToken)));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, LaurelSettings settings, CancellationToken cancellationToken)
    {
        if (await ProgrammeVerb.ReadDraftAsync(parsed.GetRequiredValue(s_draft), settings, cancellationToken) is not { } draft)
        {
            return ExitUnusable;
        }

        if (!ColumnMap.TryParse(parsed.GetRequiredValue(s_map), out var map, out var mistake))
        {
            return Unusable(mistake);
        }

        if (Currency.Find(draft.Currency) is not { } currency)
        {
            return Unusable("The draft's Currency is a code of three capital letters (ISO 4217), such as CNY.");
        }

        var (file, unusable) = OrderFile.Open(parsed.GetRequiredValue(s_orders), Encoding.UTF8, map);
        using (file)
        {
            if (file is null)
            {
                return Unusable(unusable!);
            }

            try
            {
                var present = await PresentAsync(parsed, settings, cancellationToken);
                var errors = parsed.GetValue(s_errors) ?? parsed.GetRequiredValue(s_orders) + ".errors.csv";
                var report = await SimulateAsync(file, errors, present, draft with { Version = present.Version + 1 }, currency, settings.BenefitKinds, cancellationToken);
                await WriteAsync(parsed, report, cancellationToken);
                return 0;
            }
            catch (OperationCanceledException)
            {
                Unusable("Interrupted.");
                return ExitInterrupted;
            }
        }
    }

    private static async Task<Programme> PresentAsync(ParseResult parsed, LaurelSettings settings, CancellationToken cancellationToken)
    {
        try
        {
            await using var node = await LaurelNode.OpenToReadAsync(settings, TimeProvider.System, cancellationToken);
            return node.Programmes.Latest(await VerbOptions.TenantAsync(parsed, node, cancellationToken))!.Programme;
        }
        catch (FileNotFoundException)
        {
            // Whoever tries Laurel has no programme yet; the one it begins with is what a draft is compared with.
            return settings.Programme(new Programme());
        }
    }

    private static async Task<SimulationReport> SimulateAsync(
        OrderFile file, string errors, Programme present, Programme draft, Currency currency, BenefitKinds kinds, CancellationToken cancellationToken)
    {
        var clock = TimeProvider.System;
        var started = clock.GetTimestamp();
        await using var rejected = new ErrorReport(errors);
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        var (report, orders) = await console.Status().StartAsync("Reading orders…", async context =>
        {
            var times = new BusinessTimes(new ActiveProgramme(draft).Calendar, Instant.Now(clock));
            var history = file.Read(currency, times, rejected, new Progress<long>(), cancellationToken);
            var read = history.Orders.Select(order => new SimulatedOrder(history.Customers[order.Customer], order.Time, order.OrderId, order.Amount)).ToList();
            context.Status($"Running {read.Count:N0} orders through both programmes…");

            // The two share nothing: each has a core of its own where there are two.
            SimulationOutcome Run(Programme programme) => new ProgrammeSimulation(programme, clock, kinds).Run(read, cancellationToken: cancellationToken);
            var before = Task.Run(() => Run(present with { Currency = currency.Code }), cancellationToken);
            var after = await Task.Run(() => Run(draft), cancellationToken);
            return (SimulationReport.Of(present, await before, draft, after), read.Count);
        });
        await Console.Error.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture, $"{orders:N0} orders, {rejected.RowsRejected:N0} rows rejected, {clock.GetElapsedTime(started).TotalSeconds:F1} s"));
        return report;
    }

    private static async Task WriteAsync(ParseResult parsed, SimulationReport report, CancellationToken cancellationToken)
    {
        SimulationTables.Write(AnsiConsole.Console, report);
        if (parsed.GetValue(s_json) is { } json)
        {
            await File.WriteAllTextAsync(json, JsonSerializer.Serialize(report, s_indented), cancellationToken);
        }

        if (parsed.GetValue(s_html) is { } html)
        {
            await File.WriteAllTextAsync(html, SimulationPage.Write(report), cancellationToken);
        }
    }

    private static readonly JsonSerializerOptions s_indented = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    private static int Unusable(string sentence)
    {
        Console.Error.WriteLine(sentence);
        return ExitUnusable;
    }
}
