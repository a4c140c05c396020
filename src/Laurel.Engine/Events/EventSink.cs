using Laurel.Engine.Sql;
using Laurel.Kernel;

namespace Laurel.Engine.Events;

/// <summary>Where the events of a node's batches go: who is told of them in this process, and which queues of the outbox they join.</summary>
/// <remarks>All nodes of one database are configured alike: a batch joins the queues that its own node knows of.</remarks>
public sealed class EventSink(EventHub hub)
{
    public EventHub Hub { get; } = hub;

    /// <summary>Set before the lanes start.</summary>
    public IReadOnlyList<OutboxTarget> Targets { get; init; } = [];
}

/// <summary>A batch that waits to be published by one transport.</summary>
public readonly record struct OutboxRow(string Transport, long BatchId);

/// <summary>A queue of the outbox.</summary>
/// <param name="Name">The name of its <see cref="IEventTransport"/>.</param>
/// <param name="Insert">Adds a batch to the queue, in the transaction of the batch. May leave it out, where nobody would be told.</param>
public sealed record OutboxTarget(string Name, SetStatement<OutboxRow> Insert)
{
    /// <summary>A queue that every batch with events joins.</summary>
    public static OutboxTarget Always(string name) => new(name, OutboxStatements.Insert);
}

/// <summary>The events of one batch, as they are stored.</summary>
internal sealed record EventBatch(long BatchId, Instant RecordedAt, int Events, byte[] Body);

internal static class OutboxStatements
{
    public static readonly SetStatement<EventBatch> InsertBatch = Statements.Insert("event_batches",
        Column<EventBatch>.Int64("batch_id", b => b.BatchId),
        Column<EventBatch>.Instant("recorded_at", b => b.RecordedAt),
        Column<EventBatch>.Int32("events", b => b.Events),
        Column<EventBatch>.Bytes("body", b => b.Body));

    /// <summary>The position is drawn by the database, under the locks of the batch: of two batches that share a member the
    /// later one has the greater.</summary>
    public static readonly SetStatement<OutboxRow> Insert = Statements.Insert("outbox",
        Column<OutboxRow>.Text("transport", r => r.Transport),
        Column<OutboxRow>.Int64("batch_id", r => r.BatchId));
}
