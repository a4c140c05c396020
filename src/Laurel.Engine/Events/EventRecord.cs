using Laurel.Kernel;

namespace Laurel.Engine.Events;

/// <summary>A committed event, as it is stored and as it leaves.</summary>
/// <param name="Id">The id of its batch and its place in it, <c>911852878417625088-0</c>: unique, the same in every delivery.</param>
/// <param name="Type">The name of its <see cref="EventType"/>, <c>points.earned</c>.</param>
/// <param name="MemberId">The member whose book it tells of.</param>
/// <param name="CloudEvent">The whole event, CloudEvents 1.0 in JSON, UTF-8.</param>
public sealed record EventRecord(TenantId Tenant, string Id, string Type, long MemberId, ReadOnlyMemory<byte> CloudEvent);

/// <summary>Whom and when an event tells of.</summary>
/// <param name="Sequence">An id drawn under the member's lock: strictly rising among the events of a member.</param>
/// <param name="Time">Business time.</param>
public readonly record struct EventSubject(TenantId Tenant, long MemberId, long Sequence, Instant Time);

/// <summary>Takes events out of the process: to a broker, to the queues of the webhooks.</summary>
public interface IEventTransport
{
    /// <summary>The name of its queue in <c>outbox</c>, at most 32 characters.</summary>
    string Name { get; }

    /// <summary>Hands events over, in order.</summary>
    /// <returns>When each of them is confirmed or durably taken over.</returns>
    /// <exception cref="Exception">When one is not. Nothing is removed then, and the same events come again: those that
    /// were handed over before are handed over a second time.</exception>
    Task PublishAsync(IReadOnlyList<EventRecord> events, CancellationToken cancellationToken);
}
