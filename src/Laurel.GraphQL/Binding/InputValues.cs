using System.Collections.Immutable;
using System.Reflection;
using System.Runtime.InteropServices;

namespace Laurel.GraphQL.Binding;

/// <summary>How a coerced value becomes a C# value.</summary>
/// <param name="Read">For values that are not null; <c>null</c> where they stay what they are.</param>
internal sealed record InputReading(Func<object?, object?>? Read)
{
    public static InputReading Unchanged { get; } = new((Func<object?, object?>?)null);
}

/// <summary>What compiled code calls to take arguments and fields of input objects.</summary>
internal static class InputValues
{
    public static readonly MethodInfo TakeMethod = typeof(InputValues).GetMethod(nameof(Take))!;
    public static readonly MethodInfo TakeGivenMethod = typeof(InputValues).GetMethod(nameof(TakeGiven))!;
    public static readonly MethodInfo ListReaderMethod = typeof(InputValues).GetMethod(nameof(ListReader))!;

    public static T Take<T>(IReadOnlyDictionary<string, object?> values, string name, Func<object?, object?>? read, T absent) =>
        values.TryGetValue(name, out var value) ? Read<T>(value, read) : absent;

    public static Given<T> TakeGiven<T>(IReadOnlyDictionary<string, object?> values, string name, Func<object?, object?>? read) =>
        values.TryGetValue(name, out var value) ? new(Read<T>(value, read)) : default;

    /// <summary>Makes lists of a type that is an array, a list or an immutable array, or is implemented by an array; <c>null</c> for any other.</summary>
    public static Func<object?, object?>? ListReader<T>(Type list, Func<object?, object?>? readItem)
    {
        if (list.IsAssignableFrom(typeof(T[])))
        {
            return value => ReadAll<T>(value, readItem);
        }

        if (list == typeof(List<T>))
        {
            return value => new List<T>(ReadAll<T>(value, readItem));
        }

        return list == typeof(ImmutableArray<T>) ? value => ImmutableCollectionsMarshal.AsImmutableArray(ReadAll<T>(value, readItem)) : null;
    }

    private static T[] ReadAll<T>(object? value, Func<object?, object?>? readItem)
    {
        var items = (IReadOnlyList<object?>)value!;
        var read = new T[items.Count];
        for (var index = 0; index < read.Length; index++)
        {
            read[index] = Read<T>(items[index], readItem);
        }

        return read;
    }

    private static T Read<T>(object? value, Func<object?, object?>? read) => (T)(value is null || read is null ? value : read(value))!;
}
