using System.Diagnostics;
using Laurel.Engine.Telemetry;
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

    /// <summary>The request it came with, for the span of its batch.</summary>
    public ActivityContext CallerSpan { get; } = LaurelTelemetry.CurrentSpan;
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

    /// <summary>Commands waiting now.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _queue.Count;
            }
        }
    }

    /// <summary>Null when the command is in the queue; otherwise the code that says why not.</summary>
    public string? TryEnqueue(Pending pending)
    {
        TaskCompletionSource? waiter;
        lock (_lock)
        {
            if (RefusalOf(pending.Command) is { } code)
            {
                return code;
            }

            Add(pending);
            (waiter, _waiter) = (_waiter, null);
        }

        waiter?.TrySetResult();
        return null;
    }

    /// <summary>Queues the commands of one request next to each other, so that an idle lane takes them as one batch. They are
    /// judged by what waited before them: a request is never cut by its own size, and the queue holds at the most one
    /// request more than its capacity.</summary>
    /// <returns>For each command, null when it is in the queue; otherwise the code that says why not.</returns>
    public string?[] TryEnqueue(IReadOnlyList<Pending> request)
    {
        var codes = new string?[request.Count];
        TaskCompletionSource? waiter;
        lock (_lock)
        {
            for (var i = 0; i < codes.Length; i++)
            {
                codes[i] = RefusalOf(request[i].Command);
            }

            for (var i = 0; i < codes.Length; i++)
            {
                if (codes[i] is null)
                {
                    Add(request[i]);
                }
            }

            (waiter, _waiter) = (_waiter, null);
        }

        waiter?.TrySetResult();
        return codes;
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

    /// <summary>Takes everything at once, without waiting.</summary>
    public List<Pending> Drain()
    {
        var all = new List<Pending>();
        lock (_lock)
        {
            Take(all, int.MaxValue);
        }

        return all;
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

    private string? RefusalOf(Command command)
    {
        if (_closed || _queue.Count >= capacity)
        {
            return "BUSY";
        }

        // A single tenant may use the whole queue: half is its limit only while others wait too.
        var ofTenant = _byTenant.GetValueOrDefault(command.Tenant);
        if (ofTenant >= capacity / 2 && ofTenant < _queue.Count)
        {
            return "BUSY";
        }

        return _byMember.GetValueOrDefault((command.Tenant, command.FairnessKey)) >= capacity / 4 ? "QUOTA_MEMBER_BUSY" : null;
    }

    private void Add(Pending pending)
    {
        var tenant = pending.Command.Tenant;
        var member = (tenant, pending.Command.FairnessKey);
        _byTenant[tenant] = _byTenant.GetValueOrDefault(tenant) + 1;
        _byMember[member] = _byMember.GetValueOrDefault(member) + 1;
        _queue.Enqueue(pending);
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
