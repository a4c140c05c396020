using System.Collections.Immutable;
using Laurel.GraphQL.Language;

namespace Laurel.GraphQL.Types;

/// <summary>Makes types out of definitions that were found in order by the rules for schemas: first all of them empty, so that they
/// can refer to each other, then what is in them, with their extensions.</summary>
internal sealed class TypeAssembly
{
    private readonly Func<string, NamedType?> findBuiltIn;
    private readonly IReadOnlyDictionary<string, ScalarCoercion> scalars;
    private readonly ImmutableArray<DefinitionNode> definitions;
    private readonly OrderedDictionary<string, NamedType> types = new(StringComparer.Ordinal);
    private readonly ILookup<string, TypeExtensionNode> extensions;

    /// <param name="findBuiltIn">Types that need no definition.</param>
    /// <param name="scalars">How custom scalars are read and written, by their name; one that is absent takes anything.</param>
    public TypeAssembly(
        ImmutableArray<DefinitionNode> definitions, Func<string, NamedType?> findBuiltIn, IReadOnlyDictionary<string, ScalarCoercion> scalars)
    {
        this.definitions = definitions;
        this.findBuiltIn = findBuiltIn;
        this.scalars = scalars;
        extensions = definitions.OfType<TypeExtensionNode>().ToLookup(static extension => extension.Name.Value, StringComparer.Ordinal);
    }

    /// <summary>The types that are defined, in the order of their definitions.</summary>
    public IReadOnlyList<NamedType> DefineTypes()
    {
        foreach (var definition in definitions.OfType<TypeDefinitionNode>())
        {
            var name = definition.Name.Value;
            types[name] = findBuiltIn(name) ?? Empty(definition);
        }

        // A definition of a built-in type leaves the shared one as it is.
        NamedType[] made = [.. types.Values.Where(type => findBuiltIn(type.Name) is null)];
        foreach (var type in made)
        {
            Fill(type);
        }

        Relate(made);
        return [.. types.Values];
    }

    /// <summary>The directives that are defined, in the order of their definitions; to be asked after the types.</summary>
    public IEnumerable<SchemaDirective> DefineDirectives() =>
        definitions.OfType<DirectiveDefinitionNode>().Select(definition => new SchemaDirective
        {
            Name = definition.Name.Value,
            Description = definition.Description?.Value,
            Arguments = Inputs(definition.Arguments),
            IsRepeatable = definition.Repeatable,
            Locations = [.. definition.Locations.Select(static location => location.Value)],
            Definition = definition,
        });

    /// <summary>The type of that name, defined or built in.</summary>
    public NamedType? Find(string name) => types.GetValueOrDefault(name) ?? findBuiltIn(name);

    private NamedType Empty(TypeDefinitionNode definition)
    {
        var name = definition.Name.Value;
        NamedType type = definition switch
        {
            ScalarTypeDefinitionNode => new ScalarType(name, scalars.GetValueOrDefault(name) ?? AnyCoercion.Instance),
            ObjectTypeDefinitionNode => new ObjectType(name),
            InterfaceTypeDefinitionNode => new InterfaceType(name),
            UnionTypeDefinitionNode => new UnionType(name),
            EnumTypeDefinitionNode => new EnumType(name),
            InputObjectTypeDefinitionNode => new InputObjectType(name),
            _ => throw new ArgumentOutOfRangeException(nameof(definition), definition.Kind, "Not the definition of a type."),
        };
        type.Description = definition.Description?.Value;
        type.Definition = definition;
        type.Extensions = [.. extensions[name]];
        return type;
    }

    private void Fill(NamedType type)
    {
        Node[] parts = [type.Definition!, .. type.Extensions];
        switch (type)
        {
            case ScalarType scalar:
                scalar.SpecifiedByUrl = parts.Select(static part => TextOf(part, "specifiedBy", "url")).LastOrDefault(static url => url is not null);
                break;
            case FieldedType fielded:
                fielded.Fields = new(parts.SelectMany(static part => FieldsOf(part)).Select(Field), static field => field.Name);
                fielded.Interfaces = [.. parts.SelectMany(static part => InterfacesOf(part)).Select(node => Find(node.Name.Value)).OfType<InterfaceType>().Distinct()];
                break;
            case UnionType union:
                union.Members = [.. parts.SelectMany(static part => MembersOf(part)).Select(node => Find(node.Name.Value)).OfType<ObjectType>().Distinct()];
                break;
            case EnumType choice:
                choice.Values = new(parts.SelectMany(static part => ValuesOf(part)).Select(EnumValue), static value => value.Name);
                break;
            case InputObjectType input:
                input.Fields = Inputs([.. parts.SelectMany(static part => InputsOf(part))]);
                input.IsOneOf = parts.OfType<IDirectedNode>().Any(static part => Applied(part, "oneOf") is not null);
                break;
        }
    }

