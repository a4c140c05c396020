namespace Laurel.GraphQL.Language;

/// <content>Section 3, Type System: definitions, each with its description read already.</content>
public sealed partial class Parser
{
    private SchemaDefinitionNode ParseSchemaDefinition(int start, StringValueNode? description)
    {
        ExpectKeyword("schema");
        var directives = ParseDirectives(isConst: true);
        var operations = Many(TokenKind.BraceLeft, static parser => parser.ParseOperationTypeDefinition(), TokenKind.BraceRight);
        return new() { Location = Since(start), Description = description, Directives = directives, OperationTypes = operations };
    }

    private ScalarTypeDefinitionNode ParseScalarDefinition(int start, StringValueNode? description)
    {
        ExpectKeyword("scalar");
        var name = ParseName();
        var directives = ParseDirectives(isConst: true);
        return new() { Location = Since(start), Description = description, Name = name, Directives = directives };
    }

    private ObjectTypeDefinitionNode ParseObjectDefinition(int start, StringValueNode? description)
    {
        ExpectKeyword("type");
        var name = ParseName();
        var interfaces = ParseInterfaces();
        var directives = ParseDirectives(isConst: true);
        var fields = ParseFieldDefinitions();
        return new()
        {
            Location = Since(start),
            Description = description,
            Name = name,
            Interfaces = interfaces,
            Directives = directives,
            Fields = fields,
        };
    }

    private InterfaceTypeDefinitionNode ParseInterfaceDefinition(int start, StringValueNode? description)
    {
        ExpectKeyword("interface");
        var name = ParseName();
        var interfaces = ParseInterfaces();
        var directives = ParseDirectives(isConst: true);
        var fields = ParseFieldDefinitions();
        return new()
        {
            Location = Since(start),
            Description = description,
            Name = name,
            Interfaces = interfaces,
            Directives = directives,
            Fields = fields,
        };
    }

    private UnionTypeDefinitionNode ParseUnionDefinition(int start, StringValueNode? description)
    {
        ExpectKeyword("union");
        var name = ParseName();
        var directives = ParseDirectives(isConst: true);
        var types = ParseUnionMembers();
        return new() { Location = Since(start), Description = description, Name = name, Directives = directives, Types = types };
    }

    private EnumTypeDefinitionNode ParseEnumDefinition(int start, StringValueNode? description)
    {
        ExpectKeyword("enum");
        var name = ParseName();
        var directives = ParseDirectives(isConst: true);
        var values = ParseEnumValues();
        return new() { Location = Since(start), Description = description, Name = name, Directives = directives, Values = values };
    }

    private InputObjectTypeDefinitionNode ParseInputDefinition(int start, StringValueNode? description)
    {
        ExpectKeyword("input");
        var name = ParseName();
        var directives = ParseDirectives(isConst: true);
        var fields = ParseInputFields();
        return new() { Location = Since(start), Description = description, Name = name, Directives = directives, Fields = fields };
    }

    private DirectiveDefinitionNode ParseDirectiveDefinition(int start, StringValueNode? description)
    {
        ExpectKeyword("directive");
        Expect(TokenKind.At);
        var name = ParseName();
        var arguments = ParseArgumentDefinitions();
        var repeatable = SkipKeyword("repeatable");
        ExpectKeyword("on");
        var locations = Delimited(TokenKind.Pipe, static parser => parser.ParseDirectiveLocation());
        return new()
        {
            Location = Since(start),
            Description = description,
            Name = name,
            Arguments = arguments,
            Repeatable = repeatable,
            Locations = locations,
        };
    }
}
