using System.Collections.Concurrent;
using System.Reflection;
using Laurel.GraphQL.Types;

namespace Laurel.GraphQL.Binding;

/// <summary>Which C# type is the model of which object, and which stand for interfaces and unions.</summary>
internal sealed class ClrModels(Schema schema, BindingErrors errors)
{
    private static readonly Type[] s_wrappers = [typeof(Task<>), typeof(ValueTask<>), typeof(Resolved<>), typeof(IAsyncEnumerable<>)];

    private readonly Dictionary<Type, CompositeType> known = [];
    private readonly Dictionary<ObjectType, Type> models = [];

    /// <summary>In the order in which they were found.</summary>
    public IEnumerable<KeyValuePair<ObjectType, Type>> All => models;

    /// <summary><c>null</c> when nothing is known of what an object is in C#.</summary>
    public Type? Of(ObjectType type) => models.GetValueOrDefault(type);

    /// <param name="name">The name of the type it stands for; <c>null</c> for that of its attribute.</param>
    public void Add(Type type, string? name)
    {
        name ??= type.GetCustomAttribute<GraphQLTypeAttribute>()?.Name;
        var place = new BoundPlace(name ?? "?", ClrNames.Of(type), null);
        if (name is null)
        {
            errors.Add(place, "has no [GraphQLType]. Mark it, or name its type where it is added.");
        }
        else if (schema.Types.Find(name) is not CompositeType composite)
        {
            var suggestion = Suggestions.DidYouMean("", Suggestions.Nearest(name, schema.Types.Names));
            errors.Add(place, $"stands for a type that the schema does not have, or that has no fields.{suggestion}");
        }
        else if (known.TryGetValue(type, out var other))
        {
            if (other != composite)
            {
                errors.Add(place with { Node = composite.Definition }, $"stands for {other} already. Give each of both a type of its own.");
            }
        }
        else if (composite is ObjectType one && models.TryGetValue(one, out var model))
        {
            errors.Add(place with { Node = composite.Definition }, $"is not alone: {ClrNames.Of(model)} stands for it too. Keep one of them.");
        }
        else
        {
            known[type] = composite;
            if (composite is ObjectType owned)
            {
                models[owned] = type;
                foreach (var property in ClrMembers.PropertiesOf(type))
                {
                    Discover(property.PropertyType);
                }

                foreach (var method in ClrMembers.FieldMethodsOf(type))
                {
                    Discover(method.ReturnType);
                }
            }
        }
    }

    /// <summary>Adds the model that somebody answers, however it is wrapped.</summary>
    public void Discover(Type answered)
    {
        var shape = ClrShape.Of(answered);
        while ((shape.ArgumentOf(s_wrappers) ?? shape.Item) is { } inner)
        {
            shape = inner;
        }

        if (!known.ContainsKey(shape.Type) && shape.Type.GetCustomAttribute<GraphQLTypeAttribute>() is { } named)
        {
            Add(shape.Type, named.Name);
        }
    }

    /// <summary>Whether values of a C# type can be objects of a type of the schema; tells why not.</summary>
    public bool Fits(Type answered, CompositeType type, BoundPlace place)
    {
        if (type is ObjectType one)
        {
            if (answered == typeof(object) || models.TryGetValue(one, out var model) && model.IsAssignableFrom(answered))
            {
                return true;
            }

            errors.Add(place, model is null
                ? $"is {ClrNames.Of(answered)}, of which nothing says that it is {type}. Mark it [GraphQLType(\"{type}\")], or add it as a model."
                : $"is {ClrNames.Of(answered)}, but the model of {type} is {ClrNames.Of(model)}. Answer that.");
            return false;
        }

        var possible = type.PossibleTypes.Select(Of).OfType<Type>();
        var isAnother = known.TryGetValue(answered, out var composite) && composite is ObjectType && !type.Includes(composite);
        if (!isAnother && possible.Any(member => answered.IsAssignableFrom(member) || member.IsAssignableFrom(answered)))
        {
            return true;
        }

        errors.Add(place, $"is {ClrNames.Of(answered)}, which is not what the members of {type} have in common. Answer the base of their models, or object.");
        return false;
    }

    /// <summary>Tells which members of interfaces and unions have no model to be known by.</summary>
    public void CheckAbstractTypes()
    {
        foreach (var type in schema.Types.OfType<CompositeType>().Where(static type => type.IsAbstract))
        {
            foreach (var member in type.PossibleTypes.Where(member => Of(member) is null))
            {
                errors.Add(
                    new($"{type}", $"{member}", type.Definition),
                    $"has no model, so a value cannot be told to be one. Mark its C# type [GraphQLType(\"{member}\")] and add it as a model.");
            }
        }
    }

    /// <summary>Section 6.4.3, ResolveAbstractType: by the model that a value is, or the nearest one it derives from.</summary>
    public Func<object, string?> NamesOfValues()
    {
        var names = models.ToDictionary(static pair => pair.Value, static pair => pair.Key.Name);
        var found = new ConcurrentDictionary<Type, string?>();
        return value => found.GetOrAdd(value.GetType(), Find);

        string? Find(Type type)
        {
            for (var at = type; at is not null; at = at.BaseType)
            {
                if (names.TryGetValue(at, out var name))
                {
                    return name;
                }
            }

            return type.GetInterfaces().Select(implemented => names.GetValueOrDefault(implemented)).FirstOrDefault(static name => name is not null);
        }
    }
}
