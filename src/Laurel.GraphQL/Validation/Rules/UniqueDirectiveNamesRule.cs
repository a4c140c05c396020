using Laurel.GraphQL.Language;

namespace Laurel.GraphQL.Validation.Rules;

/// <summary>Section 3.13, Directives: no two directives have one name.</summary>
internal sealed class UniqueDirectiveNamesRule(ValidationContext context) : Rule(context)
{
    private readonly Dictionary<string, NameNode> defined = new(StringComparer.Ordinal);

    public static RuleDefinition Definition { get; } =
        new(
            "UniqueDirectiveNames",
            Entered: [NodeKind.DirectiveDefinition],
            Left: [],
            static context => new UniqueDirectiveNamesRule(context));

    public override bool Enter(Node node)
    {
        var name = ((DirectiveDefinitionNode)node).Name;
        if (Context.KnownSchema?.Directives.Find(name.Value) is not null)
        {
            Context.Report($"Directive \"@{name.Value}\" already exists in the schema. It cannot be redefined.", name);
        }
        else if (!defined.TryAdd(name.Value, name))
        {
            Context.Report($"There can be only one directive named \"@{name.Value}\".", defined[name.Value], name);
        }

        return false;
    }
}
