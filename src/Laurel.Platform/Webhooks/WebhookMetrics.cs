using System.Diagnostics.Metrics;
using Laurel.Engine.Telemetry;
using Microsoft.Extensions.Logging;

namespace Laurel.Platform.Webhooks;

/// <summary>What webhooks tell of themselves. No endpoint and no host is a label: there may be thousands.</summary>
internal static class WebhookMetrics
{
    private const string Delivered = "delivered";
    private const string Failed = "failed";

    private static readonly Counter<long> s_attempts = LaurelTelemetry.Meter.CreateCounter<long>(
        "member_webhook_attempts_total", "{attempt}", "Attempts to tell an endpoint of an event, by result.");

    private static readonly Histogram<double> s_seconds = LaurelTelemetry.Meter.CreateHistogram(
        "member_webhook_attempt_seconds",
        "s",
        "Time an endpoint took to answer, or until it was given up.",
        tags: null,
        new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30] });

    private static readonly Counter<long> s_givenUp = LaurelTelemetry.Meter.CreateCounter<long>(
        "member_webhook_given_up_total", "{delivery}", "Deliveries that were given up after their last attempt.");

    private static readonly Counter<long> s_disabled = LaurelTelemetry.Meter.CreateCounter<long>(
        "member_webhook_endpoints_disabled_total", "{endpoint}", "Endpoints that were switched off by what they answered, by reason.");

    private static long s_waiting;

    static WebhookMetrics() => LaurelTelemetry.Meter.CreateObservableGauge(
        "member_webhook_waiting_deliveries",
        () => Volatile.Read(ref s_waiting),
        "{delivery}",
        "Deliveries that wait for an attempt; zero on nodes that do not send.");

    /// <summary>Makes every series known before the first event: an alert on an increase must see where it began.</summary>
    public static void Begin()
    {
        Count(Delivered, 0);
        Count(Failed, 0);
        s_givenUp.Add(0);
        s_disabled.Add(0, new KeyValuePair<string, object?>("reason", DisabledReason.Gone));
        s_disabled.Add(0, new KeyValuePair<string, object?>("reason", DisabledReason.Failing));
    }

    public static void Ended(AttemptResult result, DeliveryState state)
    {
        var word = result.Delivered ? Delivered : Failed;
        Count(word, 1);
        s_seconds.Record(result.Duration.TotalSeconds, new KeyValuePair<string, object?>("result", word));
        s_givenUp.Add(state == DeliveryState.Failed ? 1 : 0);
    }

    public static void Disabled(string reason) => s_disabled.Add(1, new KeyValuePair<string, object?>("reason", reason));

    public static void Waiting(long deliveries) => Volatile.Write(ref s_waiting, deliveries);

    private static void Count(string result, long attempts) => s_attempts.Add(attempts, new KeyValuePair<string, object?>("result", result));
}

/// <summary>What webhooks log. URLs are not: they may hold what their owner keeps to himself.</summary>
internal static partial class WebhookLog
{
    [LoggerMessage(111, LogLevel.Warning, "The webhook endpoint {Endpoint} was switched off: {Reason}.")]
    public static partial void Disabled(ILogger logger, long endpoint, string reason);

    [LoggerMessage(112, LogLevel.Warning, "Due webhooks could not be read; trying again.")]
    public static partial void NotRead(ILogger logger, Exception exception);

    [LoggerMessage(113, LogLevel.Warning, "The outcome of {Count} webhooks could not be stored; trying again.")]
    public static partial void NotStored(ILogger logger, int count, Exception exception);

    [LoggerMessage(114, LogLevel.Error, "A webhook for the endpoint {Endpoint} could not be sent by a fault of ours; trying again.")]
    public static partial void NotSent(ILogger logger, long endpoint, Exception exception);

    [LoggerMessage(115, LogLevel.Error, "The secret of the webhook endpoint {Endpoint} cannot be read; rotate it, or bring its master key back.")]
    public static partial void SecretUnreadable(ILogger logger, long endpoint, Exception exception);

    [LoggerMessage(116, LogLevel.Warning, "Old webhooks could not be cleared; trying again.")]
    public static partial void NotCleared(ILogger logger, Exception exception);
}
