using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Laurel.GraphQL.Language;

/// <summary>Writes nodes as text: what it writes reads back as the same tree, and printing that again gives the same text.</summary>
/// <remarks>The form is the one of graphql-js, so that texts of both can be compared.</remarks>
public sealed partial class Printer
{
    // A field whose name and arguments take more than this gets a line for each argument.
    private const int LineLengthMax = 80;
    private const string Indentation = "  ";

    private readonly StringBuilder text = new();
    private int level;
    private int linesCount;

    private Printer()
    {
    }

    public static string Print(Node node)
    {
        var printer = new Printer();
        printer.Write(node);
        return printer.text.ToString();
    }

    /// <summary>Writes a value as a string with quotes and escapes.</summary>
    public static string PrintString(string value)
    {
        var printer = new Printer();
        printer.WriteString(value);
        return printer.text.ToString();
    }

    private void Write(Node node)
    {
        switch (node)
        {
            case DocumentNode document: WriteDocument(document); break;
            case NameNode name: text.Append(name.Value); break;
            case OperationDefinitionNode operation: WriteOperation(operation, mayBeShort: true); break;
            case FragmentDefinitionNode fragment: WriteFragmentDefinition(fragment); break;
            case VariableDefinitionNode variable: WriteVariableDefinition(variable); break;
            case SelectionSetNode set: WriteBlock(set.Selections, lead: ""); break;
            case FieldNode field: WriteField(field); break;
            case FragmentSpreadNode spread: text.Append("...").Append(spread.Name.Value); WriteDirectives(spread); break;
            case InlineFragmentNode fragment: WriteInlineFragment(fragment); break;
            case ArgumentNode argument: WritePair(argument.Name, argument.Value); break;
            case DirectiveNode directive: WriteDirective(directive); break;
            case ValueNode value: WriteValue(value); break;
            case ObjectFieldNode field: WritePair(field.Name, field.Value); break;
            case TypeNode type: WriteType(type); break;
            default: WriteTypeSystem(node); break;
        }
    }

    private void WriteDocument(DocumentNode document)
    {
        for (var index = 0; index < document.Definitions.Length; index++)
        {
            if (index > 0)
            {
                WriteLine();
                WriteLine();
            }

            // Behind a type without a body, the braces of a query in short form would be read as the body.
            if (document.Definitions[index] is OperationDefinitionNode operation)
            {
                WriteOperation(operation, mayBeShort: index == 0 || document.Definitions[index - 1] is ExecutableDefinitionNode);
            }
            else
            {
                Write(document.Definitions[index]);
            }
        }
    }

    private void WriteOperation(OperationDefinitionNode operation, bool mayBeShort)
    {
        WriteDescription(operation.Description);
        var isShort = mayBeShort
            && operation is { Operation: OperationType.Query, Name: null, Description: null, VariableDefinitions.IsEmpty: true, Directives.IsEmpty: true };
        if (!isShort)
        {
            text.Append(NameOf(operation.Operation));
            if (operation.Name is not null || !operation.VariableDefinitions.IsEmpty)
            {
                text.Append(' ').Append(operation.Name?.Value);
            }

            WriteInParentheses(operation.VariableDefinitions, LinesAllowed.OnlyIfOneHasSeveral, start: text.Length);
            WriteDirectives(operation);
            text.Append(' ');
        }

        Write(operation.SelectionSet);
    }

    private static string NameOf(OperationType operation) => operation switch
    {
        OperationType.Query => "query",
        OperationType.Mutation => "mutation",
        OperationType.Subscription => "subscription",
    };

    private void WriteFragmentDefinition(FragmentDefinitionNode fragment)
    {
        WriteDescription(fragment.Description);
        text.Append("fragment ").Append(fragment.Name.Value).Append(" on ").Append(fragment.TypeCondition.Name.Value);
        WriteDirectives(fragment);
        text.Append(' ');
        Write(fragment.SelectionSet);
    }

    private void WriteVariableDefinition(VariableDefinitionNode variable)
    {
        WriteDescription(variable.Description);
        Write(variable.Variable);
        text.Append(": ");
        Write(variable.Type);
        WriteDefault(variable.DefaultValue);
        WriteDirectives(variable);
    }

    private void WriteField(FieldNode field)
    {
        var start = text.Length;
        if (field.Alias is not null)
        {
            text.Append(field.Alias.Value).Append(": ");
        }

        text.Append(field.Name.Value);
        WriteInParentheses(field.Arguments, LinesAllowed.IfLong, start);
        WriteDirectives(field);
        if (field.SelectionSet is not null)
        {
            text.Append(' ');
            Write(field.SelectionSet);
        }
    }

    private void WriteInlineFragment(InlineFragmentNode fragment)
    {
        text.Append("...");
        if (fragment.TypeCondition is not null)
        {
            text.Append(" on ").Append(fragment.TypeCondition.Name.Value);
        }

        WriteDirectives(fragment);
        text.Append(' ');
        Write(fragment.SelectionSet);
    }

    private void WriteDirective(DirectiveNode directive)
    {
        text.Append('@').Append(directive.Name.Value);
        WriteInParentheses(directive.Arguments, LinesAllowed.Never, start: text.Length);
    }

