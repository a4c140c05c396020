using System.Data.Common;
using System.Diagnostics.Metrics;
using Laurel.Engine.Sql;
using Laurel.Engine.Telemetry;
using Laurel.Kernel;
using Microsoft.Extensions.Logging;

namespace Laurel.Engine.Partitions;

/// <summary>What one run of the keeper did to one table.</summary>
/// <param name="StrayRows">Rows that fit no month, counted to a million; should be 0.</param>
public sealed record PartitionsKept(string Table, IReadOnlyList<Month> Created, IReadOnlyList<Month> Dropped, long StrayRows);

/// <summary>Makes the partitions of the months to come and drops those past their age. On SQLite there are none.</summary>
/// <remarks>Any node may run it at any time: what two of them do at once fails for the second, which looks again and finds it done.
/// It waits for locks half a second at a time on PostgreSQL, a second on MySQL, so that no lane stands behind it for long.</remarks>
public sealed class PartitionKeeper : IDisposable
{
    /// <summary>Months made ahead of the present one.</summary>
    public const int MonthsAhead = 3;

    private const int AttemptsMax = 20;

    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(200);

    private readonly Meter _meter = new(LaurelTelemetry.Name);
    private readonly Database _database;
    private readonly IReadOnlyList<MonthlyTable> _tables;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly PartitionStore? _store;
    private volatile IReadOnlyList<(string Table, long StrayRows, int MonthsAhead)> _figures = [];

    public PartitionKeeper(Database database, IReadOnlyList<MonthlyTable> tables, TimeProvider clock, ILogger<PartitionKeeper> logger)
    {
        (_database, _tables, _clock, _logger) = (database, tables, clock, logger);
        _store = PartitionStore.For(database);
        _meter.CreateObservableGauge(
            "member_partition_stray_rows",
            () => _figures.Select(f => new Measurement<long>(f.StrayRows, new KeyValuePair<string, object?>("table", f.Table))),
            "{row}",
            "Rows that no partition of a month holds, counted to a million.");
        _meter.CreateObservableGauge(
            "member_partition_months_ahead",
            () => _figures.Select(f => new Measurement<int>(f.MonthsAhead, new KeyValuePair<string, object?>("table", f.Table))),
            "{month}",
            "Months after the present one that have a partition.");
    }

    /// <summary>The tables that are kept by months, and their partitions in order. Empty on SQLite.</summary>
    public async Task<IReadOnlyList<(MonthlyTable Table, IReadOnlyList<Partition> Partitions)>> ListAsync(CancellationToken cancellationToken)
    {
        var listed = new List<(MonthlyTable, IReadOnlyList<Partition>)>();
        if (_store is not null)
        {
            await using var session = await _database.OpenReaderAsync(Reach.Nothing, cancellationToken);
            foreach (var table in _tables)
            {
                listed.Add((table, await _store.ListAsync(session.Connection, table, cancellationToken)));
            }
        }

        return listed;
    }

    /// <summary>Creates and drops what is due. Safe to repeat and to run on several nodes.</summary>
    /// <exception cref="DbException">When the database refused for as long as a run tries.</exception>
    public async Task<IReadOnlyList<PartitionsKept>> RunAsync(CancellationToken cancellationToken)
    {
        if (_store is null)
        {
            return [];
        }

        var kept = new List<PartitionsKept>();
        var figures = new List<(string, long, int)>();
        foreach (var table in _tables)
        {
            var (done, ahead) = await KeepAsync(_store, table, cancellationToken);
            kept.Add(done);
            figures.Add((table.Name, done.StrayRows, ahead));
            if (done.Created.Count + done.Dropped.Count > 0)
            {
                PartitionLog.Kept(_logger, table.Name, string.Join(' ', done.Created), string.Join(' ', done.Dropped));
            }

            if (done.StrayRows > 0)
            {
                PartitionLog.Stray(_logger, table.Name, done.StrayRows);
            }
        }

        _figures = figures;
        return kept;
    }

    /// <summary>The time by which months are judged: the database's, and this process's on SQLite.</summary>
    public async Task<Instant> NowAsync(CancellationToken cancellationToken)
    {
        if (_store is null)
        {
            return Instant.Now(_clock);
        }

        await using var session = await _database.OpenReaderAsync(Reach.Nothing, cancellationToken);
        return await _store.NowAsync(session.Connection, cancellationToken);
    }

    /// <summary>The months of a table that have partitions, and those that were detached, with the names of their tables.</summary>
    public async Task<(IReadOnlyList<Month> Attached, IReadOnlyList<(Month Month, string Name)> Detached)> MonthsOfAsync(MonthlyTable table, CancellationToken cancellationToken)
    {
        Invariant.Require(_store is not null, "SQLite keeps no months.");
        await using var session = await _database.OpenReaderAsync(Reach.Nothing, cancellationToken);
        var attached = MonthsOf(await _store.ListAsync(session.Connection, table, cancellationToken));
        return (attached, await _store.ListDetachedAsync(session.Connection, table, cancellationToken));
    }

