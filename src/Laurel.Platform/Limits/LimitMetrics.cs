using System.Diagnostics.Metrics;
using Laurel.Engine.Telemetry;

namespace Laurel.Platform.Limits;

/// <summary>What limits tell of themselves. Nobody who is counted is a label.</summary>
internal static class LimitMetrics
{
    /// <summary>The limit of an API key's own quota.</summary>
    public const string KeyQuota = "Key";

    private static readonly Counter<long> s_refused = LaurelTelemetry.Meter.CreateCounter<long>(
        "member_rate_limited_total", "{request}", "Calls that were answered 429, by limit.");

    private static readonly Counter<long> s_notShared = LaurelTelemetry.Meter.CreateCounter<long>(
        "member_rate_limits_not_shared_total", "{request}", "Calls that this node counted for itself, since Redis did not answer.");

    private static Func<int> s_subjects = () => 0;

    static LimitMetrics() => LaurelTelemetry.Meter.CreateObservableGauge(
        "member_rate_limit_subjects", () => Volatile.Read(ref s_subjects)(), "{subject}", "Callers that this node counts by themselves.");

    /// <summary>Makes every series known before the first event: an alert on an increase must see where it began.</summary>
    public static void Begin()
    {
        foreach (var limit in RateLimits.All)
        {
            Count(limit.Name, 0);
        }

        Count(KeyQuota, 0);
        s_notShared.Add(0);
    }

    public static void Watch(Func<int> subjects) => Volatile.Write(ref s_subjects, subjects);

    public static void Refused(string limit) => Count(limit, 1);

    public static void NotShared() => s_notShared.Add(1);

    private static void Count(string limit, long requests) => s_refused.Add(requests, new KeyValuePair<string, object?>("limit", limit));
}
