using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;

namespace Laurel.Platform.Http;

/// <summary>Renders a JSON answer into a buffer of the current thread and sends it in one piece with its
/// length.</summary>
/// <remarks>Rendering never awaits, so the buffer has one user at a time; sending copies it into the response at
/// once.</remarks>
public sealed class JsonScratch
{
    private const int BytesKeptMax = 64 * 1024;

    // Answers are never embedded in HTML, and Chinese text should be readable on the wire.
    private static readonly JsonWriterOptions s_options = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
    };

    [ThreadStatic]
    private static JsonScratch? t_current;

    private readonly ArrayBufferWriter<byte> _buffer = new(1024);
    private readonly Utf8JsonWriter _writer;

    private JsonScratch() => _writer = new Utf8JsonWriter(_buffer, s_options);

    /// <summary>Writes what <paramref name="render"/> renders as the whole body; status and headers are the
    /// caller's.</summary>
    /// <param name="response">A response that has not started.</param>
    /// <param name="contentType">The media type of the answer.</param>
    /// <param name="state">Handed to <paramref name="render"/>, so that it needs no closure.</param>
    /// <param name="render">Writes one JSON value; synchronous.</param>
    /// <param name="cancellationToken">Stops the sending.</param>
    public static async Task SendAsync<TState>(
        HttpResponse response,
        string contentType,
        TState state,
        Action<Utf8JsonWriter, TState> render,
        CancellationToken cancellationToken)
    {
        var scratch = t_current ?? new JsonScratch();
        t_current = null;
        render(scratch._writer, state);
        scratch._writer.Flush();
        var bytes = scratch._buffer.WrittenSpan;
        response.ContentType = contentType;
        response.ContentLength = bytes.Length;
        response.BodyWriter.Write(bytes);
        scratch.GiveBack();
        await response.BodyWriter.FlushAsync(cancellationToken);
    }

    /// <summary>Hands what <paramref name="render"/> renders to <paramref name="send"/>: one piece of an answer that has several.</summary>
    /// <param name="send">May use the bytes until its task has ended.</param>
    public static async ValueTask SendPieceAsync<TState>(
        TState state, Action<Utf8JsonWriter, TState> render, Func<TState, ReadOnlyMemory<byte>, ValueTask> send)
    {
        var scratch = t_current ?? new JsonScratch();
        t_current = null;
        render(scratch._writer, state);
        scratch._writer.Flush();
        await send(state, scratch._buffer.WrittenMemory);
        scratch.GiveBack();
    }

    /// <summary>The bytes that <see cref="SendAsync"/> would send, to be kept.</summary>
    public static byte[] Render<T>(T value, JsonTypeInfo<T> type)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var writer = new Utf8JsonWriter(buffer, s_options))
        {
            JsonSerializer.Serialize(writer, value, type);
        }

        return buffer.WrittenSpan.ToArray();
    }

    // A renderer that throws leaves the slot empty, so a half-written buffer is never used again.
    private void GiveBack()
    {
        if (_buffer.Capacity <= BytesKeptMax)
        {
            _buffer.ResetWrittenCount();
            _writer.Reset(_buffer);
            t_current = this;
        }
    }
}
