using System.CommandLine;
using System.Globalization;
using Laurel.Server.Backups;
using Laurel.Server.Hosting;
using Spectre.Console;

namespace Laurel.Server.Verbs;

/// <summary>What <c>backup</c> and <c>restore</c> say: a bar on the error stream where a person looks on, and at the end one
/// line for each fact.</summary>
internal static class BackupConsole
{
    private const int ExitInterrupted = 130;

    /// <param name="work">Returns the facts to tell: names and values.</param>
    public static Task<int> RunAsync(
        ParseResult parsed, Func<LaurelSettings, IProgress<BackupProgress>, Task<IReadOnlyList<(string Name, string Value)>>> work) =>
        VerbOptions.RunAsync(parsed, async settings =>
        {
            try
            {
                foreach (var (name, value) in await ShowAsync(progress => work(settings, progress)))
                {
                    Console.WriteLine($"{name,-16}{value}");
                }

                return 0;
            }
            catch (OperationCanceledException)
            {
                await Console.Error.WriteLineAsync("laurel: Interrupted. What was there before stands.");
                return ExitInterrupted;
            }
        });

    /// <summary>What an archive holds.</summary>
    public static IEnumerable<(string Name, string Value)> FactsOf(BackupManifest manifest) =>
    [
        ("database", $"{manifest.Dialect}, schema {manifest.SchemaVersion}"),
        .. new[] { "members", "entries", "orders" }
            .Select(table => (table, manifest.Rows.GetValueOrDefault(table).ToString(CultureInfo.InvariantCulture))),
    ];

    private static Task<T> ShowAsync<T>(Func<IProgress<BackupProgress>, Task<T>> work)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(Console.IsErrorRedirected ? TextWriter.Null : Console.Error),
            Interactive = Console.IsErrorRedirected ? InteractionSupport.No : InteractionSupport.Detect,
        });
        return console.Progress().AutoClear(true).StartAsync(context => work(new Bar(context.AddTask("Beginning"))));
    }

    private sealed class Bar(ProgressTask task) : IProgress<BackupProgress>
    {
        public void Report(BackupProgress value)
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
