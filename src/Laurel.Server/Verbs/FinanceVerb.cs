using System.CommandLine;
using System.Text;
using Laurel.Kernel;
using Laurel.Membership.Finance;
using Laurel.Membership.Points;
using Laurel.Platform.Errors;
using Laurel.Server.Hosting;
using Spectre.Console;

namespace Laurel.Server.Verbs;

/// <summary><c>finance</c>: the reports of the API as files, and closing the days that are over.</summary>
internal static class FinanceVerb
{
    private static readonly Argument<string> s_file = new("FILE")
    {
        Description = "The file to write; - is standard output (the default).",
        DefaultValueFactory = _ => "-",
    };

    private static readonly Option<DateOnly?> s_from = DayOption("--from", "The first day, such as 2026-01-01 (default thirty days before the last).");

    private static readonly Option<DateOnly?> s_to = DayOption("--to", "The last day (default the last that is closed).");

    private static readonly Option<DateOnly?> s_knownOn = DayOption("--known-on", "What was known when this recorded day was closed (default the last).");

    private static readonly Option<string> s_unit = new("--unit")
    {
        Description = "The unit: points, growth, balance, held, or one that the programme defines (default points).",
        DefaultValueFactory = _ => EntryNames.Points,
    };

    private static readonly Option<string> s_by = ChoiceOption("--by", "Which day a movement counts for", "recorded", "business");

    private static readonly Option<string> s_format = ChoiceOption("--format", "The form of the file", "csv", "json");

    private static readonly Option<string> s_language = ChoiceOption("--language", "The language of heads and account names", "en", "zh");

    private static readonly Option<bool> s_bom = new("--bom") { Description = "Begin the CSV with a byte order mark, so that Excel reads it as UTF-8." };

    private static readonly Option<string?> s_accounts = new("--accounts") { Description = "The JSON file with account codes (default LAUREL_FINANCE_ACCOUNTS)." };

    public static Command Create() => new("finance", "Closed days, liability, expiry, breakage and postings as files.")
    {
        Report(new Command("days", "The roll-forward of a unit by recorded or business day."), FinanceReportKind.Days, s_from, s_to, s_unit, s_by, s_knownOn),
        Report(new Command("liability", "Outstanding points of closed days and what they are worth."), FinanceReportKind.Liability, s_from, s_to),
        Report(new Command("expiring", "Outstanding points by the month of their expiry, as they stand now."), FinanceReportKind.Expiring),
        Report(new Command("extensions", "Lots that were given a longer life, by closed day."), FinanceReportKind.Extensions, s_from, s_to),
        Report(new Command("cohorts", "Points by the month that issued them and their age."), FinanceReportKind.Cohorts, s_knownOn),
        Report(new Command("deferrals", "Revenue deferred for points by the month of the orders."), FinanceReportKind.Deferrals, s_knownOn),
        Report(new Command("journal", "Daily double-entry postings of the liability."), FinanceReportKind.Journal, s_from, s_to, s_accounts),
        Close(new Command("close", "Closes the recorded days that are over, once. The server does the same by itself.")),
    };

    private static Command Report(Command command, FinanceReportKind kind, params ReadOnlySpan<Option> options)
    {
        command.Add(s_file);
        foreach (var option in options)
        {
            command.Add(option);
        }

        command.Add(s_format);
        command.Add(s_language);
        command.Add(s_bom);
        command.Add(VerbOptions.Tenant);
        command.SetAction((parsed, cancellationToken) => VerbOptions.RunAsync(parsed, settings => RunAsync(parsed, kind, settings, cancellationToken)));
        return command;
    }

