using System.Collections.Immutable;
using System.Text.Json;

namespace Laurel.GraphQL.Execution;

/// <summary>An object of an answer: its fields in the order in which they were selected.</summary>
public sealed class ResponseObject
{
    private readonly PlannedField[] selected;
    private readonly ResponseValue[] values;

    internal ResponseObject(PlannedField[] selected, ResponseValue[] values) => (this.selected, this.values) = (selected, values);

    /// <summary>Values are <c>null</c>, leafs, arrays of <see cref="object"/>, and objects like this. Made anew with each call: an answer is
    /// meant to be written.</summary>
    public IReadOnlyList<KeyValuePair<string, object?>> Fields =>
        [.. selected.Zip(values, static (planned, value) => KeyValuePair.Create(planned.ResponseName, value.ToObject()))];

    internal void WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        for (var index = 0; index < selected.Length; index++)
        {
            writer.WritePropertyName(selected[index].EncodedName);
            values[index].WriteTo(writer);
        }

        writer.WriteEndObject();
    }
}

/// <summary>Section 7, Response.</summary>
/// <param name="HasData">Whether execution began: without, the request itself was wrong and the answer has no "data".</param>
/// <param name="Data"><c>null</c> also when a field failed that must not be null, up to the root.</param>
public sealed record ExecutionResult(bool HasData, ResponseObject? Data, ImmutableArray<GraphQLError> Errors)
{
    /// <summary>Section 7.1, "Extensions": what the host adds to the answer; <c>null</c> for nothing.</summary>
    public IReadOnlyDictionary<string, object?>? Extensions { get; init; }

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
            ResponseValue.Of(Data).WriteTo(writer);
        }

        if (Extensions is not null)
        {
            writer.WritePropertyName("extensions");
            ResponseValue.WriteTo(writer, Extensions);
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
            ResponseValue.WriteTo(writer, error.Path);
        }

        if (error.Extensions is not null)
        {
            writer.WritePropertyName("extensions");
            ResponseValue.WriteTo(writer, error.Extensions);
        }

        writer.WriteEndObject();
    }
}
