using Laurel.Server.Hosting;
using Laurel.Server.Messaging;
using Microsoft.Extensions.Logging.Abstractions;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Laurel.Server.Diagnosis;

/// <summary>What can be said of the broker: whether it answers, and whether something lies in it that nobody takes.</summary>
internal static class BrokerChecks
{
    private const string Subject = "rabbitmq";

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    public static async Task<IReadOnlyList<Finding>> RunAsync(LaurelSettings settings, CancellationToken cancellationToken)
    {
        if (settings.RabbitMq is not { } rabbitMq)
        {
            return [];
        }

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(s_patience);
        try
        {
            await using var broker = new RabbitMqBroker(rabbitMq, "laurel-doctor", NullLogger<RabbitMqBroker>.Instance);
            var connection = await broker.ConnectAsync(patience.Token);
            return
            [
                Finding.Fine(Subject, $"The broker at {rabbitMq.Url.Host} answers."),
                await LookAsync(
                    connection,
                    RabbitMqTopology.Unrouted,
                    "Bind a queue to laurel.events for these types of events, and empty this one (docs/reference/events.md).",
                    patience.Token),
                await LookAsync(
                    connection,
                    RabbitMqTopology.InboxDead,
                    "Each has its reason in the header laurel-reason; mend the sender, or move them back to laurel.inbox.",
                    patience.Token),
            ];
        }
        catch (Exception exception) when (
            exception is IOException or RabbitMQClientException or TimeoutException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            // The message of a failed connection names hosts and ports, not the password.
            return [Finding.Fault(
                Subject,
                $"The broker at {rabbitMq.Url.Host} does not answer: {exception.GetBaseException().Message}",
                "Start it, or correct RABBITMQ_URL. Writes go on meanwhile, and their events wait in the outbox.")];
        }
    }

    /// <summary>Looks at a queue without declaring it: the doctor changes nothing.</summary>
    private static async Task<Finding> LookAsync(IConnection connection, string queue, string remedy, CancellationToken cancellationToken)
    {
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        try
        {
            var found = await channel.QueueDeclarePassiveAsync(queue, cancellationToken);
            return found.MessageCount == 0
                ? Finding.Fine(Subject, $"The queue {queue} is empty.")
                : Finding.Warning(Subject, $"{found.MessageCount} messages lie in the queue {queue}.", remedy);
        }
        catch (OperationInterruptedException)
        {
            return Finding.Fine(Subject, $"The queue {queue} is not there yet; a server that uses it declares it.");
        }
    }
}
