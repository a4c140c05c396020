using Laurel.GraphQL.Language;
using Laurel.GraphQL.Types;

namespace Laurel.GraphQL.Validation.Rules;

/// <summary>Section 5.6.1, Values of Correct Type, 5.6.2, Input Object Field Names, and 5.6.4, Input Object Required Fields: a literal is of the
/// type of its place.</summary>
internal sealed class ValuesOfCorrectTypeRule(ValidationContext context) : Rule(context)
{
    private readonly Dictionary<string, VariableDefinitionNode> variables = new(StringComparer.Ordinal);

    public static RuleDefinition Definition { get; } =
        new(
            "ValuesOfCorrectType",
            Entered:
            [
                NodeKind.OperationDefinition, NodeKind.VariableDefinition, NodeKind.ListValue, NodeKind.ObjectValue,
                NodeKind.ObjectField, NodeKind.NullValue, NodeKind.EnumValue, NodeKind.IntValue, NodeKind.FloatValue,
                NodeKind.StringValue, NodeKind.BooleanValue,
            ],
            Left: [],
            static context => new ValuesOfCorrectTypeRule(context));

    public override bool Enter(Node node)
    {
        switch (node)
        {
            case OperationDefinitionNode:
                variables.Clear();
                return true;
            case VariableDefinitionNode definition:
                variables[definition.Variable.Name.Value] = definition;
                return true;
            case ListValueNode list:
                // The walk has turned to the type of the items; the list's own is the one around it.
                return Context.At.InputParent?.Nullable is ListType || CheckLeaf(list);
            case ObjectValueNode fields:
                return Context.At.Input?.Named is InputObjectType input ? CheckObject(fields, input) : CheckLeaf(fields);
            case ObjectFieldNode field:
                CheckField(field);
                return true;
            case NullValueNode when Context.At.Input is NonNullType type:
                Context.Report($"Expected value of type \"{type}\", found null.", node);
                return true;
            case NullValueNode:
                return true;
            default:
                return CheckLeaf((ValueNode)node);
        }
    }

    /// <summary>Never looks further.</summary>
    private bool CheckLeaf(ValueNode value)
    {
        if (Context.At.Input is { } type && LiteralCoercion.CoerceLeaf(value, type.Named) is { IsValid: false } coerced)
        {
            Context.Report(coerced.Refusal ?? $"Expected value of type \"{type}\", found {Printer.Print(value)}.", value);
        }

        return false;
    }

    private void CheckField(ObjectFieldNode field)
    {
        if (Context.At.Input is null && Context.At.InputParent?.Named is InputObjectType input)
        {
            Context.Report(
                $"Field \"{field.Name.Value}\" is not defined by type \"{input}\"."
                + Suggestions.DidYouMean("", Suggestions.Nearest(field.Name.Value, input.Fields.Names)),
                field);
        }
    }

    private bool CheckObject(ObjectValueNode value, InputObjectType type)
    {
        var given = new OrderedDictionary<string, ValueNode>(StringComparer.Ordinal);
        foreach (var field in value.Fields)
        {
            given[field.Name.Value] = field.Value;
        }

        foreach (var field in type.Fields)
        {
            if (field.IsRequired && !given.ContainsKey(field.Name))
            {
                Context.Report($"Field \"{type}.{field.Name}\" of required type \"{field.Type}\" was not provided.", value);
            }
        }

        if (type.IsOneOf)
        {
            CheckOneOf(value, type, given);
        }

        return true;
    }

    /// <summary>Section 3.10, "OneOf Input Objects".</summary>
    private void CheckOneOf(ObjectValueNode value, InputObjectType type, OrderedDictionary<string, ValueNode> given)
    {
        if (given.Count != 1)
        {
            Context.Report($"OneOf Input Object \"{type}\" must specify exactly one key.", value);
            return;
        }

        switch (given.GetAt(0))
        {
            case (var name, NullValueNode):
                Context.Report($"Field \"{type}.{name}\" must be non-null.", value);
                break;
            case (_, VariableNode { Name.Value: var name })
                when variables.TryGetValue(name, out var definition) && definition.Type is not NonNullTypeNode:
                Context.Report($"Variable \"{name}\" must be non-nullable to be used for OneOf Input Object \"{type}\".", value);
                break;
        }
    }
}
