using Laurel.Engine.Events;
using Laurel.Engine.Lanes;
using Laurel.Engine.Nodes;
using Laurel.Engine.Partitions;
using Laurel.Engine.Sql;

namespace Laurel.Server.Hosting;

/// <summary>What a node has that writes: its place among the nodes, its lanes, and what goes on beside them.</summary>
internal sealed record NodeWrites
{
    /// <summary>Keeps a second process out of the SQLite file; null on servers.</summary>
    public required DataLock? DataLock { get; init; }

    public required NodeLease Lease { get; init; }

    public required LaneSet Lanes { get; init; }

    /// <summary>What reads as the lanes do and changes nothing.</summary>
    public required QuestionSet Questions { get; init; }

    public required EventSink Events { get; init; }

    public required ClusterLeases Leases { get; init; }

    public required Cluster Cluster { get; init; }

    public required PartitionKeeper Partitions { get; init; }

    /// <summary>Finishes what was accepted and takes nothing more.</summary>
    public async Task StopAsync()
    {
        await Cluster.DisposeAsync();
        await Questions.DisposeAsync();
        await Lanes.DisposeAsync();
    }

    /// <summary>Gives up the place among the nodes, after the last write.</summary>
    public async Task LeaveAsync()
    {
        await Lease.DisposeAsync();
        Partitions.Dispose();
    }
}
