using System.Globalization;
using System.Text.Json;
using Laurel.GraphQL.Language;

namespace Laurel.GraphQL.Types;

/// <summary>Section 3.5, Scalars: a custom scalar of which nothing is known but that its values are like JSON. Numbers become
/// <see cref="long"/> or <see cref="double"/>, lists <c>object?[]</c>, objects dictionaries.</summary>
public sealed class AnyCoercion : ScalarCoercion
{
    private AnyCoercion()
    {
    }

    public static AnyCoercion Instance { get; } = new();

    public override Coerced FromLiteral(ValueNode literal) => Coerced.Of(Read(literal));

    public override Coerced FromJson(JsonElement json) => Coerced.Of(Read(json));

    public override Coerced ToAnswer(object value) => Coerced.Of(value);

    private static object? Read(ValueNode literal) => literal switch
    {
        IntValueNode number => Number(number.Value),
        FloatValueNode number => double.Parse(number.Value, NumberStyles.Float, CultureInfo.InvariantCulture),
        StringValueNode text => text.Value,
        BooleanValueNode yes => yes.Value,
        EnumValueNode name => name.Value,
        ListValueNode list => list.Values.Select(Read).ToArray(),
        ObjectValueNode fields => ReadFields(fields),
        // A variable within a literal of no known type has no type that it could be checked against.
        NullValueNode or VariableNode => null,
        _ => throw new ArgumentOutOfRangeException(nameof(literal), literal.Kind, "Not a value."),
    };

    private static Dictionary<string, object?> ReadFields(ObjectValueNode fields)
    {
        var values = new Dictionary<string, object?>(StringComparer.Ordinal);
        foreach (var field in fields.Fields)
        {
            values[field.Name.Value] = Read(field.Value);
        }

        return values;
    }

    private static object? Read(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.String => json.GetString(),
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Number => Number(json.GetRawText()),
        JsonValueKind.Array => json.EnumerateArray().Select(Read).ToArray(),
        JsonValueKind.Object => ReadProperties(json),
        JsonValueKind.Null or JsonValueKind.Undefined => null,
    };

    private static Dictionary<string, object?> ReadProperties(JsonElement json)
    {
        var values = new Dictionary<string, object?>(StringComparer.Ordinal);
        foreach (var property in json.EnumerateObject())
        {
            values[property.Name] = Read(property.Value);
        }

        return values;
    }

    private static object Number(string text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole)
            ? whole
            : double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);
}
