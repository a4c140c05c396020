using System.Text;

namespace Laurel.Membership.Search;

/// <summary>How names are compared when members are looked for: by compatibility (NFKC), in lower case and without white space.</summary>
public static class SearchText
{
    /// <summary>Characters of a text that is looked for at the most.</summary>
    public const int QueryLengthMax = 64;

    /// <summary>Characters of a name that count; what is beyond them is not found.</summary>
    private const int RunesMax = 64;

    // Before a name: who asks for a single character finds the names that begin with it.
    private const string Beginning = "\u0002";

    /// <summary>The form in which names are compared.</summary>
    public static string Normalise(string text)
    {
        var kept = new StringBuilder(text.Length);
        var count = 0;
        // Half of a character is none: normalising refuses it.
        foreach (var rune in Whole(text).Normalize(NormalizationForm.FormKC).EnumerateRunes())
        {
            if (!Rune.IsWhiteSpace(rune) && !Rune.IsControl(rune) && count++ < RunesMax)
            {
                kept.Append(Rune.ToLowerInvariant(rune).ToString());
            }
        }

        return kept.ToString();
    }

    /// <summary>The pieces that a name is found by: its beginning, and every two neighbours.</summary>
    /// <param name="normalised">As <see cref="Normalise"/> gives it.</param>
    public static IReadOnlyCollection<string> PiecesOf(string normalised)
    {
        var pieces = new HashSet<string>(StringComparer.Ordinal);
        if (normalised.Length > 0)
        {
            pieces.Add(BeginningOf(normalised));
            pieces.UnionWith(PairsOf(normalised));
        }

        return pieces;
    }

    /// <summary>The piece of names that begin with the same character.</summary>
    public static string BeginningOf(string normalised) => Beginning + normalised.EnumerateRunes().First();

    /// <summary>Every two neighbours; none of a text of one character.</summary>
    public static IEnumerable<string> PairsOf(string normalised)
    {
        Rune? before = null;
        foreach (var rune in normalised.EnumerateRunes())
        {
            if (before is { } first)
            {
                yield return first.ToString() + rune;
            }

            before = rune;
        }
    }

    /// <summary>How many characters a reader sees, more or less.</summary>
    public static int LengthOf(string normalised) => normalised.EnumerateRunes().Count();

    private static string Whole(string text)
    {
        var whole = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            whole.Append(rune.ToString());
        }

        return whole.ToString();
    }
}
