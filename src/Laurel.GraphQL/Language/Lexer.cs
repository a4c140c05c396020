using System.Globalization;

namespace Laurel.GraphQL.Language;

/// <summary>Cuts a document into tokens, one at a time, without making any object for a token.</summary>
/// <remarks>Section 2.1, Source Text, and the grammar in its appendix. The first fault is kept in <see cref="Error"/>, and from then on
/// the document is at its end: so readers of any kind come to their own end without asking after each token.</remarks>
internal partial struct Lexer(Source source, int tokensMax)
{
    private readonly string text = source.Text;
    private int tokensCount;

    // The value of a string that is not simply a stretch of the text: one with escapes, or a block.
    private string? decoded;

    public TokenKind Kind { get; private set; }

    /// <summary>Where the token begins.</summary>
    public int Start { get; private set; }

    /// <summary>Behind the token.</summary>
    public int End { get; private set; }

    /// <summary>Behind the token before this one.</summary>
    public int PreviousEnd { get; private set; }

    public SyntaxError? Error { get; private set; }

    /// <summary>What is written in a name or a number.</summary>
    public readonly ReadOnlySpan<char> Written => text.AsSpan(Start, End - Start);

    /// <summary>What the token means, for a name, a number or a string.</summary>
    public readonly string Value => Kind switch
    {
        TokenKind.Name => NameTable.Of(Written),
        TokenKind.BlockString => decoded!,
        TokenKind.String => decoded ?? text[(Start + 1)..(End - 1)],
        _ => Written.ToString(),
    };

    /// <summary>Ends the reading, unless a fault has ended it before.</summary>
    public void Fail(SyntaxErrorKind kind, int offset, string message)
    {
        Error ??= new(kind, "Syntax Error: " + message, source, offset);
        Kind = TokenKind.EndOfFile;
        Start = End = text.Length;
    }

    /// <summary>Goes to the next token; at the end it stays there.</summary>
    public void Advance()
    {
        PreviousEnd = End;
        var index = End;
        ReadOnlySpan<char> characters = text;
        while (index < characters.Length)
        {
            // Section 2.1.6, Ignored Tokens: white space, ends of lines, commas, the byte order mark, and comments mean nothing.
            var character = characters[index];
            if (character is ' ' or '\n' or '\t' or '\r' or ',' or '\uFEFF')
            {
                index++;
            }
            else if (character == '#')
            {
                index = EndOfComment(index + 1);
            }
            else
            {
                Read(index, character);
                CountToken();
                return;
            }
        }

        Kind = TokenKind.EndOfFile;
        Start = End = index;
    }

    private void CountToken()
    {
        if (++tokensCount > tokensMax && Error is null)
        {
            Fail(SyntaxErrorKind.TooManyTokens, Start, string.Create(CultureInfo.InvariantCulture, $"Document contains more that {tokensMax} tokens. Parsing aborted."));
        }
    }

    private void Read(int index, char character)
    {
        switch (character)
        {
            case '!': Take(TokenKind.Bang, index, index + 1); break;
            case '$': Take(TokenKind.Dollar, index, index + 1); break;
            case '&': Take(TokenKind.Ampersand, index, index + 1); break;
            case '(': Take(TokenKind.ParenLeft, index, index + 1); break;
            case ')': Take(TokenKind.ParenRight, index, index + 1); break;
            case '.' when CharacterAt(index + 1) == '.' && CharacterAt(index + 2) == '.': Take(TokenKind.Spread, index, index + 3); break;
            case ':': Take(TokenKind.Colon, index, index + 1); break;
            case '=': Take(TokenKind.Equal, index, index + 1); break;
            case '@': Take(TokenKind.At, index, index + 1); break;
            case '[': Take(TokenKind.BracketLeft, index, index + 1); break;
            case ']': Take(TokenKind.BracketRight, index, index + 1); break;
            case '{': Take(TokenKind.BraceLeft, index, index + 1); break;
            case '|': Take(TokenKind.Pipe, index, index + 1); break;
            case '}': Take(TokenKind.BraceRight, index, index + 1); break;
            case '"' when CharacterAt(index + 1) == '"' && CharacterAt(index + 2) == '"': ReadBlockString(index); break;
            case '"': ReadString(index); break;
            case '-' or (>= '0' and <= '9'): ReadNumber(index); break;
            case '_' or (>= 'a' and <= 'z') or (>= 'A' and <= 'Z'): ReadName(index); break;
            default: RefuseCharacter(index, character); break;
        }
    }

    /// <summary>Section 2.1.8, Names: 1 for what a name may go on with.</summary>
    private static ReadOnlySpan<byte> NameCharacters =>
    [
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0,
        0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 1,
        0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0,
    ];

    private void Take(TokenKind kind, int start, int end)
    {
        Kind = kind;
        Start = start;
        End = end;
    }

    private readonly int EndOfComment(int index)
    {
        // Half of a surrogate pair ends the comment too: it is refused as the next token.
        while (index < text.Length && text[index] is not ('\n' or '\r') && LengthOfScalarAt(index) is > 0 and var length)
        {
            index += length;
        }

        return index;
    }

    private void ReadName(int start)
    {
        ReadOnlySpan<char> characters = text;
        var index = start + 1;
        while (index < characters.Length && characters[index] < NameCharacters.Length && NameCharacters[characters[index]] != 0)
        {
            index++;
        }

        Take(TokenKind.Name, start, index);
    }

    private void RefuseCharacter(int index, char character)
    {
        var message = character == '\'' ? "Unexpected single quote character ('), did you mean to use a double quote (\")?"
            : LengthOfScalarAt(index) > 0 ? $"Unexpected character: {DescribeAt(index)}."
            : $"Invalid character: {DescribeAt(index)}.";
        Refuse(index, message);
    }

    private void Refuse(int offset, string message) => Fail(SyntaxErrorKind.Unreadable, offset, message);

    /// <summary>The character, or zero behind the end: zero itself is allowed nowhere, so the two need not be told apart.</summary>
    private readonly char CharacterAt(int index) => index < text.Length ? text[index] : '\0';

    /// <summary>How many code units the character takes: 1 or 2, and 0 for half of a surrogate pair (section 2.1, Source Text).</summary>
    private readonly int LengthOfScalarAt(int index) =>
        !char.IsSurrogate(text[index]) ? 1
        : char.IsHighSurrogate(text[index]) && char.IsLowSurrogate(CharacterAt(index + 1)) ? 2
        : 0;

    private readonly string DescribeAt(int index)
    {
        if (index >= text.Length)
        {
            return "<EOF>";
        }

        var character = text[index];
        var codePoint = LengthOfScalarAt(index) == 2 ? char.ConvertToUtf32(character, text[index + 1]) : character;
        return character switch
        {
            '"' => "'\"'",
            >= ' ' and <= '~' => $"\"{character}\"",
            _ => "U+" + codePoint.ToString("X4", CultureInfo.InvariantCulture),
        };
    }
}
