using Laurel.Engine.Partitions;
using Laurel.Engine.Sql;

namespace Laurel.Server.Hosting;

/// <summary>Looks after the months that are kept: makes those to come and drops those past their age, again and again. On SQLite it deletes old replies.</summary>
internal sealed partial class PartitionService(LaurelNode node, TimeSpan repliesKept, TimeProvider clock, ILogger<PartitionService> logger) : BackgroundService
{
    private static readonly TimeSpan s_every = TimeSpan.FromHours(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(s_every, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            await node.Partitions.TryRunAsync(stoppingToken);
            await TryPruneAsync(stoppingToken);
        }
    }

    private async Task TryPruneAsync(CancellationToken cancellationToken)
    {
        if (node.Database is not SqliteDatabase)
        {
            return;
        }

        try
        {
            await new ReplyPruning(node.Database, node.Lanes, repliesKept, clock).RunAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            PruningFailed(logger, exception);
        }
    }

    [LoggerMessage(41, LogLevel.Warning, "Old replies could not be deleted; it is tried again within the hour.")]
    private static partial void PruningFailed(ILogger logger, Exception exception);
}
