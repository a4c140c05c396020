using System.Collections.Immutable;
using System.Text.Json;
using Laurel.GraphQL.Language;
using Laurel.GraphQL.Types;

namespace Laurel.GraphQL.Execution;

/// <summary>Section 6.1.2, Coercing Variable Values: what a request gives becomes values of the types its operation asks for. The
/// values are like those of <see cref="LiteralCoercion"/>.</summary>
/// <remarks>Recurses as deep as the JSON is nested, which its reader bounds.</remarks>
internal sealed class VariableCoercion
{
    private const int ErrorsMax = 50;

    private readonly ImmutableArray<GraphQLError>.Builder errors = ImmutableArray.CreateBuilder<GraphQLError>();
    private readonly VariableDefinitionNode definition;

    private VariableCoercion(VariableDefinitionNode definition) => this.definition = definition;

    /// <param name="given">An object; null or undefined when the request gives no variables.</param>
    /// <param name="values">A variable that is neither given nor has a default has no entry.</param>
    public static ImmutableArray<GraphQLError> Coerce(
        Schema schema, ImmutableArray<VariableDefinitionNode> definitions, JsonElement given, out Dictionary<string, object?> values)
    {
        values = new(StringComparer.Ordinal);
        var all = ImmutableArray.CreateBuilder<GraphQLError>();
        foreach (var variable in definitions)
        {
            var coercion = new VariableCoercion(variable);
            coercion.CoerceOne(schema, given, values);
            all.AddRange(coercion.errors);
            if (all.Count >= ErrorsMax)
            {
                all.Add(GraphQLError.At("Too many errors processing variables, error limit reached. Execution aborted."));
                break;
            }
        }

        return all.DrainToImmutable();
    }

    private void CoerceOne(Schema schema, JsonElement given, Dictionary<string, object?> values)
    {
        var name = definition.Variable.Name.Value;
        if (schema.FindType(definition.Type) is not { IsInput: true } type)
        {
            var written = Printer.Print(definition.Type);
            errors.Add(GraphQLError.At(
                $"Variable \"${name}\" expected value of type \"{written}\" which cannot be used as an input type.", definition.Type));
        }
        else if (given.ValueKind is not JsonValueKind.Object || !given.TryGetProperty(name, out var value))
        {
            if (definition.DefaultValue is { } literal)
            {
                values[name] = LiteralCoercion.Coerce(literal, type, ImmutableDictionary<string, object?>.Empty).Value;
            }
            else if (type is NonNullType)
            {
                errors.Add(GraphQLError.At($"Variable \"${name}\" of required type \"{type}\" was not provided.", definition));
            }
        }
        else if (value.ValueKind is JsonValueKind.Null && type is NonNullType)
        {
            errors.Add(GraphQLError.At($"Variable \"${name}\" of non-null type \"{type}\" must not be null.", definition));
        }
        else
        {
            values[name] = Coerce(value, type, "");
        }
    }

    private object? Coerce(JsonElement json, SchemaType type, string path)
    {
        if (json.ValueKind is JsonValueKind.Null)
        {
            return type is NonNullType ? Refuse(json, path, $"Expected non-nullable type \"{type}\" not to be null.") : null;
        }

        switch (type.Nullable)
        {
            case ListType list when json.ValueKind is JsonValueKind.Array:
                return json.EnumerateArray().Select((item, index) => Coerce(item, list.Item, $"{path}[{index}]")).ToArray();
            case ListType list:
                return new[] { Coerce(json, list.Item, path) };
            case InputObjectType input:
                return CoerceObject(json, input, path);
            case EnumType choice:
                return CoerceEnum(json, choice, path);
            case ScalarType scalar:
                var coerced = scalar.Coercion.FromJson(json);
                return coerced.IsValid ? coerced.Value : Refuse(json, path, coerced.Refusal ?? $"Expected type \"{scalar}\".");
            default:
                throw new ArgumentOutOfRangeException(nameof(type), type, "Not a type of input.");
        }
    }

    private object? CoerceEnum(JsonElement json, EnumType type, string path)
    {
        if (json.ValueKind is not JsonValueKind.String)
        {
            var text = JsonText.Inspect(json);
            return Refuse(json, path, $"Enum \"{type}\" cannot represent non-string value: {text}." + LiteralCoercion.Suggest(type, text));
        }

        var name = json.GetString()!;
        return type.Values.Find(name) is not null
            ? name
            : Refuse(json, path, $"Value \"{name}\" does not exist in \"{type}\" enum." + LiteralCoercion.Suggest(type, name));
    }

    private Dictionary<string, object?>? CoerceObject(JsonElement json, InputObjectType type, string path)
    {
        if (json.ValueKind is not JsonValueKind.Object)
        {
            Refuse(json, path, $"Expected type \"{type}\" to be an object.");
            return null;
        }

        var values = new Dictionary<string, object?>(StringComparer.Ordinal);
        foreach (var field in type.Fields)
        {
            if (json.TryGetProperty(field.Name, out var value))
            {
                values[field.Name] = Coerce(value, field.Type, $"{path}.{field.Name}");
            }
            else if (field.Default is { } literal)
            {
                values[field.Name] = LiteralCoercion.Coerce(literal, field.Type, ImmutableDictionary<string, object?>.Empty).Value;
            }
            else if (field.IsRequired)
            {
                Refuse(json, path, $"Field \"{field.Name}\" of required type \"{field.Type}\" was not provided.");
            }
        }

        foreach (var property in json.EnumerateObject())
        {
            if (type.Fields.Find(property.Name) is null)
            {
                var suggestion = Suggestions.DidYouMean("", Suggestions.Nearest(property.Name, type.Fields.Names));
                Refuse(json, path, $"Field \"{property.Name}\" is not defined by type \"{type}\".{suggestion}");
            }
        }

        CheckOneOf(json, type, path, values);
        return values;
    }

    private void CheckOneOf(JsonElement json, InputObjectType type, string path, Dictionary<string, object?> values)
    {
        if (!type.IsOneOf)
        {
            return;
        }

        if (values.Count != 1)
        {
            Refuse(json, path, $"Exactly one key must be specified for OneOf type \"{type}\".");
        }
        else if (json.TryGetProperty(values.Keys.Single(), out var only) && only.ValueKind is JsonValueKind.Null)
        {
            Refuse(only, $"{path}.{values.Keys.Single()}", $"Field \"{values.Keys.Single()}\" must be non-null.");
        }
    }

    private object? Refuse(JsonElement json, string path, string why)
    {
        if (errors.Count < ErrorsMax)
        {
            var name = definition.Variable.Name.Value;
            var place = path.Length == 0 ? "" : $" at \"{name}{path}\"";
            errors.Add(GraphQLError.At($"Variable \"${name}\" got invalid value {JsonText.Inspect(json)}{place}; {why}", definition));
        }

        return null;
    }
}
