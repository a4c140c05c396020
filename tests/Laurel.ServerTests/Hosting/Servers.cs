using Laurel.ServerTests.Hosting;
using Laurel.Testing;
using Xunit;

[assembly: AssemblyFixture(typeof(DatabaseServers))]

// A test here mostly waits: for a process to start, a lease to run out, a database to come back. Three of them keep two cores busy.
[assembly: CollectionBehavior(MaxParallelThreads = 3)]

namespace Laurel.ServerTests.Hosting;

/// <summary>Scenarios that bound how long something may take: nothing runs beside them, or they would measure each other.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;

/// <summary>Scenarios with RabbitMQ: they share one broker, which some of them stop, and so come one after the other.</summary>
[CollectionDefinition(nameof(OneBroker))]
public sealed class OneBroker : ICollectionFixture<RabbitMqServer>;

/// <summary>For the tests of one class: one installation and one server on each database, started when first asked
/// for.</summary>
public sealed class Servers(DatabaseServers cluster) : IAsyncDisposable
{
    private readonly Dictionary<DatabaseUnderTest, (LaurelSite Site, LaurelServer Server)> _started = [];

    internal async Task<LaurelServer> OnAsync(DatabaseUnderTest database)
    {
        if (!_started.TryGetValue(database, out var running))
        {
            var site = await LaurelSite.CreateAsync(database, cluster, CancellationToken.None);
            running = (site, await LaurelServer.StartAsync(site, CancellationToken.None));
            _started.Add(database, running);
        }

        return running.Server;
    }

    internal LaurelSite SiteOf(DatabaseUnderTest database) => _started[database].Site;

    public async ValueTask DisposeAsync()
    {
        foreach (var (site, server) in _started.Values)
        {
            await server.DisposeAsync();
            await site.DisposeAsync();
        }
    }
}
