using Laurel.GraphQL.Language;

namespace Laurel.GraphQL.Validation.Rules;

/// <summary>Section 3.3, "Root Operation Types": a schema is defined once, and not in an extension of another.</summary>
internal sealed class LoneSchemaDefinitionRule(ValidationContext context) : Rule(context)
{
    private bool isDefined;

    public static RuleDefinition Definition { get; } =
        new(
            "LoneSchemaDefinition",
            Entered: [NodeKind.SchemaDefinition],
            Left: [],
            static context => new LoneSchemaDefinitionRule(context));

    public override bool Enter(Node node)
    {
        if (Context.KnownSchema is { } known && (known.Definition is not null || known.RootTypes.Any()))
        {
            Context.Report("Cannot define a new schema within a schema extension.", node);
        }
        else if (isDefined)
        {
            Context.Report("Must provide only one schema definition.", node);
        }

        isDefined = true;
        return true;
    }
}
