using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Laurel.Engine.Telemetry;

/// <summary>Where Laurel says how it fares. While nobody listens, a measurement or a span costs next to nothing.</summary>
public static class LaurelTelemetry
{
    /// <summary>The name of every meter of Laurel and of its source of spans.</summary>
    public const string Name = "Laurel";

    public static readonly Meter Meter = new(Name);

    public static readonly ActivitySource Spans = new(Name);

    /// <summary>Bounds in seconds, from a read in memory to a call that nobody waits for any more.</summary>
    public static InstrumentAdvice<double> Seconds { get; } = new()
    {
        HistogramBucketBoundaries = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2, 5],
    };

    /// <summary>The span that the caller runs in, for work that goes on elsewhere; nothing while nobody listens.</summary>
    public static ActivityContext CurrentSpan => Spans.HasListeners() ? Activity.Current?.Context ?? default : default;
}
