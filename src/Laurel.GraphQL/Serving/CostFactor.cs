using Laurel.GraphQL.Execution;
using Laurel.GraphQL.Language;
using Laurel.GraphQL.Types;

namespace Laurel.GraphQL.Serving;

/// <summary>What a part of a cost is multiplied by, and is known when the variables are.</summary>
internal abstract class CostFactor
{
    /// <summary>Not negative.</summary>
    public abstract long Evaluate(IReadOnlyDictionary<string, object?> variables);
}

/// <summary>Whether a selection is included: 0 or 1.</summary>
internal sealed class ConditionFactor(SelectionNode selection) : CostFactor
{
    public override long Evaluate(IReadOnlyDictionary<string, object?> variables) => FieldPlan.IsIncluded(selection, variables) ? 1 : 0;
}

/// <summary>The size of a list, by its slicing arguments.</summary>
internal sealed class SizeFactor(SchemaField field, FieldNode node, ListSize size, long sizeDefault) : CostFactor
{
    /// <summary>Whether it is the same for all requests.</summary>
    public bool IsConstant => !size.Slicing.Any(path => LiteralOf(path[0]) is { } literal && ArgumentCoercion.NamesVariable(literal));

    public override long Evaluate(IReadOnlyDictionary<string, object?> variables)
    {
        long? largest = null;
        foreach (var path in size.Slicing)
        {
            if (Given(path[0], variables) is var given && NumberAt(given, path) is { } number && !(number <= largest))
            {
                largest = Math.Max(0, number);
            }
        }

        return largest ?? size.Assumed ?? sizeDefault;
    }

    /// <summary>An argument that is not of its type has no number: the field is refused when it is executed.</summary>
    private object? Given(string name, IReadOnlyDictionary<string, object?> variables)
    {
        var argument = field.Arguments.Find(name)!;
        var literal = LiteralOf(name);
        if (literal is null || literal is VariableNode variable && !variables.ContainsKey(variable.Name.Value))
        {
            literal = argument.Default;
        }

        return literal is null ? null : LiteralCoercion.Coerce(literal, argument.Type, variables).Value;
    }

    private static long? NumberAt(object? value, IReadOnlyList<string> path)
    {
        for (var step = 1; step < path.Count; step++)
        {
            value = (value as IReadOnlyDictionary<string, object?>)?.GetValueOrDefault(path[step]);
        }

        return value switch
        {
            int number => number,
            long number => number,
            _ => null,
        };
    }

    private ValueNode? LiteralOf(string argument) => node.Arguments.FirstOrDefault(given => given.Name.Value == argument)?.Value;
}
