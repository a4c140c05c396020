using Laurel.Engine.Sql;
using Laurel.Membership.Members;
using Laurel.Platform.Tenants;

namespace Laurel.Server.Hosting;

/// <summary>Warms the cache once, beside the requests that come meanwhile.</summary>
internal sealed partial class WarmUpService(MemberWarmUp warmUp, Database database, int countMax, ILogger<WarmUpService> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            var tenants = (await TenantQueries.AllAsync(database, stoppingToken)).Where(tenant => !tenant.IsSuspended).ToList();
            var warmed = 0;
            foreach (var tenant in tenants)
            {
                warmed += await warmUp.RunAsync(tenant.Id, Math.Max(1, countMax / tenants.Count), stoppingToken);
            }

            Warmed(logger, warmed);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // The cache fills by itself; a server must not stop because it began cold.
            NotWarmed(logger, exception);
        }
    }

    [LoggerMessage(100, LogLevel.Information, "{Count} members were read into the cache.")]
    private static partial void Warmed(ILogger logger, int count);

    [LoggerMessage(99, LogLevel.Warning, "The cache could not be warmed.")]
    private static partial void NotWarmed(ILogger logger, Exception exception);
}
