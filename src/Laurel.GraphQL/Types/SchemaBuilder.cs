using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Laurel.GraphQL.Language;
using Laurel.GraphQL.Validation;

namespace Laurel.GraphQL.Types;

/// <summary>A schema, or all that is wrong with the documents it should be made of.</summary>
/// <param name="Schema"><c>null</c> exactly when there are errors.</param>
public sealed record SchemaOutcome(Schema? Schema, ImmutableArray<GraphQLError> Errors);

/// <summary>Makes a schema out of documents in the schema definition language.</summary>
/// <remarks>Section 3, Type System.</remarks>
public static class SchemaBuilder
{
    /// <summary>Reads the texts, each named by its file, and merges them. A text that cannot be read is an error like others; nothing else
    /// is looked at then.</summary>
    /// <param name="scalars">How custom scalars are read and written, by their name; one that is absent takes anything.</param>
    [OverloadResolutionPriority(1)]
    public static SchemaOutcome Build(IEnumerable<Source> sources, IReadOnlyDictionary<string, ScalarCoercion> scalars)
    {
        var parsed = sources.Select(static source => Parser.Parse(source, ParseLimits.Schema)).ToList();
        ImmutableArray<GraphQLError> faults =
        [
            .. parsed.Select(static read => read.Error).OfType<SyntaxError>()
                .Select(static fault => new GraphQLError(fault.Message, [new(fault.Source, fault.Offset, fault.Offset)])),
        ];
        return faults.IsEmpty ? Build(parsed.Select(static read => read.Node!), scalars) : new(null, faults);
    }

    /// <summary>Merges the documents: what one defines another may use and extend, in any order.</summary>
    /// <param name="scalars">How custom scalars are read and written, by their name; one that is absent takes anything.</param>
    public static SchemaOutcome Build(IEnumerable<DocumentNode> documents, IReadOnlyDictionary<string, ScalarCoercion> scalars)
    {
        var merged = Merge(documents);
        var errors = DocumentValidator.ValidateSchemaDocument(merged, extended: null, ValidationLimits.Schema);
        if (!errors.IsEmpty)
        {
            return new(null, errors);
        }

        var schema = Assemble(merged, scalars);
        errors = SchemaRules.Check(schema);
        return errors.IsEmpty ? new(schema, errors) : new(null, errors);
    }

    internal static DocumentNode Merge(IEnumerable<DocumentNode> documents) =>
        new() { Definitions = [.. documents.SelectMany(static document => document.Definitions)] };

    /// <summary>Makes the schema without asking whether it is a good one; the document has passed the rules for its language.</summary>
    internal static Schema Assemble(DocumentNode document, IReadOnlyDictionary<string, ScalarCoercion> scalars)
    {
        var assembly = new TypeAssembly(document.Definitions, BuiltIns.FindType, scalars);
        var types = assembly.DefineTypes();
        var directives = assembly.DefineDirectives().ToList();
        directives.AddRange(BuiltIns.Directives.Where(builtIn => directives.All(defined => defined.Name != builtIn.Name)));
        var definition = document.Definitions.OfType<SchemaDefinitionNode>().FirstOrDefault();
        ImmutableArray<SchemaExtensionNode> extensions = [.. document.Definitions.OfType<SchemaExtensionNode>()];
        var roots = RootNodes(definition, extensions).ToLookup(static node => node.Operation, static node => node.Type.Name.Value);

        ObjectType? Root(OperationType operation) => assembly.Find(
            roots[operation].LastOrDefault() ?? (definition is null ? operation.ToString() : "")) as ObjectType;

        ObjectType?[] used = [Root(OperationType.Query), Root(OperationType.Mutation), Root(OperationType.Subscription)];
        return new(
            InUse(types, used, directives),
            new(directives, static directive => directive.Name))
        {
            Description = definition?.Description?.Value,
            QueryType = used[0],
            MutationType = used[1],
            SubscriptionType = used[2],
            Definition = definition,
            Extensions = extensions,
        };
    }

    internal static IEnumerable<OperationTypeDefinitionNode> RootNodes(
        SchemaDefinitionNode? definition, IEnumerable<SchemaExtensionNode> extensions) =>
        [.. definition?.OperationTypes ?? [], .. extensions.SelectMany(static extension => extension.OperationTypes)];

    /// <summary>Every defined type, and the built-in ones that these, the directives and introspection speak of. A built-in scalar
    /// comes after the first type that speaks of it.</summary>
    private static NamedList<NamedType> InUse(IReadOnlyList<NamedType> types, IEnumerable<ObjectType?> roots, IEnumerable<SchemaDirective> directives)
    {
        var defined = types.ToHashSet();
        var ordered = new OrderedDictionary<string, NamedType>(StringComparer.Ordinal);
        foreach (var type in types)
        {
            ordered.TryAdd(type.Name, type);
            foreach (var reference in ReferencesOf(type).Where(reference => !defined.Contains(reference)))
            {
                ordered.TryAdd(reference.Name, reference);
            }
        }

        var arguments = directives.SelectMany(static directive => directive.Arguments).Select(static argument => argument.Type.Named);
        foreach (var type in roots.OfType<NamedType>().Concat(arguments))
        {
            ordered.TryAdd(type.Name, type);
        }

        foreach (var type in BuiltIns.IntrospectionTypes)
        {
            ordered.TryAdd(type.Name, type);
            foreach (var scalar in ReferencesOf(type).OfType<ScalarType>())
            {
                ordered.TryAdd(scalar.Name, scalar);
            }
        }

        return new(ordered.Values, static type => type.Name);
    }

    private static IEnumerable<NamedType> ReferencesOf(NamedType type) => type switch
    {
        FieldedType fielded => fielded.Interfaces.Concat(fielded.Fields.SelectMany(
            static field => field.Arguments.Select(static argument => argument.Type.Named).Prepend(field.Type.Named))),
        UnionType union => union.Members,
        InputObjectType input => input.Fields.Select(static field => field.Type.Named),
        ScalarType or EnumType => [],
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Not a type."),
    };
}
