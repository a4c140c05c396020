using System.Text;

namespace Laurel.GraphQL.Language;

/// <summary>Section 2.10.4, String Value: the semantics of block strings, in both directions.</summary>
public static class BlockString
{
    // Longer ones get lines of their own for the quotes.
    private const int LineLengthMax = 70;

    /// <summary>BlockStringValue() of the specification: takes away the indentation that all lines but the first share, and the blank lines
    /// at both ends.</summary>
    internal static string Dedent(List<string> lines)
    {
        var indent = int.MaxValue;
        var first = -1;
        var last = -1;
        for (var index = 0; index < lines.Count; index++)
        {
            var blanks = LeadingBlanks(lines[index]);
            if (blanks == lines[index].Length)
            {
                continue;
            }

            first = first < 0 ? index : first;
            last = index;
            if (index > 0)
            {
                indent = Math.Min(indent, blanks);
            }
        }

        if (first == last)
        {
            return first < 0 ? "" : first == 0 ? lines[0] : lines[first][indent..];
        }

        var value = new StringBuilder();
        for (var index = first; index <= last; index++)
        {
            var line = lines[index];
            if (index > first)
            {
                value.Append('\n');
            }

            var cut = index == 0 ? 0 : Math.Min(indent, line.Length);
            value.Append(line, cut, line.Length - cut);
        }

        return value.ToString();
    }

    /// <summary>Writes a value as a block string, quotes included. Reading it gives the value back if
    /// <see cref="CanHold"/> says so.</summary>
    public static string Print(string value)
    {
        var escaped = value.Replace("\"\"\"", "\\\"\"\"");
        var lines = escaped.Replace("\r\n", "\n").Replace('\r', '\n').Split('\n');
        var single = lines.Length == 1;

        // Where all further lines are indented, or a value begins with a blank, a line break before it keeps the blanks.
        var leadingBreak = !single && lines.Skip(1).All(line => line.Length == 0 || IsBlank(line[0]));
        var trailingBreak = value.EndsWith('\\') || (value.EndsWith('"') && !escaped.EndsWith("\\\"\"\"", StringComparison.Ordinal));
        var several = !single || value.Length > LineLengthMax || trailingBreak || escaped.EndsWith("\\\"\"\"", StringComparison.Ordinal);
        var keepFirst = single && value.Length > 0 && IsBlank(value[0]);

        var result = new StringBuilder("\"\"\"");
        if ((several && !keepFirst) || leadingBreak)
        {
            result.Append('\n');
        }

        result.Append(escaped);
        if (several)
        {
            result.Append('\n');
        }

        return result.Append("\"\"\"").ToString();
    }

    /// <summary>Whether a block string can say this value: no control characters, no blank line at either end, and no indentation that
    /// all lines share, which reading would take away.</summary>
    public static bool CanHold(string value)
    {
        if (value.Any(character => character is < ' ' and not ('\t' or '\n')))
        {
            return false;
        }

        var lines = value.Split('\n');
        if (lines.Length == 1)
        {
            return value.Length == 0 || LeadingBlanks(value) < value.Length;
        }

        var written = lines.Where(line => LeadingBlanks(line) < line.Length).ToList();
        return written.Count > 0
            && LeadingBlanks(lines[0]) < lines[0].Length
            && LeadingBlanks(lines[^1]) < lines[^1].Length
            && written.Any(line => !IsBlank(line[0]));
    }

    private static int LeadingBlanks(string line)
    {
        var index = 0;
        while (index < line.Length && IsBlank(line[index]))
        {
            index++;
        }

        return index;
    }

    private static bool IsBlank(char character) => character is ' ' or '\t';
}
