using Laurel.Kernel;

namespace Laurel.Platform.Webhooks;

/// <summary>A delivery that is due.</summary>
/// <param name="Attempts">Attempts made before.</param>
internal readonly record struct DueDelivery(EventPlace Event, int Attempts);

/// <summary>What one endpoint is to be told next, and how it fares. Belongs to one <see cref="DispatcherRun"/>; not thread-safe.</summary>
internal sealed class EndpointQueue(TenantId tenant, long id)
{
    /// <summary>Requests to one endpoint at the same time; one alone while it fails.</summary>
    public const int ConcurrencyMax = 4;

    /// <summary>Deliveries that are read ahead of an endpoint.</summary>
    public const int HeadsMax = 64;

    private const int HeadsLow = 16;

    /// <summary>Deliveries whose outcome could not be written yet; while there are so many, no more are begun.</summary>
    private const int UnwrittenMax = 256;

    /// <summary>Failures in a row after which an endpoint is left alone for a while.</summary>
    private const int FailuresUntilPause = 5;

    private static readonly TimeSpan s_pauseMax = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan s_overloadedPause = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan s_askedPauseMax = TimeSpan.FromHours(1);

    private readonly Queue<DueDelivery> _heads = new();
    private readonly HashSet<EventPlace> _inHand = [];
    private int _failuresInRow;
    private Instant _pausedUntil = Instant.Earliest;

    public TenantId Tenant => tenant;

    public long Id => id;

    /// <summary>Where and with what secrets; set before the first delivery and at each refresh.</summary>
    public required WebhookTarget Target { get; set; }

    public int InFlight { get; private set; }

    public bool IsFailing => _failuresInRow > 0;

    /// <summary>Since when nothing succeeded, as it is, or is about to be, stored; null when the last attempt did.</summary>
    public Instant? FailingSince { get; private set; }

    /// <summary>Whether more is known to be due than has been read.</summary>
    public bool MayHaveMore { get; set; } = true;

    /// <summary>How many due rows to ask for: those in hand are still due as far as the database knows.</summary>
    public int ReadLimit => HeadsMax + _inHand.Count;

    public void Resume(Instant? failingSince)
    {
        FailingSince = failingSince;
        _failuresInRow = failingSince is null ? 0 : 1;
    }

    public bool WantsMore(Instant now) => _heads.Count < HeadsLow && _inHand.Count < UnwrittenMax && now >= _pausedUntil;

    /// <summary>Takes rows that were read as due and are not in hand already.</summary>
    public void Add(IReadOnlyList<DueDelivery> due, int limit)
    {
        MayHaveMore = due.Count >= limit;
        foreach (var delivery in due)
        {
            if (_heads.Count < HeadsMax && _inHand.Add(delivery.Event))
            {
                _heads.Enqueue(delivery);
            }
        }
    }

    public bool CanStart(Instant now) => _heads.Count > 0 && InFlight < (IsFailing ? 1 : ConcurrencyMax) && now >= _pausedUntil;

    public DueDelivery Start()
    {
        InFlight++;
        return _heads.Dequeue();
    }

    /// <summary>An attempt ended without a result: the delivery is found again.</summary>
    public void Dropped(DueDelivery delivery)
    {
        InFlight--;
        _inHand.Remove(delivery.Event);
    }

    /// <summary>The outcome of a delivery is stored: it is no longer in hand.</summary>
    public void Stored(EventPlace place) => _inHand.Remove(place);

    /// <summary>Takes note of how an attempt ended.</summary>
    /// <param name="failingAfter">How long an endpoint may fail before it is switched off.</param>
    /// <returns>What is to be stored of the endpoint itself; null for nothing.</returns>
    public EndpointNews? Ended(AttemptResult result, Instant now, TimeSpan failingAfter)
    {
        InFlight--;
        if (result.Delivered)
        {
            var recovered = FailingSince is not null;
            (_failuresInRow, FailingSince) = (0, null);
            return recovered ? new EndpointNews(tenant, id, null, null) : null;
        }

        if (result == AttemptResult.EventNotKept)
        {
            return null;
        }

        _failuresInRow++;
        _pausedUntil = Instant.Max(_pausedUntil, now.Plus(PauseAfter(result)));
        var first = FailingSince is null;
        var since = FailingSince ??= now;
        if (result.Gone)
        {
            return new EndpointNews(tenant, id, since, DisabledReason.Gone);
        }

        if (now >= since.Plus(failingAfter))
        {
            return new EndpointNews(tenant, id, since, DisabledReason.Failing);
        }

        return first ? new EndpointNews(tenant, id, since, null) : null;
    }

    private TimeSpan PauseAfter(AttemptResult result)
    {
        if (result.Overloaded)
        {
            var asked = result.RetryAfter ?? s_overloadedPause;
            return asked < s_askedPauseMax ? asked : s_askedPauseMax;
        }

        if (_failuresInRow < FailuresUntilPause)
        {
            return TimeSpan.Zero;
        }

        // Doubles from one second on.
        var pause = TimeSpan.FromSeconds(1L << Math.Min(10, _failuresInRow - FailuresUntilPause));
        return pause < s_pauseMax ? pause : s_pauseMax;
    }
}
