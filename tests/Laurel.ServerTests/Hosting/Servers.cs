using Laurel.ServerTests.Hosting;
using Laurel.Testing;
using Xunit;

[assembly: AssemblyFixture(typeof(DatabaseServers))]
[assembly: AssemblyFixture(typeof(RabbitMqServer))]

// Every test here loads the machine with processes of its own; side by side they would only measure each other.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace Laurel.ServerTests.Hosting;

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