    private static async Task<int> RunAsync(
        ParseResult parsed, FinanceReportKind kind, LaurelSettings settings, CancellationToken cancellationToken)
    {
        var accounts = settings.FinanceAccounts;
        if (kind == FinanceReportKind.Journal && parsed.GetValue(s_accounts) is { } file)
        {
            var (read, mistakes) = AccountsFile.Read(file);
            foreach (var mistake in mistakes)
            {
                await Console.Error.WriteLineAsync($"laurel: --accounts {file}: {mistake}");
            }

            if (read is null)
            {
                return 2;
            }

            accounts = read;
        }

        var ask = AskOf(parsed, kind);
        if (ask is { From: { } from, To: { } to } && (to < from || to.DayNumber - from.DayNumber >= RollForward.DaysMax))
        {
            await Console.Error.WriteLineAsync($"laurel: --to is from --from on, and at most {RollForward.DaysMax} days are told at once.");
            return 2;
        }

        await using var node = await LaurelNode.OpenToReadAsync(settings, TimeProvider.System, cancellationToken);
        var tenant = await VerbOptions.TenantAsync(parsed, node, cancellationToken);
        var units = FinanceNames.UnitsOf(node.Programmes.Latest(tenant)!.Programme);
        if (!units.Contains(ask.Unit))
        {
            await Console.Error.WriteLineAsync($"laurel: --unit is one of {string.Join(", ", units)}.");
            return 2;
        }

        var reports = new FinanceReports(node.Programmes, accounts, TimeProvider.System);
        var document = await reports.ReadAsync(node.Database, tenant, kind, ask, cancellationToken);
        var text = parsed.GetRequiredValue(s_format) == "csv" ? document.ToCsv(ask.Language, parsed.GetValue(s_bom)) : document.ToJson() + "\n";
        await WriteAsync(parsed.GetRequiredValue(s_file), text, cancellationToken);
        return 0;
    }

    private static FinanceAsk AskOf(ParseResult parsed, FinanceReportKind kind)
    {
        var ask = new FinanceAsk { Language = parsed.GetRequiredValue(s_language) == "zh" ? Language.Chinese : Language.English };
        return kind switch
        {
            FinanceReportKind.Days => ask with
            {
                From = parsed.GetValue(s_from),
                To = parsed.GetValue(s_to),
                KnownOn = parsed.GetValue(s_knownOn),
                Unit = parsed.GetRequiredValue(s_unit),
                ByBusinessDay = parsed.GetRequiredValue(s_by) == "business",
            },
            FinanceReportKind.Liability or FinanceReportKind.Extensions or FinanceReportKind.Journal =>
                ask with { From = parsed.GetValue(s_from), To = parsed.GetValue(s_to) },
            FinanceReportKind.Cohorts or FinanceReportKind.Deferrals => ask with { KnownOn = parsed.GetValue(s_knownOn) },
            FinanceReportKind.Expiring => ask,
        };
    }

    private static Command Close(Command command)
    {
        command.Add(VerbOptions.Tenant);
        command.SetAction((parsed, cancellationToken) => VerbOptions.RunAsync(parsed, async settings =>
        {
            await using var node = await LaurelNode.OpenAsync(settings, "finance", TimeProvider.System, new LoggerFactory(), cancellationToken);
            var tenant = await VerbOptions.TenantAsync(parsed, node, cancellationToken);
            var run = new FinanceClosingRun(node.Database, node.Lanes, node.Programmes, node.Clock);
            var closed = await AnsiConsole.Status().StartAsync(
                "Closing days…",
                context => run.RunAsync(tenant, new Progress<DateOnly>(day => context.Status($"Closing days… {day:yyyy-MM-dd}")), cancellationToken));
            Console.WriteLine($"{closed} days closed.");
            return 0;
        }));
        return command;
    }

    /// <summary>Writes beside the file and puts it in place when it is whole, so that no half of a report passes for one.</summary>
    private static async Task WriteAsync(string file, string text, CancellationToken cancellationToken)
    {
        var bytes = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false).GetBytes(text);
        if (file == "-")
        {
            await using var output = Console.OpenStandardOutput();
            await output.WriteAsync(bytes, cancellationToken);
            return;
        }

        await File.WriteAllBytesAsync(file + ".part", bytes, cancellationToken);
        File.Move(file + ".part", file, overwrite: true);
    }

    private static Option<DateOnly?> DayOption(string name, string description) => new(name)
    {
        Description = description,
        CustomParser = result =>
        {
            var text = result.Tokens.Single().Value;
            if (FinanceCalendar.ParseDay(text) is { } day)
            {
                return FinanceCalendar.DayOf(day);
            }

            result.AddError($"{name} is a day such as 2026-01-31, not '{text}'.");
            return null;
        },
    };

    private static Option<string> ChoiceOption(string name, string description, params string[] choices)
    {
        var option = new Option<string>(name)
        {
            Description = $"{description}: {string.Join(", ", choices)} (default {choices[0]}).",
            DefaultValueFactory = _ => choices[0],
        };
        option.AcceptOnlyFromAmong(choices);
        return option;
    }
}
