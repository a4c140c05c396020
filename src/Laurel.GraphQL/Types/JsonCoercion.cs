using System.Buffers;
using System.Text;
using System.Text.Json;
using Laurel.GraphQL.Language;

namespace Laurel.GraphQL.Types;

/// <summary>The scalar "JSON": any value of JSON, as <see cref="JsonElement"/>. Numbers keep the digits they were written with.</summary>
/// <remarks>A variable inside a literal is refused: nothing says which type it has there. The whole value may be a variable.</remarks>
public sealed class JsonCoercion : ScalarCoercion
{
    public override Coerced FromLiteral(ValueNode literal)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            if (!TryWrite(writer, literal))
            {
                return Coerced.Refused($"JSON cannot represent a variable inside a value; let the whole value be one: {Printer.Print(literal)}");
            }
        }

        using var document = JsonDocument.Parse(buffer.WrittenMemory, new() { MaxDepth = ParseLimits.DepthCeiling + 1 });
        return Coerced.Of(document.RootElement.Clone());
    }

    /// <summary>A copy: a resolver may keep it when the request has gone.</summary>
    public override Coerced FromJson(JsonElement json) => Coerced.Of(json.Clone());

    public override Coerced ToAnswer(object value) => value switch
    {
        JsonElement or string or bool or int or long or decimal => Coerced.Of(value),
        double number when double.IsFinite(number) => Coerced.Of(value),
        _ => Coerced.Refused($"JSON cannot represent value: {JsonText.Inspect(value)}"),
    };

    /// <summary>Stops at a variable. Recurses as deep as the literal is nested, which the parser bounds.</summary>
    private static bool TryWrite(Utf8JsonWriter writer, ValueNode literal)
    {
        switch (literal)
        {
            case IntValueNode number:
                writer.WriteRawValue(number.Value);
                return true;
            case FloatValueNode number:
                writer.WriteRawValue(number.Value);
                return true;
            case StringValueNode text:
                // Halves of surrogate pairs, which UTF-8 does not have, are replaced as wherever text leaves the process.
                writer.WriteStringValue(Encoding.UTF8.GetBytes(text.Value));
                return true;
            case BooleanValueNode yes:
                writer.WriteBooleanValue(yes.Value);
                return true;
            case EnumValueNode name:
                writer.WriteStringValue(name.Value);
                return true;
            case NullValueNode:
                writer.WriteNullValue();
                return true;
            case ListValueNode list:
                writer.WriteStartArray();
                var listed = list.Values.All(item => TryWrite(writer, item));
                return listed && Ended(writer.WriteEndArray);
            case ObjectValueNode fields:
                writer.WriteStartObject();
                var written = fields.Fields.All(field =>
                {
                    writer.WritePropertyName(field.Name.Value);
                    return TryWrite(writer, field.Value);
                });
                return written && Ended(writer.WriteEndObject);
            case VariableNode:
                return false;
            default:
                throw new ArgumentOutOfRangeException(nameof(literal), literal.Kind, "Not a value.");
        }
    }

    private static bool Ended(Action end)
    {
        end();
        return true;
    }
}
