using Laurel.Engine.Lanes;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Microsoft.Extensions.Logging;

namespace Laurel.Platform.Webhooks;

/// <summary>Counts what waits, and clears what is no longer kept. Runs beside the dispatcher, under the same lease.</summary>
internal sealed class WebhookKeeper(WebhookQueries queries, LaneSet lanes, WebhookOptions options, TimeProvider clock, ILogger<WebhookKeeper> logger)
{
    /// <summary>Deliveries of one endpoint that are counted at the most.</summary>
    private const int CountedMax = 10_000;

    private static readonly TimeSpan s_countEvery = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan s_clearEvery = TimeSpan.FromHours(1);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var clearAt = Instant.Now(clock);
        try
        {
            while (!cancellationToken.IsCancellationRequested)
            {
                try
                {
                    await CountAsync(cancellationToken);
                    if (Instant.Now(clock) >= clearAt)
                    {
                        await ClearAsync(cancellationToken);
                        clearAt = Instant.Now(clock).Plus(s_clearEvery);
                    }
                }
                catch (Exception exception) when (exception is not OperationCanceledException)
                {
                    WebhookLog.NotCleared(logger, exception);
                }

                await Task.Delay(s_countEvery, clock, cancellationToken);
            }
        }
        finally
        {
            WebhookMetrics.Waiting(0);
        }
    }

    /// <summary>Removes attempts and deliveries that are older than kept, all that deleted endpoints left, and then these themselves.</summary>
    public async Task ClearAsync(CancellationToken cancellationToken)
    {
        var endpoints = await queries.AllAsync(cancellationToken);
        var before = Instant.Now(clock).Plus(-TimeSpan.FromDays(options.KeptDays));
        var old = endpoints.ConvertAll(endpoint => endpoint.DeletedAt is null
            ? new OldOf(endpoint.Id, IdGenerator.FirstOf(before), before)
            : new OldOf(endpoint.Id, long.MaxValue, Instant.Never));
        while (await FindAsync(DeliveryStatements.FindOldAttempts, old, cancellationToken) is { Count: > 0 } found)
        {
            await WriteAsync(new LaneWrite("webhooks", Reach.Everything).Add(DeliveryStatements.ClearAttempts, found), cancellationToken);
        }

        while (await FindAsync(DeliveryStatements.FindOldDeliveries, old, cancellationToken) is { Count: > 0 } found)
        {
            await WriteAsync(new LaneWrite("webhooks", Reach.Everything).Add(DeliveryStatements.ClearDeliveries, found), cancellationToken);
        }

        var deleted = endpoints.Where(endpoint => endpoint.DeletedAt is not null).Select(endpoint => (endpoint.Tenant.Value, endpoint.Id)).ToList();
        if (deleted.Count > 0)
        {
            await WriteAsync(new LaneWrite("webhooks", Reach.Everything).Add(DeliveryStatements.ForgetEndpoint, deleted), cancellationToken);
        }
    }

    private async Task CountAsync(CancellationToken cancellationToken)
    {
        var asked = (await queries.EnabledAsync(cancellationToken)).ConvertAll(endpoint => new DueOf(endpoint.Id, Instant.Never, CountedMax));
        var counts = await queries.ReadAsync("webhooks.waiting", Reach.Everything, DeliveryStatements.CountWaiting, asked, row => row.Int64(0), cancellationToken);
        WebhookMetrics.Waiting(counts.Sum());
    }

    private async Task<List<OldOf>> FindAsync(SetStatement<OldOf> statement, List<OldOf> old, CancellationToken cancellationToken)
    {
        var found = (await queries.ReadAsync("webhooks.old", Reach.Everything, statement, old, row => row.Int64(0), cancellationToken)).ToHashSet();
        return old.FindAll(one => found.Contains(one.EndpointId));
    }

    private async Task WriteAsync(LaneWrite write, CancellationToken cancellationToken)
    {
        await WebhookTransport.QueueAsync(lanes, write, cancellationToken);
        // Callers come first: clearing has all the time there is.
        await Task.Delay(TimeSpan.FromMilliseconds(50), clock, cancellationToken);
    }
}
