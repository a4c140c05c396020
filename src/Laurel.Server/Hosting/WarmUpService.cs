using Laurel.Membership.Members;

namespace Laurel.Server.Hosting;

/// <summary>Warms the cache once, beside the requests that come meanwhile.</summary>
internal sealed partial class WarmUpService(MemberWarmUp warmUp, int countMax, ILogger<WarmUpService> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            Warmed(logger, await warmUp.RunAsync(LaurelNode.DefaultTenant, countMax, stoppingToken));
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
