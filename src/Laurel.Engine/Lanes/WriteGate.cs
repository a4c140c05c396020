using System.Diagnostics.Metrics;
using Laurel.Engine.Telemetry;
using Laurel.Kernel;
using Microsoft.Extensions.Logging;

namespace Laurel.Engine.Lanes;

/// <summary>Why a node takes no writes.</summary>
[Flags]
public enum ReadOnlyReasons
{
    None = 0,

    /// <summary>The setting of this node says so; for as long as it runs.</summary>
    Setting = 1,

    /// <summary>An administrator has switched it on, for every node.</summary>
    Command = 2,

    /// <summary>The database refuses writes: it is a replica, set to read-only, or full.</summary>
    Database = 4,

    /// <summary>The database does not answer.</summary>
    Unreachable = 8,
}

/// <summary>Whether this node takes writes. While it is closed they are answered at once and reads go on.</summary>
/// <remarks>Closed by a setting, by command, or by what the database answers to a batch; opened again by who found that the
/// reason is gone. A batch on its way is never cut off: the gate keeps new commands out of the lanes.</remarks>
public sealed partial class WriteGate : IDisposable
{
    /// <summary>What a probe of the database can put an end to.</summary>
    public const ReadOnlyReasons Failures = ReadOnlyReasons.Database | ReadOnlyReasons.Unreachable;

    private readonly Meter _meter = new(LaurelTelemetry.Name);
    private readonly Lock _lock = new();
    private readonly ILogger<WriteGate> _logger;
    private TaskCompletionSource _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile int _reasons;

    public WriteGate(ILogger<WriteGate> logger)
    {
        _logger = logger;
        _meter.CreateObservableGauge("member_read_only", Measure, "1", "1 while this node takes no writes, by reason.");
    }

    /// <summary>All reasons that hold now.</summary>
    public ReadOnlyReasons Reasons => (ReadOnlyReasons)_reasons;

    /// <summary>Ends when the database refuses or does not answer; at once while that is so.</summary>
    public Task WhenFailedAsync()
    {
        lock (_lock)
        {
            return _failed.Task;
        }
    }

    /// <summary>What a command is answered that may not pass; null when it may.</summary>
    public Refusal? RefusalOf(Command command)
    {
        var reasons = Reasons;
        if (reasons == ReadOnlyReasons.None || command.PassesReadOnlyMode)
        {
            return null;
        }

        return reasons == ReadOnlyReasons.Unreachable ? new Refusal("DATABASE_UNAVAILABLE") : ReadOnly(reasons);
    }

    public void Close(ReadOnlyReasons reason) => Change(reason, ReadOnlyReasons.None);

    public void Open(ReadOnlyReasons reasons) => Change(ReadOnlyReasons.None, reasons);

    public void Dispose() => _meter.Dispose();

    internal static Refusal ReadOnly(ReadOnlyReasons reasons) => new("READ_ONLY", ("reason", NameOf(reasons)));

    private void Change(ReadOnlyReasons added, ReadOnlyReasons removed)
    {
        ReadOnlyReasons before, after;
        lock (_lock)
        {
            before = Reasons;
            after = (before | added) & ~removed;
            _reasons = (int)after;
            if ((after & Failures) != ReadOnlyReasons.None)
            {
                _failed.TrySetResult();
            }
            else if (_failed.Task.IsCompleted)
            {
                _failed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }

        if (before == after)
        {
            return;
        }

        if (after == ReadOnlyReasons.None)
        {
            Opened(_logger, NameOf(before));
        }
        else
        {
            Closed(_logger, NameOf(after));
        }
    }

    private IEnumerable<Measurement<int>> Measure()
    {
        var reasons = Reasons;
        foreach (var reason in Enum.GetValues<ReadOnlyReasons>())
        {
            if (reason != ReadOnlyReasons.None)
            {
                yield return new Measurement<int>(reasons.HasFlag(reason) ? 1 : 0, new KeyValuePair<string, object?>("reason", NameOf(reason)));
            }
        }
    }

    private static string NameOf(ReadOnlyReasons reasons) => reasons.ToString().ToLowerInvariant();

    [LoggerMessage(70, LogLevel.Warning, "This node takes no writes: {Reasons}. Reads go on.")]
    private static partial void Closed(ILogger logger, string reasons);

    [LoggerMessage(71, LogLevel.Information, "This node takes writes again; it did not because of: {Reasons}.")]
    private static partial void Opened(ILogger logger, string reasons);
}
