namespace Laurel.Expressions.Syntax;

/// <summary>Reads an expression by recursive descent, one method for each level of precedence (CEL specification, "Syntax").</summary>
/// <remarks>Nesting of the text is limited while it is read, height of the tree when it is made, so that hostile input
/// can exhaust neither this stack nor that of whoever walks the tree.</remarks>
internal sealed class Parser
{
    /// <summary>UTF-16 units of the text that a message repeats.</summary>
    private const int ShownMax = 40;

    private static readonly Phrase s_operand = new("an operand", "操作数");

    private readonly string _text;
    private readonly Lexer _lexer;
    private Token _token;
    private int _depth;
    private int _nodes;

    /// <summary>Where the last word that was taken ends, so that a part's place includes its parentheses.</summary>
    private int _end;

    private Parser(string text)
    {
        _text = text;
        _lexer = new Lexer(text);
        _token = _lexer.Next();
    }

    /// <summary>The tree, or the first thing that cannot be read.</summary>
    public static (Node? Node, ExpressionError? Error) Parse(string text)
    {
        if (text.Length > ExpressionLimits.TextLengthMax)
        {
            return (null, ExpressionError.At(
                "", default, ExpressionErrorCode.TextTooLong, null, text.Length, ExpressionLimits.TextLengthMax));
        }

        try
        {
            var parser = new Parser(text);
            var node = parser.Expression();
            return parser._token.Kind == TokenKind.End
                ? (node, null)
                : throw parser.Unexpected(new("an operator or the end", "运算符或结尾"));
        }
        catch (SyntaxFault fault)
        {
            return (null, ExpressionError.At(text, fault.Span, fault.Code, fault.Hint, fault.Values));
        }
    }

    private Node Expression()
    {
        if (++_depth > ExpressionLimits.DepthMax)
        {
            throw new SyntaxFault(ExpressionErrorCode.NestingTooDeep, _token.Span, null, ExpressionLimits.DepthMax);
        }

        var start = _token.Span.Start;
        var node = Logic(isAnd: false);
        if (TakeIf("?"))
        {
            var whenTrue = Logic(isAnd: false);
            Take(":");
            var whenFalse = Expression();
            node = Made(new ConditionalNode(From(start), node, whenTrue, whenFalse));
        }

        _depth--;
        return node;
    }

    private Node Logic(bool isAnd)
    {
        var start = _token.Span.Start;
        var first = isAnd ? Relation() : Logic(isAnd: true);
        if (!_token.Is(isAnd ? "&&" : "||"))
        {
            return first;
        }

        var operands = new List<Node> { first };
        while (TakeIf(isAnd ? "&&" : "||"))
        {
            operands.Add(isAnd ? Relation() : Logic(isAnd: true));
        }

        return Made(new LogicNode(From(start), isAnd, operands));
    }

    private Node Relation()
    {
        var start = _token.Span.Start;
        var left = Sum();
        while (_token.Kind == TokenKind.Sign && _token.Text is "==" or "!=" or "<" or "<=" or ">" or ">=" or "in")
        {
            left = Binary(start, left, Sum);
        }

        return left;
    }

    private Node Sum()
    {
        var start = _token.Span.Start;
        var left = Product();
        while (_token.Is("+") || _token.Is("-"))
        {
            left = Binary(start, left, Product);
        }

        return left;
    }

    private Node Product()
    {
        var start = _token.Span.Start;
        var left = Unary();
        while (_token.Is("*") || _token.Is("/") || _token.Is("%"))
        {
            left = Binary(start, left, Unary);
        }

        return left;
    }

    private Node Binary(int start, Node left, Func<Node> next)
    {
        var sign = Advance();
        var right = next();
        var name = sign.Text == "in" ? "@in" : $"_{sign.Text}_";
        return Made(new CallNode(From(start), name, sign.Span, null, [left, right]));
    }

    private Node Unary()
    {
        if (!_token.Is("!") && !_token.Is("-"))
        {
            return Member();
        }

        var sign = Advance();
        if (sign.Is("-") && _token.IsNumber)
        {
            return Member(sign.Span.Start, Negative(sign));
        }

        if (++_depth > ExpressionLimits.DepthMax)
        {
            throw new SyntaxFault(ExpressionErrorCode.NestingTooDeep, sign.Span, null, ExpressionLimits.DepthMax);
        }

        var operand = Unary();
        _depth--;
        return Made(new CallNode(From(sign.Span.Start), sign.Text + "_", sign.Span, null, [operand]));
    }

    private Node Negative(Token sign)
    {
        var number = Advance();
        object value = number.Value switch
        {
            long integer => (object)-integer,
            double real => -real,
            _ => long.MinValue,
        };
        return Made(new LiteralNode(Span.Between(sign.Span, number.Span), value));
    }

    private Node Member() => Member(_token.Span.Start, Primary());

    private Node Member(int start, Node node)
    {
        while (true)
        {
            if (TakeIf("."))
            {
                node = AfterDot(start, node);
            }
            else if (_token.Is("["))
            {
                var open = Advance();
                var index = Expression();
                var close = Take("]");
                var brackets = Span.Between(open.Span, close.Span);
                node = Made(new CallNode(From(start), "_[_]", brackets, null, [node, index]));
            }
            else if (_token.Is("{") && QualifiedName(node) is { } name)
            {
                node = Message(start, name);
            }
            else
            {
                return node;
            }
        }
    }

