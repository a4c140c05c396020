namespace Laurel.GraphQL.Language;

/// <content>Section 2.2, Descriptions, and sections 2.10, Input Values, to 2.12, Type References.</content>
public sealed partial class Parser
{
    private ValueNode ParseValue(bool isConst)
    {
        switch (lexer.Kind)
        {
            case TokenKind.BracketLeft:
                return ParseList(isConst);
            case TokenKind.BraceLeft:
                return ParseObject(isConst);
            case TokenKind.Int:
                return new IntValueNode { Value = TakeValue(out var whole), Location = whole };
            case TokenKind.Float:
                return new FloatValueNode { Value = TakeValue(out var real), Location = real };
            case TokenKind.String or TokenKind.BlockString:
                return ParseString();
            case TokenKind.Name:
                return ParseNamedValue();
            case TokenKind.Dollar:
                return isConst ? RefuseVariable() : ParseVariable();
            default:
                RefuseToken();
                return null!;
        }
    }

    private ValueNode ParseNamedValue() => lexer.Written switch
    {
        "true" => new BooleanValueNode { Value = true, Location = TakeToken() },
        "false" => new BooleanValueNode { Value = false, Location = TakeToken() },
        "null" => new NullValueNode { Location = TakeToken() },
        _ => new EnumValueNode { Value = TakeValue(out var location), Location = location },
    };

    private string TakeValue(out Location location)
    {
        var value = lexer.Value;
        location = TakeToken();
        return value;
    }

    private Location TakeToken()
    {
        var start = lexer.Start;
        lexer.Advance();
        return Since(start);
    }

    private StringValueNode ParseString()
    {
        var block = At(TokenKind.BlockString);
        return new() { Block = block, Value = TakeValue(out var location), Location = location };
    }

    private StringValueNode? ParseDescription() => lexer.Kind is TokenKind.String or TokenKind.BlockString ? ParseString() : null;

    private VariableNode ParseVariable()
    {
        var start = lexer.Start;
        Expect(TokenKind.Dollar);
        var name = ParseName();
        return new() { Location = Since(start), Name = name };
    }

    private ValueNode RefuseVariable()
    {
        var start = lexer.Start;
        lexer.Advance();
        if (At(TokenKind.Name))
        {
            FailAt(start, $"Unexpected variable \"${lexer.Value}\" in constant value.");
        }
        else
        {
            FailAt(start, $"Unexpected {TokenKinds.Describe(TokenKind.Dollar)}.");
        }

        return null!;
    }

    private ListValueNode ParseList(bool isConst)
    {
        var start = lexer.Start;
        if (!Enter())
        {
            return null!;
        }

        var values = isConst
            ? Any(TokenKind.BracketLeft, static parser => parser.ParseValue(isConst: true), TokenKind.BracketRight)
            : Any(TokenKind.BracketLeft, static parser => parser.ParseValue(isConst: false), TokenKind.BracketRight);
        Leave();
        return new() { Location = Since(start), Values = values };
    }

    private ObjectValueNode ParseObject(bool isConst)
    {
        var start = lexer.Start;
        if (!Enter())
        {
            return null!;
        }

        var fields = isConst
            ? Any(TokenKind.BraceLeft, static parser => parser.ParseObjectField(isConst: true), TokenKind.BraceRight)
            : Any(TokenKind.BraceLeft, static parser => parser.ParseObjectField(isConst: false), TokenKind.BraceRight);
        Leave();
        return new() { Location = Since(start), Fields = fields };
    }

    private ObjectFieldNode ParseObjectField(bool isConst)
    {
        var start = lexer.Start;
        var name = ParseName();
        Expect(TokenKind.Colon);
        var value = ParseValue(isConst);
        return new() { Location = Since(start), Name = name, Value = value };
    }

    private TypeNode ParseTypeReference()
    {
        var start = lexer.Start;
        TypeNode type;
        if (At(TokenKind.BracketLeft))
        {
            if (!Enter())
            {
                return null!;
            }

            lexer.Advance();
            var inner = ParseTypeReference();
            Expect(TokenKind.BracketRight);
            Leave();
            type = new ListTypeNode { Location = Since(start), Type = inner };
        }
        else
        {
            type = ParseNamedType();
        }

        return Skip(TokenKind.Bang) ? new NonNullTypeNode { Location = Since(start), Type = type } : type;
    }

    private NamedTypeNode ParseNamedType()
    {
        var start = lexer.Start;
        var name = ParseName();
        return new() { Location = Since(start), Name = name };
    }
}
