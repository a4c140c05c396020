using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using Shouldly;

namespace Laurel.ServerTests.Events;

/// <summary>An event as a consumer met it.</summary>
internal sealed record Heard(string Id, string Type, string Member, string Sequence, JsonElement Data);

/// <summary>A consumer of events: connects again whenever the broker was away, and remembers everything in the order of arrival.</summary>
internal sealed class Listener : IAsyncDisposable
{
    private readonly Uri _broker;
    private readonly string _queue;
    private readonly ConcurrentQueue<Heard> _heard = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _listening;

    public Listener(Uri broker, string queue)
    {
        (_broker, _queue) = (broker, queue);
        _listening = Task.Run(ListenAsync);
    }

    /// <summary>Every delivery so far, repeats included.</summary>
    public IReadOnlyList<Heard> Deliveries => [.. _heard];

    /// <summary>Each event once, where it came first.</summary>
    public IReadOnlyList<Heard> Events => [.. _heard.DistinctBy(heard => heard.Id)];

    /// <summary>Waits until so many events have come.</summary>
    public async Task<IReadOnlyList<Heard>> HearAsync(int count, TimeSpan patience, CancellationToken cancellationToken)
    {
        var startedAt = Stopwatch.GetTimestamp();
        while (Events.Count < count)
        {
            Stopwatch.GetElapsedTime(startedAt).ShouldBeLessThan(patience, $"{Events.Count} of {count} events came.");
            await Task.Delay(100, cancellationToken);
        }

        return Events;
    }

    /// <summary>Asserts that the events of each member came in the order of their sequence.</summary>
    public void ShouldKeepTheOrderOfMembers()
    {
        foreach (var member in Events.GroupBy(heard => heard.Member))
        {
            member.Select(heard => heard.Sequence).ShouldBe(member.Select(heard => heard.Sequence).Order(StringComparer.Ordinal), member.Key);
            member.Select(heard => heard.Sequence).ShouldBeUnique();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _listening;
        _stop.Dispose();
    }

    private async Task ListenAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await ListenOnceAsync();
            }
            catch (Exception exception) when (exception is not OutOfMemoryException)
            {
                // The broker is away, or the queue is not declared yet.
                await Task.Delay(200).ConfigureAwait(false);
            }
        }
    }

    private async Task ListenOnceAsync()
    {
        var factory = new ConnectionFactory { Uri = _broker, AutomaticRecoveryEnabled = false };
        await using var connection = await factory.CreateConnectionAsync(_stop.Token);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: _stop.Token);
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        channel.ChannelShutdownAsync += (_, _) =>
        {
            ended.TrySetResult();
            return Task.CompletedTask;
        };
        await channel.BasicQosAsync(0, 1_000, global: false, _stop.Token);
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += async (_, delivery) =>
        {
            using var json = JsonDocument.Parse(delivery.Body);
            var root = json.RootElement;
            delivery.BasicProperties.MessageId.ShouldBe(root.GetProperty("id").GetString());
            _heard.Enqueue(new Heard(
                root.GetProperty("id").GetString()!,
                delivery.RoutingKey,
                root.GetProperty("subject").GetString()!,
                root.GetProperty("sequence").GetString()!,
                root.GetProperty("data").Clone()));
            await channel.BasicAckAsync(delivery.DeliveryTag, multiple: false);
        };
        await channel.BasicConsumeAsync(_queue, autoAck: false, consumer, _stop.Token);
        await ended.Task.WaitAsync(_stop.Token);
    }
}
