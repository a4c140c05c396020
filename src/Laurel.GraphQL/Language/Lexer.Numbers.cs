namespace Laurel.GraphQL.Language;

/// <content>Sections 2.10.1, Int Value, and 2.10.2, Float Value.</content>
internal partial struct Lexer
{
    private void ReadNumber(int start)
    {
        var index = start;
        var isFloat = false;
        if (text[index] == '-')
        {
            index++;
        }

        if (CharacterAt(index) == '0')
        {
            index++;
            if (char.IsAsciiDigit(CharacterAt(index)))
            {
                Refuse(index, $"Invalid number, unexpected digit after 0: {DescribeAt(index)}.");
                return;
            }
        }
        else if (!SkipDigits(ref index))
        {
            return;
        }

        if (CharacterAt(index) == '.')
        {
            isFloat = true;
            index++;
            if (!SkipDigits(ref index))
            {
                return;
            }
        }

        if (CharacterAt(index) is 'e' or 'E')
        {
            isFloat = true;
            index++;
            if (CharacterAt(index) is '+' or '-')
            {
                index++;
            }

            if (!SkipDigits(ref index))
            {
                return;
            }
        }

        // A name or a point right behind a number is a slip, such as 0xF1 or 1.2.3, and not a second token.
        if (CharacterAt(index) is '.' or '_' || char.IsAsciiLetter(CharacterAt(index)))
        {
            Refuse(index, $"Invalid number, expected digit but got: {DescribeAt(index)}.");
            return;
        }

        Take(isFloat ? TokenKind.Float : TokenKind.Int, start, index);
    }

    private bool SkipDigits(ref int index)
    {
        if (!char.IsAsciiDigit(CharacterAt(index)))
        {
            Refuse(index, $"Invalid number, expected digit but got: {DescribeAt(index)}.");
            return false;
        }

        do
        {
            index++;
        }
        while (char.IsAsciiDigit(CharacterAt(index)));
        return true;
    }
}
