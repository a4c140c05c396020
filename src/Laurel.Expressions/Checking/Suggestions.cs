namespace Laurel.Expressions.Checking;

/// <summary>What somebody may have meant who wrote a name that does not exist.</summary>
internal static class Suggestions
{
    private const int NameLengthMax = 64;

    /// <summary>The nearest of the known names; null when none is near.</summary>
    public static string? Nearest(string name, IEnumerable<string> known)
    {
        if (name.Length > NameLengthMax)
        {
            return null;
        }

        var far = 1 + (name.Length / 3);
        return known.Where(other => other.Length <= NameLengthMax)
            .Select(other => (Name: other, Distance: Distance(name, other)))
            .Where(other => other.Distance <= far)
            .OrderBy(other => other.Distance)
            .ThenBy(other => other.Name, StringComparer.Ordinal)
            .Select(other => other.Name)
            .FirstOrDefault();
    }

    /// <summary>Characters to insert, remove or change (Levenshtein), whatever their case.</summary>
    private static int Distance(string left, string right)
    {
        var row = new int[right.Length + 1];
        for (var j = 0; j <= right.Length; j++)
        {
            row[j] = j;
        }

        for (var i = 1; i <= left.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= right.Length; j++)
            {
                var same = char.ToLowerInvariant(left[i - 1]) == char.ToLowerInvariant(right[j - 1]);
                var best = Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + (same ? 0 : 1));
                (diagonal, row[j]) = (row[j], best);
            }
        }

        return row[right.Length];
    }
}
