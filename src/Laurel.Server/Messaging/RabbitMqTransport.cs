using System.Collections.Concurrent;
using System.Globalization;
using Laurel.Engine.Events;
using Laurel.Kernel;
using RabbitMQ.Client;

namespace Laurel.Server.Messaging;

/// <summary>Publishes events to <see cref="RabbitMqTopology.Events"/>, many at a time, and is done when the broker has confirmed each.</summary>
/// <remarks>Messages of a page leave in order on one channel. A page that is not confirmed whole closes the channel, and comes again on
/// another: the broker may have some of it twice, never out of order unless it refused one of a page and took later ones.</remarks>
internal sealed class RabbitMqTransport(RabbitMqBroker broker, RabbitMqSettings settings, TimeProvider clock) : IEventTransport, IAsyncDisposable
{
    /// <summary>The name of the queue in <c>outbox</c>.</summary>
    public const string TransportName = "rabbitmq";

    /// <summary>The media type of a CloudEvent in structured mode.</summary>
    public const string MediaType = "application/cloudevents+json";

    /// <summary>The header that names the tenant.</summary>
    public const string TenantHeader = "laurel-tenant";

    /// <summary>A broker that confirms nothing for as long is given up, unless it said that it is blocked.</summary>
    private static readonly TimeSpan s_stallMax = TimeSpan.FromSeconds(30);

    // Confirmed by us: the client's own tracking adds a header to every message and looks through all that wait at every confirmation.
    private static readonly CreateChannelOptions s_options = new(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: false);
    private static readonly CachedString s_exchange = new(RabbitMqTopology.Events);

    private readonly ConcurrentDictionary<string, CachedString> _routingKeys = [];
    private readonly ConcurrentDictionary<TenantId, Dictionary<string, object?>> _headers = [];
    private IChannel? _channel;
    private volatile ConfirmedPage? _page;

    public string Name => TransportName;

    public async Task PublishAsync(IReadOnlyList<EventRecord> events, CancellationToken cancellationToken)
    {
        if (events.Count == 0)
        {
            return;
        }

        if (broker.BlockedBecause is { } reason)
        {
            throw new IOException($"RabbitMQ takes no messages: {reason}.");
        }

        try
        {
            var channel = _channel is { IsOpen: true } open ? open : await OpenAsync(cancellationToken);
            await PublishAsync(channel, events, cancellationToken);
        }
        catch (Exception)
        {
            // What is still on its way must not be confirmed to the next page.
            await CloseAsync();
            throw;
        }
        finally
        {
            _page = null;
        }
    }

    public async ValueTask DisposeAsync() => await CloseAsync();

    private async Task PublishAsync(IChannel channel, IReadOnlyList<EventRecord> events, CancellationToken cancellationToken)
    {
        var page = new ConfirmedPage(await channel.GetNextPublishSequenceNumberAsync(cancellationToken), events.Count);
        _page = page;
        using var given = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var sending = SendAsync(channel, page, events, given.Token);
        var left = page.Left;
        while (await Task.WhenAny(page.Done, Task.Delay(s_stallMax, clock, given.Token)) != page.Done)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (page.Left == left && broker.BlockedBecause is null)
            {
                page.Fail("RabbitMQ confirmed nothing for half a minute.");
            }

            left = page.Left;
        }

        await given.CancelAsync();
        await page.Done;
        await sending;
    }

    private async Task SendAsync(IChannel channel, ConfirmedPage page, IReadOnlyList<EventRecord> events, CancellationToken cancellationToken)
    {
        try
        {
            foreach (var record in events)
            {
                await channel.BasicPublishAsync(s_exchange, RoutingKeyOf(record), mandatory: true, PropertiesOf(record), record.CloudEvent, cancellationToken);
            }
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            page.Fail($"A message could not be sent to RabbitMQ: {exception.Message}");
        }
        catch (OperationCanceledException)
        {
            // The page has failed already, or nobody waits for it.
        }
    }

    private CachedString RoutingKeyOf(EventRecord record) => _routingKeys.GetOrAdd(record.Type, static type => new CachedString(type));

    private BasicProperties PropertiesOf(EventRecord record) => new()
    {
        ContentType = MediaType,
        DeliveryMode = DeliveryModes.Persistent,
        MessageId = record.Id,
        Type = record.Type,
        // What a consistent-hash exchange spreads by: the events of one member stay in one queue.
        CorrelationId = record.MemberId.ToString(CultureInfo.InvariantCulture),
        AppId = "laurel",
        Headers = _headers.GetOrAdd(record.Tenant, static tenant => new() { [TenantHeader] = tenant.ToString() }),
    };

    private async Task<IChannel> OpenAsync(CancellationToken cancellationToken)
    {
        await CloseAsync();
        var connection = await broker.ConnectAsync(cancellationToken);
        _channel = await connection.CreateChannelAsync(s_options, cancellationToken);
        _channel.BasicAcksAsync += (_, ack) =>
        {
            _page?.Ack(ack);
            return Task.CompletedTask;
        };
        _channel.BasicNacksAsync += (_, _) => Fail("RabbitMQ refused a message: a queue is full, or has too few of its nodes.");
        _channel.BasicReturnAsync += (_, returned) =>
            Fail($"RabbitMQ has no queue for {returned.RoutingKey}: the queue {RabbitMqTopology.Unrouted} is gone; it is declared again.");
        _channel.ChannelShutdownAsync += (_, shutdown) => Fail($"The channel was closed: {shutdown.ReplyText}.");
        await RabbitMqTopology.DeclareOutgoingAsync(_channel, settings, cancellationToken);
        return _channel;
    }

    private Task Fail(string reason)
    {
        _page?.Fail(reason);
        return Task.CompletedTask;
    }

    private async Task CloseAsync()
    {
        var channel = _channel;
        (_channel, _page) = (null, null);
        if (channel is null)
        {
            return;
        }

        // A channel whose messages are not confirmed takes its connection along: a broker that hangs answers no close either.
        await broker.CloseAsync();
        await channel.DisposeAsync();
    }
}
