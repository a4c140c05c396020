using System.CommandLine;
using Laurel.Membership.Verification;
using Laurel.Server.Hosting;
using Spectre.Console;

namespace Laurel.Server.Verbs;

/// <summary><c>verify</c>: proves the invariants over the whole database, beside a running server if need be.</summary>
internal static class VerifyVerb
{
    public static Command Create()
    {
        var command = new Command("verify", "Proves the invariants of docs/internals/invariants.md; exit code 1 when one fails.");
        command.SetAction((parsed, cancellationToken) => VerbOptions.RunAsync(parsed, async settings =>
        {
            await using var node = await LaurelNode.OpenToReadAsync(settings, TimeProvider.System, cancellationToken);
            var report = await WithBarAsync(progress => new Verifier(node.Database) { Audit = node.Audit, Sealed = node.Sealed }.RunAsync(progress, cancellationToken));
            Show(report, ReportConsole());
            return report.Holds ? 0 : 1;
        }));
        return command;
    }

    /// <summary>Shows how far a verification is.</summary>
    internal static Task<T> WithBarAsync<T>(Func<IProgress<VerificationProgress>, Task<T>> run)
    {
        // The bar goes to standard error: standard output is the report alone.
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        return console.Progress().AutoClear(true).StartAsync(context =>
        {
            var bar = context.AddTask("members", autoStart: true);
            return run(new Bar(bar));
        });
    }

    // A report that goes to a file or another program is plain text.
    private static IAnsiConsole ReportConsole() => AnsiConsole.Create(new AnsiConsoleSettings
    {
        Ansi = Console.IsOutputRedirected ? AnsiSupport.No : AnsiSupport.Detect,
        Out = new AnsiConsoleOutput(Console.Out),
    });

    private static void Show(VerificationReport report, IAnsiConsole console)
    {
        var table = new Table().AddColumns("", "invariant", "checked", "failed", "");
        foreach (var column in table.Columns.Skip(2).Take(2))
        {
            column.RightAligned();
        }

        foreach (var invariant in report.Invariants)
        {
            var verdict = invariant.Failed == 0 ? "[green]holds[/]" : "[red]broken[/]";
            table.AddRow($"{invariant.Code}", Markup.Escape(invariant.Title), $"{invariant.Checked:N0}", $"{invariant.Failed:N0}", verdict);
        }

        console.Write(table);
        foreach (var invariant in report.Invariants.Where(invariant => invariant.Failed > 0))
        {
            Console.WriteLine($"{invariant.Code} fails {invariant.Failed:N0} times; the first {invariant.Offences.Count}:");
            foreach (var offence in invariant.Offences)
            {
                Console.WriteLine($"  tenant {offence.Tenant} member {offence.Member} {offence.Table} {offence.Id}: expected {offence.Expected}; found {offence.Found}");
            }
        }

        var verdictLine = report.Holds ? "every invariant holds" : "the database is not sound";
        Console.WriteLine($"{report.Members:N0} members, {report.Entries:N0} entries{(report.Since is { } since ? $" since {since}" : "")}: {verdictLine}.");
    }

    private sealed class Bar(ProgressTask task) : IProgress<VerificationProgress>
    {
        public void Report(VerificationProgress value)
        {
            task.Description = value.Step;
            task.IsIndeterminate = value.Total == 0;
            if (value.Total > 0)
            {
                task.MaxValue = value.Total;
                task.Value = value.Done;
            }
        }
    }
}
