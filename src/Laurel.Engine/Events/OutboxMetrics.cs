using System.Diagnostics.Metrics;
using Dapper;
using Laurel.Engine.Sql;
using Laurel.Engine.Telemetry;
using Laurel.Kernel;
using Microsoft.Extensions.Logging;

namespace Laurel.Engine.Events;

/// <summary>What the outbox tells of itself.</summary>
internal static class OutboxMetrics
{
    private static readonly Counter<long> s_published = LaurelTelemetry.Meter.CreateCounter<long>(
        "member_events_published_total", "{event}", "Events that a transport confirmed, repeats counted.");

    private static readonly Counter<long> s_failures = LaurelTelemetry.Meter.CreateCounter<long>(
        "member_events_publish_failures_total", "{attempt}", "Times that a transport failed and the same events were to come again.");

    public static void Published(string transport, int events) => s_published.Add(events, new KeyValuePair<string, object?>("transport", transport));

    /// <summary>Tells both while they are zero too: an alert on an increase must know them before.</summary>
    public static void Begin(string transport)
    {
        s_published.Add(0, new KeyValuePair<string, object?>("transport", transport));
        s_failures.Add(0, new KeyValuePair<string, object?>("transport", transport));
    }

    public static void Failed(string transport) => s_failures.Add(1, new KeyValuePair<string, object?>("transport", transport));
}

/// <summary>Measures how much waits in one queue of the outbox, and for how long. Every node that publishes measures, whoever has the
/// lease: what nobody publishes must show too.</summary>
internal sealed partial class OutboxGauge : IDisposable
{
    /// <summary>More rows than this are told as this many and one.</summary>
    public const int RowsCountedMax = 100_000;

    private static readonly TimeSpan s_measureEvery = TimeSpan.FromSeconds(10);

    private const string CountRows = "SELECT COUNT(*) FROM (SELECT 1 AS waiting FROM outbox WHERE transport = @Transport LIMIT @Limit) counted";

    private const string ReadOldest = """
        SELECT b.recorded_at FROM outbox o JOIN event_batches b ON b.batch_id = o.batch_id
        WHERE o.transport = @Transport ORDER BY o.position LIMIT 1
        """;

    private readonly Meter _meter = new(LaurelTelemetry.Name);
    private readonly string _transport;
    private readonly Database _database;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private volatile Measured? _measured;

    private sealed record Measured(long Rows, double OldestSeconds);

    public OutboxGauge(string transport, Database database, TimeProvider clock, ILogger logger)
    {
        (_transport, _database, _clock, _logger) = (transport, database, clock, logger);
        var label = new KeyValuePair<string, object?>("transport", transport);
        Measurement<long>[] Rows() => _measured is { } measured ? [new(measured.Rows, label)] : [];
        Measurement<double>[] Oldest() => _measured is { } measured ? [new(measured.OldestSeconds, label)] : [];
        _meter.CreateObservableGauge("member_outbox_rows", Rows, "{batch}", "Batches of events that wait in a queue of the outbox.");
        _meter.CreateObservableGauge("member_outbox_oldest_seconds", Oldest, "s", "Age of the batch that is next in a queue of the outbox.");
    }

    /// <summary>Measures again and again, until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(s_measureEvery, _clock);
        do
        {
            try
            {
                _measured = await MeasureAsync(cancellationToken);
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                NotMeasured(_logger, exception);
            }
        }
        while (await timer.WaitForNextTickAsync(cancellationToken));
    }

    public void Dispose() => _meter.Dispose();

    private async Task<Measured> MeasureAsync(CancellationToken cancellationToken)
    {
        await using var session = await _database.OpenReaderAsync(Reach.Nothing, cancellationToken);
        using var timed = _database.Times.Begin("outbox.measure");
        var arguments = new { Transport = _transport, Limit = RowsCountedMax + 1 };
        var rows = await session.Connection.ExecuteScalarAsync<long>(new CommandDefinition(CountRows, arguments, cancellationToken: cancellationToken));
        var oldest = await session.Connection.ExecuteScalarAsync<long?>(new CommandDefinition(ReadOldest, arguments, cancellationToken: cancellationToken));
        var age = oldest is { } recordedAt ? (Instant.Now(_clock).UnixMicroseconds - recordedAt) / 1_000_000.0 : 0;
        return new Measured(rows, Math.Max(0, age));
    }

    [LoggerMessage(62, LogLevel.Warning, "The outbox could not be measured.")]
    private static partial void NotMeasured(ILogger logger, Exception exception);
}
