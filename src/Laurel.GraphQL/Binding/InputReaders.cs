using System.Linq.Expressions;
using System.Reflection;
using Laurel.GraphQL.Types;

namespace Laurel.GraphQL.Binding;

/// <summary>Finds out how values that a request gives become C# values, once for each type, and tells where they do not fit.</summary>
internal sealed class InputReaders(EnumTables enums, ScalarTypes scalars, NullabilityInfoContext nullability, BindingErrors errors)
{
    private static readonly MethodInfo s_containsKey = typeof(IReadOnlyDictionary<string, object?>).GetMethod(nameof(IReadOnlyDictionary<,>.ContainsKey))!;

    private readonly Dictionary<(Type Type, InputObjectType Input), Func<object?, object?>> objects = [];

    /// <summary>The code that takes one value out of <paramref name="values"/>; <c>null</c> when it does not fit, which is told.</summary>
    /// <param name="absent">The value when there is none; <c>null</c> for the default of the type.</param>
    public Expression? Take(Expression values, string name, ClrShape shape, SchemaType type, object? absent, BoundPlace place)
    {
        var given = shape.ArgumentOf(typeof(Given<>));
        if (Find(given ?? shape, type, place) is not { } reading)
        {
            return null;
        }

        var read = Expression.Constant(reading.Read, typeof(Func<object?, object?>));
        if (given is not null)
        {
            return Expression.Call(InputValues.TakeGivenMethod.MakeGenericMethod(given.FullType), values, Expression.Constant(name), read);
        }

        Expression otherwise = absent is null ? Expression.Default(shape.FullType) : Expression.Convert(Expression.Constant(absent), shape.FullType);
        return Expression.Call(InputValues.TakeMethod.MakeGenericMethod(shape.FullType), values, Expression.Constant(name), read, otherwise);
    }

    private InputReading? Find(ClrShape shape, SchemaType type, BoundPlace place)
    {
        if (type is not NonNullType && shape.Null is NullabilityState.NotNull)
        {
            errors.AddNull(place, $"is {shape}, which cannot be null, but the schema says {type}, which can.");
            return null;
        }

        return type.Nullable switch
        {
            ListType list => FindList(shape, list, place),
            EnumType choice => enums.Find(shape.Type, choice, place) is { } table ? new(value => table.Values[(string)value!]) : null,
            ScalarType scalar => FindScalar(shape, scalar, place),
            InputObjectType input => FindObject(shape.Type, input, place) is { } read ? new(read) : null,
            _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Not a type of input."),
        };
    }

    private InputReading? FindScalar(ClrShape shape, ScalarType scalar, BoundPlace place)
    {
        if (!scalars.Knows(scalar))
        {
            return InputReading.Unchanged;
        }

        var given = scalars.Given(scalar);
        foreach (var (type, read) in given)
        {
            if (shape.Type.IsAssignableFrom(type))
            {
                return read is null ? InputReading.Unchanged : new(read);
            }
        }

        var fitting = string.Join(" or ", given.Select(static pair => ClrNames.Of(pair.Type)));
        errors.Add(place, $"is {shape}, which does not hold {scalar}. Make it {fitting}.");
        return null;
    }

    private InputReading? FindList(ClrShape shape, ListType list, BoundPlace place)
    {
        if (shape.Item is not { } item)
        {
            errors.Add(place, $"is {shape}, but the schema says {list}. Make it a sequence, such as IReadOnlyList.");
            return null;
        }

        if (Find(item, list.Item, place) is not { } reading)
        {
            return null;
        }

        var read = InputValues.ListReaderMethod.MakeGenericMethod(item.FullType).Invoke(null, [shape.Type, reading.Read]);
        if (read is null)
        {
            errors.Add(place, $"is {shape}, which is not made here. Make it an array, a List, an ImmutableArray, or what an array implements.");
        }

        return read is null ? null : new((Func<object?, object?>)read);
    }

    private Func<object?, object?>? FindObject(Type type, InputObjectType input, BoundPlace place)
    {
        if (objects.TryGetValue((type, input), out var known))
        {
            return known;
        }

        if (type.IsPrimitive || type.IsEnum || type.IsAbstract || type == typeof(string) || ClrShape.Of(type).Item is not null
            || type.GetCustomAttribute<GraphQLInputAttribute>() is { } named && named.Name != input.Name)
        {
            errors.Add(place, $"is {ClrNames.Of(type)}, which is not {input}. Make it a record with the fields of {input}, marked [GraphQLInput(\"{input}\")].");
            return null;
        }

        // Inputs may hold each other in circles: the reader is known before it is made. What does not fit is told, and then nothing is read.
        Func<IReadOnlyDictionary<string, object?>, object?>? made = null;
        Func<object?, object?> read = value => made!((IReadOnlyDictionary<string, object?>)value!);
        objects[(type, input)] = read;
        made = Compile(type, input);
        return read;
    }

