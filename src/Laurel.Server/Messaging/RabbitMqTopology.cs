using RabbitMQ.Client;

namespace Laurel.Server.Messaging;

/// <summary>The exchanges and queues of Laurel in the broker. Declaring what is there already changes nothing.</summary>
/// <remarks>docs/adr/0030 says why it looks like this. All queues are quorum queues: what is in them survives a broker.</remarks>
internal static class RabbitMqTopology
{
    /// <summary>Topic exchange that every event is published to; the routing key is its type.</summary>
    public const string Events = "laurel.events";

    /// <summary>Where events go that no queue is bound for: a fan-out exchange and its queue.</summary>
    public const string Unrouted = "laurel.unrouted";

    /// <summary>The queue of the shop's events.</summary>
    public const string Inbox = "laurel.inbox";

    /// <summary>Where events of the shop wait that may be applied later.</summary>
    public const string InboxRetry = "laurel.inbox.retry";

    /// <summary>Where events of the shop go that were refused, with the reason in their headers.</summary>
    public const string InboxDead = "laurel.inbox.dead";

    /// <summary>Messages that <see cref="Unrouted"/> keeps; the oldest leave first. Laurel itself keeps them for longer.</summary>
    public const int UnroutedMessagesMax = 100_000;

    /// <summary>Times the broker hands an event of the shop out before it takes it for one that breaks its consumer.</summary>
    private const int DeliveriesMax = 100;

    public static async Task DeclareOutgoingAsync(IChannel channel, RabbitMqSettings settings, CancellationToken cancellationToken)
    {
        await channel.ExchangeDeclareAsync(Unrouted, ExchangeType.Fanout, durable: true, autoDelete: false, cancellationToken: cancellationToken);
        await DeclareQuorumAsync(channel, Unrouted, new() { ["x-max-length"] = UnroutedMessagesMax }, cancellationToken);
        await channel.QueueBindAsync(Unrouted, Unrouted, "", cancellationToken: cancellationToken);
        var alternate = new Dictionary<string, object?> { ["alternate-exchange"] = Unrouted };
        await channel.ExchangeDeclareAsync(Events, ExchangeType.Topic, durable: true, autoDelete: false, alternate, cancellationToken: cancellationToken);
        foreach (var queue in settings.Queues)
        {
            await DeclareQuorumAsync(channel, queue.Name, [], cancellationToken);
            foreach (var binding in queue.Bindings)
            {
                await channel.QueueBindAsync(queue.Name, Events, binding, cancellationToken: cancellationToken);
            }
        }
    }

    public static async Task DeclareIncomingAsync(IChannel channel, CancellationToken cancellationToken)
    {
        await DeclareQuorumAsync(channel, InboxDead, [], cancellationToken);
        // One node at a time consumes, so that the events of a member are applied in the order in which they came.
        await DeclareQuorumAsync(
            channel,
            Inbox,
            new(ToQueue(InboxDead)) { ["x-single-active-consumer"] = true, ["x-delivery-limit"] = DeliveriesMax },
            cancellationToken);
        await DeclareQuorumAsync(channel, InboxRetry, ToQueue(Inbox), cancellationToken);
    }

    /// <summary>Arguments by which the broker itself moves a message on, and keeps it until it has arrived there.</summary>
    private static Dictionary<string, object?> ToQueue(string queue) => new()
    {
        ["x-dead-letter-exchange"] = "",
        ["x-dead-letter-routing-key"] = queue,
        ["x-dead-letter-strategy"] = "at-least-once",
        ["x-overflow"] = "reject-publish",
    };

    private static Task DeclareQuorumAsync(IChannel channel, string queue, Dictionary<string, object?> arguments, CancellationToken cancellationToken)
    {
        arguments["x-queue-type"] = "quorum";
        return channel.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false, arguments, cancellationToken: cancellationToken);
    }
}
