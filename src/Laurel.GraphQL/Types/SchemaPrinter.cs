using System.Text;
using Laurel.GraphQL.Language;

namespace Laurel.GraphQL.Types;

/// <summary>Writes a schema in its own language, in the order in which it was defined: the schema, directives, types. What every
/// schema has is left out. Written, read and written again it is the same text.</summary>
public static class SchemaPrinter
{
    /// <summary>Section 3.13.3, @deprecated: the reason when none is given.</summary>
    public const string DeprecationReasonDefault = "No longer supported";

    /// <summary>Lines end with a line feed; the last one has none.</summary>
    public static string Print(Schema schema)
    {
        IEnumerable<string?> parts =
        [
            PrintRoots(schema),
            .. schema.Directives.Where(static directive => !BuiltIns.IsBuiltIn(directive)).Select(PrintDirective),
            .. schema.Types.Where(static type => !BuiltIns.IsBuiltIn(type)).Select(Print),
        ];
        return string.Join("\n\n", parts.Where(static part => part is not null));
    }

    /// <summary>The definition of one type, with its extensions.</summary>
    public static string Print(NamedType type)
    {
        var text = new StringBuilder();
        AppendDescription(text, type.Description, "", first: true);
        switch (type)
        {
            case ScalarType scalar:
                text.Append("scalar ").Append(type.Name);
                if (scalar.SpecifiedByUrl is { } url)
                {
                    text.Append(" @specifiedBy(url: ").Append(Quote(url)).Append(')');
                }

                break;
            case FieldedType fielded:
                text.Append(type is ObjectType ? "type " : "interface ").Append(type.Name);
                AppendNames(text, " implements ", " & ", fielded.Interfaces);
                AppendBlock(text, fielded.Fields, static field => field.Description, AppendField);
                break;
            case UnionType union:
                text.Append("union ").Append(type.Name);
                AppendNames(text, " = ", " | ", union.Members);
                break;
            case EnumType choice:
                text.Append("enum ").Append(type.Name);
                AppendBlock(text, choice.Values, static value => value.Description, AppendEnumValue);
                break;
            case InputObjectType input:
                text.Append("input ").Append(type.Name).Append(input.IsOneOf ? " @oneOf" : "");
                AppendBlock(text, input.Fields, static field => field.Description, AppendInput);
                break;
        }

        return text.ToString();
    }

    /// <summary>Left out while the types of operations have their usual names and nothing describes the schema.</summary>
    private static string? PrintRoots(Schema schema)
    {
        (string Operation, string Usual, ObjectType? Type)[] roots =
        [
            ("query", "Query", schema.QueryType),
            ("mutation", "Mutation", schema.MutationType),
            ("subscription", "Subscription", schema.SubscriptionType),
        ];
        if (schema.Description is null && roots.All(static root => root.Type is null || root.Type.Name == root.Usual))
        {
            return null;
        }

        var text = new StringBuilder();
        AppendDescription(text, schema.Description, "", first: true);
        text.Append("schema {\n");
        foreach (var (operation, _, type) in roots.Where(static root => root.Type is not null))
        {
            text.Append("  ").Append(operation).Append(": ").Append(type!.Name).Append('\n');
        }

        return text.Append('}').ToString();
    }

    private static string PrintDirective(SchemaDirective directive)
    {
        var text = new StringBuilder();
        AppendDescription(text, directive.Description, "", first: true);
        text.Append("directive @").Append(directive.Name);
        AppendArguments(text, directive.Arguments, "");
        return text.Append(directive.IsRepeatable ? " repeatable" : "").Append(" on ").AppendJoin(" | ", directive.Locations).ToString();
    }

    private static void AppendNames(StringBuilder text, string before, string between, IEnumerable<NamedType> types)
    {
        foreach (var type in types)
        {
            text.Append(before).Append(type.Name);
            before = between;
        }
    }

    private static void AppendBlock<T>(
        StringBuilder text, NamedList<T> items, Func<T, string?> descriptionOf, Action<StringBuilder, T> append)
        where T : class
    {
        if (items.Count == 0)
        {
            return;
        }

        text.Append(" {\n");
        for (var index = 0; index < items.Count; index++)
        {
            AppendDescription(text, descriptionOf(items[index]), "  ", first: index == 0);
            text.Append("  ");
            append(text, items[index]);
            text.Append('\n');
        }

        text.Append('}');
    }

    private static void AppendField(StringBuilder text, SchemaField field)
    {
        text.Append(field.Name);
        AppendArguments(text, field.Arguments, "  ");
        text.Append(": ").Append(field.Type);
        AppendDeprecation(text, field.DeprecationReason);
    }

    private static void AppendEnumValue(StringBuilder text, SchemaEnumValue value)
    {
        text.Append(value.Name);
        AppendDeprecation(text, value.DeprecationReason);
    }

    /// <summary>On one line, unless one of them is described.</summary>
    private static void AppendArguments(StringBuilder text, NamedList<SchemaInput> arguments, string indentation)
    {
        if (arguments.Count == 0)
        {
            return;
        }

        text.Append('(');
        if (arguments.All(static argument => string.IsNullOrEmpty(argument.Description)))
        {
            for (var index = 0; index < arguments.Count; index++)
            {
                text.Append(index == 0 ? "" : ", ");
                AppendInput(text, arguments[index]);
            }
        }
        else
        {
            text.Append('\n');
            for (var index = 0; index < arguments.Count; index++)
            {
                AppendDescription(text, arguments[index].Description, "  " + indentation, first: index == 0);
                text.Append("  ").Append(indentation);
                AppendInput(text, arguments[index]);
                text.Append('\n');
            }

            text.Append(indentation);
        }

        text.Append(')');
    }

    private static void AppendInput(StringBuilder text, SchemaInput input)
    {
        text.Append(input.Name).Append(": ").Append(input.Type);
        if (input.Default is { } value)
        {
            text.Append(" = ").Append(Printer.Print(value));
        }

        AppendDeprecation(text, input.DeprecationReason);
    }

    private static void AppendDeprecation(StringBuilder text, string? reason)
    {
        if (reason is not null)
        {
            text.Append(" @deprecated").Append(reason == DeprecationReasonDefault ? "" : $"(reason: {Quote(reason)})");
        }
    }

    private static void AppendDescription(StringBuilder text, string? description, string indentation, bool first)
    {
        if (description is null)
        {
            return;
        }

        var printed = Printer.Print(new StringValueNode { Value = description, Block = BlockString.CanHold(description) });
        text.Append(first || indentation.Length == 0 ? "" : "\n").Append(indentation)
            .Append(printed.Replace("\n", "\n" + indentation)).Append('\n');
    }

    private static string Quote(string text) => Printer.Print(new StringValueNode { Value = text });
}
