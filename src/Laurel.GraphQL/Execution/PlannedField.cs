using System.Collections.Immutable;
using System.Text.Json;
using Laurel.GraphQL.Language;
using Laurel.GraphQL.Types;

namespace Laurel.GraphQL.Execution;

/// <summary>The arguments of a field, or why it has none.</summary>
internal sealed record FieldArguments(IReadOnlyDictionary<string, object?> Values, GraphQLError? Error);

/// <summary>A field of an object as an operation selects it: found, with what can be known of it beforehand. Requests share it.</summary>
internal sealed class PlannedField
{
    private Below? below;

    public PlannedField(SchemaField field, FieldBinding binding, ImmutableArray<FieldNode> nodes)
    {
        Field = field;
        Binding = binding;
        Nodes = nodes;
        ResponseName = nodes[0].ResponseName;
        EncodedName = JsonEncodedText.Encode(ResponseName);
        IsNonNull = field.Type is NonNullType;
        IsReadAsLeaf = field.Arguments.Count == 0 && binding.Reader is not null && field.Type.Nullable is (ScalarType or EnumType);
        AnswersAsIs = IsReadAsLeaf && field.Type.Nullable is ScalarType { Coercion: var scalar }
            && scalar.AnswersAsIs(Nullable.GetUnderlyingType(binding.Reader!.Type) ?? binding.Reader.Type);
        if (!nodes[0].Arguments.Any(static argument => ArgumentCoercion.NamesVariable(argument.Value)))
        {
            Arguments = ArgumentCoercion.Coerce(field.Arguments, nodes[0].Arguments, nodes[0], ImmutableDictionary<string, object?>.Empty);
        }
    }

    public SchemaField Field { get; }

    public FieldBinding Binding { get; }

    /// <summary>Where it is selected, at least once.</summary>
    public ImmutableArray<FieldNode> Nodes { get; }

    public string ResponseName { get; }

    public JsonEncodedText EncodedName { get; }

    public bool IsNonNull { get; }

    /// <summary>Whether it is found and answered at once: nothing lies below it, and nobody is asked.</summary>
    public bool IsReadAsLeaf { get; }

    /// <summary>Whether what is read is what is answered.</summary>
    public bool AnswersAsIs { get; }

    /// <summary>The same for all requests; <c>null</c> when they depend on variables.</summary>
    public FieldArguments? Arguments { get; }

    /// <summary>What is selected of objects of a type below this field; <c>null</c> before <see cref="Add"/>.</summary>
    public PlannedField[]? Find(ObjectType type)
    {
        for (var entry = Volatile.Read(ref below); entry is not null; entry = entry.Next)
        {
            if (ReferenceEquals(entry.Type, type))
            {
                return entry.Fields;
            }
        }

        return null;
    }

    /// <summary>Of two threads that plan the same one has worked in vain.</summary>
    public PlannedField[] Add(ObjectType type, PlannedField[] fields)
    {
        while (true)
        {
            var known = Volatile.Read(ref below);
            if (Find(type) is { } earlier)
            {
                return earlier;
            }

            if (ReferenceEquals(Interlocked.CompareExchange(ref below, new(type, fields, known), known), known))
            {
                return fields;
            }
        }
    }

    private sealed record Below(ObjectType Type, PlannedField[] Fields, Below? Next);
}
