using Laurel.GraphQL.Language;
using Laurel.GraphQL.Types;

namespace Laurel.GraphQL.Validation.Rules;

/// <summary>Section 5.5.1.2, Fragment Spread Type Existence, and 5.8.2: every type a document speaks of exists.</summary>
internal sealed class KnownTypeNamesRule(ValidationContext context) : Rule(context)
{
    private HashSet<string>? defined;

    public static RuleDefinition Definition { get; } =
        new("KnownTypeNames", Entered: [NodeKind.NamedType], Left: [], static context => new KnownTypeNamesRule(context));

    public override bool Enter(Node node)
    {
        var name = ((NamedTypeNode)node).Name.Value;
        if (Context.KnownSchema?.Types.Find(name) is not null || Defined.Contains(name))
        {
            return true;
        }

        // A schema may use what is built in without defining it; a request may speak of what its schema uses.
        var isSchema = Context.At.Definition is not ExecutableDefinitionNode;
        if (!isSchema || !BuiltIns.TypeNames.Contains(name))
        {
            IEnumerable<string> known = [.. isSchema ? BuiltIns.TypeNames : [], .. Context.KnownSchema?.Types.Names ?? [], .. Defined];
            Context.Report($"Unknown type \"{name}\"." + Suggestions.DidYouMean("", Suggestions.Nearest(name, known)), node);
        }

        return true;
    }

    private HashSet<string> Defined => defined ??= Context.Document.Definitions.OfType<TypeDefinitionNode>()
        .Select(static definition => definition.Name.Value)
        .ToHashSet(StringComparer.Ordinal);
}
