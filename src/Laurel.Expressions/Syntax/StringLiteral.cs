using System.Globalization;
using System.Text;

namespace Laurel.Expressions.Syntax;

/// <summary>Reads one string or bytes literal with its prefixes, quotes and escapes.</summary>
internal sealed class StringLiteral(string text, int start)
{
    private readonly StringBuilder _characters = new();
    private readonly List<byte> _bytes = [];
    private bool _isBytes;

    /// <summary>The index after the literal, once it was read.</summary>
    public int End { get; private set; }

    /// <summary>A <see cref="string"/> or an array of <see cref="byte"/>.</summary>
    public object Read()
    {
        End = start;
        _isBytes = text[End] is 'b' or 'B';
        End += _isBytes ? 1 : 0;
        var isRaw = text[End] is 'r' or 'R';
        End += isRaw ? 1 : 0;
        var quote = text[End];
        var isTriple = string.CompareOrdinal(text, End, new string(quote, 3), 0, 3) == 0;
        End += isTriple ? 3 : 1;
        while (true)
        {
            if (End >= text.Length || (!isTriple && text[End] is '\n' or '\r'))
            {
                throw Fault("it does not end", "没有结束");
            }

            if (text[End] == quote && (!isTriple || string.CompareOrdinal(text, End, new string(quote, 3), 0, 3) == 0))
            {
                End += isTriple ? 3 : 1;
                return _isBytes ? _bytes.ToArray() : _characters.ToString();
            }

            if (text[End] == '\\' && !isRaw)
            {
                Escape();
            }
            else
            {
                Plain();
            }
        }
    }

    private SyntaxFault Fault(string english, string chinese) => new(
        ExpressionErrorCode.LiteralInvalid, new Span(start, Math.Min(End, text.Length) - start), null, new Phrase(english, chinese));

    private void Plain()
    {
        var width = CodePoints.Width(text, End);
        if (width == 1 && char.IsSurrogate(text[End]))
        {
            throw Fault("half of a surrogate pair is no character", "半个代理对不是字符");
        }

        if (_isBytes)
        {
            _bytes.AddRange(Encoding.UTF8.GetBytes(text.Substring(End, width)));
        }
        else
        {
            _characters.Append(text, End, width);
        }

        End += width;
    }

    private void Escape()
    {
        var kind = End + 1 < text.Length ? text[End + 1] : '\0';
        switch (kind)
        {
            case 'a': Simple('\a'); return;
            case 'b': Simple('\b'); return;
            case 'f': Simple('\f'); return;
            case 'n': Simple('\n'); return;
            case 'r': Simple('\r'); return;
            case 't': Simple('\t'); return;
            case 'v': Simple('\v'); return;
            case '\\' or '?' or '"' or '\'' or '`': Simple(kind); return;
            case 'x' or 'X': Code(Digits(End + 2, 2, 16), 4); return;
            case 'u' when !_isBytes: Code(Digits(End + 2, 4, 16), 6); return;
            case 'U' when !_isBytes: Code(Digits(End + 2, 8, 16), 10); return;
            case >= '0' and <= '3': Code(Digits(End + 1, 3, 8), 4); return;
            default:
                End = Math.Min(End + 2, text.Length);
                throw _isBytes && kind is 'u' or 'U'
                    ? Fault("bytes have no \\u; write \\x", "bytes 中没有 \\u，请用 \\x")
                    : Fault("an escape is \\n, \\t, \\', \\\\, \\x, \\u, \\U or octal", "转义只有 \\n、\\t、\\'、\\\\、\\x、\\u、\\U 和八进制");
        }
    }

    private void Simple(char character)
    {
        Add(character);
        End += 2;
    }

    private void Add(char ascii)
    {
        if (_isBytes)
        {
            _bytes.Add((byte)ascii);
        }
        else
        {
            _characters.Append(ascii);
        }
    }

    private uint Digits(int from, int count, int radix)
    {
        uint value = 0;
        for (var i = from; i < from + count; i++)
        {
            var digit = i < text.Length && char.IsAsciiHexDigit(text[i])
                ? int.Parse(text.AsSpan(i, 1), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture)
                : radix;
            if (digit >= radix)
            {
                End = Math.Min(i, text.Length);
                throw Fault($"the escape needs {count} digits", $"转义需要 {count} 位数字");
            }

            value = (value * (uint)radix) + (uint)digit;
        }

        return value;
    }

    private void Code(uint value, int width)
    {
        End += width;
        if (_isBytes)
        {
            _bytes.Add((byte)value);
        }
        else if (Rune.TryCreate(value, out var rune))
        {
            _characters.Append(rune.ToString());
        }
        else
        {
            throw Fault("the escape names no Unicode character", "转义不是 Unicode 字符");
        }
    }
}
