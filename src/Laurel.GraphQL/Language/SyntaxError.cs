namespace Laurel.GraphQL.Language;

/// <summary>Why a document cannot be read. The first fault ends the reading, so there is one.</summary>
/// <param name="Message">For people, in English; the words are those of graphql-js.</param>
/// <param name="Offset">Where, in UTF-16 code units from the beginning.</param>
public sealed record SyntaxError(SyntaxErrorKind Kind, string Message, Source Source, int Offset)
{
    public SourcePosition Position => Source.PositionOf(Offset);
}

/// <summary>What a host may want to tell apart.</summary>
public enum SyntaxErrorKind
{
    /// <summary>The text breaks the grammar (section 2, Language).</summary>
    Unreadable,

    /// <summary>More tokens than <see cref="ParseLimits.TokensMax"/>.</summary>
    TooManyTokens,

    /// <summary>Nested deeper than <see cref="ParseLimits.DepthMax"/>.</summary>
    TooDeep,
}
