using System.Buffers;
using System.IO.Pipelines;
using System.Net.Mime;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.Unicode;
using Laurel.Kernel;
using Laurel.Platform.Errors;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Laurel.Platform.Http;

/// <summary>What an endpoint accepts as a body; made once for each endpoint.</summary>
public sealed record BodyRules
{
    /// <summary>JSON of at most <see cref="JsonBody.BodyBytesMax"/>, hashed.</summary>
    public static readonly BodyRules Default = new();

    /// <summary>The largest body, in bytes; default <see cref="JsonBody.BodyBytesMax"/>.</summary>
    public long BytesMax { get; init; } = JsonBody.BodyBytesMax;

    /// <summary>The media types accepted, in lower case and without parameters.</summary>
    public IReadOnlyList<string> MediaTypes { get; init; } = [MediaTypeNames.Application.Json];

    /// <summary>Whether <see cref="BodyRead{T}.BodyHash"/> is wanted; without it the hash stays zero.</summary>
    public bool Hashed { get; init; } = true;
}

/// <summary>A body that was read, or why it was not.</summary>
public readonly struct BodyRead<T>
{
    private readonly T _value;

    internal BodyRead(T value, Hash128 bodyHash) => (_value, BodyHash) = (value, bodyHash);

    internal BodyRead(RequestFailure failure) => (_value, Failure) = (default!, failure);

    /// <summary>Null when the body was read.</summary>
    public RequestFailure? Failure { get; }

    /// <summary>Of the bytes as sent (a byte order mark left out), when <see cref="BodyRules.Hashed"/>.</summary>
    public Hash128 BodyHash { get; }

    /// <exception cref="InvariantBrokenException">When the body was not read.</exception>
    public T Value
    {
        get
        {
            Invariant.Require(Failure is null, "Only a body that was read has a value.");
            return _value;
        }
    }
}

/// <summary>One item of a list body whose items stand each for themselves.</summary>
/// <param name="Value">What was read; not to be used when <paramref name="Failure"/> is not null.</param>
/// <param name="Failure">Null when the item was read.</param>
public readonly record struct ItemRead<T>(T Value, RequestFailure? Failure);

/// <summary>Reads the one JSON body of a request completely and names every fault of it at once.</summary>
/// <remarks>The bytes are parsed where the server received them; nothing is copied unless they came in
/// pieces.</remarks>
public static class JsonBody
{
    /// <summary>The largest body of an endpoint that says nothing else: 1 MiB.</summary>
    public const long BodyBytesMax = 1024 * 1024;

    private static readonly byte[] s_byteOrderMark = [0xEF, 0xBB, 0xBF];

    /// <summary>Reads a body that is one object.</summary>
    /// <param name="context">The request; its body is consumed.</param>
    /// <param name="rules">What the endpoint accepts.</param>
    /// <param name="read">Reads the object's fields; its result is dropped when any is at fault.</param>
    /// <param name="cancellationToken">Stops the reading with an <see cref="OperationCanceledException"/>.</param>
    public static ValueTask<BodyRead<T>> ReadAsync<T>(
        HttpContext context,
        BodyRules rules,
        Func<JsonFields, T> read,
        CancellationToken cancellationToken) =>
        ReadBodyAsync<T, ObjectReader<T>>(context, rules, new ObjectReader<T>(read), cancellationToken);

    /// <summary>Reads a body that is a whole document.</summary>
    public static ValueTask<BodyRead<T>> ReadDocumentAsync<T>(
        HttpContext context,
        BodyRules rules,
        JsonTypeInfo<T> type,
        CancellationToken cancellationToken)
        where T : class =>
        ReadBodyAsync<T, DocumentReader<T>>(context, rules, new DocumentReader<T>(type), cancellationToken);

    /// <summary>Reads a body that is one list of objects, or one object as a list of one; any fault fails the
    /// whole.</summary>
    public static ValueTask<BodyRead<IReadOnlyList<T>>> ReadListAsync<T>(
        HttpContext context,
        BodyRules rules,
        int countMax,
        Func<JsonFields, T> read,
        CancellationToken cancellationToken) =>
        ReadBodyAsync<IReadOnlyList<T>, ListReader<T>>(
            context,
            rules,
            new ListReader<T>(countMax, read),
            cancellationToken);

    /// <summary>As <see cref="ReadListAsync"/>, but a fault fails only the item it stands in. Pointers start at the
    /// body.</summary>
    public static ValueTask<BodyRead<IReadOnlyList<ItemRead<T>>>> ReadItemsAsync<T>(
        HttpContext context,
        BodyRules rules,
        int countMax,
        Func<JsonFields, T> read,
        CancellationToken cancellationToken) =>
        ReadBodyAsync<IReadOnlyList<ItemRead<T>>, ItemsReader<T>>(
            context,
            rules,
            new ItemsReader<T>(countMax, read),
            cancellationToken);

