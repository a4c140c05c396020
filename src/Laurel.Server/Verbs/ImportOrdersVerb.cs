using System.CommandLine;
using System.Globalization;
using System.Runtime;
using System.Text;
using Laurel.Kernel;
using Laurel.Membership.Programmes;
using Laurel.Server.Hosting;
using Laurel.Server.Imports;
using Laurel.Server.Logging;
using Spectre.Console;

namespace Laurel.Server.Verbs;

/// <summary><c>import orders</c>: completed orders from a CSV file become members, points, growth and levels.</summary>
/// <remarks>Exit codes: 0 all rows taken or there before, 3 some rejected, 2 the file or the command cannot be used,
/// 1 the database kept failing, 130 interrupted.</remarks>
internal static class ImportOrdersVerb
{
    private const int ExitStopped = 1;
    private const int ExitUnusable = 2;
    private const int ExitRejected = 3;
    private const int ExitInterrupted = 130;

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

    private static readonly Option<string> s_encoding = new("--encoding")
    {
        Description = "utf-8 or gb18030. A byte order mark in the file decides before this.",
        DefaultValueFactory = _ => "utf-8",
    };

    private static readonly Option<string?> s_errors = new("--errors") { Description = "The report of rejected rows (default FILE.csv.errors.csv, beside the file)." };

    public static Command Create()
    {
        var command = new Command("orders", Description) { s_file, s_map, s_currency, s_encoding, s_errors };
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
            return Unusable(mistake);
        }

        if (Currency.Find(parsed.GetRequiredValue(s_currency)) is not { } currency)
        {
            return Unusable("--currency is a code of three capital letters (ISO 4217), such as CNY.");
        }

        if (EncodingOf(parsed.GetRequiredValue(s_encoding)) is not { } encoding)
        {
            return Unusable("--encoding is utf-8 or gb18030.");
        }

        if (Path.GetFullPath(errors) == Path.GetFullPath(path))
        {
            return Unusable("--errors must not be the file itself.");
        }

        try
        {
            var (file, unusable) = OrderFile.Open(path, encoding, map);
            using (file)
            {
                return file is null
                    ? Unusable(unusable!)
                    : await ImportAsync(file, map, currency, errors, settings, cancellationToken);
            }
        }
        catch (IOException exception) when (exception is not FileNotFoundException)
        {
            return Unusable(exception.Message);
        }
        catch (ImportStoppedException exception)
        {
            Unusable(exception.Message);
            return ExitStopped;
        }
        catch (OperationCanceledException)
        {
            Unusable("Interrupted. Run the same command again: it goes on where it stopped.");
            return ExitInterrupted;
        }
    }

    private static async Task<int> ImportAsync(
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
        var programme = node.Programmes.Latest(LaurelNode.DefaultTenant)
            ?? throw new InvariantBrokenException("An open node has read the programme of its tenant.");
        if (programme.Programme.Currency != currency.Code)
        {
            return Unusable($"The programme's currency is {programme.Programme.Currency}, not {currency.Code}.");
        }

        await using var report = new ErrorReport(errors);
        var latest = Instant.Now(clock).Plus(TimeSpan.FromMinutes(programme.Programme.TimeAheadMinutesMax));
        var times = new BusinessTimes(programme.Calendar, latest);
        var (history, counts) = await ImportProgress.ShowAsync(async (reading, importing) =>
        {
            reading.MaxValue = Math.Max(1, file.BytesTotal);
            var read = file.Read(currency, times, report, new TaskProgress(reading), cancellationToken);
            importing.MaxValue = Math.Max(1, read.Orders.Count);
            var import = new OrderImport(node, LaurelNode.DefaultTenant, map, report, clock);
            return (read, await import.RunAsync(read, currency, new TaskProgress(importing), cancellationToken));
        });
        Summarise(history, counts, report, errors, clock.GetElapsedTime(started));
        return report.RowsRejected == 0 ? 0 : ExitRejected;
    }

    private static void Summarise(OrderHistory history, ImportCounts counts, ErrorReport report, string errors, TimeSpan elapsed)
    {
        var seconds = Math.Max(elapsed.TotalSeconds, 0.001);
        Tell("rows", history.Rows);
        Tell("orders applied", counts.OrdersApplied);
        Tell("duplicates", counts.Duplicates + history.Repeats);
        Tell("members made", counts.MembersMade);
        Tell("rejected", report.RowsRejected);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{"seconds",-16}{seconds:F1}"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{"orders/s",-16}{(history.Orders.Count / seconds):F0}"));
        if (report.RowsRejected > 0)
        {
            Console.WriteLine($"The rejected rows are in {errors}");
        }
    }

    private static void Tell(string name, long count) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-16}{count}"));

    private static int Unusable(string mistake)
    {
        Console.Error.WriteLine("laurel: " + mistake);
        return ExitUnusable;
    }

    private static Encoding? EncodingOf(string name) => name.ToLowerInvariant() switch
    {
        "utf-8" or "utf8" => new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: false),
        // The decoder's own mark for what it cannot read is a question mark, which a row may well hold.
        "gb18030" or "gbk" or "gb2312" => CodePagesEncodingProvider.Instance.GetEncoding(
            "gb18030",
            EncoderFallback.ExceptionFallback,
            new DecoderReplacementFallback("\uFFFD")),
        _ => null,
    };
}
