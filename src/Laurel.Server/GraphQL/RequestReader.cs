using System.Buffers;
using System.Globalization;
using System.Text.Json;
using System.Text.Unicode;
using Laurel.GraphQL.Serving;
using Laurel.Kernel;
using Laurel.Platform.Errors;

namespace Laurel.Server.GraphQL;

/// <summary>What a call carried, or why it is no request.</summary>
/// <param name="Requests">One, but for a batch.</param>
/// <param name="IsBatch">Whether they came as a list, and are answered as one.</param>
/// <param name="Failure">Null when it is one.</param>
internal readonly record struct RequestRead(IReadOnlyList<GraphQLRequest> Requests, bool IsBatch, RequestFailure? Failure);

/// <summary>Reads requests: section 4.1, "Request Parameters", of GraphQL over HTTP. Members that it does not name are left alone.</summary>
internal static class RequestReader
{
    /// <summary>How deep a body may be, as for every JSON of Laurel's.</summary>
    private const int DepthMax = 32;

    private const string Query = "query";
    private const string DocumentId = "documentId";
    private const string OperationName = "operationName";
    private const string Variables = "variables";
    private const string Extensions = "extensions";

    private static readonly JsonDocumentOptions s_options = new() { MaxDepth = DepthMax, AllowDuplicateProperties = false };

    /// <summary>Parses one JSON value; null and why not when it is none. Text that is no Unicode is not let in: nobody behind it could say so.</summary>
    public static (JsonDocument? Document, RequestFailure? Failure) Parse(ReadOnlyMemory<byte> json)
    {
        if (!Utf8.IsValid(json.Span))
        {
            return (null, Malformed(0));
        }

        try
        {
            var document = JsonDocument.Parse(json, s_options);
            if (json.Span.IndexOf("\\u"u8) < 0 || IsText(document.RootElement))
            {
                return (document, null);
            }

            document.Dispose();
            return (null, NoText());
        }
        catch (InvalidOperationException)
        {
            // Names are compared while they are parsed, and one of them is no text.
            return (null, NoText());
        }
        catch (JsonException exception)
        {
            return (null, Malformed(exception.BytePositionInLine ?? 0));
        }
    }

