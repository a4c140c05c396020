using System.Threading.Channels;
using Laurel.Kernel;
using Laurel.Membership.Orders;
using Laurel.Platform.Errors;
using Laurel.Platform.Tenants;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Laurel.Server.Messaging;

/// <summary>Takes the shop's events from <see cref="RabbitMqTopology.Inbox"/>: the same bodies as <c>POST /api/events</c>, with the same results.</summary>
/// <remarks>A message is acknowledged when its events are committed, and only then. What is busy or broken holds everything up, in its place;
/// what may be applied later waits aside; what is refused goes to the dead letters with the reason. A message that comes twice is a duplicate
/// by its own source and id, so nothing is lost and nothing doubled wherever it breaks.</remarks>
internal sealed partial class Inbox(
    RabbitMqBroker broker, RabbitMqSettings settings, EventIntake intake, TenantDirectory tenants, TimeProvider clock, ILogger<Inbox> logger)
{
    /// <summary>Messages that are carried out together.</summary>
    private const int TogetherMax = 256;

    /// <summary>Beyond this no further message joins them: one may hold a thousand events.</summary>
    private const int TogetherBytesMax = 512 * 1024;

    /// <summary>Messages that the broker hands out ahead.</summary>
    private const ushort AheadMax = 2 * TogetherMax;

    private static readonly TimeSpan s_reconnectPauseMax = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan s_transientPauseMax = TimeSpan.FromSeconds(5);

    private static readonly CreateChannelOptions s_options = new(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true);

    private static readonly RequestFailure s_tenantUnknown = new(new Refusal(ErrorCode.TenantNotFound));

    private static readonly RequestFailure s_tenantMismatch = new(new Refusal(ErrorCode.TenantMismatch));

    private static readonly RequestFailure s_tenantSuspended = new(new Refusal(ErrorCode.TenantSuspended));

    /// <summary>Consumes until cancelled; connects anew when the broker or the database goes away.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        InboxMetrics.Begin();
        for (var failures = 0; !cancellationToken.IsCancellationRequested;)
        {
            try
            {
                await ConsumeAsync(() => failures = 0, cancellationToken);
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                ConsumingFailed(logger, ++failures, exception);
            }

            await broker.CloseAsync();
            await Task.Delay(PauseAfter(failures, s_reconnectPauseMax), clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ConsumeAsync(Action works, CancellationToken cancellationToken)
    {
        var connection = await broker.ConnectAsync(cancellationToken);
        await using var channel = await connection.CreateChannelAsync(s_options, cancellationToken);
        await RabbitMqTopology.DeclareIncomingAsync(channel, cancellationToken);
        await channel.BasicQosAsync(0, AheadMax, global: false, cancellationToken);
        var arrived = Channel.CreateUnbounded<InboxDelivery>(new UnboundedChannelOptions { SingleReader = true });
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += (_, delivery) =>
        {
            // The broker hands out no more than AheadMax, so this is bounded. The body is the client's until the handler ends.
            arrived.Writer.TryWrite(new InboxDelivery(delivery.DeliveryTag, delivery.BasicProperties, delivery.Body.ToArray()));
            return Task.CompletedTask;
        };
        consumer.UnregisteredAsync += (_, _) => Complete(arrived, "The queue was deleted.");
        channel.ChannelShutdownAsync += (_, shutdown) => Complete(arrived, shutdown.ReplyText);
        await channel.BasicConsumeAsync(RabbitMqTopology.Inbox, autoAck: false, consumer, cancellationToken);
        works();
        var together = new List<InboxDelivery>();
        while (await arrived.Reader.WaitToReadAsync(cancellationToken))
        {
            for (var bytes = 0; together.Count < TogetherMax && bytes < TogetherBytesMax && arrived.Reader.TryRead(out var delivery); bytes += delivery.Body.Length)
            {
                together.Add(delivery);
            }

            await CarryOutAsync(together, cancellationToken);
            foreach (var delivery in together)
            {
                await DisposeOfAsync(channel, delivery, cancellationToken);
            }

            await channel.BasicAckAsync(together[^1].Tag, multiple: true, cancellationToken);
            together.Clear();
        }
    }

    private static Task Complete(Channel<InboxDelivery> arrived, string reason)
    {
        arrived.Writer.TryComplete(new IOException($"RabbitMQ ended the consumer: {reason}"));
        return Task.CompletedTask;
    }

    /// <summary>Carries out the messages in order, and whatever met something busy or broken again, until nothing does.</summary>
    private async Task CarryOutAsync(IReadOnlyList<InboxDelivery> deliveries, CancellationToken cancellationToken)
    {
        var waiting = new List<EventMessage>(deliveries.Count);
        foreach (var delivery in deliveries)
        {
            await ReadAsync(delivery, cancellationToken);
            if (delivery.Message is { } message)
            {
                waiting.Add(message);
            }
        }

        for (var attempt = 1; waiting.Count > 0; attempt++)
        {
            await intake.RunAsync(waiting, cancellationToken);
            waiting.RemoveAll(message => !message.IsTransient);
            if (waiting.Count > 0)
            {
                HeldUp(logger, waiting.Count, waiting[0].FirstFailure!.Refusal.Code);
                await Task.Delay(PauseAfter(attempt, s_transientPauseMax), clock, cancellationToken);
            }
        }
    }

    /// <summary>Reads a message for the tenant that its header names, else the event itself, else the platform's own.</summary>
    private async Task ReadAsync(InboxDelivery delivery, CancellationToken cancellationToken)
    {
        var (header, attribute) = (delivery.TenantOfHeader(), EventTenant.Of(delivery.Body.Span));
        switch (await tenants.FindAsync(header ?? attribute ?? Tenant.Platform.ToString(), cancellationToken))
        {
            case null:
                delivery.Unread = s_tenantUnknown;
                break;
            case { } tenant when header is not null && attribute is not null && attribute != tenant.Code:
                delivery.Unread = s_tenantMismatch;
                break;
            case { IsSuspended: true }:
                delivery.Unread = s_tenantSuspended;
                break;
            case { } tenant:
                delivery.Message = EventMessage.Read(tenant.Id, delivery.Body, attribute is not null);
                break;
        }
    }

    /// <summary>Answers, puts aside or buries a message. When it returns the message may be acknowledged.</summary>
    private async Task DisposeOfAsync(IChannel channel, InboxDelivery delivery, CancellationToken cancellationToken)
    {
        var failure = delivery.Unread ?? delivery.Message!.FirstFailure;
        var mayBeAppliedLater = delivery.Message?.MayBeAppliedLater ?? (failure == s_tenantSuspended);
        if (failure is not null && mayBeAppliedLater && delivery.Attempts < settings.InboxAttemptsMax)
        {
            await PublishAsync(channel, RabbitMqTopology.InboxRetry, delivery, delivery.Again(settings.InboxRetryAfter), cancellationToken);
            InboxMetrics.Count("deferred");
            return;
        }

        if (failure is not null)
        {
            await PublishAsync(channel, RabbitMqTopology.InboxDead, delivery, delivery.Refused(failure, Instant.Now(clock)), cancellationToken);
            Buried(logger, failure.Refusal.Code);
        }

        InboxMetrics.Count(failure is null ? "applied" : "dead");
        if (delivery.Properties.IsReplyToPresent() && delivery.Message is { } message)
        {
            await intake.ReadEarlierAsync(message, cancellationToken);
            // Nobody may be waiting any more, and the outcome stands either way.
            await channel.BasicPublishAsync("", delivery.Properties.ReplyTo!, mandatory: false, delivery.Reply(), message.ResultsJson(), cancellationToken);
        }
    }

    private static async Task PublishAsync(IChannel channel, string queue, InboxDelivery delivery, BasicProperties properties, CancellationToken cancellationToken) =>
        await channel.BasicPublishAsync("", queue, mandatory: true, properties, delivery.Body, cancellationToken);

    private static TimeSpan PauseAfter(int failures, TimeSpan max) =>
        TimeSpan.FromMilliseconds(Math.Min(max.TotalMilliseconds, 50 * Math.Pow(2, Math.Min(failures, 12))));

    [LoggerMessage(67, LogLevel.Warning, "Consuming from RabbitMQ failed (attempt {Attempt}); connecting again.")]
    private static partial void ConsumingFailed(ILogger logger, int attempt, Exception exception);

    [LoggerMessage(68, LogLevel.Warning, "{Count} messages of the inbox wait in their place: {Code}.")]
    private static partial void HeldUp(ILogger logger, int count, string code);

    [LoggerMessage(69, LogLevel.Warning, "A message of the inbox was refused ({Code}) and went to the dead letters.")]
    private static partial void Buried(ILogger logger, string code);
}