    private void WriteDirectives(IDirectedNode node)
    {
        foreach (var directive in node.Directives)
        {
            text.Append(' ');
            WriteDirective(directive);
        }
    }

    private void WritePair(NameNode name, ValueNode value)
    {
        text.Append(name.Value).Append(": ");
        WriteValue(value);
    }

    private void WriteDefault(ValueNode? value)
    {
        if (value is not null)
        {
            text.Append(" = ");
            WriteValue(value);
        }
    }

    private void WriteType(TypeNode type)
    {
        switch (type)
        {
            case NamedTypeNode named:
                text.Append(named.Name.Value);
                break;
            case ListTypeNode list:
                text.Append('[');
                WriteType(list.Type);
                text.Append(']');
                break;
            case NonNullTypeNode nonNull:
                WriteType(nonNull.Type);
                text.Append('!');
                break;
        }
    }

    private void WriteValue(ValueNode value)
    {
        switch (value)
        {
            case VariableNode variable: text.Append('$').Append(variable.Name.Value); break;
            case IntValueNode number: text.Append(number.Value); break;
            case FloatValueNode number: text.Append(number.Value); break;
            case StringValueNode { Block: true } block: WriteLines(BlockString.Print(block.Value)); break;
            case StringValueNode line: WriteString(line.Value); break;
            case BooleanValueNode boolean: text.Append(boolean.Value ? "true" : "false"); break;
            case NullValueNode: text.Append("null"); break;
            case EnumValueNode name: text.Append(name.Value); break;
            case ListValueNode list:
                text.Append('[');
                WriteJoined(list.Values, ", ");
                text.Append(']');
                break;
            case ObjectValueNode map:
                text.Append('{');
                WriteJoined(map.Fields, ", ");
                text.Append('}');
                break;
        }
    }

    private void WriteString(string value)
    {
        text.Append('"');
        foreach (var character in value)
        {
            switch (character)
            {
                case '"': text.Append("\\\""); break;
                case '\\': text.Append("\\\\"); break;
                case '\b': text.Append("\\b"); break;
                case '\f': text.Append("\\f"); break;
                case '\n': text.Append("\\n"); break;
                case '\r': text.Append("\\r"); break;
                case '\t': text.Append("\\t"); break;
                case < ' ' or (>= '\x7f' and <= '\x9f'): text.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:X4}"); break;
                default: text.Append(character); break;
            }
        }

        text.Append('"');
    }

    private void WriteDescription(StringValueNode? description)
    {
        if (description is not null)
        {
            WriteValue(description);
            WriteLine();
        }
    }

    private void WriteJoined<T>(ImmutableArray<T> nodes, string separator)
        where T : Node
    {
        for (var index = 0; index < nodes.Length; index++)
        {
            if (index > 0)
            {
                text.Append(separator);
            }

            Write(nodes[index]);
        }
    }

    /// <summary>Braces and a line for each node; nothing without nodes.</summary>
    private void WriteBlock<T>(ImmutableArray<T> nodes, string lead)
        where T : Node
    {
        if (!nodes.IsEmpty)
        {
            text.Append(lead).Append('{');
            WriteOnLines(nodes);
            text.Append('}');
        }
    }

    private void WriteOnLines<T>(ImmutableArray<T> nodes)
        where T : Node
    {
        level++;
        foreach (var node in nodes)
        {
            WriteLine();
            Write(node);
        }

        level--;
        WriteLine();
    }

    private enum LinesAllowed
    {
        Never,
        IfLong,
        OnlyIfOneHasSeveral,
    }

    /// <summary>Parentheses around what stands on one line, or on a line for each if the form asks for it; nothing without nodes.
    /// The one line is tried first, and taken back.</summary>
    private void WriteInParentheses<T>(ImmutableArray<T> nodes, LinesAllowed allowed, int start)
        where T : Node
    {
        if (nodes.IsEmpty)
        {
            return;
        }

        var mark = text.Length;
        var linesBefore = linesCount;
        text.Append('(');
        WriteJoined(nodes, ", ");
        text.Append(')');

        // The indentation of further lines is no part of the length, which must not depend on where the field stands.
        var lines = linesCount - linesBefore;
        var onLines = allowed switch
        {
            LinesAllowed.Never => false,
            LinesAllowed.IfLong => text.Length - start - (lines * level * Indentation.Length) > LineLengthMax,
            LinesAllowed.OnlyIfOneHasSeveral => lines > 0,
        };
        if (onLines)
        {
            text.Length = mark;
            linesCount = linesBefore;
            text.Append('(');
            WriteOnLines(nodes);
            text.Append(')');
        }
    }

    private void WriteLines(string lines)
    {
        foreach (var character in lines)
        {
            if (character == '\n')
            {
                WriteLine();
            }
            else
            {
                text.Append(character);
            }
        }
    }

    private void WriteLine()
    {
        linesCount++;
        text.Append('\n');
        for (var count = 0; count < level; count++)
        {
            text.Append(Indentation);
        }
    }
}
