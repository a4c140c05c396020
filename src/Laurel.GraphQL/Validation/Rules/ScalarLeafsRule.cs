using Laurel.GraphQL.Language;
using Laurel.GraphQL.Types;

namespace Laurel.GraphQL.Validation.Rules;

/// <summary>Section 5.3.3, Leaf Field Selections: a field has a selection exactly when its type has fields.</summary>
internal sealed class ScalarLeafsRule(ValidationContext context) : Rule(context)
{
    public static RuleDefinition Definition { get; } =
        new("ScalarLeafs", Entered: [NodeKind.Field], Left: [], static context => new ScalarLeafsRule(context));

    public override bool Enter(Node node)
    {
        var field = (FieldNode)node;
        if (Context.At.Output is not { } type)
        {
            return true;
        }

        var name = field.Name.Value;
        if (type.Named is not CompositeType)
        {
            if (field.SelectionSet is { } selection)
            {
                Context.Report($"Field \"{name}\" must not have a selection since type \"{type}\" has no subfields.", selection);
            }
        }
        else if (field.SelectionSet is null)
        {
            Context.Report(
                $"Field \"{name}\" of type \"{type}\" must have a selection of subfields. Did you mean \"{name} {{ ... }}\"?", field);
        }

        return true;
    }
}
