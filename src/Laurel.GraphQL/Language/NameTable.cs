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

    private static readonly string?[] s_places = new string?[PlacesCount];

    public static string Of(ReadOnlySpan<char> name)
    {
        if (name.Length > LengthMax)
        {
            return name.ToString();
        }

        ref var place = ref s_places[Place(name)];
        var found = place;
        if (found is null || !name.SequenceEqual(found))
        {
            place = found = name.ToString();
        }

        return found;
    }

    /// <summary>By the length and both ends: names that agree in these take turns, which costs a string and nothing else.</summary>
    private static int Place(ReadOnlySpan<char> name)
    {
        var ends = (ulong)name.Length;
        if (name.Length >= 4)
        {
            var bytes = MemoryMarshal.AsBytes(name);
            ends ^= MemoryMarshal.Read<ulong>(bytes) ^ BitOperations.RotateLeft(MemoryMarshal.Read<ulong>(bytes[^8..]), 29);
        }
        else
        {
            foreach (var character in name)
            {
                ends = (ends << 16) | character;
            }
        }

        // The golden ratio spreads the bits; the twelve at the top are taken.
        return (int)(unchecked(ends * 0x9E3779B97F4A7C15) >> 52);
    }
}
