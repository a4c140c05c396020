using Spectre.Console;

namespace Laurel.Server.Verbs;

/// <summary>The progress bars of an import: on the error stream, and only where a person looks on.</summary>
internal static class ImportProgress
{
    /// <param name="work">Is given one task for reading and one for importing.</param>
    public static Task<T> ShowAsync<T>(Func<ProgressTask, ProgressTask, Task<T>> work) =>
        Bars().StartAsync(context => work(context.AddTask("Reading"), context.AddTask("Importing")));

    /// <param name="name">What is worked on.</param>
    /// <param name="work">Is given the one task.</param>
    public static Task<T> ShowOneAsync<T>(string name, Func<ProgressTask, Task<T>> work) => Bars().StartAsync(context => work(context.AddTask(name)));

    private static Progress Bars()
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(Console.IsErrorRedirected ? TextWriter.Null : Console.Error),
            Interactive = Console.IsErrorRedirected ? InteractionSupport.No : InteractionSupport.Detect,
        });
        return console.Progress()
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn());
    }
}

/// <summary>Moves a progress bar. At once and on the caller's thread, so that the last report is never overtaken.</summary>
internal sealed class TaskProgress(ProgressTask task) : IProgress<long>
{
    public void Report(long value) => task.Value = value;
}
