using System.Collections;
using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Laurel.GraphQL.Language;

namespace Laurel.GraphQL.Types;

/// <summary>Writes defaults so that two that mean the same are the same text: with the defaults of their own fields, in the order of
/// names.</summary>
internal static class DefaultText
{
    /// <summary><c>null</c> without a default.</summary>
    public static string? Of(SchemaInput input) =>
        input.Default is { } literal && LiteralCoercion.Coerce(literal, input.Type, ImmutableDictionary<string, object?>.Empty) is { IsValid: true } coerced
            ? Printer.Print(Write(coerced.Value, input.Type))
            : null;

    private static ValueNode Write(object? value, SchemaType type) => (value, type.Nullable) switch
    {
        (null, _) => new NullValueNode(),
        (object?[] items, ListType list) => new ListValueNode { Values = [.. items.Select(item => Write(item, list.Item))] },
        (IReadOnlyDictionary<string, object?> values, InputObjectType input) => Fields(
            input.Fields.Where(field => values.ContainsKey(field.Name)).Select(field => (field.Name, Write(values[field.Name], field.Type)))),
        (string name, EnumType) => new EnumValueNode { Value = name },
        (_, ScalarType scalar) => WriteLeaf(scalar.Coercion.ToAnswer(value).Value, isId: ReferenceEquals(scalar, BuiltInScalars.Id)),
        _ => throw new ArgumentOutOfRangeException(nameof(value), value, $"Not a value of {type}."),
    };

    private static ValueNode WriteLeaf(object? value, bool isId) => value switch
    {
        null => new NullValueNode(),
        bool yes => new BooleanValueNode { Value = yes },
        string text when isId && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            && number.ToString(CultureInfo.InvariantCulture) == text => new IntValueNode { Value = text },
        string text => new StringValueNode { Value = text },
        double number when double.IsInteger(number) && Math.Abs(number) < 1e15 =>
            new IntValueNode { Value = ((long)number).ToString(CultureInfo.InvariantCulture) },
        int or long => new IntValueNode { Value = JsonText.Inspect(value) },
        double or decimal => new FloatValueNode { Value = JsonText.Inspect(value) },
        JsonElement json => WriteJson(json),
        IReadOnlyDictionary<string, object?> fields => Fields(fields.Select(static field => (field.Key, WriteLeaf(field.Value, isId: false)))),
        IEnumerable items => new ListValueNode { Values = [.. items.Cast<object?>().Select(static item => WriteLeaf(item, isId: false))] },
        _ => throw new ArgumentOutOfRangeException(nameof(value), value, "Not a value of JSON."),
    };

    private static ValueNode WriteJson(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Object => Fields(json.EnumerateObject().Select(static property => (property.Name, WriteJson(property.Value)))),
        JsonValueKind.Array => new ListValueNode { Values = [.. json.EnumerateArray().Select(WriteJson)] },
        JsonValueKind.String => new StringValueNode { Value = json.GetString()! },
        JsonValueKind.Number => new FloatValueNode { Value = json.GetRawText() },
        JsonValueKind.True or JsonValueKind.False => new BooleanValueNode { Value = json.GetBoolean() },
        JsonValueKind.Null or JsonValueKind.Undefined => new NullValueNode(),
    };

    private static ObjectValueNode Fields(IEnumerable<(string Name, ValueNode Value)> fields) => new()
    {
        Fields =
        [
            .. fields.OrderBy(static field => field.Name, Comparer<string>.Create(Suggestions.CompareNaturally))
                .Select(static field => new ObjectFieldNode { Name = new() { Value = field.Name }, Value = field.Value }),
        ],
    };
}
