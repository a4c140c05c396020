using System.Text;
using Laurel.GraphQL.Language;

namespace Laurel.GraphQL.Tests.Language;

/// <summary>Trees as tests look at them.</summary>
internal static class Trees
{
    public static IEnumerable<Node> WithAllBelow(Node node)
    {
        yield return node;
        foreach (var below in Children(node).SelectMany(WithAllBelow))
        {
            yield return below;
        }
    }

    public static List<Node> Children(Node node)
    {
        var children = new List<Node>();
        node.AddChildrenTo(children);
        return children;
    }

    /// <summary>All that a tree says, without the places it was read from: equal for equal documents.</summary>
    public static string Outline(Node node)
    {
        var outline = new StringBuilder();
        Add(outline, node);
        return outline.ToString();
    }

    private static void Add(StringBuilder outline, Node node)
    {
        outline.Append('(').Append(node.Kind).Append(' ').Append(node switch
        {
            NameNode name => name.Value,
            IntValueNode number => number.Value,
            FloatValueNode number => number.Value,
            StringValueNode text => $"{text.Block} {text.Value}",
            BooleanValueNode boolean => boolean.Value.ToString(),
            EnumValueNode name => name.Value,
            OperationDefinitionNode operation => $"{operation.Operation} {operation.Name is not null}",
            OperationTypeDefinitionNode operation => operation.Operation.ToString(),
            DirectiveDefinitionNode directive => $"{directive.Repeatable} {directive.Arguments.Length}",
            FieldNode field => $"{field.Alias is not null} {field.Arguments.Length}",
            _ => "",
        });
        foreach (var child in Children(node))
        {
            Add(outline, child);
        }

        outline.Append(')');
    }
}
