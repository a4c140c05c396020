using Laurel.GraphQL.Language;

namespace Laurel.GraphQL.Validation.Rules;

/// <summary>An additional rule, for services that do not show their schema: no field of introspection but __typename.</summary>
internal sealed class NoSchemaIntrospectionRule(ValidationContext context) : Rule(context)
{
    public static RuleDefinition Definition { get; } =
        new("NoSchemaIntrospectionCustom", Entered: [NodeKind.Field], Left: [], static context => new NoSchemaIntrospectionRule(context));

    public override bool Enter(Node node)
    {
        if (Context.At.Output?.Named is { IsIntrospection: true })
        {
            var name = ((FieldNode)node).Name.Value;
            Context.Report($"GraphQL introspection has been disabled, but the requested query contained the field \"{name}\".", node);
        }

        return true;
    }
}
