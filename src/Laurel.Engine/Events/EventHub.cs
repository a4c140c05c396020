using System.Collections.Immutable;
using System.Diagnostics.Metrics;
using System.Threading.Channels;
using Laurel.Engine.Telemetry;
using Microsoft.Extensions.Logging;

namespace Laurel.Engine.Events;

/// <summary>Tells those who ask in this process of events once they are committed, in the order of their lane.</summary>
/// <remarks>A subscriber that is slow loses batches, which are counted; one that throws is logged and told of the next. Neither holds
/// up a lane. Whoever must not miss an event reads the outbox instead.</remarks>
public sealed partial class EventHub(ILogger<EventHub> logger)
{
    /// <summary>Batches that wait for one subscriber at the most.</summary>
    public const int WaitingMax = 1_024;

    private static readonly Counter<long> s_dropped = LaurelTelemetry.Meter.CreateCounter<long>(
        "member_events_dropped_total", "{event}", "Events that a subscriber inside the process was too slow for.");

    private readonly ILogger _logger = logger;
    private readonly Lock _lock = new();
    private ImmutableArray<Subscription> _subscriptions = [];
    private ImmutableArray<Call> _calls = [];

    internal bool HasSubscribers => _subscriptions.Length > 0;

    /// <summary>Has the events of each batch told from now on, until what is returned is disposed.</summary>
    public IDisposable Subscribe(Action<IReadOnlyList<EventRecord>> subscriber)
    {
        var subscription = new Subscription(this, subscriber);
        lock (_lock)
        {
            _subscriptions = _subscriptions.Add(subscription);
        }

        return subscription;
    }

    /// <summary>Has an action called after every commit that stored events, from its lane, until what is returned is disposed. It must
    /// be quick and must not throw: for waking whoever reads the outbox.</summary>
    public IDisposable CallWhenStored(Action action)
    {
        var call = new Call(this, action);
        lock (_lock)
        {
            _calls = _calls.Add(call);
        }

        return call;
    }

    internal void TellStored()
    {
        foreach (var call in _calls)
        {
            call.Action();
        }
    }

    internal void Tell(IReadOnlyList<EventRecord> events)
    {
        foreach (var subscription in _subscriptions)
        {
            if (!subscription.TryTell(events))
            {
                s_dropped.Add(events.Count);
            }
        }
    }

    private void Remove(Subscription subscription)
    {
        lock (_lock)
        {
            _subscriptions = _subscriptions.Remove(subscription);
        }
    }

    private void Remove(Call call)
    {
        lock (_lock)
        {
            _calls = _calls.Remove(call);
        }
    }

    [LoggerMessage(60, LogLevel.Error, "A subscriber to events threw; it is told of the next all the same.")]
    private static partial void SubscriberThrew(ILogger logger, Exception exception);

    private sealed class Call(EventHub hub, Action action) : IDisposable
    {
        public Action Action { get; } = action;

        public void Dispose() => hub.Remove(this);
    }

    private sealed class Subscription : IDisposable
    {
        private readonly EventHub _hub;
        private readonly Action<IReadOnlyList<EventRecord>> _subscriber;
        private readonly Channel<IReadOnlyList<EventRecord>> _waiting =
            Channel.CreateBounded<IReadOnlyList<EventRecord>>(new BoundedChannelOptions(WaitingMax) { SingleReader = true });

        public Subscription(EventHub hub, Action<IReadOnlyList<EventRecord>> subscriber)
        {
            (_hub, _subscriber) = (hub, subscriber);
            _ = Task.Run(TellAllAsync);
        }

        public bool TryTell(IReadOnlyList<EventRecord> events) => _waiting.Writer.TryWrite(events);

        public void Dispose()
        {
            _hub.Remove(this);
            _waiting.Writer.TryComplete();
        }

        private async Task TellAllAsync()
        {
            await foreach (var events in _waiting.Reader.ReadAllAsync())
            {
                try
                {
                    _subscriber(events);
                }
                catch (Exception exception)
                {
                    SubscriberThrew(_hub._logger, exception);
                }
            }
        }
    }
}
