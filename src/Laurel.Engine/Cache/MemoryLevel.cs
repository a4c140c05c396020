using Laurel.Engine.Replicas;
using Laurel.Kernel;

namespace Laurel.Engine.Cache;

/// <summary>The first level: a table of fixed size in this process. A look-up takes no lock and allocates nothing.</summary>
/// <remarks>Each key has <see cref="WayCount"/> places; the one unused for longest is given up. Writers of one place meet at a
/// lock, which also guards the reads of the store that are under way: what a commit has overtaken is never remembered.</remarks>
internal sealed class MemoryLevel
{
    private const int WayCount = 8;
    private const int StripeCount = 64;
    private const long MicrosecondsPerSecond = 1_000_000;

    // Two members that share a place of the news only cost a question to the primary.
    private const int NewsBits = 16;

    private readonly CacheEntry?[] _places;
    private readonly uint _setCount;
    private readonly Stripe[] _stripes = new Stripe[StripeCount];
    private readonly long[] _news = new long[1 << NewsBits];
    private readonly TimeProvider _clock;
    private long _newsOfAll = long.MinValue;
    private int _epoch;

    private sealed class Stripe
    {
        public readonly Lock Lock = new();
        public readonly Dictionary<CacheKey, Flight> Flights = [];
    }

    /// <param name="entries">Rounded up to whole sets.</param>
    public MemoryLevel(int entries, TimeProvider clock)
    {
        _clock = clock;
        Array.Fill(_news, long.MinValue);
        _setCount = (uint)Math.Max(1, (entries + WayCount - 1) / WayCount);
        _places = new CacheEntry?[_setCount * WayCount];
        for (var i = 0; i < StripeCount; i++)
        {
            _stripes[i] = new Stripe();
        }
    }

    /// <summary>The trust that entries read from now on belong to.</summary>
    public int Epoch => Volatile.Read(ref _epoch);

    /// <summary>From now on nothing remembered is fresh: others may have written without telling. It stays as a reserve for the
    /// time that the database does not answer.</summary>
    public void Distrust()
    {
        Interlocked.Increment(ref _epoch);
        Volatile.Write(ref _newsOfAll, _clock.GetTimestamp());
        foreach (var stripe in _stripes)
        {
            lock (stripe.Lock)
            {
                OvertakeAll(stripe, static _ => true);
            }
        }
    }

    /// <summary>When this node last heard that a key may have changed, as a timestamp: a source that does not show what was committed
    /// before it may still have the old answer.</summary>
    public long NewsOf(CacheKey key) => Math.Max(Volatile.Read(ref _news[NewsPlaceOf(key)]), Volatile.Read(ref _newsOfAll));

    /// <summary>What is remembered under a key, fresh or not.</summary>
    public CacheEntry? Find(CacheKey key, Instant now)
    {
        var first = FirstPlaceOf(key);
        for (var place = first; place < first + WayCount; place++)
        {
            if (Volatile.Read(ref _places[place]) is { } entry && entry.Key == key)
            {
                var seconds = now.UnixMicroseconds / MicrosecondsPerSecond;
                if (entry.UsedAtSeconds != seconds)
                {
                    entry.UsedAtSeconds = seconds;
                }

                return entry;
            }
        }

        return null;
    }

    /// <summary>Whether an entry may be answered, the trust of the whole level aside.</summary>
    public bool IsFresh(CacheEntry entry, Instant now) => entry.Epoch == Epoch && entry.IsFreshAt(now);

    /// <summary>Joins the read of a key that is under way, or begins one.</summary>
    /// <returns>The flight, and whether the caller has to carry it out.</returns>
    public (Flight Flight, bool Begun) Board(CacheKey key)
    {
        var stripe = StripeOf(key);
        lock (stripe.Lock)
        {
            if (stripe.Flights.TryGetValue(key, out var flight))
            {
                return (flight, false);
            }

            flight = new Flight(key);
            stripe.Flights.Add(key, flight);
            return (flight, true);
        }
    }

    /// <summary>Ends a flight and remembers what it brought, unless a commit has overtaken it.</summary>
    /// <param name="entry">Null when the read failed.</param>
    /// <returns>Whether it is remembered.</returns>
    public bool Land(Flight flight, CacheEntry? entry)
    {
        var stripe = StripeOf(flight.Key);
        lock (stripe.Lock)
        {
            if (flight.Overtaken || !stripe.Flights.TryGetValue(flight.Key, out var registered) || registered != flight)
            {
                return false;
            }

            stripe.Flights.Remove(flight.Key);
            if (entry is null || (entry.FromReplica && entry.ShownUntil < NewsOf(entry.Key)))
            {
                // A replica may be behind what this node has heard of: its answer is given and not kept.
                return false;
            }

            Put(entry);
            return true;
        }
    }

    /// <summary>Remembers an answer, unless a newer one is there.</summary>
    public void Store(CacheEntry entry)
    {
        lock (StripeOf(entry.Key).Lock)
        {
            Put(entry);
        }
    }

