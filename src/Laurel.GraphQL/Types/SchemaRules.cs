using System.Collections.Immutable;
using Laurel.GraphQL.Language;

namespace Laurel.GraphQL.Types;

/// <summary>Section 3, Type System: the "Type Validation" of each kind of type, and section 3.3, "Root Operation Types". Finds
/// everything that is wrong, not only the first.</summary>
internal sealed class SchemaRules
{
    private readonly Schema schema;
    private readonly ImmutableArray<GraphQLError>.Builder errors = ImmutableArray.CreateBuilder<GraphQLError>();

    private SchemaRules(Schema schema) => this.schema = schema;

    /// <summary>Empty for a good schema.</summary>
    public static ImmutableArray<GraphQLError> Check(Schema schema)
    {
        var rules = new SchemaRules(schema);
        rules.CheckRoots();
        foreach (var directive in schema.Directives)
        {
            rules.CheckDirective(directive);
        }

        foreach (var type in schema.Types)
        {
            if (!type.IsIntrospection || BuiltIns.FindType(type.Name) != type)
            {
                rules.CheckType(type);
            }
        }

        InputObjectCycles.Check(schema, rules.errors);
        if (rules.errors.Count == 0)
        {
            // A default is read with the types it speaks of, so these must be right.
            rules.CheckDefaults();
        }

        return rules.errors.DrainToImmutable();
    }

    private void CheckRoots()
    {
        if (schema.QueryType is null && RootNode(OperationType.Query) is null
            && (schema.Definition is not null || schema.Types.Find("Query") is null))
        {
            Report("Query root type must be provided.", schema.Definition);
        }

        foreach (var operation in Enum.GetValues<OperationType>())
        {
            var node = RootNode(operation);
            var name = node?.Type.Name.Value ?? (schema.Definition is null ? operation.ToString() : "");
            if (schema.RootOf(operation) is null && schema.Types.Find(name) is { } wrong)
            {
                var ifProvided = operation is OperationType.Query ? "" : " if provided";
                Report($"{operation} root type must be Object type{ifProvided}, it cannot be {wrong}.", node?.Type ?? (Node?)wrong.Definition);
            }
        }

        var roots = Enum.GetValues<OperationType>().Where(operation => schema.RootOf(operation) is not null).ToLookup(schema.RootOf);
        foreach (var shared in roots.Where(static group => group.Count() > 1))
        {
            var operations = string.Join(" and ", shared.Select(static operation => operation.ToString().ToLowerInvariant()));
            Report($"The root types of {operations} must be different, but both are {shared.Key}.", [.. shared.Select(RootNode)]);
        }
    }

    private OperationTypeDefinitionNode? RootNode(OperationType operation) =>
        SchemaBuilder.RootNodes(schema.Definition, schema.Extensions).LastOrDefault(node => node.Operation == operation);

    private void CheckDirective(SchemaDirective directive)
    {
        if (directive.Definition is not { Location.Source: not null } definition || BuiltIns.Directives.Contains(directive))
        {
            return;
        }

        CheckName(directive.Name, definition);
        CheckInputs(directive.Arguments, argument => $"@{directive.Name}({argument.Name}:)", "argument");
    }

    private void CheckType(NamedType type)
    {
        CheckName(type.Name, type.Definition);
        switch (type)
        {
            case FieldedType fielded:
                CheckFields(fielded);
                InterfaceRules.Check(fielded, schema, errors);
                break;
            case UnionType union:
                CheckMembers(union);
                break;
            case EnumType choice:
                CheckEnumValues(choice);
                break;
            case InputObjectType input:
                CheckInputFields(input);
                break;
            case ScalarType:
                break;
        }
    }

    private void CheckName(string name, Node? node)
    {
        if (name.StartsWith("__", StringComparison.Ordinal))
        {
            Report($"Name \"{name}\" must not begin with \"__\", which is reserved by GraphQL introspection.", node);
        }
    }

