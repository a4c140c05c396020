namespace Laurel.GraphQL.Language;

/// <summary>The text of one document and the name it is called by in errors, such as a file's.</summary>
public sealed class Source(string text, string name)
{
    /// <summary>The name of a document that a request brought with it.</summary>
    public const string RequestName = "GraphQL request";

    public Source(string text)
        : this(text, RequestName)
    {
    }

    public string Text { get; } = text;

    public string Name { get; } = name;

    /// <summary>The line and the column of an offset; both begin with 1, and a column counts UTF-16 code units.</summary>
    /// <remarks>Section 2.1.2, Line Terminators: a line feed, a carriage return, or both together end a line. Walks the text, so
    /// it is meant for errors.</remarks>
    public SourcePosition PositionOf(int offset)
    {
        var end = Math.Min(offset, Text.Length);
        var line = 1;
        var lineStart = 0;
        for (var index = 0; index < end; index++)
        {
            var character = Text[index];
            if (character == '\r' && index + 1 < Text.Length && Text[index + 1] == '\n')
            {
                // The pair ends one line: an offset between the two still belongs to the line before.
                if (index + 1 >= end)
                {
                    break;
                }

                index++;
            }
            else if (character is not ('\r' or '\n'))
            {
                continue;
            }

            line++;
            lineStart = index + 1;
        }

        return new(line, offset - lineStart + 1);
    }
}

/// <summary>A place in a document as people count: both numbers begin with 1.</summary>
public readonly record struct SourcePosition(int Line, int Column);

/// <summary>The stretch of a document that a node was read from, from <paramref name="Start"/> up to but without
/// <paramref name="End"/>, in UTF-16 code units. The default value, without a source, belongs to a node nobody has written.</summary>
public readonly record struct Location(Source? Source, int Start, int End)
{
    /// <summary>Where the stretch begins; <c>null</c> without a source.</summary>
    public SourcePosition? Position => Source?.PositionOf(Start);
}
