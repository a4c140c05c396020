using System.Collections.Immutable;

namespace Laurel.GraphQL.Language;

/// <content>Section 3, Type System: which definition comes next, and what definitions and extensions share.</content>
public sealed partial class Parser
{
    private DefinitionNode ParseDefinition()
    {
        if (At(TokenKind.BraceLeft))
        {
            return ParseShorthand();
        }

        var start = lexer.Start;
        var description = ParseDescription();
        switch (At(TokenKind.Name) ? lexer.Written : "")
        {
            case "schema": return ParseSchemaDefinition(start, description);
            case "scalar": return ParseScalarDefinition(start, description);
            case "type": return ParseObjectDefinition(start, description);
            case "interface": return ParseInterfaceDefinition(start, description);
            case "union": return ParseUnionDefinition(start, description);
            case "enum": return ParseEnumDefinition(start, description);
            case "input": return ParseInputDefinition(start, description);
            case "directive": return ParseDirectiveDefinition(start, description);
            case "query" or "mutation" or "subscription": return ParseOperation(start, description);
            case "fragment": return ParseFragmentDefinition(start, description);
            case "extend" when description is null: return ParseExtension(start);
        }

        RefuseDefinition(start, isDescribed: description is not null);
        return null!;
    }

    private void RefuseDefinition(int start, bool isDescribed)
    {
        // Section 2.2 lets definitions be described, but no extension, and no query in its short form.
        if (isDescribed && AtKeyword("extend"))
        {
            FailAt(start, "Unexpected description, descriptions are supported only on type definitions.");
        }
        else if (isDescribed && At(TokenKind.BraceLeft))
        {
            FailAt(start, "Unexpected description, descriptions are not supported on shorthand queries.");
        }
        else if (isDescribed && At(TokenKind.Name))
        {
            FailAt(start, "Unexpected description, only GraphQL definitions support descriptions.");
        }
        else
        {
            RefuseToken();
        }
    }

    private ImmutableArray<NamedTypeNode> ParseInterfaces() =>
        SkipKeyword("implements") ? Delimited(TokenKind.Ampersand, static parser => parser.ParseNamedType()) : [];

    private ImmutableArray<NamedTypeNode> ParseUnionMembers() =>
        Skip(TokenKind.Equal) ? Delimited(TokenKind.Pipe, static parser => parser.ParseNamedType()) : [];

    private ImmutableArray<FieldDefinitionNode> ParseFieldDefinitions() =>
        OptionalMany(TokenKind.BraceLeft, static parser => parser.ParseFieldDefinition(), TokenKind.BraceRight);

    private ImmutableArray<InputValueDefinitionNode> ParseArgumentDefinitions() => !At(TokenKind.ParenLeft) ? []
        : Many(TokenKind.ParenLeft, static parser => parser.ParseInputValueDefinition(), TokenKind.ParenRight);

    private ImmutableArray<InputValueDefinitionNode> ParseInputFields() =>
        OptionalMany(TokenKind.BraceLeft, static parser => parser.ParseInputValueDefinition(), TokenKind.BraceRight);

    private ImmutableArray<EnumValueDefinitionNode> ParseEnumValues() =>
        OptionalMany(TokenKind.BraceLeft, static parser => parser.ParseEnumValueDefinition(), TokenKind.BraceRight);

    private OperationTypeDefinitionNode ParseOperationTypeDefinition()
    {
        var start = lexer.Start;
        var operation = ParseOperationType();
        Expect(TokenKind.Colon);
        var type = ParseNamedType();
        return new() { Location = Since(start), Operation = operation, Type = type };
    }

    private FieldDefinitionNode ParseFieldDefinition()
    {
        var start = lexer.Start;
        var description = ParseDescription();
        var name = ParseName();
        var arguments = ParseArgumentDefinitions();
        Expect(TokenKind.Colon);
        var type = ParseTypeReference();
        var directives = ParseDirectives(isConst: true);
        return new()
        {
            Location = Since(start),
            Description = description,
            Name = name,
            Arguments = arguments,
            Type = type,
            Directives = directives,
        };
    }

    private InputValueDefinitionNode ParseInputValueDefinition()
    {
        var start = lexer.Start;
        var description = ParseDescription();
        var name = ParseName();
        Expect(TokenKind.Colon);
        var type = ParseTypeReference();
        var value = Skip(TokenKind.Equal) ? ParseValue(isConst: true) : null;
        var directives = ParseDirectives(isConst: true);
        return new()
        {
            Location = Since(start),
            Description = description,
            Name = name,
            Type = type,
            DefaultValue = value,
            Directives = directives,
        };
    }

    private EnumValueDefinitionNode ParseEnumValueDefinition()
    {
        var start = lexer.Start;
        var description = ParseDescription();
        if (At(TokenKind.Name) && lexer.Written is "true" or "false" or "null")
        {
            FailAt(lexer.Start, $"{DescribeToken()} is reserved and cannot be used for an enum value.");
        }

        var name = ParseName();
        var directives = ParseDirectives(isConst: true);
        return new() { Location = Since(start), Description = description, Name = name, Directives = directives };
    }

    /// <summary>The name of a place where directives may be written.</summary>
    private NameNode ParseDirectiveLocation()
    {
        if (At(TokenKind.Name) && !DirectiveLocations.All.Contains(lexer.Value))
        {
            RefuseAfterReading();
            return null!;
        }

        return ParseName();
    }
}
