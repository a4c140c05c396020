using System.Text.Json;
using Laurel.Engine.Events;
using Laurel.Engine.Lanes;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Platform.Errors;

namespace Laurel.Platform.Webhooks;

/// <summary>Queues events anew: one by its id, or those of a time. What is sent again has the same id as before.</summary>
internal sealed class WebhookResend(WebhookQueries queries, EventStore store, WebhookEndpointKind kind, LaneSet lanes, TimeProvider clock)
{
    /// <summary>Deliveries of one call at the most; the answer says where to go on.</summary>
    public const int DeliveriesMax = 10_000;

    private const int RowsOfWrite = 1_024;

    /// <summary>Sends one event again, whatever the filter says.</summary>
    /// <returns>Refused when the event is not the tenant's, or is no longer kept.</returns>
    public async Task<Outcome> OneAsync(WebhookEndpoint endpoint, string eventId, IdempotencyKey? idempotency, CancellationToken cancellationToken)
    {
        var found = await store.FindAsync(endpoint.Tenant, eventId, cancellationToken);
        return found is null
            ? new Outcome.Refused(new Refusal(ErrorCode.EventNotFound))
            : await lanes.SubmitAsync(new QueueOneAgain(endpoint, RowOf(endpoint, found), kind) { Idempotency = idempotency }, cancellationToken);
    }

    /// <summary>Sends the events again that were recorded from one instant until before another.</summary>
    /// <param name="failedOnly">Those alone that were given up; otherwise all that the filter wants.</param>
    public async Task<ResendReply> RangeAsync(WebhookEndpoint endpoint, Instant from, Instant until, bool failedOnly, CancellationToken cancellationToken)
    {
        var rows = await (failedOnly ? FailedAsync(endpoint, from, until, cancellationToken) : WantedAsync(endpoint, from, until, cancellationToken));
        foreach (var chunk in rows.Queued.Chunk(RowsOfWrite))
        {
            await WebhookTransport.QueueAsync(lanes, new LaneWrite("webhooks", Reach.Of(endpoint.Tenant)).Add(DeliveryStatements.QueueAgain, chunk), cancellationToken);
        }

        return new ResendReply(rows.Queued.Count, rows.ContinueFrom?.ToDateTimeOffset());
    }

    private async Task<(List<DeliveryRow> Queued, Instant? ContinueFrom)> FailedAsync(
        WebhookEndpoint endpoint, Instant from, Instant until, CancellationToken cancellationToken)
    {
        var now = Instant.Now(clock);
        var found = await queries.FailedAsync(endpoint, from, until, DeliveriesMax + 1, cancellationToken);
        var rows = found.ConvertAll(failed => new DeliveryRow(endpoint.Tenant, endpoint.Id, failed.Event, failed.EventType, now));
        // What is queued is no longer failed: asking from the same instant goes on.
        return rows.Count > DeliveriesMax ? (rows[..DeliveriesMax], from) : (rows, null);
    }

    private async Task<(List<DeliveryRow> Queued, Instant? ContinueFrom)> WantedAsync(
        WebhookEndpoint endpoint, Instant from, Instant until, CancellationToken cancellationToken)
    {
        var rows = new List<DeliveryRow>();
        await foreach (var found in store.ReadAsync(endpoint.Tenant, from, until, cancellationToken))
        {
            if (!endpoint.Events.Wants(found.Type))
            {
                continue;
            }

            // A batch is never cut: going on from its own time finds all of it.
            if (rows.Count >= DeliveriesMax && EventPlace.Of(found.Id).BatchId != rows[^1].Event.BatchId)
            {
                return (rows, RecordedAt(found));
            }

            rows.Add(RowOf(endpoint, found));
        }

        return (rows, null);
    }

    private DeliveryRow RowOf(WebhookEndpoint endpoint, EventRecord found) =>
        new(endpoint.Tenant, endpoint.Id, EventPlace.Of(found.Id), found.Type, Instant.Now(clock));

    private static Instant RecordedAt(EventRecord found)
    {
        using var json = JsonDocument.Parse(found.CloudEvent);
        return Instant.From(json.RootElement.GetProperty("recordedtime").GetDateTimeOffset());
    }

    /// <summary>Queues one delivery anew, under the caller's idempotency key.</summary>
    private sealed class QueueOneAgain(WebhookEndpoint endpoint, DeliveryRow row, WebhookEndpointKind kind)
        : WebhookCommand(endpoint.Tenant, endpoint.Id, kind)
    {
        public override Decision Decide(Draft draft, LoadPlan plan)
        {
            if (draft.Find<WebhookEndpoint>(Kind.RootOf(Tenant, row.EndpointId)) is null)
            {
                return new Decision.Refuse(new Refusal(ErrorCode.WebhookNotFound));
            }

            draft.Insert(DeliveryStatements.QueueAgain, row);
            return new Decision.Apply(new ResendReply(1, null), row.EndpointId, 0, 0);
        }
    }
}
