using System.Text.Json;
using Laurel.GraphQL.Types;

namespace Laurel.GraphQL.Binding;

/// <summary>Which name of a schema a C# name means, and how C# things are called in messages.</summary>
internal static class ClrNames
{
    /// <summary>The field, argument or input field: the one that an attribute names, or the first of the name itself, its camelCase and its
    /// snake_case that exists.</summary>
    public static T? Find<T>(NamedList<T> items, string? attributed, string name)
        where T : class =>
        attributed is not null
            ? items.Find(attributed)
            : items.Find(name) ?? items.Find(JsonNamingPolicy.CamelCase.ConvertName(name)) ?? items.Find(JsonNamingPolicy.SnakeCaseLower.ConvertName(name));

    /// <summary>The value of an enum, which may be in SCREAMING_CASE too.</summary>
    public static SchemaEnumValue? FindValue(NamedList<SchemaEnumValue> values, string? attributed, string name) =>
        Find(values, attributed, name) ?? (attributed is null ? values.Find(JsonNamingPolicy.SnakeCaseUpper.ConvertName(name)) : null);

    /// <summary>The name to write where nothing by that name exists.</summary>
    public static string Expected(string? attributed, string name) => attributed ?? JsonNamingPolicy.CamelCase.ConvertName(name);

    /// <summary>A type as C# writes it, such as IReadOnlyList&lt;int?&gt;.</summary>
    public static string Of(Type type)
    {
        if (Nullable.GetUnderlyingType(type) is { } underlying)
        {
            return Of(underlying) + "?";
        }

        if (type.IsArray)
        {
            return Of(type.GetElementType()!) + "[]";
        }

        if (type.IsGenericType)
        {
            return $"{type.Name.Split('`')[0]}<{string.Join(", ", type.GetGenericArguments().Select(Of))}>";
        }

        return Type.GetTypeCode(type) switch
        {
            TypeCode.String => "string",
            TypeCode.Boolean => "bool",
            TypeCode.Byte when !type.IsEnum => "byte",
            TypeCode.Int16 when !type.IsEnum => "short",
            TypeCode.Int32 when !type.IsEnum => "int",
            TypeCode.Int64 when !type.IsEnum => "long",
            TypeCode.Single => "float",
            TypeCode.Double => "double",
            TypeCode.Decimal => "decimal",
            _ when type == typeof(object) => "object",
            _ => type.Name,
        };
    }
}
