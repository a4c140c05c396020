using Laurel.Membership.Points;

namespace Laurel.Server.Hosting;

/// <summary>Lets lapse what is due, again and again while the server runs.</summary>
internal sealed partial class SweepService(LaurelNode node, TimeSpan every, TimeProvider clock, ILogger<SweepService> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var sweep = new Sweep(node.Database, node.Lanes, node.Books, clock);
        using var timer = new PeriodicTimer(every, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await sweep.RunAsync(null, stoppingToken);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                // The next round finds the same work; a server must not stop because one round failed.
                SweepFailed(logger, exception);
            }
        }
    }

    [LoggerMessage(40, LogLevel.Warning, "A sweep failed and is repeated.")]
    private static partial void SweepFailed(ILogger logger, Exception exception);
}