    private Func<IReadOnlyDictionary<string, object?>, object?>? Compile(Type type, InputObjectType input)
    {
        var constructors = type.GetConstructors();
        var constructor = constructors is [var only] ? only : constructors.FirstOrDefault(static candidate => candidate.GetParameters().Length == 0);
        if (constructor is null && !type.IsValueType)
        {
            errors.Add(
                new(input.Name, ClrNames.Of(type), input.Definition), "has no public constructor, or several of which none is without parameters. Leave one.");
            return null;
        }

        var values = Expression.Parameter(typeof(IReadOnlyDictionary<string, object?>), "values");
        var made = Expression.Variable(type, "made");
        var taken = new Dictionary<string, string>(StringComparer.Ordinal);
        var parameters = constructor?.GetParameters() ?? [];
        var arguments = parameters.Select(parameter => Take(
            values, type, input, taken, parameter.Name!, NameOf(parameter), ClrShape.Of(parameter, nullability),
            parameter.HasDefaultValue ? parameter.DefaultValue : null)).ToList();
        var properties = type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.SetMethod is { IsPublic: true } && !property.IsDefined(typeof(GraphQLIgnoreAttribute))
                && parameters.All(parameter => parameter.Name != property.Name))
            .Select(property => (property, value: Take(
                values, type, input, taken, property.Name, property.GetCustomAttribute<GraphQLFieldAttribute>()?.Name,
                ClrShape.Of(property, nullability), absent: null)))
            .ToList();
        foreach (var field in input.Fields.Where(field => !taken.ContainsKey(field.Name)))
        {
            errors.Add(
                new($"{input}.{field.Name}", ClrNames.Of(type), field.Definition),
                "has no property and no positional parameter for this field. Add one, or name one with [GraphQLField].");
        }

        if (arguments.Exists(static argument => argument.Value is null) || properties.Exists(static property => property.value.Value is null))
        {
            return null;
        }

        var bare = constructor is null ? Expression.New(type) : Expression.New(constructor, arguments.Select(static argument => argument.Value!));
        List<Expression> steps = [Expression.Assign(made, bare)];
        foreach (var (property, value) in properties)
        {
            // What is absent keeps what the type itself begins with.
            var assign = Expression.Assign(Expression.Property(made, property), value.Value!);
            steps.Add(Expression.IfThen(Expression.Call(values, s_containsKey, Expression.Constant(value.Field)), assign));
        }

        var body = Expression.Block([made], [.. steps, Expression.Convert(made, typeof(object))]);
        return (Func<IReadOnlyDictionary<string, object?>, object?>)Deferred.Compile(values, body);
    }

    private (string Field, Expression? Value) Take(
        Expression values, Type type, InputObjectType input, Dictionary<string, string> taken, string name, string? attributed, ClrShape shape, object? absent)
    {
        var member = $"{ClrNames.Of(type)}.{name}";
        if (ClrNames.Find(input.Fields, attributed, name) is not { } field)
        {
            var suggestion = Suggestions.DidYouMean("", Suggestions.Nearest(ClrNames.Expected(attributed, name), input.Fields.Names));
            errors.Add(
                new(input.Name, member, input.Definition),
                $"is no field of this input object. Add it to the schema, name its field with [GraphQLField], or mark it [GraphQLIgnore].{suggestion}");
            return (name, null);
        }

        var place = new BoundPlace($"{input}.{field.Name}", member, field.Definition);
        if (!taken.TryAdd(field.Name, member))
        {
            errors.Add(place, $"takes the field that {taken[field.Name]} takes. Keep one of them.");
            return (field.Name, null);
        }

        return (field.Name, Take(values, field.Name, shape, field.Type, absent, place));
    }

    /// <summary>An attribute in front of a positional parameter belongs to the parameter, unless it says that it is the property's.</summary>
    private static string? NameOf(ParameterInfo parameter) =>
        parameter.GetCustomAttribute<GraphQLFieldAttribute>()?.Name
        ?? parameter.Member.DeclaringType!.GetProperty(parameter.Name!)?.GetCustomAttribute<GraphQLFieldAttribute>()?.Name;
}
