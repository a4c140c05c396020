using System.Collections.Frozen;
using System.Reflection;
using Laurel.GraphQL.Types;

namespace Laurel.GraphQL.Binding;

/// <summary>The values of a C# enum beside those of the schema's.</summary>
internal abstract class EnumTable
{
    /// <summary>Boxed once, by the schema's name.</summary>
    public abstract FrozenDictionary<string, object> Values { get; }
}

/// <inheritdoc/>
internal sealed class EnumTable<T> : EnumTable
    where T : struct, Enum
{
    private readonly FrozenDictionary<T, string> names;

    /// <summary>Made by reflection, of the names that <see cref="EnumTables"/> has found.</summary>
    public EnumTable(IReadOnlyDictionary<object, string> names, IReadOnlyDictionary<string, object> values)
    {
        this.names = names.ToFrozenDictionary(static pair => (T)pair.Key, static pair => pair.Value);
        Values = values.ToFrozenDictionary(StringComparer.Ordinal);
    }

    public override FrozenDictionary<string, object> Values { get; }

    /// <exception cref="InvalidOperationException">The value is one that the schema does not know.</exception>
    public object NameOf(T value) =>
        names.TryGetValue(value, out var name) ? name : throw new InvalidOperationException($"The schema has no name for {typeof(T).Name} {value}.");
}

/// <summary>Finds for each pair of enums which value is which, once.</summary>
internal sealed class EnumTables(BindingErrors errors)
{
    private readonly Dictionary<(Type Type, EnumType Choice), EnumTable?> tables = [];

    /// <summary><c>null</c> when the values do not fit, which is told once.</summary>
    public EnumTable? Find(Type type, EnumType choice, BoundPlace place)
    {
        if (!type.IsEnum)
        {
            errors.Add(place, $"is {ClrNames.Of(type)}, but {choice} is an enum. Make it a C# enum with the values {string.Join(", ", choice.Values.Names)}.");
            return null;
        }

        if (!tables.TryGetValue((type, choice), out var table))
        {
            tables[(type, choice)] = table = Pair(type, choice, place);
        }

        return table;
    }

    private EnumTable? Pair(Type type, EnumType choice, BoundPlace place)
    {
        if (type.GetCustomAttribute<GraphQLEnumAttribute>() is { } named && named.Name != choice.Name)
        {
            errors.Add(place, $"is {type.Name}, which says that it is {named.Name}, but the schema says {choice}. Use the enum of {choice}.");
            return null;
        }

        var names = new Dictionary<object, string>();
        var values = new Dictionary<string, object>(StringComparer.Ordinal);
        var fits = true;
        foreach (var field in type.GetFields(BindingFlags.Public | BindingFlags.Static).Where(static field => !field.IsDefined(typeof(GraphQLIgnoreAttribute))))
        {
            var attributed = field.GetCustomAttribute<GraphQLEnumValueAttribute>()?.Name;
            if (ClrNames.FindValue(choice.Values, attributed, field.Name) is { } value)
            {
                names.TryAdd(field.GetValue(null)!, value.Name);
                values.TryAdd(value.Name, field.GetValue(null)!);
            }
            else
            {
                fits = false;
                errors.Add(
                    new(choice.Name, $"{type.Name}.{field.Name}", choice.Definition),
                    $"is no value of this enum. Add it to the schema, spell it with [GraphQLEnumValue], or mark it [GraphQLIgnore].");
            }
        }

        foreach (var value in choice.Values.Where(value => !values.ContainsKey(value.Name)))
        {
            fits = false;
            errors.Add(new($"{choice}.{value.Name}", type.Name, value.Definition), "has no value for it. Add one, or spell one with [GraphQLEnumValue].");
        }

        return fits
            ? (EnumTable)Activator.CreateInstance(typeof(EnumTable<>).MakeGenericType(type), names, values)!
            : null;
    }
}
