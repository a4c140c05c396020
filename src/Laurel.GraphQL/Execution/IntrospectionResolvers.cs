using Laurel.GraphQL.Language;
using Laurel.GraphQL.Types;

namespace Laurel.GraphQL.Execution;

/// <summary>Section 4, Introspection: a schema answers questions about itself.</summary>
internal static class IntrospectionResolvers
{
    /// <summary>By field, those of the types of introspection and the three that every schema has without naming them.</summary>
    public static Dictionary<SchemaField, FieldBinding> For(Schema schema)
    {
        var resolvers = new Dictionary<SchemaField, FieldBinding>
        {
            [Schema.TypenameField] = FieldBinding.Resolving(static request => new(request.Parent.Name)),
        };
        if (schema.QueryType is { } query)
        {
            resolvers[schema.FindField(query, "__schema")!] = FieldBinding.Resolving(static request => new(request.Schema));
            resolvers[schema.FindField(query, "__type")!] = FieldBinding.Resolving(
                static request => new(request.Schema.Types.Find((string)request.Arguments["name"]!)));
        }

        foreach (var type in BuiltIns.IntrospectionTypes.OfType<ObjectType>())
        {
            foreach (var field in type.Fields)
            {
                Func<object, FieldRequest, object?> read = type.Name switch
                {
                    "__Schema" => (source, _) => OfSchema((Schema)source, field.Name),
                    "__Type" => (source, request) => OfType((SchemaType)source, field.Name, request),
                    "__Field" => (source, request) => OfField((SchemaField)source, field.Name, request),
                    "__InputValue" => (source, _) => OfInput((SchemaInput)source, field.Name),
                    "__EnumValue" => (source, _) => OfEnumValue((SchemaEnumValue)source, field.Name),
                    "__Directive" => (source, request) => OfDirective((SchemaDirective)source, field.Name, request),
                    _ => throw new InvalidOperationException($"{type} is not a type of introspection."),
                };
                resolvers[field] = FieldBinding.Resolving(request => new(read(request.Source!, request)));
            }
        }

        return resolvers;
    }

    private static object? OfSchema(Schema schema, string field) => field switch
    {
        "description" => schema.Description,
        "types" => schema.Types,
        "queryType" => schema.QueryType,
        "mutationType" => schema.MutationType,
        "subscriptionType" => schema.SubscriptionType,
        "directives" => schema.Directives,
        _ => throw Unknown(field),
    };

    private static object? OfType(SchemaType type, string field, FieldRequest request) => field switch
    {
        "kind" => KindOf(type),
        "name" => (type as NamedType)?.Name,
        "description" => (type as NamedType)?.Description,
        "specifiedByURL" => (type as ScalarType)?.SpecifiedByUrl,
        "fields" => (type as FieldedType)?.Fields.Where(item => IsAskedFor(item.DeprecationReason, request)),
        "interfaces" => (type as FieldedType)?.Interfaces,
        "possibleTypes" => type is CompositeType { IsAbstract: true } composite ? composite.PossibleTypes : null,
        "enumValues" => (type as EnumType)?.Values.Where(item => IsAskedFor(item.DeprecationReason, request)),
        "inputFields" => (type as InputObjectType)?.Fields.Where(item => IsAskedFor(item.DeprecationReason, request)),
        "ofType" => type switch
        {
            ListType list => list.Item,
            NonNullType nonNull => nonNull.Inner,
            _ => null,
        },
        "isOneOf" => (type as InputObjectType)?.IsOneOf,
        _ => throw Unknown(field),
    };

    private static object? OfField(SchemaField item, string field, FieldRequest request) => field switch
    {
        "name" => item.Name,
        "description" => item.Description,
        "args" => item.Arguments.Where(argument => IsAskedFor(argument.DeprecationReason, request)),
        "type" => item.Type,
        "isDeprecated" => item.DeprecationReason is not null,
        "deprecationReason" => item.DeprecationReason,
        _ => throw Unknown(field),
    };

    private static object? OfInput(SchemaInput item, string field) => field switch
    {
        "name" => item.Name,
        "description" => item.Description,
        "type" => item.Type,
        "defaultValue" => item.Default is { } value ? Printer.Print(value) : null,
        "isDeprecated" => item.DeprecationReason is not null,
        "deprecationReason" => item.DeprecationReason,
        _ => throw Unknown(field),
    };

    private static object? OfEnumValue(SchemaEnumValue item, string field) => field switch
    {
        "name" => item.Name,
        "description" => item.Description,
        "isDeprecated" => item.DeprecationReason is not null,
        "deprecationReason" => item.DeprecationReason,
        _ => throw Unknown(field),
    };

    private static object? OfDirective(SchemaDirective item, string field, FieldRequest request) => field switch
    {
        "name" => item.Name,
        "description" => item.Description,
        "isRepeatable" => item.IsRepeatable,
        "locations" => item.Locations,
        "args" => item.Arguments.Where(argument => IsAskedFor(argument.DeprecationReason, request)),
        _ => throw Unknown(field),
    };

    private static string KindOf(SchemaType type) => type switch
    {
        ScalarType => "SCALAR",
        ObjectType => "OBJECT",
        InterfaceType => "INTERFACE",
        UnionType => "UNION",
        EnumType => "ENUM",
        InputObjectType => "INPUT_OBJECT",
        ListType => "LIST",
        NonNullType => "NON_NULL",
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Not a type."),
    };

    private static bool IsAskedFor(string? deprecationReason, FieldRequest request) =>
        deprecationReason is null || request.Arguments["includeDeprecated"] is true;

    private static InvalidOperationException Unknown(string field) => new($"Introspection has no field {field}.");
}
