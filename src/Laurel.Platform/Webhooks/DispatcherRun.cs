using System.Threading.Channels;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Microsoft.Extensions.Logging;

namespace Laurel.Platform.Webhooks;

/// <summary>Makes one attempt; our own failures throw.</summary>
internal delegate Task<AttemptResult> DeliverOnce(EndpointQueue queue, EventPlace place, CancellationToken cancellationToken);

/// <summary>Stores outcomes; false when they were not stored and have to be offered again.</summary>
internal delegate Task<bool> StoreOutcomes(IReadOnlyList<EndedAttempt> attempts);

/// <summary>The loop of the <see cref="WebhookDispatcher"/> and all that it knows.</summary>
internal sealed class DispatcherRun(
    WebhookQueries queries,
    DeliverOnce deliver,
    StoreOutcomes store,
    Func<WebhookEndpoint, WebhookTarget> targetOf,
    WebhookOptions options,
    TimeProvider clock,
    Random random,
    ILogger logger)
{
    private const int AttemptsOfWrite = 512;

    private static readonly TimeSpan s_refreshEvery = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan s_writeAgainAfter = TimeSpan.FromSeconds(1);

    /// <summary>How long requests under way may go on after the end, so that they need not be made again.</summary>
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(5);

    private readonly Channel<Note> _notes = Channel.CreateUnbounded<Note>(new UnboundedChannelOptions { SingleReader = true });
    private readonly CancellationTokenSource _sending = new();
    private readonly Dictionary<long, EndpointQueue> _queues = [];
    private readonly Dictionary<long, WebhookEndpoint> _stored = [];
    private readonly List<EndedAttempt> _ended = [];
    private readonly HashSet<long> _disabling = [];
    private List<EndpointQueue> _order = [];
    private Instant _refreshAt = Instant.Earliest;
    private Instant _pollAt = Instant.Earliest;
    private Instant _writeAt = Instant.Earliest;
    private bool _writing;
    private int _first;
    private int _inFlight;
    private int _failingInFlight;

    private abstract record Note;

    private sealed record Ended(EndpointQueue Queue, DueDelivery Delivery, AttemptResult? Result, Instant StartedAt, bool CountedAsFailing) : Note;

    private sealed record Stored(IReadOnlyList<EndedAttempt> Attempts, bool Done) : Note;

    private sealed record Woken(IReadOnlyList<long> Endpoints) : Note;

    private sealed record Changed : Note;

    // Endpoints that fail leave a quarter to those that do not.
    private int FailingMax => Math.Max(1, options.Concurrency * 3 / 4);

    public void Wake(IReadOnlyList<long> endpoints) => _notes.Writer.TryWrite(new Woken(endpoints));

    public void EndpointsChanged() => _notes.Writer.TryWrite(new Changed());

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (!cancellationToken.IsCancellationRequested)
            {
                TakeNotes();
                await LookAsync(cancellationToken);
                StartWriting();
                StartDelivering();
                await WaitAsync(cancellationToken);
            }
        }
        finally
        {
            await EndAsync();
        }
    }

    private void TakeNotes()
    {
        while (_notes.Reader.TryRead(out var note))
        {
            switch (note)
            {
                case Ended ended:
                    Take(ended);
                    break;
                case Stored { Done: true } stored:
                    _writing = false;
                    stored.Attempts.ToList().ForEach(Take);
                    break;
                case Stored { Done: false } stored:
                    _writing = false;
                    _ended.InsertRange(0, stored.Attempts);
                    _writeAt = Instant.Now(clock).Plus(s_writeAgainAfter);
                    break;
                case Woken woken:
                    woken.Endpoints.ToList().ForEach(Take);
                    break;
                case Changed:
                    _refreshAt = Instant.Earliest;
                    break;
                default:
                    throw new InvariantBrokenException("Every note is taken.");
            }
        }
    }

    private void Take(long woken)
    {
        if (_queues.TryGetValue(woken, out var queue))
        {
            queue.MayHaveMore = true;
        }
        else
        {
            _refreshAt = Instant.Earliest;
        }
    }

    private void Take(EndedAttempt stored)
    {
        stored.Queue.Stored(stored.Delivery.Event);
        if (stored.News?.DisabledReason is not null)
        {
            // From now on what the database says of it holds.
            _disabling.Remove(stored.Queue.Id);
        }
    }

    private void Take(Ended ended)
    {
        _inFlight--;
        _failingInFlight -= ended.CountedAsFailing ? 1 : 0;
        if (ended.Result is not { } result)
        {
            ended.Queue.Dropped(ended.Delivery);
            return;
        }

        var now = Instant.Now(clock);
        var news = ended.Queue.Ended(result, now, TimeSpan.FromDays(options.FailingDays));
        var move = MoveOf(ended.Queue.Id, ended.Delivery, result, now, random.NextDouble());
        WebhookMetrics.Ended(result, move.State);
        if (news?.DisabledReason is { } reason && _disabling.Add(ended.Queue.Id))
        {
            Forget(ended.Queue);
            WebhookMetrics.Disabled(reason);
            WebhookLog.Disabled(logger, ended.Queue.Id, reason);
        }

        _ended.Add(new EndedAttempt(ended.Queue, ended.Delivery, result, ended.StartedAt, move, news));
    }

    /// <summary>What becomes of a delivery after an attempt.</summary>
    internal static DeliveryMove MoveOf(long endpoint, DueDelivery delivery, AttemptResult result, Instant now, double chance)
    {
        if (result.Delivered)
        {
            return new DeliveryMove(endpoint, delivery.Event, delivery.Attempts, DeliveryState.Delivered, null);
        }

        var delay = result.Gone || result == AttemptResult.EventNotKept
            ? null
            : RetrySchedule.DelayAfter(delivery.Attempts + 1, chance, result.Overloaded ? result.RetryAfter : null);
        return delay is { } wait
            ? new DeliveryMove(endpoint, delivery.Event, delivery.Attempts, DeliveryState.Waiting, now.Plus(wait))
            : new DeliveryMove(endpoint, delivery.Event, delivery.Attempts, DeliveryState.Failed, null);
    }

    /// <summary>Reads endpoints and due deliveries where it is time to. While the database does not answer, requests go on.</summary>
    private async Task LookAsync(CancellationToken cancellationToken)
    {
        try
        {
            var now = Instant.Now(clock);
            if (now >= _refreshAt)
            {
                Refresh(await queries.OpenAsync(cancellationToken));
                _refreshAt = now.Plus(s_refreshEvery);
            }

            await RefillAsync(now, cancellationToken);
        }
        catch (Exception exception) when (exception is not (OperationCanceledException or InvariantBrokenException))
        {
            WebhookLog.NotRead(logger, exception);
            _pollAt = Instant.Now(clock).Plus(options.PollEvery);
        }
    }

    private void Refresh(IReadOnlyList<WebhookEndpoint> enabled)
    {
        foreach (var gone in _queues.Keys.Except(enabled.Select(endpoint => endpoint.Id)).ToList())
        {
            Forget(_queues[gone]);
        }

        foreach (var endpoint in enabled.Where(endpoint => !_disabling.Contains(endpoint.Id)))
        {
            try
            {
                Refresh(endpoint);
            }
            catch (Vault.PersonalDataUnreadableException exception)
            {
                // What waits for it keeps waiting until the master key is back or the secret is rotated.
                WebhookLog.SecretUnreadable(logger, endpoint.Id, exception);
            }
        }

        _order = [.. _queues.Values];
    }

    private void Refresh(WebhookEndpoint endpoint)
    {
        if (!_queues.TryGetValue(endpoint.Id, out var queue))
        {
            queue = new EndpointQueue(endpoint.Tenant, endpoint.Id) { Target = targetOf(endpoint) };
            queue.Resume(endpoint.FailingSince);
            _queues.Add(endpoint.Id, queue);
        }
        else if (!HasSameTarget(_stored[endpoint.Id], endpoint) || endpoint.PreviousSecret is not null)
        {
            // A previous secret runs out some time; opening it again is cheap.
            queue.Target = targetOf(endpoint);
        }

        _stored[endpoint.Id] = endpoint;
    }

    private static bool HasSameTarget(WebhookEndpoint before, WebhookEndpoint after) =>
        before.Url == after.Url
        && before.Secret.AsSpan().SequenceEqual(after.Secret)
        && (before.PreviousSecret is null) == (after.PreviousSecret is null);

    private void Forget(EndpointQueue queue)
    {
        _queues.Remove(queue.Id);
        _stored.Remove(queue.Id);
        _order.Remove(queue);
    }

    private async Task RefillAsync(Instant now, CancellationToken cancellationToken)
    {
        var everything = now >= _pollAt;
        var wanting = _order.Where(queue => (everything || queue.MayHaveMore) && queue.WantsMore(now)).ToList();
        if (everything)
        {
            _pollAt = now.Plus(options.PollEvery);
        }

        if (wanting.Count == 0)
        {
            return;
        }

        var asked = wanting.ConvertAll(queue => new DueOf(queue.Id, now, queue.ReadLimit));
        var found = await queries.ReadAsync(
            "webhooks.due",
            Reach.Of(wanting.Select(queue => queue.Tenant)),
            DeliveryStatements.FindDue,
            asked,
            row => (Endpoint: row.Int64(3), Due: new DueDelivery(new EventPlace(row.Int64(0), row.Int32(1)), row.Int32(2))),
            cancellationToken);
        var byEndpoint = found.ToLookup(row => row.Endpoint, row => row.Due);
        for (var i = 0; i < wanting.Count; i++)
        {
            wanting[i].Add([.. byEndpoint[wanting[i].Id]], asked[i].Limit);
        }
    }

    private void StartWriting()
    {
        if (_writing || _ended.Count == 0 || Instant.Now(clock) < _writeAt)
        {
            return;
        }

        var taken = _ended.Take(AttemptsOfWrite).ToList();
        _ended.RemoveRange(0, taken.Count);
        _writing = true;
        _ = WriteAsync(taken);
    }

    private async Task WriteAsync(IReadOnlyList<EndedAttempt> attempts)
    {
        var done = false;
        try
        {
            done = await store(attempts);
        }
        catch (Exception exception)
        {
            WebhookLog.NotStored(logger, attempts.Count, exception);
        }

        _notes.Writer.TryWrite(new Stored(attempts, done));
    }

    /// <summary>Begins one request of each endpoint in turn, until nothing more may be begun.</summary>
    private void StartDelivering()
    {
        var now = Instant.Now(clock);
        for (var begun = true; begun;)
        {
            begun = false;
            for (var i = 0; i < _order.Count && _inFlight < options.Concurrency; i++)
            {
                var queue = _order[(_first + i) % _order.Count];
                if (queue.CanStart(now) && (!queue.IsFailing || _failingInFlight < FailingMax))
                {
                    begun = true;
                    _inFlight++;
                    _failingInFlight += queue.IsFailing ? 1 : 0;
                    _ = AttemptAsync(queue, queue.Start(), queue.IsFailing);
                }
            }
        }

        // Another one is the first next time.
        _first = _order.Count == 0 ? 0 : (_first + 1) % _order.Count;
    }

    private async Task AttemptAsync(EndpointQueue queue, DueDelivery delivery, bool countedAsFailing)
    {
        var startedAt = Instant.Now(clock);
        AttemptResult? result = null;
        try
        {
            result = await deliver(queue, delivery.Event, _sending.Token);
        }
        catch (OperationCanceledException)
        {
            // The end has come; whoever has the lease next makes the attempt.
        }
        catch (Exception exception)
        {
            WebhookLog.NotSent(logger, queue.Id, exception);
        }

        _notes.Writer.TryWrite(new Ended(queue, delivery, result, startedAt, countedAsFailing));
    }

    /// <summary>Waits for a note, or until it is time to look again.</summary>
    private async Task WaitAsync(CancellationToken cancellationToken)
    {
        var wait = _pollAt.UnixMicroseconds - Instant.Now(clock).UnixMicroseconds;
        if (wait <= 0)
        {
            return;
        }

        using var until = new CancellationTokenSource(TimeSpan.FromMicroseconds(wait), clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(until.Token, cancellationToken);
        try
        {
            await _notes.Reader.WaitToReadAsync(either.Token);
        }
        catch (OperationCanceledException)
        {
            // Time to look again, or to end: the loop tells them apart.
        }
    }

    /// <summary>Lets what is under way end, and stores what it came to. What does not end in time is delivered again.</summary>
    private async Task EndAsync()
    {
        _sending.CancelAfter(s_grace);
        while (_inFlight > 0 || _writing)
        {
            await _notes.Reader.WaitToReadAsync(CancellationToken.None);
            TakeNotes();
        }

        if (_ended.Count > 0)
        {
            await WriteAsync(_ended);
        }

        _sending.Dispose();
    }
}
