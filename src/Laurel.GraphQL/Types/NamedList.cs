using System.Collections;
using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;

namespace Laurel.GraphQL.Types;

/// <summary>Things that have names: in the order in which they were defined, and found by name.</summary>
public sealed class NamedList<T> : IReadOnlyList<T>
    where T : class
{
    // Below this a walk over the names is as fast as a hash.
    private const int WalkedMax = 4;

    private readonly T[] items;
    private readonly string[] names;
    private readonly FrozenDictionary<string, T>? byName;

    /// <summary>Where a name comes twice, it finds the later thing; whoever checks a schema reports the name.</summary>
    internal NamedList(IEnumerable<T> items, Func<T, string> nameOf)
    {
        var latest = new OrderedDictionary<string, T>(StringComparer.Ordinal);
        foreach (var item in items)
        {
            latest[nameOf(item)] = item;
        }

        this.items = [.. latest.Values];
        names = [.. latest.Keys];
        byName = this.items.Length > WalkedMax ? latest.ToFrozenDictionary(StringComparer.Ordinal) : null;
    }

    public static NamedList<T> Empty { get; } = new([], static _ => "");

    /// <summary>The names, in the order of definition.</summary>
    public IReadOnlyList<string> Names => names;

    public int Count => items.Length;

    public T this[int index] => items[index];

    /// <summary>The thing of that name; <c>null</c> where there is none.</summary>
    public T? Find(string name)
    {
        if (byName is not null)
        {
            return byName.GetValueOrDefault(name);
        }

        for (var index = 0; index < names.Length; index++)
        {
            if (names[index] == name)
            {
                return items[index];
            }
        }

        return null;
    }

    public bool TryFind(string name, [NotNullWhen(true)] out T? item) => (item = Find(name)) is not null;

    public Enumerator GetEnumerator() => new(items);

    IEnumerator<T> IEnumerable<T>.GetEnumerator() => ((IEnumerable<T>)items).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => items.GetEnumerator();

    /// <summary>Walks without allocating.</summary>
    public struct Enumerator(T[] items)
    {
        private int index = -1;

        public readonly T Current => items[index];

        public bool MoveNext() => ++index < items.Length;
    }
}
