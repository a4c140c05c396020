using System.CommandLine;
using System.Runtime;
using Laurel.Kernel;
using Laurel.Membership.Programmes;
using Laurel.Server.Hosting;
using Laurel.Server.Imports;
using Laurel.Server.Logging;

namespace Laurel.Server.Verbs;

/// <summary><c>import orders</c>: completed orders from a CSV file become members, points, growth and levels.</summary>
/// <remarks>Exit codes: 0 all rows taken or there before, 3 some rejected, 2 the file or the command cannot be used,
/// 1 the database kept failing, 130 interrupted.</remarks>
internal static class ImportOrdersVerb
{
    private const string Description = """
        Loads completed orders from a CSV file, in order of time. A member is made just before its first order.
        It can be repeated and interrupted at will: an order that is there already is a duplicate and pays nothing.
        Bad rows are skipped and reported. The file is sorted in memory, about 150 bytes a row and 150 a customer:
        10 million rows need about 2 GB. A row has at most 65,536 characters.
        """;

    private static readonly Argument<string> s_file = new("FILE.csv") { Description = "The file, its first line naming the columns." };

    private static readonly Option<string> s_map = new("--map")
    {
        Description = "Which column is what. A date (2026-01-31) is the start of that business day; instants may be RFC 3339. Amounts are in major units.",
        DefaultValueFactory = _ => ColumnMap.Default,
    };

    private static readonly Option<string> s_currency = new("--currency")
    {
        Description = "The currency of the amounts (ISO 4217); it must be the programme's.",
        Required = true,
    };

    private static readonly Option<string> s_encoding = ImportConsole.EncodingOption();

    private static readonly Option<string?> s_errors = ImportConsole.ErrorsOption();

    public static Command Create()
    {
        var command = new Command("orders", Description) { s_file, s_map, s_currency, s_encoding, s_errors, VerbOptions.Tenant };
        command.SetAction((parsed, cancellationToken) =>
            VerbOptions.RunAsync(parsed, settings => RunAsync(parsed, settings, cancellationToken)));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, LaurelSettings settings, CancellationToken cancellationToken)
    {
        var path = parsed.GetRequiredValue(s_file);
        var errors = parsed.GetValue(s_errors) ?? path + ".errors.csv";
        if (!ColumnMap.TryParse(parsed.GetRequiredValue(s_map), out var map, out var mistake))
        {
            return ImportConsole.Unusable(mistake);
        }

        if (Currency.Find(parsed.GetRequiredValue(s_currency)) is not { } currency)
        {
            return ImportConsole.Unusable("--currency is a code of three capital letters (ISO 4217), such as CNY.");
        }

        if (ImportConsole.EncodingOf(parsed.GetRequiredValue(s_encoding)) is not { } encoding)
        {
            return ImportConsole.Unusable("--encoding is utf-8 or gb18030.");
        }

        if (Path.GetFullPath(errors) == Path.GetFullPath(path))
        {
            return ImportConsole.Unusable("--errors must not be the file itself.");
        }

        return await ImportConsole.GuardAsync(async () =>
        {
            var (file, unusable) = OrderFile.Open(path, encoding, map);
            using (file)
            {
                return file is null
                    ? ImportConsole.Unusable(unusable!)
                    : await ImportAsync(parsed, file, map, currency, errors, settings, cancellationToken);
            }
        });
    }

    private static async Task<int> ImportAsync(
        ParseResult parsed,
        OrderFile file,
        ColumnMap map,
        Currency currency,
        string errors,
        LaurelSettings settings,
        CancellationToken cancellationToken)
    {
        var clock = TimeProvider.System;
        var started = clock.GetTimestamp();
        var own = OrderImport.SettingsFor(settings);
        // Nobody waits for an answer here, so collections need not run beside the work.
        GCSettings.LatencyMode = GCLatencyMode.Batch;
        using var loggers = LoggerFactory.Create(logging => LogSetup.ConfigureLogging(logging, settings));
        await using var node = await LaurelNode.OpenAsync(own, "import orders", clock, loggers, cancellationToken);
        var tenant = await VerbOptions.TenantAsync(parsed, node, cancellationToken);
        var programme = node.Programmes.Latest(tenant)
            ?? throw new InvariantBrokenException("An open node has read the programme of its tenant.");
        if (programme.Programme.Currency != currency.Code)
        {
            return ImportConsole.Unusable($"The programme's currency is {programme.Programme.Currency}, not {currency.Code}.");
        }

        await using var report = new ErrorReport(errors);
        var latest = Instant.Now(clock).Plus(TimeSpan.FromMinutes(programme.Programme.TimeAheadMinutesMax));
        var times = new BusinessTimes(programme.Calendar, latest);
        var (history, counts) = await ImportProgress.ShowAsync(async (reading, importing) =>
        {
            reading.MaxValue = Math.Max(1, file.BytesTotal);
            var read = file.Read(currency, times, report, new TaskProgress(reading), cancellationToken);
            importing.MaxValue = Math.Max(1, read.Orders.Count);
            var import = new OrderImport(node, tenant, map, report, clock);
            return (read, await import.RunAsync(read, currency, new TaskProgress(importing), cancellationToken));
        });
        ImportConsole.Tell("rows", history.Rows);
        ImportConsole.Tell("orders applied", counts.OrdersApplied);
        ImportConsole.Tell("duplicates", counts.Duplicates + history.Repeats);
        ImportConsole.Tell("members made", counts.MembersMade);
        return ImportConsole.Close(report, errors, "orders/s", history.Orders.Count, clock.GetElapsedTime(started));
    }
}
