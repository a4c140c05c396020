using System.Diagnostics;
using System.Diagnostics.Metrics;
using Laurel.Engine.Sql;
using Laurel.Engine.Telemetry;

namespace Laurel.Engine.Lanes;

/// <summary>What the lanes tell of themselves. Once for each batch, never for each command.</summary>
internal static class LaneMetrics
{
    /// <summary>Requests that a batch's span points to, beside the first one, which is its parent.</summary>
    private const int LinksMax = 64;

    private static readonly InstrumentAdvice<int> s_sizes = new() { HistogramBucketBoundaries = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_024, 4_096] };

    private static readonly Histogram<int> s_batchCommands = LaurelTelemetry.Meter.CreateHistogram(
        "member_batch_commands", "{command}", "Commands that a lane carried out at once.", tags: null, s_sizes);

    private static readonly Histogram<double> s_batchSeconds = LaurelTelemetry.Meter.CreateHistogram(
        "member_batch_seconds", "s", "Time from taking a batch to answering its callers.", tags: null, LaurelTelemetry.Seconds);

    private static readonly Counter<long> s_commands = LaurelTelemetry.Meter.CreateCounter<long>(
        "member_commands_total", "{command}", "Commands by what became of them.");

    private static readonly Counter<long> s_calculationErrors = LaurelTelemetry.Meter.CreateCounter<long>(
        "points_calculation_errors_total", "{command}", "Commands that failed by a fault of Laurel and were not carried out.");

    private static readonly Counter<long> s_retries = LaurelTelemetry.Meter.CreateCounter<long>(
        "member_batch_retries_total", "{batch}", "Batches tried again, by what the database said.");

    /// <summary>The span of a batch: a child of the first request in it, with links to the others. Null while nobody listens.</summary>
    public static Activity? StartSpan(IReadOnlyList<Pending> pending)
    {
        if (!LaurelTelemetry.Spans.HasListeners())
        {
            return null;
        }

        var callers = pending.Select(waiting => waiting.CallerSpan).Where(context => context != default).Distinct().ToList();
        var links = callers.Skip(1).Take(LinksMax).Select(context => new ActivityLink(context));
        var span = LaurelTelemetry.Spans.StartActivity("batch", ActivityKind.Internal, callers.FirstOrDefault(), links: links);
        return span?.SetTag("laurel.batch.commands", pending.Count);
    }

    /// <summary>Counts a batch. What Laurel's own jobs wrote with it is nobody's command.</summary>
    public static void Carried(IReadOnlyList<Pending> pending, Outcome[] outcomes, TimeSpan elapsed)
    {
        int applied = 0, refused = 0, duplicate = 0, replayed = 0, busy = 0, faulty = 0;
        for (var i = 0; i < outcomes.Length; i++)
        {
            if (pending[i].Command.IsJob)
            {
                continue;
            }

            switch (outcomes[i])
            {
                case Outcome.Applied: applied++; break;
                case Outcome.Refused: refused++; break;
                case Outcome.Duplicate: duplicate++; break;
                case Outcome.Replayed: replayed++; break;
                case Outcome.Failed { Retryable: true }: busy++; break;
                case Outcome.Failed: faulty++; break;
            }
        }

        var commands = applied + refused + duplicate + replayed + busy + faulty;
        if (commands == 0)
        {
            return;
        }

        s_batchCommands.Record(commands);
        s_batchSeconds.Record(elapsed.TotalSeconds);
        Add("applied", applied);
        Add("refused", refused);
        Add("duplicate", duplicate);
        Add("replayed", replayed);
        Add("failed", busy + faulty);

        // Told while it is zero too: an alert on its increase must know it before the first fault.
        s_calculationErrors.Add(faulty);
    }

    public static void Retried(SqlFailure failure) =>
        s_retries.Add(1, new KeyValuePair<string, object?>("reason", failure.ToString().ToLowerInvariant()));

    private static void Add(string outcome, int count)
    {
        if (count > 0)
        {
            s_commands.Add(count, new KeyValuePair<string, object?>("outcome", outcome));
        }
    }
}
