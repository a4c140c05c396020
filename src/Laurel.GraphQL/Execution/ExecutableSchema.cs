using System.Collections.Frozen;
using System.Collections.Immutable;
using Laurel.GraphQL.Types;

namespace Laurel.GraphQL.Execution;

/// <summary>An executable schema, or the fields that nobody resolves.</summary>
/// <param name="Schema"><c>null</c> exactly when there are errors.</param>
public sealed record BindingOutcome(ExecutableSchema? Schema, ImmutableArray<GraphQLError> Errors);

/// <summary>A schema of which every field has a resolver. Never changes, so threads share it.</summary>
public sealed class ExecutableSchema
{
    private readonly FrozenDictionary<SchemaField, Resolver> resolvers;
    private readonly Func<object, string?> typeNameOf;

    private ExecutableSchema(Schema schema, FrozenDictionary<SchemaField, Resolver> resolvers, Func<object, string?> typeNameOf) =>
        (Schema, this.resolvers, this.typeNameOf) = (schema, resolvers, typeNameOf);

    public Schema Schema { get; }

    /// <summary>Looks for the resolver of every field of every object; those of introspection are there already.</summary>
    /// <param name="find">The resolver of a field; <c>null</c> when there is none, which is an error.</param>
    /// <param name="typeNameOf">Section 6.4.3, ResolveAbstractType: the name of the object type a value is of; <c>null</c> when it is of
    /// none.</param>
    public static BindingOutcome Bind(Schema schema, Func<ObjectType, SchemaField, Resolver?> find, Func<object, string?> typeNameOf)
    {
        var errors = ImmutableArray.CreateBuilder<GraphQLError>();
        var found = IntrospectionResolvers.For(schema);
        foreach (var type in schema.Types.OfType<ObjectType>().Where(static type => !type.IsIntrospection))
        {
            foreach (var field in type.Fields)
            {
                if (find(type, field) is { } resolver)
                {
                    found[field] = resolver;
                }
                else
                {
                    errors.Add(GraphQLError.At($"Field {type}.{field.Name} has no resolver.", field.Definition));
                }
            }
        }

        return errors.Count == 0
            ? new(new(schema, found.ToFrozenDictionary(), typeNameOf), [])
            : new(null, errors.DrainToImmutable());
    }

    internal Resolver ResolverOf(SchemaField field) => resolvers[field];

    internal string? TypeNameOf(object value) => typeNameOf(value);
}
