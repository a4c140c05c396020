using System.Reflection;
using Laurel.GraphQL.Execution;
using Laurel.GraphQL.Types;

namespace Laurel.GraphQL.Binding;

/// <summary>One schema that is being bound.</summary>
internal sealed class SchemaBinding
{
    private readonly Schema schema;
    private readonly BindingErrors errors = new();
    private readonly ClrModels models;
    private readonly FieldCompiler compiler;
    private readonly OrderedDictionary<SchemaField, Candidate> candidates = [];

    public SchemaBinding(Schema schema, IReadOnlyDictionary<string, Type> scalarTypes, Type? context)
    {
        var nullability = new NullabilityInfoContext();
        var enums = new EnumTables(errors);
        var scalars = new ScalarTypes(scalarTypes);
        this.schema = schema;
        models = new(schema, errors);
        compiler = new(
            schema, models, new(models, enums, scalars, errors), new(enums, scalars, nullability, errors), nullability, context, errors);
    }

    public BindingOutcome Bind(
        IReadOnlyDictionary<string, ScalarCoercion> scalars,
        IReadOnlyList<(Type Type, string? Name)> given,
        IReadOnlyList<object> instances,
        IReadOnlyList<(string Coordinate, object Bound)> fields)
    {
        CheckScalars(scalars);
        FindModels(given, instances, fields);
        foreach (var (type, model) in models.All)
        {
            OfferModel(type, model);
        }

        foreach (var instance in instances)
        {
            OfferInstance(instance);
        }

        foreach (var (coordinate, bound) in fields)
        {
            OfferField(coordinate, bound);
        }

        TellUnresolved();
        models.CheckAbstractTypes();
        var bindings = candidates.ToDictionary(static pair => pair.Key, static pair => pair.Value.Bind());
        return errors.All is { IsEmpty: false } found
            ? new(null, found)
            : ExecutableSchema.Bind(schema, (_, field) => bindings[field], models.NamesOfValues());
    }

    private void CheckScalars(IReadOnlyDictionary<string, ScalarCoercion> scalars)
    {
        foreach (var scalar in schema.Types.OfType<ScalarType>().Where(static scalar => !BuiltInScalars.All.Contains(scalar)))
        {
            var place = new BoundPlace(scalar.Name, "the binder", scalar.Definition);
            if (!scalars.TryGetValue(scalar.Name, out var coercion))
            {
                errors.Add(place, "does not know this scalar. Add it with AddScalar.");
            }
            else if (!ReferenceEquals(coercion, scalar.Coercion))
            {
                errors.Add(place, "reads this scalar otherwise than the schema was made to. Make the schema with the binder's Scalars.");
            }
        }
    }

    /// <summary>Those that were named come first, then those that methods answer.</summary>
    private void FindModels(
        IReadOnlyList<(Type Type, string? Name)> given, IReadOnlyList<object> instances, IReadOnlyList<(string Coordinate, object Bound)> fields)
    {
        foreach (var (type, name) in given)
        {
            models.Add(type, name);
        }

        foreach (var method in instances.SelectMany(static instance => ClrMembers.MethodsOf(instance.GetType())))
        {
            models.Discover(method.ReturnType);
        }

        foreach (var bound in fields.Select(static field => field.Bound).OfType<Delegate>())
        {
            models.Discover(bound.Method.ReturnType);
        }
    }

    private void OfferModel(ObjectType type, Type model)
    {
        foreach (var property in ClrMembers.PropertiesOf(model))
        {
            var attributed = property.GetCustomAttribute<GraphQLFieldAttribute>()?.Name;
            Offer(type, attributed, property.Name, $"{ClrNames.Of(model)}.{property.Name}", field => compiler.Compile(type, field, model, property));
        }

        foreach (var method in ClrMembers.FieldMethodsOf(model))
        {
            OfferMethod(type, method, FieldMethod.OfModel(model, method));
        }
    }

    private void OfferInstance(object instance)
    {
        var host = instance.GetType();
        if (host.GetCustomAttribute<GraphQLTypeAttribute>()?.Name is not { } name)
        {
            errors.Add(new("?", ClrNames.Of(host), null), "has no [GraphQLType], so nothing says of which type its methods are fields. Mark it.");
        }
        else if (schema.Types.Find(name) is not ObjectType type)
        {
            var suggestion = Suggestions.DidYouMean("", Suggestions.Nearest(name, schema.Types.Names));
            errors.Add(new(name, ClrNames.Of(host), null), $"has fields of a type that the schema does not have, or that is no object.{suggestion}");
        }
        else
        {
            foreach (var method in ClrMembers.MethodsOf(host))
            {
                OfferMethod(type, method, FieldMethod.OfInstance(instance, method, takesSource: !IsRoot(type)));
            }
        }
    }

    private void OfferMethod(ObjectType type, MethodInfo method, FieldMethod called) =>
        Offer(
            type, method.GetCustomAttribute<GraphQLFieldAttribute>()?.Name, ClrMembers.NameOf(method), called.Member,
            field => compiler.Compile(type, field, called));

    private void OfferField(string coordinate, object bound)
    {
        var place = new BoundPlace(coordinate, $"the delegate for {coordinate}", null);
        if (coordinate.Split('.') is not [var typeName, var fieldName] || schema.Types.Find(typeName) is not ObjectType type
            || type.Fields.Find(fieldName) is null)
        {
            errors.Add(place, "is for no field of an object of the schema. Name one as \"Type.field\".");
            return;
        }

        Offer(type, fieldName, fieldName, place.Member, field => bound is Delegate method
            ? compiler.Compile(type, field, FieldMethod.OfDelegate(coordinate, method, takesSource: !IsRoot(type)))
            : (FieldBinding)bound);
    }

    private void Offer(ObjectType type, string? attributed, string name, string member, Func<SchemaField, FieldBinding?> bind)
    {
        if (ClrNames.Find(type.Fields, attributed, name) is not { } field)
        {
            var suggestion = Suggestions.DidYouMean("", Suggestions.Nearest(ClrNames.Expected(attributed, name), type.Fields.Names));
            errors.Add(
                new(type.Name, member, type.Definition),
                $"is no field of this type. Add it to the schema, name its field with [GraphQLField], or mark it [GraphQLIgnore].{suggestion}");
        }
        else if (candidates.TryGetValue(field, out var other))
        {
            errors.Add(
                new($"{type}.{field.Name}", member, field.Definition), $"answers a field that {other.Member} answers. Keep one of them, or mark one [GraphQLIgnore].");
        }
        else
        {
            candidates.Add(field, new(member, () => bind(field)));
        }
    }

    private void TellUnresolved()
    {
        foreach (var type in schema.Types.OfType<ObjectType>().Where(static type => !type.IsIntrospection))
        {
            var host = models.Of(type) is { } model ? ClrNames.Of(model) : IsRoot(type) ? "a class marked with its type" : $"the model of {type}";
            foreach (var field in type.Fields.Where(field => !candidates.ContainsKey(field)))
            {
                errors.Add(
                    new($"{type}.{field.Name}", "nothing", field.Definition),
                    $"answers this field. Give {host} a member for it, or bind it with AddField.");
            }
        }
    }

    private bool IsRoot(ObjectType type) => schema.RootTypes.Contains(type);

    /// <param name="Bind">Compiles it, and tells what does not fit.</param>
    private sealed record Candidate(string Member, Func<FieldBinding?> Bind);
}
