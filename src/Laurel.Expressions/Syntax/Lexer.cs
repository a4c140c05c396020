using System.Globalization;

namespace Laurel.Expressions.Syntax;

/// <summary>Cuts the text into words (CEL specification, "Syntax").</summary>
internal sealed class Lexer(string text)
{
    /// <summary>Words that no variable may have, because languages around CEL need them.</summary>
    private static readonly HashSet<string> s_reserved =
    [
        "as", "break", "const", "continue", "else", "for", "function", "if", "import", "let", "loop", "package", "namespace",
        "return", "var", "void", "while",
    ];

    private static readonly string[] s_signs =
    [
        "&&", "||", "==", "!=", "<=", ">=", "<", ">", "+", "-", "*", "/", "%", "!", "?", ":", ".", ",", "(", ")", "[", "]", "{", "}",
    ];

    public static readonly Phrase IntTooLarge = new("an int is at most 9223372036854775807", "int 最大为 9223372036854775807");
    private static readonly Phrase UintTooLarge = new("a uint is at most 18446744073709551615", "uint 最大为 18446744073709551615");

    private int _position;

    public static bool IsReserved(string name) => s_reserved.Contains(name);

    public Token Next()
    {
        SkipSpace();
        var start = _position;
        if (start == text.Length)
        {
            return new Token(TokenKind.End, new Span(start, 0), "", null);
        }

        var c = text[start];
        if (char.IsAsciiDigit(c) || (c == '.' && char.IsAsciiDigit(At(start + 1))))
        {
            return Literal(start, Number());
        }

        if (c is '"' or '\'' || IsPrefixed(start))
        {
            var literal = new StringLiteral(text, start);
            var value = literal.Read();
            _position = literal.End;
            return Literal(start, value);
        }

        return char.IsAsciiLetter(c) || c == '_' ? Word(start) : c == '`' ? Quoted(start) : Sign(start);
    }

    private static bool IsNameCharacter(char c) => char.IsAsciiLetterOrDigit(c) || c == '_';

    private char At(int index) => index < text.Length ? text[index] : '\0';

    private Token Literal(int start, object? value) => new(TokenKind.Literal, new Span(start, _position - start), "", value);

    private bool IsPrefixed(int start) => text[start] switch
    {
        'r' or 'R' => At(start + 1) is '"' or '\'',
        'b' or 'B' => At(start + 1) is '"' or '\'' || (At(start + 1) is 'r' or 'R' && At(start + 2) is '"' or '\''),
        _ => false,
    };

    private void SkipSpace()
    {
        while (_position < text.Length)
        {
            if (text[_position] is ' ' or '\t' or '\n' or '\r' or '\f')
            {
                _position++;
            }
            else if (text[_position] == '/' && At(_position + 1) == '/')
            {
                var end = text.IndexOf('\n', _position);
                _position = end < 0 ? text.Length : end;
            }
            else
            {
                return;
            }
        }
    }

    private Token Word(int start)
    {
        while (IsNameCharacter(At(_position)))
        {
            _position++;
        }

        var name = text[start.._position];
        return name switch
        {
            "true" => Literal(start, true),
            "false" => Literal(start, false),
            "null" => Literal(start, null),
            "in" => new Token(TokenKind.Sign, new Span(start, 2), name, null),
            _ => new Token(TokenKind.Name, new Span(start, name.Length), name, null),
        };
    }

    private Token Quoted(int start)
    {
        _position++;
        while (IsNameCharacter(At(_position)) || At(_position) is '.' or '-' or '/' or ' ')
        {
            _position++;
        }

        if (At(_position) != '`' || _position == start + 1)
        {
            throw new SyntaxFault(
                ExpressionErrorCode.LiteralInvalid,
                new Span(start, _position - start),
                null,
                new Phrase("a name in backticks has letters, digits, spaces and . - / _", "反引号中的名称只能含字母、数字、空格和 . - / _"));
        }

        _position++;
        return new Token(TokenKind.QuotedName, new Span(start, _position - start), text[(start + 1)..(_position - 1)], null);
    }

    private Token Sign(int start)
    {
        foreach (var sign in s_signs)
        {
            if (string.CompareOrdinal(text, start, sign, 0, sign.Length) == 0)
            {
                _position += sign.Length;
                return new Token(TokenKind.Sign, new Span(start, sign.Length), sign, null);
            }
        }

        var hint = text[start] switch
        {
            '=' => "==",
            '&' => "&&",
            '|' => "||",
            '‘' or '’' or '“' or '”' => "'…'",
            _ => null,
        };
        throw new SyntaxFault(
            ExpressionErrorCode.SyntaxInvalid,
            new Span(start, CodePoints.Width(text, start)),
            hint,
            new Phrase("an operand or operator", "操作数或运算符"),
            $"'{Shown(text.Substring(start, CodePoints.Width(text, start)))}'");
    }

    // Control characters and halves of surrogate pairs would garble whatever shows the message.
    private static string Shown(string found) =>
        char.IsControl(found[0]) || (char.IsSurrogate(found[0]) && found.Length == 1) ? $"U+{(int)found[0]:X4}" : found;

    private object Number()
    {
        var start = _position;
        if (text[start] == '0' && At(start + 1) is 'x' or 'X')
        {
            _position += 2;
            var digits = Digits(char.IsAsciiHexDigit);
            return Integer(start, digits, NumberStyles.AllowHexSpecifier);
        }

        var whole = Digits(char.IsAsciiDigit);
        var isDouble = false;
        if (At(_position) == '.' && char.IsAsciiDigit(At(_position + 1)))
        {
            isDouble = true;
            _position++;
            Digits(char.IsAsciiDigit);
        }

        if (At(_position) is 'e' or 'E')
        {
            var exponent = At(_position + 1) is '+' or '-' ? _position + 2 : _position + 1;
            if (char.IsAsciiDigit(At(exponent)))
            {
                isDouble = true;
                _position = exponent;
                Digits(char.IsAsciiDigit);
            }
        }

        if (!isDouble)
        {
            return Integer(start, whole, NumberStyles.None);
        }

        RefuseGluedName(start);
        return double.Parse(text.AsSpan(start, _position - start), NumberStyles.Float, CultureInfo.InvariantCulture);
    }

    private string Digits(Func<char, bool> isDigit)
    {
        var start = _position;
        while (isDigit(At(_position)))
        {
            _position++;
        }

        return text[start.._position];
    }

    private object Integer(int start, string digits, NumberStyles style)
    {
        var isUnsigned = At(_position) is 'u' or 'U';
        if (isUnsigned)
        {
            _position++;
        }

        RefuseGluedName(start);
        if (!ulong.TryParse(digits, style, CultureInfo.InvariantCulture, out var number)
            || (!isUnsigned && number > (ulong)long.MaxValue + 1))
        {
            throw new SyntaxFault(
                ExpressionErrorCode.LiteralInvalid,
                new Span(start, _position - start),
                null,
                isUnsigned ? UintTooLarge : IntTooLarge);
        }

        return isUnsigned ? number : number == (ulong)long.MaxValue + 1 ? MinimumMagnitude.Instance : (long)number;
    }

    // 12abc is a slip, not a number and a name.
    private void RefuseGluedName(int start)
    {
        if (IsNameCharacter(At(_position)))
        {
            throw new SyntaxFault(
                ExpressionErrorCode.LiteralInvalid,
                new Span(start, _position + 1 - start),
                null,
                new Phrase("a letter follows the number", "数字后面跟着字母"));
        }
    }
}
