using System.Globalization;
using System.Runtime.CompilerServices;
using Dapper;
using Laurel.Engine.Sql;
using Laurel.Kernel;

namespace Laurel.Engine.Events;

/// <summary>Reads stored events: by id, and by the time they were recorded.</summary>
public sealed class EventStore(Database database)
{
    /// <summary>Batches that are in memory at once while a range is read.</summary>
    private const int PageBatchesMax = 16;

    private const string FindBody = "SELECT body FROM event_batches WHERE batch_id = @BatchId";

    private const string ReadPage = """
        SELECT batch_id AS BatchId, body AS Body FROM event_batches
        WHERE batch_id > @After AND batch_id < @Before AND recorded_at >= @From AND recorded_at < @Until
        ORDER BY batch_id LIMIT @Limit
        """;

    // An id is drawn a moment before the time of its batch is, and a generator that met a clock set back runs ahead of it.
    private static readonly TimeSpan s_idsApart = TimeSpan.FromHours(1);

    // Ids have room for 69 years.
    private static readonly Instant s_idsEnd = Instant.From(new DateTimeOffset(2088, 1, 1, 0, 0, 0, TimeSpan.Zero));

    private sealed class Page
    {
        public long BatchId { get; init; }

        public byte[] Body { get; init; } = [];
    }

    /// <summary>The events of a stored <c>body</c>, in order: for whoever reads <c>event_batches</c> itself.</summary>
    /// <exception cref="InvalidDataException">When Laurel has not written it.</exception>
    public static IReadOnlyList<EventRecord> ReadBody(ReadOnlySpan<byte> body) => EventBody.Read(body);

    /// <summary>An event by its id; null when there is none of the tenant, or it is no longer kept.</summary>
    public async Task<EventRecord?> FindAsync(TenantId tenant, string id, CancellationToken cancellationToken)
    {
        if (!TryParse(id, out var batchId, out var place))
        {
            return null;
        }

        await using var session = await database.OpenReaderAsync(Reach.Of(tenant), cancellationToken);
        using var timed = database.Times.Begin("events.find");
        var body = await session.Connection.ExecuteScalarAsync<byte[]?>(new CommandDefinition(FindBody, new { BatchId = batchId }, cancellationToken: cancellationToken));
        var found = body is null ? null : EventBody.Read(body).ElementAtOrDefault(place);
        return found is not null && found.Tenant == tenant && found.Id == id ? found : null;
    }

    /// <summary>All events of a batch, of whatever tenant; none when it is not kept or raised none.</summary>
    public async Task<IReadOnlyList<EventRecord>> ReadBatchAsync(long batchId, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenReaderAsync(Reach.Nothing, cancellationToken);
        using var timed = database.Times.Begin("events.find");
        var body = await session.Connection.ExecuteScalarAsync<byte[]?>(new CommandDefinition(FindBody, new { BatchId = batchId }, cancellationToken: cancellationToken));
        return body is null ? [] : EventBody.Read(body);
    }

    /// <summary>The events of a tenant that were recorded from one instant until before another, in the order of their batches. Across
    /// nodes two events of one member may come in another order than their <c>sequence</c>.</summary>
    public async IAsyncEnumerable<EventRecord> ReadAsync(TenantId tenant, Instant from, Instant until, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (after, before) = IdsOf(from, until);
        while (await ReadPageAsync(after, before, from, until, cancellationToken) is { Count: > 0 } page)
        {
            foreach (var found in page.SelectMany(batch => EventBody.Read(batch.Body)).Where(found => found.Tenant == tenant))
            {
                yield return found;
            }

            after = page[^1].BatchId;
        }
    }

    /// <summary>The ids between which are those of all batches that were recorded between the instants.</summary>
    internal static (long After, long Before) IdsOf(Instant from, Instant until) => (
        IdGenerator.FirstOf(Instant.Max(from, new Instant(0)).Plus(-s_idsApart)) - 1,
        until > s_idsEnd ? long.MaxValue : IdGenerator.FirstOf(until.Plus(s_idsApart)));

    private async Task<List<Page>> ReadPageAsync(long after, long before, Instant from, Instant until, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenReaderAsync(Reach.Nothing, cancellationToken);
        using var timed = database.Times.Begin("events.read");
        var arguments = new { After = after, Before = before, From = from.UnixMicroseconds, Until = until.UnixMicroseconds, Limit = PageBatchesMax };
        return (await session.Connection.QueryAsync<Page>(new CommandDefinition(ReadPage, arguments, cancellationToken: cancellationToken))).AsList();
    }

    private static bool TryParse(string id, out long batchId, out int place)
    {
        place = 0;
        var dash = id.IndexOf('-', StringComparison.Ordinal);
        return long.TryParse(id.AsSpan(0, Math.Max(0, dash)), NumberStyles.None, CultureInfo.InvariantCulture, out batchId)
            && int.TryParse(id.AsSpan(dash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out place);
    }
}
