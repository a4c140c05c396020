using Laurel.GraphQL.Language;

namespace Laurel.GraphQL.Types;

/// <summary>Reads literals as values of a type: lists become <c>object?[]</c>, input objects dictionaries with the defaults of absent
/// fields, enums the names of their values.</summary>
/// <remarks>The "Input Coercion" parts of section 3. Recurses as deep as the literal is nested, which the parser bounds, and through
/// the defaults of input objects, which <see cref="SchemaRules"/> keep from going in circles.</remarks>
public static class LiteralCoercion
{
    /// <summary>The value of a literal; a mismatch when it is not of the type.</summary>
    /// <param name="variables">Values of variables, coerced already; one that is absent was not given.</param>
    public static Coerced Coerce(ValueNode literal, SchemaType type, IReadOnlyDictionary<string, object?> variables)
    {
        if (literal is VariableNode variable)
        {
            // Validation has seen to it that the variable's type fits here; that leaves a null where the default was taken away.
            return variables.TryGetValue(variable.Name.Value, out var value) && (value is not null || type is not NonNullType)
                ? Coerced.Of(value)
                : Coerced.Mismatch;
        }

        if (literal is NullValueNode)
        {
            return type is NonNullType ? Coerced.Mismatch : Coerced.Of(null);
        }

        return type.Nullable switch
        {
            ListType list => CoerceList(literal, list, variables),
            InputObjectType input => CoerceObject(literal, input, variables),
            ScalarType or EnumType => CoerceLeaf(literal, type.Named),
            _ => Coerced.Mismatch,
        };
    }

    /// <summary>The value of a literal without variables at a place of a leaf type; the refusal says what is wrong.</summary>
    public static Coerced CoerceLeaf(ValueNode literal, NamedType type) => type switch
    {
        ScalarType scalar => scalar.Coercion.FromLiteral(literal),
        EnumType choice => CoerceEnum(literal, choice),
        _ => Coerced.Mismatch,
    };

    private static Coerced CoerceEnum(ValueNode literal, EnumType type)
    {
        if (literal is not EnumValueNode name)
        {
            var text = Printer.Print(literal);
            return Coerced.Refused($"Enum \"{type.Name}\" cannot represent non-enum value: {text}." + Suggest(type, text));
        }

        return type.Values.Find(name.Value) is not null
            ? Coerced.Of(name.Value)
            : Coerced.Refused($"Value \"{name.Value}\" does not exist in \"{type.Name}\" enum." + Suggest(type, name.Value));
    }

    internal static string Suggest(EnumType type, string unknown) =>
        Suggestions.DidYouMean("the enum value", Suggestions.Nearest(unknown, type.Values.Names));

    /// <summary>Section 3.11: a value that is not a list stands for a list of one.</summary>
    private static Coerced CoerceList(ValueNode literal, ListType type, IReadOnlyDictionary<string, object?> variables)
    {
        if (literal is not ListValueNode list)
        {
            var single = Coerce(literal, type.Item, variables);
            return single.IsValid ? Coerced.Of(new[] { single.Value }) : single;
        }

        var values = new object?[list.Values.Length];
        for (var index = 0; index < values.Length; index++)
        {
            var item = list.Values[index];
            if (IsAbsent(item, variables) && type.Item is not NonNullType)
            {
                continue;
            }

            var coerced = Coerce(item, type.Item, variables);
            if (!coerced.IsValid)
            {
                return coerced;
            }

            values[index] = coerced.Value;
        }

        return Coerced.Of(values);
    }

    /// <summary>Section 3.10, Input Objects.</summary>
    private static Coerced CoerceObject(ValueNode literal, InputObjectType type, IReadOnlyDictionary<string, object?> variables)
    {
        if (literal is not ObjectValueNode given)
        {
            return Coerced.Mismatch;
        }

        var values = new Dictionary<string, object?>(StringComparer.Ordinal);
        foreach (var field in type.Fields)
        {
            var written = given.Fields.LastOrDefault(candidate => candidate.Name.Value == field.Name)?.Value;
            var absent = written is null || IsAbsent(written, variables);
            if (absent && field.Default is null)
            {
                if (field.IsRequired)
                {
                    return Coerced.Mismatch;
                }

                continue;
            }

            var coerced = Coerce(absent ? field.Default! : written!, field.Type, variables);
            if (!coerced.IsValid)
            {
                return coerced;
            }

            values[field.Name] = coerced.Value;
        }

        return type.IsOneOf && (values.Count != 1 || values.ContainsValue(null)) ? Coerced.Mismatch : Coerced.Of(values);
    }

    private static bool IsAbsent(ValueNode literal, IReadOnlyDictionary<string, object?> variables) =>
        literal is VariableNode variable && !variables.ContainsKey(variable.Name.Value);
}