    /// <summary>Tells abstract types what they include and who a value of them may be.</summary>
    private static void Relate(NamedType[] made)
    {
        var implementors = made.OfType<FieldedType>()
            .SelectMany(static type => type.Interfaces.Select(implemented => (implemented, type)))
            .ToLookup(static pair => pair.implemented, static pair => pair.type);
        foreach (var type in made.OfType<CompositeType>())
        {
            switch (type)
            {
                case ObjectType one:
                    one.PossibleTypes = [one];
                    break;
                case InterfaceType implemented:
                    implemented.PossibleTypes = [.. implementors[implemented].OfType<ObjectType>()];
                    implemented.Include(implementors[implemented]);
                    break;
                case UnionType union:
                    union.PossibleTypes = union.Members;
                    union.Include(union.Members);
                    break;
            }
        }
    }

    private SchemaField Field(FieldDefinitionNode node) => new()
    {
        Name = node.Name.Value,
        Description = node.Description?.Value,
        Type = TypeOf(node.Type),
        Arguments = Inputs(node.Arguments),
        DeprecationReason = DeprecationOf(node),
        Definition = node,
    };

    private NamedList<SchemaInput> Inputs(ImmutableArray<InputValueDefinitionNode> nodes) => nodes.IsEmpty
        ? NamedList<SchemaInput>.Empty
        : new(nodes.Select(Input), static input => input.Name);

    private SchemaInput Input(InputValueDefinitionNode node) => new()
    {
        Name = node.Name.Value,
        Description = node.Description?.Value,
        Type = TypeOf(node.Type),
        Default = node.DefaultValue,
        DeprecationReason = DeprecationOf(node),
        Definition = node,
    };

    private static SchemaEnumValue EnumValue(EnumValueDefinitionNode node) => new()
    {
        Name = node.Name.Value,
        Description = node.Description?.Value,
        DeprecationReason = DeprecationOf(node),
        Definition = node,
    };

    private SchemaType TypeOf(TypeNode node) => node switch
    {
        NamedTypeNode named => Find(named.Name.Value)
            ?? throw new InvalidOperationException($"Unknown type \"{named.Name.Value}\": the rules for schemas were not asked."),
        ListTypeNode list => new ListType(TypeOf(list.Type)),
        NonNullTypeNode nonNull => new NonNullType(TypeOf(nonNull.Type)),
        _ => throw new ArgumentOutOfRangeException(nameof(node), node.Kind, "Not a type."),
    };

    private static DirectiveNode? Applied(IDirectedNode node, string name) => node.Directives.FirstOrDefault(directive => directive.Name.Value == name);

    private static string? TextOf(Node node, string directive, string argument) =>
        node is IDirectedNode directed
        && Applied(directed, directive)?.Arguments.FirstOrDefault(given => given.Name.Value == argument)?.Value is StringValueNode text
            ? text.Value
            : null;

    /// <summary>A reason that is written as null takes the deprecation back.</summary>
    private static string? DeprecationOf(IDirectedNode node)
    {
        if (Applied(node, "deprecated") is not { } deprecated)
        {
            return null;
        }

        return deprecated.Arguments.FirstOrDefault(static given => given.Name.Value == "reason") is { } reason
            ? (reason.Value as StringValueNode)?.Value
            : SchemaPrinter.DeprecationReasonDefault;
    }

    private static ImmutableArray<FieldDefinitionNode> FieldsOf(Node part) => part switch
    {
        ObjectTypeDefinitionNode type => type.Fields,
        ObjectTypeExtensionNode type => type.Fields,
        InterfaceTypeDefinitionNode type => type.Fields,
        InterfaceTypeExtensionNode type => type.Fields,
        _ => [],
    };

    internal static ImmutableArray<NamedTypeNode> InterfacesOf(Node part) => part switch
    {
        ObjectTypeDefinitionNode type => type.Interfaces,
        ObjectTypeExtensionNode type => type.Interfaces,
        InterfaceTypeDefinitionNode type => type.Interfaces,
        InterfaceTypeExtensionNode type => type.Interfaces,
        _ => [],
    };

    internal static ImmutableArray<NamedTypeNode> MembersOf(Node part) => part switch
    {
        UnionTypeDefinitionNode type => type.Types,
        UnionTypeExtensionNode type => type.Types,
        _ => [],
    };

    private static ImmutableArray<EnumValueDefinitionNode> ValuesOf(Node part) => part switch
    {
        EnumTypeDefinitionNode type => type.Values,
        EnumTypeExtensionNode type => type.Values,
        _ => [],
    };

    private static ImmutableArray<InputValueDefinitionNode> InputsOf(Node part) => part switch
    {
        InputObjectTypeDefinitionNode type => type.Fields,
        InputObjectTypeExtensionNode type => type.Fields,
        _ => [],
    };
}
