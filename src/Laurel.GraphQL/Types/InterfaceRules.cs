using System.Collections.Immutable;
using Laurel.GraphQL.Language;

namespace Laurel.GraphQL.Types;

/// <summary>Section 3.6, Objects, "IsValidImplementation": what an object or an interface owes to the interfaces it names.</summary>
internal sealed class InterfaceRules
{
    private readonly FieldedType type;
    private readonly Schema schema;
    private readonly ImmutableArray<GraphQLError>.Builder errors;

    private InterfaceRules(FieldedType type, Schema schema, ImmutableArray<GraphQLError>.Builder errors) =>
        (this.type, this.schema, this.errors) = (type, schema, errors);

    public static void Check(FieldedType type, Schema schema, ImmutableArray<GraphQLError>.Builder errors) =>
        new InterfaceRules(type, schema, errors).CheckAll();

    private void CheckAll()
    {
        foreach (var named in NodesOf(type).GroupBy(static node => node.Name.Value, StringComparer.Ordinal))
        {
            if (schema.Types.Find(named.Key) is not InterfaceType implemented)
            {
                Report($"Type {type} must only implement Interface types, it cannot implement {named.Key}.", [.. named]);
            }
            else if (ReferenceEquals(implemented, type))
            {
                Report($"Type {type} cannot implement itself because it would create a circular reference.", [.. named]);
            }
            else
            {
                if (named.Count() > 1)
                {
                    Report($"Type {type} can only implement {named.Key} once.", [.. named]);
                }

                CheckAncestors(implemented);
                foreach (var field in implemented.Fields)
                {
                    CheckField(implemented, field);
                }
            }
        }
    }

    private void CheckAncestors(InterfaceType implemented)
    {
        foreach (var ancestor in implemented.Interfaces.Where(ancestor => !type.Interfaces.Contains(ancestor)))
        {
            var message = ReferenceEquals(ancestor, type)
                ? $"Type {type} cannot implement {implemented} because it would create a circular reference."
                : $"Type {type} must implement {ancestor} because it is implemented by {implemented}.";
            Report(message, [.. NamingOf(implemented, ancestor), .. NamingOf(type, implemented)]);
        }
    }

    private void CheckField(InterfaceType implemented, SchemaField expected)
    {
        var place = $"{implemented}.{expected.Name}";
        if (type.Fields.Find(expected.Name) is not { } field)
        {
            Report($"Interface field {place} expected but {type} does not provide it.", [expected.Definition, .. SchemaRules.PartsOf(type)]);
            return;
        }

        if (!field.Type.IsSubTypeOf(expected.Type))
        {
            Report(
                $"Interface field {place} expects type {expected.Type} but {type}.{field.Name} is type {field.Type}.",
                expected.Definition?.Type,
                field.Definition?.Type);
        }

        if (expected.DeprecationReason is null && field.DeprecationReason is not null)
        {
            Report($"Field {type}.{field.Name} cannot be deprecated because interface field {place} is not.", field.Definition);
        }

        foreach (var argument in expected.Arguments)
        {
            CheckArgument(place, argument, field);
        }

        foreach (var argument in field.Arguments.Where(argument => argument.IsRequired && expected.Arguments.Find(argument.Name) is null))
        {
            Report(
                $"Object field {type}.{field.Name} includes required argument {argument.Name} that is missing from the Interface field {place}.",
                argument.Definition,
                expected.Definition);
        }
    }

    private void CheckArgument(string place, SchemaInput expected, SchemaField field)
    {
        if (field.Arguments.Find(expected.Name) is not { } argument)
        {
            Report(
                $"Interface field argument {place}({expected.Name}:) expected but {type}.{field.Name} does not provide it.",
                expected.Definition,
                field.Definition);
        }
        else if (!SchemaType.Same(expected.Type, argument.Type))
        {
            Report(
                $"Interface field argument {place}({expected.Name}:) expects type {expected.Type} but "
                + $"{type}.{field.Name}({argument.Name}:) is type {argument.Type}.",
                expected.Definition?.Type,
                argument.Definition?.Type);
        }
    }

    private static IEnumerable<NamedTypeNode> NodesOf(FieldedType type) =>
        SchemaRules.PartsOf(type).OfType<Node>().SelectMany(static part => TypeAssembly.InterfacesOf(part));

    private static IEnumerable<NamedTypeNode> NamingOf(FieldedType type, InterfaceType implemented) =>
        NodesOf(type).Where(node => node.Name.Value == implemented.Name);

    private void Report(string message, params ReadOnlySpan<Node?> nodes) => errors.Add(GraphQLError.At(message, nodes));
}
