using System.Diagnostics;
using Laurel.Engine.Telemetry;
using Laurel.Kernel;

namespace Laurel.Engine.Sql;

/// <summary>Answers point reads in batches: while one query runs, the next ones gather and go together.</summary>
/// <remarks>A lone read goes at once. Under load the cost of a round trip is shared, as in the lanes of the writes.</remarks>
/// <param name="statement">The name its queries are timed under.</param>
/// <param name="reachOf">Whose rows the value of a key is read from: a query reaches those of its keys.</param>
/// <param name="read">Reads by scripts the values of keys.</param>
public sealed class ReadLane<TKey, TValue>(
    Database database,
    string statement,
    Func<TKey, Reach> reachOf,
    Func<SqlSession, IReadOnlyList<TKey>, CancellationToken, Task<IReadOnlyDictionary<TKey, TValue>>> read)
    : IAsyncDisposable
    where TKey : notnull
    where TValue : class
{
    /// <summary>Keys of one query at the most.</summary>
    public const int KeysMax = 256;

    /// <summary>Reads waiting at the most; one more is refused.</summary>
    public const int WaitingMax = 8_192;

    private readonly Lock _lock = new();
    private readonly LastingReader _reader = new(database, database.OpenReaderAsync);
    private Queue<Waiting> _waiting = new();
    private Task _loop = Task.CompletedTask;
    private bool _running;
    private bool _closed;

    private sealed class Waiting(TKey key) : TaskCompletionSource<TValue?>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public TKey Key { get; } = key;

        public ActivityContext CallerSpan { get; } = LaurelTelemetry.CurrentSpan;
    }

    /// <summary>The value of a key, or null when there is none.</summary>
    /// <exception cref="ReadUnavailableException">When too many reads wait, or the database does not answer.</exception>
    public Task<TValue?> FindAsync(TKey key)
    {
        var waiting = new Waiting(key);
        lock (_lock)
        {
            if (_closed || _waiting.Count >= WaitingMax)
            {
                throw new ReadUnavailableException("Too many reads are waiting.", null);
            }

            _waiting.Enqueue(waiting);
            if (!_running)
            {
                _running = true;
                _loop = Task.Run(LoopAsync);
            }
        }

        return waiting.Task;
    }

    public async ValueTask DisposeAsync()
    {
        Task loop;
        lock (_lock)
        {
            _closed = true;
            loop = _loop;
        }

        await loop;
        await _reader.DisposeAsync();
    }

    private async Task LoopAsync()
    {
        var batch = new List<Waiting>();
        while (true)
        {
            lock (_lock)
            {
                while (batch.Count < KeysMax && _waiting.TryDequeue(out var next))
                {
                    batch.Add(next);
                }

                if (batch.Count == 0)
                {
                    _running = false;
                    return;
                }
            }

            await AnswerAsync(batch);
            batch.Clear();
        }
    }

    private async Task AnswerAsync(List<Waiting> batch)
    {
        try
        {
            var values = await ReadAsync(batch);
            foreach (var waiting in batch)
            {
                waiting.TrySetResult(values.GetValueOrDefault(waiting.Key));
            }
        }
        catch (Exception exception)
        {
            var failure = exception is InvariantBrokenException ? exception : new ReadUnavailableException("The database does not answer.", exception);
            foreach (var waiting in batch)
            {
                waiting.TrySetException(failure);
            }
        }
    }

    private async Task<IReadOnlyDictionary<TKey, TValue>> ReadAsync(List<Waiting> batch)
    {
        TKey[] keys = [.. batch.Select(w => w.Key).Distinct()];
        using var timed = database.Times.Begin(statement, batch[0].CallerSpan);
        return await _reader.ReadAsync(ReachOf(keys), (session, cancellationToken) => read(session, keys, cancellationToken), CancellationToken.None);
    }

    private Reach ReachOf(TKey[] keys)
    {
        var reach = Reach.Nothing;
        foreach (var key in keys)
        {
            reach = reach.And(reachOf(key));
        }

        return reach;
    }
}

/// <summary>A read could not be answered now; the same read may be later.</summary>
public sealed class ReadUnavailableException(string message, Exception? inner) : Exception(message, inner);
