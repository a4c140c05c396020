using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Platform.Vault;
using Microsoft.Extensions.Logging;

namespace Laurel.Platform.Webhooks;

/// <summary>Delivers what is queued, for as long as this node has the lease.</summary>
/// <remarks>One loop owns all state, so nothing of it is locked; requests run beside it and report to it. What is in memory is a page of
/// each endpoint's queue. Outcomes are written many at a time; one that is not written before the end is delivered again.</remarks>
internal sealed class WebhookDispatcher(
    WebhookQueries queries,
    LaneSet lanes,
    WebhookClient client,
    EventBodies bodies,
    WebhookEndpointKind kind,
    SecretVault secrets,
    WebhookOptions options,
    TimeProvider clock,
    Random random,
    ILogger<WebhookDispatcher> logger)
{
    private DispatcherRun? _run;

    /// <summary>Tells of deliveries that were queued for these endpoints on this node.</summary>
    public void Wake(IReadOnlyList<long> endpoints) => Volatile.Read(ref _run)?.Wake(endpoints);

    /// <summary>Tells that endpoints were changed on this node; what other nodes change is seen a few seconds later.</summary>
    public void EndpointsChanged() => Volatile.Read(ref _run)?.EndpointsChanged();

    /// <summary>Delivers until cancelled. One call at a time.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var run = new DispatcherRun(queries, DeliverAsync, StoreAsync, TargetOf, options, clock, random, logger);
        Volatile.Write(ref _run, run);
        try
        {
            await run.RunAsync(cancellationToken);
        }
        finally
        {
            Volatile.Write(ref _run, null);
        }
    }

    /// <summary>Where and with which secrets an endpoint is told.</summary>
    /// <exception cref="PersonalDataUnreadableException">When its secret was sealed by a master key that is not here.</exception>
    public WebhookTarget TargetOf(WebhookEndpoint endpoint)
    {
        var stored = endpoint.PreviousSecret is { } previous && endpoint.PreviousSecretUntil > Instant.Now(clock)
            ? [endpoint.Secret, previous]
            : new[] { endpoint.Secret };
        return new WebhookTarget(
            new Uri(endpoint.Url),
            [.. stored.Select(secret => secrets.Open(endpoint.Tenant, WebhookEndpoint.SecretPurpose, endpoint.Id, secret))]);
    }

    private async Task<AttemptResult> DeliverAsync(EndpointQueue queue, EventPlace place, CancellationToken cancellationToken)
    {
        var raised = await bodies.FindAsync(place, cancellationToken);
        return raised is null || raised.Tenant != queue.Tenant
            ? AttemptResult.EventNotKept
            : await client.SendAsync(queue.Target, raised.Id, raised.CloudEvent, cancellationToken);
    }

    private async Task<bool> StoreAsync(IReadOnlyList<EndedAttempt> attempts) =>
        await lanes.SubmitAsync(new RecordAttempts(attempts, kind), CancellationToken.None) is Outcome.Applied;
}
