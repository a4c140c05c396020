using System.Text.Json.Serialization;

namespace Laurel.Bench.Load;

/// <summary>One run of the load generator; sent to its process as one line of JSON.</summary>
internal sealed record LoadSettings
{
    public required WorkloadKind Workload { get; init; }

    /// <summary>Host address and port of the server.</summary>
    public required string Address { get; init; }

    public required int Port { get; init; }

    public required string ApiKey { get; init; }

    /// <summary>A file with one member id to a line.</summary>
    public required string MembersFile { get; init; }

    /// <summary>Keep-alive connections, each with at most one request under way.</summary>
    public required int Connections { get; init; }

    /// <summary>Not counted.</summary>
    public required double WarmupSeconds { get; init; }

    public required double MeasureSeconds { get; init; }

    /// <summary>Requests a second, sent on schedule whether or not earlier ones were answered; null sends the next
    /// request of a connection when its last one is answered.</summary>
    public double? RatePerSecond { get; init; }

    /// <summary>Makes the references of this run different from every other's.</summary>
    public required string ReferencePrefix { get; init; }

    public required ulong Seed { get; init; }

    /// <summary>Process whose CPU time is read at both ends of the measured time; null reads none.</summary>
    public int? WatchedProcess { get; init; }

    /// <summary>Length of the intervals of <see cref="LoadResult.Timeline"/>; null keeps none.</summary>
    public double? TimelineSeconds { get; init; }
}

/// <summary>What one run of the load generator saw.</summary>
/// <remarks>With a closed loop a request counts when its answer comes in the measured time; with an open loop when it
/// was due in the measured time, and its latency begins when it was due, so a server that stalls is charged for every
/// request it kept from being sent (no coordinated omission).</remarks>
internal sealed record LoadResult
{
    public required double Seconds { get; init; }

    /// <summary>Answered with 2xx.</summary>
    public required long Ok { get; init; }

    /// <summary>Answered with 503.</summary>
    public required long Unavailable { get; init; }

    /// <summary>Answered with any other status.</summary>
    public required long Other { get; init; }

    /// <summary>Sent and not answered within <see cref="LoadGenerator.AnswerSecondsMax"/>.</summary>
    public required long Timeouts { get; init; }

    /// <summary>Due, but given up after <see cref="LoadGenerator.QueueMillisecondsMax"/> without a free
    /// connection.</summary>
    public required long Dropped { get; init; }

    /// <summary>Connections that broke with a request under way, or could not be made.</summary>
    public required long ConnectionErrors { get; init; }

    /// <summary>Answered with 2xx within <see cref="LoadTally.WellSecondsMax"/> of when it was due.</summary>
    public required long Well { get; init; }

    /// <summary>The same, counted from when it was sent.</summary>
    public required long WellFromSend { get; init; }

    /// <summary>Latencies of 2xx answers, with what was never answered at the time it was given up.</summary>
    public required Percentiles Latency { get; init; }

    /// <summary>CPU time of the generator itself in the measured time.</summary>
    public required double GeneratorCpuSeconds { get; init; }

    /// <summary>CPU time of the watched process in the measured time; null when none was watched.</summary>
    public double? WatchedCpuSeconds { get; init; }

    /// <summary>CPU time of everything else on the machine in the measured time: the database, and whoever
    /// disturbs.</summary>
    public required double OtherCpuSeconds { get; init; }

    /// <summary>Answers by status code.</summary>
    public required IReadOnlyDictionary<int, long> Statuses { get; init; }

    /// <summary>2xx answers of each interval; empty when none was asked for.</summary>
    public required IReadOnlyList<long> Timeline { get; init; }

    /// <summary>The first answer that was neither 2xx nor 503, cut; null when there was none.</summary>
    public string? FirstFailure { get; init; }

    [JsonIgnore]
    public double OkPerSecond => Ok / Seconds;

    [JsonIgnore]
    public double WellPerSecond => Well / Seconds;

    /// <summary>Everything that was answered, whatever the status.</summary>
    [JsonIgnore]
    public long Answered => Ok + Unavailable + Other;

    /// <summary>Cores that were busy with neither the generator nor the watched process.</summary>
    [JsonIgnore]
    public double OtherCores => OtherCpuSeconds / Seconds;

    /// <summary>CPU microseconds that the generator spent on a request.</summary>
    [JsonIgnore]
    public double GeneratorMicrosecondsPerRequest => GeneratorCpuSeconds * 1e6 / Math.Max(1, Answered);

    /// <summary>CPU microseconds that the watched process spent on a request; null when none was watched.</summary>
    [JsonIgnore]
    public double? WatchedMicrosecondsPerRequest => WatchedCpuSeconds * 1e6 / Math.Max(1, Answered);
}

/// <summary>Latencies in milliseconds.</summary>
internal sealed record Percentiles(double P50, double P90, double P99, double P999, double Max);

[JsonSerializable(typeof(LoadSettings))]
[JsonSerializable(typeof(LoadResult))]
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true)]
internal sealed partial class LoadJson : JsonSerializerContext;
