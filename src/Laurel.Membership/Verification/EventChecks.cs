using System.Globalization;
using System.Text.Json;
using Dapper;
using Laurel.Engine.Events;
using Laurel.Engine.Sql;

namespace Laurel.Membership.Verification;

/// <summary>Compares the kept events with what was committed: I6.</summary>
/// <remarks>Every waiting batch is there, every batch was committed, every event of an entry tells of it, and every entry recorded with a kept
/// batch, or in the half day before the newest, has its event. Entries older than the oldest kept batch have theirs no longer, or never
/// had one; those below the cut are not there to be compared with.</remarks>
internal sealed class EventChecks(ReadSnapshot snapshot, Findings findings, long cut)
{
    /// <summary>Batches of which the entries are counted; of more, the newest.</summary>
    private const int CountedBatchesMax = 1_000_000;

    private const int PageBatchesMax = 64;

    private const string CountBatches = "SELECT COUNT(*) FROM event_batches";

    private const string OldestCommit = "SELECT COALESCE(MIN(batch_id), 0) FROM commits";

    private const string ReadPage = """
        SELECT b.batch_id AS BatchId, b.recorded_at AS RecordedAt, b.events AS Events, b.body AS Body, c.voided AS Voided
        FROM event_batches b LEFT JOIN commits c ON c.batch_id = b.batch_id
        WHERE b.batch_id > @After ORDER BY b.batch_id LIMIT @Limit
        """;

    private const string StrayRows = """
        SELECT o.transport AS Transport, o.position AS Position FROM outbox o
        WHERE NOT EXISTS (SELECT 1 FROM event_batches b WHERE b.batch_id = o.batch_id)
        """;

    private static readonly SetStatement<EntryKey> s_entries = Statements.Find(
        "e.tenant_id, e.member_id, e.id, e.amount, e.balance_after", "entries e", "",
        Column<EntryKey>.Int32("tenant_id", key => key.Tenant),
        Column<EntryKey>.Int64("member_id", key => key.Member),
        Column<EntryKey>.Int64("id", key => key.Id));

    // Shorter than events are ever kept, so that none of them has been removed.
    private static readonly long s_recent = (long)TimeSpan.FromHours(12).TotalMicroseconds;

    private readonly Dictionary<long, int> _entriesAt = [];
    private long _oldest = long.MaxValue;
    private long _newest = long.MinValue;

    private readonly record struct EntryKey(int Tenant, long Member, long Id);

    private readonly record struct Told(EntryKey Key, string Event, long Amount, long BalanceAfter);

    private sealed class BatchRow
    {
        public long BatchId { get; init; }

        public long RecordedAt { get; init; }

        public int Events { get; init; }

        public byte[] Body { get; init; } = [];

        public int? Voided { get; init; }
    }

    private sealed class OutboxRow
    {
        public string Transport { get; init; } = "";

        public long Position { get; init; }
    }

    /// <summary>Looks at every batch and every waiting row, before the entries are seen.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        foreach (var row in await snapshot.Connection.QueryAsync<OutboxRow>(Command(StrayRows, null, cancellationToken)))
        {
            Report("outbox", string.Create(CultureInfo.InvariantCulture, $"{row.Transport}/{row.Position}"), "a batch of events", "none");
        }

