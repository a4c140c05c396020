using System.Collections.Immutable;
using Laurel.GraphQL.Language;

namespace Laurel.GraphQL.Types;

/// <summary>Section 3.3, Schema: all types and directives a service knows. Never changes, so threads share it.</summary>
public sealed class Schema
{
    private readonly SchemaField schemaField;
    private readonly SchemaField typeField;

    internal Schema(NamedList<NamedType> types, NamedList<SchemaDirective> directives)
    {
        Types = types;
        Directives = directives;
        schemaField = new()
        {
            Name = "__schema",
            Description = "Access the current type schema of this server.",
            Type = new NonNullType(BuiltIns.Schema),
        };
        typeField = new()
        {
            Name = "__type",
            Description = "Request the type information of a single type.",
            Type = BuiltIns.Type,
            Arguments = new([new() { Name = "name", Type = new NonNullType(BuiltInScalars.String) }], static argument => argument.Name),
        };
    }

    public string? Description { get; internal init; }

    /// <summary>All types in use, built-in ones and those of introspection too. A built-in scalar that nothing uses is absent.</summary>
    public NamedList<NamedType> Types { get; }

    /// <summary>All directives, those of the specification too.</summary>
    public NamedList<SchemaDirective> Directives { get; }

    /// <summary><c>null</c> only in a schema that is being checked.</summary>
    public ObjectType? QueryType { get; internal init; }

    /// <summary><c>null</c> when nothing can be changed.</summary>
    public ObjectType? MutationType { get; internal init; }

    /// <summary><c>null</c> when nothing can be subscribed to.</summary>
    public ObjectType? SubscriptionType { get; internal init; }

    /// <summary><c>null</c> when the types of operations have their usual names.</summary>
    public SchemaDefinitionNode? Definition { get; internal init; }

    public ImmutableArray<SchemaExtensionNode> Extensions { get; internal init; } = [];

    /// <summary>Section 4.4.1, __typename: a field of every composite type, which no type lists.</summary>
    public static SchemaField TypenameField { get; } = new()
    {
        Name = "__typename",
        Description = "The name of the current Object type at runtime.",
        Type = new NonNullType(BuiltInScalars.String),
    };

    /// <summary>The objects operations begin at.</summary>
    public IEnumerable<ObjectType> RootTypes => new[] { QueryType, MutationType, SubscriptionType }.OfType<ObjectType>();

    /// <summary>The object an operation begins at; <c>null</c> when the schema has no such operation.</summary>
    public ObjectType? RootOf(OperationType operation) => operation switch
    {
        OperationType.Query => QueryType,
        OperationType.Mutation => MutationType,
        OperationType.Subscription => SubscriptionType,
    };

    /// <summary>The field that <paramref name="name"/> means on a type, the three of introspection (section 4.4) included.</summary>
    public SchemaField? FindField(CompositeType parent, string name)
    {
        if (name.StartsWith("__", StringComparison.Ordinal))
        {
            if (name == TypenameField.Name)
            {
                return TypenameField;
            }

            if (ReferenceEquals(parent, QueryType) && (name == schemaField.Name || name == typeField.Name))
            {
                return name == schemaField.Name ? schemaField : typeField;
            }
        }

        return parent is FieldedType fielded ? fielded.Fields.Find(name) : null;
    }

    /// <summary>Section 2.12, Type References: the type a document speaks of; <c>null</c> when the schema has no such name.</summary>
    public SchemaType? FindType(TypeNode? node) => node switch
    {
        null => null,
        NamedTypeNode named => Types.Find(named.Name.Value),
        ListTypeNode list => FindType(list.Type) is { } item ? new ListType(item) : null,
        NonNullTypeNode nonNull => FindType(nonNull.Type) is { } inner ? new NonNullType(inner) : null,
        _ => throw new ArgumentOutOfRangeException(nameof(node), node.Kind, "Not a type."),
    };
}
