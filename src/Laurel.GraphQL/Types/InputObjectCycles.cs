using System.Collections.Immutable;
using Laurel.GraphQL.Language;

namespace Laurel.GraphQL.Types;

/// <summary>Section 3.10, Input Objects: no input object may need itself, neither through fields that must not be null nor through
/// defaults that fill each other in.</summary>
internal sealed class InputObjectCycles
{
    private readonly ImmutableArray<GraphQLError>.Builder errors;
    private readonly HashSet<object> seen = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<object, int> open = new(ReferenceEqualityComparer.Instance);
    private readonly List<SchemaInput> path = [];
    private readonly List<string> places = [];

    private InputObjectCycles(ImmutableArray<GraphQLError>.Builder errors) => this.errors = errors;

    public static void Check(Schema schema, ImmutableArray<GraphQLError>.Builder errors)
    {
        var nonNull = new InputObjectCycles(errors);
        var defaults = new InputObjectCycles(errors);
        foreach (var type in schema.Types.OfType<InputObjectType>())
        {
            nonNull.FollowNonNull(type);
            foreach (var field in type.Fields)
            {
                defaults.FollowDefault(type, field);
            }
        }
    }

    /// <summary>Recurses through types, so as deep as a schema has input objects: a schema is its owner's, not a stranger's.</summary>
    private void FollowNonNull(InputObjectType type)
    {
        if (!seen.Add(type))
        {
            return;
        }

        open[type] = path.Count;
        foreach (var field in type.Fields)
        {
            if (field.Type is not NonNullType { Inner: InputObjectType needed })
            {
                continue;
            }

            path.Add(field);
            if (!open.TryGetValue(needed, out var start))
            {
                FollowNonNull(needed);
            }
            else
            {
                var names = string.Join('.', path.Skip(start).Select(static step => step.Name));
                errors.Add(GraphQLError.At(
                    $"Cannot reference Input Object \"{needed}\" within itself through a series of non-null fields: \"{names}\".",
                    [.. path.Skip(start).Select(static step => step.Definition)]));
            }

            path.RemoveAt(path.Count - 1);
        }

        open.Remove(type);
    }

    /// <summary>"InputFieldDefaultValueHasCycle" of the specification.</summary>
    private void FollowDefault(InputObjectType type, SchemaInput field)
    {
        if (field.Default is null)
        {
            return;
        }

        if (open.TryGetValue(field, out var start))
        {
            errors.Add(GraphQLError.At(
                $"The default of input field {type}.{field.Name} refers to itself through {string.Join(", ", places.Skip(start))}.",
                [.. path.Skip(start).Select(static step => step.Definition)]));
            return;
        }

        if (!seen.Add(field))
        {
            return;
        }

        open[field] = path.Count;
        path.Add(field);
        places.Add($"{type}.{field.Name}");
        FollowLiteral(field.Type.Named, field.Default);
        places.RemoveAt(places.Count - 1);
        path.RemoveAt(path.Count - 1);
        open.Remove(field);
    }

    private void FollowLiteral(NamedType type, ValueNode literal)
    {
        if (literal is ListValueNode list)
        {
            foreach (var item in list.Values)
            {
                FollowLiteral(type, item);
            }
        }
        else if (type is InputObjectType input && literal is ObjectValueNode given)
        {
            foreach (var field in input.Fields)
            {
                if (given.Fields.FirstOrDefault(written => written.Name.Value == field.Name) is { } written)
                {
                    FollowLiteral(field.Type.Named, written.Value);
                }
                else
                {
                    FollowDefault(input, field);
                }
            }
        }
    }
}