    /// <summary>As <see cref="ReadItemsAsync"/>, of bytes that came by another road than a request.</summary>
    public static BodyRead<IReadOnlyList<ItemRead<T>>> ReadItems<T>(
        ReadOnlyMemory<byte> body,
        BodyRules rules,
        int countMax,
        Func<JsonFields, T> read) =>
        body.Length > rules.BytesMax
            ? new BodyRead<IReadOnlyList<ItemRead<T>>>(new RequestFailure(TooLarge(rules)))
            : Parse<IReadOnlyList<ItemRead<T>>, ItemsReader<T>>(body, rules, new ItemsReader<T>(countMax, read));

    /// <summary>The media type of the body in lower case and without parameters; null when absent or
    /// malformed.</summary>
    public static string? MediaTypeOf(HttpRequest request) =>
        MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
            ? type.MediaType.Value?.ToLowerInvariant()
            : null;

    private static async ValueTask<BodyRead<T>> ReadBodyAsync<T, TReader>(
        HttpContext context,
        BodyRules rules,
        TReader reader,
        CancellationToken cancellationToken)
        where TReader : struct, IRootReader<T>
    {
        if (FaultOfHeaders(context.Request, rules) is { } refusal)
        {
            return new BodyRead<T>(new RequestFailure(refusal));
        }

        var pipe = context.Request.BodyReader;
        try
        {
            while (true)
            {
                var result = await pipe.ReadAsync(cancellationToken);
                if (result.Buffer.Length > rules.BytesMax)
                {
                    pipe.AdvanceTo(result.Buffer.End);
                    return new BodyRead<T>(new RequestFailure(TooLarge(rules)));
                }

                if (result.IsCompleted)
                {
                    var body = Parse<T, TReader>(result.Buffer, rules, reader);
                    pipe.AdvanceTo(result.Buffer.End);
                    return body;
                }

                pipe.AdvanceTo(result.Buffer.Start, result.Buffer.End);
            }
        }
        catch (BadHttpRequestException exception)
        {
            // The server's own limit, or a body whose framing is broken.
            return new BodyRead<T>(new RequestFailure(
                exception.StatusCode == StatusCodes.Status413PayloadTooLarge ? TooLarge(rules) : Malformed(0)));
        }
    }

    private static BodyRead<T> Parse<T, TReader>(ReadOnlySequence<byte> buffer, BodyRules rules, TReader reader)
        where TReader : struct, IRootReader<T>
    {
        if (buffer.IsSingleSegment)
        {
            return Parse<T, TReader>(buffer.First, rules, reader);
        }

        var length = (int)buffer.Length;
        var joined = ArrayPool<byte>.Shared.Rent(length);
        buffer.CopyTo(joined);
        var body = Parse<T, TReader>(joined.AsMemory(0, length), rules, reader);
        ArrayPool<byte>.Shared.Return(joined, clearArray: true);
        return body;
    }

    private static BodyRead<T> Parse<T, TReader>(ReadOnlyMemory<byte> bytes, BodyRules rules, TReader reader)
        where TReader : struct, IRootReader<T>
    {
        var mark = bytes.Span.StartsWith(s_byteOrderMark) ? s_byteOrderMark.Length : 0;
        var body = bytes[mark..];
        if (!Utf8.IsValid(body.Span))
        {
            return new BodyRead<T>(new RequestFailure(Malformed(mark + FirstInvalid(body.Span))));
        }

        using var source = new JsonSource(body);
        if (!source.TryReadRoot(out var root, out var offset))
        {
            return new BodyRead<T>(new RequestFailure(Malformed(mark + offset)));
        }

        var value = reader.Read(source, root);
        return source.Faults is { } faults
            ? new BodyRead<T>(RequestFailure.Of(faults))
            : new BodyRead<T>(value, rules.Hashed ? Hash128.Of(body.Span) : default);
    }

    private static Refusal? FaultOfHeaders(HttpRequest request, BodyRules rules)
    {
        if (!IsAccepted(request, rules))
        {
            return new Refusal(ErrorCode.MediaTypeUnsupported, ("expected", rules.MediaTypes));
        }

        return request.ContentLength > rules.BytesMax ? TooLarge(rules) : null;
    }

