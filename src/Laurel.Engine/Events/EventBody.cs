using System.Buffers;
using System.Globalization;
using System.IO.Compression;
using System.Text.Json;
using Laurel.Kernel;

namespace Laurel.Engine.Events;

/// <summary>The stored form of the events of one batch: a CloudEvent in JSON a line, compressed as one.</summary>
/// <remarks>Brotli (RFC 7932) at its fastest useful quality: it compresses from memory to memory without a stream, and its
/// dictionary is of use to a batch of one.</remarks>
internal static class EventBody
{
    private const int Quality = 1;

    // Events of one batch repeat each other line by line: a larger window finds nothing more.
    private const int WindowBits = 18;

    /// <summary>Far beyond what a batch of 4,096 commands can raise; a body that claims more is damaged.</summary>
    private const int BytesMax = 256 << 20;

    public static byte[] Compress(ReadOnlySpan<byte> lines)
    {
        var rented = ArrayPool<byte>.Shared.Rent(BrotliEncoder.GetMaxCompressedLength(lines.Length));
        try
        {
            Invariant.Require(BrotliEncoder.TryCompress(lines, rented, out var length, Quality, WindowBits), "The buffer holds whatever the lines become.");
            return rented.AsSpan(0, length).ToArray();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    /// <exception cref="InvalidDataException">When the body was not written by <see cref="Compress"/>.</exception>
    public static byte[] Decompress(ReadOnlySpan<byte> body)
    {
        var lines = new ArrayBufferWriter<byte>(Math.Max(1_024, body.Length * 8));
        using var decoder = new BrotliDecoder();
        while (true)
        {
            var status = decoder.Decompress(body, lines.GetSpan(4_096), out var consumed, out var written);
            body = body[consumed..];
            lines.Advance(written);
            if (status == OperationStatus.Done)
            {
                return lines.WrittenSpan.ToArray();
            }

            if (status != OperationStatus.DestinationTooSmall || lines.WrittenCount > BytesMax)
            {
                throw new InvalidDataException("A stored batch of events is damaged.");
            }
        }
    }

    /// <summary>The events of a body, in order.</summary>
    /// <exception cref="InvalidDataException">When the body was not written by <see cref="Compress"/>.</exception>
    public static IReadOnlyList<EventRecord> Read(ReadOnlySpan<byte> body)
    {
        ReadOnlyMemory<byte> lines = Decompress(body);
        var events = new List<EventRecord>();
        while (!lines.IsEmpty)
        {
            var end = lines.Span.IndexOf((byte)'\n');
            if (end < 0)
            {
                throw new InvalidDataException("A stored batch of events has no end.");
            }

            events.Add(Parse(lines[..end]));
            lines = lines[(end + 1)..];
        }

        return events;
    }

    private static EventRecord Parse(ReadOnlyMemory<byte> line)
    {
        var json = new Utf8JsonReader(line.Span);
        string? id = null, type = null;
        var tenant = 0;
        var member = 0L;
        json.Read();
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            // The envelope stands before the data and has all that is looked for.
            if (json.ValueTextEquals("data"u8))
            {
                break;
            }

            if (json.ValueTextEquals("id"u8))
            {
                id = ReadText(ref json);
            }
            else if (json.ValueTextEquals("type"u8))
            {
                type = ReadText(ref json);
            }
            else if (json.ValueTextEquals("source"u8))
            {
                tenant = int.Parse(ReadText(ref json).AsSpan(EventWriter.SourcePrefix.Length), CultureInfo.InvariantCulture);
            }
            else if (json.ValueTextEquals("subject"u8))
            {
                member = long.Parse(ReadText(ref json), CultureInfo.InvariantCulture);
            }
            else
            {
                json.Read();
            }
        }

        Invariant.Require(id is not null && type is not null, "A stored event has an id and a type.");
        return new EventRecord(new TenantId(tenant), id, string.Intern(type), member, line);
    }

    private static string ReadText(ref Utf8JsonReader json)
    {
        json.Read();
        return json.GetString() ?? throw new InvalidDataException("The envelope of a stored event is damaged.");
    }
}
