using System.Collections.Immutable;
using System.Diagnostics;

namespace Laurel.GraphQL.Language;

/// <content>Section 3, Type System.</content>
public sealed partial class Printer
{
    private void WriteTypeSystem(Node node)
    {
        switch (node)
        {
            case SchemaDefinitionNode schema:
                WriteDescription(schema.Description);
                WriteSchema("schema", schema, schema.OperationTypes);
                break;
            case SchemaExtensionNode schema:
                WriteSchema("extend schema", schema, schema.OperationTypes);
                break;
            case OperationTypeDefinitionNode operation:
                text.Append(NameOf(operation.Operation)).Append(": ").Append(operation.Type.Name.Value);
                break;
            case TypeDefinitionNode type:
                WriteDescription(type.Description);
                WriteTypeDefinition(type);
                break;
            case TypeExtensionNode type:
                text.Append("extend ");
                WriteTypeExtension(type);
                break;
            case FieldDefinitionNode field:
                WriteFieldDefinition(field);
                break;
            case InputValueDefinitionNode input:
                WriteInputValueDefinition(input);
                break;
            case EnumValueDefinitionNode value:
                WriteDescription(value.Description);
                text.Append(value.Name.Value);
                WriteDirectives(value);
                break;
            case DirectiveDefinitionNode directive:
                WriteDirectiveDefinition(directive);
                break;
            default:
                throw new UnreachableException($"No form for {node.Kind}.");
        }
    }

    private void WriteTypeDefinition(TypeDefinitionNode type)
    {
        switch (type)
        {
            case ScalarTypeDefinitionNode:
                WriteHead("scalar", type.Name, [], type);
                break;
            case ObjectTypeDefinitionNode it:
                WriteHead("type", type.Name, it.Interfaces, it);
                WriteBlock(it.Fields, lead: " ");
                break;
            case InterfaceTypeDefinitionNode it:
                WriteHead("interface", type.Name, it.Interfaces, it);
                WriteBlock(it.Fields, lead: " ");
                break;
            case UnionTypeDefinitionNode it:
                WriteHead("union", type.Name, [], type);
                WriteMembers(it.Types);
                break;
            case EnumTypeDefinitionNode it:
                WriteHead("enum", type.Name, [], type);
                WriteBlock(it.Values, lead: " ");
                break;
            case InputObjectTypeDefinitionNode it:
                WriteHead("input", type.Name, [], type);
                WriteBlock(it.Fields, lead: " ");
                break;
        }
    }

    private void WriteTypeExtension(TypeExtensionNode type)
    {
        switch (type)
        {
            case ScalarTypeExtensionNode:
                WriteHead("scalar", type.Name, [], type);
                break;
            case ObjectTypeExtensionNode it:
                WriteHead("type", type.Name, it.Interfaces, it);
                WriteBlock(it.Fields, lead: " ");
                break;
            case InterfaceTypeExtensionNode it:
                WriteHead("interface", type.Name, it.Interfaces, it);
                WriteBlock(it.Fields, lead: " ");
                break;
            case UnionTypeExtensionNode it:
                WriteHead("union", type.Name, [], type);
                WriteMembers(it.Types);
                break;
            case EnumTypeExtensionNode it:
                WriteHead("enum", type.Name, [], type);
                WriteBlock(it.Values, lead: " ");
                break;
            case InputObjectTypeExtensionNode it:
                WriteHead("input", type.Name, [], type);
                WriteBlock(it.Fields, lead: " ");
                break;
        }
    }

    private void WriteSchema(string head, IDirectedNode schema, ImmutableArray<OperationTypeDefinitionNode> operations)
    {
        text.Append(head);
        WriteDirectives(schema);
        WriteBlock(operations, lead: " ");
    }

    private void WriteHead(string keyword, NameNode name, ImmutableArray<NamedTypeNode> interfaces, IDirectedNode directed)
    {
        text.Append(keyword).Append(' ').Append(name.Value);
        if (!interfaces.IsEmpty)
        {
            text.Append(" implements ");
            WriteJoined(interfaces, " & ");
        }

        WriteDirectives(directed);
    }

    private void WriteMembers(ImmutableArray<NamedTypeNode> types)
    {
        if (!types.IsEmpty)
        {
            text.Append(" = ");
            WriteJoined(types, " | ");
        }
    }

    private void WriteFieldDefinition(FieldDefinitionNode field)
    {
        WriteDescription(field.Description);
        text.Append(field.Name.Value);
        WriteInParentheses(field.Arguments, LinesAllowed.OnlyIfOneHasSeveral, start: text.Length);
        text.Append(": ");
        WriteType(field.Type);
        WriteDirectives(field);
    }

    private void WriteInputValueDefinition(InputValueDefinitionNode input)
    {
        WriteDescription(input.Description);
        text.Append(input.Name.Value).Append(": ");
        WriteType(input.Type);
        WriteDefault(input.DefaultValue);
        WriteDirectives(input);
    }

    private void WriteDirectiveDefinition(DirectiveDefinitionNode directive)
    {
        WriteDescription(directive.Description);
        text.Append("directive @").Append(directive.Name.Value);
        WriteInParentheses(directive.Arguments, LinesAllowed.OnlyIfOneHasSeveral, start: text.Length);
        text.Append(directive.Repeatable ? " repeatable on " : " on ");
        WriteJoined(directive.Locations, " | ");
    }
}
