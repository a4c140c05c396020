using System.Diagnostics;
using System.Text;

namespace Laurel.Bench.Load;

/// <summary>Counts the answers of one run.</summary>
/// <param name="settings">Tells the intervals of the timeline.</param>
/// <param name="windowStart">First tick of the measured time.</param>
/// <param name="windowEnd">The tick after its last.</param>
internal sealed class LoadTally(LoadSettings settings, long windowStart, long windowEnd)
{
    /// <summary>An answer that comes later than this has no worth to who waits for it.</summary>
    public const double WellSecondsMax = 1;

    private const int StatusMax = 599;
    private const int FailureLengthMax = 600;
    private const double NanosecondsPerSecond = 1e9;

    private static readonly double s_nanosecondsPerTick = NanosecondsPerSecond / Stopwatch.Frequency;
    private static readonly long s_wellTicksMax = (long)(WellSecondsMax * Stopwatch.Frequency);

    private readonly Histogram _latency = new();
    private readonly long[] _statuses = new long[StatusMax + 1];
    private readonly long[] _timeline = new long[
        settings.TimelineSeconds is { } interval ? (int)Math.Ceiling(settings.MeasureSeconds / interval) : 0];
    private readonly double _ticksPerInterval =
        (settings.TimelineSeconds ?? settings.MeasureSeconds) * Stopwatch.Frequency;

    private long _well;
    private long _wellFromSend;
    private long _timeouts;
    private long _dropped;
    private long _connectionErrors;
    private string? _firstFailure;

    /// <summary>Whether a request belongs to the measured time: by its answer in a closed loop, by when it was due in
    /// an open one.</summary>
    private bool IsMeasured(long dueAt, long answeredAt)
    {
        var at = settings.RatePerSecond is null ? answeredAt : dueAt;
        return at >= windowStart && at < windowEnd;
    }

    public void Answered(long dueAt, long sentAt, long now, int status, ReadOnlySpan<byte> answer)
    {
        if (!IsMeasured(dueAt, now))
        {
            return;
        }

        _statuses[Math.Min(status, StatusMax)]++;
        if (status is >= 200 and < 300)
        {
            _latency.Record(Nanoseconds(now - dueAt));
            _well += now - dueAt <= s_wellTicksMax ? 1 : 0;
            _wellFromSend += now - sentAt <= s_wellTicksMax ? 1 : 0;
            if (_timeline.Length > 0)
            {
                var at = settings.RatePerSecond is null ? now : dueAt;
                _timeline[Math.Min(_timeline.Length - 1, (int)((at - windowStart) / _ticksPerInterval))]++;
            }
        }
        else if (status != 503)
        {
            _firstFailure ??= Encoding.UTF8.GetString(answer[..Math.Min(answer.Length, FailureLengthMax)]);
        }
    }

    /// <summary>A request was sent and not answered.</summary>
    public void TimedOut(long dueAt, long now)
    {
        if (IsMeasured(dueAt, now))
        {
            _timeouts++;
            _latency.Record(Nanoseconds(now - dueAt));
        }
    }

    /// <summary>A request was due and never sent.</summary>
    public void Dropped(long dueAt, long now)
    {
        if (IsMeasured(dueAt, now))
        {
            _dropped++;
            _latency.Record(Nanoseconds(now - dueAt));
        }
    }

    /// <summary>A connection broke, or could not be made.</summary>
    public void ConnectionFailed(long dueAt, long now, string reason)
    {
        if (IsMeasured(dueAt, now))
        {
            _connectionErrors++;
            _firstFailure ??= reason;
        }
    }

    public LoadResult Result(CpuTimes cpu)
    {
        var statuses = new SortedDictionary<int, long>();
        for (var status = 0; status < _statuses.Length; status++)
        {
            if (_statuses[status] > 0)
            {
                statuses[status] = _statuses[status];
            }
        }

        var ok = statuses.Where(static pair => pair.Key is >= 200 and < 300).Sum(static pair => pair.Value);
        var unavailable = _statuses[503];
        return new LoadResult
        {
            Seconds = (windowEnd - windowStart) / (double)Stopwatch.Frequency,
            Ok = ok,
            Unavailable = unavailable,
            Other = _statuses.Sum() - ok - unavailable,
            Timeouts = _timeouts,
            Dropped = _dropped,
            ConnectionErrors = _connectionErrors,
            Well = _well,
            WellFromSend = _wellFromSend,
            Latency = _latency.ToPercentiles(),
            GeneratorCpuSeconds = cpu.Generator,
            WatchedCpuSeconds = cpu.Watched,
            OtherCpuSeconds = Math.Max(0, cpu.Machine - cpu.Generator - (cpu.Watched ?? 0)),
            Statuses = statuses,
            Timeline = _timeline,
            FirstFailure = _firstFailure,
        };
    }

    private static long Nanoseconds(long ticks) => (long)(ticks * s_nanosecondsPerTick);
}

/// <summary>CPU seconds of the generator, of the watched process (null when there is none) and of the whole
/// machine.</summary>
internal sealed record CpuTimes(double Generator, double? Watched, double Machine)
{
    /// <summary>The times so far.</summary>
    public static CpuTimes Now(int? watchedProcess) => new(
        Environment.CpuUsage.TotalTime.TotalSeconds,
        watchedProcess is { } process ? ProcessFacts.CpuSeconds(process) : null,
        ProcessFacts.MachineCpuSeconds());

    public CpuTimes Since(CpuTimes earlier) =>
        new(Generator - earlier.Generator, Watched - earlier.Watched, Machine - earlier.Machine);
}
