using Laurel.Platform.Features;
using Laurel.Server.Logging;
using Laurel.Server.Metrics;
using Laurel.Server.Tracing;

namespace Laurel.Server.Hosting;

/// <summary>How a node is watched: metrics, logs and traces. All of it is in <c>docs/operate/settings.md</c>.</summary>
public sealed record OperationsSettings
{
    public static readonly TimeSpan SlowQueryDefault = TimeSpan.FromMilliseconds(500);

    public const int LogDaysDefault = 90;

    public MetricsAccess MetricsAccess { get; init; } = MetricsAccess.Key;

    public LogFormat LogFormat { get; init; } = LogFormat.Auto;

    public LogLevel LogLevel { get; init; } = LogLevel.Information;

    /// <summary>Whether the log is also written to files in <c>DATA/logs</c>, one a day.</summary>
    public bool LogFiles { get; init; }

    /// <summary>How long a log file is kept, 1 to 3,650 days.</summary>
    public int LogDays { get; init; } = LogDaysDefault;

    /// <summary>From how long on a query is warned of; zero warns of every one.</summary>
    public TimeSpan SlowQuery { get; init; } = SlowQueryDefault;

    /// <summary>Features that are on for some, from the section <c>Features</c>.</summary>
    public FeatureFlags Features { get; init; } = FeatureFlags.None;

    internal static OperationsSettings Read(SettingsReader reader)
    {
        var mistake = TraceExport.Mistake();
        reader.Require(mistake is null, mistake ?? "");
        return new()
        {
            MetricsAccess = reader.Choice("LAUREL_METRICS_ACCESS", MetricsAccess.Key),
            LogFormat = reader.Choice("LAUREL_LOG_FORMAT", LogFormat.Auto),
            LogLevel = reader.Choice("LAUREL_LOG_LEVEL", LogLevel.Information),
            LogFiles = reader.Choice("LAUREL_LOG_FILES", Switch.Off) == Switch.On,
            LogDays = reader.Integer("LAUREL_LOG_DAYS", LogDaysDefault, 1, 3_650),
            SlowQuery = TimeSpan.FromMilliseconds(reader.Integer("LAUREL_SLOW_QUERY_MS", (int)SlowQueryDefault.TotalMilliseconds, 0, 600_000)),
            Features = reader.Features("Features"),
        };
    }

    private enum Switch
    {
        Off,
        On,
    }
}
