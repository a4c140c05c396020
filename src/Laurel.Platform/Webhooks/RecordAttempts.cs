using Laurel.Engine.Lanes;
using Laurel.Engine.Sql;
using Laurel.Kernel;

namespace Laurel.Platform.Webhooks;

/// <summary>What attempts tell of an endpoint.</summary>
/// <param name="FailingSince">Since when nothing succeeded; null when the last attempt did.</param>
/// <param name="DisabledReason">Why it is to be switched off; null leaves it as it is.</param>
internal sealed record EndpointNews(TenantId Tenant, long Id, Instant? FailingSince, string? DisabledReason);

/// <summary>An attempt that ended, and what becomes of its delivery.</summary>
/// <param name="News">What it tells of the endpoint; null when nothing is to be stored.</param>
internal sealed record EndedAttempt(
    EndpointQueue Queue, DueDelivery Delivery, AttemptResult Result, Instant StartedAt, DeliveryMove Move, EndpointNews? News);

/// <summary>Writes down what came of attempts: deliveries, the memory of attempts, and endpoints that began or ceased to fail.</summary>
internal sealed class RecordAttempts(IReadOnlyList<EndedAttempt> attempts, WebhookEndpointKind kind) : Command(s_noTenant)
{
    // Deliveries have a log of their own.
    public override bool IsAudited => false;

    // A job of the installation, like LaneWrite: the attempts are of many tenants.
    private static readonly TenantId s_noTenant = new(0);

    private static readonly long s_fairness = unchecked((long)Hash128.Of(0, "job", "webhook attempts").Low);

    public override Reach Reach => Reach.Of(attempts.Select(attempt => attempt.Queue.Tenant).Append(Tenant));

    public override bool IsJob => true;

    public override long FairnessKey => s_fairness;

    public override void NameHandles(HandleResolution handles)
    {
        // Endpoints are named by their own ids.
    }

    public override void NameRoots(HandleResolution handles, ICollection<RootRef> roots)
    {
        foreach (var attempt in attempts)
        {
            if (attempt.News is { } news)
            {
                roots.Add(kind.RootOf(news.Tenant, news.Id));
            }
        }
    }

    public override void NameClaims(HandleResolution handles, ICollection<Claim> claims)
    {
        // Attempts are not facts that could be told twice.
    }

    public override void Plan(WorkingSet set, LoadPlan plan)
    {
        // The moves ask for what they depend on in their statement.
    }

    public override Decision Decide(Draft draft, LoadPlan plan)
    {
        foreach (var attempt in attempts)
        {
            draft.Insert(DeliveryStatements.Move, attempt.Move);
            draft.Insert(DeliveryStatements.InsertAttempts, RowOf(attempt, draft.NextId(0)));
            if (attempt.News is { } news && draft.Edit<WebhookEndpoint>(kind.RootOf(news.Tenant, news.Id)) is { Enabled: true } endpoint)
            {
                Apply(endpoint, news, draft.Now);
            }
        }

        return new Decision.Apply(this, 0, 0, 0);
    }

    public override (byte[] Body, long RootId) Freeze(object reply) =>
        throw new InvariantBrokenException("Attempts carry no idempotency key.");

    private static void Apply(WebhookEndpoint endpoint, EndpointNews news, Instant now)
    {
        endpoint.FailingSince = news.FailingSince;
        if (news.DisabledReason is { } reason)
        {
            endpoint.Disable(reason, now);
        }
    }

    private static AttemptRow RowOf(EndedAttempt attempt, long id) => new(
        attempt.Queue.Tenant,
        attempt.Queue.Id,
        id,
        attempt.Delivery.Event,
        attempt.Delivery.Attempts + 1,
        attempt.StartedAt,
        attempt.Result);
}
