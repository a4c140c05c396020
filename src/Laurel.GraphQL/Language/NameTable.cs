using System.Numerics;
using System.Runtime.InteropServices;

namespace Laurel.GraphQL.Language;

/// <summary>Strings of names that were read before, so that a name which every document has is one string in the process.</summary>
/// <remarks>The table has a fixed number of places and a name that needs a taken place takes it: strangers' names cannot make it grow.
/// Threads may write the same place at once; a reference is written whole, and the loser has merely made a string of its own.</remarks>
internal static class NameTable
{
    private const int PlacesCount = 1 << 12;
    private const int LengthMax = 64;

    private static readonly Entry?[] s_places = new Entry?[PlacesCount];

    public static string Of(ReadOnlySpan<char> name)
    {
        if (name.Length > LengthMax)
        {
            return name.ToString();
        }

        var (head, tail) = EndsOf(name);

        // The golden ratio spreads the bits; the twelve at the top are taken.
        ref var place = ref s_places[unchecked((head ^ BitOperations.RotateLeft(tail, 29)) * 0x9E3779B97F4A7C15) >> 52];
        var found = place;
        if (found is null || !found.Is(name, head, tail))
        {
            place = found = new(name.ToString(), head, tail);
        }

        return found.Name;
    }

    /// <summary>The first four characters and the last four, which of up to eight are all there are. Shorter names are all head, and their
    /// length is in the tail.</summary>
    private static (ulong Head, ulong Tail) EndsOf(ReadOnlySpan<char> name)
    {
        if (name.Length >= 4)
        {
            var bytes = MemoryMarshal.AsBytes(name);
            return (MemoryMarshal.Read<ulong>(bytes), MemoryMarshal.Read<ulong>(bytes[^sizeof(ulong)..]));
        }

        var head = 0UL;
        foreach (var character in name)
        {
            head = (head << 16) | character;
        }

        return (head, (ulong)name.Length);
    }

    private sealed class Entry(string name, ulong head, ulong tail)
    {
        private const int WholeLengthMax = 8;

        private readonly ulong head = head;
        private readonly ulong tail = tail;

        public string Name { get; } = name;

        public bool Is(ReadOnlySpan<char> other, ulong otherHead, ulong otherTail) =>
            head == otherHead && tail == otherTail && Name.Length == other.Length && (other.Length <= WholeLengthMax || other.SequenceEqual(Name));
    }
}
