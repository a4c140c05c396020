namespace Laurel.GraphQL.Language;

/// <summary>Strings of names that were read before, so that a name which every document has is one string in the process.</summary>
/// <remarks>The table has a fixed number of places and a name that needs a taken place takes it: strangers' names cannot make it grow.
/// Threads may write the same place at once; a reference is written whole, and the loser has merely made a string of its own.</remarks>
internal static class NameTable
{
    private const int PlacesCount = 4096;
    private const int LengthMax = 64;

    private static readonly string?[] s_places = new string?[PlacesCount];

    public static string Of(ReadOnlySpan<char> name)
    {
        if (name.Length > LengthMax)
        {
            return name.ToString();
        }

        var hash = (uint)name.Length;
        foreach (var character in name)
        {
            hash = unchecked((hash * 31) + character);
        }

        ref var place = ref s_places[(hash ^ (hash >> 12)) % PlacesCount];
        var found = place;
        if (found is null || !name.SequenceEqual(found))
        {
            place = found = name.ToString();
        }

        return found;
    }
}
