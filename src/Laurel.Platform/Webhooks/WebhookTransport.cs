using Laurel.Engine.Events;
using Laurel.Engine.Lanes;
using Laurel.Engine.Sql;
using Laurel.Kernel;

namespace Laurel.Platform.Webhooks;

/// <summary>Takes published events over into the queue of each endpoint that wants them. Nothing is sent here.</summary>
internal sealed class WebhookTransport(WebhookQueries queries, LaneSet lanes, WebhookDispatcher dispatcher, TimeProvider clock) : IEventTransport
{
    public const string TransportName = "webhooks";

    /// <summary>Rows of one write: callers of the lane wait for no more than that.</summary>
    private const int RowsOfWrite = 1_024;

    /// <summary>The queue in the outbox: a batch joins it when any endpoint is enabled.</summary>
    public static OutboxTarget Target { get; } = new(TransportName, DeliveryStatements.JoinOutbox);

    public string Name => TransportName;

    public async Task PublishAsync(IReadOnlyList<EventRecord> events, CancellationToken cancellationToken)
    {
        // Read anew each time, after the events: an endpoint that was there before an event was committed is told of it.
        var endpoints = (await queries.EnabledAsync(cancellationToken)).ToLookup(endpoint => endpoint.Tenant);
        var now = Instant.Now(clock);
        var rows =
            from raised in events
            from endpoint in endpoints[raised.Tenant]
            where endpoint.Events.Wants(raised.Type)
            select new DeliveryRow(raised.Tenant, endpoint.Id, EventPlace.Of(raised.Id), raised.Type, now);
        foreach (var chunk in rows.Chunk(RowsOfWrite))
        {
            await QueueAsync(lanes, new LaneWrite(TransportName, Reach.Of(chunk.Select(row => row.Tenant))).Add(DeliveryStatements.Queue, chunk), cancellationToken);
            dispatcher.Wake(chunk.Select(row => row.EndpointId).Distinct().ToList());
        }
    }

    /// <exception cref="IOException">When the rows are not stored.</exception>
    public static async Task QueueAsync(LaneSet lanes, LaneWrite write, CancellationToken cancellationToken)
    {
        if (await lanes.SubmitAsync(write, cancellationToken) is Outcome.Failed failed)
        {
            throw new IOException($"Deliveries could not be queued: {failed.Refusal.Code}.");
        }
    }
}
