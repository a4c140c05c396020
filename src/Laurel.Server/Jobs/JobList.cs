using Laurel.Engine.Events;
using Laurel.Engine.Nodes;
using Laurel.Engine.Partitions;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Coupons;
using Laurel.Membership.Openings;
using Laurel.Membership.Points;
using Laurel.Server.Hosting;

namespace Laurel.Server.Jobs;

/// <summary>The jobs there are.</summary>
internal static class JobList
{
    /// <summary>Lets lapse what is due.</summary>
    public const string Sweep = "sweep";

    /// <summary>Makes the months to come and drops those past their age; on SQLite, which keeps no months, deletes old replies.</summary>
    public const string Months = "months";

    /// <summary>Removes events past their age.</summary>
    public const string Events = "events";

    /// <summary>Lets opening balances stand for entries past their age, where they have one.</summary>
    public const string Detach = "detach";

    /// <summary>Makes the codes of coupons that were asked for.</summary>
    public const string CouponCodes = "couponcodes";

    private static readonly TimeSpan s_everyHour = TimeSpan.FromHours(1);

    public static IReadOnlyList<string> Names { get; } = [Sweep, Months, Events, Detach, CouponCodes];

    public static IReadOnlyList<Job> Of(LaurelNode node, LaurelSettings settings, TimeProvider clock)
    {
        List<Job> jobs = [.. Always(node, settings, clock)];
        if (settings.EntriesKeptMonths > 0)
        {
            var detachment = node.Detachment(settings);
            jobs.Add(new Job(Detach, ScheduleOf(settings, Detach, TimeSpan.FromDays(1)), (_, cancellationToken) =>
                detachment.RunForAgeAsync(settings.EntriesKeptMonths, cancellationToken)));
        }

        return jobs;
    }

    private static JobSchedule ScheduleOf(LaurelSettings settings, string name, TimeSpan byDefault) =>
        settings.Jobs.GetValueOrDefault(name) ?? JobSchedule.Of(byDefault);

    private static IReadOnlyList<Job> Always(LaurelNode node, LaurelSettings settings, TimeProvider clock)
    {
        JobSchedule ScheduleOf(string name, TimeSpan byDefault) => JobList.ScheduleOf(settings, name, byDefault);
        return
        [
            new Job(Sweep, ScheduleOf(Sweep, settings.SweepEvery), async (lease, cancellationToken) =>
            {
                await new Sweep(node.Database, node.Lanes, node.Books, clock) { Fence = new LeaseFence(lease) }.RunAsync(null, cancellationToken);
                await new CouponSweep(node.Database, node.Lanes, node.Books, clock) { Fence = new LeaseFence(lease) }.RunAsync(cancellationToken);
            }),
            new Job(CouponCodes, ScheduleOf(CouponCodes, TimeSpan.FromSeconds(5)), (lease, cancellationToken) =>
                new CouponCodeJob(node.Database, node.Lanes, node.Books, node.Secrets) { Fence = new LeaseFence(lease) }.RunAsync(cancellationToken)),
            new Job(Months, ScheduleOf(Months, s_everyHour), (_, cancellationToken) => node.Database is SqliteDatabase
                ? new ReplyPruning(node.Database, node.Lanes, settings.RepliesKept, clock).RunAsync(cancellationToken)
                : (Task)node.Partitions.RunAsync(cancellationToken)),
            new Job(Events, ScheduleOf(Events, s_everyHour), (_, cancellationToken) =>
                new EventRetention(node.Database, node.Lanes, settings.EventsKept, clock).RunAsync(cancellationToken)),
        ];
    }
}
