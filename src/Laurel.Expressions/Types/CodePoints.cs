namespace Laurel.Expressions;

/// <summary>Text as CEL sees it: a sequence of Unicode code points, while .NET keeps UTF-16.</summary>
internal static class CodePoints
{
    /// <summary>A surrogate pair counts once.</summary>
    public static int Count(ReadOnlySpan<char> text)
    {
        var count = text.Length;
        foreach (var c in text)
        {
            if (char.IsLowSurrogate(c))
            {
                count--;
            }
        }

        return count;
    }

    /// <summary>The UTF-16 index of a code point, or -1 when the text is shorter. The end itself has an index.</summary>
    public static int IndexOf(string text, long codePoint)
    {
        if (codePoint < 0 || codePoint > text.Length)
        {
            return -1;
        }

        var index = 0;
        for (; codePoint > 0 && index < text.Length; codePoint--)
        {
            index += Width(text, index);
        }

        return codePoint == 0 ? index : -1;
    }

    /// <summary>UTF-16 units of the code point that begins here.</summary>
    public static int Width(string text, int index) =>
        char.IsHighSurrogate(text[index]) && index + 1 < text.Length && char.IsLowSurrogate(text[index + 1]) ? 2 : 1;

    /// <summary>Orders by code points. UTF-16 order differs only above the surrogates, where U+E000 follows U+10000.</summary>
    public static int Compare(string left, string right)
    {
        var common = Math.Min(left.Length, right.Length);
        var same = left.AsSpan(0, common).CommonPrefixLength(right.AsSpan(0, common));
        if (same == common)
        {
            return left.Length.CompareTo(right.Length);
        }

        var (a, b) = (left[same], right[same]);
        return char.IsSurrogate(a) != char.IsSurrogate(b) && a >= '\uD800' && b >= '\uD800'
            ? (char.IsSurrogate(a) ? 1 : -1)
            : a.CompareTo(b);
    }
}
