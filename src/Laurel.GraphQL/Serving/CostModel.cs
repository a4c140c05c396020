using System.Collections.Immutable;
using Laurel.GraphQL.Execution;
using Laurel.GraphQL.Language;
using Laurel.GraphQL.Types;

namespace Laurel.GraphQL.Serving;

/// <summary>How large the lists of a field are.</summary>
/// <param name="Assumed">Without a slicing argument; <c>null</c> for what the service assumes.</param>
/// <param name="Slicing">Each the name of an argument, then those of input fields.</param>
/// <param name="Sized">Fields below that have the size; empty when the field itself has it.</param>
internal sealed record ListSize(long? Assumed, ImmutableArray<ImmutableArray<string>> Slicing, ImmutableArray<string> Sized);

/// <summary>What the directives of a schema say.</summary>
internal sealed class CostModel
{
    private readonly Schema schema;
    private readonly Dictionary<SchemaField, ListSize> sizes = [];
    private readonly Dictionary<SchemaField, long> fields = [];
    private readonly Dictionary<SchemaInput, long> arguments = [];
    private readonly Dictionary<NamedType, long> types = [];
    private readonly ImmutableArray<GraphQLError>.Builder errors = ImmutableArray.CreateBuilder<GraphQLError>();

    /// <exception cref="ArgumentException">Directives say what cannot be; all of it is named.</exception>
    public CostModel(Schema schema)
    {
        this.schema = schema;
        foreach (var type in schema.Types)
        {
            ReadType(type);
        }

        if (errors.Count > 0)
        {
            throw new ArgumentException(string.Join(Environment.NewLine, errors.Select(static error => error.Message)), nameof(schema));
        }
    }

    /// <summary>That of one item, when the field is a list. Introspection costs nothing: its depth is limited by itself.</summary>
    public long WeightOf(SchemaField field) => fields.TryGetValue(field, out var own)
        ? own
        : types.TryGetValue(field.Type.Named, out var weight) ? weight : field.Type.Named is CompositeType { IsIntrospection: false } ? 1 : 0;

    public long WeightOf(SchemaInput argument) => arguments.GetValueOrDefault(argument);

    /// <summary><c>null</c> when nothing is said of the field.</summary>
    public ListSize? SizeOf(SchemaField field) => sizes.GetValueOrDefault(field);

    private void ReadType(NamedType type)
    {
        Node?[] parts = [type.Definition, .. type.Extensions];
        foreach (var directed in parts.OfType<IDirectedNode>())
        {
            if (WeightOn(directed, type.Name) is { } weight)
            {
                types[type] = weight;
            }
        }

        if (type is not FieldedType fielded)
        {
            return;
        }

        foreach (var field in fielded.Fields)
        {
            if (field.Definition is { } definition)
            {
                ReadField(field, definition, $"{type}.{field.Name}");
            }
        }
    }

    private void ReadField(SchemaField field, FieldDefinitionNode definition, string place)
    {
        if (WeightOn(definition, place) is { } weight)
        {
            fields[field] = weight;
        }

        foreach (var argument in field.Arguments)
        {
            if (argument.Definition is { } given && WeightOn(given, $"{place}({argument.Name}:)") is { } own)
            {
                arguments[argument] = own;
            }
        }

        if (Applied(definition, "listSize") is { } directive)
        {
            var size = ReadSize(directive);
            CheckSize(size, field, directive, place);
            sizes[field] = size;
        }
    }

    private ListSize ReadSize(DirectiveNode directive)
    {
        var given = Given(directive);
        return new(
            given.GetValueOrDefault("assumedSize") as int?,
            [.. Names("slicingArguments").Select(static path => path.Split('.').ToImmutableArray())],
            [.. Names("sizedFields")]);

        IEnumerable<string> Names(string argument) => (given.GetValueOrDefault(argument) as object?[] ?? []).OfType<string>();
    }

    private void CheckSize(ListSize size, SchemaField field, DirectiveNode directive, string place)
    {
        if (size.Assumed < 0)
        {
            Report($"@listSize of {place} assumes a negative size.", directive);
        }

        if (size.Sized.IsEmpty && field.Type.Nullable is not ListType)
        {
            Report($"@listSize of {place} needs sizedFields, for the field is no list.", directive);
        }

        foreach (var name in size.Sized.Where(name => (field.Type.Named as FieldedType)?.Fields.Find(name)?.Type.Nullable is not ListType))
        {
            Report($"@listSize of {place} names \"{name}\", which is no list of {field.Type.Named}.", directive);
        }

        foreach (var path in size.Slicing)
        {
            SchemaType? type = field.Arguments.Find(path[0])?.Type;
            foreach (var step in path.Skip(1))
            {
                type = (type?.Nullable as InputObjectType)?.Fields.Find(step)?.Type;
            }

            if (type?.Nullable is not ScalarType)
            {
                Report($"@listSize of {place} names \"{string.Join('.', path)}\", which is no argument that could be a number.", directive);
            }
        }
    }

    private long? WeightOn(IDirectedNode node, string place)
    {
        if (Applied(node, "cost") is not { } directive || Given(directive).GetValueOrDefault("weight") is not int weight)
        {
            return null;
        }

        if (weight < 0)
        {
            Report($"@cost of {place} is negative.", directive);
        }

        return weight;
    }

    private IReadOnlyDictionary<string, object?> Given(DirectiveNode directive) => ArgumentCoercion.Coerce(
        schema.Directives.Find(directive.Name.Value)!.Arguments, directive.Arguments, directive, ImmutableDictionary<string, object?>.Empty).Values;

    private static DirectiveNode? Applied(IDirectedNode node, string name) => node.Directives.FirstOrDefault(directive => directive.Name.Value == name);

    private void Report(string message, Node node) => errors.Add(GraphQLError.At(message, node));
}
