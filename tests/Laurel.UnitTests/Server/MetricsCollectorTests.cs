using System.Diagnostics.Metrics;
using Laurel.Engine.Telemetry;
using Laurel.Server.Metrics;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Server;

/// <summary>The listener that adds up, and the text it becomes.</summary>
public sealed class MetricsCollectorTests : IDisposable
{
    // A name of its own for each test: other tests in this process measure too.
    private readonly string _name = "member_test_" + string.Concat(Guid.CreateVersion7().ToString("N").Select(c => (char)('a' + Convert.ToInt32(c.ToString(), 16))));
    private readonly Meter _meter = new(LaurelTelemetry.Name);
    private readonly MetricsCollector _collector = new();

    public void Dispose()
    {
        _collector.Dispose();
        _meter.Dispose();
    }

    [Fact]
    public void AddsUpAndEscapes_When_ACounterHasLabels()
    {
        var counter = _meter.CreateCounter<long>(_name + "_total", description: "Back\\slash\nand line.");
        counter.Add(2, new KeyValuePair<string, object?>("kind", "a\"b\\c\nd"));
        counter.Add(3, new KeyValuePair<string, object?>("kind", "a\"b\\c\nd"));

        Text().ShouldBe($$"""
            # HELP {{_name}}_total Back\\slash\nand line.
            # TYPE {{_name}}_total counter
            {{_name}}_total{kind="a\"b\\c\nd"} 5

            """);
    }

    [Fact]
    public void CountsEachValueIntoItsBucket_When_ItLiesOnABound()
    {
        var histogram = _meter.CreateHistogram<double>(_name, description: "Seconds.", advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.5, 1] });
        foreach (var value in new[] { 0.5, 0.75, 1, 7 })
        {
            histogram.Record(value);
        }

        Text().ShouldBe($$"""
            # HELP {{_name}} Seconds.
            # TYPE {{_name}} histogram
            {{_name}}_bucket{le="0.5"} 1
            {{_name}}_bucket{le="1"} 3
            {{_name}}_bucket{le="+Inf"} 4
            {{_name}}_sum 9.25
            {{_name}}_count 4

            """);
    }

    [Fact]
    public void LeavesNothingBehind_When_WhatWasObservedIsGone()
    {
        var values = new List<Measurement<int>> { new(1, new KeyValuePair<string, object?>("cache", "a")), new(2, new KeyValuePair<string, object?>("cache", "b")) };
        _meter.CreateObservableGauge(_name, () => values);
        Text().ShouldContain($"{_name}{{cache=\"b\"}} 2\n");
        values.RemoveAt(1);

        Text().ShouldContain($"{_name}{{cache=\"a\"}} 1\n");
        Text().ShouldNotContain("cache=\"b\"");
    }

    [Fact]
    public void LosesNothing_When_ManyThreadsAdd()
    {
        var counter = _meter.CreateCounter<int>(_name + "_total");
        Parallel.For(0, 100_000, i => counter.Add(1, new KeyValuePair<string, object?>("half", i % 2 == 0 ? "even" : "odd")));

        Text().ShouldContain($"{_name}_total{{half=\"even\"}} 50000\n");
        Text().ShouldContain($"{_name}_total{{half=\"odd\"}} 50000\n");
    }

    [Fact]
    public void AllocatesNothing_When_TheLabelsAreKnown()
    {
        var histogram = _meter.CreateHistogram<double>(_name, advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [1] });
        void Record() => histogram.Record(0.5, new("method", "POST"), new("endpoint", "/api/points/earn"), new("status", "2xx"));
        for (var i = 0; i < 1_000; i++)
        {
            Record();
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1_000; i++)
        {
            Record();
        }

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(1_000);
    }

    private string Text() => PrometheusText.Write([.. _collector.Read().Where(metric => metric.Name.StartsWith(_name, StringComparison.Ordinal))]);
}
