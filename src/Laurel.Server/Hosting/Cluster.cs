using Laurel.Engine.Lanes;
using Laurel.Engine.Replicas;
using Laurel.Engine.Sql;

namespace Laurel.Server.Hosting;

/// <summary>What a writing node knows of its databases: replicas to read from, and the gate for writes.</summary>
internal sealed class Cluster : IAsyncDisposable
{
    public Cluster(LaurelSettings settings, Database database, LaneSet lanes, WriteGate gate, TimeProvider clock, Random random, ILoggerFactory loggers)
    {
        var replicas = settings.Cluster.ReplicaUrls.Select((url, i) => new Replica(i + 1, Open(settings, url, database), clock)).ToList();
        Gate = gate;
        Router = new ReadRouter(database, replicas, settings.Cluster.ReplicaLagMax);
        Watch = new PrimaryWatch(Router, gate, lanes, clock, new Random(random.Next()), loggers.CreateLogger<PrimaryWatch>());
        if (settings.Cluster.ReadOnly)
        {
            gate.Close(ReadOnlyReasons.Setting);
        }
    }

    public WriteGate Gate { get; }

    public ReadRouter Router { get; }

    public PrimaryWatch Watch { get; }

    public async ValueTask DisposeAsync()
    {
        await Watch.DisposeAsync();
        await Router.DisposeAsync();
        Gate.Dispose();
    }

    private static Database Open(LaurelSettings settings, string url, Database primary)
    {
        // Callers are answered from it, so it is opened as the primary is.
        var replica = LaurelNode.OpenDatabase(settings with { DatabaseUrl = url }, readOnly: false);
        replica.Times = primary.Times;
        return replica;
    }
}
