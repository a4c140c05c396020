using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Laurel.Platform.Errors;

namespace Laurel.Platform.Http;

/// <summary>Reads whole documents by the types that describe them: for bodies whose shape is that of what is stored.</summary>
/// <remarks>Only the first fault of shape is named; what a document means is judged by whoever knows it.</remarks>
public static class JsonDocumentBody
{
    /// <summary>Reads a document.</summary>
    /// <returns>The document, or the fault of its shape.</returns>
    public static (T? Document, FieldError? Fault) Read<T>(ReadOnlySpan<byte> body, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(body, type) is { } document
                ? (document, null)
                : (null, new FieldError(FieldErrorCode.WrongType, FieldOrigin.Body, "", ("expected", "object")));
        }
        catch (JsonException exception)
        {
            return (null, new FieldError(CodeOf(exception), FieldOrigin.Body, PointerOf(exception.Path), ("expected", ExpectedOf(exception))));
        }
    }

    // The serializer tells its faults by their words alone.
    private static string CodeOf(JsonException exception) =>
        exception.Message.Contains("could not be mapped", StringComparison.Ordinal) ? FieldErrorCode.UnknownField
        : exception.Message.Contains("missing required", StringComparison.Ordinal) ? FieldErrorCode.Required
        : exception.Message.Contains("Duplicate", StringComparison.OrdinalIgnoreCase) ? FieldErrorCode.DuplicateField
        : FieldErrorCode.WrongType;

    private static string ExpectedOf(JsonException exception)
    {
        const string Before = "could not be converted to ";
        var start = exception.Message.IndexOf(Before, StringComparison.Ordinal);
        if (start < 0)
        {
            return "the schema";
        }

        var name = exception.Message[(start + Before.Length)..].Split([' ', '`', '['], 2)[0].TrimEnd('.');
        return name[(name.LastIndexOf('.') + 1)..];
    }

    /// <summary>A JSON pointer (RFC 6901) for a path such as <c>$.rules[2].amount</c>.</summary>
    private static string PointerOf(string? path) =>
        path is null or "$" ? "" : path.TrimStart('$').Replace("['", ".", StringComparison.Ordinal).Replace("']", "", StringComparison.Ordinal).Replace('[', '.').Replace("]", "", StringComparison.Ordinal).Replace('.', '/');
}
