using System.Net;

namespace Laurel.Platform.Webhooks;

/// <summary>How webhooks are sent: <c>LAUREL_WEBHOOKS_…</c> in <c>docs/operate/settings.md</c>.</summary>
public sealed record WebhookOptions
{
    /// <summary>Endpoints of one tenant at the most.</summary>
    public const int EndpointsMax = 2_000;

    public const int ConcurrencyDefault = 1_024;

    public const int KeptDaysDefault = 30;

    public const int FailingDaysDefault = 5;

    /// <summary>Whether endpoints may be plain http. Signatures keep bodies from being changed, not from being read.</summary>
    public bool AllowHttp { get; init; }

    /// <summary>Networks that may be sent to although they are not public.</summary>
    public IReadOnlyList<IPNetwork> AllowedNetworks { get; init; } = [];

    /// <summary>Requests under way at the same time, over all endpoints.</summary>
    public int Concurrency { get; init; } = ConcurrencyDefault;

    /// <summary>How long deliveries and attempts are kept, in days; more than the schedule takes.</summary>
    public int KeptDays { get; init; } = KeptDaysDefault;

    /// <summary>After so many days without one success an endpoint is switched off.</summary>
    public int FailingDays { get; init; } = FailingDaysDefault;

    /// <summary>How long a receiver may take; the specification recommends 15 to 30 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>How often the queue is looked through when nothing wakes the dispatcher.</summary>
    public TimeSpan PollEvery { get; init; } = TimeSpan.FromSeconds(1);
}
