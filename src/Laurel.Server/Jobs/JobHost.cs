using Laurel.Engine.Lanes;
using Laurel.Engine.Nodes;
using Quartz;
using Quartz.Spi;

namespace Laurel.Server.Jobs;

/// <summary>Runs the jobs of the cluster on the node that has the lease <c>jobs</c>. Quartz keeps the time; the lease, with its
/// rising token, says whose turn it is.</summary>
/// <remarks>A job that throws is logged and counted and runs again at its next time: neither the host nor another job is harmed.
/// While the node takes no writes nothing is run.</remarks>
internal sealed partial class JobHost(
    IReadOnlyList<Job> jobs, ClusterLeases leases, WriteGate gate, JobFigures figures, TimeProvider clock, ILogger<JobHost> logger)
    : BackgroundService
{
    /// <summary>The name of the lease.</summary>
    public const string Lease = "jobs";

    private const int AtOnceMax = 4;

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => leases.RunAsync(Lease, LeadAsync, stoppingToken);

    /// <summary>Keeps the schedules for as long as this node has the lease.</summary>
    private async Task LeadAsync(ClusterLease lease, CancellationToken held)
    {
        var scheduler = await SchedulerBuilder.Create()
            .WithName($"laurel-{lease.Token}-{clock.GetTimestamp()}")
            .UseInMemoryStore()
            .UseDefaultThreadPool(pool => pool.MaxConcurrency = AtOnceMax)
            .BuildScheduler();
        try
        {
            scheduler.JobFactory = new Factory(this, lease, held);
            foreach (var job in jobs)
            {
                var detail = JobBuilder.Create<Run>().WithIdentity(job.Name).DisallowConcurrentExecution().Build();
                await scheduler.ScheduleJob(detail, job.Schedule.ToTrigger(job.Name, clock.GetUtcNow()), held);
            }

            await scheduler.Start(held);
            figures.Leads = true;
            Leading(logger, lease.Token);
            await Task.Delay(Timeout.InfiniteTimeSpan, clock, held).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        finally
        {
            figures.Leads = false;
            await scheduler.Shutdown(waitForJobsToComplete: true, CancellationToken.None);
        }
    }

    private async Task RunAsync(Job job, ClusterLease lease, CancellationToken held)
    {
        if (gate.Reasons != ReadOnlyReasons.None || !lease.IsHeld)
        {
            return;
        }

        var startedAt = clock.GetTimestamp();
        try
        {
            await job.RunAsync(lease, held);
            figures.Succeeded(job.Name, clock.GetElapsedTime(startedAt));
        }
        catch (OperationCanceledException) when (held.IsCancellationRequested)
        {
            // The node stops, or another one has the lease: it runs the job at its next time.
        }
        catch (Exception exception)
        {
            figures.Failed(job.Name, clock.GetElapsedTime(startedAt));
            JobFailed(logger, job.Name, exception);
        }
    }

    [LoggerMessage(40, LogLevel.Error, "The job {Job} failed; it runs again at its next time.")]
    private static partial void JobFailed(ILogger logger, string job, Exception exception);

    [LoggerMessage(41, LogLevel.Information, "This node runs the jobs of the cluster (token {Token}).")]
    private static partial void Leading(ILogger logger, long token);

    /// <summary>Gives Quartz what it runs.</summary>
    private sealed class Factory(JobHost host, ClusterLease lease, CancellationToken held) : IJobFactory
    {
        public IJob NewJob(TriggerFiredBundle bundle, IScheduler scheduler) =>
            new Run(host, host.Jobs.First(job => job.Name == bundle.JobDetail.Key.Name), lease, held);

        public void ReturnJob(IJob job)
        {
            // A run keeps nothing.
        }
    }

    private IReadOnlyList<Job> Jobs => jobs;

    private sealed class Run(JobHost host, Job job, ClusterLease lease, CancellationToken held) : IJob
    {
        public Task Execute(IJobExecutionContext context) => host.RunAsync(job, lease, held);
    }
}
