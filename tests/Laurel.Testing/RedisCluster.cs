using Xunit;

namespace Laurel.Testing;

/// <summary>A Redis Cluster of three masters on the loopback, without replicas.</summary>
public sealed class RedisCluster : IAsyncDisposable
{
    private const int SlotCount = 16_384;
    private static readonly TimeSpan s_joinTimeMax = TimeSpan.FromSeconds(30);

    private readonly List<RedisServer> _servers = [];

    private RedisCluster()
    {
    }

    public IReadOnlyList<RedisServer> Servers => _servers;

    /// <summary>Starts one. Skips or fails the test where there is no program to start.</summary>
    public static async Task<RedisCluster> StartAsync(CancellationToken cancellationToken)
    {
        const int MasterCount = 3;
        var cluster = new RedisCluster();
        try
        {
            var buses = new List<int>();
            for (var i = 0; i < MasterCount; i++)
            {
                // By default the port of the bus lies 10,000 above, which may be above all ports.
                buses.Add(ChildProcess.FreePort());
                cluster._servers.Add(await RedisServer.StartAsync(cancellationToken, "--cluster-enabled", "yes", "--cluster-port", $"{buses[i]}"));
                var (first, last) = (SlotCount * i / MasterCount, (SlotCount * (i + 1) / MasterCount) - 1);
                await cluster._servers[i].CommandAsync(cancellationToken, "CLUSTER", "ADDSLOTSRANGE", $"{first}", $"{last}");
            }

            for (var i = 1; i < MasterCount; i++)
            {
                await cluster._servers[0].CommandAsync(cancellationToken, "CLUSTER", "MEET", "127.0.0.1", $"{cluster._servers[i].Port}", $"{buses[i]}");
            }

            foreach (var server in cluster._servers)
            {
                await WaitAsync(server, cancellationToken);
            }

            return cluster;
        }
        catch (Exception)
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers)
        {
            await server.DisposeAsync();
        }
    }

    private static async Task WaitAsync(RedisServer server, CancellationToken cancellationToken)
    {
        var startedAt = TimeProvider.System.GetTimestamp();
        while (!(await server.CommandAsync(cancellationToken, "CLUSTER", "INFO")).Contains("cluster_state:ok", StringComparison.Ordinal))
        {
            Assert.True(TimeProvider.System.GetElapsedTime(startedAt) < s_joinTimeMax, "The masters did not find each other.");
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, cancellationToken);
        }
    }
}
