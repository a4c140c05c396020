using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Laurel.Engine.Sql;
using Laurel.Kernel;

namespace Laurel.Engine.Events;

/// <summary>Writes the events of a batch into one buffer that is used again. Each lane has its own; not thread-safe.</summary>
internal sealed class EventWriter(EventSink sink)
{
    /// <summary>The <c>source</c> of every event, before the number of its tenant.</summary>
    public const string SourcePrefix = "/laurel/tenants/";

    /// <summary>A buffer that a rare large batch made larger than this is given up after it.</summary>
    private const int KeptBytesMax = 16 << 20;

    /// <summary>From so many events on the body is written by another thread, while the rows of the batch go to the database.
    /// Fewer are written sooner than handed over.</summary>
    internal const int EventsBesideMin = 2_048;

    private const int IdLengthMax = 32;

    private static readonly JsonWriterOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };
    private static readonly JsonEncodedText s_specVersion = JsonEncodedText.Encode("specversion");
    private static readonly JsonEncodedText s_specVersionValue = JsonEncodedText.Encode("1.0");
    private static readonly JsonEncodedText s_id = JsonEncodedText.Encode("id");
    private static readonly JsonEncodedText s_source = JsonEncodedText.Encode("source");
    private static readonly JsonEncodedText s_type = JsonEncodedText.Encode("type");
    private static readonly JsonEncodedText s_subject = JsonEncodedText.Encode("subject");
    private static readonly JsonEncodedText s_time = JsonEncodedText.Encode("time");
    private static readonly JsonEncodedText s_recordedTime = JsonEncodedText.Encode("recordedtime");
    private static readonly JsonEncodedText s_sequence = JsonEncodedText.Encode("sequence");
    private static readonly JsonEncodedText s_dataContentType = JsonEncodedText.Encode("datacontenttype");
    private static readonly JsonEncodedText s_dataContentTypeValue = JsonEncodedText.Encode("application/json", JavaScriptEncoder.UnsafeRelaxedJsonEscaping);
    private static readonly JsonEncodedText s_dataSchema = JsonEncodedText.Encode("dataschema");
    private static readonly JsonEncodedText s_data = JsonEncodedText.Encode("data");

    private readonly Utf8JsonWriter _json = new(Stream.Null, s_options);
    private readonly List<int> _ends = [];
    private ArrayBufferWriter<byte> _lines = new();
    private Task<byte[]> _body = Task.FromResult<byte[]>([]);

    /// <summary>Writes the events of a batch as they are stored; many of them on another thread, while the caller goes on.</summary>
    public Task<byte[]> Begin(long batchId, Instant recordedAt, IReadOnlyList<RaisedEvent> events) =>
        _body = _body.IsCompleted && events.Count < EventsBesideMin
            ? Task.FromResult(Write(batchId, recordedAt, events))
            : WriteBesideAsync(_body, batchId, recordedAt, events);

    /// <summary>Adds what stores the events of a batch: its row, and one row for each queue of the outbox.</summary>
    public void AddTo(SqlScript script, EventBatch batch)
    {
        script.Add(OutboxStatements.InsertBatch, [batch]);
        foreach (var target in sink.Targets)
        {
            script.Add(target.Insert, [new OutboxRow(target.Name, batch.BatchId)]);
        }
    }

    /// <summary>Tells those in this process of the events that were added last. To be called when they are committed.</summary>
    public void Tell(long batchId, IReadOnlyList<RaisedEvent> events)
    {
        if (events.Count == 0)
        {
            return;
        }

        sink.Hub.TellStored();
        if (sink.Hub.HasSubscribers)
        {
            sink.Hub.Tell(Records(batchId, events));
        }
    }

    private async Task<byte[]> WriteBesideAsync(Task earlier, long batchId, Instant recordedAt, IReadOnlyList<RaisedEvent> events)
    {
        // The events of a batch that was given up may still be on their way into the buffer.
        await earlier.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
        return Write(batchId, recordedAt, events);
    }

    private byte[] Write(long batchId, Instant recordedAt, IReadOnlyList<RaisedEvent> events)
    {
        Clear();
        for (var i = 0; i < events.Count; i++)
        {
            WriteEvent(batchId, i, recordedAt, events[i]);
            _json.Flush();
            _json.Reset();
            _ends.Add(_lines.WrittenCount);
            _lines.Write("\n"u8);
        }

        return EventBody.Compress(_lines.WrittenSpan);
    }

    /// <summary>The events written last; they keep a copy of their own.</summary>
    private EventRecord[] Records(long batchId, IReadOnlyList<RaisedEvent> events)
    {
        ReadOnlyMemory<byte> lines = _lines.WrittenSpan.ToArray();
        var records = new EventRecord[events.Count];
        var start = 0;
        for (var i = 0; i < records.Length; i++)
        {
            var subject = events[i].Subject;
            var id = string.Create(CultureInfo.InvariantCulture, $"{batchId}-{i}");
            records[i] = new EventRecord(subject.Tenant, id, events[i].Type.Name, subject.MemberId, lines[start.._ends[i]]);
            start = _ends[i] + 1;
        }

        return records;
    }

    private void Clear()
    {
        if (_lines.Capacity > KeptBytesMax)
        {
            _lines = new ArrayBufferWriter<byte>();
        }

        _lines.ResetWrittenCount();
        _ends.Clear();
        _json.Reset(_lines);
    }

    private void WriteEvent(long batchId, int place, Instant recordedAt, RaisedEvent raised)
    {
        var subject = raised.Subject;
        Span<byte> text = stackalloc byte[SourcePrefix.Length + IdLengthMax];
        _json.WriteStartObject();
        _json.WriteString(s_specVersion, s_specVersionValue);
        _json.WriteString(s_id, Id(text, batchId, place));
        _json.WriteString(s_source, Source(text, subject.Tenant));
        _json.WriteString(s_type, raised.Type.EncodedName);
        _json.WriteString(s_subject, Digits(text, subject.MemberId, default));
        _json.WriteString(s_time, subject.Time.ToDateTimeOffset().UtcDateTime);
        _json.WriteString(s_recordedTime, recordedAt.ToDateTimeOffset().UtcDateTime);
        // Twenty digits, so that the order of texts is the order of numbers (CloudEvents extension "sequence").
        _json.WriteString(s_sequence, Digits(text, subject.Sequence, "D20"));
        _json.WriteString(s_dataContentType, s_dataContentTypeValue);
        _json.WriteString(s_dataSchema, raised.Type.EncodedSchemaUri);
        _json.WritePropertyName(s_data);
        raised.WriteData(_json);
        _json.WriteEndObject();
    }

    private static ReadOnlySpan<byte> Id(Span<byte> text, long batchId, int place)
    {
        batchId.TryFormat(text, out var length, default, CultureInfo.InvariantCulture);
        text[length++] = (byte)'-';
        place.TryFormat(text[length..], out var placed, default, CultureInfo.InvariantCulture);
        return text[..(length + placed)];
    }

    private static ReadOnlySpan<byte> Source(Span<byte> text, TenantId tenant)
    {
        "/laurel/tenants/"u8.CopyTo(text);
        tenant.Value.TryFormat(text[SourcePrefix.Length..], out var length, default, CultureInfo.InvariantCulture);
        return text[..(SourcePrefix.Length + length)];
    }

    private static ReadOnlySpan<byte> Digits(Span<byte> text, long number, ReadOnlySpan<char> format)
    {
        number.TryFormat(text, out var length, format, CultureInfo.InvariantCulture);
        return text[..length];
    }
}
