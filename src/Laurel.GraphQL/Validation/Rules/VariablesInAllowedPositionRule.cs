using Laurel.GraphQL.Language;
using Laurel.GraphQL.Types;

namespace Laurel.GraphQL.Validation.Rules;

/// <summary>Section 5.8.5, All Variable Usages Are Allowed: the type of a variable fits every place where it is used.</summary>
internal sealed class VariablesInAllowedPositionRule(ValidationContext context) : Rule(context)
{
    public static RuleDefinition Definition { get; } =
        new(
            "VariablesInAllowedPosition",
            Entered: [],
            Left: [NodeKind.Document],
            static context => new VariablesInAllowedPositionRule(context));

    public override void Leave(Node node)
    {
        foreach (var operation in Context.Operations.Where(static operation => !operation.VariableDefinitions.IsEmpty))
        {
            var definitions = new Dictionary<string, VariableDefinitionNode>(StringComparer.Ordinal);
            foreach (var definition in operation.VariableDefinitions)
            {
                definitions[definition.Variable.Name.Value] = definition;
            }

            foreach (var usage in Context.UsagesIn(operation))
            {
                if (definitions.TryGetValue(usage.Node.Name.Value, out var definition)
                    && usage.Type is { } expected
                    && Context.Schema.FindType(definition.Type) is { } given)
                {
                    Check(usage, expected, definition, given);
                }
            }
        }
    }

    private void Check(VariableUsage usage, SchemaType expected, VariableDefinitionNode definition, SchemaType given)
    {
        var name = usage.Node.Name.Value;
        if (!IsAllowed(given, definition.DefaultValue, expected, usage.HasDefault))
        {
            Context.Report($"Variable \"${name}\" of type \"{given}\" used in position expecting type \"{expected}\".", definition, usage.Node);
        }

        if (usage.Parent is InputObjectType { IsOneOf: true } oneOf && given is not NonNullType)
        {
            Context.Report(
                $"Variable \"${name}\" is of type \"{given}\" but must be non-nullable to be used for OneOf Input Object \"{oneOf}\".",
                definition,
                usage.Node);
        }
    }

    /// <summary>"IsVariableUsageAllowed" of the specification: a default on either side makes up for a variable that may be null.</summary>
    private static bool IsAllowed(SchemaType given, ValueNode? givenDefault, SchemaType expected, bool expectedHasDefault) =>
        expected is NonNullType nonNull && given is not NonNullType
            ? (givenDefault is not (null or NullValueNode) || expectedHasDefault) && given.IsSubTypeOf(nonNull.Inner)
            : given.IsSubTypeOf(expected);
}