    private Node AfterDot(int start, Node operand)
    {
        if (_token.Kind == TokenKind.QuotedName)
        {
            var quoted = Advance();
            return Made(new SelectNode(From(start), operand, quoted.Text, quoted.Span, isTest: false));
        }

        var name = _token.Kind == TokenKind.Name ? Advance() : throw Unexpected(new("the name of a field or function", "字段名或函数名"));
        if (!_token.Is("("))
        {
            return Made(new SelectNode(From(start), operand, name.Text, name.Span, isTest: false));
        }

        var arguments = Arguments(")");
        var span = From(start);
        return Made(Macros.Expand(span, name, operand, arguments)
            ?? new CallNode(span, name.Text, name.Span, operand, arguments));
    }

    private Node Primary()
    {
        switch (_token.Kind)
        {
            case TokenKind.Literal:
                var literal = Advance();
                return literal.Value is MinimumMagnitude
                    ? throw new SyntaxFault(ExpressionErrorCode.LiteralInvalid, literal.Span, null, Lexer.IntTooLarge)
                    : Made(new LiteralNode(literal.Span, literal.Value));
            case TokenKind.Name:
                return Name(absolute: false, _token.Span.Start);
            case TokenKind.Sign when _token.Is("."):
                return Name(absolute: true, Advance().Span.Start);
            case TokenKind.Sign when _token.Is("("):
                Advance();
                var inner = Expression();
                Take(")");
                return inner;
            case TokenKind.Sign when _token.Is("["):
                var start = _token.Span.Start;
                var elements = Arguments("]");
                return Made(new ListNode(From(start), elements));
            case TokenKind.Sign when _token.Is("{"):
                return Map();
            case TokenKind.End:
            case TokenKind.QuotedName:
            case TokenKind.Sign:
            default:
                throw Unexpected(s_operand);
        }
    }

    private Node Name(bool absolute, int start)
    {
        var name = _token.Kind == TokenKind.Name ? Advance() : throw Unexpected(new("a name", "名称"));
        if (Lexer.IsReserved(name.Text))
        {
            throw new SyntaxFault(
                ExpressionErrorCode.SyntaxInvalid,
                name.Span,
                null,
                s_operand,
                new Phrase($"the reserved word {name.Text}", $"保留字 {name.Text}"));
        }

        if (!_token.Is("("))
        {
            return Made(new NameNode(From(start), name.Text, absolute));
        }

        var arguments = Arguments(")");
        var span = From(start);
        return Made((absolute ? null : Macros.Expand(span, name, null, arguments))
            ?? new CallNode(span, name.Text, name.Span, null, arguments));
    }

    /// <summary>From the opening sign to the closing one; a comma may stand before the end of a list.</summary>
    private IReadOnlyList<Node> Arguments(string close)
    {
        Advance();
        var arguments = new List<Node>();
        while (!_token.Is(close))
        {
            arguments.Add(Expression());
            if (!_token.Is(close))
            {
                TakeComma(close);
                if (close == ")" && _token.Is(close))
                {
                    throw Unexpected(new("an argument", "参数"));
                }
            }
        }

        Advance();
        return arguments;
    }

    private Node Map()
    {
        var start = Advance().Span.Start;
        var entries = new List<(Node Key, Node Value)>();
        while (!_token.Is("}"))
        {
            var key = Expression();
            Take(":");
            entries.Add((key, Expression()));
            if (!_token.Is("}"))
            {
                TakeComma("}");
            }
        }

        Advance();
        return Made(new MapNode(From(start), entries));
    }

    private Node Message(int start, string name)
    {
        Advance();
        while (!_token.Is("}"))
        {
            _ = _token.Kind is TokenKind.Name or TokenKind.QuotedName ? Advance() : throw Unexpected(new("the name of a field", "字段名"));
            Take(":");
            Expression();
            if (!_token.Is("}"))
            {
                TakeComma("}");
            }
        }

        Advance();
        return Made(new MessageNode(From(start), name));
    }

    private static string? QualifiedName(Node node) => node switch
    {
        NameNode name => name.Name,
        SelectNode { IsTest: false } select => QualifiedName(select.Operand) is { } qualifier ? $"{qualifier}.{select.Field}" : null,
        _ => null,
    };

    private Span From(int start) => new(start, _end - start);

    private Node Made(Node node)
    {
        if (node.Height > ExpressionLimits.DepthMax)
        {
            throw new SyntaxFault(ExpressionErrorCode.NestingTooDeep, node.Span, null, ExpressionLimits.DepthMax);
        }

        return ++_nodes > ExpressionLimits.NodesMax
            ? throw new SyntaxFault(ExpressionErrorCode.ExpressionTooLarge, node.Span, null, ExpressionLimits.NodesMax)
            : node;
    }

    private Token Advance()
    {
        var token = _token;
        _end = token.Span.Start + token.Span.Length;
        _token = _lexer.Next();
        return token;
    }

    private bool TakeIf(string sign)
    {
        if (!_token.Is(sign))
        {
            return false;
        }

        Advance();
        return true;
    }

    private Token Take(string sign) => _token.Is(sign) ? Advance() : throw Unexpected(new($"'{sign}'", $"'{sign}'"));

    private void TakeComma(string close)
    {
        if (!TakeIf(","))
        {
            throw Unexpected(new($"',' or '{close}'", $"',' 或 '{close}'"));
        }
    }

    private SyntaxFault Unexpected(Phrase expected)
    {
        var hint = _token.Kind == TokenKind.Name
            ? _token.Text switch
            {
                "and" or "AND" => "&&",
                "or" or "OR" => "||",
                "not" or "NOT" => "!",
                _ => null,
            }
            : null;
        var found = _token.Kind == TokenKind.End
            ? new Phrase("the end", "表达式结尾")
            : (object)$"'{_text.Substring(_token.Span.Start, Math.Min(_token.Span.Length, ShownMax))}'";
        return new SyntaxFault(ExpressionErrorCode.SyntaxInvalid, _token.Span, hint, expected, found);
    }
}
