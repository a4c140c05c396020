using Laurel.GraphQL.Language;

namespace Laurel.GraphQL.Validation.Rules;

/// <summary>Section 5.6.3, Input Object Field Uniqueness: no field of an input object is given twice.</summary>
internal sealed class UniqueInputFieldNamesRule(ValidationContext context) : Rule(context)
{
    public static RuleDefinition Definition { get; } =
        new("UniqueInputFieldNames", Entered: [NodeKind.ObjectValue], Left: [], static context => new UniqueInputFieldNamesRule(context));

    public override bool Enter(Node node)
    {
        var fields = ((ObjectValueNode)node).Fields;
        if (fields.Length < 2)
        {
            return true;
        }

        var known = new Dictionary<string, NameNode>(StringComparer.Ordinal);
        foreach (var field in fields)
        {
            if (!known.TryAdd(field.Name.Value, field.Name))
            {
                Context.Report($"There can be only one input field named \"{field.Name.Value}\".", known[field.Name.Value], field.Name);
            }
        }

        return true;
    }
}
