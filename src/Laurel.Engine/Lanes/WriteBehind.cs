using System.Collections.Concurrent;
using Laurel.Engine.Cache;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Microsoft.Extensions.Logging;

namespace Laurel.Engine.Lanes;

/// <summary>What happened under one key since it was last written down.</summary>
public readonly record struct Activity<TKey>(TKey Key, Instant LastAt, long Count);

/// <summary>Writes down when something was last seen and how often, every few seconds and not each time.</summary>
/// <remarks>
/// <para>Notes of one key become one row, and all keys one command through the lane: SQLite has one writer, and the rows are
/// committed with whatever else the lane has. Noting takes no lock.</para>
/// <para>Nothing that matters may rest on it: what was noted since the last flush is lost when the process is killed, and past
/// <see cref="KeysMax"/> keys new ones are not noted (docs/adr/0035).</para>
/// </remarks>
public sealed class WriteBehind<TKey> : IAsyncDisposable
    where TKey : notnull, IComparable<TKey>
{
    /// <summary>Keys that wait to be written down at the most.</summary>
    public const int KeysMax = 10_000;

    private readonly string _name;
    private readonly SetStatement<Activity<TKey>> _statement;
    private readonly LaneSet _lanes;
    private readonly TimeSpan _every;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _loop;
    private ConcurrentDictionary<TKey, Cell> _cells = new();

    private sealed class Cell
    {
        public long LastAt;
        public long Count;
    }

    /// <param name="name">For the log, and for the queue of the lane.</param>
    /// <param name="statement">Adds the counts to what is stored, and keeps the later of two times.</param>
    public WriteBehind(string name, SetStatement<Activity<TKey>> statement, LaneSet lanes, TimeSpan every, TimeProvider clock, ILogger logger)
    {
        (_name, _statement, _lanes, _every, _clock, _logger) = (name, statement, lanes, every, clock, logger);
        _loop = Task.Run(LoopAsync);
    }

    /// <summary>Notes that something happened under a key, now.</summary>
    public void Note(TKey key) => Note(key, Instant.Now(_clock).UnixMicroseconds, 1);

    /// <summary>Writes down what is noted. What cannot be written now is noted again.</summary>
    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        var cells = Interlocked.Exchange(ref _cells, new());
        if (cells.IsEmpty)
        {
            return;
        }

        // Sorted, so that two nodes that write the same keys meet in one order and never wait in a circle.
        var rows = cells.Select(cell => new Activity<TKey>(cell.Key, new Instant(Interlocked.Read(ref cell.Value.LastAt)), Interlocked.Read(ref cell.Value.Count)))
            .OrderBy(row => row.Key)
            .ToList();
        if (await _lanes.SubmitAsync(new LaneWrite(_name, Reach.Nothing).Add(_statement, rows), cancellationToken) is not Outcome.Applied)
        {
            CacheLog.NotFlushed(_logger, _name, null);
            foreach (var row in rows)
            {
                Note(row.Key, row.LastAt.UnixMicroseconds, row.Count);
            }
        }
    }

    /// <summary>Writes down what is noted and stops. The lanes are still open.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        await TryFlushAsync();
        _stop.Dispose();
    }

    private void Note(TKey key, long at, long count)
    {
        var cells = Volatile.Read(ref _cells);
        if (!cells.TryGetValue(key, out var cell))
        {
            if (cells.Count >= KeysMax)
            {
                return;
            }

            cell = cells.GetOrAdd(key, _ => new Cell());
        }

        Interlocked.Add(ref cell.Count, count);
        var last = Interlocked.Read(ref cell.LastAt);
        while (at > last && Interlocked.CompareExchange(ref cell.LastAt, at, last) is var found && found != last)
        {
            last = found;
        }
    }

    private async Task LoopAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            await Task.Delay(_every, _clock, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!_stop.IsCancellationRequested)
            {
                await TryFlushAsync();
            }
        }
    }

    private async Task TryFlushAsync()
    {
        try
        {
            await FlushAsync(CancellationToken.None);
        }
        catch (Exception exception)
        {
            CacheLog.NotFlushed(_logger, _name, exception);
        }
    }
}
