using Laurel.Engine.Nodes;
using Laurel.Membership.Points;
using Laurel.Server.Hosting;

namespace Laurel.Server.Jobs;

/// <summary>The jobs there are.</summary>
internal static class JobList
{
    /// <summary>Lets lapse what is due.</summary>
    public const string Sweep = "sweep";

    public static IReadOnlyList<Job> Of(LaurelNode node, LaurelSettings settings, TimeProvider clock)
    {
        JobSchedule ScheduleOf(string name, TimeSpan byDefault) => settings.Jobs.GetValueOrDefault(name) ?? JobSchedule.Of(byDefault);
        return
        [
            new Job(Sweep, ScheduleOf(Sweep, settings.SweepEvery), (lease, cancellationToken) =>
                new Sweep(node.Database, node.Lanes, node.Books, clock) { Fence = new LeaseFence(lease) }.RunAsync(null, cancellationToken)),
        ];
    }
}
