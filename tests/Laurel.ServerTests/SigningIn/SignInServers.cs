using Laurel.ServerTests.Hosting;
using Laurel.Testing;

namespace Laurel.ServerTests.SigningIn;

/// <summary>Servers whose codes are written into their log, and that let one address come as often as it likes.</summary>
public sealed class SignInServers(DatabaseServers cluster) : IAsyncDisposable
{
    private readonly Dictionary<DatabaseUnderTest, (LaurelSite Site, LaurelServer Server)> _started = [];

    internal async Task<LaurelServer> OnAsync(DatabaseUnderTest database)
    {
        if (!_started.TryGetValue(database, out var running))
        {
            var site = await LaurelSite.CreateAsync(database, cluster, CancellationToken.None);
            site.Environment["Sms__Provider"] = "log";
            site.Environment["Limits"] = "off";
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
