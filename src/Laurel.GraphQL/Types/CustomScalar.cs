using System.Collections.Immutable;
using Laurel.GraphQL.Language;

namespace Laurel.GraphQL.Types;

/// <summary>A scalar that is not of the specification, ready to be used: how a schema defines it, how its values are read and written,
/// and what they are in C#.</summary>
/// <remarks>Section 3.5, "Custom Scalars". A file is not a value of JSON: there is no scalar for one.</remarks>
public sealed class CustomScalar
{
    private CustomScalar(string name, ScalarCoercion coercion, Type valueType, string url, string description)
    {
        (Name, Coercion, ValueType) = (name, coercion, valueType);
        Definition = new($"{Printer.PrintString(description)}\nscalar {name} @specifiedBy(url: {Printer.PrintString(url)})\n", $"scalar {name}");
    }

    public static CustomScalar DateTime { get; } = new(
        "DateTime",
        new DateTimeCoercion(),
        typeof(DateTimeOffset),
        "https://www.rfc-editor.org/rfc/rfc3339#section-5.6",
        "An instant as RFC 3339 writes it. It is taken with any offset and answered in UTC, with \"Z\".");

    public static CustomScalar Date { get; } = new(
        "Date",
        new DateCoercion(),
        typeof(DateOnly),
        "https://www.rfc-editor.org/rfc/rfc3339#section-5.6",
        "A day without a time, as \"full-date\" of RFC 3339.");

    public static CustomScalar Decimal { get; } = new(
        "Decimal",
        new DecimalCoercion(),
        typeof(decimal),
        "https://www.w3.org/TR/xmlschema-2/#decimal",
        "An exact decimal number of up to 28 digits, answered as text because a number of JSON would be rounded. It is taken as text or as a number.");

    public static CustomScalar Long { get; } = new(
        "Long",
        new LongCoercion(),
        typeof(long),
        "https://www.w3.org/TR/xmlschema-2/#long",
        "A whole number of 64 bits, answered as a number. JavaScript rounds those beyond 2^53, so digits in quotes are taken too.");

    public static CustomScalar Json { get; } = new(
        "JSON",
        new JsonCoercion(),
        typeof(System.Text.Json.JsonElement),
        "https://www.rfc-editor.org/rfc/rfc8259",
        "Any value of JSON.");

    /// <summary>All there are.</summary>
    public static ImmutableArray<CustomScalar> All { get; } = [DateTime, Date, Decimal, Long, Json];

    public string Name { get; }

    public ScalarCoercion Coercion { get; }

    /// <summary>What resolvers get and answer.</summary>
    public Type ValueType { get; }

    /// <summary>The definition, to be merged into a schema that uses the scalar.</summary>
    public Source Definition { get; }
}
