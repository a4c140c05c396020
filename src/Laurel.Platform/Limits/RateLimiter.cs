using System.Collections.Concurrent;
using Laurel.Engine.Cache;
using Laurel.Kernel;

namespace Laurel.Platform.Limits;

/// <summary>What became of asking for a place.</summary>
/// <param name="Allowed">Whether the call may be made; it is then counted.</param>
/// <param name="Limit">The name of the limit.</param>
/// <param name="Quota">What it allows.</param>
/// <param name="Remaining">Calls that may be made now, after this one.</param>
/// <param name="ResetAfter">Until the oldest call that counts is forgotten and there is room for one more.</param>
public sealed record RateTicket(bool Allowed, string Limit, RateQuota Quota, int Remaining, TimeSpan ResetAfter)
{
    internal RateSubject Subject { get; init; }

    internal RateCell? Cell { get; init; }

    /// <summary>Where it was counted in this node's memory.</summary>
    internal long Bucket { get; init; }

    /// <summary>Whether it was counted in Redis too.</summary>
    internal bool IsShared { get; init; }
}

/// <summary>Counts calls and says which are too many.</summary>
/// <remarks>
/// <para>A node always counts what it lets through itself. Where Redis is set, it is asked as well and has the count of all nodes. While it does not answer, or
/// after it lost its memory, each node holds to the limit by itself: never more than nodes × limit come through, and who is refused by
/// memory costs Redis nothing.</para>
/// <para>Memory is bounded: past <see cref="SubjectsMax"/> subjects new ones are counted together, a thousandth of them in one place. That refuses some who did
/// nothing, and lets nobody through who did too much. Thread-safe.</para>
/// </remarks>
public sealed class RateLimiter
{
    /// <summary>Subjects that are counted by themselves at the most.</summary>
    public const int SubjectsMax = 65_536;

    private const int SharedCells = 1_024;

    private static readonly TimeSpan s_sweepEvery = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<(string Limit, RateSubject Subject), RateCell> _cells = new();
    private readonly RateLimitOptions _options;
    private readonly TimeProvider _clock;
    private readonly ClusterCounters? _shared;
    private readonly int _subjectsMax;
    private int _subjects;
    private long _sweptAt;

    /// <param name="shared">Counts for all nodes; null where each counts for itself.</param>
    public RateLimiter(RateLimitOptions options, TimeProvider clock, ClusterCounters? shared)
        : this(options, clock, shared, SubjectsMax)
    {
    }

    internal RateLimiter(RateLimitOptions options, TimeProvider clock, ClusterCounters? shared, int subjectsMax)
    {
        (_options, _clock, _shared, _subjectsMax, _sweptAt) = (options, clock, shared, subjectsMax, clock.GetTimestamp());
        LimitMetrics.Watch(() => Volatile.Read(ref _subjects));
    }

    /// <summary>Subjects that are counted now.</summary>
    internal int Subjects => _cells.Count;

    /// <summary>Takes a place under a limit; null where it is off.</summary>
    public ValueTask<RateTicket?> TakeAsync(RateLimit limit, RateSubject subject) => _options.Quotas.TryGetValue(limit.Name, out var quota)
        ? TakeAsync(limit.Name, quota, subject)
        : default;

    /// <summary>Gives back the place of a call that turned out not to count.</summary>
    public async ValueTask GiveBackAsync(RateTicket ticket)
    {
        if (ticket.Cell is { } cell)
        {
            lock (cell)
            {
                cell.GiveBack(ticket.Bucket);
            }
        }

        if (ticket.IsShared && _shared is not null)
        {
            await _shared.GiveBackAsync(KeyOf(ticket.Limit, ticket.Subject), ticket.Bucket);
        }
    }

    /// <summary>Takes a place under a quota that is no setting.</summary>
    internal async ValueTask<RateTicket?> TakeAsync(string limit, RateQuota quota, RateSubject subject)
    {
        var now = Instant.Now(_clock);
        var own = TakeHere(limit, quota, subject, now);
        if (!own.Allowed || _shared is null)
        {
            return Counted(own);
        }

        if (await _shared.TakeAsync(KeyOf(limit, subject), own.Bucket, quota.BucketCount, quota.Calls, quota.Stretch * 2) is not { } all)
        {
            LimitMetrics.NotShared();
            return Counted(own);
        }

        var reset = quota.EndOf(all.OldestBucket).UnixMicroseconds - now.UnixMicroseconds;
        var shared = own with
        {
            Allowed = all.Allowed,
            Remaining = (int)Math.Clamp(quota.Calls - all.Count, 0, own.Remaining),
            ResetAfter = TimeSpan.FromMicroseconds(Math.Max(0, reset)),
            IsShared = all.Allowed,
        };
        if (!all.Allowed)
        {
            // What this node did not let through does not count on it.
            await GiveBackAsync(own);
        }

        return Counted(shared);
    }

    private static RateTicket Counted(RateTicket ticket)
    {
        if (!ticket.Allowed)
        {
            LimitMetrics.Refused(ticket.Limit);
        }

        return ticket;
    }

    private static string KeyOf(string limit, RateSubject subject) => $"laurel:limit:{limit}:{subject}";

    private RateTicket TakeHere(string limit, RateQuota quota, RateSubject subject, Instant now)
    {
        while (true)
        {
            var cell = CellOf(limit, quota, subject, now);
            lock (cell)
            {
                if (cell.IsDropped)
                {
                    continue;
                }

                var count = cell.Count(now);
                var allowed = count < quota.Calls;
                var bucket = allowed ? cell.Take(now) : 0;
                var reset = quota.EndOf(cell.Oldest(now)).UnixMicroseconds - now.UnixMicroseconds;
                return new RateTicket(allowed, limit, quota, Math.Max(0, quota.Calls - count - 1), TimeSpan.FromMicroseconds(Math.Max(0, reset)))
                {
                    Subject = subject,
                    Cell = allowed ? cell : null,
                    Bucket = bucket,
                };
            }
        }
    }

    private RateCell CellOf(string limit, RateQuota quota, RateSubject subject, Instant now)
    {
        if (_cells.TryGetValue((limit, subject), out var known))
        {
            return known;
        }

        if (Volatile.Read(ref _subjects) >= _subjectsMax && !Sweep(now))
        {
            var shared = RateSubject.Shared((uint)subject.GetHashCode() % SharedCells);
            return _cells.GetOrAdd((limit, shared), _ => new RateCell(quota));
        }

        var made = new RateCell(quota);
        var cell = _cells.GetOrAdd((limit, subject), made);
        if (ReferenceEquals(cell, made))
        {
            Interlocked.Increment(ref _subjects);
        }

        return cell;
    }

    /// <summary>Drops what counts no more, once a second at the most.</summary>
    /// <returns>Whether there is room.</returns>
    private bool Sweep(Instant now)
    {
        var sweptAt = Interlocked.Read(ref _sweptAt);
        var at = _clock.GetTimestamp();
        if (_clock.GetElapsedTime(sweptAt, at) < s_sweepEvery || Interlocked.CompareExchange(ref _sweptAt, at, sweptAt) != sweptAt)
        {
            return false;
        }

        foreach (var (key, cell) in _cells)
        {
            lock (cell)
            {
                cell.IsDropped = cell.Count(now) == 0;
                if (cell.IsDropped && _cells.TryRemove(key, out _) && !key.Subject.IsShared)
                {
                    Interlocked.Decrement(ref _subjects);
                }
            }
        }

        return Volatile.Read(ref _subjects) < _subjectsMax;
    }
}
