using System.Collections;
using System.Collections.Immutable;
using System.Text.Json;

namespace Laurel.GraphQL.Execution;

/// <summary>An object of an answer: its fields in the order in which they were selected.</summary>
public sealed class ResponseObject(IReadOnlyList<KeyValuePair<string, object?>> fields)
{
    /// <summary>Values are <c>null</c>, leafs, arrays of <see cref="object"/>, and objects like this.</summary>
    public IReadOnlyList<KeyValuePair<string, object?>> Fields { get; } = fields;
}

/// <summary>Section 7, Response.</summary>
/// <param name="HasData">Whether execution began: without, the request itself was wrong and the answer has no "data".</param>
/// <param name="Data"><c>null</c> also when a field failed that must not be null, up to the root.</param>
public sealed record ExecutionResult(bool HasData, ResponseObject? Data, ImmutableArray<GraphQLError> Errors)
{
    public static ExecutionResult Refused(ImmutableArray<GraphQLError> errors) => new(false, null, errors);

    /// <summary>Writes the answer as one JSON object, the errors first.</summary>
    public void WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        if (!Errors.IsEmpty)
        {
            writer.WriteStartArray("errors");
            foreach (var error in Errors)
            {
                WriteError(writer, error);
            }

            writer.WriteEndArray();
        }

        if (HasData)
        {
            writer.WritePropertyName("data");
            WriteValue(writer, Data);
        }

        writer.WriteEndObject();
    }

    /// <summary>Section 7.1, "Errors".</summary>
    private static void WriteError(Utf8JsonWriter writer, GraphQLError error)
    {
        writer.WriteStartObject();
        writer.WriteString("message", error.Message);
        var positions = error.Locations.Select(static location => location.Position).OfType<Language.SourcePosition>().ToList();
        if (positions.Count > 0)
        {
            writer.WriteStartArray("locations");
            foreach (var position in positions)
            {
                writer.WriteStartObject();
                writer.WriteNumber("line", position.Line);
                writer.WriteNumber("column", position.Column);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }

        if (!error.Path.IsEmpty)
        {
            writer.WritePropertyName("path");
            WriteValue(writer, error.Path);
        }

        if (error.Extensions is not null)
        {
            writer.WritePropertyName("extensions");
            WriteValue(writer, error.Extensions);
        }

        writer.WriteEndObject();
    }

    private static void WriteValue(Utf8JsonWriter writer, object? value)
    {
        switch (value)
        {
            case null:
                writer.WriteNullValue();
                break;
            case string text:
                writer.WriteStringValue(text);
                break;
            case bool yes:
                writer.WriteBooleanValue(yes);
                break;
            case int number:
                writer.WriteNumberValue(number);
                break;
            case long number:
                writer.WriteNumberValue(number);
                break;
            case double number:
                writer.WriteNumberValue(number);
                break;
            case decimal number:
                writer.WriteNumberValue(number);
                break;
            case JsonElement json:
                json.WriteTo(writer);
                break;
            case ResponseObject fields:
                WriteFields(writer, fields.Fields);
                break;
            case IEnumerable<KeyValuePair<string, object?>> fields:
                WriteFields(writer, fields);
                break;
            case IEnumerable items:
                writer.WriteStartArray();
                foreach (var item in items)
                {
                    WriteValue(writer, item);
                }

                writer.WriteEndArray();
                break;
            default:
                throw new InvalidOperationException($"A scalar answered a {value.GetType()}, which is not a value of JSON.");
        }
    }

    private static void WriteFields(Utf8JsonWriter writer, IEnumerable<KeyValuePair<string, object?>> fields)
    {
        writer.WriteStartObject();
        foreach (var (name, value) in fields)
        {
            writer.WritePropertyName(name);
            WriteValue(writer, value);
        }

        writer.WriteEndObject();
    }
}