        var count = await snapshot.Connection.ExecuteScalarAsync<long>(Command(CountBatches, null, cancellationToken));
        var oldestCommit = await snapshot.Connection.ExecuteScalarAsync<long>(Command(OldestCommit, null, cancellationToken));
        var (after, seen) = (long.MinValue, 0L);
        while (true)
        {
            var page = (await snapshot.Connection.QueryAsync<BatchRow>(Command(ReadPage, new { After = after, Limit = PageBatchesMax }, cancellationToken))).AsList();
            if (page.Count == 0)
            {
                return;
            }

            var told = new List<Told>();
            foreach (var batch in page)
            {
                Look(batch, oldestCommit, told, isCounted: count - seen++ <= CountedBatchesMax);
            }

            await CompareAsync(told, cancellationToken);
            after = page[^1].BatchId;
        }
    }

    /// <summary>Looks whether an entry that was recorded with a kept batch has its event. Called once for each entry.</summary>
    public void See(EntryRow entry)
    {
        if (_entriesAt.TryGetValue(entry.RecordedAt, out var left))
        {
            _entriesAt[entry.RecordedAt] = left - 1;
        }
        else if (entry.RecordedAt < _oldest || entry.RecordedAt < _newest - s_recent)
        {
            return;
        }

        if (left <= 0)
        {
            findings.Report(InvariantCode.I6, new Offence
            {
                Tenant = entry.Tenant,
                Member = entry.Member,
                Table = "entries",
                Id = entry.IdText,
                Expected = "as many events as entries at its recorded time",
                Found = "an event fewer",
            });
        }
    }

    private void Look(BatchRow batch, long oldestCommit, List<Told> told, bool isCounted)
    {
        findings.Look(InvariantCode.I6);
        (_oldest, _newest) = (Math.Min(_oldest, batch.RecordedAt), Math.Max(_newest, batch.RecordedAt));
        var id = batch.BatchId.ToString(CultureInfo.InvariantCulture);
        if (batch.Voided is 1 || (batch.Voided is null && batch.BatchId >= oldestCommit))
        {
            Report("event_batches", id, "a committed batch", batch.Voided is null ? "no such commit" : "one that was given up");
        }

        IReadOnlyList<EventRecord> events;
        try
        {
            events = EventStore.ReadBody(batch.Body);
        }
        catch (Exception exception) when (exception is InvalidDataException or JsonException or FormatException or Kernel.InvariantBrokenException)
        {
            Report("event_batches", id, "a body that can be read", exception.Message);
            return;
        }

        if (events.Count != batch.Events)
        {
            Report("event_batches", id, $"{batch.Events} events", $"{events.Count}");
        }

        var before = told.Count;
        told.AddRange(events.Select(TellOf).OfType<Told>());
        if (isCounted)
        {
            _entriesAt[batch.RecordedAt] = _entriesAt.GetValueOrDefault(batch.RecordedAt) + told.Count - before;
        }
    }

    /// <summary>What an event says of its entry; null for one of something else.</summary>
    private static Told? TellOf(EventRecord record)
    {
        using var json = JsonDocument.Parse(record.CloudEvent);
        var data = json.RootElement.GetProperty("data");
        if (!data.TryGetProperty("entry_id", out var entry))
        {
            return null;
        }

        var isGrowth = data.TryGetProperty("growth", out var amount);
        if (!isGrowth && !data.TryGetProperty("points", out amount))
        {
            amount = data.GetProperty("amount");
        }

        var after = data.GetProperty(isGrowth ? "growth_after" : "balance_after");
        var key = new EntryKey(record.Tenant.Value, record.MemberId, long.Parse(entry.GetString()!, CultureInfo.InvariantCulture));
        return new Told(key, record.Id, amount.GetInt64(), after.GetInt64());
    }

    private async Task CompareAsync(List<Told> told, CancellationToken cancellationToken)
    {
        var stored = new Dictionary<EntryKey, (long Amount, long BalanceAfter)>();
        var script = new SqlScript();
        script.Add(s_entries, [.. told.Select(one => one.Key)], row =>
            stored[new EntryKey(row.Int32(0), row.Int64(1), row.Int64(2))] = (row.Int64(3), row.Int64(4)));
        await snapshot.Session.RunAsync(script, cancellationToken);
        foreach (var (key, id, amount, balanceAfter) in told.Where(one => one.Key.Id >= cut))
        {
            findings.Look(InvariantCode.I6);
            if (!stored.TryGetValue(key, out var entry) || entry != (amount, balanceAfter))
            {
                findings.Report(InvariantCode.I6, new Offence
                {
                    Tenant = key.Tenant,
                    Member = key.Member,
                    Table = "event_batches",
                    Id = id,
                    Expected = string.Create(CultureInfo.InvariantCulture, $"entry {key.Id} of {amount}, {balanceAfter} after it"),
                    Found = entry == default ? "none" : string.Create(CultureInfo.InvariantCulture, $"{entry.Amount}, {entry.BalanceAfter} after it"),
                });
            }
        }
    }

    private void Report(string table, string id, string expected, string found) => findings.Report(InvariantCode.I6, new Offence
    {
        Tenant = 0,
        Member = 0,
        Table = table,
        Id = id,
        Expected = expected,
        Found = found,
    });

    private static CommandDefinition Command(string query, object? arguments, CancellationToken cancellationToken) =>
        new(query, arguments, commandTimeout: 0, cancellationToken: cancellationToken);
}
