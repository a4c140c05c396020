using System.Collections.Concurrent;
using Laurel.Engine.Events;

namespace Laurel.Platform.Webhooks;

/// <summary>The events that are on their way to endpoints. A batch that many endpoints are told of is read once.</summary>
/// <remarks>Holds as many batches as their events have bytes for, and forgets the ones read first. Thread-safe.</remarks>
internal sealed class EventBodies(EventStore store)
{
    /// <summary>Bytes of events that are kept at about the most.</summary>
    public const long BytesMax = 32L << 20;

    private readonly ConcurrentDictionary<long, Lazy<Task<IReadOnlyList<EventRecord>>>> _batches = new();
    private readonly ConcurrentQueue<(long BatchId, long Bytes)> _order = new();
    private long _bytes;

    /// <summary>An event by its place; null when it is no longer kept.</summary>
    public async Task<EventRecord?> FindAsync(EventPlace place, CancellationToken cancellationToken)
    {
        // Who comes second waits for the first; so the first is not stopped when its own delivery is.
        var batch = _batches.GetOrAdd(place.BatchId, id => new Lazy<Task<IReadOnlyList<EventRecord>>>(() => ReadAsync(id)));
        try
        {
            var events = await batch.Value.WaitAsync(cancellationToken);
            return place.Index < events.Count ? events[place.Index] : null;
        }
        catch when (batch.Value.IsFaulted)
        {
            _batches.TryRemove(new(place.BatchId, batch));
            throw;
        }
    }

    private async Task<IReadOnlyList<EventRecord>> ReadAsync(long batchId)
    {
        var events = await store.ReadBatchAsync(batchId, CancellationToken.None);
        if (events.Count == 0)
        {
            // Not remembered: it may have been asked for too early.
            _batches.TryRemove(batchId, out _);
            return events;
        }

        var bytes = events.Sum(e => (long)e.CloudEvent.Length);
        _order.Enqueue((batchId, bytes));
        Interlocked.Add(ref _bytes, bytes);
        while (Volatile.Read(ref _bytes) > BytesMax && _order.TryDequeue(out var oldest))
        {
            Interlocked.Add(ref _bytes, -oldest.Bytes);
            _batches.TryRemove(oldest.BatchId, out _);
        }

        return events;
    }
}
