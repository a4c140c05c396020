using Laurel.GraphQL.Language;

namespace Laurel.GraphQL.Validation.Rules;

/// <summary>Section 3.6, "Field Arguments", and 3.13, Directives: no argument of a field or a directive is defined twice.</summary>
internal sealed class UniqueArgumentDefinitionNamesRule(ValidationContext context) : Rule(context)
{
    public static RuleDefinition Definition { get; } =
        new(
            "UniqueArgumentDefinitionNames",
            Entered: [NodeKind.DirectiveDefinition, NodeKind.FieldDefinition],
            Left: [],
            static context => new UniqueArgumentDefinitionNamesRule(context));

    public override bool Enter(Node node)
    {
        var (owner, arguments) = node switch
        {
            DirectiveDefinitionNode directive => ($"@{directive.Name.Value}", directive.Arguments),
            FieldDefinitionNode field => ($"{NameOf(Context.At.Parent)}.{field.Name.Value}", field.Arguments),
            _ => throw new ArgumentOutOfRangeException(nameof(node), node.Kind, "Has no arguments."),
        };
        foreach (var named in arguments.GroupBy(static argument => argument.Name.Value, StringComparer.Ordinal))
        {
            if (named.Count() > 1)
            {
                Context.Report(
                    $"Argument \"{owner}({named.Key}:)\" can only be defined once.", [.. named.Select(static argument => argument.Name)]);
            }
        }

        return false;
    }

    private static string? NameOf(Node? type) => type switch
    {
        TypeDefinitionNode definition => definition.Name.Value,
        TypeExtensionNode extension => extension.Name.Value,
        _ => null,
    };
}