    /// <summary>Reads a body: a request, or a batch of at most so many.</summary>
    public static RequestRead Read(ReadOnlySequence<byte> body, int batchMax)
    {
        var (document, failure) = Parse(body.IsSingleSegment ? body.First : body.ToArray());
        if (document is null)
        {
            return new([], IsBatch: false, failure);
        }

        using (document)
        {
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Array)
            {
                var faults = new List<FieldError>();
                var request = Read(root, "", faults);
                return new([request], IsBatch: false, FailureOf(faults));
            }

            return ReadBatch(root, batchMax);
        }
    }

    /// <summary>Reads the parameters of a GET.</summary>
    public static RequestRead Read(IQueryCollection parameters)
    {
        var faults = new List<FieldError>();
        var request = new GraphQLRequest
        {
            Query = Single(parameters, Query, faults),
            DocumentId = Single(parameters, DocumentId, faults),
            OperationName = Single(parameters, OperationName, faults),
            Variables = Map(parameters, Variables, faults),
            Extensions = Map(parameters, Extensions, faults),
        };
        RequireDocument(request, FieldOrigin.Query, Query, faults);
        return new([request], IsBatch: false, FailureOf(faults));
    }

    /// <summary>Reads one request.</summary>
    /// <param name="pointer">Where it stands in the body.</param>
    public static GraphQLRequest Read(JsonElement value, string pointer, List<FieldError> faults)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            faults.Add(new FieldError(FieldErrorCode.WrongType, FieldOrigin.Body, pointer, ("expected", "object")));
            return new GraphQLRequest();
        }

        var request = new GraphQLRequest
        {
            Query = Text(value, Query, pointer, faults),
            DocumentId = Text(value, DocumentId, pointer, faults),
            OperationName = Text(value, OperationName, pointer, faults),
            Variables = Map(value, Variables, pointer, faults),
            Extensions = Map(value, Extensions, pointer, faults),
        };
        RequireDocument(request, FieldOrigin.Body, $"{pointer}/{Query}", faults);
        return request;
    }

    public static RequestFailure? FailureOf(List<FieldError> faults) => faults.Count == 0 ? null : RequestFailure.Of(faults);

    private static RequestRead ReadBatch(JsonElement list, int batchMax)
    {
        var count = list.GetArrayLength();
        if (count == 0 || count > batchMax)
        {
            return new([], IsBatch: true, RequestFailure.Of([new FieldError(FieldErrorCode.OutOfRange, FieldOrigin.Body, "", ("min", 1), ("max", batchMax))]));
        }

        var faults = new List<FieldError>();
        var requests = list.EnumerateArray().Select((one, index) => Read(one, string.Create(CultureInfo.InvariantCulture, $"/{index}"), faults)).ToList();
        return new(requests, IsBatch: true, FailureOf(faults));
    }

    // Without a document it may still name one that is kept; a query that is none is told as that.
    private static void RequireDocument(GraphQLRequest request, FieldOrigin origin, string location, List<FieldError> faults)
    {
        var namesOne = request.DocumentId is not null
            || (request.Extensions.ValueKind == JsonValueKind.Object && request.Extensions.TryGetProperty("persistedQuery", out _));
        if (request.Query is null && !namesOne && faults.TrueForAll(fault => fault.Location != location))
        {
            faults.Add(new FieldError(FieldErrorCode.Required, origin, location));
        }
    }

    private static string? Text(JsonElement value, string name, string pointer, List<FieldError> faults)
    {
        if (!value.TryGetProperty(name, out var member) || member.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        if (member.ValueKind == JsonValueKind.String)
        {
            return member.GetString();
        }

        faults.Add(new FieldError(FieldErrorCode.WrongType, FieldOrigin.Body, $"{pointer}/{name}", ("expected", "string")));
        return null;
    }

    private static JsonElement Map(JsonElement value, string name, string pointer, List<FieldError> faults)
    {
        if (!value.TryGetProperty(name, out var member) || member.ValueKind == JsonValueKind.Null)
        {
            return default;
        }

        if (member.ValueKind == JsonValueKind.Object)
        {
            // It outlives the document that it was read from.
            return member.Clone();
        }

        faults.Add(new FieldError(FieldErrorCode.WrongType, FieldOrigin.Body, $"{pointer}/{name}", ("expected", "object")));
        return default;
    }

    private static string? Single(IQueryCollection parameters, string name, List<FieldError> faults)
    {
        var values = parameters[name];
        if (values.Count > 1)
        {
            faults.Add(new FieldError(FieldErrorCode.DuplicateField, FieldOrigin.Query, name));
        }

        return values is [{ Length: > 0 } text] ? text : null;
    }

    private static JsonElement Map(IQueryCollection parameters, string name, List<FieldError> faults)
    {
        if (Single(parameters, name, faults) is not { } text)
        {
            return default;
        }

        var (document, _) = Parse(System.Text.Encoding.UTF8.GetBytes(text));
        using (document)
        {
            switch (document?.RootElement.ValueKind)
            {
                case JsonValueKind.Object:
                    return document.RootElement.Clone();
                case JsonValueKind.Null:
                    return default;
                default:
                    faults.Add(new FieldError(FieldErrorCode.WrongType, FieldOrigin.Query, name, ("expected", "object")));
                    return default;
            }
        }
    }

    private static RequestFailure Malformed(long offset) => new(new Refusal(ErrorCode.BodyMalformed, ("depthMax", DepthMax), ("offset", offset)));

    private static RequestFailure NoText() => RequestFailure.Of([new FieldError(FieldErrorCode.InvalidText, FieldOrigin.Body, "")]);

    /// <summary>Whether every name and text is Unicode: halves of surrogate pairs can be written with escapes, and cannot be read.</summary>
    private static bool IsText(JsonElement value)
    {
        try
        {
            switch (value.ValueKind)
            {
                case JsonValueKind.String:
                    value.GetString();
                    return true;
                case JsonValueKind.Array:
                    return value.EnumerateArray().All(IsText);
                case JsonValueKind.Object:
                    return value.EnumerateObject().All(member => member.Name.Length >= 0 && IsText(member.Value));
                default:
                    return true;
            }
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }
}
