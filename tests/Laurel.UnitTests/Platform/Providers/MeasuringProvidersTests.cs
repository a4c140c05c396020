using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net;
using Laurel.Platform.Providers;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Platform.Providers;

/// <summary>Calls of others' services are counted and timed by what came back, and say what they said.</summary>
public sealed class MeasuringProvidersTests
{
    [Theory]
    [InlineData(200, "answered")]
    [InlineData(304, "answered")]
    [InlineData(404, "refused")]
    [InlineData(503, "failed")]
    public async Task IsCountedByItsStatus_When_AProviderAnswers(int status, string result)
    {
        var provider = $"unit_{status}";
        var told = Listen(provider, out var listener);
        using (listener)
        {
            using var answer = await ProviderMetrics.WatchAsync(provider, () => Task.FromResult(new HttpResponseMessage((HttpStatusCode)status)));
            ((int)answer.StatusCode).ShouldBe(status);
        }

        told.Order().ShouldBe([$"member_provider_calls_total {result}", $"member_provider_seconds {result}"]);
    }

    [Theory]
    [InlineData(HttpRequestError.ConnectionError, "unreachable")]
    [InlineData(HttpRequestError.ResponseEnded, "no_answer")]
    public async Task IsCountedAndThrown_When_AProviderDoesNotAnswer(HttpRequestError error, string result)
    {
        var provider = $"unit_{error}";
        var told = Listen(provider, out var listener);
        using (listener)
        {
            await Should.ThrowAsync<HttpRequestException>(() => ProviderMetrics.WatchAsync(provider, () => throw new HttpRequestException(error)));
            await Should.ThrowAsync<TaskCanceledException>(() => ProviderMetrics.WatchAsync(provider, () => throw new TaskCanceledException()));
        }

        told.Order().ShouldBe(
            new[] { result, "no_answer" }.SelectMany(each => new[] { $"member_provider_calls_total {each}", $"member_provider_seconds {each}" }).Order());
    }

    private static ConcurrentBag<string> Listen(string provider, out MeterListener listener)
    {
        var told = new ConcurrentBag<string>();
        void Tell(Instrument instrument, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            if (Equals(tags[0].Value, provider))
            {
                told.Add($"{instrument.Name} {tags[1].Value}");
            }
        }

        listener = new MeterListener
        {
            InstrumentPublished = (instrument, listening) =>
            {
                if (instrument.Name.StartsWith("member_provider_", StringComparison.Ordinal))
                {
                    listening.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, _, tags, _) => Tell(instrument, tags));
        listener.SetMeasurementEventCallback<double>((instrument, _, tags, _) => Tell(instrument, tags));
        listener.Start();
        return told;
    }
}
