using Laurel.Kernel;

namespace Laurel.Engine.Lanes;

/// <summary>A command and the caller that waits for it.</summary>
internal sealed class Pending(Command command, long enqueuedAt, CancellationToken caller)
    : TaskCompletionSource<Outcome>(TaskCreationOptions.RunContinuationsAsynchronously)
{
    public Command Command { get; } = command;

    public long EnqueuedAt { get; } = enqueuedAt;

    /// <summary>Cancelled when the caller went away; honoured until the command is in a batch, never after.</summary>
    public CancellationToken Caller { get; } = caller;
}

/// <summary>The bounded queue of one lane. One member gets a quarter of it, one tenant half, when others are there.</summary>
internal sealed class LaneQueue(int capacity)
{
    private readonly Lock _lock = new();
    private readonly Queue<Pending> _queue = new();
    private readonly Dictionary<(TenantId, long), int> _byMember = [];
    private readonly Dictionary<TenantId, int> _byTenant = [];
    private TaskCompletionSource? _waiter;
    private bool _closed;

    /// <summary>Null when the command is in the queue; otherwise the code that says why not.</summary>
    public string? TryEnqueue(Pending pending)
    {
        TaskCompletionSource? waiter;
        lock (_lock)
        {
            if (_closed || _queue.Count >= capacity)
            {
                return "BUSY";
            }

            var tenant = pending.Command.Tenant;
            var member = (tenant, pending.Command.FairnessKey);
            var ofTenant = _byTenant.GetValueOrDefault(tenant);
            // A single tenant may use the whole queue: half is its limit only while others wait too.
            if (ofTenant >= capacity / 2 && ofTenant < _queue.Count)
            {
                return "BUSY";
            }

            var ofMember = _byMember.GetValueOrDefault(member);
            if (ofMember >= capacity / 4)
            {
                return "QUOTA_MEMBER_BUSY";
            }

            _byTenant[tenant] = ofTenant + 1;
            _byMember[member] = ofMember + 1;
            _queue.Enqueue(pending);
            (waiter, _waiter) = (_waiter, null);
        }

        waiter?.TrySetResult();
        return null;
    }

    /// <summary>Queues commands next to each other, all of them or none, so that an idle lane takes them as one batch.</summary>
    /// <remarks>They count towards the shares of their members and tenant and are not held to them: this is for a
    /// caller that has the lanes to itself, such as an import.</remarks>
    /// <returns>Null when they are in the queue; otherwise the code that says why not.</returns>
    public string? TryEnqueueTogether(IReadOnlyList<Pending> together)
    {
        TaskCompletionSource? waiter;
        lock (_lock)
        {
            if (_closed || _queue.Count + together.Count > capacity)
            {
                return "BUSY";
            }

            foreach (var pending in together)
            {
                var tenant = pending.Command.Tenant;
                var member = (tenant, pending.Command.FairnessKey);
                _byTenant[tenant] = _byTenant.GetValueOrDefault(tenant) + 1;
                _byMember[member] = _byMember.GetValueOrDefault(member) + 1;
                _queue.Enqueue(pending);
            }

            (waiter, _waiter) = (_waiter, null);
        }

        waiter?.TrySetResult();
        return null;
    }

    /// <summary>Takes whatever is queued, up to a limit. Waits only while the queue is empty; false when it is closed and drained.</summary>
    public async ValueTask<bool> TakeAsync(List<Pending> into, int countMax)
    {
        while (true)
        {
            Task wait;
            lock (_lock)
            {
                if (_queue.Count > 0)
                {
                    Take(into, countMax);
                    return true;
                }

                if (_closed)
                {
                    return false;
                }

                _waiter ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                wait = _waiter.Task;
            }

            await wait;
        }
    }

    public void Close()
    {
        TaskCompletionSource? waiter;
        lock (_lock)
        {
            _closed = true;
            (waiter, _waiter) = (_waiter, null);
        }

        waiter?.TrySetResult();
    }

    private void Take(List<Pending> into, int countMax)
    {
        while (into.Count < countMax && _queue.TryDequeue(out var pending))
        {
            Decrement(_byTenant, pending.Command.Tenant);
            Decrement(_byMember, (pending.Command.Tenant, pending.Command.FairnessKey));
            into.Add(pending);
        }
    }

    private static void Decrement<TKey>(Dictionary<TKey, int> counts, TKey key)
        where TKey : notnull
    {
        var count = counts[key] - 1;
        if (count == 0)
        {
            counts.Remove(key);
        }
        else
        {
            counts[key] = count;
        }
    }
}
