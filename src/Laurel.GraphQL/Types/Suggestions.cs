namespace Laurel.GraphQL.Types;

/// <summary>Finds what somebody may have meant by a name that does not exist.</summary>
internal static class Suggestions
{
    private const int NamedMax = 5;

    /// <summary>The distance is a table as large as both names together: a longer name is nobody's slip.</summary>
    private const int NameLengthMax = 200;

    /// <summary>The names that are a few letters away, nearest first.</summary>
    public static IReadOnlyList<string> Nearest(string unknown, IEnumerable<string> known)
    {
        if (unknown.Length > NameLengthMax)
        {
            return [];
        }

        // Two fifths of the letters, and one more.
        var threshold = (unknown.Length * 2 / 5) + 1;
        var distances = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var name in known)
        {
            if (DistanceOf(unknown, name, threshold) is { } distance)
            {
                distances[name] = distance;
            }
        }

        return [.. distances.Keys.Order(Comparer<string>.Create((first, second) =>
            distances[first] != distances[second] ? distances[first].CompareTo(distances[second]) : CompareNaturally(first, second)))];
    }

    /// <summary>A question to end a message with, with a space before it; empty without suggestions.</summary>
    public static string DidYouMean(string what, IReadOnlyList<string> names)
    {
        if (names.Count == 0)
        {
            return "";
        }

        var quoted = names.Take(NamedMax).Select(static name => $"\"{name}\"").ToList();
        var list = quoted.Count switch
        {
            1 => quoted[0],
            2 => $"{quoted[0]} or {quoted[1]}",
            _ => $"{string.Join(", ", quoted[..^1])}, or {quoted[^1]}",
        };
        return $" Did you mean {what}{(what.Length == 0 ? "" : " ")}{list}?";
    }

    /// <summary>By characters, but runs of digits as the numbers they are.</summary>
    public static int CompareNaturally(string first, string second)
    {
        int i = 0, j = 0;
        while (i < first.Length && j < second.Length)
        {
            int order;
            if (char.IsAsciiDigit(first[i]) && char.IsAsciiDigit(second[j]))
            {
                var firstDigits = DigitsAt(first, i);
                var secondDigits = DigitsAt(second, j);
                i += firstDigits.Length;
                j += secondDigits.Length;
                firstDigits = firstDigits.TrimStart('0');
                secondDigits = secondDigits.TrimStart('0');
                order = firstDigits.Length != secondDigits.Length
                    ? firstDigits.Length.CompareTo(secondDigits.Length)
                    : firstDigits.SequenceCompareTo(secondDigits);
            }
            else
            {
                order = first[i++].CompareTo(second[j++]);
            }

            if (order != 0)
            {
                return order;
            }
        }

        return (first.Length - i).CompareTo(second.Length - j);
    }

    private static ReadOnlySpan<char> DigitsAt(string text, int start)
    {
        var rest = text.AsSpan(start);
        var length = rest.IndexOfAnyExceptInRange('0', '9');
        return length < 0 ? rest : rest[..length];
    }

    /// <summary>How many letters must be put in, taken out, changed or swapped with a neighbour; <c>null</c> beyond the threshold. A
    /// difference of case alone counts as one.</summary>
    private static int? DistanceOf(string unknown, string name, int threshold)
    {
        if (unknown == name)
        {
            return 0;
        }

        var (a, b) = (unknown.ToLowerInvariant(), name.ToLowerInvariant());
        if (a == b)
        {
            return 1;
        }

        if (Math.Abs(a.Length - b.Length) > threshold)
        {
            return null;
        }

        var rows = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
        {
            rows[i, 0] = i;
        }

        for (var j = 0; j <= b.Length; j++)
        {
            rows[0, j] = j;
        }

        for (var i = 1; i <= a.Length; i++)
        {
            for (var j = 1; j <= b.Length; j++)
            {
                var change = rows[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                var cell = Math.Min(change, Math.Min(rows[i - 1, j], rows[i, j - 1]) + 1);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                {
                    cell = Math.Min(cell, rows[i - 2, j - 2] + 1);
                }

                rows[i, j] = cell;
            }
        }

        return rows[a.Length, b.Length] <= threshold ? rows[a.Length, b.Length] : null;
    }
}