    /// <summary>Makes a month a table of its own, which nobody reads or writes any more, and tells its name. May be repeated.</summary>
    /// <exception cref="IOException">When it has other than the expected number of rows.</exception>
    /// <exception cref="DbException">When the database refused for as long as a run tries.</exception>
    public async Task<string> DetachAsync(MonthlyTable table, Month month, long expectedRows, CancellationToken cancellationToken)
    {
        Invariant.Require(_store is not null, "SQLite keeps no months.");
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await using var session = await _database.OpenOwnerAsync(cancellationToken);
                await _store.DetachAsync(session.Connection, table, month, expectedRows, cancellationToken);
                return PartitionStore.DetachedName(table, month);
            }
            catch (DbException exception) when (attempt < AttemptsMax)
            {
                PartitionLog.TriedAgain(_logger, table.Name, attempt, exception);
            }

            await Task.Delay(s_pause * Math.Min(attempt, 5), _clock, cancellationToken);
        }
    }

    /// <summary>A run whose failure is a warning: months are made long before they are needed, and what fits none has a place.</summary>
    public async Task TryRunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await RunAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            PartitionLog.Failed(_logger, exception);
        }
    }

    public void Dispose() => _meter.Dispose();

    private async Task<(PartitionsKept Kept, int MonthsAhead)> KeepAsync(PartitionStore store, MonthlyTable table, CancellationToken cancellationToken)
    {
        var (created, dropped) = (new List<Month>(), new List<Month>());
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await using var session = await _database.OpenOwnerAsync(cancellationToken);
                return await KeepAsync(store, table, session.Connection, created, dropped, cancellationToken);
            }
            catch (DbException exception) when (attempt < AttemptsMax)
            {
                // A lane held the table, or another node did the same a moment before: the next look tells.
                PartitionLog.TriedAgain(_logger, table.Name, attempt, exception);
            }

            await Task.Delay(s_pause * Math.Min(attempt, 5), _clock, cancellationToken);
        }
    }

    private async Task<(PartitionsKept Kept, int MonthsAhead)> KeepAsync(
        PartitionStore store, MonthlyTable table, DbConnection connection, List<Month> created, List<Month> dropped, CancellationToken cancellationToken)
    {
        var now = await store.NowAsync(connection, cancellationToken);
        var present = Month.Of(now);
        var months = MonthsOf(await store.ListAsync(connection, table, cancellationToken));
        Invariant.Require(months.Count > 0, "A table that is kept by months has a partition of one.");
        if (MissingAfter(months[^1], present) is { Count: > 0 } missing)
        {
            // One by one: what was made before a failure is told all the same.
            await foreach (var month in store.CreateAsync(connection, table, missing, cancellationToken))
            {
                created.Add(month);
                months.Add(month);
            }
        }

        foreach (var month in months.Where(month => table.IsPast(month, now)).ToList())
        {
            if (!await PartitionStore.IsWaitedForAsync(connection, table, month, cancellationToken))
            {
                await store.DropAsync(connection, table, month, cancellationToken);
                dropped.Add(month);
            }
        }

        var stray = await store.CountStrayAsync(connection, table, cancellationToken);
        return (new PartitionsKept(table.Name, created, dropped, stray), months.Count(month => month > present));
    }

    private static List<Month> MonthsOf(IReadOnlyList<Partition> partitions) =>
        [.. partitions.Where(partition => partition.Month is not null).Select(partition => partition.Month!.Value)];

    /// <summary>The months that follow the last there is, as far as they are made ahead.</summary>
    private static IReadOnlyList<Month> MissingAfter(Month last, Month present)
    {
        var end = present;
        for (var i = 0; i < MonthsAhead; i++)
        {
            end = end.Next;
        }

        var missing = new List<Month>();
        for (var month = last.Next; month <= end; month = month.Next)
        {
            missing.Add(month);
        }

        return missing;
    }
}

internal static partial class PartitionLog
{
    [LoggerMessage(80, LogLevel.Information, "Partitions of {Table}: made {Created}; dropped {Dropped}.")]
    public static partial void Kept(ILogger logger, string table, string created, string dropped);

    [LoggerMessage(81, LogLevel.Warning, "{Rows} rows of {Table} are in no month's partition.")]
    public static partial void Stray(ILogger logger, string table, long rows);

    [LoggerMessage(83, LogLevel.Warning, "The partitions could not be looked after; it is tried again within the hour.")]
    public static partial void Failed(ILogger logger, Exception exception);

    [LoggerMessage(82, LogLevel.Debug, "Partitions of {Table} are looked after again (attempt {Attempt}).")]
    public static partial void TriedAgain(ILogger logger, string table, int attempt, Exception exception);
}
