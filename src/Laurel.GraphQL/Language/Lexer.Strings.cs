using System.Text;

namespace Laurel.GraphQL.Language;

/// <content>Section 2.10.4, String Value.</content>
internal partial struct Lexer
{
    private void ReadString(int start)
    {
        // Most strings have no escape: these stay a stretch of the text, and no builder is made.
        StringBuilder? value = null;
        var index = start + 1;
        var chunkStart = index;
        while (index < text.Length && text[index] is not ('\n' or '\r'))
        {
            switch (text[index])
            {
                case '"':
                    decoded = value?.Append(text, chunkStart, index - chunkStart).ToString();
                    Take(TokenKind.String, start, index + 1);
                    return;
                case '\\':
                    value = (value ?? new()).Append(text, chunkStart, index - chunkStart);
                    var length = ReadEscape(index, value);
                    if (length == 0)
                    {
                        return;
                    }

                    index += length;
                    chunkStart = index;
                    break;
                default:
                    if (!SkipStringCharacter(ref index))
                    {
                        return;
                    }

                    break;
            }
        }

        Refuse(index, "Unterminated string.");
    }

    private void ReadBlockString(int start)
    {
        var lines = new List<string>();
        var line = new StringBuilder();
        var index = start + 3;
        var chunkStart = index;
        while (index < text.Length)
        {
            switch (text[index])
            {
                case '"' when CharacterAt(index + 1) == '"' && CharacterAt(index + 2) == '"':
                    lines.Add(line.Append(text, chunkStart, index - chunkStart).ToString());
                    decoded = BlockString.Dedent(lines);
                    Take(TokenKind.BlockString, start, index + 3);
                    return;
                case '\\' when string.CompareOrdinal(text, index, "\\\"\"\"", 0, 4) == 0:
                    // The one escape of a block string: the backslash goes, the quotes stay.
                    line.Append(text, chunkStart, index - chunkStart);
                    chunkStart = index + 1;
                    index += 4;
                    break;
                case '\n' or '\r':
                    lines.Add(line.Append(text, chunkStart, index - chunkStart).ToString());
                    line.Clear();
                    index += text[index] == '\r' && CharacterAt(index + 1) == '\n' ? 2 : 1;
                    chunkStart = index;
                    break;
                default:
                    if (!SkipStringCharacter(ref index))
                    {
                        return;
                    }

                    break;
            }
        }

        Refuse(index, "Unterminated string.");
    }

    private bool SkipStringCharacter(ref int index)
    {
        var length = LengthOfScalarAt(index);
        if (length == 0)
        {
            Refuse(index, $"Invalid character within String: {DescribeAt(index)}.");
            return false;
        }

        index += length;
        return true;
    }

    /// <summary>Adds what the escape at <paramref name="index"/> means, and gives its length; 0 after a fault.</summary>
    private int ReadEscape(int index, StringBuilder value)
    {
        var next = CharacterAt(index + 1);
        if (next == 'u')
        {
            return CharacterAt(index + 2) == '{' ? ReadBracedEscape(index, value) : ReadFixedEscape(index, value);
        }

        char? meant = next switch
        {
            '"' or '\\' or '/' => next,
            'b' => '\b',
            'f' => '\f',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            _ => null,
        };
        if (meant is null)
        {
            Refuse(index, $"Invalid character escape sequence: \"{Stretch(index, 2)}\".");
            return 0;
        }

        value.Append(meant.Value);
        return 2;
    }

    private int ReadBracedEscape(int index, StringBuilder value)
    {
        // Eight digits are enough for any number of 32 bits; more would only be zeroes before it.
        var codePoint = 0;
        var length = 3;
        while (length < 12)
        {
            var character = CharacterAt(index + length);
            length++;
            if (character == '}')
            {
                if (length < 5 || !Rune.IsValid(codePoint))
                {
                    break;
                }

                value.Append(new Rune(codePoint).ToString());
                return length;
            }

            codePoint = char.IsAsciiHexDigit(character) ? (codePoint << 4) | HexDigit(character) : -1;
            if (codePoint < 0)
            {
                break;
            }
        }

        return RefuseUnicode(index, length);
    }

    private int ReadFixedEscape(int index, StringBuilder value)
    {
        var first = FourHexDigitsAt(index + 2);
        if (first >= 0 && !char.IsSurrogate((char)first))
        {
            value.Append((char)first);
            return 6;
        }

        if (first >= 0 && char.IsHighSurrogate((char)first) && CharacterAt(index + 6) == '\\' && CharacterAt(index + 7) == 'u')
        {
            var second = FourHexDigitsAt(index + 8);
            if (second >= 0 && char.IsLowSurrogate((char)second))
            {
                value.Append((char)first).Append((char)second);
                return 12;
            }
        }

        return RefuseUnicode(index, 6);
    }

    private int RefuseUnicode(int index, int length)
    {
        Refuse(index, $"Invalid Unicode escape sequence: \"{Stretch(index, length)}\".");
        return 0;
    }

    private readonly int FourHexDigitsAt(int index)
    {
        var number = 0;
        for (var place = 0; place < 4; place++)
        {
            var character = CharacterAt(index + place);
            if (!char.IsAsciiHexDigit(character))
            {
                return -1;
            }

            number = (number << 4) | HexDigit(character);
        }

        return number;
    }

    private static int HexDigit(char character) => character <= '9' ? character - '0' : (character | 0x20) - 'a' + 10;

    /// <summary>A part of the text for an error: it may cut a surrogate pair, and messages must stay text that can be sent.</summary>
    private readonly string Stretch(int index, int length)
    {
        var stretch = text.AsSpan(index, Math.Min(length, text.Length - index)).ToArray();
        return Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(stretch));
    }
}
