namespace Laurel.GraphQL.Language;

/// <content>Section 3.1, Type System Extensions. An extension that adds nothing is refused by the grammar.</content>
public sealed partial class Parser
{
    private DefinitionNode ParseExtension(int start)
    {
        ExpectKeyword("extend");
        if (At(TokenKind.Name))
        {
            switch (lexer.Written)
            {
                case "schema": return ParseSchemaExtension(start);
                case "scalar": return ParseScalarExtension(start);
                case "type": return ParseObjectExtension(start);
                case "interface": return ParseInterfaceExtension(start);
                case "union": return ParseUnionExtension(start);
                case "enum": return ParseEnumExtension(start);
                case "input": return ParseInputExtension(start);
            }
        }

        RefuseToken();
        return null!;
    }

    private void RefuseIfNothing(bool adds)
    {
        if (!adds)
        {
            RefuseToken();
        }
    }

    private SchemaExtensionNode ParseSchemaExtension(int start)
    {
        ExpectKeyword("schema");
        var directives = ParseDirectives(isConst: true);
        var operations = OptionalMany(TokenKind.BraceLeft, static parser => parser.ParseOperationTypeDefinition(), TokenKind.BraceRight);
        RefuseIfNothing(!directives.IsEmpty || !operations.IsEmpty);
        return new() { Location = Since(start), Directives = directives, OperationTypes = operations };
    }

    private ScalarTypeExtensionNode ParseScalarExtension(int start)
    {
        ExpectKeyword("scalar");
        var name = ParseName();
        var directives = ParseDirectives(isConst: true);
        RefuseIfNothing(!directives.IsEmpty);
        return new() { Location = Since(start), Name = name, Directives = directives };
    }

    private ObjectTypeExtensionNode ParseObjectExtension(int start)
    {
        ExpectKeyword("type");
        var name = ParseName();
        var interfaces = ParseInterfaces();
        var directives = ParseDirectives(isConst: true);
        var fields = ParseFieldDefinitions();
        RefuseIfNothing(!interfaces.IsEmpty || !directives.IsEmpty || !fields.IsEmpty);
        return new() { Location = Since(start), Name = name, Interfaces = interfaces, Directives = directives, Fields = fields };
    }

    private InterfaceTypeExtensionNode ParseInterfaceExtension(int start)
    {
        ExpectKeyword("interface");
        var name = ParseName();
        var interfaces = ParseInterfaces();
        var directives = ParseDirectives(isConst: true);
        var fields = ParseFieldDefinitions();
        RefuseIfNothing(!interfaces.IsEmpty || !directives.IsEmpty || !fields.IsEmpty);
        return new() { Location = Since(start), Name = name, Interfaces = interfaces, Directives = directives, Fields = fields };
    }

    private UnionTypeExtensionNode ParseUnionExtension(int start)
    {
        ExpectKeyword("union");
        var name = ParseName();
        var directives = ParseDirectives(isConst: true);
        var types = ParseUnionMembers();
        RefuseIfNothing(!directives.IsEmpty || !types.IsEmpty);
        return new() { Location = Since(start), Name = name, Directives = directives, Types = types };
    }

    private EnumTypeExtensionNode ParseEnumExtension(int start)
    {
        ExpectKeyword("enum");
        var name = ParseName();
        var directives = ParseDirectives(isConst: true);
        var values = ParseEnumValues();
        RefuseIfNothing(!directives.IsEmpty || !values.IsEmpty);
        return new() { Location = Since(start), Name = name, Directives = directives, Values = values };
    }

    private InputObjectTypeExtensionNode ParseInputExtension(int start)
    {
        ExpectKeyword("input");
        var name = ParseName();
        var directives = ParseDirectives(isConst: true);
        var fields = ParseInputFields();
        RefuseIfNothing(!directives.IsEmpty || !fields.IsEmpty);
        return new() { Location = Since(start), Name = name, Directives = directives, Fields = fields };
    }
}
