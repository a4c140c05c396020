using System.Globalization;
using System.Text.Json;
using Laurel.Engine.Events;
using Laurel.Kernel;

namespace Laurel.Engine.Audit;

/// <summary>One record as it was stored.</summary>
public sealed record AuditRecord
{
    public required TenantId Tenant { get; init; }

    /// <summary>The batch that wrote it, and what it tells of.</summary>
    public required long BatchId { get; init; }

    /// <summary>Its place in the batch, from 0.</summary>
    public required int Place { get; init; }

    public required Instant RecordedAt { get; init; }

    /// <summary>The stored object: <c>operation</c>, <c>operator</c> and what else is known.</summary>
    public required JsonElement Content { get; init; }

    /// <summary><c>BATCH-PLACE</c>; never another's.</summary>
    public string Id => string.Create(CultureInfo.InvariantCulture, $"{BatchId}-{Place}");

    public string Operation => Content.GetProperty("operation").GetString()!;

    public string Operator => Content.GetProperty("operator").GetString()!;

    public string? Address => TextOf("address");

    public string? Request => TextOf("request");

    /// <summary>Whether it is an act of a person or of administration, found by index.</summary>
    public bool IsAct => Content.TryGetProperty("act", out _);

    /// <summary>The members concerned.</summary>
    public IReadOnlyList<long> Members
    {
        get
        {
            var members = new List<long>();
            if (Content.TryGetProperty("members", out var ids))
            {
                members.AddRange(ids.EnumerateArray().Select(id => long.Parse(id.GetString()!, CultureInfo.InvariantCulture)));
            }

            return members;
        }
    }

    internal IEnumerable<AuditAct> Acts() =>
        !IsAct ? [] : from member in Members.DefaultIfEmpty(0) select new AuditAct(Tenant.Value, BatchId, Place, member, Operator, Operation, Address, Request);

    /// <summary>The records of a stored row, in their order.</summary>
    /// <exception cref="InvalidDataException">When the body was not written by <see cref="AuditWriter"/>.</exception>
    internal static IReadOnlyList<AuditRecord> Read(long batchId, Instant recordedAt, ReadOnlySpan<byte> body)
    {
        ReadOnlyMemory<byte> lines = EventBody.Decompress(body);
        var records = new List<AuditRecord>();
        while (!lines.IsEmpty)
        {
            var end = lines.Span.IndexOf((byte)'\n');
            if (end < 0)
            {
                throw new InvalidDataException("A stored row of the audit has no end.");
            }

            var json = new Utf8JsonReader(lines.Span[..end]);
            var content = JsonElement.ParseValue(ref json);
            records.Add(new AuditRecord
            {
                Tenant = new TenantId(content.GetProperty("tenant").GetInt32()),
                BatchId = batchId,
                Place = records.Count,
                RecordedAt = recordedAt,
                Content = content,
            });
            lines = lines[(end + 1)..];
        }

        return records;
    }

    private string? TextOf(string name) => Content.TryGetProperty(name, out var text) ? text.GetString() : null;
}
