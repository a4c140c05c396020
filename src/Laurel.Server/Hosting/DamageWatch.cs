using System.Diagnostics.Metrics;
using Laurel.Engine.Sql;
using Laurel.Engine.Telemetry;

namespace Laurel.Server.Hosting;

/// <summary>Looks whether the SQLite file is sound: once a week, and at a start that finds the file left open by a process that
/// was killed. Beside the callers, by a connection that only reads.</summary>
internal sealed partial class DamageWatch : BackgroundService
{
    private static readonly TimeSpan s_every = TimeSpan.FromDays(7);

    private readonly Meter _meter = new(LaurelTelemetry.Name);
    private readonly SqliteDatabase _database;
    private readonly TimeProvider _clock;
    private readonly ILogger<DamageWatch> _logger;
    private int _damaged;

    public DamageWatch(SqliteDatabase database, TimeProvider clock, ILogger<DamageWatch> logger)
    {
        (_database, _clock, _logger) = (database, clock, logger);
        _meter.CreateObservableGauge(
            "member_database_damaged",
            () => Volatile.Read(ref _damaged),
            "1",
            "1 when the last look at the SQLite file found damage, otherwise 0.");
    }

    public override void Dispose()
    {
        _meter.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(s_every, _clock);
        var due = _database.WasLeftOpen;
        do
        {
            if (due)
            {
                await LookAsync(stoppingToken);
            }

            due = true;
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task LookAsync(CancellationToken stoppingToken)
    {
        try
        {
            // SQLite works on the thread that calls it; the start of the server must not wait for a large file.
            var findings = await Task.Run(() => _database.FindDamageAsync(stoppingToken), stoppingToken);
            Volatile.Write(ref _damaged, findings.Count > 0 ? 1 : 0);
            if (findings.Count > 0)
            {
                Damaged(_logger, string.Join("; ", findings));
            }
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            NotLooked(_logger, exception);
        }
    }

    [LoggerMessage(45, LogLevel.Critical, "The database file is damaged: {Findings}. Stop the server, keep the file, and restore the last backup (laurel restore).")]
    private static partial void Damaged(ILogger logger, string findings);

    [LoggerMessage(46, LogLevel.Warning, "The database file could not be looked over; it is tried again in a week.")]
    private static partial void NotLooked(ILogger logger, Exception exception);
}