    private static bool IsAccepted(HttpRequest request, BodyRules rules)
    {
        var encoding = request.Headers.ContentEncoding;
        if (encoding.Count > 0 && !encoding.ToString().Equals("identity", StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        // What nearly every client sends needs no parsing.
        if (request.ContentType is { } plain && rules.MediaTypes.Contains(plain))
        {
            return true;
        }

        return MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
            && rules.MediaTypes.Contains(type.MediaType.ToString(), StringComparer.OrdinalIgnoreCase)
            && (!type.Charset.HasValue
                || HeaderUtilities.RemoveQuotes(type.Charset).Equals("utf-8", StringComparison.OrdinalIgnoreCase));
    }

    private static Refusal TooLarge(BodyRules rules) => new(ErrorCode.BodyTooLarge, ("bytesMax", rules.BytesMax));

    private static Refusal Malformed(long offset) =>
        new(ErrorCode.BodyMalformed, ("depthMax", JsonSource.DepthMax), ("offset", offset));

    private static int FirstInvalid(ReadOnlySpan<byte> bytes)
    {
        var at = 0;
        while (Rune.DecodeFromUtf8(bytes[at..], out _, out var consumed) == OperationStatus.Done)
        {
            at += consumed;
        }

        return at;
    }

    /// <summary>What to do with the root of a body. Structs, so that each endpoint's reading is compiled without a
    /// closure.</summary>
    private interface IRootReader<out T>
    {
        T Read(JsonSource source, in JsonSlot root);
    }

    private readonly struct ObjectReader<T>(Func<JsonFields, T> read) : IRootReader<T>
    {
        public T Read(JsonSource source, in JsonSlot root)
        {
            if (root.Kind == JsonTokenType.StartObject)
            {
                return read(new JsonFields(source, JsonPath.Root, root));
            }

            source.Fail(JsonPath.Root, FieldErrorCode.WrongType, ("expected", "object"));
            return default!;
        }
    }

    private readonly struct DocumentReader<T>(JsonTypeInfo<T> type) : IRootReader<T>
        where T : class
    {
        public T Read(JsonSource source, in JsonSlot root)
        {
            var (document, fault) = JsonDocumentBody.Read(source.Body, type);
            if (fault is not null)
            {
                source.Fail(fault);
            }

            return document!;
        }
    }

    private readonly struct ListReader<T>(int countMax, Func<JsonFields, T> read) : IRootReader<IReadOnlyList<T>>
    {
        public IReadOnlyList<T> Read(JsonSource source, in JsonSlot root)
        {
            switch (root.Kind)
            {
                case JsonTokenType.StartObject:
                    return [read(new JsonFields(source, JsonPath.Root, root))];
                case JsonTokenType.StartArray:
                    return JsonFields.ReadItems(source, JsonPath.Root, root, countMax, read);
                default:
                    source.Fail(JsonPath.Root, FieldErrorCode.WrongType, ("expected", "array"));
                    return [];
            }
        }
    }

    private readonly struct ItemsReader<T>(int countMax, Func<JsonFields, T> read)
        : IRootReader<IReadOnlyList<ItemRead<T>>>
    {
        public IReadOnlyList<ItemRead<T>> Read(JsonSource source, in JsonSlot root)
        {
            switch (root.Kind)
            {
                case JsonTokenType.StartObject:
                    return [ReadItem(source, JsonPath.Root, root)];
                case JsonTokenType.StartArray:
                    return ReadAll(source, root);
                default:
                    source.Fail(JsonPath.Root, FieldErrorCode.WrongType, ("expected", "array"));
                    return [];
            }
        }

        private ItemRead<T>[] ReadAll(JsonSource source, in JsonSlot root)
        {
            var (first, count) = source.EnterItems(root, countMax);
            if (count > countMax)
            {
                source.Fail(JsonPath.Root, FieldErrorCode.TooMany, ("max", countMax));
                return [];
            }

            var items = new ItemRead<T>[count];
            for (var i = 0; i < count; i++)
            {
                // A copy, for reading an item may move the table.
                var slot = source[first + i];
                items[i] = ReadItem(source, JsonPath.Root.Item(i), slot);
                source.Leave(first + count);
            }

            return items;
        }

        private ItemRead<T> ReadItem(JsonSource source, JsonPath path, in JsonSlot slot)
        {
            var value = default(T)!;
            if (slot.Kind == JsonTokenType.StartObject)
            {
                value = read(new JsonFields(source, path, slot));
            }
            else
            {
                source.Fail(path, FieldErrorCode.WrongType, ("expected", "object"));
            }

            return new ItemRead<T>(value, source.TakeFaults() is { } faults ? RequestFailure.Of(faults) : null);
        }
    }
}