    private void CheckFields(FieldedType type)
    {
        if (type.Fields.Count == 0)
        {
            Report($"Type {type} must define one or more fields.", PartsOf(type));
        }

        foreach (var field in type.Fields)
        {
            CheckName(field.Name, field.Definition);
            if (!field.Type.IsOutput)
            {
                Report($"The type of {type}.{field.Name} must be Output Type but got: {field.Type}.", field.Definition?.Type);
            }

            CheckInputs(field.Arguments, argument => $"{type}.{field.Name}({argument.Name}:)", "argument");
        }
    }

    private void CheckInputs(NamedList<SchemaInput> inputs, Func<SchemaInput, string> describe, string what)
    {
        foreach (var input in inputs)
        {
            CheckName(input.Name, input.Definition);
            if (!input.Type.IsInput)
            {
                Report($"The type of {describe(input)} must be Input Type but got: {input.Type}.", input.Definition?.Type);
            }

            if (input.IsRequired && input.DeprecationReason is not null)
            {
                var deprecated = input.Definition?.Directives.FirstOrDefault(static directive => directive.Name.Value == "deprecated");
                Report($"Required {what} {describe(input)} cannot be deprecated.", [deprecated, input.Definition?.Type]);
            }
        }
    }

    private void CheckMembers(UnionType union)
    {
        ImmutableArray<NamedTypeNode> nodes = [.. PartsOf(union).OfType<Node>().SelectMany(static part => TypeAssembly.MembersOf(part))];
        if (nodes.IsEmpty)
        {
            Report($"Union type {union} must define one or more member types.", PartsOf(union));
        }

        foreach (var named in nodes.GroupBy(static node => node.Name.Value, StringComparer.Ordinal))
        {
            if (named.Count() > 1)
            {
                Report($"Union type {union} can only include type {named.Key} once.", [.. named]);
            }

            if (schema.Types.Find(named.Key) is not ObjectType)
            {
                Report($"Union type {union} can only include Object types, it cannot include {named.Key}.", [.. named]);
            }
        }
    }

    private void CheckEnumValues(EnumType type)
    {
        if (type.Values.Count == 0)
        {
            Report($"Enum type {type} must define one or more values.", PartsOf(type));
        }

        foreach (var value in type.Values)
        {
            CheckName(value.Name, value.Definition);
        }
    }

    private void CheckInputFields(InputObjectType type)
    {
        if (type.Fields.Count == 0)
        {
            Report($"Input Object type {type} must define one or more fields.", PartsOf(type));
        }

        CheckInputs(type.Fields, field => $"{type}.{field.Name}", "input field");
        foreach (var field in type.Fields.Where(_ => type.IsOneOf))
        {
            if (field.Type is NonNullType)
            {
                Report($"OneOf input field {type}.{field.Name} must be nullable.", field.Definition?.Type);
            }

            if (field.Default is not null)
            {
                Report($"OneOf input field {type}.{field.Name} cannot have a default value.", field.Definition);
            }
        }
    }

    private void CheckDefaults()
    {
        foreach (var directive in schema.Directives)
        {
            CheckDefaults(directive.Arguments, argument => $"@{directive.Name}({argument.Name}:)");
        }

        foreach (var type in schema.Types.OfType<FieldedType>())
        {
            foreach (var field in type.Fields)
            {
                CheckDefaults(field.Arguments, argument => $"{type}.{field.Name}({argument.Name}:)");
            }
        }

        foreach (var type in schema.Types.OfType<InputObjectType>())
        {
            CheckDefaults(type.Fields, field => $"{type}.{field.Name}");
        }
    }

    private void CheckDefaults(NamedList<SchemaInput> inputs, Func<SchemaInput, string> describe)
    {
        foreach (var input in inputs)
        {
            if (input.Default is { } value && !LiteralCoercion.Coerce(value, input.Type, ImmutableDictionary<string, object?>.Empty).IsValid)
            {
                Report($"The default of {describe(input)} must be a value of type {input.Type}, but is {Printer.Print(value)}.", value);
            }
        }
    }

    internal static Node?[] PartsOf(NamedType type) => [type.Definition, .. type.Extensions];

    private void Report(string message, params ReadOnlySpan<Node?> nodes) => errors.Add(GraphQLError.At(message, nodes));
}
