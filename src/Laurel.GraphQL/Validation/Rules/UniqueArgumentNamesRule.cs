using Laurel.GraphQL.Language;

namespace Laurel.GraphQL.Validation.Rules;

/// <summary>Section 5.4.2, Argument Uniqueness: no argument is given twice.</summary>
internal sealed class UniqueArgumentNamesRule(ValidationContext context) : Rule(context)
{
    public static RuleDefinition Definition { get; } =
        new(
            "UniqueArgumentNames",
            Entered: [NodeKind.Field, NodeKind.Directive],
            Left: [],
            static context => new UniqueArgumentNamesRule(context));

    public override bool Enter(Node node)
    {
        var arguments = node is FieldNode field ? field.Arguments : ((DirectiveNode)node).Arguments;
        if (arguments.Length < 2)
        {
            return true;
        }

        foreach (var named in arguments.GroupBy(static argument => argument.Name.Value, StringComparer.Ordinal))
        {
            if (named.Count() > 1)
            {
                Context.Report($"There can be only one argument named \"{named.Key}\".", [.. named.Select(static argument => argument.Name)]);
            }
        }

        return true;
    }
}
