using System.Diagnostics;
using System.Diagnostics.Metrics;
using Laurel.Engine.Telemetry;

namespace Laurel.Platform.Providers;

/// <summary>What calls of others' services tell of themselves: who signs people in, carries codes, knows names, keeps files and keys. No address, key or member is a
/// label.</summary>
public static class ProviderMetrics
{
    private static readonly Counter<long> s_calls = LaurelTelemetry.Meter.CreateCounter<long>(
        "member_provider_calls_total", "{call}", "Calls of services of others, by service and by what came back.");

    private static readonly Histogram<double> s_seconds = LaurelTelemetry.Meter.CreateHistogram(
        "member_provider_seconds",
        "s",
        "Time a service of others took to answer, or until it was given up.",
        tags: null,
        new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20] });

    /// <summary>Counts and times one call. What it throws is thrown.</summary>
    /// <param name="provider">Out of a fixed list: <c>s3</c>, <c>transit</c>, <c>wechat_mini</c> …</param>
    /// <param name="call">Ends with the last byte of the answer.</param>
    public static async Task<HttpResponseMessage> WatchAsync(string provider, Func<Task<HttpResponseMessage>> call)
    {
        var begun = Stopwatch.GetTimestamp();
        var result = "no_answer";
        try
        {
            var answer = await call();
            result = (int)answer.StatusCode switch { < 400 => "answered", < 500 => "refused", _ => "failed" };
            return answer;
        }
        catch (HttpRequestException exception) when (exception.HttpRequestError
            is HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError or HttpRequestError.SecureConnectionError)
        {
            result = "unreachable";
            throw;
        }
        finally
        {
            KeyValuePair<string, object?>[] tags = [new("provider", provider), new("result", result)];
            s_calls.Add(1, tags);
            s_seconds.Record(Stopwatch.GetElapsedTime(begun).TotalSeconds, tags);
        }
    }
}