    /// <summary>Takes note of a commit: reads under way are overtaken, and what is remembered is replaced or forgotten.</summary>
    /// <param name="version">The version that was committed; older ones are forgotten.</param>
    /// <param name="next">Makes the new entry of the one that is remembered; null when it cannot be told.</param>
    /// <returns>What is remembered now, null for nothing.</returns>
    public CacheEntry? Commit(CacheKey key, long version, Func<CacheEntry, CacheEntry?>? next)
    {
        var stripe = StripeOf(key);
        lock (stripe.Lock)
        {
            Overtake(stripe, key);
            Volatile.Write(ref _news[NewsPlaceOf(key)], _clock.GetTimestamp());
            var place = PlaceOf(key);
            if (place < 0 || _places[place] is not { } known || known.Version >= version)
            {
                return null;
            }

            var entry = known.Value is not null && known.Epoch == Epoch && known.Version == version - 1 ? next?.Invoke(known) : null;
            Volatile.Write(ref _places[place], entry);
            return entry;
        }
    }

    /// <summary>Forgets a key, whatever its version; a read under way is overtaken.</summary>
    public void Drop(CacheKey key)
    {
        var stripe = StripeOf(key);
        lock (stripe.Lock)
        {
            Overtake(stripe, key);
            Volatile.Write(ref _news[NewsPlaceOf(key)], _clock.GetTimestamp());
            if (PlaceOf(key) is >= 0 and var place)
            {
                Volatile.Write(ref _places[place], null);
            }
        }
    }

    /// <summary>Forgets all of a tenant.</summary>
    public void Drop(TenantId tenant)
    {
        Volatile.Write(ref _newsOfAll, _clock.GetTimestamp());
        foreach (var stripe in _stripes)
        {
            lock (stripe.Lock)
            {
                OvertakeAll(stripe, key => key.Tenant == tenant);
            }
        }

        for (var place = 0; place < _places.Length; place++)
        {
            if (Volatile.Read(ref _places[place]) is { } entry && entry.Key.Tenant == tenant)
            {
                Drop(entry.Key);
            }
        }
    }

    private static void Overtake(Stripe stripe, CacheKey key)
    {
        if (stripe.Flights.Remove(key, out var flight))
        {
            flight.Overtaken = true;
        }
    }

    private static void OvertakeAll(Stripe stripe, Func<CacheKey, bool> concerned)
    {
        foreach (var key in stripe.Flights.Keys.Where(concerned).ToList())
        {
            Overtake(stripe, key);
        }
    }

    // Takes the place of the same key, else an empty one, else the one unused for longest. That there is no such thing drives
    // out nothing: a flood of wrong ids must not empty the cache.
    private void Put(CacheEntry entry)
    {
        var now = entry.ReadAt;
        var first = FirstPlaceOf(entry.Key);
        var victim = -1;
        for (var place = first; place < first + WayCount; place++)
        {
            if (_places[place] is not { } present)
            {
                victim = victim >= 0 && _places[victim] is null ? victim : place;
            }
            else if (present.Key == entry.Key)
            {
                if (present.Version <= entry.Version || present.Epoch != Epoch)
                {
                    Volatile.Write(ref _places[place], entry);
                }

                return;
            }
            else if (entry.Value is null ? present.Value is null || !IsFresh(present, now) : IsOlder(present, victim))
            {
                victim = victim >= 0 && _places[victim] is null ? victim : place;
            }
        }

        if (victim >= 0)
        {
            entry.UsedAtSeconds = now.UnixMicroseconds / MicrosecondsPerSecond;
            Volatile.Write(ref _places[victim], entry);
        }
    }

    private bool IsOlder(CacheEntry present, int victim) =>
        victim < 0 || (_places[victim] is { } chosen && present.UsedAtSeconds < chosen.UsedAtSeconds);

    private int PlaceOf(CacheKey key)
    {
        var first = FirstPlaceOf(key);
        for (var place = first; place < first + WayCount; place++)
        {
            if (_places[place] is { } entry && entry.Key == key)
            {
                return place;
            }
        }

        return -1;
    }

    private int FirstPlaceOf(CacheKey key) => (int)SetOf(key) * WayCount;

    // The upper half of the product spreads the hash evenly over any number of sets.
    private uint SetOf(CacheKey key) => (uint)(((key.Spread() & 0xFFFFFFFF) * _setCount) >> 32);

    private static int NewsPlaceOf(CacheKey key) => (int)(key.Spread() >> (64 - NewsBits));

    private Stripe StripeOf(CacheKey key) => _stripes[SetOf(key) % StripeCount];
}

/// <summary>A read of the store that is under way, for all who ask for the same key meanwhile.</summary>
internal sealed class Flight(CacheKey key)
{
    // Who waits goes on where the answer arrived: most flights have one caller, who is spared a change of threads.
    private readonly TaskCompletionSource<CacheEntry> _landed = new();

    public CacheKey Key { get; } = key;

    /// <summary>Set under the lock of its key when a commit came after the read began: what it brings is not remembered.</summary>
    public bool Overtaken { get; set; }

    /// <summary>The database that is asked; null while, and when, none is.</summary>
    public ReadSource? Source { get; set; }

    public Task<CacheEntry> Landed => _landed.Task;

    public void Complete(CacheEntry entry) => _landed.TrySetResult(entry);

    public void Fail(Exception exception)
    {
        _landed.TrySetException(exception);

        // Nobody may be waiting any more; the exception is then seen here.
        _ = _landed.Task.Exception;
    }
}
