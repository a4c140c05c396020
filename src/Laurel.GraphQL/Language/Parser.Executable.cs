using System.Collections.Immutable;

namespace Laurel.GraphQL.Language;

/// <content>Sections 2.4, Operations, to 2.9, Fragments.</content>
public sealed partial class Parser
{
    private OperationDefinitionNode ParseShorthand()
    {
        var start = lexer.Start;
        var selectionSet = ParseSelectionSet();
        return new() { Location = Since(start), Operation = OperationType.Query, SelectionSet = selectionSet };
    }

    private OperationDefinitionNode ParseOperation(int start, StringValueNode? description)
    {
        var operation = ParseOperationType();
        var name = At(TokenKind.Name) ? ParseName() : null;
        var variables = OptionalMany(TokenKind.ParenLeft, static parser => parser.ParseVariableDefinition(), TokenKind.ParenRight);
        var directives = ParseDirectives(isConst: false);
        var selectionSet = ParseSelectionSet();
        return new()
        {
            Location = Since(start),
            Description = description,
            Operation = operation,
            Name = name,
            VariableDefinitions = variables,
            Directives = directives,
            SelectionSet = selectionSet,
        };
    }

    private OperationType ParseOperationType()
    {
        OperationType? operation = !At(TokenKind.Name) ? null : lexer.Written switch
        {
            "query" => OperationType.Query,
            "mutation" => OperationType.Mutation,
            "subscription" => OperationType.Subscription,
            _ => null,
        };
        if (operation is not null)
        {
            lexer.Advance();
        }
        else if (At(TokenKind.Name))
        {
            RefuseAfterReading();
        }
        else
        {
            Refuse(TokenKinds.Describe(TokenKind.Name));
        }

        return operation.GetValueOrDefault();
    }

    private FragmentDefinitionNode ParseFragmentDefinition(int start, StringValueNode? description)
    {
        ExpectKeyword("fragment");
        var name = ParseFragmentName();
        ExpectKeyword("on");
        var type = ParseNamedType();
        var directives = ParseDirectives(isConst: false);
        var selectionSet = ParseSelectionSet();
        return new()
        {
            Location = Since(start),
            Description = description,
            Name = name,
            TypeCondition = type,
            Directives = directives,
            SelectionSet = selectionSet,
        };
    }

    /// <summary>Any name but <c>on</c>.</summary>
    private NameNode ParseFragmentName()
    {
        if (AtKeyword("on"))
        {
            RefuseToken();
        }

        return ParseName();
    }

    private VariableDefinitionNode ParseVariableDefinition()
    {
        var start = lexer.Start;
        var description = ParseDescription();
        var variable = ParseVariable();
        Expect(TokenKind.Colon);
        var type = ParseTypeReference();
        var value = Skip(TokenKind.Equal) ? ParseValue(isConst: true) : null;
        var directives = ParseDirectives(isConst: true);
        return new()
        {
            Location = Since(start),
            Description = description,
            Variable = variable,
            Type = type,
            DefaultValue = value,
            Directives = directives,
        };
    }

    private SelectionSetNode ParseSelectionSet()
    {
        var start = lexer.Start;
        if (!Enter())
        {
            return null!;
        }

        var selections = Many(TokenKind.BraceLeft, static parser => parser.ParseSelection(), TokenKind.BraceRight);
        Leave();
        return new() { Location = Since(start), Selections = selections };
    }

    private SelectionNode ParseSelection() => At(TokenKind.Spread) ? ParseFragment() : ParseField();

    private FieldNode ParseField()
    {
        var start = lexer.Start;
        var name = ParseName();
        NameNode? alias = null;
        if (Skip(TokenKind.Colon))
        {
            alias = name;
            name = ParseName();
        }

        var arguments = ParseArguments(isConst: false);
        var directives = ParseDirectives(isConst: false);
        var selectionSet = At(TokenKind.BraceLeft) ? ParseSelectionSet() : null;
        return new()
        {
            Location = Since(start),
            Alias = alias,
            Name = name,
            Arguments = arguments,
            Directives = directives,
            SelectionSet = selectionSet,
        };
    }

    private SelectionNode ParseFragment()
    {
        var start = lexer.Start;
        Expect(TokenKind.Spread);
        var hasCondition = SkipKeyword("on");
        if (!hasCondition && At(TokenKind.Name))
        {
            var name = ParseFragmentName();
            var onSpread = ParseDirectives(isConst: false);
            return new FragmentSpreadNode { Location = Since(start), Name = name, Directives = onSpread };
        }

        var type = hasCondition ? ParseNamedType() : null;
        var directives = ParseDirectives(isConst: false);
        var selectionSet = ParseSelectionSet();
        return new InlineFragmentNode { Location = Since(start), TypeCondition = type, Directives = directives, SelectionSet = selectionSet };
    }

    private ImmutableArray<ArgumentNode> ParseArguments(bool isConst) => !At(TokenKind.ParenLeft) ? []
        : isConst ? Many(TokenKind.ParenLeft, static parser => parser.ParseArgument(isConst: true), TokenKind.ParenRight)
        : Many(TokenKind.ParenLeft, static parser => parser.ParseArgument(isConst: false), TokenKind.ParenRight);

    private ArgumentNode ParseArgument(bool isConst)
    {
        var start = lexer.Start;
        var name = ParseName();
        Expect(TokenKind.Colon);
        var value = ParseValue(isConst);
        return new() { Location = Since(start), Name = name, Value = value };
    }

    private ImmutableArray<DirectiveNode> ParseDirectives(bool isConst)
    {
        if (!At(TokenKind.At))
        {
            return [];
        }

        var mark = listedCount;
        do
        {
            var start = lexer.Start;
            lexer.Advance();
            var name = ParseName();
            var arguments = ParseArguments(isConst);
            Push(new DirectiveNode { Location = Since(start), Name = name, Arguments = arguments });
        }
        while (At(TokenKind.At));
        return Pop<DirectiveNode>(mark);
    }
}
