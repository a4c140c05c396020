using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Laurel.Engine.Telemetry;

/// <summary>Times what the database is asked: a histogram and a span for everything, and a warning for what takes too long.</summary>
/// <remarks>Statements go by names of ours, such as <c>lane.commit</c>. Neither SQL nor values are told.</remarks>
/// <param name="slowAfter">From how long on a warning is written; zero warns of everything.</param>
public sealed partial class StatementTimes(TimeProvider clock, ILogger<StatementTimes> logger, TimeSpan slowAfter)
{
    /// <summary>Warns of nothing.</summary>
    public static readonly StatementTimes Unwatched = new(TimeProvider.System, NullLogger<StatementTimes>.Instance, TimeSpan.MaxValue);

    private static readonly Histogram<double> s_seconds = LaurelTelemetry.Meter.CreateHistogram(
        "member_db_query_seconds",
        "s",
        "Time that the database took to answer, by statement.",
        tags: null,
        LaurelTelemetry.Seconds);

    /// <summary>Begins to time; disposing what it returns ends it.</summary>
    /// <param name="statement">A name out of a fixed list: it becomes a label.</param>
    public Timed Begin(string statement) => Begin(statement, default);

    /// <param name="parent">The span it belongs to; nothing takes the one the caller runs in.</param>
    public Timed Begin(string statement, ActivityContext parent)
    {
        var span = LaurelTelemetry.Spans.HasListeners() ? LaurelTelemetry.Spans.StartActivity(statement, ActivityKind.Client, parent) : null;
        span?.SetTag("db.operation.name", statement);
        return new Timed(this, statement, clock.GetTimestamp(), span);
    }

    private void End(Timed timed)
    {
        var elapsed = clock.GetElapsedTime(timed.StartedAt);
        s_seconds.Record(elapsed.TotalSeconds, new KeyValuePair<string, object?>("statement", timed.Statement));
        timed.Span?.Dispose();
        if (elapsed >= slowAfter)
        {
            SlowQuery(logger, timed.Statement, (long)elapsed.TotalMilliseconds);
        }
    }

    [LoggerMessage(30, LogLevel.Warning, "Slow query: {Statement} took {Milliseconds} ms.")]
    private static partial void SlowQuery(ILogger logger, string statement, long milliseconds);

    /// <summary>A statement that is being timed.</summary>
    public readonly struct Timed : IDisposable
    {
        private readonly StatementTimes _times;

        internal Timed(StatementTimes times, string statement, long startedAt, Activity? span) =>
            (_times, Statement, StartedAt, Span) = (times, statement, startedAt, span);

        internal string Statement { get; }

        internal long StartedAt { get; }

        internal Activity? Span { get; }

        public void Dispose() => _times.End(this);
    }
}
