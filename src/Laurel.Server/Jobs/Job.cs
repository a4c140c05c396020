using Laurel.Engine.Nodes;
using Quartz;

namespace Laurel.Server.Jobs;

/// <summary>Work by the clock that one node of the cluster does.</summary>
/// <param name="Name">Out of a fixed list: it becomes a label and the name of its setting.</param>
/// <param name="Schedule">When it runs.</param>
/// <param name="RunAsync">Does it once. What it writes asks for the token of the lease, so that a node that has lost it changes
/// nothing. May throw: the failure is counted, and it runs again at its next time.</param>
internal sealed record Job(string Name, JobSchedule Schedule, Func<ClusterLease, CancellationToken, Task> RunAsync);

/// <summary>When a job runs: every so many seconds, or at the times of a cron expression in UTC.</summary>
internal sealed record JobSchedule
{
    private JobSchedule()
    {
    }

    /// <summary>From the end of the wait on; null by <see cref="Cron"/>.</summary>
    public TimeSpan? Every { get; private init; }

    /// <summary>Quartz' six or seven fields, seconds first (https://www.quartz-scheduler.net/documentation/quartz-3.x/tutorial/crontriggers.html).</summary>
    public string? Cron { get; private init; }

    public static JobSchedule Of(TimeSpan every) => new() { Every = every };

    /// <summary>Reads a number of seconds from 1 to 86,400 or a cron expression; null when it is neither.</summary>
    public static JobSchedule? Parse(string text) =>
        int.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var seconds)
            ? seconds is >= 1 and <= 86_400 ? Of(TimeSpan.FromSeconds(seconds)) : null
            : CronExpression.IsValidExpression(text) ? new JobSchedule { Cron = text } : null;

    /// <summary>A trigger that fires for the first time after one interval: a node that has just started has other things to do. Times
    /// that were missed are not made up for, since each run does all there is.</summary>
    internal ITrigger ToTrigger(string name, DateTimeOffset now)
    {
        var trigger = TriggerBuilder.Create().WithIdentity(name);
        return Every is { } every
            ? trigger.StartAt(now + every)
                .WithSimpleSchedule(s => s.WithInterval(every).RepeatForever().WithMisfireHandlingInstructionNextWithRemainingCount())
                .Build()
            : trigger.WithCronSchedule(Cron!, s => s.InTimeZone(TimeZoneInfo.Utc).WithMisfireHandlingInstructionDoNothing()).Build();
    }
}
