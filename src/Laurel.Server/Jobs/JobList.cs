using Laurel.Engine.Audit;
using Laurel.Engine.Events;
using Laurel.Engine.Nodes;
using Laurel.Engine.Partitions;
using Laurel.Engine.Sql;
using Laurel.Identity.Sessions;
using Laurel.Identity.Users;
using Laurel.Kernel;
using Laurel.Membership.Avatars;
using Laurel.Membership.Balance;
using Laurel.Membership.Benefits;
using Laurel.Membership.Coupons;
using Laurel.Membership.DataKeys;
using Laurel.Membership.Finance;
using Laurel.Membership.Levels;
using Laurel.Membership.Openings;
using Laurel.Membership.Points;
using Laurel.Membership.Profiles;
using Laurel.Membership.Programmes;
using Laurel.Membership.Search;
using Laurel.Membership.Statuses;
using Laurel.Membership.Watch;
using Laurel.Platform.Access;
using Laurel.Platform.Tenants;
using Laurel.Server.Hosting;
using System.Runtime.ExceptionServices;

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

    /// <summary>Tells members of points that are about to lapse.</summary>
    public const string Reminders = "reminders";

    /// <summary>Closes recharges that were not paid in time.</summary>
    public const string Recharges = "recharges";

    /// <summary>Takes approved withdrawals to the payout provider.</summary>
    public const string Payouts = "payouts";

    /// <summary>Closes the recorded days that are over.</summary>
    public const string Finance = "finance";

    /// <summary>Makes the codes of coupons that were asked for.</summary>
    public const string CouponCodes = "couponcodes";

    /// <summary>Moves members out of levels that are being removed, and notes when levels are judged next.</summary>
    public const string Levels = "levels";

    /// <summary>Gives what members have already the ends and levels of a changed programme, where it says so.</summary>
    public const string Carryover = "carryover";

    /// <summary>Lets members leave whose cooling-off has ended.</summary>
    public const string Cancellations = "cancellations";

    /// <summary>Removes files that nobody keeps.</summary>
    public const string Files = "files";

    /// <summary>Tells of profiles that are complete.</summary>
    public const string Profiles = "profiles";

    /// <summary>Brings members who were there before an index of the search into it.</summary>
    public const string Search = "search";

    /// <summary>Deletes sessions long over, and what signing in leaves behind.</summary>
    public const string Sessions = "sessions";

    /// <summary>Clears what is remembered of access for some minutes only.</summary>
    public const string Access = "access";

    /// <summary>Forgets who was seen with a device or an address longer ago than rules look back.</summary>
    public const string Marks = "marks";

    /// <summary>Notes where the chains of the audit end, and removes records past their age.</summary>
    public const string Audit = "audit";

    /// <summary>Puts what is sealed under the current master key.</summary>
    public const string Rewrap = "rewrap";

    /// <summary>Gives members new data keys, where that was asked for.</summary>
    public const string DataKeys = "datakeys";

    // A day is closed soon after its midnight, wherever that is; while there is none to close it is one look.
    private static readonly TimeSpan s_everyQuarter = TimeSpan.FromMinutes(15);

    private static readonly TimeSpan s_everyMinute = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan s_everyFiveSeconds = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan s_everyHour = TimeSpan.FromHours(1);

    public static IReadOnlyList<string> Names { get; } =
    [
        Sweep, Months, Events, Detach, Reminders, Recharges, Payouts, Finance, CouponCodes, Levels, Carryover, Sessions, Cancellations, Access, Audit,
        Rewrap, Search, Marks, Files, Profiles, DataKeys,
    ];

    public static IReadOnlyList<Job> Of(LaurelNode node, LaurelSettings settings, TimeProvider clock)
    {
        var levels = new LevelJob(node.Database, node.Lanes, node.Books, clock);
        var cancellations = new CancellationJob(node.Database, node.Lanes, node.Books, clock);
        var search = new SearchFill(node.Database, node.Lanes, node.Books, clock);
        var users = new UserErasure(node.Database, node.Lanes);
        var carryover = new CarryoverJob(node.Database, node.Lanes, node.Books, clock);
        List<Job> jobs =
        [
            .. Always(node, settings, clock),
            .. OfMoney(node, settings, clock),
            new Job(Levels, ScheduleOf(settings, Levels, s_everyMinute), (lease, cancellationToken) =>
                ForEachTenantAsync(node, tenant => levels.RunAsync(tenant, new LeaseFence(lease), cancellationToken), cancellationToken)),
            new Job(Sessions, ScheduleOf(settings, Sessions, s_everyHour), (_, cancellationToken) =>
                new SessionClearing(node.Database, node.Lanes, clock).RunAsync(cancellationToken)),
            new Job(Marks, ScheduleOf(settings, Marks, TimeSpan.FromDays(1)), (_, cancellationToken) => ForEachTenantAsync(
                node,
                tenant => new WatchMarkClearing(node.Database, node.Lanes, clock).RunAsync(tenant, node.Programmes.Latest(tenant)!.Programme, cancellationToken),
                cancellationToken)),
            new Job(Carryover, ScheduleOf(settings, Carryover, s_everyMinute), (lease, cancellationToken) =>
                ForEachTenantAsync(node, tenant => carryover.RunAsync(tenant, new LeaseFence(lease), cancellationToken), cancellationToken)),
            new Job(Search, ScheduleOf(settings, Search, s_everyMinute), (lease, cancellationToken) =>
                ForEachTenantAsync(node, tenant => search.RunAsync(tenant, new LeaseFence(lease), cancellationToken), cancellationToken)),
            new Job(DataKeys, ScheduleOf(settings, DataKeys, s_everyMinute), (lease, cancellationToken) =>
                new DataKeyRenewals(node.Database, node.Lanes, node.Books).RunAsync(new LeaseFence(lease), cancellationToken)),
            new Job(Profiles, ScheduleOf(settings, Profiles, s_everyFiveSeconds), (_, cancellationToken) =>
                new ProfileCompletions(node.Database, node.Lanes, node.Books).RunAsync(cancellationToken)),
            new Job(Cancellations, ScheduleOf(settings, Cancellations, s_everyHour), (lease, cancellationToken) =>
                ForEachTenantAsync(
                    node,
                    async tenant =>
                    {
                        await cancellations.RunAsync(tenant, new LeaseFence(lease), cancellationToken);
                        await users.RunAsync(tenant, cancellationToken);
                    },
                    cancellationToken)),
        ];
        var files = new FileClearing(node.Database, node.Lanes, settings.Files.Open(settings.DataFolder, clock), clock);
        jobs.Add(new Job(Files, ScheduleOf(settings, Files, s_everyMinute), (_, cancellationToken) => files.RunAsync(cancellationToken)));
        if (settings.EntriesKeptMonths > 0)
        {
            var detachment = node.Detachment(settings);
            jobs.Add(new Job(Detach, ScheduleOf(settings, Detach, TimeSpan.FromDays(1)), (_, cancellationToken) =>
                detachment.RunForAgeAsync(settings.EntriesKeptMonths, cancellationToken)));
        }

        return jobs;
    }

    private static IReadOnlyList<Job> OfMoney(LaurelNode node, LaurelSettings settings, TimeProvider clock)
    {
        var provider = settings.Balance.OpenProvider(clock);
        var logger = node.Loggers.CreateLogger<PayoutRun>();
        return
        [
            new Job(Recharges, ScheduleOf(settings, Recharges, s_everyMinute), (lease, cancellationToken) =>
                new RechargeClosing(node.Database, node.Lanes, node.Books, clock) { Fence = new LeaseFence(lease) }.RunAsync(cancellationToken)),
            new Job(Payouts, ScheduleOf(settings, Payouts, s_everyFiveSeconds), (lease, cancellationToken) =>
                new PayoutRun(node.Database, node.Lanes, node.Books, provider, settings.Balance, clock, logger) { Fence = new LeaseFence(lease) }
                    .RunAsync(cancellationToken)),
        ];
    }

    /// <summary>Works for one tenant after the other, suspended ones too: time passes for their members as well. What fails for one does not
    /// keep the others waiting.</summary>
    private static async Task ForEachTenantAsync(LaurelNode node, Func<TenantId, Task> work, CancellationToken cancellationToken)
    {
        ExceptionDispatchInfo? failure = null;
        foreach (var tenant in await TenantQueries.AllAsync(node.Database, cancellationToken))
        {
            try
            {
                await work(tenant.Id);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                failure ??= ExceptionDispatchInfo.Capture(exception);
            }
        }

        failure?.Throw();
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
                await new BenefitSweep(node.Database, node.Lanes, node.Books, clock) { Fence = new LeaseFence(lease) }.RunAsync(cancellationToken);
            }),
            new Job(Reminders, ScheduleOf(Reminders, s_everyHour), (lease, cancellationToken) =>
                new Reminders(node.Database, node.Lanes, node.Books, clock) { Fence = new LeaseFence(lease) }.RunAsync(cancellationToken)),
            new Job(CouponCodes, ScheduleOf(CouponCodes, s_everyFiveSeconds), (lease, cancellationToken) =>
                new CouponCodeJob(node.Database, node.Lanes, node.Books, node.Secrets) { Fence = new LeaseFence(lease) }.RunAsync(cancellationToken)),
            new Job(Months, ScheduleOf(Months, s_everyHour), (_, cancellationToken) => node.Database is SqliteDatabase
                ? new ReplyPruning(node.Database, node.Lanes, settings.RepliesKept, clock).RunAsync(cancellationToken)
                : (Task)node.Partitions.RunAsync(cancellationToken)),
            new Job(Events, ScheduleOf(Events, s_everyHour), (_, cancellationToken) =>
                new EventRetention(node.Database, node.Lanes, settings.EventsKept, clock).RunAsync(cancellationToken)),
            new Job(Audit, ScheduleOf(Audit, s_everyHour), async (_, cancellationToken) =>
            {
                await new AuditSealing(node.Database, node.Lanes, clock).RunAsync(cancellationToken);
                await new AuditRetention(node.Database, node.Lanes, node.Audit, settings.AuditKept, clock).RunAsync(cancellationToken);
            }),
            new Job(Rewrap, ScheduleOf(Rewrap, s_everyMinute), (_, cancellationToken) => node.Rewrap().RunAsync(isAsked: false, cancellationToken)),
            new Job(Access, ScheduleOf(Access, s_everyMinute), (_, cancellationToken) => new AccessClearing(node.Database, node.Lanes, clock).RunAsync(cancellationToken)),
            new Job(Finance, ScheduleOf(Finance, s_everyQuarter), (lease, cancellationToken) => ForEachTenantAsync(
                node,
                tenant => new FinanceClosingRun(node.Database, node.Lanes, node.Programmes, clock) { Fence = new LeaseFence(lease) }
                    .RunAsync(tenant, null, cancellationToken),
                cancellationToken)),
        ];
    }
}
