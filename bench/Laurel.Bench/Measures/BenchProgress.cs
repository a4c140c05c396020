using Spectre.Console;

namespace Laurel.Bench.Measures;

/// <summary>Shows on the console how far long work has come.</summary>
internal sealed class BenchProgress
{
    // Drawing costs CPU that the servers lack, so it is rare.
    private static readonly TimeSpan s_refresh = TimeSpan.FromSeconds(1);

    private readonly ProgressContext _context;

    private BenchProgress(ProgressContext context)
    {
        _context = context;
    }

    /// <summary>Shows the steps of the work while it runs.</summary>
    public static Task<T> RunAsync<T>(Func<BenchProgress, Task<T>> work)
    {
        var progress = AnsiConsole.Progress();
        progress.RefreshRate = s_refresh;
        return progress
            .Columns(
                new TaskDescriptionColumn { Alignment = Justify.Left },
                new ProgressBarColumn(),
                new PercentageColumn(),
                new RemainingTimeColumn())
            .StartAsync(context => work(new BenchProgress(context)));
    }

    /// <summary>Begins a step of known length.</summary>
    /// <param name="title">What is done.</param>
    /// <param name="total">How much there is to do, in whatever the step counts.</param>
    public Step Begin(string title, double total) =>
        new(_context.AddTask(Markup.Escape(title), maxValue: total), title);

    /// <summary>One step of the work.</summary>
    internal sealed class Step(ProgressTask task, string title)
    {
        private static readonly TimeSpan s_tick = TimeSpan.FromSeconds(1);

        public void ReachedPart(double part) => task.Value = part * task.MaxValue;

        public void Done() => task.Value = task.MaxValue;

        /// <summary>Counts the seconds of work that should take so many.</summary>
        public async Task<T> DuringAsync<T>(string what, double seconds, Task<T> work)
        {
            task.Description = Markup.Escape($"{title}: {what}");
            var before = task.Value;
            while (await Task.WhenAny(work, Task.Delay(s_tick, TimeProvider.System, CancellationToken.None)) != work)
            {
                task.Value = Math.Min(task.Value + s_tick.TotalSeconds, before + seconds);
            }

            task.Value = before + seconds;
            return await work;
        }
    }
}
