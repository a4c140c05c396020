using System.Collections.Frozen;
using System.Collections.Immutable;
using Laurel.GraphQL.Types;

namespace Laurel.GraphQL.Execution;

/// <summary>An executable schema, or the fields whose value nobody finds.</summary>
/// <param name="Schema"><c>null</c> exactly when there are errors.</param>
public sealed record BindingOutcome(ExecutableSchema? Schema, ImmutableArray<GraphQLError> Errors);

/// <summary>A schema of which every field has a binding. Never changes, so threads share it.</summary>
public sealed class ExecutableSchema
{
    private readonly FrozenDictionary<SchemaField, FieldBinding> bindings;
    private readonly Func<object, string?> typeNameOf;

    private ExecutableSchema(Schema schema, FrozenDictionary<SchemaField, FieldBinding> bindings, Func<object, string?> typeNameOf) =>
        (Schema, this.bindings, this.typeNameOf) = (schema, bindings, typeNameOf);

    public Schema Schema { get; }

    /// <summary>Looks for the binding of every field of every object; those of introspection are there already.</summary>
    /// <param name="find">The binding of a field; <c>null</c> when there is none, which is an error. Root fields of subscriptions have a
    /// source, and no others.</param>
    /// <param name="typeNameOf">Section 6.4.3, ResolveAbstractType: the name of the object type a value is of; <c>null</c> when it is of
    /// none.</param>
    public static BindingOutcome Bind(Schema schema, Func<ObjectType, SchemaField, FieldBinding?> find, Func<object, string?> typeNameOf)
    {
        var errors = ImmutableArray.CreateBuilder<GraphQLError>();
        var found = IntrospectionResolvers.For(schema);
        foreach (var type in schema.Types.OfType<ObjectType>().Where(static type => !type.IsIntrospection))
        {
            foreach (var field in type.Fields)
            {
                var binding = find(type, field);
                if (Refuse(schema, type, binding) is { } why)
                {
                    errors.Add(GraphQLError.At($"Field {type}.{field.Name} {why}", field.Definition));
                }
                else
                {
                    found[field] = binding!;
                }
            }
        }

        return errors.Count == 0
            ? new(new(schema, found.ToFrozenDictionary(), typeNameOf), [])
            : new(null, errors.DrainToImmutable());
    }

    internal FieldBinding BindingOf(SchemaField field) => bindings[field];

    internal string? TypeNameOf(object value) => typeNameOf(value);

    private static string? Refuse(Schema schema, ObjectType type, FieldBinding? binding) =>
        (binding, ReferenceEquals(type, schema.SubscriptionType)) switch
        {
            (null, _) => "has no resolver.",
            ({ Source: null }, true) => "is a root field of subscriptions and has no source of events.",
            ({ Source: not null }, false) => "has a source of events and is no root field of subscriptions.",
            _ => null,
        };
}
