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
    private const int EventsBesideMin = 2_048;

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

    /// <summary>Adds what stores the events of a batch: its row, and one row for each queue of the outbox. Without events, nothing.</summary>
    public void AddTo(SqlScript script, long batchId, Instant recordedAt, IReadOnlyList<RaisedEvent> events)
    {
        if (events.Count == 0)
        {
            return;
        }

        script.Add(OutboxStatements.InsertBatch, [new EventBatch(batchId, recordedAt, events.Count, BodyOf(batchId, recordedAt, events))]);
        foreach (var target in sink.Targets)
        {
            script.Add(target.Insert, [new OutboxRow(target.Name, batchId)]);
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

    private Task<byte[]> BodyOf(long batchId, Instant recordedAt, IReadOnlyList<RaisedEvent> events)
    {
        // That of a batch which was given up may still be on its way into the buffer.
        Task.WaitAny(_body);
        return _body = events.Count < EventsBesideMin
            ? Task.FromResult(Write(batchId, recordedAt, events))
            : Task.Run(() => Write(batchId, recordedAt, events));
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
