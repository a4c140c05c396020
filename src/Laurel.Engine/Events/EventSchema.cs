using System.Text.Encodings.Web;
using System.Text.Json;

namespace Laurel.Engine.Events;

/// <summary>The JSON Schema (2020-12) of the data of an event, made of the fields by which it is written.</summary>
public static class EventSchema
{
    private static readonly JsonWriterOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, Indented = true };

    /// <summary>The schema as a JSON document. It allows fields it does not name: more may be added.</summary>
    public static byte[] Of(EventType type)
    {
        using var document = new MemoryStream();
        using (var json = new Utf8JsonWriter(document, s_options))
        {
            json.WriteStartObject();
            json.WriteString("$schema", "https://json-schema.org/draft/2020-12/schema");
            json.WriteString("$id", type.SchemaUri);
            json.WriteString("title", type.Name);
            json.WriteString("description", type.Meaning);
            json.WriteString("type", "object");
            json.WriteStartObject("properties");
            foreach (var field in type.Fields)
            {
                WriteField(json, field);
            }

            json.WriteEndObject();
            json.WriteStartArray("required");
            foreach (var field in type.Fields)
            {
                json.WriteStringValue(field.Name);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return document.ToArray();
    }

    private static void WriteField(Utf8JsonWriter json, EventField field)
    {
        json.WriteStartObject(field.Name);
        json.WriteString("description", field.Meaning);
        if (field.Nullable)
        {
            json.WriteStartArray("type");
            json.WriteStringValue(field.JsonType);
            json.WriteStringValue("null");
            json.WriteEndArray();
        }
        else
        {
            json.WriteString("type", field.JsonType);
        }

        if (field.Format is { } format)
        {
            json.WriteString("format", format);
        }

        if (field.Pattern is { } pattern)
        {
            json.WriteString("pattern", pattern);
        }

        json.WriteEndObject();
    }
}
